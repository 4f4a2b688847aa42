//! `validate --fix`: applies the fixes of findings in manifests. A fix stays only if its finding is gone afterwards and the
//! manifests have no more findings than before.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::findings::source::FileId;
use crate::findings::{Certainty, Finding, Fix};
use crate::manifest::edit::{TextEdit, apply};
use crate::project::atomic_write::write_over;
use crate::project::check::CheckedManifests;
use crate::project::error::ProjectError;
use crate::project::unsaved_texts::UnsavedTexts;

/// Checks the manifests with some texts in the place of those on disk.
pub type CheckEdited<'c> = &'c dyn Fn(&UnsavedTexts) -> Result<CheckedManifests, ProjectError>;

/// What was fixed, and what is left.
pub struct FixedManifests {
    /// The new texts.
    pub edited: UnsavedTexts,
    /// How many findings were fixed.
    pub fixed: usize,
    /// The manifests after the fixes.
    pub checked: CheckedManifests,
}

/// How often fixes are looked for: a fix may show what it hid, such as a misspelt key that hid its value.
const ROUNDS: usize = 3;

/// Applies every fix that does what it should. Writes nothing.
pub fn fix(check: CheckEdited<'_>) -> Result<FixedManifests, ProjectError> {
    let mut done = FixedManifests {
        edited: UnsavedTexts::default(),
        fixed: 0,
        checked: check(&UnsavedTexts::default())?,
    };
    for _ in 0..ROUNDS {
        let before = done.fixed;
        for (path, file, fixes) in fixes_by_file(&done.checked) {
            done.fix_file(check, (path, file), fixes)?;
        }
        if done.fixed == before {
            break;
        }
    }
    Ok(done)
}

impl FixedManifests {
    /// Writes the new texts.
    pub fn write(&self) -> Result<(), ProjectError> {
        for (path, text) in self.edited.iter() {
            write_over(path, text.as_bytes())?;
        }
        Ok(())
    }

    /// Applies the fixes of a file all at once, or those that can stay one by one.
    fn fix_file(
        &mut self,
        check: CheckEdited<'_>,
        (path, file): (PathBuf, FileId),
        fixes: Vec<Fix>,
    ) -> Result<(), ProjectError> {
        let mut text = Arc::clone(&self.checked.sources.file(file).text);
        if self.try_fixes(check, (&path, &text), &fixes)? || fixes.len() == 1 {
            return Ok(());
        }
        // From the last to the first, so that the places of the others stay what they are.
        for fix in fixes.into_iter().rev() {
            if self.try_fixes(check, (&path, &text), &[fix])?
                && let Some(fixed) = self.edited.get(&path)
            {
                text = Arc::clone(fixed);
            }
        }
        Ok(())
    }

    /// Whether the fixes leave fewer findings.
    fn try_fixes(
        &mut self,
        check: CheckEdited<'_>,
        (path, text): (&PathBuf, &str),
        fixes: &[Fix],
    ) -> Result<bool, ProjectError> {
        let mut edits = Vec::with_capacity(fixes.len());
        for fix in fixes {
            if let Some((range, text)) = fix.edit(text) {
                edits.push(TextEdit { range, text });
            }
        }
        let number = edits.len();
        let Some(edited) = apply(text, edits).filter(|_| number > 0) else {
            return Ok(false);
        };
        let former = self.edited.insert(path.clone(), edited.text);
        let checked = check(&self.edited)?;
        if checked.findings.len() + number > self.checked.findings.len() {
            match former {
                Some(former) => drop(self.edited.insert(path.clone(), former)),
                None => self.edited.remove(path),
            }
            return Ok(false);
        }
        self.fixed += number;
        self.checked = checked;
        Ok(true)
    }
}

/// The fixes of each manifest, in the order of their places.
fn fixes_by_file(checked: &CheckedManifests) -> Vec<(PathBuf, FileId, Vec<Fix>)> {
    let mut files: BTreeMap<FileId, Vec<Fix>> = BTreeMap::new();
    for fix in checked
        .findings
        .iter()
        .filter_map(|finding: &Finding| finding.fix.as_deref())
        .filter(|fix| fix.certainty == Certainty::OneAnswer)
    {
        files.entry(fix.span.file).or_default().push(fix.clone());
    }
    let mut in_manifests = Vec::new();
    for (file, mut fixes) in files {
        if let Some(path) = checked.manifests.get(&file) {
            fixes.sort_by_key(|fix| fix.span.start);
            in_manifests.push((path.clone(), file, fixes));
        }
    }
    in_manifests
}
