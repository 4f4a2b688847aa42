//! `plan --out` and `apply --plan` with assignments and placements: what is applied is what was reviewed, and nothing else.

use std::path::Path;

use tempfile::TempDir;

use crate::harness::{Sandbox, project, rosterctl_on, transcript};

const STATE: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Bakery L2 }]
placements: [{ ID: 1, OrganisationID: 5740, Name: Mill, MISID: P-1 }]
standards:
  - { ID: 31, OrganisationID: 5740, Title: Baker Level 2 }
  - { ID: 32, OrganisationID: 5740, Title: English Level 2 }
users:
  - { ID: 10, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 20, OrganisationID: 5740, Role: 1, MISID: L-20, FirstName: Cy, LastName: Cloverdene, Email: cy@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 10 }
  - { ID: 21, OrganisationID: 5740, Role: 1, MISID: L-21, FirstName: Di, LastName: Dunmarrow, Email: di@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 10 }
";
const PLACEMENTS: &str = "placements:\n  - { name: Riverside, address: 1 Example Street }\n";
/// One learner moves to the new placement, one is new, and all get a standard.
const LEARNERS: &str = "defaults: { role: learner, classroom: Bakery L2, placement: Mill, defaultAssessor: A-1, standards: [Baker Level 2] }
users:
  - { misId: L-20, firstName: Cy, lastName: Cloverdene, email: cy@example.ac.uk, placement: Riverside }
  - { misId: L-21, firstName: Di, lastName: Dunmarrow, email: di@example.ac.uk }
  - { misId: L-22, firstName: Ed, lastName: Eastmere, email: ed@example.ac.uk, placement: Riverside }
";

fn college() -> (TempDir, Sandbox) {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/placements.yaml", PLACEMENTS),
        ("users/learners.yaml", LEARNERS),
    ]);
    let sandbox = Sandbox::start(STATE);
    let said = run(&sandbox, folder.path(), "plan --out plan.json");
    assert!(
        said.contains("Plan: 1 to create, 1 to update, 3 assignments, 1 new placement"),
        "{said}"
    );
    (folder, sandbox)
}

fn run(sandbox: &Sandbox, folder: &Path, args: &str) -> String {
    let mut command = rosterctl_on(sandbox);
    transcript(command.current_dir(folder).args(args.split(' ')))
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}\nin\n{text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

fn aims(sandbox: &Sandbox) -> usize {
    sandbox.state()["learningAims"].as_array().unwrap().len()
}

#[test]
fn a_reviewed_plan_with_assignments_and_a_placement_is_applied() {
    let (folder, sandbox) = college();
    let said = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert_eq!(aims(&sandbox), 3);
    let again = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(
        again.contains("No changes") && again.ends_with("exit 0\n"),
        "{again}"
    );
}

#[test]
fn an_assignment_that_was_added_since_is_refused_or_left_out() {
    let (folder, sandbox) = college();
    let di = "email: di@example.ac.uk";
    let both = format!("{di}, standards: [Baker Level 2, English Level 2]");
    edit(folder.path(), "users/learners.yaml", di, &both);
    let refused = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(
        refused.contains("1 operation was not reviewed: users/learners.yaml:4.")
            && refused.ends_with("exit 4\n"),
        "{refused}"
    );
    assert_eq!(aims(&sandbox), 0);
    let rest = run(
        &sandbox,
        folder.path(),
        "apply --plan plan.json --skip-unreviewed",
    );
    assert!(
        rest.contains("1 operation skipped") && rest.ends_with("exit 5\n"),
        "{rest}"
    );
    assert_eq!(
        aims(&sandbox),
        3,
        "the learner's reviewed standard is there"
    );
}

#[test]
fn what_needs_a_placement_that_nobody_reviewed_is_left_out() {
    let (folder, sandbox) = college();
    edit(
        folder.path(),
        "users/placements.yaml",
        "name: Riverside, address: 1 Example Street",
        "name: Riverside, address: 2 Example Street",
    );
    let rest = run(
        &sandbox,
        folder.path(),
        "apply --plan plan.json --skip-unreviewed",
    );
    assert!(rest.ends_with("exit 5\n"), "{rest}");
    // The move to it, the new learner of it and what both would get.
    assert_eq!(aims(&sandbox), 1);
    let placements = sandbox.state()["placements"].as_array().unwrap().len();
    assert_eq!(placements, 1);
}

/// The placement and the account were created, and then nothing was assigned or updated.
#[test]
fn a_run_that_stopped_goes_on_from_the_same_review_with_what_it_created() {
    let (folder, sandbox) = college();
    let faults = "- { on: POST /User/*, do: { status: 400, body: no } }\n- { on: POST /Standard/*/Assign/*, do: { status: 400, body: no } }";
    let put = |faults: &str| sandbox.control(reqwest::Method::PUT, "faults", faults).0;
    assert_eq!(put(faults), 200);
    let first = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(first.ends_with("exit 5\n"), "{first}");
    assert_eq!(aims(&sandbox), 0);
    assert_eq!(put("[]"), 200);
    let second = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(second.ends_with("exit 0\n"), "{second}");
    assert_eq!(aims(&sandbox), 3);
    let placements = sandbox.state()["placements"].as_array().unwrap().len();
    assert_eq!(placements, 2);
}
