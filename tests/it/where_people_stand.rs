//! A command finds its project in the folders above, as git does, and takes none that belongs to somebody else.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::{project, rosterctl, transcript};

const SETTINGS: (&str, &str) = ("rosterctl.yaml", "organisation: 5740\ntarget: sandbox\n");
const SEED: (&str, &str) = (
    "sandbox.yaml",
    "organisations:\n  - { ID: 5740, Name: Example College }\nusers:\n  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }\n",
);
const USERS: (&str, &str) = (
    "users/staff/a.yaml",
    "defaults: { role: assessor }\nusers:\n  - { misId: A-1, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n",
);

fn college() -> TempDir {
    project(&[SETTINGS, SEED, USERS])
}

fn run(folder: &Path, args: &str) -> String {
    transcript(rosterctl().current_dir(folder).args(args.split(' ')))
}

#[test]
fn a_command_finds_its_project_in_a_folder_above() {
    let folder = college();
    let below = folder.path().join("users/staff");
    for args in [
        "validate",
        "plan",
        "plan --format json",
        "apply --auto-approve",
        "doctor",
        "history",
        "schema users",
        "sandbox reset",
        "export --overlay ../../private/p.csv --dir ../../other",
    ] {
        let said = run(&below, args);
        assert!(said.ends_with("exit 0\n"), "{args}: {said}");
        assert!(
            said.contains("note: the project is in ../..; its files are named from there"),
            "{args}: {said}"
        );
    }
    assert!(folder.path().join(".rosterctl").is_dir() && !below.join(".rosterctl").exists());
    assert!(folder.path().join("private/p.csv").exists() && folder.path().join("other").is_dir());
    // Where the project is, nothing is said of it.
    assert!(!run(folder.path(), "plan").contains("the project is in"));
}

#[test]
fn paths_on_the_command_line_count_from_where_people_stand() {
    let folder = college();
    let below = folder.path().join("users/staff");
    let said = run(&below, "validate a.yaml");
    assert!(said.ends_with("exit 0\n"), "{said}");
    let said = run(&below, "plan --out plan.json --journal here");
    assert!(
        said.ends_with("exit 0\n") && below.join("plan.json").exists(),
        "{said}"
    );
    assert!(run(&below, "apply --plan plan.json --journal here").ends_with("exit 0\n"));
    assert!(below.join("here").is_dir());
}

#[test]
fn the_nearest_project_counts_and_a_named_folder_is_the_only_one() {
    let folder = college();
    let inner = folder.path().join("users/inner");
    fs::create_dir_all(inner.join("deep")).unwrap();
    fs::write(inner.join("rosterctl.yaml"), "organisation: [").unwrap();
    let said = run(&inner.join("deep"), "validate");
    assert!(
        said.contains("note: the project is in ..;") && said.ends_with("exit 3\n"),
        "{said}"
    );
    let below = folder.path().join("users/staff");
    let said = run(&below, "plan -C .");
    assert!(said.contains("this folder has no rosterctl.yaml"), "{said}");
    let said = run(folder.path(), "plan -C users/staff");
    assert!(
        said.contains("users/staff has no rosterctl.yaml; type `-C .`")
            && said.ends_with("exit 64\n"),
        "{said}"
    );
    assert!(run(&below, "plan -C ../..").ends_with("exit 0\n"));
}

/// What `init` writes belongs where the person stands.
#[test]
fn a_new_project_below_another_is_written_where_the_folder_is_named() {
    let folder = college();
    let below = folder.path().join("users/staff");
    let said = run(&below, "init --organisation 1 --target sandbox");
    assert!(
        said.contains("`rosterctl init .`") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert!(!below.join("rosterctl.yaml").exists());
    let said = run(&below, "init . --organisation 1 --target sandbox");
    assert!(
        said.ends_with("exit 0\n") && below.join("rosterctl.yaml").exists(),
        "{said}"
    );
}

#[test]
fn a_file_or_nothing_behind_the_flag_says_what_to_type() {
    let folder = college();
    for (args, words) in [
        (
            "plan -C rosterctl.yaml",
            "`-C` takes a folder, and rosterctl.yaml is a file; type `-C .`",
        ),
        ("-C rosterctl.yaml validate", "type `-C .`"),
        ("doctor -C users/staff/a.yaml", "type `-C users/staff`"),
        ("plan -C nowhere", "there is no folder nowhere"),
    ] {
        let said = run(folder.path(), args);
        assert!(
            said.contains(words) && said.ends_with("exit 64\n"),
            "{args}: {said}"
        );
    }
    assert!(
        run(&folder.path().join("users"), "plan -C ../rosterctl.yaml").contains("type `-C ..`")
    );
}

/// Only root can give a file away, so elsewhere there is nothing to try.
#[test]
#[cfg(unix)]
fn a_project_above_that_belongs_to_somebody_else_is_not_used() {
    use std::os::unix::fs::chown;
    const SOMEBODY: Option<u32> = Some(54_321);
    for name in ["", "rosterctl.yaml"] {
        let folder = college();
        let below = folder.path().join("users/staff");
        if chown(folder.path().join(name), SOMEBODY, None).is_err() {
            return;
        }
        for args in ["plan", "doctor", "validate", "schema users"] {
            let said = run(&below, args);
            assert!(
                said.contains("belongs to another user, so it isn't used from a folder below")
                    && said.ends_with("exit 64\n"),
                "{args}: {said}"
            );
        }
        // Who names it, or stands in it, has chosen it.
        assert!(run(&below, "plan -C ../..").ends_with("exit 0\n"));
        assert!(run(folder.path(), "plan").ends_with("exit 0\n"));
        // As in git, root owns what belongs to the person who called sudo.
        let mut sudo = rosterctl();
        sudo.current_dir(&below).env("SUDO_UID", "54321");
        assert!(transcript(sudo.arg("plan")).ends_with("exit 0\n"));
    }
}
