//! `--base`: what a change to the manifests brings about, told from the rest; and planning that alone.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::cases::requests;
use crate::harness::{Sandbox, project, rosterctl_on, transcript};

const SEED: &str = "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\nusers:\n";
const PROJECT: &str = "organisation: 5740\n";

pub fn git(folder: &Path, args: &[&str]) {
    let done = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.ac.uk",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(args)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// A project in git, its files committed on `main`, and a branch that stems from it.
pub fn in_git(files: &[(&str, &str)]) -> TempDir {
    let folder = project(files);
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    git(folder.path(), &["checkout", "-q", "-b", "change"]);
    folder
}

pub fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "x"]);
}

fn user(number: usize, more: &str) -> String {
    format!(
        "  - {{ misId: A-{number:03}, role: assessor, firstName: Ann{number}, lastName: Abbotsley, email: a{number}@example.ac.uk{more} }}\n"
    )
}

fn account(number: usize, more: &str) -> String {
    format!(
        "  - {{ ID: {number}, OrganisationID: 5740, Role: 5, MISID: A-{number:03}, FirstName: Ann{number}, LastName: Abbotsley, Email: a{number}@example.ac.uk{more} }}\n"
    )
}

fn manifest(users: &[String]) -> String {
    format!("users:\n{}", users.concat())
}

fn plan(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> String {
    transcript(
        rosterctl_on(sandbox)
            .current_dir(folder)
            .arg("plan")
            .args(args),
    )
}

#[test]
fn operations_are_told_by_what_they_come_from() {
    let before: Vec<_> = (1..5)
        .map(|number| user(number, ", telephone: 01632 960001"))
        .collect();
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&before)),
    ]);
    let mut after = before.clone();
    after[0] = user(1, ", telephone: 01632 960009");
    after.push(user(7, ""));
    after.remove(3);
    std::fs::write(folder.path().join("users/a.yaml"), manifest(&after)).unwrap();
    let text = "organisation: 5740\npolicy: { maxCreates: 500, creates: allowed }\n";
    std::fs::write(folder.path().join("rosterctl.yaml"), text).unwrap();
    commit(folder.path());
    let accounts: String = (1..5)
        .filter(|number| *number != 3)
        .map(|number| account(number, ""))
        .collect();
    let sandbox = Sandbox::start(&format!("{SEED}{accounts}"));
    insta::assert_snapshot!(plan(&sandbox, folder.path(), &["--base", "main"]));
    let said = plan(
        &sandbox,
        folder.path(),
        &["--base", "main", "--only-changed"],
    );
    insta::assert_snapshot!(said);
}

/// Ten thousand declared users, five of them edited: five accounts are looked at.
#[test]
fn only_the_changed_accounts_are_read() {
    let number = 300;
    let before: Vec<_> = (1..=number)
        .map(|at| user(at, ", telephone: 01632 960001"))
        .collect();
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&before)),
    ]);
    let after: Vec<_> = (1..=number)
        .map(|at| {
            user(
                at,
                if at % 60 == 0 {
                    ", telephone: 01632 960002"
                } else {
                    ", telephone: 01632 960001"
                },
            )
        })
        .collect();
    std::fs::write(folder.path().join("users/a.yaml"), manifest(&after)).unwrap();
    let accounts: String = (1..=number)
        .map(|at| account(at, ", Telephone: 01632 960003"))
        .collect();
    let sandbox = Sandbox::start(&format!("{SEED}{accounts}"));
    let said = plan(
        &sandbox,
        folder.path(),
        &["--base", "main", "--only-changed"],
    );
    assert!(
        said.contains("Plan: 0 to create, 5 to update, 0 unchanged, 0 held."),
        "{said}"
    );
    assert!(
        said.contains("295 declared users aren't edited by this change: not checked."),
        "{said}"
    );
    let calls = requests(&sandbox.requests());
    assert_eq!(
        calls
            .lines()
            .filter(|line| line.contains("GET /User/"))
            .count(),
        5,
        "{calls}"
    );
}

#[test]
fn an_edited_mis_value_is_held_as_a_re_key() {
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&[user(1, ""), user(2, "")])),
    ]);
    let rekeyed = user(1, "").replace("A-001", "X-901");
    std::fs::write(
        folder.path().join("users/a.yaml"),
        manifest(&[rekeyed, user(2, "")]),
    )
    .unwrap();
    let seen = account(1, "")
        .replace("Ann1", "Anna")
        .replace("a1@", "anna@");
    let sandbox = Sandbox::start(&format!("{SEED}{seen}{}", account(2, "")));
    let said = plan(&sandbox, folder.path(), &["--base", "main"]);
    assert!(
        said.contains("this change gives A-001 another MIS value, and account 1 has the"),
        "{said}"
    );
    assert!(said.contains("`distinctFrom: [1]`"), "{said}");
    // Without a base nobody knows.
    assert!(plan(&sandbox, folder.path(), &[]).contains("1 to create"));
}

#[test]
fn a_base_that_is_not_valid_makes_everybody_changed() {
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", "users:\n  - { misId: A-001 }\n"),
    ]);
    std::fs::write(
        folder.path().join("users/a.yaml"),
        manifest(&[user(1, ", telephone: 01632 960001")]),
    )
    .unwrap();
    let sandbox = Sandbox::start(&format!("{SEED}{}", account(1, "")));
    let said = plan(
        &sandbox,
        folder.path(),
        &["--base", "main", "--only-changed"],
    );
    assert!(
        said.contains("aren't valid, so that everybody counts as changed"),
        "{said}"
    );
    assert!(
        said.contains("From this change:") && said.contains("1 to update"),
        "{said}"
    );
}

#[test]
fn what_can_not_be_compared_is_sent_once_by_the_change_that_edits_it() {
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&[user(1, "")])),
    ]);
    std::fs::write(
        folder.path().join("users/a.yaml"),
        manifest(&[user(1, ", website: x.example.ac.uk")]),
    )
    .unwrap();
    let sandbox = Sandbox::start(&format!(
        "{SEED}{}behaviour:\n  neverShown: [Website]\n",
        account(1, "")
    ));
    let said = plan(&sandbox, folder.path(), &["--base", "main"]);
    assert!(
        said.contains("website          (personal) (unverified)") && said.contains("1 to update"),
        "{said}"
    );
    commit(folder.path());
    git(folder.path(), &["checkout", "-q", "-B", "main"]);
    let said = plan(&sandbox, folder.path(), &["--base", "main"]);
    assert!(
        said.contains("Nothing to change. 1 field was not compared."),
        "{said}"
    );
}

/// A private overlay isn't in git, and so is the same before and after a change.
#[test]
fn an_overlay_outside_of_git_is_no_change() {
    let users = format!(
        "{}---\nfromCsv: {{ path: ../private/x.csv, overlay: true }}\n",
        manifest(&[user(1, "")])
    );
    let files = [
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &users),
        (".gitignore", "private/\n"),
    ];
    let folder = in_git(&files);
    std::fs::create_dir(folder.path().join("private")).unwrap();
    std::fs::write(
        folder.path().join("private/x.csv"),
        "misId,telephone\nA-001,01632 960001\n",
    )
    .unwrap();
    let sandbox = Sandbox::start(&format!("{SEED}{}", account(1, "")));
    let said = plan(&sandbox, folder.path(), &["--base", "main"]);
    assert!(
        said.contains("Not from this change:")
            && said.contains("Nothing here is from this change. 1 other operation is waiting."),
        "{said}"
    );
}

#[test]
fn a_base_that_is_not_there_says_what_to_fetch() {
    let sandbox = Sandbox::start(&format!("{SEED}{}", account(1, "")));
    let outside = project(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&[user(1, "")])),
    ]);
    let said = plan(&sandbox, outside.path(), &["--base", "main"]);
    assert!(
        said.contains("isn't in a git repository") && said.ends_with("exit 64\n"),
        "{said}"
    );
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&[user(1, "")])),
    ]);
    for reference in ["origin/main", "--output=x"] {
        let said = plan(&sandbox, folder.path(), &[&format!("--base={reference}")]);
        assert!(
            said.contains("`fetch-depth: 0`") && said.ends_with("exit 64\n"),
            "{said}"
        );
    }
    git(folder.path(), &["checkout", "-q", "--orphan", "alone"]);
    std::fs::write(folder.path().join("note"), "another root").unwrap();
    commit(folder.path());
    let said = plan(&sandbox, folder.path(), &["--base", "main"]);
    assert!(said.contains("stem from"), "{said}");
    assert!(plan(&sandbox, folder.path(), &["--only-changed"]).contains("--base <REF>"));
}

/// The branch is merged, and its plan is applied in the scope in which it was reviewed: drift stays as it is.
#[test]
fn a_reviewed_change_is_applied_after_its_merge() {
    let before: Vec<_> = (1..4)
        .map(|at| user(at, ", telephone: 01632 960001"))
        .collect();
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&before)),
    ]);
    let mut after = before.clone();
    after[0] = user(1, ", telephone: 01632 960009");
    std::fs::write(folder.path().join("users/a.yaml"), manifest(&after)).unwrap();
    commit(folder.path());
    let accounts: String = (1..4)
        .map(|at| account(at, ", Telephone: 01632 960002"))
        .collect();
    let sandbox = Sandbox::start(&format!("{SEED}{accounts}"));
    plan(
        &sandbox,
        folder.path(),
        &["--base", "main", "--only-changed", "--out", "plan.json"],
    );
    git(folder.path(), &["checkout", "-q", "main"]);
    git(
        folder.path(),
        &["merge", "-q", "--no-ff", "-m", "x", "change"],
    );
    let mut apply = rosterctl_on(&sandbox);
    let said = transcript(
        apply
            .current_dir(folder.path())
            .args(["apply", "--plan", "plan.json"]),
    );
    assert!(
        said.contains("Applied: 0 created, 1 updated.") && said.ends_with("exit 0\n"),
        "{said}"
    );
}

/// That lists hide accounts is known from a pin that the change doesn't touch.
#[test]
fn nobody_is_created_while_lists_hide_accounts_whoever_is_planned() {
    let pinned = "  - { id: 1, role: assessor }\n".to_owned();
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(std::slice::from_ref(&pinned))),
    ]);
    std::fs::write(
        folder.path().join("users/a.yaml"),
        manifest(&[pinned, user(3, "")]),
    )
    .unwrap();
    let accounts = account(1, ", Archived: true") + &account(2, "");
    let sandbox = Sandbox::start(&format!("{SEED}{accounts}behaviour:\n  archived: hidden\n"));
    let said = plan(
        &sandbox,
        folder.path(),
        &["--base", "main", "--only-changed"],
    );
    assert!(
        said.contains("no list shows 1, which exist") && !said.contains("+ assessor"),
        "{said}"
    );
}

/// By ULN where name and address have changed, too; and where the new MIS value is somebody else's.
#[test]
fn a_re_key_is_known_by_what_stays() {
    let person = |mis_id: &str, first: &str, email: &str| {
        format!(
            "  - {{ misId: {mis_id}, role: learner, firstName: {first}, lastName: Abbotsley, email: {email}@example.ac.uk, uln: \"0000000018\", classroom: B, placement: P, defaultAssessor: A-002 }}\n"
        )
    };
    let before = manifest(&[user(2, ""), person("L-1", "Kim", "kim")]);
    let folder = in_git(&[("rosterctl.yaml", PROJECT), ("users/a.yaml", &before)]);
    let directory = "classrooms:\n  - { ID: 1, OrganisationID: 5740, Name: B }\nplacements:\n  - { ID: 1, OrganisationID: 5740, Name: P }\n";
    let learners: String = ["L-1", "L-7"].iter().zip(11..).map(|(mis_id, id)| format!("  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: {mis_id}, FirstName: X, LastName: Y, Email: x{id}@example.ac.uk }}\n")).collect();
    let sandbox = Sandbox::start(&format!("{SEED}{}{learners}{directory}", account(2, "")));
    for mis_id in ["Z-9", "L-7"] {
        let after = manifest(&[user(2, ""), person(mis_id, "Alex", "alex")]);
        std::fs::write(folder.path().join("users/a.yaml"), after).unwrap();
        let said = plan(&sandbox, folder.path(), &["--base", "main"]);
        assert!(
            said.contains("this change gives L-1 another MIS value, and account 11 has the"),
            "{said}"
        );
    }
}

/// What a change wants and doesn't get is said apart from what was held before, and never folded.
#[test]
fn who_is_held_by_this_change_is_told_from_the_rest() {
    let held = |number: usize| user(number, &format!(", placement: Nowhere{number}"));
    let observer = |text: String| text.replace("role: assessor", "role: observer");
    let before: Vec<_> = (1..60).map(|number| observer(held(number))).collect();
    let seed = SEED.to_owned() + "  - { ID: 900, OrganisationID: 5740, Role: 5 }\n";
    let folder = in_git(&[
        ("rosterctl.yaml", PROJECT),
        ("users/a.yaml", &manifest(&before)),
    ]);
    let mut after = before.clone();
    after[58] = after[58].replace("Nowhere59", "Elsewhere59");
    std::fs::write(folder.path().join("users/a.yaml"), manifest(&after)).unwrap();
    commit(folder.path());
    let sandbox = Sandbox::start(&seed);
    let text = plan(&sandbox, folder.path(), &["--base", "main"]);
    assert!(
        text.contains("From this change, and held until a person decides:\n\nusers/a.yaml\n   60  ! observer A-059"),
        "{text}"
    );
    assert!(
        text.contains("… 53 more held: a reference isn't known"),
        "{text}"
    );
    assert!(
        text.contains("1 user of this change is held: nothing is done before a person decides."),
        "{text}"
    );
    let markdown = plan(
        &sandbox,
        folder.path(),
        &["--base", "main", "--format", "markdown"],
    );
    assert!(
        markdown.contains("#### From this change, held until a person decides: 1\n"),
        "{markdown}"
    );
    assert!(
        markdown.contains("<summary>Not from this change, held: 58</summary>"),
        "{markdown}"
    );
}
