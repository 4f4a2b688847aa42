//! `mangled-cell`: a cell that a spreadsheet has spoilt. The reader of tables asks `check` of every cell.

use crate::domain::field::{Key, ValueKind};
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::csv_format::CellForm;

pub static RULE: Rule = Rule {
    name: "mangled-cell",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A cell that a spreadsheet has spoilt: a rounded number such as `9.99E+09`, `#N/A`, `#####`, a day in the place of text.",
    explanation: "Spreadsheets show long numbers in short and save what they show, so that the digits are gone from the file. Format \
the column as text in the spreadsheet, import the data anew, and export again. `#N/A` and its like are errors of formulas. In a \
workbook a number may stand where text is due, such as a ULN: then its digits count. If some may be lost, or if the cell shows \
more than the digits, it is refused.",
};

/// What a spreadsheet writes in the place of a value that it has lost.
const FORMULA_ERRORS: &[&str] = &[
    "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!",
];

pub(crate) fn check(key: Key, text: &str, form: CellForm, span: Span) -> Option<Finding> {
    let (what, help) = if let Some(fault) = fault_of_form(key, form) {
        fault
    } else if FORMULA_ERRORS.contains(&text) || is_numbered_error(text) {
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

/// What is wrong with a cell of a workbook, by what it holds in the place of text.
fn fault_of_form(key: Key, form: CellForm) -> Option<(&'static str, &'static str)> {
    const AS_TEXT: &str = "format the column as text in the spreadsheet, and type the value again";
    let is_text = match key.row().kind {
        ValueKind::Text(_)
        | ValueKind::Role
        | ValueKind::Word(_)
        | ValueKind::Reference(_)
        | ValueKind::References(_)
        | ValueKind::Accounts
        | ValueKind::Units => true,
        ValueKind::Day
        | ValueKind::Instant
        | ValueKind::Flag
        | ValueKind::Number
        | ValueKind::Ids => false,
    };
    match form {
        CellForm::Uncalculated => Some((
            "a formula that was never calculated",
            "open the workbook in a spreadsheet program, and save it again",
        )),
        CellForm::Rounded => Some((
            "a number of more than 15 digits, which a spreadsheet rounds",
            AS_TEXT,
        )),
        CellForm::Day if is_text => Some(("a day in the place of text", AS_TEXT)),
        CellForm::Fraction if is_text => {
            Some(("a number with decimals in the place of text", AS_TEXT))
        }
        CellForm::Formatted if is_text => Some((
            "a number that the spreadsheet shows in another way than it is",
            AS_TEXT,
        )),
        CellForm::Text
        | CellForm::Number
        | CellForm::Day
        | CellForm::Fraction
        | CellForm::Formatted => None,
    }
}

/// `Err:502`, as `LibreOffice` numbers the errors of formulas.
fn is_numbered_error(text: &str) -> bool {
    text.strip_prefix("Err:").is_some_and(is_digits)
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
