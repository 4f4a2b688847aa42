//! Folders that somebody else wrote and that git takes for a repository: no command in them is run, and git's refusal is told.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{copy_into, rosterctl, transcript};

const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 2, OrganisationID: 5740, Role: 1, FirstName: Al, LastName: Example, DOB: 2007-01-01 }
";
const USERS: &str = "users:\n  - { misId: A-2, role: assessor, firstName: Bo, lastName: Bexley, email: bo@example.ac.uk }\n";
const EXTRACT: &str = "misId,firstName,lastName,dob\nL-2,Al,Example,2007-01-01\n";
/// A commit that isn't there, so that git wants to fetch it.
const ABSENT: &str = "1111111111111111111111111111111111111111\n";

/// What a repository's `config` says so that git runs a command which leaves a marker.
struct Attack {
    name: &'static str,
    config: fn(&Path) -> String,
    /// Where plain git runs the command.
    trigger: &'static [&'static str],
}

const ATTACKS: &[Attack] = &[
    Attack {
        name: "core.sshCommand of a partial clone",
        config: |marker| {
            format!(
                "[core]\nrepositoryformatversion = 1\nbare = true\nsshCommand = \"touch {}; false\"\n{}url = ssh://example.ac.uk/x\n",
                marker.display(),
                PARTIAL_CLONE
            )
        },
        trigger: &["rev-parse", "--verify", "HEAD^{commit}"],
    },
    Attack {
        name: "core.fsmonitor of a work tree",
        config: |marker| {
            format!(
                "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = .\nfsmonitor = \"touch {}; false\"\n",
                marker.display()
            )
        },
        trigger: &["ls-files", "--error-unmatch", "mis.csv"],
    },
    Attack {
        name: "a remote that is a command",
        config: |marker| {
            format!(
                "[core]\nrepositoryformatversion = 1\nworktree = .\n[protocol \"ext\"]\nallow = always\n{}url = ext::touch {}\n",
                PARTIAL_CLONE,
                marker.display()
            )
        },
        trigger: &["rev-parse", "--verify", "HEAD^{commit}"],
    },
    Attack {
        name: "uploadpack of a local remote",
        config: |marker| {
            format!(
                "[core]\nrepositoryformatversion = 1\nworktree = .\n{}url = /tmp\nuploadpack = \"touch {}; false\"\n",
                PARTIAL_CLONE,
                marker.display()
            )
        },
        trigger: &["rev-parse", "--verify", "HEAD^{commit}"],
    },
];
const PARTIAL_CLONE: &str = "[extensions]\npartialClone = o\n[remote \"o\"]\npromisor = true\n";

/// The commands that ask git.
const ASKING: &[&str] = &[
    "plan --sandbox --base main -C PROJECT",
    "apply --sandbox -C PROJECT --auto-approve",
    "adopt PROJECT/mis.csv --sandbox -C PROJECT --dir PROJECT/elsewhere",
    "export --sandbox -C PROJECT --dir PROJECT/elsewhere --overlay PROJECT/private/p.csv",
];

/// A project in a folder `clone/north`.
struct Stage {
    root: TempDir,
}

impl Stage {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let north = root.path().join("origin/north");
        fs::create_dir_all(north.join("users")).unwrap();
        let settings = "organisation: 5740\n";
        for (name, text) in [
            ("rosterctl.yaml", settings),
            ("sandbox.yaml", SEED),
            ("mis.csv", EXTRACT),
            ("users/a.yaml", USERS),
        ] {
            fs::write(north.join(name), text).unwrap();
        }
        Self { root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn marker(&self) -> PathBuf {
        self.path("marker")
    }

    /// Writes what git takes for a repository.
    fn plant(&self, attack: &Attack, repository: &Path) {
        for folder in ["objects", "refs/heads"] {
            fs::create_dir_all(repository.join(folder)).unwrap();
            // Git commits no empty folder.
            fs::write(repository.join(folder).join(".keep"), "").unwrap();
        }
        fs::write(repository.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(repository.join("refs/heads/main"), ABSENT).unwrap();
        fs::write(repository.join("config"), (attack.config)(&self.marker())).unwrap();
    }

    /// Somebody clones what was committed.
    fn clone_it(&self) {
        git(&self.path("origin"), &["init", "-q"]);
        commit(&self.path("origin"));
        git(self.root.path(), &["clone", "-q", "origin", "clone"]);
    }

    /// The attack is a real one: plain git runs its command.
    fn assert_plain_git_is_attacked(&self, attack: &Attack) {
        let mut plain = Command::new("git");
        plain
            .current_dir(self.path("clone/north"))
            .args(["-c", "safe.bareRepository=all"])
            .args(attack.trigger);
        plain.output().unwrap();
        assert!(
            self.marker().exists(),
            "{}: git runs no command by itself",
            attack.name
        );
        fs::remove_file(self.marker()).unwrap();
    }

    fn run(&self, args: &str) -> String {
        let args = args.replace("PROJECT", "clone/north");
        transcript(
            rosterctl()
                .current_dir(self.root.path())
                .args(args.split(' ')),
        )
    }
}

/// The subfolder *is* a bare repository: git refuses it.
pub fn a_folder_that_was_committed_as_a_repository_runs_nothing() {
    for attack in ATTACKS {
        let stage = Stage::new();
        stage.plant(attack, &stage.path("origin/north"));
        stage.clone_it();
        stage.assert_plain_git_is_attacked(attack);
        for args in ASKING {
            let said = stage.run(args);
            assert!(
                !stage.marker().exists(),
                "{}: {args}: a command was run",
                attack.name
            );
            assert!(
                said.contains("git refuses to work in clone/north: cannot use bare repository")
                    && said.contains("find out who added them, and delete them"),
                "{}: {args}: {said}",
                attack.name
            );
        }
    }
}

/// Each command goes on as far as it can do without git.
#[test]
fn only_what_needs_git_is_refused() {
    let stage = Stage::new();
    stage.plant(&ATTACKS[0], &stage.path("origin/north"));
    stage.clone_it();
    let [plan, apply, adopt, export] = ASKING else {
        panic!("four commands ask git")
    };
    assert!(stage.run(plan).ends_with("exit 64\n"));
    let applied = stage.run(apply);
    assert!(
        applied.contains("the journal can't say which commit this apply is from"),
        "{applied}"
    );
    assert!(
        applied.contains("Applied: 1 created, 0 updated.") && applied.ends_with("exit 0\n"),
        "{applied}"
    );
    for args in [adopt, export] {
        let said = stage.run(args);
        assert!(
            said.contains("Nothing was written.\ngit refuses") && said.ends_with("exit 4\n"),
            "{said}"
        );
    }
    let north = stage.path("clone/north");
    for name in [".gitignore", "elsewhere", "doubtful.csv", "private"] {
        assert!(!north.join(name).exists(), "{name} was written");
    }
}

/// An archive may hold what no clone does: a whole `.git`, in which git works without asking.
pub fn a_repository_from_an_archive_runs_nothing() {
    for attack in ATTACKS {
        let stage = Stage::new();
        copy_into(&stage.path("origin"), &stage.path("clone"));
        stage.plant(attack, &stage.path("clone/north/.git"));
        let config = stage.path("clone/north/.git/config");
        let text = fs::read_to_string(&config)
            .unwrap()
            .replace("bare = true\n", "")
            .replace("worktree = .\n", "");
        fs::write(&config, text).unwrap();
        stage.assert_plain_git_is_attacked(attack);
        for args in ASKING {
            let said = stage.run(args);
            assert!(
                !stage.marker().exists(),
                "{}: {args}: a command was run: {said}",
                attack.name
            );
        }
    }
}

/// In a hook, git names its own repository by a path that counts from another folder.
#[test]
fn a_git_hook_may_plan_a_subfolder() {
    let stage = Stage::new();
    stage.clone_it();
    let mut command = rosterctl();
    command
        .current_dir(stage.path("clone"))
        .envs([("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")]);
    let said = transcript(command.args(["plan", "--sandbox", "--base", "main", "-C", "north"]));
    assert!(
        said.contains("this user was declared before this change") && said.ends_with("exit 0\n"),
        "{said}"
    );
}

/// Nothing is fetched behind the user's back, so a clone without the files says what to do.
#[test]
fn a_partial_clone_says_what_is_missing() {
    let stage = Stage::new();
    let origin = stage.path("origin");
    git(&origin, &["init", "-q"]);
    commit(&origin);
    git(&origin, &["branch", "before"]);
    fs::write(
        origin.join("north/users/a.yaml"),
        USERS.replace("bo@", "b@"),
    )
    .unwrap();
    commit(&origin);
    git(&origin, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", origin.display());
    git(
        stage.root.path(),
        &["clone", "-q", "--filter=blob:none", &url, "clone"],
    );
    let said = stage.run("plan --sandbox --base origin/before -C PROJECT");
    assert!(
        said.contains("in a partial clone they may be missing") && said.ends_with("exit 64\n"),
        "{said}"
    );
}
