//! `mangled-cell`: a cell that a spreadsheet has spoilt. The CSV reader asks `check` of every cell.

use crate::domain::field::Key;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "mangled-cell",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A cell that a spreadsheet has spoilt: a rounded number such as `9.99E+09`, `#N/A`, `#####`.",
    explanation: "Spreadsheets show long numbers in short and save what they show, so that the digits are gone from the file. Format \
the column as text in the spreadsheet, import the data anew, and export again. `#N/A` and its like are errors of formulas.",
};

/// What a spreadsheet writes in the place of a value that it has lost.
const FORMULA_ERRORS: &[&str] = &[
    "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!",
];

pub(crate) fn check(key: Key, text: &str, span: Span) -> Option<Finding> {
    let (what, help) = if FORMULA_ERRORS.contains(&text) {
        (
            "an error of a spreadsheet's formula",
            "fix the formula there, and export again",
        )
    } else if text.len() > 1 && text.bytes().all(|byte| byte == b'#') {
        (
            "a column was too narrow for its value",
            "widen it in the spreadsheet, and export again",
        )
    } else if is_rounded(text) {
        (
            "a spreadsheet has rounded this long number",
            "format the column as text in the spreadsheet, fill it anew, and export again",
        )
    } else {
        return None;
    };
    let message = format!("{what}, and `{}` is lost", key.name());
    Some(Finding::new(&RULE, span, message, help))
}

/// Whether a text is a long number as spreadsheets shorten it: `9.99E+09`.
fn is_rounded(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let whole = mantissa.replacen(['.', ','], "", 1);
    is_digits(&whole) && exponent.strip_prefix('+').is_some_and(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
