//! Git as people have it: files that git-crypt or Git LFS store in another form, and failures of git. rosterctl passes on
//! what git says, and what to type.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{project, rosterctl, transcript};

const SETTINGS: (&str, &str) = ("rosterctl.yaml", "organisation: 5740\ntarget: sandbox\n");
const SEED: (&str, &str) = (
    "sandbox.yaml",
    "organisations:\n  - { ID: 5740, Name: Example College }\nusers:\n  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1, Telephone: 01632 960000 }\n",
);
const USERS: (&str, &str) = (
    "users/a.yaml",
    "defaults: { role: assessor }\nusers:\n  - { misId: A-1, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n",
);
const OVERLAY: (&str, &str) = (
    "users/o.yaml",
    "fromCsv: { path: ../private/o.csv, overlay: true }\n",
);
const ROWS: &str = "misId,telephone\nA-1,01632 960001\n";

/// Files as git stores them, with the words for each.
const STORED: [(&str, &str); 2] = [
    ("\0GITCRYPT\0\u{1}\u{2}", "is encrypted by git-crypt"),
    (
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 40\n",
        "is a pointer of Git LFS",
    ),
];

/// A repository in which a file is stored in another form, with the file itself in the work tree.
fn stored(name: &str, stored: &str, itself: &str) -> TempDir {
    let folder = project(&[SETTINGS, SEED, USERS, OVERLAY, ("private/o.csv", ROWS)]);
    fs::write(folder.path().join(name), stored).unwrap();
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    fs::write(folder.path().join(name), itself).unwrap();
    folder
}

fn run(folder: &Path, args: &str) -> String {
    transcript(rosterctl().current_dir(folder).args(args.split(' ')))
}

#[test]
fn an_overlay_that_git_stores_encrypted_counts_as_the_same_at_the_base() {
    for (bytes, words) in STORED {
        let folder = stored("private/o.csv", bytes, ROWS);
        let said = run(folder.path(), "plan --base main");
        assert!(
            said.contains(&format!("note: private/o.csv {words}")),
            "{said}"
        );
        assert!(
            said.contains("Nothing here is from this change. 1 other operation is waiting.")
                && said.ends_with("exit 0\n"),
            "{said}"
        );
    }
}

pub fn a_manifest_that_git_stores_encrypted_stops_the_plan_with_base_and_says_what_to_do() {
    let rows =
        "role,misId,firstName,lastName,email\nassessor,A-2,Bo,Birdwhistle,bo@example.ac.uk\n";
    for (bytes, words) in STORED {
        for (name, itself) in [USERS, SETTINGS, ("private/rows.csv", rows)] {
            let folder = stored(name, bytes, itself);
            if name.ends_with("csv") {
                let manifest = "fromCsv: { path: ../private/rows.csv }\n";
                fs::write(folder.path().join("users/rows.yaml"), manifest).unwrap();
                git(folder.path(), &["add", "users/rows.yaml"]);
                git(folder.path(), &["commit", "-q", "-m", "x"]);
            }
            let said = run(folder.path(), "plan --base main");
            assert!(
                said.contains(&format!("`{name}` {words}"))
                    && said.contains("plan without `--base`")
                    && said.ends_with("exit 64\n"),
                "{name}: {said}"
            );
            let without = run(folder.path(), "plan");
            assert!(without.ends_with("exit 0\n"), "{without}");
        }
    }
}

#[test]
fn a_file_that_is_still_encrypted_says_how_to_unlock_it() {
    for name in ["users/a.yaml", "private/o.csv"] {
        let folder = project(&[SETTINGS, SEED, USERS, OVERLAY, ("private/o.csv", ROWS)]);
        fs::write(folder.path().join(name), STORED[0].0).unwrap();
        let said = run(folder.path(), "validate");
        assert!(
            said.contains("is encrypted by git-crypt")
                && said.contains("`git-crypt unlock`")
                && said.ends_with("exit 3\n"),
            "{said}"
        );
    }
}

/// A repository with two commits on `main`, the newest checked out.
fn repository() -> TempDir {
    let folder = project(&[SETTINGS, SEED, USERS]);
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    git(folder.path(), &["branch", "before"]);
    fs::write(folder.path().join("note"), "x").unwrap();
    commit(folder.path());
    folder
}

type Spoil = fn(&Path);

/// The file of an object, such as `HEAD:users/a.yaml`.
fn object(folder: &Path, name: &str) -> std::path::PathBuf {
    let found = std::process::Command::new("git")
        .current_dir(folder)
        .args(["rev-parse", name])
        .output()
        .unwrap();
    let id = String::from_utf8(found.stdout).unwrap();
    let (folder_name, file) = id.trim().split_at(2);
    folder.join(".git/objects").join(folder_name).join(file)
}

/// Git writes objects that nobody may write to.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn failures_of_git_are_told_in_its_own_words() {
    let spoils: [(&str, Spoil, &[&str]); 7] = [
        (
            "a file that is damaged",
            |folder| overwrite(&object(folder, "before:users/a.yaml"), b"garbage"),
            &["git can't read the files of `", "inflate", "`git fsck`"],
        ),
        (
            "a file that isn't there",
            |folder| fs::remove_file(object(folder, "before:users/a.yaml")).unwrap(),
            &["git can't read the files of `", "clone without `--filter`"],
        ),
        (
            "a tree that is damaged",
            |folder| overwrite(&object(folder, "before:users"), b""),
            &["git can't read the files of `", "object"],
        ),
        (
            "a commit that is damaged",
            |folder| overwrite(&object(folder, "before"), b"garbage"),
            &["git can't read the files of `before`"],
        ),
        (
            "settings that git can't read",
            |folder| fs::write(folder.join(".git/config"), "[core\n").unwrap(),
            &["git refuses to work in this folder: bad config line 1 in file .git/config"],
        ),
        (
            "a link to a repository that isn't there",
            |folder| {
                fs::remove_dir_all(folder.join(".git")).unwrap();
                fs::write(folder.join(".git"), "gitdir: /nowhere/.git\n").unwrap();
            },
            &["git refuses to work in this folder: not a git repository: /nowhere/.git"],
        ),
        (
            "a branch without a commit",
            |folder| git(folder, &["checkout", "-q", "--orphan", "alone"]),
            &["this branch has no commit yet", "`git commit`"],
        ),
    ];
    for (what, spoil, words) in spoils {
        let folder = repository();
        spoil(folder.path());
        let said = run(folder.path(), "plan --base before");
        for word in words {
            assert!(said.contains(word), "{what}: {word}: {said}");
        }
        assert!(said.ends_with("exit 64\n"), "{what}: {said}");
    }
}

#[test]
fn a_repository_of_another_owner_is_told_with_gits_own_fix() {
    let folder = repository();
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let said = transcript(command.args(["plan", "--base", "before"]));
    assert!(said.contains("dubious ownership"), "{said}");
    let fix = format!(
        "if you trust this folder, run `git config --global --add safe.directory {}`",
        folder.path().canonicalize().unwrap().display()
    );
    assert!(said.contains(&fix) && said.ends_with("exit 64\n"), "{said}");
}

#[test]
fn a_machine_without_git_and_a_shallow_clone_say_what_to_do() {
    let folder = repository();
    let mut command = rosterctl();
    command.current_dir(folder.path()).env("PATH", "");
    let said = transcript(command.args(["plan", "--base", "before"]));
    assert!(
        said.contains("git can't be run, and `--base` compares with a commit; install it (git-scm.com) and open a new terminal, or plan without `--base`")
            && said.ends_with("exit 64\n"),
        "{said}"
    );
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    let depth = [
        "clone",
        "-q",
        "--depth",
        "1",
        "--no-single-branch",
        &url,
        "c",
    ];
    git(clone.path(), &depth);
    let said = run(&clone.path().join("c"), "plan --base origin/before");
    assert!(
        said.contains("`git fetch --unshallow`") && said.ends_with("exit 64\n"),
        "{said}"
    );
}
