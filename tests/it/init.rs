//! `init`: a project that validates, from flags or from answers.

use std::path::Path;

use crate::harness::{Sandbox, root, rosterctl, rosterctl_on, transcript};

fn run(folder: &Path, args: &str) -> String {
    transcript(rosterctl().current_dir(folder).args(args.split(' ')))
}

#[test]
fn a_new_project_validates_and_plans() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(
        folder.path(),
        "init college --organisation 4711 --target sandbox",
    );
    insta::assert_snapshot!(said);
    let college = folder.path().join("college");
    assert_eq!(
        run(&college, "validate --deny warnings"),
        "Valid: 1 user in 1 file.\nexit 0\n"
    );
    let planned = run(&college, "plan");
    assert!(
        planned.contains("Plan: 1 to create, 0 to update") && planned.ends_with("exit 0\n"),
        "{planned}"
    );
    assert!(
        run(&college, "apply --auto-approve").ends_with("exit 4\n"),
        "it creates nobody to begin with"
    );
    for name in ["users", "project"] {
        let path = format!("schema/{name}.schema.json");
        assert_eq!(
            std::fs::read(college.join(&path)).unwrap(),
            std::fs::read(root().join(&path)).unwrap()
        );
    }
    // The example makes room for an export, but not for one that goes elsewhere.
    assert!(run(&college, "export --dir elsewhere").ends_with("exit 0\n"));
    assert!(college.join("users/example.yaml").exists());
    assert!(run(&college, "export").contains("No changes: 1 user is as declared."));
}

#[test]
fn workflows_are_those_of_the_examples() {
    let files = |folder: &Path| {
        let inside = walkdir::WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .flatten();
        let files = inside.filter(|entry| entry.file_type().is_file());
        files
            .map(|entry| {
                (
                    entry.path().strip_prefix(folder).unwrap().to_owned(),
                    std::fs::read(entry.path()).unwrap(),
                )
            })
            .collect::<Vec<_>>()
    };
    let folder = tempfile::tempdir().unwrap();
    assert!(
        run(
            folder.path(),
            "init hub --organisation 1 --target live --ci github"
        )
        .ends_with("exit 0\n")
    );
    assert_eq!(
        files(&folder.path().join("hub/.github")),
        files(&root().join("examples/ci/github"))
    );
    assert!(
        run(
            folder.path(),
            "init lab --organisation 1 --target live --ci gitlab"
        )
        .ends_with("exit 0\n")
    );
    let written = std::fs::read(folder.path().join("lab/.gitlab-ci.yml")).unwrap();
    assert_eq!(
        written,
        std::fs::read(root().join("examples/ci/gitlab-ci.yml")).unwrap()
    );
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".gitignore"), "mine\n").unwrap();
    let said = run(folder.path(), "init --organisation 1 --target live");
    assert!(
        said.contains("left as it is: .gitignore\n") && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join(".gitignore")).unwrap(),
        "mine\n"
    );
    let odd = tempfile::tempdir().unwrap();
    std::fs::write(odd.path().join("users"), "mine\n").unwrap();
    let said = run(odd.path(), "init --organisation 1 --target live");
    assert!(
        said.contains("users is a file where a folder is due") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(odd.path()).unwrap().count(), 1);
    let again = run(folder.path(), "init --organisation 2 --target live");
    assert!(
        again.contains("is a project already") && again.ends_with("exit 4\n"),
        "{again}"
    );
    assert!(
        std::fs::read_to_string(folder.path().join("rosterctl.yaml"))
            .unwrap()
            .contains("organisation: 1 ")
    );
}

#[test]
fn where_nobody_can_be_asked_flags_are_needed() {
    let folder = tempfile::tempdir().unwrap();
    let both = "give `--target NAME` and `--organisation ID`";
    for (args, flag) in [
        ("init", both),
        ("init --organisation 5", "give `--target NAME`\n"),
    ] {
        let said = run(folder.path(), args);
        assert!(said.contains(flag) && said.ends_with("exit 64\n"), "{said}");
    }
    assert!(run(folder.path(), "init --organisation 0 --target live").ends_with("exit 64\n"));
    let said = run(
        folder.path(),
        "init --organisation 1 --target live --export",
    );
    assert!(
        said.contains("ONEFILE_CUSTOMER_TOKEN") && said.ends_with("exit 64\n"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_it_asks_until_the_answer_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let seen = crate::terminal::session(
        folder.path(),
        "init",
        "sandbx\nsandbox\nabc\n-1\n5740\ngihub\nnone\n",
    );
    for part in [
        "The organisation's ID in OneFile: ",
        "write a number such as 5740",
        "write `sandbox`?",
        "write `github`?",
        "exit 0",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert_eq!(
        run(folder.path(), "validate"),
        "Valid: 1 user in 1 file.\nexit 0\n"
    );
    // Whoever breaks off leaves nothing half-written.
    let empty = tempfile::tempdir().unwrap();
    for keys in [
        "\u{4}",
        "sandbox\n\u{4}",
        "sandbox\n\u{3}",
        "sandbox\n5740\n\u{4}",
        "sandbox\n5740\n\u{3}",
    ] {
        let seen = crate::terminal::session(empty.path(), "init", keys);
        assert!(!seen.contains("wrote"), "{seen}");
        assert_eq!(
            std::fs::read_dir(empty.path()).unwrap().count(),
            0,
            "{seen}"
        );
    }
}

const LIVE: &str = "customers:
  - { ID: 1, Name: Example Colleges }
organisations:
  - { ID: 5740, Name: Example College }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }
  - { ID: 2, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
";

/// With a token it goes on: what the accounts are like, manifests for them, and the first plan.
#[test]
fn with_a_token_it_goes_on_to_the_first_plan() {
    let sandbox = Sandbox::start(LIVE);
    let folder = tempfile::tempdir().unwrap();
    let mut command = rosterctl_on(&sandbox);
    command.current_dir(folder.path());
    let args = [
        "init",
        "college",
        "--organisation",
        "5740",
        "--target",
        "practice",
        "--export",
    ];
    let said = transcript(command.args(args)).replace(&sandbox.base_url(), "BASE");
    insta::assert_snapshot!(said.replace("http://127.0.0.1:PORT/api/v2.1", "BASE"));
    assert!(!folder.path().join("college/users/example.yaml").exists());
    // Without being asked to, it writes no manifests.
    let mut command = rosterctl_on(&sandbox);
    command.current_dir(folder.path());
    let said = transcript(command.args([
        "init",
        "other",
        "--organisation",
        "5740",
        "--target",
        "practice",
    ]));
    assert!(
        said.contains("ok    the token is accepted") && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert!(folder.path().join("other/users/example.yaml").exists());
    assert!(!sandbox.requests().iter().any(crate::cases::is_write));
}

/// What was written stays, and the example with it.
#[test]
fn what_stands_in_the_way_of_the_first_plan_ends_it() {
    let sandbox = Sandbox::start(LIVE);
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, organisation: &str| {
        let mut command = rosterctl_on(&sandbox);
        let args = [
            "init",
            name,
            "--organisation",
            organisation,
            "--target",
            "practice",
            "--export",
        ];
        transcript(command.current_dir(folder.path()).args(args))
    };
    let said = run("wrong", "4711");
    assert!(
        said.contains("fail  there is no organisation 4711") && said.ends_with("exit 1\n"),
        "{said}"
    );
    assert!(folder.path().join("wrong/users/example.yaml").exists());
    let fault = "- { on: POST /User/Search/1/*, do: repeatRow }\n- { on: GET /User/2, do: { status: 400 } }\n";
    assert_eq!(
        sandbox.control(reqwest::Method::PUT, "faults", fault).0,
        200
    );
    let said = run("shifting", "5740");
    assert!(said.ends_with("exit 1\n"), "{said}");
    assert!(folder.path().join("shifting/users/example.yaml").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_it_says_which_organisations_there_are_and_offers_the_export() {
    let sandbox = Sandbox::start(LIVE);
    let with = [
        ("ONEFILE_BASE_URL", sandbox.base_url()),
        ("ONEFILE_CUSTOMER_TOKEN", "sandbox".to_owned()),
    ];
    for (answer, is_exported) in [("yes\n", true), ("no\n", false), ("\u{4}", false)] {
        let folder = tempfile::tempdir().unwrap();
        let keys = format!("practice\n574\n5740\nnone\n{answer}");
        let seen = crate::terminal::session_with(folder.path(), "init", &keys, &with);
        assert!(seen.contains("write one of the numbers above"), "{seen}");
        assert!(
            seen.contains("This token sees:") && seen.contains("  5740  Example College"),
            "{seen}"
        );
        assert_eq!(
            seen.contains("No changes: 2 users are as declared."),
            is_exported,
            "{seen}"
        );
        assert_eq!(
            folder.path().join("users/assessors.yaml").exists(),
            is_exported
        );
        assert_eq!(
            folder.path().join("users/example.yaml").exists(),
            !is_exported
        );
        assert!(seen.contains("exit 0"), "{seen}");
    }
}

/// Nothing is written through a link, nor over a file that only looks like one of ours.
#[test]
#[cfg(unix)]
fn what_lies_elsewhere_is_left_alone() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = || {
        let args = ["init", "--organisation", "5740", "--target", "sandbox"];
        transcript(
            crate::harness::rosterctl()
                .current_dir(folder.path())
                .args(args),
        )
    };
    std::fs::write(folder.path().join("rosterctl.yaml.partial"), "precious").unwrap();
    std::os::unix::fs::symlink(
        outside.path().join("victim"),
        folder.path().join(".gitignore.partial"),
    )
    .unwrap();
    let users = folder.path().join("users");
    std::os::unix::fs::symlink(outside.path(), &users).unwrap();
    let said = run();
    assert!(
        said.contains("leads out of the project") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert!(!folder.path().join("rosterctl.yaml").exists());
    std::fs::remove_file(users).unwrap();
    assert!(run().ends_with("exit 0\n"));
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("rosterctl.yaml.partial")).unwrap(),
        "precious"
    );
    assert!(
        !folder
            .path()
            .join(".gitignore")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
}
