//! The files of a project, as text. Writes no file and asks no questions.

use std::borrow::Cow;
use std::fmt::Write;

use crate::domain::OrganisationId;
use crate::domain::field::Key;
use crate::onboarding::export::scalar;

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
        ".github/workflows/accept.yml",
        include_str!("../../examples/ci/github/workflows/accept.yml"),
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

/// What git has to pass over.
pub const IGNORED: &[&str] = &["private/", "plan.json", "plan.md", "doubtful.csv"];

const GITIGNORE: &str = "\
# Data that don't belong into git, joined by `fromTable`.
private/
# What a run leaves behind.
plan.json
plan.md
doubtful.csv
";

const EXTENSIONS: &str = "{\n  \"recommendations\": [\"redhat.vscode-yaml\"]\n}\n";

/// A file that `init` writes.
#[derive(Clone, Debug)]
pub struct InitFile {
    /// From the project's folder.
    pub path: Cow<'static, str>,
    pub text: String,
    /// Whether rosterctl makes all of it, so that nobody edits it.
    pub is_generated: bool,
}

impl InitFile {
    fn to_edit(path: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            is_generated: false,
        }
    }

    fn generated(path: &'static str, text: String) -> Self {
        Self {
            path: path.into(),
            text,
            is_generated: true,
        }
    }
}

/// A table of new users, for a manifest that reads it.
#[derive(Clone, Debug)]
pub struct Intake {
    /// The file, from the folder of the project.
    pub name: String,
    /// The file, from the folder of manifests.
    pub path: String,
    pub sheet: Option<String>,
    pub header_row: Option<usize>,
    pub encoding: Option<&'static str>,
    pub date_format: Option<&'static str>,
    /// What the columns seem to be.
    pub columns: Vec<(Key, String)>,
    /// The headers of the other columns.
    pub unread: Vec<String>,
}

impl Intake {
    /// The manifest, in a folder of manifests.
    pub fn manifest(&self, folder: &str) -> InitFile {
        let file = self.name.rsplit('/').next().unwrap_or(&self.name);
        let stem = file.split('.').next().unwrap_or(file);
        let is_plain = |c: char| c.is_alphanumeric() || "-_".contains(c);
        let stem: String = stem
            .chars()
            .map(|c| if is_plain(c) { c } else { '-' })
            .collect();
        InitFile::to_edit(format!("{folder}/{stem}.yaml"), self.text(folder))
    }

    fn text(&self, folder: &str) -> String {
        let up = "../".repeat(folder.split('/').count());
        let mut text = format!(
            "# yaml-language-server: $schema={up}schema/users.schema.json
# Guessed from the headers of the table.
defaults:
  role: learner
  # classroom: Business Admin L3
  # placement: Brightwater Bakery
  # defaultAssessor: A-0001 # the MIS value of a user, declared or live
fromTable:
  path: {}
",
            scalar(&self.path)
        );
        let mut line = |key: &str, value: String| {
            let _ = writeln!(text, "  {key}: {value}");
        };
        if let Some(sheet) = &self.sheet {
            line("sheet", scalar(sheet));
        }
        if let Some(row) = self.header_row {
            line("headerRow", row.to_string());
        }
        if let Some(encoding) = self.encoding {
            line("encoding", encoding.to_owned());
        }
        if let Some(format) = self.date_format {
            line("dateFormat", format.to_owned());
        }
        text += "  columns:\n";
        if self.columns.iter().all(|(key, _)| *key != Key::MisId) {
            text += "    # misId: HEADER\n";
        }
        for (key, header) in &self.columns {
            let _ = writeln!(text, "    {}: {}", key.name(), scalar(header));
        }
        if !self.unread.is_empty() {
            let _ = writeln!(text, "  # Not read: {}", self.unread.join(", "));
        }
        text
    }
}

/// The files of a new project, in the order in which a person meets them. The manifest is the example unless there is another.
pub fn files(
    answers: &InitAnswers,
    manifest: Option<InitFile>,
    users_schema: String,
    project_schema: String,
) -> Vec<InitFile> {
    let mut files = vec![
        InitFile::to_edit("rosterctl.yaml", settings(answers)),
        manifest.unwrap_or_else(|| InitFile::to_edit(EXAMPLE, MANIFEST)),
        InitFile::to_edit("sandbox.yaml", sandbox(answers.organisation)),
    ];
    files.extend(added_files(answers, users_schema, project_schema));
    files
}

/// The files that a project with settings and manifests of its own may lack.
pub fn added_files(
    answers: &InitAnswers,
    users_schema: String,
    project_schema: String,
) -> Vec<InitFile> {
    let mut files = vec![
        InitFile::to_edit(".gitignore", GITIGNORE),
        InitFile::to_edit(".vscode/extensions.json", EXTENSIONS),
        InitFile::generated("schema/users.schema.json", users_schema),
        InitFile::generated("schema/project.schema.json", project_schema),
    ];
    let ci = match answers.ci {
        Some(Ci::Github) => GITHUB,
        Some(Ci::Gitlab) => GITLAB,
        None => &[],
    };
    files.extend(
        ci.iter()
            .map(|(path, text)| InitFile::to_edit(*path, *text)),
    );
    files
}

/// What stands in the files until a person edits it, and what to write there.
const TO_EDIT: &[(&str, &str)] = &[
    (
        "creates: never",
        "write `creates: allowed` when a plan would create only people who are new to OneFile",
    ),
    (
        "https://git.example.ac.uk/data-team/rosterctl.git",
        "write where git finds the source of rosterctl",
    ),
    (
        "\"0000000000000000000000000000000000000000\"",
        "write the commit of rosterctl that CI is to build",
    ),
    (
        "branches: [main, master]",
        "write the name of your default branch, if it is neither of these",
    ),
    (
        "# Guessed from the headers of the table.",
        "look whether the columns are right, fill in the defaults, and take this line away",
    ),
    (
        "# misId: HEADER",
        "write the header of the column with the MIS values",
    ),
    (
        "# An example: nobody in it exists.",
        "write your users here; `rosterctl export` writes them for you and deletes this file",
    ),
];

/// The lines of a text that a person has to edit, and how.
pub fn places_to_edit(text: &str) -> Vec<(usize, &'static str)> {
    let mut places = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let found = TO_EDIT.iter().find(|(words, _)| line.contains(words));
        places.extend(found.map(|(_, what)| (at + 1, *what)));
    }
    places
}

/// The servers that a project may be for, and what each means to the people whose accounts are there.
pub const SERVERS: &[(&str, &str)] = &[
    (
        "sandbox",
        "a simulated OneFile on this machine: needs no token, e-mails nobody",
    ),
    (
        "practice",
        "OneFile's server for practice: e-mails real people, too",
    ),
    (
        "beta",
        "OneFile's server for new versions: e-mails real people, too",
    ),
    ("live", "the accounts that your learners and staff use"),
];

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
# Special data may lie in git if they are sealed. `rosterctl seal --keygen` makes a key; write the public keys here:
# seal:
#   recipients: {{ data-team: age1…, ci: age1… }}
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
standards:
  - {{ ID: 1, OrganisationID: {organisation}, Title: Business Administrator Level 3 }}
units:
  - {{ ID: 1, StandardID: 1, Title: Project management }}
frameworkTemplates:
  - {{ ID: 1, OrganisationID: {organisation}, Title: Business Administrator, StandardIDs: [1] }}
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
