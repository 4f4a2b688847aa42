//! Declared users who look like one person: by e-mail address, by ULN, or by name and day of birth.

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::field::Key;
use crate::model::Value;

/// What users have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sameness {
    /// The MIS value, up to case, blanks and leading zeros.
    MisId,
    Email,
    Uln,
    NameAndBirth,
}

/// The learner record's ULN for one that isn't known yet: nobody's.
pub const UNKNOWN_ULN: &str = "9999999999";

/// Groups of two or more users who have something in common, as their indexes, in order.
pub fn twins<'u>(users: impl Iterator<Item = &'u BTreeMap<Key, Value>>) -> Vec<(Sameness, Vec<usize>)> {
    let mut groups: HashMap<(Sameness, String), Vec<usize>> = HashMap::new();
    for (at, values) in users.enumerate() {
        for mark in marks(values) {
            groups.entry(mark).or_default().push(at);
        }
    }
    let shared = groups.into_iter().filter(|(_, users)| users.len() > 1);
    let mut shared: Vec<_> = shared.map(|((sameness, _), users)| (sameness, users)).collect();
    shared.sort();
    shared
}

/// What tells a person from others, in a form that is equal where people would call it equal.
fn marks(values: &BTreeMap<Key, Value>) -> impl Iterator<Item = (Sameness, String)> {
    let text = |key: Key| match values.get(&key) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let born = match values.get(&Key::Dob) {
        Some(Value::Day(day)) => Some(day.to_string()),
        _ => None,
    };
    let email = text(Key::Email).map(|email| (Sameness::Email, email.to_lowercase()));
    let uln = text(Key::Uln).filter(|uln| *uln != UNKNOWN_ULN).map(|uln| (Sameness::Uln, uln.to_owned()));
    let name = text(Key::FirstName).zip(text(Key::LastName));
    let person = name.zip(born).map(|((first, last), born)| {
        let mark = format!("{}\n{}\n{born}", folded(first), folded(last));
        (Sameness::NameAndBirth, mark)
    });
    let mis_id = text(Key::MisId).map(|mis_id| (Sameness::MisId, loose(mis_id)));
    [mis_id, email, uln, person].into_iter().flatten()
}

/// A name without case, accents and whatever isn't a letter or a digit: `O’Neill-Khán` is `o neill khan`.
pub fn folded(name: &str) -> String {
    if name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return name.to_owned();
    }
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// A MIS value without case, blanks and leading zeros, which spreadsheets and people lose.
pub fn loose(mis_id: &str) -> String {
    let mut form = String::with_capacity(mis_id.len());
    let mut rest = mis_id.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).peekable();
    while let Some(c) = rest.next() {
        let begins_number = !form.ends_with(|last: char| last.is_ascii_digit());
        let more_digits = rest.peek().is_some_and(char::is_ascii_digit);
        if !(c == '0' && begins_number && more_digits) {
            form.push(c);
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::{folded, loose};

    #[test]
    fn mis_values_that_differ_by_case_blanks_or_leading_zeros_are_alike() {
        for (one, other) in [("L-0001", "l-1"), ("0012", "12"), ("A 01 B", "a1b"), ("000", "0"), ("x0", "X00")] {
            assert_eq!(loose(one), loose(other), "{one} {other}");
        }
        for (one, other) in [("L-10", "L-1"), ("L0001", "L-0001"), ("101", "11"), ("10", "100")] {
            assert_ne!(loose(one), loose(other), "{one} {other}");
        }
    }

    #[test]
    fn names_fold_as_people_compare_them() {
        assert_eq!(folded("O’Neill-Khán "), folded("o'neill khan"));
        assert_eq!(folded("Zoë"), "zoe");
        assert_ne!(folded("Ann Marie"), folded("Annmarie"));
    }
}
