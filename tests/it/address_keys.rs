//! Some people write an e-mail address as a MIS value. It is shown nowhere off a terminal, whatever is run and in whatever
//! format. Only the files that need it as a key have it: manifests, CSVs, and the journal.

use std::path::Path;

use crate::harness::{Sandbox, project, rosterctl_on, transcript};

/// Stands in every address that is a MIS value, and nowhere else.
const CANARY: &str = "zqkey";
const SETTINGS: (&str, &str) = (
    "rosterctl.yaml",
    "organisation: 5740\nseverity: { personal-key: warning }\n",
);
const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Room }
placements:
  - { ID: 1, OrganisationID: 5740, Name: Firm }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: zqkey1@example.ac.uk, Telephone: 01632 960000 }
  - { ID: 2, OrganisationID: 5740, Role: 5, FirstName: Bo, LastName: Birdwhistle, Email: bo@example.ac.uk, MISID: zqkey2@example.ac.uk }
  - { ID: 3, OrganisationID: 5740, Role: 5, FirstName: Bo, LastName: Bramblecote, Email: b@example.ac.uk, MISID: zqkey2@example.ac.uk }
  - { ID: 4, OrganisationID: 5740, Role: 5, FirstName: Cy, LastName: Catterpole, Email: cy@example.ac.uk }
";
const STAFF: &str = "defaults: { role: assessor }
users:
  - { misId: zqkey1@example.ac.uk, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, website: ann.example.ac.uk }
  - { misId: zqkey2@example.ac.uk, firstName: Bo, lastName: Birdwhistle, email: bo@example.ac.uk }
  - { id: 4, misId: zqkey4@example.ac.uk, firstName: Cy, lastName: Catterpole, email: cy@example.ac.uk }
  - { misId: zqkey5@example.ac.uk, firstName: Dana, lastName: Dunmarrow, email: dana@example.ac.uk }
  - { misId: ZQKEY-A, firstName: Ewan, lastName: Eddlestone, email: ewan@example.ac.uk }
";
const LEARNERS: &str = "defaults: { role: learner, classroom: Room, placement: Firm }
users:
  - { misId: zqkey6@example.ac.uk, firstName: Fay, lastName: Fernhollow, email: fay@example.ac.uk, defaultAssessor: zqkey5@example.ac.uk }
  - { misId: L-7, firstName: Gil, lastName: Gorsefield, email: gil@example.ac.uk, defaultAssessor: zqkey2@example.ac.uk }
  - { misId: L-8, firstName: Hal, lastName: Hollybank, email: hal@example.ac.uk, defaultAssessor: zqkey9@example.ac.uk }
";
const OVERLAY: &str = "fromCsv: { path: ../private/o.csv, overlay: true }\n";
const ROWS: &str =
    "misId,workAddress\nzqkey1@example.ac.uk,1 Example Street\nzqkey8@example.ac.uk,x\n";
const EXTRACT: &str = "misId,firstName,lastName,email\nzqkey1@example.ac.uk,Ann,Abbotsley,ann@example.ac.uk\nzqkey3@example.ac.uk,Bo,Birdwhistle,\nzqkey4@example.ac.uk,Cy,Catterpole,cy@example.ac.uk\nzqkey7@example.ac.uk,Nobody,Here,n@example.ac.uk\n";

struct Stage {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
}

impl Stage {
    fn new() -> Self {
        let staff = STAFF.replace("ZQKEY-A", "A-5");
        let folder = project(&[
            SETTINGS,
            ("users/staff.yaml", &staff),
            ("users/learners.yaml", LEARNERS),
            ("users/overlay.yaml", OVERLAY),
            ("private/o.csv", ROWS),
            ("private/mis.csv", EXTRACT),
        ]);
        let sandbox = Sandbox::start(SEED);
        Self { folder, sandbox }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command, and checks what it says and what it leaves.
    fn run(&self, args: &str) -> String {
        let mut said = String::new();
        for ci in [None, Some("1")] {
            let mut command = rosterctl_on(&self.sandbox);
            command.current_dir(self.path()).args(args.split(' '));
            command.envs(ci.map(|value| ("CI", value)));
            said = transcript(&mut command);
            assert!(!said.contains(CANARY), "{args}: {said}");
        }
        for file in walkdir::WalkDir::new(self.path()).into_iter().flatten() {
            let name = file.path().strip_prefix(self.path()).unwrap();
            let is_key_file = ["users", "private", ".rosterctl"]
                .iter()
                .any(|folder| name.starts_with(folder));
            let text = std::fs::read(file.path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            assert!(
                is_key_file || !text.contains(CANARY),
                "{args}: {}: {text}",
                name.display()
            );
        }
        said
    }
}

pub fn an_address_as_mis_value_is_shown_nowhere() {
    let stage = Stage::new();
    for args in [
        "validate",
        "validate --format json",
        "validate --format github",
        "plan",
        "plan --full",
        "plan --format json",
        "plan --format markdown",
        "plan --markdown plan.md -vv",
        "plan --explain 4",
        "plan --explain L-7",
        "plan --explain L-77",
        "plan --out plan.json",
        "rehearse",
        "rehearse --faults lostAnswers",
        "export --dir out/all --reveal special",
        "adopt private/mis.csv --role assessor --dir out/adopted --doubtful doubtful.csv --force",
    ] {
        let is_export = args.starts_with("export") || args.starts_with("adopt");
        if is_export {
            // Such manifests hold every value of a person, so here only what is said counts.
            let mut command = rosterctl_on(&stage.sandbox);
            command.current_dir(stage.path()).args(args.split(' '));
            let said = transcript(&mut command);
            assert!(!said.contains(CANARY), "{args}: {said}");
            let _ = std::fs::remove_dir_all(stage.path().join("out"));
        } else {
            stage.run(args);
        }
    }
    for name in ["plan.json", "plan.md", "doubtful.csv"] {
        let text = std::fs::read_to_string(stage.path().join(name)).unwrap();
        assert!(!text.contains(CANARY), "{name}: {text}");
    }
    // An answer that is lost leaves a create unclear, and every command speaks of it.
    let faults = r#"[{"on":"POST /User","do":"resetAfter"}]"#;
    let (status, _) = stage
        .sandbox
        .control(reqwest::Method::PUT, "faults", faults);
    assert_eq!(status, 200);
    for args in [
        "apply --auto-approve",
        "apply --auto-approve --format jsonl",
        "plan",
        "history",
        "history L-7",
        "apply --plan plan.json",
    ] {
        stage.run(args);
    }
    let journal = std::fs::read_to_string(stage.path().join(".rosterctl/journal.jsonl")).unwrap();
    assert!(journal.contains(CANARY), "the journal needs the key");
    for (_, line) in journal
        .lines()
        .filter_map(|line| line.split_once("\"run\":\""))
    {
        let (run, _) = line.split_once('"').unwrap();
        stage.run(&format!("history {run}"));
    }
    for args in [
        "history zqkey5@example.ac.uk",
        "settle zqkey5@example.ac.uk not-created",
        "settle zqkey50@example.ac.uk created",
    ] {
        stage.run(args);
    }
}

/// Manifests beside a CSV hold only public values.
#[test]
fn manifests_beside_an_overlay_pin_an_account_whose_mis_value_is_an_address() {
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
    let sandbox = Sandbox::start(SEED);
    let run = |args: &str| {
        let mut command = rosterctl_on(&sandbox);
        transcript(command.current_dir(folder.path()).args(args.split(' ')))
    };
    let said = run("export --overlay private/personal.csv");
    assert!(
        said.ends_with("exit 0\n") && !said.contains(CANARY),
        "{said}"
    );
    let staff = std::fs::read_to_string(folder.path().join("users/assessors.yaml")).unwrap();
    assert!(
        staff.contains("- id: 1\n") && !staff.contains('@'),
        "{staff}"
    );
    assert!(run("plan").starts_with("No changes: "), "{}", run("plan"));
}

/// On a person's own terminal the address is theirs to see, and a plan that is kept for review still covers its user.
#[test]
fn a_reviewed_plan_covers_users_whose_mis_value_is_an_address() {
    let folder = project(&[
        SETTINGS,
        ("users/staff.yaml", &STAFF.replace("ZQKEY-A", "A-5")),
    ]);
    let sandbox = Sandbox::start(SEED);
    let run = |args: &str| {
        let mut command = rosterctl_on(&sandbox);
        transcript(command.current_dir(folder.path()).args(args.split(' ')))
    };
    assert!(run("plan --out plan.json").ends_with("exit 0\n"));
    let said = run("apply --plan plan.json");
    assert!(said.contains("Applied: 2 created, 2 updated"), "{said}");
    assert!(!said.contains(CANARY), "{said}");
}
