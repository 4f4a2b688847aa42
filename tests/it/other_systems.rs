//! What Windows and macOS do to a project: other line ends, folders of several spellings, files that can't be written.

use std::fs;
use std::path::Path;

use crate::change::{commit, git};
use crate::harness::{Sandbox, copy_of, project, root, rosterctl, rosterctl_on, transcript};

fn college() -> tempfile::TempDir {
    copy_of(&root().join("examples/college"))
}

/// Gives every YAML file and table the line ends that git for Windows writes.
fn with_crlf(folder: &Path) {
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        let path = entry.path();
        let is_hidden = path.components().any(|part| part.as_os_str() == ".git");
        let ends = ["yaml", "csv"];
        let is_text = path
            .extension()
            .is_some_and(|end| ends.iter().any(|known| end == *known));
        if is_text && !is_hidden {
            let text = fs::read_to_string(path).unwrap();
            fs::write(path, text.replace("\r\n", "\n").replace('\n', "\r\n")).unwrap();
        }
    }
}

fn said(folder: &Path, args: &[&str]) -> String {
    transcript(rosterctl().current_dir(folder).args(args))
}

#[test]
fn line_ends_of_windows_change_no_finding_and_no_plan() {
    let (unix, windows) = (college(), college());
    with_crlf(windows.path());
    for args in [
        &["validate"][..],
        &["plan", "--sandbox"],
        &["plan", "--sandbox", "--format", "markdown"],
    ] {
        assert_eq!(
            said(unix.path(), args),
            said(windows.path(), args),
            "{args:?}"
        );
    }
}

#[test]
fn line_ends_of_windows_are_no_change() {
    let folder = college();
    let organisation = folder.path();
    said(organisation, &["plan", "--sandbox"]);
    let first = said(organisation, &["plan", "--sandbox"]);
    git(organisation, &["init", "--quiet", "--initial-branch=main"]);
    commit(organisation);
    with_crlf(organisation);
    let again = said(organisation, &["plan", "--sandbox"]);
    assert_eq!(again, first, "the sandbox's own file hasn't changed");
    let changed = said(
        organisation,
        &["plan", "--sandbox", "--base", "main", "--only-changed"],
    );
    assert!(
        changed.contains("No changes") || changed.contains("Nothing to change"),
        "{changed}"
    );
}

#[test]
fn an_example_with_line_ends_of_windows_gives_way_to_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let made = said(
        folder.path(),
        &[
            "init",
            "new",
            "--organisation",
            "5740",
            "--target",
            "sandbox",
        ],
    );
    assert!(made.ends_with("exit 0\n"), "{made}");
    let new = folder.path().join("new");
    fs::copy(
        root().join("examples/college/sandbox.yaml"),
        new.join("sandbox.yaml"),
    )
    .unwrap();
    with_crlf(&new);
    let exported = said(&new, &["export", "--sandbox"]);
    assert!(exported.ends_with("exit 0\n"), "{exported}");
    assert!(!new.join("users/example.yaml").exists());
}

#[test]
fn a_file_that_cannot_be_written_is_refused_before_anything_is_read() {
    let sandbox = Sandbox::start("organisations:\n  - { ID: 5740, Name: Example College }\n");
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
    fs::create_dir(folder.path().join("taken")).unwrap();
    for flag in ["--out", "--markdown", "--html", "--csv"] {
        for (file, why) in [
            ("missing/plan", "there is no folder missing"),
            ("taken", "taken is a folder"),
        ] {
            let plan = transcript(
                rosterctl_on(&sandbox)
                    .current_dir(folder.path())
                    .args(["plan", flag, file]),
            );
            assert!(
                plan.contains(why) && plan.ends_with("exit 64\n"),
                "{flag} {plan}"
            );
        }
    }
    assert_eq!(sandbox.requests().len(), 0);
}

/// A shell of Windows writes `>` in an encoding that editors refuse.
#[test]
fn a_schema_goes_to_a_file_in_a_new_folder() {
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
    let printed = rosterctl()
        .current_dir(folder.path())
        .args(["schema", "users"])
        .output()
        .unwrap();
    let wrote = said(
        folder.path(),
        &["schema", "users", "--out", "schema/users.json"],
    );
    assert_eq!(wrote, "exit 0\n");
    assert_eq!(
        fs::read(folder.path().join("schema/users.json")).unwrap(),
        printed.stdout
    );
}

/// As a disk that takes no heed of capitals, a link gives a folder two spellings.
#[cfg(unix)]
#[test]
fn a_file_of_the_project_counts_however_its_folder_is_spelt() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    crate::harness::copy_into(&root().join("examples/college"), &real);
    fs::remove_dir_all(real.join("users")).unwrap();
    std::os::unix::fs::symlink(&real, folder.path().join("link")).unwrap();
    let csv = real.join("private/new.csv");
    let exported = said(
        folder.path(),
        &[
            "-C",
            "link",
            "export",
            "--sandbox",
            "--overlay",
            csv.to_str().unwrap(),
        ],
    );
    assert!(exported.ends_with("exit 0\n"), "{exported}");
    assert!(csv.exists());
    let ignored = fs::read_to_string(real.join(".gitignore")).unwrap();
    assert!(ignored.contains("/private/new.csv"), "{ignored}");
}
