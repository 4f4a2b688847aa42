//! Findings as one JSON document.

use serde::Serialize;

use crate::findings::source::{Sources, Span};
use crate::findings::{Finding, Label, tally};
use crate::render::findings::CheckedFindings;
use crate::review::json;

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

/// Lines and columns count from 1, columns in characters. The end of a value is left out, because its length is personal.
#[derive(Serialize)]
pub(super) struct Position<'v> {
    pub(super) file: &'v str,
    pub(super) line: usize,
    pub(super) column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<&'v str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'v str,
}

/// The document, with every finding.
pub fn findings_json(checked: &CheckedFindings<'_>) -> String {
    let (errors, warnings) = tally(checked.findings);
    let document = FindingsJson {
        format_version: FORMAT_VERSION,
        valid: errors == 0,
        users: checked.users,
        files: checked.files,
        errors,
        warnings,
        findings: checked
            .findings
            .iter()
            .map(|finding| item(finding, checked.sources))
            .collect(),
    };
    json::document(&document)
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

/// The place of a label.
pub(super) fn position<'v>(label: &'v Label, sources: &'v Sources) -> Position<'v> {
    let Span { file, start, .. } = label.span;
    let file = sources.file(file);
    let cell = sources.cell(label.span);
    let (sheet, address) = sources.sheet_cell(label.span).unzip();
    Position {
        file: &file.name,
        line: file.line_of(start),
        column: file.column_of(start),
        row: cell.map(|(row, _)| row),
        sheet,
        cell: address,
        header: cell.and_then(|(_, column)| Some(column?.header.as_str())),
        label: &label.text,
    }
}
