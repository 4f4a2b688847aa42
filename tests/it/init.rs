//! `init`: a project that validates, from flags or from answers.

use std::path::Path;

use crate::harness::{root, rosterctl, transcript};

fn run(folder: &Path, args: &str) -> String {
    transcript(rosterctl().current_dir(folder).args(args.split(' ')))
}

#[test]
fn a_new_project_validates_and_plans() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(folder.path(), "init college --organisation 4711 --target sandbox");
    insta::assert_snapshot!(said);
    let college = folder.path().join("college");
    assert_eq!(run(&college, "validate --deny warnings"), "Valid: 1 user in 1 file.\nexit 0\n");
    let planned = run(&college, "plan");
    assert!(planned.contains("Plan: 1 to create, 0 to update") && planned.ends_with("exit 0\n"), "{planned}");
    assert!(run(&college, "apply --auto-approve").ends_with("exit 4\n"), "it creates nobody to begin with");
    for name in ["users", "project"] {
        let path = format!("schema/{name}.schema.json");
        assert_eq!(std::fs::read(college.join(&path)).unwrap(), std::fs::read(root().join(&path)).unwrap());
    }
    // Without the example, an export is what there is.
    std::fs::remove_file(college.join("users/example.yaml")).unwrap();
    assert!(run(&college, "export").contains("No changes: 1 user is as declared."));
}

#[test]
fn workflows_are_those_of_the_examples() {
    let files = |folder: &Path| {
        let inside = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
        let files = inside.filter(|entry| entry.file_type().is_file());
        files
            .map(|entry| (entry.path().strip_prefix(folder).unwrap().to_owned(), std::fs::read(entry.path()).unwrap()))
            .collect::<Vec<_>>()
    };
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), "init hub --organisation 1 --target live --ci github").ends_with("exit 0\n"));
    assert_eq!(files(&folder.path().join("hub/.github")), files(&root().join("examples/ci/github")));
    assert!(run(folder.path(), "init lab --organisation 1 --target live --ci gitlab").ends_with("exit 0\n"));
    let written = std::fs::read(folder.path().join("lab/.gitlab-ci.yml")).unwrap();
    assert_eq!(written, std::fs::read(root().join("examples/ci/gitlab-ci.yml")).unwrap());
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".gitignore"), "mine\n").unwrap();
    let said = run(folder.path(), "init --organisation 1 --target live");
    assert!(said.contains("left as it is: .gitignore\n") && said.ends_with("exit 0\n"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.path().join(".gitignore")).unwrap(), "mine\n");
    let again = run(folder.path(), "init --organisation 2 --target live");
    assert!(again.contains("is a project already") && again.ends_with("exit 4\n"), "{again}");
    assert!(std::fs::read_to_string(folder.path().join("rosterctl.yaml")).unwrap().contains("organisation: 1 "));
}

#[test]
fn where_nobody_can_be_asked_flags_are_needed() {
    let folder = tempfile::tempdir().unwrap();
    for (args, flag) in [("init", "--organisation ID"), ("init --organisation 5", "--target NAME")] {
        let said = run(folder.path(), args);
        assert!(said.contains(flag) && said.ends_with("exit 64\n"), "{said}");
    }
    assert!(run(folder.path(), "init --organisation 0 --target live").ends_with("exit 64\n"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_it_asks_until_the_answer_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let seen = crate::terminal::session(folder.path(), "init", "abc\n-1\n5740\nsandbx\nsandbox\n");
    for part in ["The organisation's ID in OneFile: ", "write a number such as 5740", "write `sandbox`?", "exit 0"] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert_eq!(run(folder.path(), "validate"), "Valid: 1 user in 1 file.\nexit 0\n");
    // Whoever breaks off leaves nothing half-written.
    let empty = tempfile::tempdir().unwrap();
    for keys in ["\u{4}", "5740\n\u{4}", "5740\n\u{3}"] {
        let seen = crate::terminal::session(empty.path(), "init", keys);
        assert!(!seen.contains("wrote"), "{seen}");
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "{seen}");
    }
}
