//! What answers findings, as changes that an editor offers: what `validate --fix` does, and suggestions that a person looks at.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::lsp::asked_value::AskedFile;
use crate::cli::lsp::diagnostics::{Places, is_yaml};
use crate::cli::lsp::messages::{AskedPlace, EditorRange, FileDiagnostic, QuickFix};
use crate::cli::lsp::single_file::SingleFile;
use crate::cli::lsp::text_lines::TextLines;
use crate::cli::lsp::workspace::{EditorProject, Workspace};
use crate::findings::{Certainty, Finding, Fix, FixKind, added_keys};
use crate::manifest::edit::{TextEdit, apply};

/// Of how many findings at one place fixes are offered. Each is tried first.
const MOST_FIXES: usize = 20;

/// The fixes of findings that touch a range.
pub(super) fn quick_fixes(
    workspace: &Workspace,
    uri: &str,
    range: EditorRange,
) -> Option<Vec<QuickFix>> {
    let place = AskedPlace {
        uri: uri.to_owned(),
        position: range.start,
    };
    let asked = AskedFile::of(workspace, &place)?;
    let name = &asked.checked.sources.file(asked.file).name;
    if !is_yaml(name) {
        return None;
    }
    let (_, project) = workspace.project_of(&asked.path)?;
    let mut places = Places::new(workspace, asked.root, asked.checked);
    let trial = Trial {
        workspace,
        asked: &asked,
        project,
        before: 0,
    }
    .begun();
    let mut fixes = Vec::new();
    let mut missing: BTreeMap<u32, Vec<(&'static str, FileDiagnostic)>> = BTreeMap::new();
    for finding in &asked.checked.findings {
        let Some(fix) = finding
            .fix
            .as_deref()
            .filter(|fix| fix.span.file == asked.file)
        else {
            continue;
        };
        let shown = places.diagnostic(finding);
        let is_here = shown.range.start <= range.end && range.start <= shown.range.end;
        if finding.span().file != asked.file || !is_here || fixes.len() == MOST_FIXES {
            continue;
        }
        if let FixKind::AddKey(key) = fix.kind {
            let of_user = missing.entry(fix.span.start).or_default();
            of_user.push((key, shown));
            continue;
        }
        fixes.extend(trial.fix(finding, fix, shown));
    }
    for (start, keys) in missing {
        fixes.extend(trial.skeleton(start as usize, keys));
    }
    fixes.extend(trial.all_at_once(!fixes.is_empty()));
    Some(fixes)
}

/// Tries changes of one file: a change that leaves more findings in it isn't offered.
struct Trial<'t> {
    workspace: &'t Workspace,
    asked: &'t AskedFile<'t>,
    project: &'t EditorProject,
    /// How many findings the file has by itself.
    before: usize,
}

impl Trial<'_> {
    fn begun(self) -> Self {
        let before = self.findings(self.asked.text());
        Self { before, ..self }
    }

    fn fix(&self, finding: &Finding, fix: &Fix, shown: FileDiagnostic) -> Option<QuickFix> {
        let is_sure = fix.certainty == Certainty::OneAnswer;
        let (range, text) = fix.edit(self.asked.text())?;
        let title = match fix.kind {
            FixKind::RemoveEntry if finding.help != "take it away" => finding.help.clone(),
            _ => fix.kind.title(),
        };
        self.offer(
            title,
            vec![TextEdit { range, text }],
            (vec![shown], is_sure),
        )
    }

    /// The keys that a mapping lacks.
    fn skeleton(
        &self,
        start: usize,
        keys: Vec<(&'static str, FileDiagnostic)>,
    ) -> Option<QuickFix> {
        let (names, answers): (Vec<&str>, Vec<FileDiagnostic>) = keys.into_iter().unzip();
        let (range, text) = added_keys(self.asked.text(), start, &names)?;
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let title = format!("Add {}", quoted.join(", "));
        self.offer(title, vec![TextEdit { range, text }], (answers, false))
    }

    /// Every fix of the file that is the one right answer, if there are several.
    fn all_at_once(&self, is_any_here: bool) -> Option<QuickFix> {
        let text = self.asked.text();
        let mut edits = Vec::new();
        for finding in self.asked.checked.findings.iter().filter(|_| is_any_here) {
            let fix = finding.fix.as_deref();
            let sure = fix.filter(|fix| {
                fix.certainty == Certainty::OneAnswer && fix.span.file == self.asked.file
            });
            let edit = sure.and_then(|fix| fix.edit(text));
            edits.extend(edit.map(|(range, text)| TextEdit { range, text }));
        }
        if edits.len() < 2 {
            return None;
        }
        let title = format!(
            "Fix {} findings of this file that have one right answer",
            edits.len()
        );
        let fix = self.offer(title, edits, (Vec::new(), true))?;
        Some(QuickFix {
            is_preferred: false,
            ..fix
        })
    }

    /// The change, if it does what it should.
    fn offer(
        &self,
        title: String,
        edits: Vec<TextEdit>,
        (answers, is_sure): (Vec<FileDiagnostic>, bool),
    ) -> Option<QuickFix> {
        let text = self.asked.text();
        let fixed = if is_sure { edits.len() } else { 0 };
        let changed = apply(text, edits.clone())?;
        if self.findings(&changed.text) + fixed > self.before {
            return None;
        }
        let lines = TextLines::new(text, self.workspace.setup.unit);
        let buffer = self.workspace.buffers.get(&self.asked.path);
        let mut in_editor = Vec::with_capacity(edits.len());
        for edit in edits {
            in_editor.push((lines.range(edit.range.start, edit.range.end), edit.text));
        }
        Some(QuickFix {
            title,
            uri: self.workspace.address(&self.asked.path),
            version: buffer.map(|buffer| buffer.version),
            edits: in_editor,
            answers,
            is_preferred: is_sure,
        })
    }

    /// How many findings a text in the place of the file has by itself.
    fn findings(&self, text: &str) -> usize {
        let single = SingleFile {
            root: self.asked.root,
            name: &self.asked.checked.sources.file(self.asked.file).name,
            path: &self.asked.path,
            settings: self.project.settings.as_ref(),
            clock: self.workspace.clock,
        };
        let (findings, _) = single.findings(&Arc::new(text.to_owned()));
        findings.len()
    }
}
