//! Removes invalid values from drafted manifests.

use std::collections::BTreeMap;

use crate::domain::Roster;
use crate::domain::field::Key;
use crate::findings::source::Sources;
use crate::manifest::rules::leaves_value_out;
use crate::onboarding::export::{Draft, OverlayKind, RejectedValue};
use crate::project::check::{CheckedManifests, ManifestCheck};
use crate::project::error::ProjectError;
use crate::project::files::Manifests;
use crate::project::load::ProjectFolder;
use crate::project::settings::Project;

/// Maximum rounds of removing values that `validate` rejects: removing one value can cause another error.
const MAX_ROUNDS: usize = 50;

/// The manifest that joins users with their fields in a CSV.
pub const JOINING: &str = "personal.yaml";

/// A draft that `validate` accepts.
pub struct ValidDraft {
    pub roster: Roster,
    /// The names of its warnings, and how often each occurs.
    pub warnings: BTreeMap<&'static str, usize>,
}

impl ValidDraft {
    /// Removes values that `validate` rejects until the draft is valid. Fails with the findings if errors remain.
    pub fn of(
        draft: &mut Draft,
        folder: ProjectFolder<'_>,
        project: &Project,
    ) -> Result<Self, ProjectError> {
        let mut rounds = 1;
        loop {
            let checked = check(draft, folder, project);
            let goes_on = rounds < MAX_ROUNDS && draft.without(&rejected(&checked));
            if !goes_on && checked.declared.is_some() {
                return Ok(Self {
                    warnings: count_by_name(&checked),
                    roster: checked.into_roster()?,
                });
            }
            if !goes_on {
                return Err(ProjectError::Invalid {
                    findings: checked.findings,
                    sources: checked.sources,
                });
            }
            rounds += 1;
        }
    }
}

fn check(draft: &Draft, folder: ProjectFolder<'_>, project: &Project) -> CheckedManifests {
    let mut sources = Sources::default();
    let mut manifests = Manifests::default();
    let mut add = |path: &str, text: String| {
        let file = sources.add(path, text);
        manifests.files.push((file, path.into()));
    };
    for (path, text) in draft.manifests() {
        add(path, text);
    }
    if !draft.apart.is_empty() {
        add(JOINING, draft.joining("apart.csv", OverlayKind::Plain));
    }
    let csv = draft.csv().into_bytes();
    let check = ManifestCheck {
        today: folder.today,
        project: Some(project),
        searched: "users",
        read_csv: &|_, _| Ok(Some(csv.clone())),
        keyring: folder.keyring,
        checks_recipients: true,
        memory: None,
    };
    check.run(manifests, sources)
}

fn count_by_name(checked: &CheckedManifests) -> BTreeMap<&'static str, usize> {
    let mut warnings = BTreeMap::new();
    for finding in &checked.findings {
        *warnings.entry(finding.rule.name).or_default() += 1;
    }
    warnings
}

/// The cells of the CSV and the lines of the manifests that have errors, or values that a plan would leave out.
fn rejected(checked: &CheckedManifests) -> RejectedValue {
    let sources = &checked.sources;
    let mut rejected = RejectedValue::default();
    for finding in &checked.findings {
        if !finding.is_error() && !leaves_value_out(finding.rule) {
            continue;
        }
        let cell = sources.cell(finding.span());
        let cell = cell.and_then(|(row, column)| Some((row, Key::named(&column?.key)?)));
        if let Some(cell) = cell {
            rejected.cells.insert(cell);
            continue;
        }
        let place = sources.place(finding.span());
        let lines = rejected.lines.entry(place.file.to_string()).or_default();
        lines.insert(place.line);
    }
    rejected
}
