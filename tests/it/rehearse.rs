//! `rehearse`: what a plan would do, seen on a copy of the live state whose people are invented. The live service is only read.

use std::path::Path;

use crate::cases::is_write;
use crate::harness::{Sandbox, copy_of, project, root, rosterctl, rosterctl_on, transcript};

fn run(folder: &Path, args: &str) -> String {
    transcript(rosterctl().current_dir(folder).args(args.split(' ')))
}

#[test]
fn the_example_is_rehearsed_and_nothing_is_left() {
    let college = copy_of(&root().join("examples/college"));
    let state = std::fs::read_to_string(college.path().join("sandbox.yaml")).unwrap();
    let sandbox = Sandbox::start(&state);
    let before = sandbox.state();
    let said = transcript(
        rosterctl_on(&sandbox)
            .current_dir(college.path())
            .args(["rehearse", "--quiet"]),
    );
    insta::assert_snapshot!(said);
    assert_eq!(sandbox.state(), before);
    assert!(!sandbox.requests().iter().any(is_write));
    assert!(!college.path().join(".rosterctl/rehearsal/stage").exists());
    // It is as it was said.
    let applied = transcript(rosterctl_on(&sandbox).current_dir(college.path()).args([
        "apply",
        "--auto-approve",
        "-q",
    ]));
    assert!(
        applied
            .contains("Applied: 4 created, 4 updated, 3 assignments made, 1 placement created.\n"),
        "{applied}"
    );
}

/// Whatever the accounts are like, and however the service shows them.
pub fn the_plan_of_the_invented_people_is_that_of_the_real_ones() {
    let rows = [
        "",
        "behaviour: { searchRows: full }\n",
        "behaviour: { searchRows: [Email, DOB], neverShown: [MobileNumber] }\n",
    ];
    for seed in 1..=6 {
        let folder = tempfile::tempdir().unwrap();
        let args = format!(
            "sandbox seed --learners 120 --seed {seed} --drift 20 --absent 5 --without-mis 20 --shared-names 15 --out college"
        );
        assert!(run(folder.path(), &args).ends_with("exit 0\n"));
        let college = folder.path().join("college");
        let state = std::fs::read_to_string(college.join("sandbox.yaml")).unwrap();
        std::fs::write(college.join("sandbox.yaml"), state + rows[seed % 3]).unwrap();
        let said = run(&college, "rehearse -q");
        assert!(
            said.contains("Rehearsed in the sandbox") && !said.contains("isn't quite"),
            "{seed}: {said}"
        );
        assert!(
            said.contains(" held.\nTo create: ") && said.ends_with("exit 5\n"),
            "{seed}: {said}"
        );
    }
}

/// References to what isn't there any more, values that make no sense, names that say nothing, accounts that no list shows.
#[test]
fn odd_accounts_are_rehearsed_too() {
    let state = "organisations:
  - { ID: 5740, Name: Example College }
  - { ID: 1, Name: Another College }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Room }
  - { ID: 2, OrganisationID: 1, Name: Theirs }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: \"-\", LastName: \"'\", Email: a@example.ac.uk, MISID: A-1, SupportFunding: true }
  - { ID: 2, OrganisationID: 1, Role: 5, FirstName: Ann, LastName: Abbotsley }
  - { ID: 3, OrganisationID: 5740, Role: 1, FirstName: Ann, LastName: Abbotsley, MISID: L-3, ClassroomID: 2, DefaultAssessorID: 2, ULN: \"9999999999\" }
  - { ID: 4, OrganisationID: 5740, Role: 1, FirstName: ann, LastName: ABBOTSLEY, ClassroomID: 1, DefaultAssessorID: 1, ULN: \"9999999999\", SupportFunding: true, Archived: true }
behaviour: { archived: hidden }
";
    let users = "users:
  - { id: 3, role: learner, firstName: ANN, uln: \"9999999999\" }
  - { id: 4, role: learner, firstName: Ann, supportFunding: false, classroom: Room, defaultAssessor: { email: A@example.ac.uk } }
  - { misId: A-1, role: assessor, firstName: Ben, lastName: Birdwhistle, email: A@EXAMPLE.ac.uk, samePerson: true }
";
    let settings = "organisation: 5740\ntarget: sandbox\npolicy: { archivedAccounts: hidden }\n";
    let folder = project(&[
        ("rosterctl.yaml", settings),
        ("sandbox.yaml", state),
        ("users/u.yaml", users),
    ]);
    let said = run(folder.path(), "rehearse");
    assert!(
        !said.contains("isn't quite") && said.contains("Applied: 0 created, 3 updated."),
        "{said}"
    );
    assert!(said.ends_with("exit 0\n"), "{said}");
}

pub fn limits_are_said_and_trouble_can_be_picked() {
    let college = copy_of(&root().join("examples/college"));
    let settings = std::fs::read_to_string(college.path().join("rosterctl.yaml")).unwrap();
    std::fs::write(
        college.path().join("rosterctl.yaml"),
        settings + "policy: { creates: never }\n",
    )
    .unwrap();
    let said = run(college.path(), "rehearse -q --sandbox");
    assert!(
        said.contains("creates: never")
            && said.contains("Applied: 4 created")
            && said.ends_with("exit 4\n"),
        "{said}"
    );
    let lost = run(college.path(), "rehearse -q --sandbox --faults lostAnswers");
    assert!(
        lost.contains("Applied: 4 created, 4 updated, 3 assignments made, 1 placement created.\n"),
        "{lost}"
    );
    let away = run(college.path(), "rehearse -q --sandbox --faults outages");
    assert!(
        away.contains("2 unclear") && away.contains("might have e-mailed 2 people"),
        "{away}"
    );
    let none = run(college.path(), "rehearse --sandbox --faults storms");
    assert!(
        none.contains("lostAnswers, outages, lateSearches") && none.ends_with("exit 64\n"),
        "{none}"
    );
}
