//! `bad-day`: a day in another form than the one due, or one that the calendar doesn't have. The schema and the CSV
//! reader find the first, and `check` the second.

use jiff::civil::date;

use crate::domain::field::{Field, Key, ValueKind};
use crate::domain::london;
use crate::findings::source::Spanned;
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::csv_format::{CsvSettings, DATE_FORMATS, DateFormat};
use crate::manifest::node_value::{day, has_form};
use crate::manifest::rules::{not_in_calendar, wrong_form};
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "bad-day",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A day that isn't written as is due, or that the calendar doesn't have.",
    explanation: "In manifests days are written `2026-09-01`. In a CSV they may be written otherwise, if `dateFormat` says how: \
`dateFormat: DD/MM/YYYY`. It is never guessed, since 03/04/2007 is two days.",
};

/// Checks only texts of the right form: the schema has found the others.
pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    let is_wrong = field.kind == ValueKind::Day
        && has_form(text, "2026-09-01")
        && day(text).is_none()
        && !london::is_empty_date(text);
    is_wrong.then(|| not_in_calendar(&RULE, "day", field, node.span))
}

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    let finding = wrong_form(&RULE, place, "isn't a day");
    match place.node().text().and_then(year_first) {
        Some(day) => finding.fixed_by(FixKind::Write(day)),
        None => finding,
    }
}

/// A day that begins with its year can be read in one way only: `2026-9-1`, `2026/09/01`.
fn year_first(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.trim().split(['-', '/', '.']).collect();
    let [year, month, date] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    let written = format!("{year}-{month:0>2}-{date:0>2}");
    day(&written).map(|_| written)
}

/// A cell of a CSV that isn't a day in the form that the CSV is read with.
pub(crate) fn in_cell(
    key: Key,
    cell: &Spanned<&str>,
    format: &DateFormat,
    settings: CsvSettings,
) -> Finding {
    let message = format!("`{}` isn't a day in the form {}", key.name(), format.name);
    let help = cell_help(cell.value, format, settings);
    Finding::new(&RULE, cell.span, message, help)
}

/// What to do about the cell, by what it looks like.
fn cell_help(text: &str, format: &DateFormat, settings: CsvSettings) -> String {
    // Spreadsheets count days from 1900; those of a lifetime have five digits.
    let is_day_number = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_day_number {
        return "it is a spreadsheet's number for a day: format the column as a date, and export again".to_owned();
    }
    let example = date(2007, 3, 14).strftime(format.pattern).to_string();
    match DATE_FORMATS
        .iter()
        .find(|other| other.parse(text).is_some())
    {
        Some(other) => format!(
            "write it as in `{example}`, or {} if all are like this one",
            settings.date_format_help(other)
        ),
        None => format!(
            "write it as in `{example}`: a day that exists, its year with four digits, and no time of the day"
        ),
    }
}
