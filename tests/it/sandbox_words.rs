//! What is said in the sandbox: nobody can take it for real e-mail, and a project of a real server learns that the sandbox
//! has other accounts.

use std::path::Path;

use tempfile::TempDir;

use crate::harness::{project, rosterctl, transcript};

/// A project of the live server, with a sandbox of invented accounts.
fn college(target: &str, keychain: &str) -> TempDir {
    let settings = format!("organisation: 5740\ntarget: {target}\n");
    let seed = format!(
        "organisations:\n  - {{ ID: 5740, Name: Example College{keychain} }}\nusers:\n  - {{ ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }}\n"
    );
    let users = "defaults: { role: assessor }\nusers:\n  - { misId: S-1, firstName: Bo, lastName: Birdwhistle, email: bo@example.ac.uk }\n  - { id: 77, misId: S-2, firstName: Cy, lastName: Catterpole, email: cy@example.ac.uk }\n";
    project(&[
        ("rosterctl.yaml", &settings),
        ("sandbox.yaml", &seed),
        ("users/staff.yaml", users),
    ])
}

fn run(folder: &Path, args: &str) -> String {
    let said = transcript(rosterctl().current_dir(folder).args(args.split(' ')));
    said.replace("\n  ", " ").replace('\n', " ")
}

/// Words that are for real e-mail alone.
const REAL: [&str; 6] = [
    "will e-mail",
    "may e-mail",
    "e-mails a person",
    "OneFile e-mails",
    "won't e-mail",
    "may have e-mailed",
];

pub fn every_sentence_about_e_mail_says_would() {
    for (keychain, planned, applied) in [
        (
            ", KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false",
            "Simulated: OneFile would e-mail 1 person.",
            "OneFile would have e-mailed 1 person.",
        ),
        (
            "",
            "Simulated: OneFile might e-mail 1 person.",
            "OneFile might have e-mailed 1 person.",
        ),
        (
            ", KeychainCreationForNewUserActive: false",
            "Simulated: OneFile would not e-mail anybody.",
            "Simulated in the sandbox: nothing was sent to OneFile, and nobody gets an e-mail.",
        ),
    ] {
        let folder = college("live", keychain);
        for args in [
            "plan --sandbox",
            "plan --sandbox --format markdown",
            "plan --sandbox -q",
        ] {
            let said = run(folder.path(), args);
            assert!(said.contains(planned), "{args}: {said}");
            assert!(!REAL.iter().any(|words| said.contains(words)), "{said}");
        }
        let json = run(folder.path(), "plan --sandbox --format json");
        assert!(json.contains("\"target\": \"sandbox\""), "{json}");
        let doctor = run(folder.path(), "doctor --sandbox");
        assert!(!REAL.iter().any(|words| doctor.contains(words)), "{doctor}");
        let said = run(folder.path(), "apply --sandbox --auto-approve");
        assert!(
            said.contains(applied) && said.contains("nobody gets an e-mail"),
            "{said}"
        );
        assert!(!REAL.iter().any(|words| said.contains(words)), "{said}");
    }
}

#[test]
fn a_project_of_a_real_server_learns_that_the_sandbox_has_other_accounts() {
    const WORDS: &str = "None of the declared users has an account in this sandbox";
    let folder = college("live", "");
    for args in ["plan --sandbox", "plan --sandbox --format markdown"] {
        let said = run(folder.path(), args);
        assert!(
            said.contains(WORDS) && said.contains("rosterctl rehearse"),
            "{said}"
        );
    }
    // Where the sandbox is meant, new people in it are nothing odd; nor if it has one of them.
    let meant = college("sandbox", "");
    assert!(!run(meant.path(), "plan").contains(WORDS));
    let manifest = "users:\n  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n";
    std::fs::write(folder.path().join("users/more.yaml"), manifest).unwrap();
    assert!(!run(folder.path(), "plan --sandbox").contains(WORDS));
    // Nothing to fill it from says so, too.
    std::fs::remove_file(folder.path().join("sandbox.yaml")).unwrap();
    std::fs::remove_dir_all(folder.path().join(".rosterctl")).unwrap();
    let said = run(folder.path(), "plan --sandbox");
    assert!(
        said.contains("there is no sandbox.yaml to fill it from")
            && said.contains("`rosterctl rehearse`"),
        "{said}"
    );
}
