//! The files of a new project, as text. Writes no file and asks no questions.

use crate::domain::OrganisationId;

/// The answers that the files depend on.
#[derive(Clone, Debug)]
pub struct InitAnswers {
    pub organisation: OrganisationId,
    pub target: String,
    pub ci: Option<Ci>,
}

/// The CI service that is to run the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ci {
    Github,
    Gitlab,
}

/// The CI files for GitHub, with their paths in a repository.
const GITHUB: &[(&str, &str)] = &[
    (
        ".github/actions/journal/action.yml",
        include_str!("../../examples/ci/github/actions/journal/action.yml"),
    ),
    (
        ".github/actions/rosterctl/action.yml",
        include_str!("../../examples/ci/github/actions/rosterctl/action.yml"),
    ),
    (
        ".github/workflows/apply.yml",
        include_str!("../../examples/ci/github/workflows/apply.yml"),
    ),
    (
        ".github/workflows/drift.yml",
        include_str!("../../examples/ci/github/workflows/drift.yml"),
    ),
    (
        ".github/workflows/plan.yml",
        include_str!("../../examples/ci/github/workflows/plan.yml"),
    ),
    (
        ".github/workflows/validate.yml",
        include_str!("../../examples/ci/github/workflows/validate.yml"),
    ),
];
const GITLAB: &[(&str, &str)] = &[(
    ".gitlab-ci.yml",
    include_str!("../../examples/ci/gitlab-ci.yml"),
)];

/// Path of the example manifest.
pub const EXAMPLE: &str = "users/example.yaml";
pub const MANIFEST: &str = "\
# yaml-language-server: $schema=../schema/users.schema.json
# An example: nobody in it exists. `rosterctl export` writes manifests for those who do; delete this file before.
defaults:
  role: learner
  classroom: Business Admin L3
  placement: Brightwater Bakery
  defaultAssessor: A-0001 # the MIS value of a user, declared or live
users:
  - misId: L-0001
    firstName: Aisha
    lastName: Abbotsley
    email: aisha.abbotsley@example.ac.uk
    dob: 2007-03-14
";

const GITIGNORE: &str = "\
# Data that don't belong into git, joined by `fromCsv`.
private/
# What a run leaves behind.
plan.json
plan.md
doubtful.csv
";

const EXTENSIONS: &str = "{\n  \"recommendations\": [\"redhat.vscode-yaml\"]\n}\n";

/// The path and text of each file, in the order in which a person meets them.
pub fn files(
    answers: &InitAnswers,
    users_schema: String,
    project_schema: String,
) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("rosterctl.yaml", settings(answers)),
        (EXAMPLE, MANIFEST.to_owned()),
        ("sandbox.yaml", sandbox(answers.organisation)),
        (".gitignore", GITIGNORE.to_owned()),
        (".vscode/extensions.json", EXTENSIONS.to_owned()),
        ("schema/users.schema.json", users_schema),
        ("schema/project.schema.json", project_schema),
    ];
    let ci = match answers.ci {
        Some(Ci::Github) => GITHUB,
        Some(Ci::Gitlab) => GITLAB,
        None => &[],
    };
    files.extend(ci.iter().map(|(path, text)| (*path, (*text).to_owned())));
    files
}

fn settings(answers: &InitAnswers) -> String {
    let InitAnswers {
        organisation,
        target,
        ..
    } = answers;
    format!(
        "# yaml-language-server: $schema=schema/project.schema.json
organisation: {organisation} # its ID in OneFile
target: {target} # live, practice, beta or sandbox; practice and beta e-mail real people, too
policy:
  creates: never # until a plan creates nobody but who is new
"
    )
}

/// Starting state of the sandbox. It holds only the entries that the example refers to.
fn sandbox(organisation: OrganisationId) -> String {
    format!(
        "# What the sandbox starts from (`plan --sandbox`), in the field names of the API. Nobody in it exists.
organisations:
  - ID: {organisation}
    Name: Example College
    KeychainCreationForNewUserActive: true
    KeychainEmailSuppression: false
classrooms:
  - {{ ID: 1, OrganisationID: {organisation}, Name: Business Admin L3 }}
placements:
  - {{ ID: 1, OrganisationID: {organisation}, Name: Brightwater Bakery }}
users:
  - ID: 1
    OrganisationID: {organisation}
    Role: 5
    FirstName: Ben
    LastName: Birdwhistle
    Email: ben.birdwhistle@example.ac.uk
    MISID: A-0001
"
    )
}
