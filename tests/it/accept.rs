//! `accept` takes live values into the files that declare others: in place, and only what was asked for.

use std::collections::BTreeMap;
use std::path::Path;

use fastrand::Rng;
use similar::{Algorithm, capture_diff_slices};
use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{Sandbox, project, rosterctl_on, transcript};

const ROOMS: &[(i64, &str, &str)] = &[
    (301, "Business L3", "BUS"),
    (302, "Care: level 2", ""),
    (303, "007", ""),
];
const PLACES: &[(i64, &str, &str)] = &[
    (401, "Brightwater Bakery", "BT01"),
    (402, "Harbour, Ltd", "BT02"),
    (403, "Meadow #4", "no"),
];

fn seed(users: &str) -> String {
    let mut text =
        "organisations:\n  - { ID: 5740, Name: Example College }\nclassrooms:\n".to_owned();
    for (id, name, mis_id) in ROOMS {
        text += &format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Name: {name:?}, MISID: {mis_id:?} }}\n"
        );
    }
    text += "placements:\n";
    for (id, name, mis_id) in PLACES {
        text += &format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Name: {name:?}, MISID: {mis_id:?} }}\n"
        );
    }
    for number in 1..=3 {
        let row = format!(
            "ID: {number}, OrganisationID: 5740, Role: 5, FirstName: Staff, LastName: Example{number}, Email: a{number}@example.ac.uk, MISID: A-00{number}, Telephone: \"020 7946 0000\""
        );
        if number == 1 {
            text += "users:\n";
        }
        text += &format!("  - {{ {row} }}\n");
    }
    text + users
}

const STAFF: &str = "defaults: { role: assessor, firstName: Staff }\nusers:\n  - { misId: A-001, lastName: Example1, email: a1@example.ac.uk }\n  - { misId: A-002, lastName: Example2, email: a2@example.ac.uk }\n  - { misId: A-003, lastName: Example3, email: a3@example.ac.uk }\n";
const SETTINGS: &str = "organisation: 5740\ndefaults:\n  telephone: 020 7946 0000\n";

/// Texts that a file can only hold in the right quotes.
const AWKWARD: &[&str] = &[
    "no",
    "007",
    "1e3",
    "2026-01-01",
    "a: b",
    "x #y",
    "@home",
    "- dash",
    "O'Neill & Sons",
    "say \"hi\"",
    "back\\slash",
    "semi;colon",
    "comma, ltd",
    "[brackets]",
    "{braces",
    "*star",
    "&and",
    "!bang",
    "%percent",
    "Zoë Café",
    "ends:",
    "12:30",
    "=1+1",
    "+more",
    "'quoted'",
    "key: [a, b]",
    "0x1F",
    "yes",
    "Plain words",
];
const ADDRESSES: &[&str] = &[
    "2 Low St",
    "2 Low St\nCity",
    "Flat 1: Low House\n2 Low St\nCity\nEX1 2MP",
    "No. 5 #b\n\nCity",
];

/// A learner: the fields that a file declares for it, and what OneFile has.
struct Learner {
    live: BTreeMap<&'static str, String>,
}

/// A project of learners in every form that a file can have, whose accounts are as declared.
struct College {
    files: BTreeMap<&'static str, String>,
    learners: Vec<Learner>,
}

/// The values that all learners have to begin with.
fn declared(id: usize) -> Learner {
    let live = [
        ("ID", format!("{}", 1000 + id)),
        ("MISID", format!("\"L-{id}\"")),
        ("LastName", format!("Sample{id}")),
        ("Email", format!("l{id}@example.ac.uk")),
        ("ClassroomID", "301".to_owned()),
        ("PlacementID", "401".to_owned()),
        ("DefaultAssessorID", "1".to_owned()),
        ("EpisodeName", "Business".to_owned()),
        ("CompanyName", "Works".to_owned()),
        ("StartOn", "2026-09-01".to_owned()),
        ("MobileNumber", "\"07700 900001\"".to_owned()),
        ("Telephone", "\"020 7946 0000\"".to_owned()),
        ("HomeAddress", "\"1 High St\\nTown\"".to_owned()),
        ("WorkAddress", "\"1 High St\\nTown\"".to_owned()),
        ("Website", "www.example.ac.uk".to_owned()),
    ];
    Learner {
        live: BTreeMap::from(live),
    }
}

fn college() -> College {
    let mut learners = Vec::new();
    let mut next = |some: usize| -> Vec<usize> {
        let first = learners.len();
        learners.extend((first..first + some).map(declared));
        (first..first + some).collect()
    };
    let defaults = "defaults:\n  role: learner # all of them\n  firstName: Ann\n  classroom: Business L3\n  placement: BT01\n  defaultAssessor: A-001\n  episodeName: Business\n";
    let mut block = format!("# the first intake\n{defaults}users:\n");
    for id in next(12) {
        block += &format!(
            "  - misId: L-{id} # number {id}\n    lastName: 'Sample{id}'\n    email: l{id}@example.ac.uk\n    companyName: \"Works\" # employer\n    startOn: 2026-09-01\n"
        );
        if id % 2 == 1 {
            block += "    mobileNumber: 07700 900001\n    homeAddress: |\n      1 High St\n      Town\n\n";
        }
    }
    let mut flow = format!(
        "{defaults}  mobileNumber: 07700 900001\n  homeAddress: \"1 High St\\nTown\"\n  companyName: Works\nusers:\n"
    );
    for id in next(8) {
        flow += &format!(
            "  - {{misId: L-{id}, lastName: Sample{id},\n    email: l{id}@example.ac.uk, startOn: 2026-09-01, classroom: {{ id: 301 }}, placement: {{misId: BT01}}}} # {id}\n"
        );
    }
    let mut shared = "x-work: &work\n  companyName: Works\n  startOn: 2026-09-01\n  mobileNumber: 07700 900001\n  homeAddress: &home |-\n    1 High St\n    Town\nx-name: &name Business\nusers:\n".to_owned();
    let mut first = true;
    for id in next(10) {
        let room = if first { "&room Business L3" } else { "*room" };
        let anchor = if first { "- &first\n    " } else { "- " };
        shared += &format!(
            "  {anchor}misId: L-{id}\n    <<: *work\n    role: learner\n    firstName: Ann\n    lastName: Sample{id}\n    email: l{id}@example.ac.uk\n    classroom: {room}\n    placement:\n      name: Brightwater Bakery # the bakery\n    defaultAssessor: assessor:A-001\n    episodeName: *name\n"
        );
        first = false;
    }
    shared += "  - <<: *first\n    misId: L-30\n    lastName: Sample30\n    email: l30@example.ac.uk\n    homeAddress: *home";
    next(1);
    let table = format!(
        "{defaults}  homeAddress: |-\n    1 High St\n    Town\nfromCsv:\n  path: ../data/c.csv\n  encoding: windows-1252\n  dateFormat: DD/MM/YYYY\n  columns: {{ misId: Ref, lastName: Surname, email: Mail, classroom: Room, placement: Place, defaultAssessor: Tutor, episodeName: Episode, companyName: Firm, startOn: Start, mobileNumber: Mobile, telephone: Phone, homeAddress: [Line 1, Line 2, Line 3] }}\n"
    );
    let mut rows = "Ref;Surname;Mail;Room;Place;Tutor;Episode;Firm;Start;Mobile;Phone;Line 1;Line 2;Line 3;Note\r\n".to_owned();
    for id in next(10) {
        rows += &format!("L-{id};\"Sample{id}\";l{id}@example.ac.uk;Business L3;BT01;A-001;Business; Works ;01/09/2026;07700 900001;\"020 7946 0000\";1 High St;;\"Town\";a \"\"note\"\r\n").replace("a \"\"note\"", "\"a \"\"note\"\"\"");
    }
    let overlay = "fromCsv:\n  path: ../data/over.csv\n  overlay: true\n";
    let mut over = "\u{feff}misId,website,workAddress\n".to_owned();
    for id in (0..12).filter(|id| id % 2 == 0) {
        over += &format!("L-{id},www.example.ac.uk,\"1 High St\nTown\"\n");
    }
    let files = [
        ("rosterctl.yaml", SETTINGS.to_owned()),
        ("users/a.yaml", block.replace('\n', "\r\n")),
        ("users/b.yaml", flow),
        ("users/c.yaml", shared),
        ("users/d.yaml", table),
        ("users/e.yaml", overlay.to_owned()),
        ("users/staff.yaml", STAFF.to_owned()),
        ("data/c.csv", rows),
        ("data/over.csv", over),
    ];
    College {
        files: BTreeMap::from(files),
        learners,
    }
}

impl College {
    /// Changes a value of an account. The value is as the seed has it.
    fn drift(&mut self, rng: &mut Rng) {
        let at = rng.usize(..self.learners.len());
        let text = |text: &str| serde_json::to_string(text).unwrap();
        let (name, value) = match rng.u8(..12) {
            0 => ("LastName", text(&format!("O'Sample {}", rng.u16(..)))),
            1 => ("Email", format!("new{at}-{}@example.ac.uk", rng.u16(..))),
            2 => ("ClassroomID", ROOMS[rng.usize(..3)].0.to_string()),
            3 => ("PlacementID", PLACES[rng.usize(..3)].0.to_string()),
            4 => ("DefaultAssessorID", (1 + rng.u8(..3)).to_string()),
            5 => ("EpisodeName", text(AWKWARD[rng.usize(..AWKWARD.len())])),
            6 => ("CompanyName", text(AWKWARD[rng.usize(..AWKWARD.len())])),
            7 => (
                "StartOn",
                format!("2027-0{}-1{}", 1 + rng.u8(..9), rng.u8(..9)),
            ),
            8 => (
                "MobileNumber",
                text(&format!("07700 90{:04}", 1000 + rng.u16(..8000))),
            ),
            9 => ("Website", format!("new{}.example.ac.uk", rng.u16(..))),
            10 => ("WorkAddress", text(ADDRESSES[rng.usize(..ADDRESSES.len())])),
            _ => ("HomeAddress", text(ADDRESSES[rng.usize(..ADDRESSES.len())])),
        };
        self.learners[at].live.insert(name, value);
    }

    fn sandbox(&self) -> Sandbox {
        let mut rows = String::new();
        for learner in &self.learners {
            let cells: Vec<String> = learner
                .live
                .iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            rows += &format!(
                "  - {{ OrganisationID: 5740, Role: 1, FirstName: Ann, {} }}\n",
                cells.join(", ")
            );
        }
        Sandbox::start(&seed(&rows))
    }

    fn folder(&self) -> TempDir {
        let folder = project(&[]);
        for (name, text) in &self.files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }
}

fn run(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> String {
    transcript(rosterctl_on(sandbox).current_dir(folder).args(args))
}

/// Every file of a folder but the journal.
fn texts(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut texts = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        let name = entry
            .path()
            .strip_prefix(folder)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        if entry.file_type().is_file() && !name.starts_with('.') {
            texts.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    texts
}

pub fn after_all_drift_is_accepted_nothing_is_planned_and_nothing_else_has_changed() {
    for seed in 0..5 {
        let mut college = college();
        let mut rng = Rng::with_seed(seed);
        for _ in 0..40 {
            college.drift(&mut rng);
        }
        let (sandbox, folder) = (college.sandbox(), college.folder());
        let before = texts(folder.path());
        let said = run(
            &sandbox,
            folder.path(),
            &["accept", "--all", "--max", "500", "--auto-approve"],
        );
        assert!(said.ends_with("exit 0\n"), "{seed}: {said}");
        let plan = run(&sandbox, folder.path(), &["plan", "--detailed-exitcode"]);
        assert!(plan.ends_with("exit 0\n"), "{seed}: {said}{plan}");
        let after = texts(folder.path());
        for (name, was) in &before {
            check_lines(name, was, &after[name]);
        }
        let again = run(
            &sandbox,
            folder.path(),
            &["accept", "--all", "--auto-approve"],
        );
        assert!(again.starts_with("Nothing to take over"), "{again}");
        assert_eq!(texts(folder.path()), after);
    }
}

/// Comments, line ends and most lines are as they were.
fn check_lines(name: &str, was: &[u8], is: &[u8]) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (was, is) = (text(was), text(is));
    for mark in [" # ", "&work", "&home", "&name", "<<: ", "\u{feff}"] {
        assert_eq!(
            was.matches(mark).count(),
            is.matches(mark).count(),
            "{name}: {mark:?}"
        );
    }
    let bare_line_ends = |text: &str| text.matches('\n').count() - text.matches("\r\n").count();
    if was.contains("\r\n") && !name.starts_with("data/") {
        assert_eq!(bare_line_ends(&is), 0, "{name}");
    }
    assert_eq!(was.ends_with('\n'), is.ends_with('\n'), "{name}");
    let (old, new): (Vec<&str>, Vec<&str>) = (was.lines().collect(), is.lines().collect());
    let changes = capture_diff_slices(Algorithm::Myers, &old, &new);
    let taken = changes.iter().map(|change| {
        let is_equal = change.tag() == similar::DiffTag::Equal;
        if is_equal {
            0
        } else {
            change.old_range().len()
        }
    });
    assert!(taken.sum::<usize>() <= 80, "{name}");
}

/// A project with one learner, and how its account differs.
struct One {
    sandbox: Sandbox,
    folder: TempDir,
}

impl One {
    fn new(user: &str, live: &str) -> Self {
        Self::with(&[("users/l.yaml", &format!("users:\n{user}"))], live)
    }

    fn with(files: &[(&str, &str)], live: &str) -> Self {
        let row = format!(
            "  - {{ ID: 1000, OrganisationID: 5740, Role: 1, FirstName: Ann, LastName: Sample, Email: l0@example.ac.uk, MISID: L-0, {live} }}\n"
        );
        let mut all = vec![
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/staff.yaml", STAFF),
        ];
        all.extend_from_slice(files);
        Self {
            sandbox: Sandbox::start(&seed(&row)),
            folder: project(&all),
        }
    }

    fn run(&self, args: &[&str]) -> String {
        run(&self.sandbox, self.folder.path(), args)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

const LEARNER: &str = "  - misId: L-0\n    id: 1000\n    role: learner\n";

#[test]
fn only_the_fields_and_users_that_were_named_are_taken() {
    let one = One::new(
        &format!("{LEARNER}    episodeName: Business\n    startOn: 2026-09-01\n"),
        "EpisodeName: Care, StartOn: 2026-10-01",
    );
    let said = one.run(&["accept", "L-0", "--field", "startOn", "--auto-approve"]);
    assert!(
        said.contains("L-0: startOn\n") && said.ends_with("exit 0\n"),
        "{said}"
    );
    let text = one.text("users/l.yaml");
    assert!(
        text.contains("episodeName: Business\n    startOn: 2026-10-01\n"),
        "{text}"
    );
    assert!(one.run(&["accept", "L-00"]).contains("is `L-0` meant?"));
    assert!(
        one.run(&["accept", "L-0", "--field", "names"])
            .contains("the fields are firstName, lastName")
    );
    assert!(one.run(&["accept"]).ends_with("exit 64\n"));
    assert!(one.run(&["accept", "L-0", "--all"]).ends_with("exit 64\n"));
}

#[test]
fn nothing_is_written_without_consent_or_past_the_maximum() {
    let one = One::new(
        &format!("{LEARNER}    episodeName: Business\n    startOn: 2026-09-01\n"),
        "EpisodeName: Care, StartOn: 2026-10-01",
    );
    let before = texts(one.folder.path());
    let said = one.run(&["accept", "--all"]);
    assert!(
        said.contains("+     episodeName: Care")
            && said.contains("`--auto-approve` would take 2 values of OneFile into 1 file."),
        "{said}"
    );
    assert!(said.ends_with("exit 4\n"));
    let said = one.run(&["accept", "--all", "--max", "1", "--auto-approve"]);
    assert!(
        said.contains("give `--max 2`") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(texts(one.folder.path()), before);
}

#[test]
fn what_cannot_be_declared_stays_with_what_to_do() {
    let user = format!(
        "{LEARNER}    website: www.example.ac.uk\n    email: l0@example.ac.uk\n    companyName: Works\n    episodeName: Business\n"
    );
    let one = One::new(
        &user,
        "Website: \"\", CompanyName: \"N/A\", EpisodeName: Care",
    );
    let said = one.run(&["accept", "--all", "--auto-approve"]);
    assert!(
        said.contains("1 value stays as declared: OneFile has no value. Delete the key"),
        "{said}"
    );
    assert!(
        said.contains("`rosterctl validate` refuses the value (placeholder)"),
        "{said}"
    );
    assert!(
        said.contains("L-0: episodeName\n") && said.ends_with("exit 5\n"),
        "{said}"
    );
    let text = one.text("users/l.yaml");
    assert!(
        text.contains("companyName: Works\n    episodeName: Care\n"),
        "{text}"
    );
    let said = one.run(&["accept", "L-0", "--auto-approve"]);
    assert!(
        said.contains("Nothing was written.\n") && said.ends_with("exit 5\n"),
        "{said}"
    );
}

#[test]
fn a_mis_value_is_never_taken_over() {
    let user = "  - misId: L-1\n    formerMisId: L-0\n    role: learner\n    lastName: Sample\n    firstName: Ann\n    dob: 2007-01-01\n    email: l0@example.ac.uk\n    classroom: Business L3\n    placement: BT01\n    defaultAssessor: A-001\n    startOn: 2026-09-01\n";
    let one = One::new(
        user,
        "DOB: 2007-01-01, StartOn: 2026-10-01, ClassroomID: 301, PlacementID: 401, DefaultAssessorID: 1",
    );
    let said = one.run(&["accept", "L-1", "--auto-approve"]);
    assert!(said.contains("a MIS value says who the user is"), "{said}");
    assert!(
        said.contains("L-1: startOn\n") && said.ends_with("exit 5\n"),
        "{said}"
    );
    let expected = format!("users:\n{}", user.replace("2026-09-01", "2026-10-01"));
    assert_eq!(one.text("users/l.yaml"), expected);
}

#[test]
fn a_row_of_a_csv_without_the_column_says_which_to_add() {
    let manifest = "defaults: { role: learner, startOn: 2026-09-01 }\nfromCsv:\n  path: ../l.csv\n  columns: { misId: Ref, id: No }\n";
    let one = One::with(
        &[("users/l.yaml", manifest), ("l.csv", "Ref,No\nL-0,1000\n")],
        "StartOn: 2026-10-01",
    );
    let said = one.run(&["accept", "L-0", "--auto-approve"]);
    assert!(
        said.contains("l.csv has no column for the field. Add the column")
            && said.ends_with("exit 5\n"),
        "{said}"
    );
}

#[test]
fn where_ci_is_set_only_public_values_are_written() {
    let user = format!("{LEARNER}    mobileNumber: 07700 900001\n    startOn: 2026-09-01\n");
    let one = One::new(&user, "MobileNumber: \"07700 900002\", StartOn: 2026-10-01");
    let mut command = rosterctl_on(&one.sandbox);
    command.env("CI", "true").current_dir(one.folder.path());
    let said = transcript(command.args(["accept", "--all", "--auto-approve"]));
    assert!(
        said.contains("1 value stays as declared: where `CI` is set") && said.ends_with("exit 0\n"),
        "{said}"
    );
    let text = one.text("users/l.yaml");
    assert!(
        text.contains("07700 900001") && text.contains("2026-10-01"),
        "{text}"
    );
}

#[test]
fn special_data_goes_only_into_files_that_git_ignores() {
    let over = (
        "users/special.yaml",
        "fromCsv: { path: ../private/s.csv, overlay: true }\n",
    );
    let files = [
        (
            "users/l.yaml",
            "users:\n  - misId: L-0\n    id: 1000\n    role: learner\n",
        ),
        over,
        ("private/s.csv", "misId,sex\nL-0,F\n"),
        (".gitignore", "/.rosterctl\n"),
    ];
    let one = One::with(&files, "L13: M");
    git(one.folder.path(), &["init", "-q"]);
    let said = one.run(&["accept", "L-0", "--auto-approve"]);
    assert!(
        said.contains(
            "special data is never written to private/s.csv, because git doesn't ignore it"
        ),
        "{said}"
    );
    assert!(
        !said.contains("sex") && said.ends_with("exit 5\n"),
        "{said}"
    );
    std::fs::write(
        one.folder.path().join(".gitignore"),
        "/.rosterctl\n/private/\n",
    )
    .unwrap();
    let said = one.run(&["accept", "L-0", "--auto-approve"]);
    assert!(
        said.contains("L-0: special data\n") && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert_eq!(one.text("private/s.csv"), "misId,sex\nL-0,M\n");
}

#[test]
fn an_account_that_may_be_another_persons_gives_nothing() {
    let user = format!("{LEARNER}    lastName: Sample\n    firstName: Bea\n    dob: 2007-01-01\n");
    let one = One::new(&user, "DOB: 2006-02-02");
    let said = one.run(&["accept", "L-0", "--auto-approve"]);
    assert!(
        said.contains("1 user is on hold, and nothing is taken over for them: L-0\n")
            && said.ends_with("exit 5\n"),
        "{said}"
    );
    let said = one.run(&["accept", "--all", "--auto-approve"]);
    assert!(said.contains("Nothing to take over"), "{said}");
}

const DEFAULTS: &str =
    "defaults: { role: learner, classroom: BUS, placement: BT01, defaultAssessor: A-001 }\n";

/// Ann's account with these values, beside Bea's account and a declared user without one. What `accept` says, and the file.
fn accepted_beside_others(ann: &str, more: &str) -> (String, String) {
    let declared = format!(
        "  - misId: L-0\n    firstName: Ann\n    lastName: Sample\n    email: l0@example.ac.uk\n    uln: \"9999999999\"\n    nino: QQ123456A\n{more}  - {{ misId: L-2, firstName: Cy, lastName: Third, email: cy@example.ac.uk }}\n"
    );
    let bea = "ID: 1001, OrganisationID: 5740, Role: 1, FirstName: Bea, LastName: Other, Email: bea@example.ac.uk, MISID: L-1, ULN: \"1000000000\", NINO: QQ123456B";
    let row = format!(
        "  - {{ ID: 1000, OrganisationID: 5740, Role: 1, FirstName: Ann, LastName: Sample, MISID: L-0, ClassroomID: 301, PlacementID: 401, DefaultAssessorID: 1, Telephone: \"020 7946 0000\", {ann} }}\n  - {{ {bea} }}\n"
    );
    let one = One {
        sandbox: Sandbox::start(&seed(&row)),
        folder: project(&[
            ("rosterctl.yaml", SETTINGS),
            ("users/staff.yaml", STAFF),
            ("users/l.yaml", &format!("{DEFAULTS}users:\n{declared}")),
            (".gitignore", "*\n"),
        ]),
    };
    git(one.folder.path(), &["init", "-q"]);
    let said = one.run(&["accept", "--all", "--auto-approve"]);
    (said, one.text("users/l.yaml"))
}

#[test]
fn a_value_that_somebody_else_has_is_not_taken_over() {
    let as_declared = "Email: l0@example.ac.uk, ULN: \"9999999999\", NINO: QQ123456A";
    for (was, is) in [
        ("l0@example.ac.uk", "BEA@example.ac.uk"),
        ("l0@example.ac.uk", "cy@example.ac.uk"),
        ("9999999999", "1000000000"),
        ("QQ123456A", "QQ123456B"),
    ] {
        let (said, text) = accepted_beside_others(&as_declared.replace(was, is), "");
        assert!(
            said.contains("another account or declared user has it, too")
                && said.ends_with("exit 5\n"),
            "{is}: {said}"
        );
        assert!(text.contains(was) && !said.contains(is), "{is}: {said}");
    }
}

#[test]
fn accounts_that_do_not_show_an_address_are_counted() {
    let one = One::new(
        &format!(
            "{LEARNER}    firstName: Ann\n    lastName: Sample\n    email: l1@example.ac.uk\n"
        ),
        "DOB: 2007-01-01",
    );
    let said = one.run(&["accept", "L-0", "--auto-approve"]);
    assert!(
        said.contains(
            "L-0: email\n3 accounts don't show `email`: the values weren't compared there.\n"
        ),
        "{said}"
    );
}

#[test]
fn an_address_that_two_people_share_is_taken_over_once_the_files_say_so() {
    let live = "Email: bea@example.ac.uk, ULN: \"9999999999\", NINO: QQ123456A";
    for answer in ["distinctFrom: [1001]", "alsoHas: [1001]"] {
        let (said, text) = accepted_beside_others(live, &format!("    {answer}\n"));
        assert!(said.ends_with("exit 0\n"), "{answer}: {said}");
        assert!(
            text.contains("email: bea@example.ac.uk"),
            "{answer}: {text}"
        );
    }
}

/// Where a learner gets an episode and a start from: a manifest and a CSV.
const EPISODES: [(&str, &str); 3] = [
    (
        "users:\n  - { misId: L-0, id: 1000, role: learner, episodeName: Business, startOn: 2026-09-01 }\n",
        "",
    ),
    (
        "defaults: { episodeName: Business }\nusers:\n  - { misId: L-0, id: 1000, role: learner, startOn: 2026-09-01 }\n",
        "",
    ),
    (
        "defaults: { role: learner }\nfromCsv: { path: ../l.csv }\n",
        "misId,id,episodeName,startOn\nL-0,1000,Business,2026-09-01\n",
    ),
];

#[test]
fn with_a_base_what_this_change_edits_stays_and_drift_is_taken() {
    for (manifest, csv) in EPISODES {
        let files = [("users/l.yaml", manifest), ("l.csv", csv)];
        let one = One::with(&files, "EpisodeName: Business, StartOn: 2026-10-01");
        let folder = one.folder.path();
        git(folder, &["init", "-q"]);
        commit(folder);
        for name in ["users/l.yaml", "l.csv"] {
            let edited = one.text(name).replace("Business", "Care");
            std::fs::write(folder.join(name), edited).unwrap();
        }
        let said = one.run(&["accept", "--all", "--base", "main", "--auto-approve"]);
        assert!(
            said.contains("1 value stays as declared: this change edits it.")
                && said.contains("L-0: startOn\n")
                && said.ends_with("exit 0\n"),
            "{said}"
        );
        let text = one.text("users/l.yaml") + &one.text("l.csv");
        assert!(
            text.contains("Care") && text.contains("2026-10-01"),
            "{text}"
        );
    }
}

#[test]
fn git_takes_a_change_back_and_a_file_without_a_copy_draws_a_warning() {
    let one = One::new(
        &format!("{LEARNER}    startOn: 2026-09-01\n"),
        "StartOn: 2026-10-01",
    );
    let folder = one.folder.path();
    let said = one.run(&["accept", "L-0"]);
    assert!(said.contains("users/l.yaml isn't in git"), "{said}");
    git(folder, &["init", "-q"]);
    git(folder, &["add", "users", "rosterctl.yaml"]);
    commit(folder);
    std::fs::write(
        folder.join("users/l.yaml"),
        one.text("users/l.yaml") + "# later\n",
    )
    .unwrap();
    let said = one.run(&["accept", "L-0"]);
    assert!(
        said.contains("users/l.yaml has edits that aren't committed"),
        "{said}"
    );
    git(folder, &["checkout", "--", "users/l.yaml"]);
    let before = one.text("users/l.yaml");
    let said = one.run(&["accept", "L-0", "--auto-approve"]);
    assert!(
        said.contains("`git checkout -- users/l.yaml` takes this back."),
        "{said}"
    );
    assert_ne!(one.text("users/l.yaml"), before);
    git(folder, &["checkout", "--", "users/l.yaml"]);
    assert_eq!(one.text("users/l.yaml"), before);
}

#[test]
fn permissions_stay_and_links_are_not_followed() {
    let one = One::new(
        &format!("{LEARNER}    startOn: 2026-09-01\n"),
        "StartOn: 2026-10-01",
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = one.folder.path().join("users/l.yaml");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(
            one.run(&["accept", "L-0", "--auto-approve"])
                .ends_with("exit 0\n")
        );
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let folder = one.folder.path();
        std::fs::create_dir(folder.join("real")).unwrap();
        std::fs::rename(folder.join("users"), folder.join("real/users")).unwrap();
        std::os::unix::fs::symlink("real", folder.join("in")).unwrap();
        let settings = "organisation: 5740\nmanifests: [in/users]\n";
        std::fs::write(folder.join("rosterctl.yaml"), settings).unwrap();
        let text = format!("users:\n{LEARNER}    startOn: 2026-09-01\n");
        std::fs::write(folder.join("real/users/l.yaml"), text).unwrap();
        let said = one.run(&["accept", "L-0", "--auto-approve"]);
        assert!(
            said.contains("is reached through a symbolic link") && said.ends_with("exit 4\n"),
            "{said}"
        );
    }
}
