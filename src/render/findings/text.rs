//! Findings in words for people: the cell of a table, and the summary.

use std::fmt::Write;

use crate::findings::source::{Sources, Span};
use crate::findings::tally;
use crate::render::findings::CheckedFindings;
use crate::render::words::{count, enumerated, shown};

/// The cell where a finding is, if it is in a table: `row 14, column "Born"`; in a workbook `sheet "Learners", cell C17,
/// column "Born"`.
pub fn cell_words(sources: &Sources, span: Span) -> Option<String> {
    let (row, column) = sources.cell(span)?;
    let mut words = match sources.sheet_cell(span) {
        Some((sheet, cell)) => format!("sheet \"{}\", cell {cell}", shown(sheet)),
        None => format!("row {row}"),
    };
    if let Some(column) = column {
        let _ = write!(words, ", column \"{}\"", shown(&column.header));
    }
    Some(words)
}

/// The last line of a check. `is_denied` says that warnings count as errors.
pub fn summary(checked: &CheckedFindings<'_>, is_denied: bool) -> String {
    let (errors, warnings) = tally(checked.findings);
    let mut counts = Vec::new();
    if errors > 0 {
        counts.push(count(errors, "error", "errors"));
    }
    if warnings > 0 {
        counts.push(count(warnings, "warning", "warnings"));
    }
    let gap = if checked.findings.is_empty() {
        ""
    } else {
        "\n"
    };
    match checked.users.filter(|_| errors == 0) {
        None => format!("{gap}{}.\n", counts.join(", ")),
        Some(_) if is_denied => format!("{gap}{}, and warnings are denied.\n", counts.join(", ")),
        Some(users) => {
            let files = count(checked.files, "file", "files");
            counts.insert(0, format!("{} in {files}", declared(checked, users)));
            format!("{gap}Valid: {}.\n", counts.join("; "))
        }
    }
}

/// The users, and the placements and classrooms if there are any: `50 users and 1 placement`.
fn declared(checked: &CheckedFindings<'_>, users: usize) -> String {
    let mut words = Vec::new();
    for (kind, number) in &checked.entries {
        if *number > 0 {
            words.push(count(*number, kind.word(), kind.list()));
        }
    }
    if users > 0 || words.is_empty() {
        words.insert(0, count(users, "user", "users"));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    enumerated(&words)
}
