//! Texts that people would call equal as one number: a hash of their folded form, made without copies. Two texts of one
//! number are equal but for a chance of one in 2^64, which would cost a question too many.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::domain::field::Key;
use crate::domain::identity::UNKNOWN_ULN;

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Normalisation {
    /// Without case, accents, blanks and whatever isn't a letter or a digit: `O’Neill-Khán` is `oneillkhan`.
    Name,
    /// Without case, blanks and leading zeros, which spreadsheets and people lose.
    Key,
    /// Without case.
    Address,
    /// Without blanks and case.
    Number,
}

/// A number for some texts in their order; `None` if one of them says nothing.
pub fn fingerprint(tag: u8, fold: Normalisation, texts: &[&str]) -> Option<u64> {
    let mut print = step(OFFSET, u32::from(tag));
    for text in texts {
        let mut length = 0_u32;
        folded(fold, text.trim(), |c| {
            print = step(print, u32::from(c));
            length += 1;
        });
        if length == 0 {
            return None;
        }
        print = step(print, length);
    }
    // FNV leaves the upper bits to the last characters alone; a multiplication spreads them.
    Some((print ^ (print >> 32)).wrapping_mul(SPREAD))
}

/// FNV-1a over characters: hundreds of thousands of short texts are hashed, and nobody gains by two that are equal.
fn step(print: u64, c: u32) -> u64 {
    (print ^ u64::from(c)).wrapping_mul(PRIME)
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The same for two texts whose order doesn't count: first and last names are swapped easily.
pub fn fingerprint_of_pair(tag: u8, fold: Normalisation, one: &str, other: &str) -> Option<u64> {
    let (one, other) = (
        fingerprint(tag, fold, &[one])?,
        fingerprint(tag, fold, &[other])?,
    );
    Some(one.min(other).rotate_left(1) ^ one.max(other).wrapping_mul(SPREAD))
}

/// The same for what tells a person from others: one field, or first and last name. The ULN of those who have none tells nobody.
pub fn print_of<'t>(
    keys: &[Key],
    fold: Normalisation,
    text: impl Fn(Key) -> Option<Cow<'t, str>>,
) -> Option<u64> {
    let first = text(keys[0])?;
    if keys[0] == Key::Uln && first.trim() == UNKNOWN_ULN {
        return None;
    }
    match keys {
        [_, second] => fingerprint_of_pair(0, fold, &first, &text(*second)?),
        _ => fingerprint(0, fold, &[&first]),
    }
}

/// The characters of a text that count.
fn folded(fold: Normalisation, text: &str, mut each: impl FnMut(char)) {
    match fold {
        Normalisation::Name if text.is_ascii() => {
            let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
            letters.for_each(|byte| each(char::from(byte.to_ascii_lowercase())));
        }
        Normalisation::Name => {
            let plain = text
                .nfkd()
                .filter(|c| !is_accent(*c))
                .flat_map(char::to_lowercase);
            plain.filter(|c| c.is_alphanumeric()).for_each(|c| {
                match LETTERS.iter().find(|(letter, _)| *letter == c) {
                    Some((_, plain)) => plain.chars().for_each(&mut each),
                    None => each(c),
                }
            });
        }
        Normalisation::Key if text.is_ascii() => {
            let squeezed = text.bytes().map(char::from).filter(|c| !c.is_whitespace());
            numbers_without_zeros(squeezed.map(|c| c.to_ascii_lowercase()), each);
        }
        Normalisation::Key => {
            let squeezed = text.chars().filter(|c| !c.is_whitespace());
            numbers_without_zeros(squeezed.flat_map(char::to_lowercase), each);
        }
        Normalisation::Address if text.is_ascii() => text
            .bytes()
            .for_each(|byte| each(char::from(byte.to_ascii_lowercase()))),
        Normalisation::Address => text.to_lowercase().chars().for_each(each),
        Normalisation::Number if text.is_ascii() => {
            let squeezed = text.bytes().map(char::from).filter(|c| !c.is_whitespace());
            squeezed.for_each(|c| each(c.to_ascii_uppercase()));
        }
        Normalisation::Number => text
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .for_each(each),
    }
}

/// Marks that people leave out: accents, and the points of Hebrew and Arabic. In other scripts marks are letters.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Letters that have no accent to lose, and what is typed for them.
const LETTERS: &[(char, &str)] = &[
    ('ø', "o"),
    ('ł', "l"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ı', "i"),
];

fn numbers_without_zeros(text: impl Iterator<Item = char>, mut each: impl FnMut(char)) {
    let mut rest = text.peekable();
    let mut is_in_number = false;
    while let Some(c) = rest.next() {
        let more_digits = rest.peek().is_some_and(char::is_ascii_digit);
        if !(c == '0' && !is_in_number && more_digits) {
            is_in_number = c.is_ascii_digit();
            each(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Normalisation, fingerprint};

    fn alike(fold: Normalisation, one: &str, other: &str) -> bool {
        fingerprint(0, fold, &[one]) == fingerprint(0, fold, &[other])
    }

    #[test]
    fn mis_values_that_differ_by_case_blanks_or_leading_zeros_are_alike() {
        for (one, other) in [
            ("L-0001", "l-1"),
            ("0012", "12"),
            ("A 01 B", "a1b"),
            ("000", "0"),
            ("x0", "X00"),
        ] {
            assert!(alike(Normalisation::Key, one, other), "{one} {other}");
        }
        for (one, other) in [
            ("L-10", "L-1"),
            ("L0001", "L-0001"),
            ("101", "11"),
            ("10", "100"),
        ] {
            assert!(!alike(Normalisation::Key, one, other), "{one} {other}");
        }
    }

    #[test]
    fn names_and_numbers_are_compared_as_people_do() {
        assert!(alike(Normalisation::Name, "O'Neill", "ONeill"));
        assert!(alike(Normalisation::Name, "Søren Straße", "soren strasse"));
        let pair = |one, other| super::fingerprint_of_pair(0, Normalisation::Name, one, other);
        assert_eq!(pair("Ian", "McDonald"), pair("McDonald", "ian"));
        assert_ne!(pair("Ian", "McDonald"), pair("Ian", "Ian"));
        assert!(alike(Normalisation::Name, "O’Neill-Khán ", "o'neill khan"));
        assert!(alike(Normalisation::Name, "Zoë", "ZOE"));
        assert!(
            !alike(Normalisation::Name, "रवि", "रवी"),
            "vowels are no accents"
        );
        assert!(alike(Normalisation::Name, "Ann-Marie", "Annmarie"));
        assert!(alike(Normalisation::Number, "qq 12 34 56 c", "QQ123456C"));
        assert!(alike(
            Normalisation::Address,
            " Ann@Example.ac.uk",
            "ann@example.ac.uk"
        ));
    }

    #[test]
    fn what_says_nothing_is_like_nothing_and_order_counts() {
        assert_eq!(fingerprint(0, Normalisation::Name, &["Ann", " - "]), None);
        assert_ne!(
            fingerprint(0, Normalisation::Name, &["Ann", "Bea"]),
            fingerprint(0, Normalisation::Name, &["Bea", "Ann"])
        );
        assert_ne!(
            fingerprint(0, Normalisation::Name, &["Ann", "Bea"]),
            fingerprint(0, Normalisation::Name, &["AnnB", "ea"])
        );
        assert_ne!(
            fingerprint(0, Normalisation::Name, &["Ann"]),
            fingerprint(1, Normalisation::Name, &["Ann"])
        );
    }
}
