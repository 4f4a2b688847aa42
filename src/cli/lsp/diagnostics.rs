//! Findings as an editor shows them: each in its file, with its help, and with the other places that it names.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::cli::lsp::messages::{EditorRange, FileDiagnostic, FilePlace, SchemaFindings};
use crate::cli::lsp::text_lines::TextLines;
use crate::cli::lsp::workspace::{CheckedProject, Workspace};
use crate::findings::source::{FileId, SourceFile, Span};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::{duplicate_key, syntax, unreadable_file};
use crate::manifest::workbook::is_workbook;
use crate::project::settings::PROJECT_FILE;
use crate::render::count;

/// How many findings of a file an editor is told. More help nobody, and take long to show.
pub(super) const MOST_IN_FILE: usize = 1_000;

/// What is found in a project, by file.
pub(super) fn diagnostics(
    workspace: &Workspace,
    root: &Path,
    checked: Option<&CheckedProject>,
    refused: Option<&str>,
) -> BTreeMap<PathBuf, Vec<FileDiagnostic>> {
    let mut files: BTreeMap<PathBuf, Vec<FileDiagnostic>> = BTreeMap::new();
    if let Some(words) = refused {
        let refusal = FileDiagnostic {
            range: EditorRange::default(),
            severity: Severity::Error,
            code: unreadable_file::RULE.name,
            message: words.to_owned(),
            related: Vec::new(),
        };
        files.insert(root.join(PROJECT_FILE), vec![refusal]);
    }
    let Some(checked) = checked else {
        return files;
    };
    let mut left_out: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut places = Places::new(workspace, root, checked);
    for finding in &checked.findings {
        if places.is_said_elsewhere(finding) {
            continue;
        }
        let path = places.path(finding.span().file);
        let of_file = files.entry(path.clone()).or_default();
        if of_file.len() < MOST_IN_FILE {
            of_file.push(places.diagnostic(finding));
        } else {
            *left_out.entry(path).or_default() += 1;
        }
    }
    for (path, number) in left_out {
        files.entry(path).or_default().push(more(number));
    }
    files
}

/// Says how many findings aren't shown.
fn more(number: usize) -> FileDiagnostic {
    let findings = count(number, "more finding", "more findings");
    FileDiagnostic {
        range: EditorRange::default(),
        severity: Severity::Warning,
        code: "more",
        message: format!("{findings} in this file\nhelp: `rosterctl validate` lists all of them"),
        related: Vec::new(),
    }
}

/// Turns spans of a project into places in files.
pub(super) struct Places<'w> {
    workspace: &'w Workspace,
    root: &'w Path,
    checked: &'w CheckedProject,
    lines: HashMap<FileId, TextLines<'w>>,
    /// Up to which byte of a file the schema counts that the file names.
    schema_ends: HashMap<FileId, usize>,
    /// The file in which findings on a file are shown.
    paths: HashMap<FileId, PathBuf>,
}

impl<'w> Places<'w> {
    pub(super) fn new(
        workspace: &'w Workspace,
        root: &'w Path,
        checked: &'w CheckedProject,
    ) -> Self {
        Self {
            workspace,
            root,
            checked,
            lines: HashMap::new(),
            schema_ends: HashMap::new(),
            paths: HashMap::new(),
        }
    }

    pub(super) fn diagnostic(&mut self, finding: &Finding) -> FileDiagnostic {
        let mut related = Vec::new();
        for label in finding.labels.iter().skip(1) {
            related.push((self.place(label.span), label.text.clone()));
        }
        let cell = self.checked.sources.sheet_cell(finding.span());
        let cell = cell.map_or_else(String::new, |(sheet, cell)| format!("{sheet} {cell}: "));
        FileDiagnostic {
            range: self.range(finding.span()),
            severity: finding.severity,
            code: finding.rule.name,
            message: format!("{cell}{}\nhelp: {}", finding.message, finding.help),
            related,
        }
    }

    pub(super) fn place(&mut self, span: Span) -> FilePlace {
        let path = self.path(span.file);
        FilePlace {
            uri: self.workspace.address(&path),
            range: self.range(span),
        }
    }

    /// What is shown of a workbook isn't its text, so its places are its beginning.
    pub(super) fn range(&mut self, span: Span) -> EditorRange {
        let file = self.checked.sources.file(span.file);
        if is_workbook(&file.name) {
            return EditorRange::default();
        }
        let unit = self.workspace.setup.unit;
        let lines = self.lines.entry(span.file);
        let lines = lines.or_insert_with(|| TextLines::new(&file.text, unit));
        lines.range(span.start as usize, span.end as usize)
    }

    /// The file that a span is in. What is no file, such as a folder that isn't there, was named in `rosterctl.yaml`.
    pub(super) fn path(&mut self, file: FileId) -> PathBuf {
        let (workspace, root) = (self.workspace, self.root);
        let name = &self.checked.sources.file(file).name;
        let find = || {
            let path = root.join(&**name);
            let is_file = workspace.buffers.get(&path).is_some() || path.is_file();
            if is_file {
                path
            } else {
                root.join(PROJECT_FILE)
            }
        };
        self.paths.entry(file).or_insert_with(find).clone()
    }

    /// Whether yaml-language-server shows a finding, if it is used beside this server.
    pub(super) fn is_said_elsewhere(&mut self, finding: &Finding) -> bool {
        let file = self.checked.sources.file(finding.span().file);
        if self.workspace.setup.schema_findings == SchemaFindings::Here || !is_yaml(&file.name) {
            return false;
        }
        let start = finding.span().start as usize;
        OF_EVERY_YAML.contains(&finding.rule)
            || (finding.is_of_schema && start < self.schema_end(finding.span().file, file))
    }

    fn schema_end(&mut self, id: FileId, file: &SourceFile) -> usize {
        let end = self.schema_ends.entry(id);
        *end.or_insert_with(|| schema_end(&file.text))
    }
}

/// Whether yaml-language-server shows the schema's meaning of what stands at a byte.
pub(super) fn is_said_by_schema(workspace: &Workspace, text: &str, byte: usize) -> bool {
    workspace.setup.schema_findings == SchemaFindings::Elsewhere && byte < schema_end(text)
}

/// What every reader of YAML finds, whatever the file is for.
static OF_EVERY_YAML: &[&Rule] = &[&syntax::RULE, &duplicate_key::RULE];

pub(super) fn is_yaml(name: &str) -> bool {
    let ending = Path::new(name).extension();
    ending.is_some_and(|ending| {
        ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml")
    })
}

/// Up to which byte yaml-language-server applies the schema that a comment of the text names: to the end of the first document.
fn schema_end(text: &str) -> usize {
    let comments = text.lines().filter(|line| line.starts_with('#'));
    let mut modelines = comments.filter(|line| line.contains("yaml-language-server:"));
    if !modelines.any(|line| line.contains("$schema=")) {
        return 0;
    }
    let mut has_content = false;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let is_mark = line.starts_with("---");
        if is_mark && has_content {
            return end;
        }
        has_content |= !is_mark && !line.starts_with('#') && !line.trim().is_empty();
        end += line.len();
    }
    end
}
