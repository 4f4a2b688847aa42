//! Users who leave the manifests: nothing is done about them, and nobody can overlook it.

use std::path::Path;

use serde_json::Value;

use crate::cases::{prepared, steps};
use crate::change::{commit, git, in_git};
use crate::harness::{Sandbox, root, rosterctl_on, transcript, unwrapped};

const SEED: &str = "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\nusers:\n";
const PROJECT: (&str, &str) = ("rosterctl.yaml", "organisation: 5740\n");
const BASE: &[&str] = &["plan", "--base", "main", "--detailed-exitcode"];

fn user(number: usize) -> String {
    format!(
        "  - {{ misId: A-{number:04}, role: assessor, firstName: Ann{number}, lastName: Abbotsley, email: a{number}@example.ac.uk }}\n"
    )
}

fn users(numbers: impl Iterator<Item = usize>) -> String {
    format!("users:\n{}", numbers.map(user).collect::<String>())
}

/// A sandbox where each of so many users has an account.
fn sandbox(number: usize) -> Sandbox {
    let account = |at: usize| {
        format!(
            "  - {{ ID: {at}, OrganisationID: 5740, Role: 5, MISID: A-{at:04}, FirstName: Ann{at}, LastName: Abbotsley, Email: a{at}@example.ac.uk }}\n"
        )
    };
    Sandbox::start(&(SEED.to_owned() + &(1..=number).map(account).collect::<String>()))
}

fn run(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> String {
    transcript(rosterctl_on(sandbox).current_dir(folder).args(args))
}

fn write(folder: &Path, text: &str) {
    std::fs::write(folder.join("users/a.yaml"), text).unwrap();
}

#[test]
fn one_user_who_leaves_is_named_everywhere_and_stops_nothing() {
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(1..=30))]);
    let sandbox = sandbox(30);
    write(folder.path(), &users((1..=30).filter(|at| *at != 7)));
    let said = run(&sandbox, folder.path(), BASE);
    assert!(
        said.contains("No longer managed: A-0007. The account stays as it is."),
        "{said}"
    );
    assert!(
        !said.contains("No changes") && said.ends_with("exit 2\n"),
        "{said}"
    );
    let markdown = run(
        &sandbox,
        folder.path(),
        &["plan", "--base", "main", "--format", "markdown"],
    );
    assert!(
        markdown.contains("No longer managed: <code>A-0007</code>"),
        "{markdown}"
    );
    let json = run(
        &sandbox,
        folder.path(),
        &["plan", "--base", "main", "--format", "json"],
    );
    let json: Value = serde_json::from_str(json.split("stderr:").next().unwrap()).unwrap();
    assert_eq!(json["removed"][0]["misId"], "A-0007");
    assert_eq!(json["totals"]["removed"], 1);
    let applied = run(
        &sandbox,
        folder.path(),
        &["apply", "--base", "main", "--auto-approve"],
    );
    assert!(applied.ends_with("exit 0\n"), "{applied}");
}

#[test]
fn more_than_ten_who_leave_stop_an_apply_until_a_flag_or_the_policy_allows_it() {
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(1..=30))]);
    let sandbox = sandbox(30);
    let apply = ["apply", "--base", "main", "--auto-approve"];
    write(folder.path(), &users(11..=30));
    assert!(
        run(&sandbox, folder.path(), &apply).ends_with("exit 0\n"),
        "ten may leave"
    );
    write(folder.path(), &users(12..=30));
    let said = run(&sandbox, folder.path(), &apply);
    let words = "11 users are no longer managed, and `maxRemovals` is 10: `apply` needs `--allow-removals 11`, or `maxRemovals: 11` below `policy:` in rosterctl.yaml.";
    assert!(unwrapped(&said).contains(words), "{said}");
    assert!(
        said.contains("Nothing was applied.") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert!(unwrapped(&run(&sandbox, folder.path(), BASE)).contains(words));
    let with = |number: &'static str| [&apply[..], &["--allow-removals", number]].concat();
    assert!(run(&sandbox, folder.path(), &with("10")).ends_with("exit 4\n"));
    assert!(run(&sandbox, folder.path(), &with("11")).ends_with("exit 0\n"));
    let policy = "organisation: 5740\npolicy: { maxRemovals: 11 }\n";
    std::fs::write(folder.path().join("rosterctl.yaml"), policy).unwrap();
    assert!(run(&sandbox, folder.path(), &apply).ends_with("exit 0\n"));
}

/// An apply with something to do refuses, too, and does none of it.
#[test]
fn nothing_else_is_applied_while_too_many_leave() {
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(1..=30))]);
    let sandbox = sandbox(30);
    write(folder.path(), &users(12..=31));
    let said = run(
        &sandbox,
        folder.path(),
        &["apply", "--base", "main", "--auto-approve"],
    );
    assert!(
        said.contains("maxRemovals") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(sandbox.state()["users"].as_array().unwrap().len(), 30);
}

#[test]
fn all_users_but_one_who_leave_are_named_in_text_and_markdown() {
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(1..=300))]);
    let sandbox = sandbox(300);
    write(folder.path(), &users(300..=300));
    let said = run(&sandbox, folder.path(), BASE);
    assert!(
        unwrapped(&said).contains("A-0200 and 99 more (`--full` names them)."),
        "{said}"
    );
    let full = run(
        &sandbox,
        folder.path(),
        &["plan", "--base", "main", "--full"],
    );
    assert!(unwrapped(&full).contains("A-0298, A-0299. Their"), "{full}");
    let markdown = run(
        &sandbox,
        folder.path(),
        &["plan", "--base", "main", "--format", "markdown"],
    );
    assert!(
        markdown.contains("**299 users are no longer managed.**"),
        "{markdown}"
    );
    assert!(
        markdown.contains("A-0001") && markdown.contains("A-0299"),
        "{markdown}"
    );
    let short = [
        "plan",
        "--base",
        "main",
        "--format",
        "markdown",
        "--max-bytes",
        "2000",
    ];
    let markdown = run(&sandbox, folder.path(), &short);
    assert!(
        markdown.contains("**299 users are no longer managed.**") && markdown.contains(" more."),
        "{markdown}"
    );
    assert!(markdown.len() < 2_100, "{markdown}");
}

/// A file that moves, a MIS value that is edited, a pin in place of a MIS value and another role take nobody out.
#[test]
fn who_is_declared_in_another_way_has_not_left() {
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(1..=5))]);
    let sandbox = sandbox(5);
    std::fs::remove_file(folder.path().join("users/a.yaml")).unwrap();
    std::fs::create_dir(folder.path().join("users/staff")).unwrap();
    let rekeyed = user(1).replace("A-0001", "B-9");
    let pinned = "  - { id: 2, role: assessor }\n";
    let other_role = user(3).replace("assessor", "iqa");
    let text = format!(
        "users:\n{rekeyed}{pinned}{other_role}{}{}",
        user(4),
        user(5)
    );
    std::fs::write(folder.path().join("users/staff/b.yaml"), text).unwrap();
    let said = run(&sandbox, folder.path(), BASE);
    assert!(!said.contains("o longer managed"), "{said}");
}

#[test]
fn a_mis_value_that_is_an_address_is_counted_and_not_shown() {
    let personal = user(2).replace("A-0002", "ann@example.ac.uk");
    let folder = in_git(&[
        PROJECT,
        ("users/a.yaml", &format!("{}{personal}", users(1..=1))),
    ]);
    let sandbox = sandbox(1);
    write(folder.path(), &users(1..=1));
    for format in ["text", "markdown", "json"] {
        let said = run(
            &sandbox,
            folder.path(),
            &["plan", "--base", "main", "--format", format],
        );
        assert!(
            !said.contains("ann@") && !said.contains("ann&#64;"),
            "{said}"
        );
        assert!(
            format == "json" || said.contains("1 user whose MIS value"),
            "{said}"
        );
    }
}

#[test]
fn a_change_of_others_takes_nobody_out() {
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(1..=3))]);
    let sandbox = sandbox(3);
    git(folder.path(), &["checkout", "-q", "main"]);
    write(folder.path(), &users(1..=2));
    commit(folder.path());
    git(folder.path(), &["checkout", "-q", "change"]);
    let said = run(&sandbox, folder.path(), BASE);
    assert!(
        said.contains("No changes") && said.ends_with("exit 0\n"),
        "{said}"
    );
}

#[test]
fn who_still_names_somebody_who_left_stands_in_the_comment_and_in_the_plan_file() {
    let case = root().join("tests/cases/somebody_who_left_and_is_still_named_is_told");
    let (folder, sandbox) = prepared(&case);
    steps(&case, folder.path(), &sandbox);
    let plan = |format: &str| {
        let args = ["plan", "--base", "HEAD", "--format", format];
        run(&sandbox, folder.path(), &args)
    };
    let words = "A-001 left the files, and 3 learners still name them as defaultAssessor: L-0001, L-0002, L-0003.";
    let markdown = plan("markdown");
    assert!(markdown.contains(words), "{markdown}");
    let json = plan("json");
    let json: Value = serde_json::from_str(json.split("stderr:").next().unwrap()).unwrap();
    let left = &json["removed"][0];
    assert_eq!(left["misId"], "A-001");
    assert_eq!(left["stillNamedBy"][2]["misId"], "L-0003");
    assert_eq!(json["removed"][2]["misId"], "A-004");
    assert!(json["removed"][2]["stillNamedBy"].is_null());
}

/// Thirty are counted, the first are named, and `--full` names all.
#[test]
fn of_many_who_name_somebody_who_left_the_first_are_named() {
    let learner = |at: usize| {
        format!(
            "  - {{ misId: L-{at:04}, firstName: Ann{at}, lastName: Abbotsley, email: l{at}@example.ac.uk }}\n"
        )
    };
    let learners: String = (1..=30).map(learner).collect();
    let learners = format!(
        "defaults: {{ role: learner, classroom: A, placement: B, defaultAssessor: A-0001 }}\nusers:\n{learners}"
    );
    let folder = in_git(&[
        PROJECT,
        ("users/a.yaml", &users(1..=2)),
        ("users/l.yaml", &learners),
    ]);
    let sandbox = sandbox(2);
    write(folder.path(), &users(2..=2));
    let said = unwrapped(&run(&sandbox, folder.path(), BASE));
    let words = "30 learners still name them as defaultAssessor: L-0001, L-0002, L-0003, L-0004, L-0005, 25 more.";
    assert!(said.contains(words), "{said}");
    let full = run(&sandbox, folder.path(), &[BASE, &["--full"]].concat());
    assert!(unwrapped(&full).contains("L-0029, L-0030."), "{full}");
}
