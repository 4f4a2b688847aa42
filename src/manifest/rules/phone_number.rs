//! `phone-number`: a telephone number that a spreadsheet or a form has spoilt. The value is left out, so the field of that
//! user isn't managed.

use crate::domain::field::Field;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::PHONES;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "phone-number",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A telephone number that can't be dialled as it stands: it lost its 0 or its `+`, or there are two.",
    explanation: "Spreadsheets drop the 0 at the front: 07700 900123 becomes 7700900123. `+44 (0)7700 900123` has a 0 too many. rosterctl \
doesn't send such a number: it leaves the field as it is in OneFile. Format the column as text, and export it again. Numbers \
of other countries begin with `+` or `00`, and are fine. If a number is meant, write \
`severity: { phone-number: ignore }` in rosterctl.yaml.",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    if !PHONES.contains(&field.key) {
        return None;
    }
    let (what, help) = fault(node.text()?.trim())?;
    let message = format!("`{}` {what}", field.name);
    Some(Finding::new(&RULE, node.span, message, help))
}

/// How many digits a number has at least, without the code of its area.
const SHORTEST: usize = 5;
/// How many digits a number of any country has at most.
const LONGEST: usize = 15;

/// What is wrong with a number, and what to type.
fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    if text.starts_with("=\"") || text.starts_with(['\'', '"', '=']) {
        let help = "take the quotes away, and format the column as text";
        return Some(("holds a guard of a spreadsheet", help));
    }
    if holds_two(text) {
        return Some((
            "holds two telephone numbers",
            "write one number in each field",
        ));
    }
    let number = text.strip_suffix(".0").unwrap_or(text);
    let digits = digits(number)?;
    if text.len() != number.len() || lost_its_zero(&digits) {
        let help = "write the 0 at its front: format the column as text, and export it again";
        return Some(("has lost the 0 at its front", help));
    }
    if lost_its_plus(&digits) {
        let help = "write `+44` and the number, or begin with 0 in the place of 44";
        return Some(("has lost the `+` at its front", help));
    }
    if has_zero_after_country(&digits) {
        let help = "write `+44` and the number without its 0, or the number with its 0 alone";
        return Some(("has both `+44` and a 0", help));
    }
    None
}

/// The digits of a number, and a `+` at its front; `None` if there is anything but digits and what people put between them.
fn digits(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '–' => {}
            _ => return None,
        }
    }
    Some(digits)
}

/// British numbers have ten digits behind the 0, and some of the north nine.
fn lost_its_zero(digits: &str) -> bool {
    match digits.len() {
        10 => digits.starts_with(['1', '2', '3', '7', '8']),
        9 => digits.starts_with('1'),
        _ => false,
    }
}

fn lost_its_plus(digits: &str) -> bool {
    let area = digits.strip_prefix("44");
    area.is_some_and(|area| area.len() == 10 && area.starts_with(['1', '2', '3', '7', '8']))
        || digits
            .strip_prefix("440")
            .is_some_and(|area| area.len() == 10)
}

fn has_zero_after_country(digits: &str) -> bool {
    let area = digits
        .strip_prefix("+440")
        .or_else(|| digits.strip_prefix("00440"));
    area.is_some_and(|area| matches!(area.len(), 9 | 10))
}

/// Whether two numbers stand in one text, with something between them or nothing but a blank.
fn holds_two(text: &str) -> bool {
    const BETWEEN: &[char] = &['/', ',', ';', '&', '|', '\n', '\\', ':'];
    let count = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    if count(text) < 2 * SHORTEST {
        return false;
    }
    let mut long = 0;
    for part in text.split(BETWEEN).flat_map(|part| part.split(" or ")) {
        long += usize::from(count(part) > SHORTEST);
    }
    long > 1 || (digits(text).is_some() && count(text) > LONGEST)
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn numbers_that_can_not_be_dialled_are_found() {
        for text in [
            "7700900124",
            "1632960102",
            "7700 900124",
            "7700-900124",
            "2079460958",
            "3069990123",
            "8001234567",
            "169772123",
            "7700900124.0",
            "447700900124",
            "44 7700 900124",
            "441632960102",
            "4407700900124",
            "+44 (0)7700 900123",
            "+44(0)1632 960102",
            "+4407700900123",
            "0044 (0)7700 900123",
            "'07700900123",
            "=\"07700900123\"",
            "01632 960102 / 07700 900124",
            "01632960102,07700900124",
            "01632 960102 or 07700 900124",
            "01632960102;07700900124",
            "01632 960102\n07700 900124",
            "01632 960102 07700 900124",
            "H: 01632 960102 M: 07700 900124",
        ] {
            assert!(fault(text).is_some(), "{text}");
        }
    }

    #[test]
    fn numbers_of_any_country_are_fine() {
        for text in [
            "07700 900123",
            "07700900123",
            "01632 960102",
            "(01632) 960102",
            "020 7946 0958",
            "+44 7700 900123",
            "+447700900123",
            "0044 7700 900123",
            "+1 202 555 0123",
            "+33 1 99 00 12 34",
            "0033 1 99 00 12 34",
            "+49 (0)30 12345678",
            "+353 1 234 5678",
            "+91 98765 43210",
            "0800 1111",
            "999",
            "960102",
            "016977 2123",
            "01632 960102 ext 12",
            "01632 960102 x12",
            "+39 06 1234 5678",
            "0161 496 0000 (reception)",
            "07700 900123 (mum)",
        ] {
            assert!(fault(text).is_none(), "{text}");
        }
    }
}
