//! Nobody is created twice: what the journal knows of earlier creates holds whoever may be one of them, whatever OneFile shows
//! of their accounts.

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{Sandbox, project, rosterctl_on, transcript, unwrapped};
use crate::json_plan::{JsonPlan, hold};

const ORGANISATION: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";

const ANN: &str = "  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n";
/// The user who is created, as account 2.
const BEN: &str = "  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }\n";
const CY: &str = "  - { misId: A-3, role: assessor, firstName: Cy, lastName: Cloverdene, email: cy@example.ac.uk }\n";

/// Searches don't show what is created for ten minutes.
const HIDDEN: &str = "- { on: POST /User, do: { hideCreatedMs: 600000 } }\n";

/// What OneFile may answer about an account that it doesn't show yet.
const ODD_LOOKS: &[&str] = &[
    "{ status: 404 }",
    "{ status: 204 }",
    "{ status: 200, body: '{}' }",
    "{ status: 200, body: '[]' }",
    r#"{ status: 200, body: '{"ID": 2}' }"#,
    r#"{ status: 200, body: '{"ID": 3, "Role": 5, "MISID": "A-2", "FirstName": "Ben", "LastName": "Birdwhistle"}' }"#,
    r#"{ status: 200, body: '{"ID": 2, "Role": 30, "MISID": "A-2", "FirstName": "Ben", "LastName": "Birdwhistle"}' }"#,
    r#"{ status: 200, body: '{"ID": 2, "Role": 5, "OrganisationID": 9, "MISID": "A-2", "FirstName": "Ben", "LastName": "Birdwhistle"}' }"#,
    r#"{ status: 200, body: '{"ID": 2, "Role": 5, "OrganisationID": 5740, "MISID": null, "FirstName": null, "LastName": null}' }"#,
];

struct College {
    sandbox: Sandbox,
    folder: TempDir,
}

impl College {
    fn new(faults: &str, users: &[&str]) -> Self {
        let sandbox = Sandbox::start(ORGANISATION);
        assert_eq!(sandbox.control(Method::PUT, "faults", faults).0, 200);
        let college = Self {
            sandbox,
            folder: project(&[("rosterctl.yaml", "organisation: 5740\n")]),
        };
        college.declare(users);
        college
    }

    fn declare(&self, users: &[&str]) {
        std::fs::create_dir_all(self.folder.path().join("users")).unwrap();
        std::fs::write(
            self.folder.path().join("users/a.yaml"),
            format!("users:\n{}", users.concat()),
        )
        .unwrap();
    }

    fn run(&self, args: &str) -> String {
        let said = transcript(
            rosterctl_on(&self.sandbox)
                .current_dir(self.folder.path())
                .args(args.split(' ')),
        );
        unwrapped(&said)
    }

    fn apply(&self) -> String {
        self.run("apply --auto-approve")
    }

    fn mails(&self) -> usize {
        self.sandbox.mails()
    }

    fn faults(&self, faults: &str) {
        assert_eq!(self.sandbox.control(Method::PUT, "faults", faults).0, 200);
    }

    fn looks(&self) -> usize {
        let is_look = |request: &&Value| {
            request["method"] == "GET"
                && request["path"]
                    .as_str()
                    .is_some_and(|path| path.starts_with("/User/"))
        };
        self.sandbox.requests().iter().filter(is_look).count()
    }
}

fn is_held(said: &str) -> bool {
    said.contains("eld until a person decides") && said.ends_with("exit 5")
}

pub fn a_create_that_was_answered_is_not_sent_again_before_a_person_has_said_so() {
    for look in ODD_LOOKS {
        let college = College::new(
            &format!("{HIDDEN}- {{ on: GET /User/2, do: {look} }}\n"),
            &[ANN, BEN],
        );
        assert!(
            college.apply().contains("created assessor A-2 (2)"),
            "{look}"
        );
        let said = college.apply();
        assert!(
            said.contains("account 2 was created for A-2 on "),
            "{look}{said}"
        );
        assert!(
            said.contains("but OneFile does not show it yet wait a while, then plan again"),
            "{look}{said}"
        );
        assert!(
            said.ends_with("exit 0") || said.ends_with("exit 5"),
            "{look}{said}"
        );
        let said = college.run("apply --auto-approve --settle-after 0");
        assert!(
            said.contains(
                "does not show it look in OneFile, then run `rosterctl settle A-2 created`"
            ),
            "{said}"
        );
        assert!(
            said.contains("`rosterctl settle A-2 not-created`") && said.ends_with("exit 5"),
            "{look}{said}"
        );
        assert!(
            college
                .run("settle A-2 created")
                .contains("no account is created for it"),
            "{look}"
        );
        let said = college.run("apply --auto-approve --settle-after 0");
        assert!(
            said.contains("somebody has said that this account was created"),
            "{look}{said}"
        );
        assert_eq!(college.mails(), 1, "{look}");
        assert!(
            college
                .run("settle A-2 not-created")
                .contains("the next apply may create it"),
            "{look}"
        );
        college.apply();
        assert_eq!(
            college.mails(),
            2,
            "{look}: a person has said that it wasn't created"
        );
    }
}

#[test]
fn an_account_that_was_found_after_its_answer_was_lost_is_held_like_any_other() {
    let college = College::new("- { on: POST /User, do: resetAfter }\n", &[ANN, BEN]);
    assert!(
        college
            .apply()
            .contains("the answer was lost, and the account is there")
    );
    let gone = "- { on: GET /User/2, do: { status: 404 } }\n- { on: POST /User/Search/*/*, do: { status: 204 } }\n";
    college.faults(gone);
    college.declare(&[BEN]);
    let said = college.run("apply --auto-approve --settle-after 0");
    assert!(is_held(&said), "{said}");
    let plan = JsonPlan::of(&college.sandbox, college.folder.path(), &["plan"]);
    assert_eq!(plan.holds("A-2"), [hold("unclear", &[2])]);
    assert_eq!(college.mails(), 1);
}

/// However long ago: an account that was listed once and isn't any more was archived or deleted.
#[test]
fn an_account_that_lists_have_shown_and_show_no_longer_is_not_created_again() {
    let college = College::new("[]", &[ANN, BEN]);
    college.apply();
    assert!(college.apply().starts_with("No changes"));
    let gone = "- { on: GET /User/2, do: { status: 404 } }\n- { on: POST /User/Search/*/*, do: { status: 204 } }\n";
    college.faults(gone);
    college.declare(&[BEN]);
    let said = college.run("apply --auto-approve --settle-after 0");
    assert!(is_held(&said), "{said}");
    let plan = JsonPlan::of(&college.sandbox, college.folder.path(), &["plan"]);
    assert_eq!(plan.holds("A-2"), [hold("unclear", &[2])]);
    assert_eq!(college.mails(), 1);
}

/// Its MIS value was lost, and the manifest has another name and address by now: only the journal knows who it is.
pub fn a_created_account_that_is_shown_without_its_mis_value_is_pinned_or_told_apart() {
    let faults = "- { on: POST /User, do: { ignoreField: MISID } }\n";
    let other = BEN
        .replace("Ben", "Bea")
        .replace("Birdwhistle", "Inglewood")
        .replace("ben@", "bea@");
    for look in ["", "- { on: GET /User/2, do: { status: 404 } }\n", HIDDEN] {
        let college = College::new(&format!("{faults}{look}"), &[ANN, BEN]);
        college.apply();
        college.declare(&[ANN, &other]);
        for settle_after in [0, 30] {
            let said = college.run(&format!(
                "apply --auto-approve --settle-after {settle_after}"
            ));
            assert!(
                said.contains("account 2 was created for A-2 on "),
                "{look}{said}"
            );
            assert!(
                said.contains("shows another MIS value now, or none write `id: 2`"),
                "{look}{said}"
            );
        }
        assert_eq!(college.mails(), 1, "{look}");
    }
    let college = College::new(faults, &[ANN, BEN]);
    college.apply();
    college.faults("[]");
    college.declare(&[ANN, &BEN.replace("misId", "id: 2, misId")]);
    assert!(college.apply().contains("updated assessor A-2 (2)"));
    college.declare(&[ANN, &other]);
    assert!(college.run("plan").contains("looks like another person"));
    let college = College::new(faults, &[ANN, BEN]);
    college.apply();
    college.faults("[]");
    college.declare(&[ANN, &other.replace(" }", ", distinctFrom: [2] }")]);
    assert!(college.apply().contains("created assessor A-2 (3)"));
}

/// Whether its account can be read by its number or not, and whether the answer came or was lost.
const LATE: &[&str] = &[
    HIDDEN,
    "- { on: POST /User, do: { hideCreatedMs: 600000 } }\n- { on: GET /User/2, do: { status: 404 } }\n",
    "- { on: POST /User, do: { hideCreatedMs: 600000 } }\n- { on: GET /User/2, do: { status: 200, body: '{\"ID\": 2, \"Role\": 5, \"MISID\": \"A-2\"}' } }\n",
    "- { on: POST /User, do: resetAfter }\n- { on: POST /User, do: { hideCreatedMs: 600000 } }\n",
];

pub fn an_edited_mis_value_makes_no_second_account_while_searches_are_late() {
    for faults in LATE {
        let college = College::new(faults, &[ANN, BEN]);
        college.apply();
        assert_eq!(college.mails(), 1, "{faults}");
        college.declare(&[ANN, &BEN.replace("A-2", "A-0200")]);
        for settle_after in [30, 0] {
            let said = college.run(&format!(
                "apply --auto-approve --settle-after {settle_after}"
            ));
            assert!(is_held(&said), "{faults}{said}");
        }
        assert_eq!(college.mails(), 1, "{faults}");
    }
}

pub fn nor_does_it_with_a_base() {
    for faults in &LATE[..3] {
        let college = College::new(faults, &[ANN, BEN]);
        let folder = college.folder.path();
        std::fs::write(folder.join(".gitignore"), ".rosterctl\n").unwrap();
        git(folder, &["init", "-q"]);
        commit(folder);
        college.apply();
        college.declare(&[ANN, &BEN.replace("A-2", "A-0200")]);
        let said = college.run("apply --auto-approve --base HEAD --only-changed --settle-after 0");
        assert!(is_held(&said), "{faults}{said}");
        // The former MIS value is another person's in the same change.
        college.declare(&[
            ANN,
            &BEN.replace("A-2", "A-0200"),
            &CY.replace("A-3", "A-2"),
        ]);
        let said = college.run("apply --auto-approve --base HEAD --only-changed");
        assert!(!said.contains("created assessor A-0200"), "{faults}{said}");
        let to = college.sandbox.control(Method::GET, "outbox", "").1["messages"].to_string();
        assert_eq!(to.matches("ben@").count(), 1, "{faults}{said}");
    }
}

#[test]
fn an_account_that_can_not_be_compared_holds_every_create_until_a_person_has_answered() {
    let unreadable = LATE[1];
    let college = College::new(unreadable, &[ANN, BEN]);
    college.apply();
    college.declare(&[&ANN.replace(" }", ", telephone: 01632 960001 }"), CY]);
    let said = college.apply();
    let expected = "account 2 was created for A-2 on ";
    assert!(
        said.contains(expected)
            && said.contains("this user may be the same person under a new MIS value"),
        "{said}"
    );
    assert!(
        said.contains("`rosterctl settle A-2 not-created`"),
        "{said}"
    );
    assert!(
        said.contains("updated assessor A-1 (1)"),
        "updates go on: {said}"
    );
    // That somebody is there is no answer to who is the same person.
    college.run("settle A-2 created");
    assert!(is_held(&college.apply()));
    let distinct = CY.replace(" }", ", distinctFrom: [2] }");
    college.run("settle A-2 not-created");
    assert!(college.apply().contains("created assessor A-3"));
    let college = College::new(unreadable, &[ANN, BEN]);
    college.apply();
    college.declare(&[ANN, &distinct]);
    assert!(college.apply().contains("created assessor A-3"));
    let college = College::new(unreadable, &[ANN, BEN]);
    college.apply();
    college.declare(&[ANN, BEN, CY]);
    assert!(
        college.apply().contains("created assessor A-3"),
        "who is declared can be told from others"
    );
}

/// Within the time of grace and long after it: the MIS value may have been edited in either.
pub fn an_unclear_create_that_nobody_declares_any_more_waits_for_a_person() {
    for event in [
        "\"event\":\"intent\"",
        "\"event\":\"unclear\",\"why\":\"x\"",
        "\"event\":\"settled\",\"created\":true",
    ] {
        for settle_after in [0, 10_000_000] {
            let college = College::new("[]", &[ANN, CY]);
            write_journal(
                &college,
                &line(&college, &format!("{event},\"misId\":\"A-2\"")),
            );
            let said = college.run(&format!(
                "apply --auto-approve --settle-after {settle_after}"
            ));
            assert!(
                said.contains("an account may have been created for A-2 on ") && is_held(&said),
                "{event}{said}"
            );
            college.run("settle A-2 not-created");
            assert!(college.apply().contains("created assessor A-3"), "{event}");
        }
    }
}

/// A line of the journal of this sandbox.
fn line(college: &College, event: &str) -> String {
    let place = format!(
        "\"run\":\"r\",\"target\":\"{}\",\"organisation\":5740",
        college.sandbox.base_url()
    );
    format!("{{\"at\":\"2026-01-05T12:00:00Z\",{place},{event}}}\n")
}

fn write_journal(college: &College, text: &str) {
    let data = college.folder.path().join(".rosterctl");
    std::fs::create_dir_all(&data).unwrap();
    let path = data.join("journal.jsonl");
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(path, before + text).unwrap();
}

#[test]
fn accounts_that_lists_show_cost_no_look_however_many_were_created() {
    let mut seed = ORGANISATION.to_owned();
    for id in 10..400 {
        seed += &format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 5, MISID: X-{id}, FirstName: F{id}, LastName: Fernhollow, Email: f{id}@example.ac.uk }}\n"
        );
    }
    seed += "behaviour: { searchRows: full }\n";
    let college = College {
        sandbox: Sandbox::start(&seed),
        folder: project(&[("rosterctl.yaml", "organisation: 5740\n")]),
    };
    college.declare(&[ANN, BEN]);
    let created: String = (10..400)
        .map(|id| {
            line(
                &college,
                &format!("\"event\":\"created\",\"misId\":\"X-{id}\",\"id\":{id}"),
            )
        })
        .collect();
    write_journal(&college, &created);
    assert!(college.run("plan").contains("1 to create"));
    assert_eq!(college.looks(), 0);
    college.run("apply --auto-approve");
    let journal =
        std::fs::read_to_string(college.folder.path().join(".rosterctl/journal.jsonl")).unwrap();
    assert_eq!(
        journal.matches("\"listed\"").count(),
        1,
        "one line for all of them"
    );
    assert!(
        college
            .run("history")
            .contains("OneFile lists 390 accounts that earlier runs created")
    );
    college.run("apply --auto-approve");
    let journal =
        std::fs::read_to_string(college.folder.path().join(".rosterctl/journal.jsonl")).unwrap();
    assert!(
        journal.ends_with("\"event\":\"listed\",\"ids\":[400]}\n"),
        "only what is new: {journal}"
    );
}

/// Those who left years ago, were archived and are read no more stop nobody.
#[test]
fn accounts_that_lists_have_shown_hold_nobody_else_and_only_the_latest_are_looked_at() {
    let college = College::new("[]", &[ANN, BEN]);
    let created: String = (1_000..1_300)
        .map(|id| {
            line(
                &college,
                &format!("\"event\":\"created\",\"misId\":\"X-{id}\",\"id\":{id}"),
            )
        })
        .collect();
    let ids: Vec<String> = (1_000..1_300).map(|id| id.to_string()).collect();
    let listed = line(
        &college,
        &format!("\"event\":\"listed\",\"ids\":[{}]", ids.join(",")),
    );
    write_journal(&college, &(created + &listed));
    let said = college.run("plan");
    assert!(
        said.contains("1 to create, 0 to update, 1 unchanged, 0 held"),
        "{said}"
    );
    let looks = college.looks();
    assert!((100..110).contains(&looks), "{looks}");
}

pub fn who_was_created_is_known_however_often_the_journal_is_put_aside() {
    let college = College::new(
        "[]",
        &[&ANN.replace(" }", ", telephone: 01632 960001 }"), BEN],
    );
    write_journal(
        &college,
        &line(
            &college,
            "\"event\":\"created\",\"misId\":\"A-2\",\"id\":77",
        ),
    );
    write_journal(
        &college,
        &line(&college, "\"event\":\"listed\",\"ids\":[76,77]"),
    );
    write_journal(
        &college,
        &line(
            &college,
            "\"event\":\"created\",\"misId\":\"A-5\",\"id\":78",
        ),
    );
    write_journal(
        &college,
        &line(
            &college,
            "\"event\":\"settled\",\"misId\":\"A-5\",\"created\":true",
        ),
    );
    write_journal(
        &college,
        &line(
            &college,
            "\"event\":\"created\",\"misId\":\"A-6\",\"id\":79",
        ),
    );
    write_journal(
        &college,
        &line(
            &college,
            "\"event\":\"settled\",\"misId\":\"A-6\",\"created\":false",
        ),
    );
    write_journal(
        &college,
        &line(
            &college,
            "\"event\":\"damaged\",\"id\":80,\"misId\":\"A-7\"",
        ),
    );
    for round in 0..3 {
        // Long lines make a large journal that is read quickly.
        let long = "x".repeat(600);
        let others: String = (0..8_000)
            .map(|at| {
                line(
                    &college,
                    &format!("\"event\":\"updated\",\"id\":1,\"fields\":[\"{round}-{at}{long}\"]"),
                )
            })
            .collect();
        assert!(others.len() > 4 << 20);
        write_journal(&college, &others);
        college.run(&format!(
            "apply --auto-approve --journal .rosterctl --settle-after {round}"
        ));
        let fresh = std::fs::read_to_string(college.folder.path().join(".rosterctl/journal.jsonl"))
            .unwrap();
        assert!(fresh.len() < 10_000, "{round}: {}", fresh.len());
        for kept in [
            "\"id\":77",
            "\"ids\":[77]",
            "\"id\":78",
            "\"settled\"",
            "\"damaged\"",
        ] {
            assert_eq!(fresh.matches(kept).count(), 1, "{round} {kept}: {fresh}");
        }
        assert!(
            !fresh.contains("A-6"),
            "a person has said that it wasn't created: {fresh}"
        );
        assert!(
            college
                .run("plan")
                .contains("account 77 was created for A-2 on 5 January 2026 at 12:00")
        );
        assert_eq!(
            college
                .run("history A-2")
                .matches("created as account 77")
                .count(),
            1
        );
        // The next round has something to do again.
        let other = format!(", telephone: 01632 96000{} }}", round + 2);
        college.declare(&[&ANN.replace(" }", &other), BEN]);
    }
    assert_eq!(college.mails(), 0);
}

/// What has to stay known may be most of a journal: it isn't put aside again and again.
pub fn a_journal_that_holds_little_else_than_creates_stays_where_it_is() {
    let college = College::new("[]", &[&ANN.replace(" }", ", telephone: 01632 960001 }")]);
    let created: String = (1_000..34_000)
        .map(|id| {
            line(
                &college,
                &format!("\"event\":\"created\",\"misId\":\"X-{id}\",\"id\":{id}"),
            )
        })
        .collect();
    assert!(created.len() > 4 << 20);
    write_journal(&college, &created);
    assert!(college.apply().contains("1 updated"));
    assert!(
        !college
            .folder
            .path()
            .join(".rosterctl/journal.1.jsonl")
            .exists()
    );
}
