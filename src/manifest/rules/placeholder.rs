//! `placeholder`: a word that an export writes in the place of an empty value. The value is left out, so the field of
//! that user isn't managed.

use crate::domain::field::{Field, Key, Shape, ValueKind};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::{MULTI_LINE, NAMES, PHONES};
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "placeholder",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A word that an export writes when there is no value: `NULL`, `(null)`, `nan`, `N/A`, `TBC`, `-`.",
    explanation: "OneFile would show the word to everybody. rosterctl doesn't send it: it leaves the field as it is in OneFile, and \
puts the user on hold if creating the account needs the field. Leave the cell empty, or export the data again without such \
words. `Null`, `None` and `Na` are surnames, so in names only forms such as `NULL`, `(null)` and `TBC` count. If the word is \
meant, write `severity: { placeholder: ignore }` in rosterctl.yaml.",
};

/// Words for "no value", in any case.
const WORDS: Words = Words::of(&[
    "null",
    "dbnull",
    "system.dbnull",
    "none",
    "nil",
    "nan",
    "nat",
    "undefined",
    "object object",
    "\\n",
    "void",
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "n\\a",
    "n/k",
    "n/k.",
    "not known",
    "not applicable",
    "not available",
    "not provided",
    "not given",
    "not set",
    "not supplied",
    "not recorded",
    "none given",
    "no data",
    "unknown",
    "tbc",
    "tba",
    "tbd",
    "t.b.c.",
    "t.b.a.",
    "to be confirmed",
    "to be advised",
    "to be announced",
    "to be added",
    "missing",
    "blank",
    "empty",
    "#n/a",
    "#ref!",
    "#value!",
    "#name?",
    "#div/0!",
    "#null!",
    "#num!",
    "#n/a n/a",
    "#empty",
]);

/// The words that say the same in a name, as they are written. `Null`, `None`, `Nan` and `Na` are surnames.
const WORDS_IN_NAMES: Words = Words::of(&[
    "NULL",
    "null",
    "DBNull",
    "System.DBNull",
    "nan",
    "NaN",
    "NaT",
    "undefined",
    "\\N",
    "N/A",
    "n/a",
    "N.A.",
    "n.a.",
    "TBC",
    "tbc",
    "Tbc",
    "TBA",
    "tba",
    "TBD",
    "tbd",
    "Not known",
    "Not provided",
    "Not applicable",
    "Not given",
    "To be confirmed",
    "?",
    "??",
    "???",
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
]);

/// The words that no classroom, placement or person is called.
const WORDS_IN_REFERENCES: Words = Words::of(&[
    "null",
    "dbnull",
    "system.dbnull",
    "nan",
    "nat",
    "undefined",
    "\\n",
    "#n/a",
    "#ref!",
    "#value!",
    "#name?",
    "#div/0!",
    "#null!",
    "#num!",
]);

/// What stands before the `@` of an address that nobody reads, whatever follows.
const WORDS_IN_ADDRESSES: Words = Words::of(&[
    "noemail",
    "no-email",
    "no.email",
    "no_email",
    "nomail",
    "no-mail",
    "donotemail",
    "noaddress",
    "null",
]);

/// What stands on both sides of the `@` of such an address. On one side alone they may be initials, or a company.
const WORDS_ON_BOTH_SIDES: Words = Words::of(&["test", "na", "none", "nil", "tbc", "unknown"]);

/// Words, and the lengths of those that begin with each letter: nearly every text is told from them by that.
struct Words {
    all: &'static [&'static str],
    lengths: [u32; 256],
}

impl Words {
    const fn of(all: &'static [&'static str]) -> Self {
        let mut lengths = [0; 256];
        let mut index = 0;
        while index < all.len() {
            let word = all[index].as_bytes();
            lengths[word[0].to_ascii_lowercase() as usize] |= 1 << word.len();
            index += 1;
        }
        Self { all, lengths }
    }

    fn may_contain(&self, text: &str) -> bool {
        let Some(first) = text.bytes().next() else {
            return false;
        };
        let lengths = self.lengths[usize::from(first.to_ascii_lowercase())];
        text.len() <= LONGEST && lengths >> text.len() & 1 == 1
    }

    fn contain(&self, text: &str) -> bool {
        self.may_contain(text) && self.all.contains(&text)
    }

    fn contain_in_any_case(&self, text: &str) -> bool {
        self.may_contain(text) && self.all.iter().any(|word| word.eq_ignore_ascii_case(text))
    }
}

/// A longer text is no such word.
const LONGEST: usize = 31;

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    if !holds_placeholder(field, text) {
        return None;
    }
    let message = format!(
        "`{}` holds a placeholder of an export, not a value",
        field.name
    );
    let help = if NAMES.contains(&field.key) {
        "write the person's name; until then rosterctl doesn't send it"
    } else if field.key == Key::MisId {
        "write the key that this person has in the MIS; until then rosterctl doesn't create an account"
    } else {
        "leave it empty, in the export too; until then rosterctl leaves this field alone"
    };
    Some(Finding::new(&RULE, node.span, message, help))
}

/// Whether a text stands for "no value" in this field.
pub(crate) fn holds_placeholder(field: &Field, text: &str) -> bool {
    let may_have_lines = MULTI_LINE.contains(&field.key);
    if may_have_lines && text.contains('\n') {
        return text.lines().any(|line| is_word(line.trim()));
    }
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return false;
    }
    match field.kind {
        ValueKind::Text(_) if NAMES.contains(&field.key) => in_name(text),
        ValueKind::Text(_) if field.key == Key::Email => {
            is_word(text) || is_address_of_nobody(text)
        }
        ValueKind::Text(Shape::Uln) => text != "0000000000" && (is_zero(text) || is_word(text)),
        ValueKind::Text(_) => is_word(text) || is_zero_of(field, text),
        ValueKind::Day | ValueKind::Instant => is_word(text) || is_zero(text),
        ValueKind::Flag => is_word(text),
        ValueKind::Reference(_) => {
            WORDS_IN_REFERENCES.contain_in_any_case(text) || is_bracketed_word(text)
        }
        ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Accounts
        | ValueKind::Role
        | ValueKind::Word(_)
        | ValueKind::References(_)
        | ValueKind::Units => false,
    }
}

fn in_name(text: &str) -> bool {
    WORDS_IN_NAMES.contain(text) || is_bracketed_word(text) || is_crossed_out(text)
}

/// Nothing but the letter X, as in `XXX`. Somebody may be called `X`, and `Xx` is a short form.
fn is_crossed_out(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|byte| matches!(byte, b'x' | b'X'))
}

/// An address such as `none@none.com`, which forms ask for from people who have none.
fn is_address_of_nobody(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    let label = host.split('.').next().unwrap_or(host);
    let are_words = [local, label]
        .iter()
        .all(|side| WORDS_ON_BOTH_SIDES.contain_in_any_case(side) || is_crossed_out(side));
    WORDS_IN_ADDRESSES.contain_in_any_case(local) || are_words
}

fn is_bracketed_word(text: &str) -> bool {
    bracketed(text).is_some_and(|inner| WORDS.contain_in_any_case(inner))
}

fn is_word(text: &str) -> bool {
    let inner = bracketed(text).unwrap_or(text);
    WORDS.contain_in_any_case(inner) || is_mark(inner)
}

/// Only marks such as `-`, `...` and `??`.
fn is_mark(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| matches!(c, '-' | '–' | '—' | '.' | '?' | '_' | '*' | '/'))
}

/// The text within the brackets that databases and spreadsheets put around such words: `(null)`, `<null>`, `[NULL]`.
fn bracketed(text: &str) -> Option<&str> {
    const BRACKETS: [(char, char); 4] = [('(', ')'), ('<', '>'), ('[', ']'), ('{', '}')];
    let inside = |(open, close): &(char, char)| text.strip_prefix(*open)?.strip_suffix(*close);
    BRACKETS.iter().find_map(inside).map(str::trim)
}

/// A spreadsheet's reference to an empty cell shows 0. A code may be 0.
fn is_zero_of(field: &Field, text: &str) -> bool {
    let is_phone = PHONES.contains(&field.key);
    let is_code = matches!(field.kind, ValueKind::Text(Shape::Code(_)));
    (is_phone && is_zero(text)) || (!is_code && text == "0") || (is_phone && is_one_digit(text))
}

/// Only zeros: `0`, `00000`, `0.0`.
fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b' '))
}

/// One digit, many times: `99999999999`.
fn is_one_digit(text: &str) -> bool {
    const FEWEST: usize = 6;
    let mut digits = text.bytes().filter(|byte| *byte != b' ');
    let Some(first) = digits.next() else {
        return false;
    };
    first.is_ascii_digit() && text.len() >= FEWEST && digits.all(|digit| digit == first)
}

/// Whether the text that a key has is a placeholder of its field. The schema leaves it to this rule.
pub(crate) fn is_in(key: Option<Key>, node: &Node) -> bool {
    let field = key.map(Key::row);
    field.is_some_and(|field| {
        node.text()
            .is_some_and(|text| holds_placeholder(field, text))
    })
}

#[cfg(test)]
mod tests {
    use super::holds_placeholder;
    use crate::domain::field::Key;

    fn is_one(key: Key, text: &str) -> bool {
        holds_placeholder(key.row(), text)
    }

    #[test]
    fn words_of_exports_are_no_values() {
        for text in [
            "NULL",
            "null",
            "Null",
            "(null)",
            "<NULL>",
            "[null]",
            "nan",
            "NaN",
            "None",
            "NONE",
            "nil",
            "N/A",
            "n/a",
            "NA",
            "#N/A",
            "#REF!",
            "TBC",
            "tbc",
            "-",
            "--",
            "–",
            "...",
            "?",
            "\\N",
            "undefined",
            "(blank)",
            "[object Object]",
            "Unknown",
            "0",
            " NULL ",
        ] {
            for key in [
                Key::Telephone,
                Key::HomeAddress,
                Key::EpisodeName,
                Key::MisId,
            ] {
                assert!(is_one(key, text), "{key:?} {text}");
            }
        }
        assert!(is_one(Key::HomeAddress, "1 High Street\nNULL\nBath"));
        for (key, text) in [
            (Key::MobileNumber, "00000000000"),
            (Key::MobileNumber, "99999999999"),
            (Key::Telephone, "00000 000000"),
            (Key::Dob, "NULL"),
            (Key::Dob, "NaT"),
            (Key::Uln, "0"),
            (Key::Uln, "N/A"),
            (Key::Email, "none"),
            (Key::Email, "none@none.none"),
            (Key::Email, "NA@na.com"),
            (Key::Email, "test@test.co.uk"),
            (Key::Email, "xxx@xxx.com"),
            (Key::Email, "noemail@example.ac.uk"),
            (Key::FirstName, "XXXX"),
            (Key::LastName, "xxx"),
            (Key::Nino, "TBC"),
            (Key::Sex, "NULL"),
            (Key::SupportFunding, "(null)"),
            (Key::DefaultAssessor, "NULL"),
        ] {
            assert!(is_one(key, text), "{key:?} {text}");
        }
    }

    #[test]
    fn what_may_be_meant_is_no_placeholder() {
        for (key, text) in [
            (Key::Telephone, "01632 960001"),
            (Key::HomeAddress, "1 High Street\nNull Lane"),
            (Key::CompanyName, "Nil Desperandum Ltd"),
            (Key::CompanyName, "NA Builders"),
            (Key::EpisodeName, "Business Admin L3"),
            (Key::Email, "na@example.ac.uk"),
            (Key::Email, "test.user@example.ac.uk"),
            (Key::Email, "ada@none.com"),
            (Key::FirstName, "Xx"),
            (Key::Classroom, "TBC"),
            (Key::Placement, "None"),
            (Key::Sex, "M"),
            (Key::Ethnicity, "0"),
            (Key::Uln, "9999999999"),
            (Key::MisId, "NULL-1"),
            (Key::Dob, "2007-03-14"),
        ] {
            assert!(!is_one(key, text), "{key:?} {text}");
        }
    }

    #[test]
    fn people_are_called_null_none_nan_and_na() {
        for key in [Key::FirstName, Key::LastName] {
            for text in [
                "Null", "None", "Nan", "Na", "Nil", "-", ".", "Unknown", "O", "NONE", "NA", "Void",
                "X",
            ] {
                assert!(!is_one(key, text), "{text}");
            }
            for text in [
                "NULL", "(null)", "(Null)", "nan", "#N/A", "N/A", "TBC", "[blank]", "\\N", "??",
            ] {
                assert!(is_one(key, text), "{text}");
            }
        }
    }
}
