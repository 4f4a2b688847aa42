//! What is found in the file that a person types in, before the whole project is looked at: what the file shows by itself, and what
//! only the whole project shows, as it was when that was last looked at.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::cli::lsp::diagnostics::{MOST_IN_FILE, Places, is_yaml};
use crate::cli::lsp::messages::FileDiagnostic;
use crate::cli::lsp::single_file::SingleFile;
use crate::cli::lsp::text_lines::TextLines;
use crate::cli::lsp::workspace::{CheckedProject, EditorProject, Workspace};
use crate::findings::source::Span;
use crate::findings::{Finding, Rule};

/// A longer file takes as long as a project.
const LONGEST: usize = 500_000;

/// What tells one finding of a file from another.
type FindingKey<'f> = (&'static Rule, &'f str, Range<usize>);

/// What an open manifest shows now. `None` if the project has to be looked at first.
pub(super) fn glance(
    workspace: &Workspace,
    (root, project): (&Path, &EditorProject),
    path: &PathBuf,
) -> Option<Vec<FileDiagnostic>> {
    let checked = project.checked.as_ref()?;
    let file = checked.file(root, path)?;
    let source = checked.sources.file(file);
    let now = &workspace.buffers.get(path)?.text;
    if !is_yaml(&source.name) || now.len() > LONGEST || project.settings.is_none() {
        return None;
    }
    let single = SingleFile {
        root,
        name: &source.name,
        path,
        settings: project.settings.as_ref(),
        clock: workspace.clock,
    };
    let (by_itself, _) = single.findings(&source.text);
    let (findings, sources) = single.findings(now);
    let edit = Edit::between(&source.text, now);
    let in_file = |finding: &&Finding| finding.span().file == file;
    let known: HashSet<FindingKey<'_>> = checked.findings.iter().filter(in_file).map(key).collect();
    // What the file alone shows, and the project doesn't: a field that a table gives seems to be missing, for instance.
    let mut mistaken = Mistaken::default();
    let mut of_file: HashSet<FindingKey<'_>> = HashSet::new();
    for finding in &by_itself {
        let (rule, message, range) = key(finding);
        if !known.contains(&(rule, message, range.clone())) {
            mistaken.add(rule, message, edit.moved(&range));
        }
        of_file.insert((rule, message, range));
    }
    let alone = CheckedProject {
        findings: Vec::new(),
        sources,
        declarations: None,
    };
    let mut shown = Vec::new();
    let mut places = Places::new(workspace, root, &alone);
    for finding in &findings {
        let is_in_file = alone.sources.file(finding.span().file).name == source.name;
        if is_in_file && !mistaken.has(finding, &edit) && !places.is_said_elsewhere(finding) {
            shown.push(places.diagnostic(finding));
        }
    }
    let mut places = Places::new(workspace, root, checked);
    let lines = TextLines::new(now, workspace.setup.unit);
    for finding in checked.findings.iter().filter(in_file) {
        if of_file.contains(&key(finding)) || places.is_said_elsewhere(finding) {
            continue;
        }
        if let Some(range) = edit.moved(&range_of(finding.span())) {
            let range = lines.range(range.start, range.end);
            shown.push(FileDiagnostic {
                range,
                ..places.diagnostic(finding)
            });
        }
    }
    shown.sort_by_key(|one| one.range);
    shown.truncate(MOST_IN_FILE);
    Some(shown)
}

/// Findings that the file shows by itself, and the whole project doesn't.
#[derive(Default)]
struct Mistaken<'f> {
    /// Beside the edit, where they stand now.
    beside: HashSet<FindingKey<'f>>,
    /// Within the edit, where nobody knows what became of their places.
    within: HashSet<(&'static Rule, &'f str)>,
}

impl<'f> Mistaken<'f> {
    fn add(&mut self, rule: &'static Rule, message: &'f str, place: Option<Range<usize>>) {
        match place {
            Some(range) => drop(self.beside.insert((rule, message, range))),
            None => drop(self.within.insert((rule, message))),
        }
    }

    fn has(&self, finding: &Finding, edit: &Edit) -> bool {
        let (rule, message, range) = key(finding);
        let is_within = edit.is_new(&range) && self.within.contains(&(rule, message));
        is_within || self.beside.contains(&(rule, message, range))
    }
}

fn key(finding: &Finding) -> FindingKey<'_> {
    let span = finding.span();
    (finding.rule, &finding.message, range_of(span))
}

fn range_of(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// How a text became another one: a part in the middle is new.
struct Edit {
    /// How many bytes at the beginning are the same.
    before: usize,
    /// Where the end begins that is the same.
    after: usize,
    /// The lengths of the former text and of the new one.
    lengths: (usize, usize),
}

impl Edit {
    fn between(former: &str, now: &str) -> Self {
        let same = former.bytes().zip(now.bytes());
        let before = same.take_while(|(one, other)| one == other).count();
        let ends = former.len().min(now.len()) - before;
        let pairs = former.bytes().rev().zip(now.bytes().rev()).take(ends);
        let end = pairs.take_while(|(one, other)| one == other).count();
        Self {
            before,
            after: former.len() - end,
            lengths: (former.len(), now.len()),
        }
    }

    /// Whether a part of the new text touches what is new.
    fn is_new(&self, range: &Range<usize>) -> bool {
        let (former, now) = self.lengths;
        let end = now - (former - self.after);
        range.start <= end && self.before <= range.end
    }

    /// Where a part of the former text stands now; `None` if it was changed.
    fn moved(&self, range: &Range<usize>) -> Option<Range<usize>> {
        if range.end <= self.before {
            return Some(range.clone());
        }
        let (former, now) = self.lengths;
        if range.start < self.after {
            return None;
        }
        // Counted from the end, which stayed.
        Some(now - (former - range.start)..now - (former - range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::Edit;

    #[test]
    fn what_stands_beside_an_edit_is_found_again() {
        let (former, now) = ("one two three", "one 2 and three");
        let edit = Edit::between(former, now);
        let moved = |word: &str| {
            let start = former.find(word).unwrap();
            let range = edit.moved(&(start..start + word.len()))?;
            Some(&now[range])
        };
        assert_eq!(moved("one"), Some("one"));
        assert_eq!(moved("three"), Some("three"));
        assert_eq!(moved("two"), None);
        let same = Edit::between("ab", "ab");
        assert_eq!(same.moved(&(0..2)), Some(0..2));
        let grown = Edit::between("aa", "aaa");
        assert_eq!(grown.moved(&(0..2)), Some(0..2));
    }
}
