//! Findings for machines: one JSON document, or the workflow commands by which GitHub annotates lines. For people they
//! are `ui`'s.

use std::path::Path;

use serde::Serialize;

use crate::findings::source::{Sources, Span};
use crate::findings::{Finding, Label, Severity, tally};
use crate::render::words::{count, shown};

/// What a check came to.
pub struct CheckedFindings<'v> {
    /// In the order of their places.
    pub findings: &'v [Finding],
    pub sources: &'v Sources,
    /// How many users are declared, if they could be read.
    pub users: Option<usize>,
    pub files: usize,
    /// The folder that the names of the files count from.
    pub folder: &'v Path,
}

/// The version of the JSON document.
const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingsJson<'v> {
    format_version: &'static str,
    valid: bool,
    users: Option<usize>,
    files: usize,
    errors: usize,
    warnings: usize,
    findings: Vec<FindingJson<'v>>,
}

#[derive(Serialize)]
struct FindingJson<'v> {
    code: &'static str,
    severity: &'static str,
    message: &'v str,
    help: &'v str,
    places: Vec<Position<'v>>,
}

/// Lines and columns count from 1, columns in characters. Where a value ends isn't said: its length is nobody's business.
#[derive(Serialize)]
struct Position<'v> {
    file: &'v str,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<&'v str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'v str,
}

/// One JSON document with every finding.
pub fn findings_json(verdict: &CheckedFindings<'_>) -> String {
    let (errors, warnings) = tally(verdict.findings);
    let document = FindingsJson {
        format_version: FORMAT_VERSION,
        valid: errors == 0,
        users: verdict.users,
        files: verdict.files,
        errors,
        warnings,
        findings: verdict
            .findings
            .iter()
            .map(|finding| item(finding, verdict.sources))
            .collect(),
    };
    serde_json::to_string_pretty(&document).expect("no map has keys that aren't text") + "\n"
}

fn item<'v>(finding: &'v Finding, sources: &'v Sources) -> FindingJson<'v> {
    FindingJson {
        code: finding.rule.name,
        severity: finding.severity.name(),
        message: &finding.message,
        help: &finding.help,
        places: finding
            .labels
            .iter()
            .map(|label| position(label, sources))
            .collect(),
    }
}

fn position<'v>(label: &'v Label, sources: &'v Sources) -> Position<'v> {
    let Span { file, start, .. } = label.span;
    let file = sources.file(file);
    let cell = sources.cell(label.span);
    Position {
        file: &file.name,
        line: file.line_of(start),
        column: file.column_of(start),
        row: cell.map(|(row, _)| row),
        header: cell.and_then(|(_, column)| Some(column?.header.as_str())),
        label: &label.text,
    }
}

/// A workflow command for each finding.
pub fn findings_github(verdict: &CheckedFindings<'_>) -> String {
    verdict
        .findings
        .iter()
        .map(|finding| annotation(finding, verdict))
        .collect()
}

fn annotation(finding: &Finding, verdict: &CheckedFindings<'_>) -> String {
    let sources = verdict.sources;
    let place = position(&finding.labels[0], sources);
    let file = if verdict.folder == Path::new(".") {
        place.file.into()
    } else {
        verdict.folder.join(place.file)
    };
    let elsewhere = finding.labels[1..]
        .iter()
        .map(|label| format!("\n{}: {}", label.text, sources.place(label.span)));
    let cell = cell_words(sources, finding.span())
        .map(|cell| format!("\n{cell}"))
        .unwrap_or_default();
    let text = format!(
        "{}{cell}{}\n{}",
        finding.message,
        elsewhere.collect::<String>(),
        finding.help
    );
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        finding.severity.name(),
        property(&file.to_string_lossy().replace('\\', "/")),
        place.line,
        place.column,
        property(finding.rule.name),
        data(&text)
    )
}

/// Text as workflow commands want it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Where a finding lies in a table: `row 14, column "Born"`.
pub fn cell_words(sources: &Sources, span: Span) -> Option<String> {
    let (row, column) = sources.cell(span)?;
    let column = column
        .map(|column| format!(", column \"{}\"", shown(&column.header)))
        .unwrap_or_default();
    Some(format!("row {row}{column}"))
}

/// The last line of a check for people.
pub fn summary(verdict: &CheckedFindings<'_>, is_denied: bool) -> String {
    let (errors, warnings) = tally(verdict.findings);
    let gap = if verdict.findings.is_empty() {
        ""
    } else {
        "\n"
    };
    let of = |number: usize, severity: Severity| match severity {
        Severity::Error => count(number, "error", "errors"),
        Severity::Warning => count(number, "warning", "warnings"),
    };
    let files = count(verdict.files, "file", "files");
    let found = [(errors, Severity::Error), (warnings, Severity::Warning)]
        .into_iter()
        .filter(|(number, _)| *number > 0);
    let found: Vec<_> = found
        .map(|(number, severity)| of(number, severity))
        .collect();
    match verdict.users.filter(|_| errors == 0) {
        None => format!("{gap}{}.\n", found.join(", ")),
        Some(_) if is_denied => format!("{gap}{}, and warnings are denied.\n", found.join(", ")),
        Some(users) => {
            let users = count(users, "user", "users");
            let found: Vec<_> = std::iter::once(format!("{users} in {files}"))
                .chain(found)
                .collect();
            format!("{gap}Valid: {}.\n", found.join("; "))
        }
    }
}
