//! `export` of standards, placements and classrooms: what is live, as manifests that declare just that.

use std::path::Path;

use rosterctl::domain::field::{Class, Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, AimId, Directory, DirectoryEntry, EntryKind, KnownAssignments, LearningAim,
    ObservedValue, Organisation, OrganisationId, ShownArchive, ShownAssignments, Snapshot,
    StandardId,
};
use rosterctl::onboarding::export::{Choice, GroupBy, PrivateValues};

use crate::cases::requests;
use crate::harness::{Sandbox, project, rosterctl_on, transcript};

/// Learners, each with the standards of these numbers.
fn learners_of(standards: &[&[i64]]) -> Snapshot {
    let titled = |id: i64, name: &str| DirectoryEntry {
        id: id.into(),
        name: name.to_owned(),
        mis_id: None,
    };
    let titles = vec![
        titled(31, "Baker, Level 2"),
        titled(32, "English Level 2"),
        titled(33, "english level 2"),
    ];
    let rooms = vec![
        titled(1, "Room"),
        titled(2, "Mill"),
        titled(3, "mill"),
        titled(4, "St Mary's"),
        titled(5, "St Mary\u{2019}s"),
        titled(6, "Café  Nine"),
        titled(7, "Cafe Nine"),
    ];
    let directory =
        Directory::new([(Referent::Standard, titles), (Referent::Placement, rooms)].into());
    let organisation = Organisation {
        id: OrganisationId::new(1),
        name: String::new(),
        keychain_creation: None,
        email_suppression: None,
    };
    let mut accounts = Vec::new();
    let mut assignments = KnownAssignments::default();
    for (id, standards) in (1..).zip(standards) {
        let mis_id = ObservedValue::of_text(Key::MisId.row().kind, &format!("L-{id}"));
        accounts.push(Account {
            archive: ShownArchive::NotShown,
            id: AccountId::new(id),
            role: Role::Learner,
            shown: [(Key::MisId, Some(mis_id))].into_iter().collect(),
        });
        let mut aims = Vec::new();
        for standard in *standards {
            aims.push(LearningAim {
                id: AimId::new(1000 * id + standard),
                standard: StandardId::new(*standard),
            });
        }
        let shown = ShownAssignments {
            aims: Some(aims),
            units: None,
        };
        assignments.shown.insert(AccountId::new(id), shown);
    }
    let mut snapshot = Snapshot::new(organisation, directory, Role::all().collect(), accounts);
    snapshot.assignments = assignments;
    snapshot
}

fn exported(snapshot: &Snapshot) -> std::collections::BTreeMap<String, String> {
    let choice = Choice {
        by: GroupBy::Role,
        highest: Class::Personal,
        personal: PrivateValues::Manifests,
        entries: &[EntryKind::Placement],
    };
    let draft = rosterctl::onboarding::export::export(snapshot, choice);
    let manifests = draft.manifests().into_iter();
    manifests
        .map(|(path, text)| (path.to_owned(), text))
        .collect()
}

#[test]
fn standards_that_all_share_are_defaults_and_others_stand_by_the_learner() {
    let shared = exported(&learners_of(&[&[31, 32], &[32, 31, 31]]));
    let defaults = "defaults: { role: learner, standards: [\"Baker, Level 2\", { id: 32 }] }\nusers:\n  - id: 1\n    misId: L-1\n  - id: 2\n    misId: L-2\n";
    assert_eq!(shared["learners.yaml"], defaults);
    let differing = exported(&learners_of(&[&[31], &[33, 31], &[]]));
    let by_learner = "defaults: { role: learner }\nusers:\n  - id: 1\n    misId: L-1\n    standards: [\"Baker, Level 2\"]\n  - id: 2\n    misId: L-2\n    standards: [\"Baker, Level 2\", { id: 33 }]\n  - id: 3\n    misId: L-3\n";
    assert_eq!(differing["learners.yaml"], by_learner);
}

#[test]
fn placements_are_exported_by_name_and_by_number_if_two_share_it() {
    let files = exported(&learners_of(&[&[]]));
    let placements = "placements:\n  - { id: 7, name: Cafe Nine }\n  - { id: 6, name: Café  Nine }\n  - { id: 2, name: Mill }\n  - { id: 3, name: mill }\n  - { name: Room }\n  - { id: 4, name: St Mary's }\n  - { id: 5, name: \"St Mary\u{2019}s\" }\n";
    assert_eq!(files["placements.yaml"], placements);
    assert_eq!(crate::assigned::codes(placements), [""; 0]);
}

const STATE: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Bakery L2 }]
placements:
  - { ID: 1, OrganisationID: 5740, Name: Mill, MISID: P-1, Address: 1 Example Street }
  - { ID: 2, OrganisationID: 5740, Name: mill }
standards:
  - { ID: 31, OrganisationID: 5740, Title: \"Baker: Level 2\" }
  - { ID: 32, OrganisationID: 5740, Title: English Level 2 }
learningAims:
  - { ID: 61, OrganisationID: 5740, UserID: 20, StandardID: 31 }
  - { ID: 62, OrganisationID: 5740, UserID: 21, StandardID: 31, AchievedDate: 2026-07-01 }
users:
  - { ID: 10, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";
const EXPORT: &str = "export --with-standards --with-placements --with-classrooms";

fn learner(id: usize) -> String {
    format!(
        "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: L-{id}, FirstName: Cy{id}, LastName: Cloverdene, Email: l{id}@example.ac.uk, DOB: 2006-07-01, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 10 }}\n"
    )
}

fn college(learners: usize, behaviour: &str) -> Sandbox {
    let learners: String = (20..20 + learners).map(learner).collect();
    Sandbox::start(&format!("{STATE}{learners}behaviour: {behaviour}\n"))
}

fn run(sandbox: &Sandbox, folder: &Path, args: &str) -> String {
    let mut command = rosterctl_on(sandbox);
    transcript(command.current_dir(folder).args(args.split(' ')))
}

#[test]
fn an_export_of_standards_and_placements_then_a_plan_says_no_changes() {
    for (learners, behaviour) in [
        (2, "{ aimsInBulk: false }"),
        (20, "{ aimsInBulk: true }"),
        (3, "{ searchRows: full }"),
    ] {
        let sandbox = college(learners, behaviour);
        let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
        let said = run(&sandbox, folder.path(), EXPORT);
        let costs =
            format!("Reading the standards of {learners} learners: up to {learners} requests.");
        assert!(
            said.contains(&costs) && said.contains("No changes: ") && said.ends_with("exit 0\n"),
            "{said}"
        );
        let planned = run(&sandbox, folder.path(), "plan --detailed-exitcode");
        let users = learners + 1;
        let nothing =
            format!("No changes: {users} users and 3 placements and classrooms are as declared.\n");
        assert!(
            planned.starts_with(&nothing) && planned.ends_with("exit 0\n"),
            "{planned}"
        );
        let placements =
            std::fs::read_to_string(folder.path().join("users/placements.yaml")).unwrap();
        let lines =
            "placements:\n  - { id: 1, name: Mill, misId: P-1 }\n  - { id: 2, name: mill }\n";
        assert_eq!(placements, lines);
    }
}

/// A list of all aims saves a request for each learner whom it shows.
#[test]
fn aims_that_can_be_listed_are_not_asked_for_one_by_one() {
    let number = |behaviour: &str| {
        let sandbox = college(20, behaviour);
        let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
        run(&sandbox, folder.path(), EXPORT);
        let requests = requests(&sandbox.requests());
        requests.matches("\"UserID\"").count()
    };
    assert_eq!(
        [
            number("{ aimsInBulk: false }"),
            number("{ aimsInBulk: true }")
        ],
        [20, 18]
    );
}

#[test]
fn an_export_reads_no_standards_unless_it_is_asked_to() {
    let sandbox = college(2, "{ aimsInBulk: true }");
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
    let said = run(&sandbox, folder.path(), "export");
    assert!(said.ends_with("exit 0\n"), "{said}");
    let requests = requests(&sandbox.requests());
    assert!(
        !requests.contains("LearningAim") && !requests.contains("Standard"),
        "{requests}"
    );
    assert!(!folder.path().join("users/placements.yaml").exists());
}
