//! Applying assignments, placements and classrooms in the sandbox: nothing is assigned twice, and nothing is lost.

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Sandbox, project, rosterctl_on, transcript, unwrapped};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Bakery }]
placements: [{ ID: 2, OrganisationID: 5740, Name: Mill, Address: 1 High Street }]
standards:
  - { ID: 31, OrganisationID: 5740, Title: Baker Level 2 }
  - { ID: 32, OrganisationID: 5740, Title: English Level 2 }
units:
  - { ID: 41, StandardID: 31, Title: Bread }
  - { ID: 42, StandardID: 31, Title: Cakes }
frameworkTemplates:
  - { ID: 51, OrganisationID: 5740, Title: Baker with English, StandardIDs: [31, 32] }
users:
  - { ID: 5, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 6, OrganisationID: 5740, Role: 5, MISID: A-2, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
";
const PLACES: &str = "classroom: Bakery, placement: Mill, defaultAssessor: A-1";
/// A new learner who gets everything.
const NEW: &str = "  - { misId: L-99, role: learner, firstName: Kim, lastName: Kestrelton, email: kim@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1, frameworkTemplate: Baker with English, standards: [Baker Level 2], units: [{ standard: Baker Level 2, unit: Bread }], additionalAssessors: [A-2] }\n";

struct College {
    sandbox: Sandbox,
    folder: TempDir,
}

impl College {
    /// Learners from account 11 on, who have no standards.
    fn new(learners: i64, behaviour: &str, users: &str) -> Self {
        let row = |id: i64| {
            format!(
                "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: L-{id}, FirstName: Lee{id}, LastName: Lowick, Email: l{id}@example.ac.uk, ClassroomID: 1, PlacementID: 2, DefaultAssessorID: 5 }}\n"
            )
        };
        let rows: String = (11..11 + learners).map(row).collect();
        let behaviour = format!("behaviour: {{ {behaviour} }}\n");
        Self {
            sandbox: Sandbox::start(&format!("{SEED}{rows}{behaviour}")),
            folder: declared(users, "assignPath: assignee"),
        }
    }

    fn run(&self, line: &str) -> String {
        let mut command = rosterctl_on(&self.sandbox);
        command
            .current_dir(self.folder.path())
            .args(line.split(' '));
        unwrapped(&transcript(&mut command))
    }

    fn apply(&self) -> String {
        self.run("apply --auto-approve")
    }

    fn declare(&self, users: &str) {
        let path = self.folder.path().join("users/a.yaml");
        std::fs::write(path, format!("users:\n{users}")).unwrap();
    }

    fn set_faults(&self, faults: &str) {
        let (status, answer) = self.sandbox.control(Method::PUT, "faults", faults);
        assert_eq!(status, 200, "{faults}{answer}");
    }

    fn rows(&self, table: &str) -> Vec<Value> {
        self.sandbox.state()[table]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Learner and standard of each aim.
    fn aims(&self) -> Vec<(i64, i64)> {
        let pair = |row: &Value| {
            (
                row["UserID"].as_i64().unwrap(),
                row["StandardID"].as_i64().unwrap(),
            )
        };
        let mut aims: Vec<_> = self.rows("learningAims").iter().map(pair).collect();
        aims.sort_unstable();
        aims
    }

    /// The calls to paths that contain some text.
    fn calls(&self, part: &str) -> usize {
        let requests = self.sandbox.requests();
        let paths = requests.iter().filter_map(|one| one["path"].as_str());
        paths.filter(|path| path.contains(part)).count()
    }
}

fn declared(users: &str, policy: &str) -> TempDir {
    project(&[
        (
            "rosterctl.yaml",
            &format!("organisation: 5740\npolicy: {{ {policy}, creates: allowed }}\n"),
        ),
        ("users/a.yaml", &format!("users:\n{users}")),
    ])
}

fn learner(id: i64, more: &str) -> String {
    format!(
        "  - {{ misId: L-{id}, role: learner, firstName: Lee{id}, lastName: Lowick, email: l{id}@example.ac.uk, {PLACES}, {more} }}\n"
    )
}

pub fn a_learner_who_is_created_gets_everything_in_the_same_run() {
    for behaviour in [
        "repeatUnit: '400'",
        "repeatUnit: '200'",
        "repeatStandard: '400'",
        "unitSummaries: withoutIds, repeatUnit: '200'",
        "aimsInBulk: true",
        "updateAnswer: '204'",
        "lastModified: missing",
    ] {
        let college = College::new(0, behaviour, NEW);
        let said = college.apply();
        assert!(said.ends_with("exit 0"), "{behaviour}: {said}");
        let kim = college.aims()[0].0;
        assert_eq!(
            college.aims(),
            [(kim, 31), (kim, 32)],
            "{behaviour}: {said}"
        );
        assert_eq!(
            college.calls("/Standard/31/Assign"),
            0,
            "the template brings it"
        );
        assert_eq!(
            college.rows("additionalAssignments").len(),
            1,
            "{behaviour}"
        );
        let again = college.run("plan");
        assert!(again.contains("No changes"), "{behaviour}: {again}");
        assert!(college.apply().ends_with("exit 0"), "{behaviour}");
        assert_eq!(
            college.calls("/FrameworkTemplate/51/Assign"),
            1,
            "{behaviour}"
        );
        assert_eq!(college.calls("/User/6/Assign"), 1, "{behaviour}");
    }
}

/// Every value of every switch of the sandbox for what nobody knows about OneFile.
const KINDS_OF_SERVER: [&str; 13] = [
    "repeatStandard: again",
    "repeatStandard: '200'",
    "repeatStandard: '400'",
    "repeatUnit: '400'",
    "repeatUnit: '200'",
    "unitSummaries: withIds",
    "unitSummaries: withoutIds, repeatUnit: '200'",
    "aimsInBulk: true",
    "updateAnswer: '204'",
    "lastModified: missing",
    "lastModified: shown",
    "searchRows: full",
    "assignPath: learner",
];

/// A new learner with a template and a standard, one with a second standard, an additional assessor, and a new placement with a
/// new employer: planned, reviewed and applied, and then all over again for others.
pub fn everything_at_once_is_done_once_on_every_kind_of_server() {
    for behaviour in KINDS_OF_SERVER {
        let college = College::new(2, behaviour, "");
        let path = behaviour.strip_prefix("assignPath: ").unwrap_or("assignee");
        let policy = format!("organisation: 5740\npolicy: {{ assignPath: {path} }}\n");
        std::fs::write(college.folder.path().join("rosterctl.yaml"), policy).unwrap();
        let mut declared = String::new();
        for (round, new, old) in [(1, "L-98", 11), (2, "L-99", 12)] {
            declared += &learner(old, "standards: [English Level 2]");
            college.declare(&declared);
            assert!(college.apply().ends_with("exit 0"), "{behaviour}");
            let second = "standards: [Baker Level 2, English Level 2], units: [{ standard: Baker Level 2, unit: Cakes }]";
            declared = declared.replace("standards: [English Level 2]", second);
            declared += &NEW
                .replace("L-99", new)
                .replace("kim@", &format!("kim{round}@"))
                .replace(
                    "lastName: Kestrelton",
                    &format!("lastName: {}", ["Kestrelton", "Lapwingham"][round - 1]),
                );
            declared += &format!(
                "  - {{ misId: E-{round}, role: employer, firstName: Una, lastName: Employerby{round}, email: una{round}@example.com, placement: Works {round} }}\n"
            );
            college.declare(&declared);
            let works = format!(
                "placements:\n  - {{ name: Works {round}, address: {round} Example Road }}\n"
            );
            let file = format!("users/works{round}.yaml");
            std::fs::write(college.folder.path().join(file), works).unwrap();
            let planned = college.run("plan --out plan.json");
            assert!(
                planned.contains("Plan: 2 to create, 0 to update, 6 assignments, 1 new placement"),
                "{behaviour}: {planned}"
            );
            let applied = college.run("apply --plan plan.json --auto-approve");
            assert!(applied.ends_with("exit 0"), "{behaviour}: {applied}");
            let again = college.run("plan --detailed-exitcode");
            assert!(
                again.contains("No changes") && again.ends_with("exit 0"),
                "{behaviour}: {again}"
            );
        }
        let kims: Vec<i64> = college
            .aims()
            .iter()
            .map(|(learner, _)| *learner)
            .filter(|id| *id > 12)
            .collect();
        let [one, _, other, _] = kims.as_slice() else {
            panic!("{behaviour}: {kims:?}");
        };
        assert_eq!(
            college.aims(),
            [
                (11, 31),
                (11, 32),
                (12, 31),
                (12, 32),
                (*one, 31),
                (*one, 32),
                (*other, 31),
                (*other, 32)
            ],
            "{behaviour}"
        );
        assert_eq!(
            college.rows("additionalAssignments").len(),
            2,
            "{behaviour}"
        );
        assert_eq!(college.rows("placements").len(), 3, "{behaviour}");
        // A template brings its units, as far as they can be read.
        let brought = if behaviour.contains("withoutIds") {
            2
        } else {
            0
        };
        for (part, calls) in [
            ("/FrameworkTemplate/51/Assign", 2),
            ("/Standard/31/Assign", 2),
            ("/Standard/32/Assign", 2),
            ("/Unit/41/Assign", brought),
            ("/Unit/42/Assign", 2),
        ] {
            assert_eq!(college.calls(part), calls, "{behaviour}: {part}");
        }
    }
}

#[test]
fn a_unit_that_a_template_brought_is_refused_with_what_to_do() {
    let college = College::new(0, "unitSummaries: withoutIds", NEW);
    let said = college.apply();
    assert!(
        said.contains("answered 400; if the learner has this unit in OneFile, perhaps from a template, delete it here"),
        "{said}"
    );
    college.declare(&NEW.replace("units: [{ standard: Baker Level 2, unit: Bread }], ", ""));
    assert!(college.run("plan").contains("No changes"));
}

#[test]
fn the_path_of_further_staff_is_the_one_that_the_policy_says() {
    for (path, is_right) in [("assignee", false), ("learner", true)] {
        let college = College::new(0, "assignPath: learner", NEW);
        let policy = format!("organisation: 5740\npolicy: {{ assignPath: {path} }}\n");
        std::fs::write(college.folder.path().join("rosterctl.yaml"), policy).unwrap();
        let said = college.apply();
        assert_eq!(said.ends_with("exit 0"), is_right, "{said}");
        assert_eq!(
            college.rows("additionalAssignments").len(),
            usize::from(is_right),
            "{said}"
        );
    }
}

#[test]
fn a_cohort_costs_a_call_and_a_reading_for_each_learner() {
    let users: String = (11..41)
        .map(|id| learner(id, "standards: [English Level 2]"))
        .collect();
    let college = College::new(30, "lastModified: shown", &users);
    let said = college.apply();
    assert!(said.ends_with("exit 0"), "{said}");
    assert!(said.contains("30 assignments made"), "{said}");
    let cohort: Vec<_> = (11..41).map(|id| (id, 32)).collect();
    assert_eq!(college.aims(), cohort);
    assert_eq!(college.calls("/Standard/32/Assign"), 30);
    // The plan asks for all aims at once, and then reads each learner. So does the verification, and the canary is read before
    // and after.
    assert_eq!(college.calls("/LearningAim/Search"), 63, "{said}");
    assert!(college.run("plan").contains("No changes"));
}

pub fn an_assignment_whose_answer_is_lost_is_read_and_not_repeated() {
    for (fault, is_done) in [
        ("resetAfter", true),
        ("failAfter", true),
        ("cut", true),
        ("resetBefore", false),
        ("{ status: 502 }", false),
    ] {
        let college = College::new(
            2,
            "lastModified: shown",
            &learner(11, "standards: [Baker Level 2]"),
        );
        college.set_faults(&format!(
            "- {{ on: POST /Standard/*/Assign/*, when: {{ nth: 1 }}, do: {fault} }}"
        ));
        let said = college.apply();
        assert_eq!(college.calls("/Standard/31/Assign"), 1, "{fault}: {said}");
        assert_eq!(said.ends_with("exit 0"), is_done, "{fault}: {said}");
        assert_eq!(
            college.aims().len(),
            usize::from(is_done),
            "{fault}: {said}"
        );
        if !is_done {
            assert!(said.contains("settle L-11 assigned"), "{fault}: {said}");
            let held = college.apply();
            assert_eq!(college.calls("/Standard/31/Assign"), 1, "{fault}: {held}");
            assert!(college.run("settle L-11 not-assigned").ends_with("exit 0"));
            let again = college.apply();
            assert!(again.ends_with("exit 0"), "{fault}: {again}");
        }
        assert_eq!(college.aims(), [(11, 31)], "{fault}");
    }
}

pub fn an_unclear_standard_is_planned_again_after_a_while_if_the_learner_does_not_have_it() {
    let college = College::new(
        1,
        "lastModified: shown",
        &learner(11, "standards: [Baker Level 2]"),
    );
    college.set_faults("- { on: POST /Standard/*/Assign/*, when: { nth: 1 }, do: resetBefore }");
    college.apply();
    let again = college.run("apply --auto-approve --settle-after 0");
    assert!(again.ends_with("exit 0"), "{again}");
    assert_eq!(college.aims(), [(11, 31)]);
}

#[test]
fn further_staff_of_whom_nothing_is_known_wait_for_settle() {
    let college = College::new(0, "lastModified: shown", NEW);
    college.set_faults("- { on: POST /User/*/Assign, when: { nth: 1 }, do: resetAfter }");
    let said = college.apply();
    assert!(said.contains("settle L-99 assigned"), "{said}");
    let again = college.run("apply --auto-approve --settle-after 0");
    assert_eq!(college.calls("/User/6/Assign"), 1, "{again}");
    assert!(college.run("settle L-99 assigned").ends_with("exit 0"));
    let last = college.apply();
    assert!(last.ends_with("exit 0"), "{last}");
    assert_eq!(college.rows("additionalAssignments").len(), 1);
}

#[test]
fn what_a_stopped_run_did_not_come_to_is_given_by_the_next_one() {
    let college = College::new(0, "lastModified: shown", NEW);
    // The create is answered, and everything after it is refused.
    college.set_faults("- { on: POST /FrameworkTemplate/*/Assign/*/*, when: { nth: 1 }, do: { status: 400 } }\n- { on: POST /User/*/Assign, when: { nth: 1 }, do: { status: 400 } }");
    let said = college.apply();
    assert!(!said.ends_with("exit 0"), "{said}");
    let again = college.apply();
    assert_eq!(college.calls("/User/6/Assign"), 2, "{again}");
    assert_eq!(college.rows("additionalAssignments").len(), 1, "{again}");
}

#[test]
fn the_first_standard_stops_the_run_if_it_does_more_than_it_says() {
    let users: String = (11..14)
        .map(|id| learner(id, "standards: [English Level 2]"))
        .collect();
    let college = College::new(3, "lastModified: shown", &users);
    // Somebody, or the service, makes an aim of another standard at the same time.
    college.set_faults("- { on: POST /Standard/*/Assign/*, do: { delayMs: 1500 } }");
    std::thread::scope(|scope| {
        let run = scope.spawn(|| college.apply());
        while college.calls("/Standard/32/Assign") == 0 && !run.is_finished() {
            crate::harness::pause(std::time::Duration::from_millis(20));
        }
        let mut state = college.sandbox.state();
        let aims = state["learningAims"].as_array_mut().unwrap();
        aims.push(json!({ "ID": 900, "UserID": 11, "StandardID": 31 }));
        let (status, answer) = college
            .sandbox
            .control(Method::PUT, "state", &state.to_string());
        assert_eq!(status, 200, "{answer}");
        let said = run.join().unwrap();
        assert!(said.contains("2 aims more"), "{said}");
        assert!(said.contains("Stopped: the first standard"), "{said}");
        assert!(!said.ends_with("exit 0"), "{said}");
    });
    assert_eq!(
        college.calls("/Standard/32/Assign"),
        1,
        "no other learner gets it"
    );
}

#[test]
fn the_first_standard_stops_the_run_if_an_aim_goes_or_the_account_changes_with_it() {
    let takes_an_aim = |state: &mut Value| state["learningAims"] = json!([]);
    let renames = |state: &mut Value| {
        let mut users = state["users"].as_array_mut().unwrap().iter_mut();
        let user = users.find(|user| user["ID"] == 11).unwrap();
        user["LastName"] = json!("Thistledown");
    };
    let changes: [fn(&mut Value); 2] = [takes_an_aim, renames];
    for change in changes {
        let users: String = (11..14)
            .map(|id| learner(id, "standards: [English Level 2]"))
            .collect();
        let college = College::new(3, "lastModified: shown", &users);
        let put = |state: &Value| {
            let sandbox = &college.sandbox;
            let (status, answer) = sandbox.control(Method::PUT, "state", &state.to_string());
            assert_eq!(status, 200, "{answer}");
        };
        let mut state = college.sandbox.state();
        state["learningAims"] = json!([{ "ID": 900, "UserID": 11, "StandardID": 31 }]);
        put(&state);
        college.set_faults("- { on: POST /Standard/*/Assign/*, do: { delayMs: 1500 } }");
        std::thread::scope(|scope| {
            let run = scope.spawn(|| college.apply());
            while college.calls("/Standard/32/Assign") == 0 && !run.is_finished() {
                crate::harness::pause(std::time::Duration::from_millis(20));
            }
            let mut state = college.sandbox.state();
            change(&mut state);
            put(&state);
            let said = run.join().unwrap();
            assert!(said.contains("Stopped: the first standard"), "{said}");
        });
        assert_eq!(college.calls("/Standard/32/Assign"), 1, "of three");
    }
}

#[test]
fn a_standard_that_somebody_assigned_since_the_plan_is_not_assigned_twice() {
    let college = College::new(
        1,
        "lastModified: shown",
        &learner(11, "standards: [Baker Level 2]"),
    );
    let plan = college.run("plan --out plan.json");
    assert!(plan.contains("exit 0"), "{plan}");
    let mut state = college.sandbox.state();
    state["learningAims"] = json!([{ "ID": 900, "UserID": 11, "StandardID": 31 }]);
    college
        .sandbox
        .control(Method::PUT, "state", &state.to_string());
    let said = college.run("apply --plan plan.json --auto-approve");
    assert!(said.ends_with("exit 0"), "{said}");
    assert_eq!(college.calls("/Standard/31/Assign"), 0, "{said}");
}

const PLACEMENT: &str = "placements:\n  - { name: Riverside Care Home, address: 2 River Lane }\n";

fn employer(college: &College) {
    college.declare("  - { misId: E-1, role: employer, firstName: Eve, lastName: Eastwick, email: eve@example.ac.uk, placement: Riverside Care Home }\n");
    let path = college.folder.path().join("users/places.yaml");
    std::fs::write(path, PLACEMENT).unwrap();
}

pub fn a_new_placement_and_the_employer_there_are_created_in_one_run() {
    for (fault, is_done) in [
        ("{ delayMs: 1 }", true),
        ("resetAfter", true),
        ("resetBefore", false),
    ] {
        let college = College::new(0, "lastModified: shown", "");
        employer(&college);
        college.set_faults(&format!(
            "- {{ on: POST /Placement, when: {{ nth: 1 }}, do: {fault} }}"
        ));
        let said = college.apply();
        assert_eq!(said.ends_with("exit 0"), is_done, "{fault}: {said}");
        assert_eq!(
            college.rows("placements").len(),
            1 + usize::from(is_done),
            "{fault}: {said}"
        );
        if !is_done {
            assert!(
                said.contains("needs Riverside Care Home, which wasn't created"),
                "{said}"
            );
            let settle = "rosterctl settle \"placement:Riverside Care Home\" created";
            assert!(said.contains(settle), "{said}");
            let held = college.apply();
            assert_eq!(college.rows("placements").len(), 1, "{fault}: {held}");
            let mut settle = rosterctl_on(&college.sandbox);
            settle.current_dir(college.folder.path());
            settle.args(["settle", "placement:Riverside Care Home", "not-created"]);
            let settled = transcript(&mut settle);
            assert!(settled.trim_end().ends_with("exit 0"), "{settled}");
            let again = college.apply();
            assert!(again.ends_with("exit 0"), "{fault}: {again}");
        }
        assert_eq!(college.rows("placements").len(), 2, "{fault}");
        let users = college.rows("users");
        let eve = users.iter().find(|user| user["MISID"] == "E-1").unwrap();
        let riverside = &college.rows("placements")[1];
        assert_eq!(eve["PlacementID"], riverside["ID"], "{fault}");
        assert!(college.run("plan").contains("No changes"), "{fault}");
    }
}

#[test]
fn a_placement_that_onefile_shows_under_another_name_is_not_created_again() {
    for shown in ["RIVERSIDE CARE HOME", "Riverside Care Ho", "Hillside"] {
        let college = College::new(0, "lastModified: shown", "");
        employer(&college);
        let said = college.apply();
        assert!(said.ends_with("exit 0"), "{shown}: {said}");
        let mut state = college.sandbox.state();
        state["placements"][1]["Name"] = shown.into();
        let (status, answer) = college
            .sandbox
            .control(Method::PUT, "state", &state.to_string());
        assert_eq!(status, 200, "{answer}");
        let again = college.apply();
        assert_eq!(college.rows("placements").len(), 2, "{shown}: {again}");
        assert!(
            again.contains("an earlier run created this placement as"),
            "{shown}: {again}"
        );
        assert!(
            again.contains("which has another name now"),
            "{shown}: {again}"
        );
    }
}

#[test]
fn an_update_of_a_placement_sends_what_differs_and_is_read_back() {
    let ann = "  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n";
    let college = College::new(0, "lastModified: shown", ann);
    let path = college.folder.path().join("users/places.yaml");
    std::fs::write(
        &path,
        "placements:\n  - { name: Mill, address: 3 High Street }\n",
    )
    .unwrap();
    let said = college.apply();
    assert!(said.ends_with("exit 0"), "{said}");
    assert_eq!(college.rows("placements")[0]["Address"], "3 High Street");
    let history = college.run("history");
    assert!(
        history.contains("1 placement or classroom updated"),
        "{history}"
    );
}

#[test]
fn the_history_says_who_got_what() {
    let college = College::new(
        1,
        "lastModified: shown",
        &learner(11, "standards: [Baker Level 2]"),
    );
    college.apply();
    let runs = college.run("history");
    assert!(runs.contains("1 to assign"), "{runs}");
    assert!(runs.contains("1 assigned"), "{runs}");
    let of_learner = college.run("history L-11");
    assert!(
        of_learner.contains("standard 31 assigned to account 11"),
        "{of_learner}"
    );
    let journal = college.folder.path().join(".rosterctl/journal.jsonl");
    let journal = std::fs::read_to_string(journal).unwrap();
    assert!(
        !journal.contains("Baker"),
        "titles aren't written: {journal}"
    );
}

#[test]
fn what_learners_get_is_rehearsed_with_invented_people() {
    let college = College::new(1, "lastModified: shown", "");
    college.declare(&(learner(11, "standards: [English Level 2]") + NEW));
    let path = college.folder.path().join("users/places.yaml");
    std::fs::write(
        path,
        "placements:\n  - { name: Riverside Care Home, contact: Zoe Zetland, email: zoe@example.ac.uk }\n  - { name: Mill, address: 3 High Street }\n",
    )
    .unwrap();
    let before = college.sandbox.state();
    let said = college.run("rehearse");
    assert!(said.ends_with("exit 0"), "{said}");
    assert!(!said.contains("isn't quite"), "{said}");
    assert!(said.contains("5 assignments made"), "{said}");
    assert_eq!(college.sandbox.state(), before);
    let applied = college.apply();
    assert!(applied.ends_with("exit 0"), "{applied}");
}

#[test]
fn the_events_of_an_apply_say_what_was_assigned_and_created() {
    let college = College::new(
        1,
        "lastModified: shown",
        &learner(11, "standards: [Baker Level 2]"),
    );
    let path = college.folder.path().join("users/places.yaml");
    std::fs::write(path, PLACEMENT).unwrap();
    let mut command = rosterctl_on(&college.sandbox);
    command.current_dir(college.folder.path());
    command.args(["apply", "--auto-approve", "--format", "jsonl"]);
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let events: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |action: &str| {
        events
            .iter()
            .find(|event| event["action"] == action)
            .unwrap()
    };
    assert_eq!(of("assign")["gets"], "Baker Level 2");
    assert_eq!(of("assign")["account"], 11);
    assert_eq!(of("createEntry")["name"], "Riverside Care Home");
    let riverside = &college.rows("placements")[1];
    assert_eq!(of("createEntry")["number"], riverside["ID"]);
    let summary = events.last().unwrap();
    assert_eq!(
        (&summary["assigned"], &summary["createdEntries"]),
        (&json!(1), &json!(1))
    );
}

pub fn a_learner_without_a_mis_value_is_settled_by_the_account() {
    let college = College::new(
        1,
        "lastModified: shown",
        "  - { id: 11, role: learner, standards: [Baker Level 2] }\n",
    );
    college.set_faults("- { on: POST /Standard/*/Assign/*, when: { nth: 1 }, do: resetBefore }");
    let mut state = college.sandbox.state();
    let users = state["users"].as_array_mut().unwrap();
    users.iter_mut().find(|user| user["ID"] == 11).unwrap()["MISID"] = Value::Null;
    let (status, answer) = college
        .sandbox
        .control(Method::PUT, "state", &state.to_string());
    assert_eq!(status, 200, "{answer}");
    let said = college.apply();
    assert!(said.contains("settle 11 assigned"), "{said}");
    let settled = college.run("settle 11 not-assigned");
    assert!(settled.ends_with("exit 0"), "{settled}");
    let again = college.apply();
    assert!(again.ends_with("exit 0"), "{again}");
    assert_eq!(college.aims(), [(11, 31)]);
}

/// OneFile answers as if it had assigned the template. The verification waits for aims for half a minute.
pub fn a_template_that_is_answered_and_does_not_show_is_told_and_assigned_later() {
    let only_template = NEW.replace(
        ", standards: [Baker Level 2], units: [{ standard: Baker Level 2, unit: Bread }], additionalAssessors: [A-2]",
        "",
    );
    let college = College::new(0, "lastModified: shown", &only_template);
    let fault = "- { on: POST /FrameworkTemplate/*/Assign/*/*, when: { nth: 1 }, do: loseWrite }";
    college.set_faults(fault);
    let said = college.apply();
    assert!(said.contains("doesn't hold `frameworkTemplate`"), "{said}");
    let held = college.run("plan");
    assert!(held.contains("settle L-99 assigned"), "{held}");
    let again = college.run("apply --auto-approve --settle-after 0");
    assert!(again.ends_with("exit 0"), "{again}");
    assert_eq!(college.aims().len(), 2, "{again}");
    // What has shown is on record, so that nobody reads it again.
    let before = college.calls("/LearningAim/Search");
    assert!(college.run("plan").contains("No changes"));
    assert_eq!(college.calls("/LearningAim/Search"), before);
}

#[test]
fn a_template_is_read_once_more_after_a_run_that_did_not_come_to_its_verification() {
    let only_template = NEW.replace(", standards: [Baker Level 2], units: [{ standard: Baker Level 2, unit: Bread }], additionalAssessors: [A-2]", "");
    let college = College::new(0, "lastModified: shown", &only_template);
    college.apply();
    let path = college.folder.path().join(".rosterctl/journal.jsonl");
    let journal = std::fs::read_to_string(&path).unwrap();
    let (until, _) = journal.split_once("\"step\":\"done\"").unwrap();
    let end = journal[until.len()..].find('\n').unwrap() + until.len() + 1;
    std::fs::write(&path, &journal[..end]).unwrap();
    let mut state = college.sandbox.state();
    state["learningAims"] = json!([]);
    let (status, answer) = college
        .sandbox
        .control(Method::PUT, "state", &state.to_string());
    assert_eq!(status, 200, "{answer}");
    let held = college.run("plan");
    assert!(held.contains("settle L-99 assigned"), "{held}");
}

/// The aims can be read until the template is assigned, and not afterwards.
pub fn a_template_that_can_not_be_read_is_not_said_to_show() {
    let only_template = NEW.replace(
        ", standards: [Baker Level 2], units: [{ standard: Baker Level 2, unit: Bread }], additionalAssessors: [A-2]",
        "",
    );
    let college = College::new(0, "lastModified: shown", &only_template);
    let rule = |nth: usize| {
        format!(
            "- {{ on: POST /LearningAim/Search, when: {{ nth: {nth} }}, do: {{ status: 403 }} }}\n"
        )
    };
    college.set_faults(&(2..20).map(rule).collect::<String>());
    let said = college.apply();
    assert!(said.contains("1 assignment made"), "{said}");
    let journal = college.folder.path().join(".rosterctl/journal.jsonl");
    let says_shown = || {
        std::fs::read_to_string(&journal)
            .unwrap()
            .contains("\"step\":\"shown\"")
    };
    assert!(!says_shown(), "{said}");
    college.set_faults("[]");
    college.apply();
    assert!(says_shown());
}
