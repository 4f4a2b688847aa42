//! `spreadsheet-key`: a MIS value that a spreadsheet has changed or guarded. It would be another key, and so another
//! account.

use crate::domain::field::{Field, Key, ReferenceForm, Referent, ValueKind};
use crate::findings::source::Span;
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "spreadsheet-key",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "A MIS value as a spreadsheet writes it: `=\"00102\"`, `'00102`, `104.0`, `1,005`, `1.04E+05`, `01-Mar`.",
    explanation: "It isn't the key that the MIS has, so rosterctl would not find the account and would create a second one. Format the \
column as text in the spreadsheet, import the data again, and export it again. The same goes for references such as \
`defaultAssessor`. In a workbook a MIS value may be a number. Numbers of different lengths, or beside text that begins with 0, are \
found: zeros at their front may be lost. If OneFile really has such a value, write `severity: { spreadsheet-key: ignore }` in rosterctl.yaml.",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    match field.kind {
        ValueKind::Text(_) if field.key.is_mis_id() => fault_of(field, node),
        ValueKind::Reference(referent) => match node.get(ReferenceForm::MisId.name()) {
            Some(entry) => fault_of(field, &entry.value),
            None if matches!(referent, Referent::User(_)) => fault_of(field, node),
            // Plain text may be a name here, and a placement may be called `'Spoons`.
            None => None,
        },
        ValueKind::Accounts => node.items().iter().find_map(|item| fault_of(field, item)),
        ValueKind::Text(_)
        | ValueKind::Day
        | ValueKind::Instant
        | ValueKind::Flag
        | ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Role
        | ValueKind::Word(_)
        | ValueKind::References(_)
        | ValueKind::Units => None,
    }
}

/// Numbers in a column of MIS values that may have begun with zeros. The place is the shortest of them.
pub(crate) fn lost_zeros(key: Key, cell: Span, has_zero: bool) -> Finding {
    let reason = if has_zero {
        "other cells of the column are text that begins with 0"
    } else {
        "the numbers of the column have different lengths"
    };
    let message = format!(
        "`{}` is a number, and may have lost zeros at its front: {reason}",
        key.name()
    );
    Finding::new(&RULE, cell, message, NUMBERS)
}

const NUMBERS: &str = "format the column as text, and fill it again from the MIS; if no zero is missing, write \
                       `severity: { spreadsheet-key: ignore }` in rosterctl.yaml";

fn fault_of(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?.trim();
    let (what, help) = fault(text)?;
    let message = format!("`{}` {what}", field.name);
    let finding = Finding::new(&RULE, node.span, message, help);
    Some(match without_guard(text) {
        Some(key) => finding.fixed_by(FixKind::Write(format!("\"{key}\""))),
        None => finding,
    })
}

const AS_TEXT: &str = "format the column as text, import the data again, and export it again";

/// What a spreadsheet has made of a key, and what to type.
fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    let first = *text.as_bytes().first()?;
    // Nearly every key begins with a letter, or is digits throughout.
    let is_sound = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_sound || (first.is_ascii_alphabetic() && !is_day(text)) {
        return None;
    }
    if is_guarded(text) {
        let help = "take `=`, the quotation marks or the apostrophe away";
        return Some(("has the guard that a spreadsheet puts around text", help));
    }
    if is_whole_with_point(text) {
        return Some((
            "ends with the `.0` of a spreadsheet",
            "take `.0` away; look whether zeros at its front are lost",
        ));
    }
    if has_thousands(text) {
        return Some((
            "has a comma between its thousands, as spreadsheets write numbers",
            AS_TEXT,
        ));
    }
    if is_exponent(text) {
        return Some(("is a number that a spreadsheet has rounded", AS_TEXT));
    }
    if is_day(text) {
        return Some(("is a day that a spreadsheet has made of it", AS_TEXT));
    }
    is_error_value(text).then_some((
        "is what a spreadsheet shows in the place of a value",
        AS_TEXT,
    ))
}

/// `#REF!`, `#NAME?`, `####`; not `#123`.
fn is_error_value(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('#') else {
        return false;
    };
    rest.starts_with(|c: char| c == '#' || c.is_ascii_uppercase())
}

/// `="00102"`, `'00102`, `"00102"`.
const GUARDS: &[char] = &['=', '\'', '"', '‘', '’', '“', '”', '´'];

fn is_guarded(text: &str) -> bool {
    text.starts_with(GUARDS)
}

/// The key within a guard, if nothing else is odd about it.
fn without_guard(text: &str) -> Option<&str> {
    let key = text.trim_matches(GUARDS);
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    let is_sound = !key.is_empty() && key.chars().all(is_key) && fault(key).is_none();
    (is_guarded(text) && is_sound).then_some(key)
}

/// `104.0`, `104.00`.
fn is_whole_with_point(text: &str) -> bool {
    let Some((whole, zeros)) = text.split_once('.') else {
        return false;
    };
    is_digits(whole) && !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0')
}

/// `1,005`, `12,345,678`, `1,005.00`.
fn has_thousands(text: &str) -> bool {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    (1..=3).contains(&first.len())
        && is_digits(first)
        && rest.peek().is_some()
        && rest.all(|group| group.len() == 3 && is_digits(group))
}

/// `1.04E+05`, `1e+16`.
fn is_exponent(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = mantissa.replacen(['.', ','], "", 1);
    let exponent = exponent.strip_prefix(['+', '-']);
    is_digits(&digits) && exponent.is_some_and(is_digits)
}

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// `01-Mar`, `Mar-24`, `1-Mar-24`, `01/03/2024`, and with a midnight behind it `2024-03-01 00:00:00`.
fn is_day(text: &str) -> bool {
    let day = text.split_once([' ', 'T']).map_or(
        text,
        |(day, time)| if time.contains(':') { day } else { text },
    );
    let has_time = day.len() < text.len();
    let parts: Vec<&str> = day.split(['-', '/']).collect();
    let is_month = |part: &str| MONTHS.contains(&part.to_ascii_lowercase().as_str());
    let is_number = |part: &str, longest: usize| is_digits(part) && part.len() <= longest;
    match parts.as_slice() {
        [one, other] => {
            (is_number(one, 2) && is_month(other)) || (is_month(one) && is_number(other, 2))
        }
        [day, month, year] => {
            (is_number(day, 2) && is_month(month) && is_number(year, 4))
                || (text.contains('/')
                    && is_number(day, 2)
                    && is_number(month, 2)
                    && year.len() == 4
                    && is_digits(year))
                || (has_time && is_number(day, 4) && is_number(month, 2) && is_number(year, 4))
        }
        _ => false,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn keys_that_a_spreadsheet_has_changed_are_found() {
        for text in [
            "=\"00102\"",
            "=00102",
            "'00103",
            "’00103",
            "\"00104\"",
            "104.0",
            "104.00",
            "0104.0",
            "1,005",
            "12,345,678",
            "1,005.00",
            "1.04E+05",
            "1E+05",
            "1.23457E+11",
            "1e+16",
            "01-Mar",
            "1-Mar",
            "Mar-01",
            "Mar-24",
            "1-Mar-24",
            "01-Sep-2024",
            "01/03/2024",
            "1/3/2024",
            "2024-03-01 00:00:00",
            "#####",
            "#N/A",
            "#REF!",
        ] {
            assert!(fault(text).is_some(), "{text}");
        }
    }

    #[test]
    fn keys_of_a_mis_are_fine() {
        for text in [
            "00102",
            "1005",
            "L-0101",
            "A-1",
            "S1005.0a",
            "LRN/2024/001",
            "2024/00123",
            "24/00123",
            "12-345",
            "1.5",
            "1.04",
            "E05",
            "1E5",
            "12E3",
            "1,5",
            "1,0055",
            "Mars-1",
            "MAR1",
            "O'Neill-1",
            "JFAYE51P",
            "2024-03-01",
            "x=1",
            "1-2-3",
            "10.20.30",
            "0",
            "May",
            "Dec-Group",
            "Level 3, 2024",
            "a.0",
        ] {
            assert!(fault(text).is_none(), "{text}");
        }
    }
}
