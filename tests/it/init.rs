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

/// Every file of a folder with its text.
fn texts(folder: &Path) -> std::collections::BTreeMap<String, String> {
    let mut texts = std::collections::BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            texts.insert(name.to_str().unwrap().to_owned(), text);
        }
    }
    texts
}

#[test]
fn a_project_that_exists_gets_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "init --organisation 5740 --target practice");
    std::fs::write(folder.path().join("users/mine.yaml"), "users: []\n").unwrap();
    std::fs::remove_file(folder.path().join(".vscode/extensions.json")).unwrap();
    let before = texts(folder.path());
    let said = run(folder.path(), "init --ci github");
    assert!(said.ends_with("exit 0\n"), "{said}");
    for line in [
        "left as it is: .gitignore\n",
        "wrote .vscode/extensions.json\n",
        "left as it is: schema/users.schema.json\n",
        "wrote .github/workflows/plan.yml\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    for other in ["rosterctl.yaml", "users/example.yaml", "sandbox.yaml"] {
        assert!(
            !said.contains(other),
            "{other} is none of its business: {said}"
        );
    }
    let after = texts(folder.path());
    for (name, text) in &before {
        assert_eq!(after.get(name), Some(text), "{name}");
    }
    assert!(after.contains_key(".github/workflows/apply.yml"));
    let again = run(folder.path(), "init --ci github");
    assert!(
        !again.contains("wrote ") && again.ends_with("exit 0\n"),
        "{again}"
    );
    // A project that another command made lacks more.
    let seeded = tempfile::tempdir().unwrap();
    run(seeded.path(), "sandbox seed --learners 3 --out college");
    let college = seeded.path().join("college");
    let said = run(&college, "init --ci gitlab");
    assert!(
        said.contains("wrote .gitignore\n")
            && said.contains("wrote schema/users.schema.json\n")
            && said.contains("wrote .gitlab-ci.yml\n"),
        "{said}"
    );
    assert!(!college.join("users/example.yaml").exists());
    assert!(run(&college, "plan").ends_with("exit 0\n"));
}

#[test]
fn schemas_follow_the_defaults_of_a_project() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "init --organisation 5740 --target sandbox");
    let settings = folder.path().join("rosterctl.yaml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(
        &settings,
        text + "defaults: { placement: Brightwater Bakery }\n",
    )
    .unwrap();
    let said = run(folder.path(), "init");
    assert!(
        said.contains("updated schema/users.schema.json\n")
            && said.contains("left as it is: schema/project.schema.json\n"),
        "{said}"
    );
    let schema = std::fs::read_to_string(folder.path().join("schema/users.schema.json")).unwrap();
    let printed = run(folder.path(), "schema users");
    assert_eq!(printed, schema + "exit 0\n");
}

#[test]
fn what_has_to_be_edited_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    for (ci, number) in [("github", 5), ("gitlab", 4)] {
        let args = format!("init {ci} --organisation 5740 --target live --ci {ci}");
        let said = run(folder.path(), &args);
        let (_, edits) = said.split_once("\nTo edit:\n").unwrap();
        let places: Vec<&str> = edits.lines().filter(|line| line.contains(':')).collect();
        let mut checked = 0;
        for place in places {
            let Some((file, line)) = place.trim().rsplit_once(':') else {
                continue;
            };
            let Ok(line) = line.parse::<usize>() else {
                continue;
            };
            let text = std::fs::read_to_string(folder.path().join(ci).join(file)).unwrap();
            let there = text.lines().nth(line - 1).unwrap();
            assert!(
                ["never", "git.example", "0000000", "branches:", "An example"]
                    .iter()
                    .any(|words| there.contains(words)),
                "{place}: {there}"
            );
            checked += 1;
        }
        assert_eq!(checked, number, "{said}");
    }
    // What somebody has edited isn't named again.
    let action = folder
        .path()
        .join("github/.github/actions/rosterctl/action.yml");
    let text = std::fs::read_to_string(&action).unwrap();
    let edited = text.replace(
        "https://git.example.ac.uk/data-team/rosterctl.git",
        "https://git.college.example/rosterctl.git",
    );
    std::fs::write(&action, edited).unwrap();
    let said = run(&folder.path().join("github"), "init --ci github");
    assert!(
        !said.contains("where git finds the source")
            && said.contains("write the commit of rosterctl"),
        "{said}"
    );
}

#[test]
fn a_gitignore_of_ones_own_is_told_what_it_lacks() {
    for (text, lacks) in [
        (
            "mine\n",
            Some("private/, plan.json, plan.md, doubtful.csv."),
        ),
        (
            "/private/\nplan.json\n",
            Some("Add to .gitignore what it doesn't name: plan.md, doubtful.csv."),
        ),
        ("private/\nplan.json\nplan.md\ndoubtful.csv\n", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".gitignore"), text).unwrap();
        let said = run(folder.path(), "init --organisation 1 --target live");
        match lacks {
            Some(words) => assert!(said.contains(words), "{said}"),
            None => assert!(!said.contains("Add to .gitignore"), "{said}"),
        }
    }
}

#[test]
fn a_project_is_told_what_contradicts_it_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "init --organisation 5740 --target practice");
    let before = texts(folder.path());
    for (args, words) in [
        (
            "init --organisation 1 --ci github",
            "says `organisation: 5740`",
        ),
        ("init --target live --ci github", "Its server is practice"),
        ("init --export", "`rosterctl export` writes manifests"),
    ] {
        let said = run(folder.path(), args);
        assert!(
            said.contains(words)
                && said.contains("is a project already")
                && said.ends_with("exit 4\n"),
            "{said}"
        );
        assert_eq!(texts(folder.path()), before);
    }
    assert!(run(folder.path(), "init --organisation 5740 --target practice").ends_with("exit 0\n"));
    let users = folder.path().join("users");
    let said = run(&users, "init --organisation 5740 --target practice");
    assert!(
        said.contains("`rosterctl init ..` adds to that one") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert!(run(&users, "init ..").ends_with("exit 0\n"));
    assert!(run(&users, "init . --organisation 5740 --target practice").ends_with("exit 0\n"));
    std::fs::write(folder.path().join("rosterctl.yaml"), "organisation: none\n").unwrap();
    assert!(run(folder.path(), "init --ci github").ends_with("exit 3\n"));
    assert!(!folder.path().join(".github").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn enter_takes_the_default_and_the_servers_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let seen = crate::terminal::session(folder.path(), "init", "\n\n5740\n\n");
    for part in [
        "sandbox   a simulated OneFile on this machine: needs no token, e-mails nobody",
        "practice  OneFile's server for practice: e-mails real people, too",
        "The server [sandbox]: ",
        "write a number such as 5740; OneFile's support knows it",
        "Workflows for CI: github, gitlab, none [none]: ",
        "exit 0",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    let settings = std::fs::read_to_string(folder.path().join("rosterctl.yaml")).unwrap();
    assert!(settings.contains("target: sandbox "), "{settings}");
    // The case of letters doesn't matter.
    let folder = tempfile::tempdir().unwrap();
    let seen = crate::terminal::session(folder.path(), "init", "Practice\n5740\nGitHub\n");
    assert!(seen.contains("wrote .github/workflows/plan.yml"), "{seen}");
    // With a token that sees one organisation, Enter is enough for all.
    let sandbox = Sandbox::start(LIVE);
    let with = [
        ("ONEFILE_BASE_URL", sandbox.base_url()),
        ("ONEFILE_CUSTOMER_TOKEN", "sandbox".to_owned()),
    ];
    let folder = tempfile::tempdir().unwrap();
    let seen = crate::terminal::session_with(folder.path(), "init", "\n\n\nno\n", &with);
    assert!(
        seen.contains("The server [practice]: ")
            && seen.contains("The organisation's ID in OneFile [5740]: "),
        "{seen}"
    );
    let settings = std::fs::read_to_string(folder.path().join("rosterctl.yaml")).unwrap();
    assert!(
        settings.contains("organisation: 5740 ") && settings.contains("target: practice "),
        "{settings}"
    );
}
