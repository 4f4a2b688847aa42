//! The example college, from the first plan to no changes.

use crate::cases::{is_write, requests};
use crate::harness::{Sandbox, copy_of, root, rosterctl, rosterctl_on, transcript};

#[test]
fn the_first_plan_of_the_example_is_as_people_see_it() {
    let college = copy_of(&root().join("examples/college"));
    let mut plan = rosterctl();
    plan.current_dir(college.path())
        .args(["plan", "--sandbox", "--reveal", "personal"]);
    insta::assert_snapshot!(transcript(&mut plan));
}

#[test]
fn an_apply_makes_one_call_an_operation_and_leaves_nothing_to_do() {
    let college = copy_of(&root().join("examples/college"));
    let run = |args: &[&str]| {
        transcript(
            rosterctl()
                .current_dir(college.path())
                .args(args)
                .arg("--sandbox"),
        )
    };
    assert!(run(&["plan", "--detailed-exitcode"]).ends_with("exit 2\n"));
    insta::assert_snapshot!(run(&["apply", "--auto-approve"]));
    let settled = "No changes: 51 users and 1 placement are as declared.\n1 live account isn't declared here.\n";
    for args in [&["plan", "--detailed-exitcode"][..], &["apply"]] {
        let said = run(args);
        assert!(
            said.starts_with(settled) && said.ends_with("exit 0\n"),
            "{said}"
        );
    }
    let reset = transcript(
        rosterctl()
            .current_dir(college.path())
            .args(["sandbox", "reset"]),
    );
    assert!(reset.ends_with("exit 0\n"));
    assert!(run(&["plan", "--detailed-exitcode"]).ends_with("exit 2\n"));
}

#[test]
fn the_calls_of_an_apply_are_those_that_the_plan_needs() {
    let college = copy_of(&root().join("examples/college"));
    let seed = std::fs::read_to_string(college.path().join("sandbox.yaml")).unwrap();
    let sandbox = Sandbox::start(&seed);
    let plan = transcript(
        rosterctl_on(&sandbox)
            .current_dir(college.path())
            .args(["plan", "--target", "sandbox"]),
    );
    assert!(plan.contains("4 to create, 4 to update, 3 assignments, 1 new placement"));
    assert!(
        sandbox.requests().is_empty(),
        "`--target sandbox` stays in its own process"
    );
    transcript(
        rosterctl_on(&sandbox)
            .current_dir(college.path())
            .args(["plan"]),
    );
    // `docs/architecture.md`: the session, six roles of one page, each that isn't empty with its closing page, the directory
    // (organisation, classrooms, placements, standards and templates), one look for each of the 47 users who exist, and one for
    // the account that nobody declares, since somebody is created; the aims of the learner who exists and gets a standard.
    let roles_with_users = 6;
    assert_eq!(
        sandbox.requests().len(),
        1 + 6 + roles_with_users + 1 + 4 * 2 + 47 + 1 + 1
    );
    transcript(
        rosterctl_on(&sandbox)
            .current_dir(college.path())
            .args(["apply", "--auto-approve"]),
    );
    let writes: Vec<_> = sandbox.requests().into_iter().filter(is_write).collect();
    assert_eq!(writes.len(), 4 + 4 + 3 + 1);
    insta::assert_snapshot!(requests(&writes));
}

#[test]
fn no_public_value_of_the_example_holds_a_surname() {
    let seed = std::fs::read_to_string(root().join("examples/college/sandbox.yaml")).unwrap();
    let value = |line: &str| {
        line.split_once(": ")
            .map(|(_, value)| value.trim_matches('"').to_lowercase())
            .unwrap_or_default()
    };
    let of = |keys: &[&str]| -> Vec<String> {
        seed.lines()
            .filter(|line| {
                keys.iter()
                    .any(|key| line.trim_start_matches([' ', '-']).starts_with(key))
            })
            .map(value)
            .collect()
    };
    let (surnames, public) = (of(&["LastName:"]), of(&["MISID:", "Name:", "EpisodeName:"]));
    assert!(surnames.len() == 48 && public.len() > 48);
    for surname in surnames {
        assert!(
            !public.iter().any(|public| public.contains(&surname)),
            "{surname}"
        );
    }
}
