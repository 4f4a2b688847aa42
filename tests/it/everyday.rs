//! `docs/everyday.md`: each recipe does what it says, from an invented college to the state that people want, in at most four
//! commands of rosterctl. The blocks of the page are the steps; only what an edit replaces stands here.

use std::path::Path;

use tempfile::TempDir;

use crate::change::{commit, git};
use crate::doc_pages::words_of_line;
use crate::harness::{project, root, rosterctl, transcript};

const SETTINGS: &str = "organisation: 5740\ntarget: sandbox\npolicy: { archives: allowed }\n";
const STAFF: &str = "defaults: { role: assessor }
users:
  - { misId: A-0012, firstName: Ben, lastName: Birdwhistle, email: ben.birdwhistle@example.ac.uk }
  - { misId: A-0031, firstName: Chidi, lastName: Catterpole, email: chidi.catterpole@example.ac.uk }
";
const LEARNERS: &str = "defaults:
  role: learner
  classroom: Business Admin L3
  placement: Brightwater Bakery
  defaultAssessor: A-0012
users:
  - misId: L-0101
    firstName: Ewan
    lastName: Eddlestone
    email: ewan.eddlestone@example.ac.uk
    dob: 2007-03-14
  - misId: L-0102
    firstName: Farah
    lastName: Fernhollow
    email: farah.fernhollow@example.ac.uk
    dob: 2006-07-01
    mobileNumber: 01632 960102
  - misId: L-0103
    firstName: Gwen
    lastName: Garthwaite
    email: gwen.garthwaite@example.ac.uk
";
const FARAH: &str = "    firstName: Farah
    lastName: Fernhollow
    email: farah.fernhollow@example.ac.uk
";
const GWEN: &str = "  - misId: L-0103
    firstName: Gwen
    lastName: Garthwaite
    email: gwen.garthwaite@example.ac.uk
";
const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Business Admin L3 }
placements:
  - { ID: 1, OrganisationID: 5740, Name: Brightwater Bakery }
  - { ID: 2, OrganisationID: 5740, Name: Harbour Logistics }
users:
  - { ID: 1012, OrganisationID: 5740, Role: 5, MISID: A-0012, FirstName: Ben, LastName: Birdwhistle, Email: ben.birdwhistle@example.ac.uk }
  - { ID: 1031, OrganisationID: 5740, Role: 5, MISID: A-0031, FirstName: Chidi, LastName: Catterpole, Email: chidi.catterpole@example.ac.uk }
  - { ID: 1101, OrganisationID: 5740, Role: 1, MISID: L-0101, FirstName: Ewan, LastName: Eddlestone, Email: ewan.eddlestone@example.ac.uk, DOB: 2007-03-14, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1012 }
  - { ID: 1102, OrganisationID: 5740, Role: 1, MISID: L-0102, FirstName: Farah, LastName: Fernhollow, Email: farah.fernhollow@example.ac.uk, DOB: 2006-07-01, MobileNumber: 01632 960102, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1012 }
  - { ID: 1103, OrganisationID: 5740, Role: 1, MISID: L-0103, FirstName: Gwen, LastName: Garthwaite, Email: gwen.garthwaite@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1012 }
standards:
  - { ID: 31, OrganisationID: 5740, Title: Business Administrator L3 }
  - { ID: 32, OrganisationID: 5740, Title: English L2 }
units:
  - { ID: 41, StandardID: 32, Title: Reading }
frameworkTemplates:
  - { ID: 51, OrganisationID: 5740, Title: Business Administrator with English, StandardIDs: [31, 32] }
behaviour: { archivedFlag: shown }
";
const LEARNERS_FILE: &str = "users/learners.yaml";

/// What a block of YAML or CSV does to a file of the project.
pub enum Edit {
    /// The block is the whole file.
    Written(&'static str),
    /// The block stands at the end of the learners' file.
    Added,
    /// The block stands below these lines.
    Below(&'static str),
    /// The block stands in the place of these lines.
    InPlaceOf(&'static str),
    /// The same in the project's settings.
    SettingsInPlaceOf(&'static str),
}

/// A task of the page.
pub struct Task {
    pub title: &'static str,
    /// What has happened before.
    before: fn(&Path),
    edits: Vec<Edit>,
    /// What each command of rosterctl says, among other things, and its exit code.
    says: Vec<(&'static str, i32)>,
    /// What the plan of all users says afterwards.
    after: &'static str,
}

const DONE: &str = "No changes";

impl Task {
    pub fn new(title: &'static str, edits: Vec<Edit>, says: &[(&'static str, i32)]) -> Self {
        Self {
            title,
            before: |_| {},
            edits,
            says: says.to_vec(),
            after: DONE,
        }
    }
}

/// In the order of the page.
fn tasks() -> Vec<Task> {
    let mut tasks = changes();
    tasks.extend(who_is_who());
    tasks.extend(from_outside());
    tasks
}

/// Starters, changes and a leaver.
fn changes() -> Vec<Task> {
    let written = |path| Edit::Written(path);
    vec![
        Task::new(
            "New starters from a spreadsheet",
            vec![
                written("users/september.csv"),
                written("users/september.yaml"),
            ],
            &[
                ("Business Admin L3", 0),
                ("Valid: 7 users in 3 files.", 0),
                ("would e-mail 2 people", 0),
                ("Applied: 2 created, 0 updated.", 0),
            ],
        ),
        Task::new(
            "A learner changes employer",
            vec![Edit::InPlaceOf("  - misId: L-0102\n")],
            &[
                ("users/learners.yaml:12, account 1102", 0),
                ("Harbour Logistics", 0),
                ("Brightwater Bakery (1) -> Harbour Logistics (2)", 0),
                ("Applied: 0 created, 1 updated.", 0),
            ],
        ),
        Task::new(
            "A cohort starts a standard",
            vec![Edit::Below("  defaultAssessor: A-0012\n")],
            &[
                ("31             Business Administrator L3", 0),
                ("& 3 learners", 0),
                ("3 assignments made", 0),
            ],
        ),
        Task::new(
            "A caseload moves to another assessor",
            Vec::new(),
            &[
                ("3 people found.", 0),
                ("users/learners.yaml", 0),
                ("3 learners", 0),
                ("Applied: 0 created, 3 updated.", 0),
            ],
        ),
        Task::new(
            "A change of name, by marriage for example",
            vec![Edit::InPlaceOf(
                "    lastName: Fernhollow\n    email: farah.fernhollow@example.ac.uk\n",
            )],
            &[
                ("logs in with the old e-mail", 0),
                ("Applied: 0 created, 1 updated.", 0),
            ],
        ),
        Task::new(
            "A learner leaves",
            vec![Edit::InPlaceOf(GWEN)],
            &[("- learner L-0103", 0), ("1 archived", 0)],
        ),
    ]
}

/// People who look like one, and one person twice.
fn who_is_who() -> Vec<Task> {
    vec![
        Task::new(
            "Two people of one name",
            vec![
                Edit::Added,
                Edit::Below("    email: ewan.eddlestone2@example.ac.uk\n"),
            ],
            &[
                (
                    "or write `distinctFrom: [1101]` if it is somebody else's",
                    0,
                ),
                ("1 to create", 0),
                ("Applied: 1 created, 0 updated.", 0),
            ],
        ),
        Task::new(
            "A second programme, or a restart",
            vec![Edit::Added],
            &[("1 to create", 0), ("Applied: 1 created, 0 updated.", 0)],
        ),
    ]
}

/// What others do: in OneFile, in a review, on another branch.
fn from_outside() -> Vec<Task> {
    vec![
        Task {
            before: |folder| {
                let seed = folder.join("sandbox.yaml");
                replace(
                    &seed,
                    "MobileNumber: 01632 960102",
                    "MobileNumber: 01632 960999",
                );
            },
            ..Task::new(
                "Somebody has edited OneFile by hand",
                Vec::new(),
                &[
                    ("mobileNumber", 0),
                    ("users/learners.yaml", 0),
                    ("Nothing to change", 0),
                ],
            )
        },
        Task {
            before: |folder| {
                let change = format!("{FARAH}    placement: Harbour Logistics\n");
                replace(&folder.join(LEARNERS_FILE), FARAH, &change);
                commit(folder);
                run(folder, "rosterctl apply");
            },
            ..Task::new(
                "Undo a change",
                Vec::new(),
                &[
                    ("Harbour Logistics (2) -> Brightwater Bakery (1)", 0),
                    ("Applied: 0 created, 1 updated.", 0),
                ],
            )
        },
        Task {
            before: |folder| {
                git(folder, &["switch", "-q", "-c", "change"]);
                let change = format!("{FARAH}    placement: Harbour Logistics\n");
                replace(&folder.join(LEARNERS_FILE), FARAH, &change);
                commit(folder);
            },
            after: "1 to update",
            ..Task::new(
                "A reviewer asks who is affected",
                Vec::new(),
                &[
                    ("learner L-0102", 0),
                    ("placement", 0),
                    ("Rehearsed in the sandbox", 0),
                ],
            )
        },
        Task {
            before: conflict,
            after: "1 to update",
            ..Task::new(
                "A merge conflict",
                vec![Edit::InPlaceOf(CONFLICT)],
                &[
                    ("conflict-marker", 3),
                    ("Valid: 5 users in 2 files.", 0),
                    ("Harbour Logistics (2)", 0),
                ],
            )
        },
    ]
}

const CONFLICT: &str = "<<<<<<< HEAD
    placement: Harbour Logistics
=======
    placement: { id: 2 }
>>>>>>> other
";

fn conflict(folder: &Path) {
    let learners = folder.join(LEARNERS_FILE);
    git(folder, &["switch", "-q", "-c", "other"]);
    replace(
        &learners,
        FARAH,
        &format!("{FARAH}    placement: {{ id: 2 }}\n"),
    );
    commit(folder);
    git(folder, &["switch", "-q", "main"]);
    replace(
        &learners,
        FARAH,
        &format!("{FARAH}    placement: Harbour Logistics\n"),
    );
    commit(folder);
    let merged = std::process::Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.ac.uk"])
        .args(["merge", "-q", "other"])
        .output()
        .unwrap();
    assert!(!merged.status.success(), "the two edits conflict");
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from}\nin\n{text}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

/// A block of a recipe.
pub enum Step {
    Commands(Vec<String>),
    Text(String),
}

/// The recipes of a page by their titles, with the blocks of each in order.
pub fn recipes(page: &str) -> Vec<(String, String, Vec<Step>)> {
    let page = std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let mut recipes = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let (title, text) = section.split_once('\n').unwrap();
        let mut steps = Vec::new();
        // Every other part is a block.
        for block in text.split("```").skip(1).step_by(2) {
            let (language, block) = block.split_once('\n').unwrap();
            steps.push(match language {
                "console" => Step::Commands(
                    block
                        .lines()
                        .map(|line| line.strip_prefix("$ ").unwrap().to_owned())
                        .collect(),
                ),
                "yaml" | "csv" => Step::Text(block.to_owned()),
                other => panic!("a block of {other}"),
            });
        }
        recipes.push((title.to_owned(), text.to_owned(), steps));
    }
    recipes
}

fn college() -> TempDir {
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", SEED),
        ("users/staff.yaml", STAFF),
        (LEARNERS_FILE, LEARNERS),
        (".gitignore", ".rosterctl/\n"),
    ]);
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    folder
}

fn edit(folder: &Path, edit: &Edit, block: &str) {
    let learners = folder.join(LEARNERS_FILE);
    match edit {
        Edit::Written(path) => std::fs::write(folder.join(path), block).unwrap(),
        Edit::Added => {
            let text = std::fs::read_to_string(&learners).unwrap();
            std::fs::write(&learners, text + block).unwrap();
        }
        Edit::Below(lines) => replace(&learners, lines, &format!("{lines}{block}")),
        Edit::InPlaceOf(lines) => replace(&learners, lines, block),
        Edit::SettingsInPlaceOf(lines) => replace(&folder.join("rosterctl.yaml"), lines, block),
    }
}

fn run(folder: &Path, line: &str) -> String {
    let words = words_of_line(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["rosterctl", args @ ..] => {
            let mut command = rosterctl();
            command.current_dir(folder).args(args);
            // Nobody is asked here.
            if ["apply", "accept", "reassign"].contains(&args[0]) {
                command.arg("--auto-approve");
            }
            transcript(&mut command)
        }
        // The page shows the number of some commit: here it is the last one.
        ["git", "revert", "--no-edit", _] => {
            git(folder, &["revert", "--no-edit", "HEAD"]);
            String::new()
        }
        ["git", args @ ..] => {
            git(folder, args);
            String::new()
        }
        _ => panic!("nothing runs `{line}`"),
    }
}

pub fn check(task: &Task, text: &str, steps: &[Step]) {
    let title = task.title;
    let folder = college();
    (task.before)(folder.path());
    let (mut edits, mut says) = (task.edits.iter(), task.says.iter());
    for step in steps {
        match step {
            Step::Text(block) => {
                let next = edits.next().unwrap_or_else(|| panic!("{title}: {block}"));
                if let Edit::Written(path) = next {
                    assert!(text.contains(&format!("`{path}`")), "{title}: {path}");
                }
                edit(folder.path(), next, block);
            }
            Step::Commands(lines) => {
                for line in lines {
                    let said = run(folder.path(), line);
                    if line.starts_with("git ") {
                        continue;
                    }
                    let (words, exit) = says.next().unwrap_or_else(|| panic!("{title}: {line}"));
                    assert!(
                        said.contains(words) && said.ends_with(&format!("exit {exit}\n")),
                        "{title}: `{line}` doesn't say {words:?}\n{said}"
                    );
                }
            }
        }
    }
    assert!(edits.next().is_none() && says.next().is_none(), "{title}");
    let said = run(folder.path(), "rosterctl plan");
    assert!(said.contains(task.after), "{title}: {said}");
}

pub fn every_recipe_works_in_at_most_four_commands() {
    let (tasks, recipes) = (tasks(), recipes("everyday.md"));
    let titles: Vec<&str> = tasks.iter().map(|task| task.title).collect();
    let on_page: Vec<&str> = recipes.iter().map(|(title, ..)| title.as_str()).collect();
    assert_eq!(titles, on_page);
    for (task, (_, text, steps)) in tasks.iter().zip(&recipes) {
        check(task, text, steps);
        assert!(task.says.len() <= 4, "{}", task.title);
    }
}
