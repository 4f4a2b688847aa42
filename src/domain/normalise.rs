//! Normal forms of texts. Texts that people would call equal have the same normal form.

use std::borrow::Cow;

use smol_str::{SmolStr, SmolStrBuilder};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Normalisation {
    /// Letters and digits only, without case and accents: `O’Neill-Khán` is `oneillkhan`.
    Name,
    /// Without case, blanks and leading zeros, which spreadsheets and people lose: `L-0001` is `l-1`.
    Key,
    /// Without case.
    Address,
    /// Without blanks and case.
    Number,
    /// The digits of a telephone number without the zero or the `+44` before them, which spreadsheets lose.
    Phone,
}

/// The text in NFC. A letter with an accent is one character or two, depending on who typed it; in NFC it is always the same.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Whether two texts differ in capitals only. `STRASSE` is `Straße`, because programs make the one of the other.
pub fn is_same_but_for_case(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        one.eq_ignore_ascii_case(other)
    } else {
        without_case(one) == without_case(other)
    }
}

/// Upper case first: only there do `ß` and `ς` become letters that have one lower case.
fn without_case(text: &str) -> String {
    let composed = nfc(text);
    let upper = composed.chars().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfc().collect()
}

/// The normal form of a text; `None` if it is empty.
pub fn normalise(normalisation: Normalisation, text: &str) -> Option<SmolStr> {
    let text = text.trim();
    let normal = of_short_ascii(normalisation, text).unwrap_or_else(|| of_any(normalisation, text));
    (!normal.is_empty()).then_some(normal)
}

/// Longer texts are rare, and need an allocation anyway.
const SHORT: usize = 64;

/// Most texts are short and ASCII. They are normalised byte by byte on the stack, which takes a third of the time.
fn of_short_ascii(normalisation: Normalisation, text: &str) -> Option<SmolStr> {
    if text.len() > SHORT || !text.is_ascii() {
        return None;
    }
    let mut buffer = [0; SHORT];
    let mut length = 0;
    for byte in text.bytes() {
        buffer[length] = match normalisation {
            Normalisation::Name if byte.is_ascii_alphanumeric() => byte.to_ascii_lowercase(),
            Normalisation::Number if !char::from(byte).is_whitespace() => byte.to_ascii_uppercase(),
            Normalisation::Address => byte.to_ascii_lowercase(),
            Normalisation::Key | Normalisation::Phone => return None,
            Normalisation::Name | Normalisation::Number => continue,
        };
        length += 1;
    }
    str::from_utf8(&buffer[..length]).ok().map(SmolStr::new)
}

fn of_any(normalisation: Normalisation, text: &str) -> SmolStr {
    let mut normal = SmolStrBuilder::new();
    match normalisation {
        Normalisation::Name => {
            for c in plain_letters(text).filter(|c| c.is_alphanumeric()) {
                normal.push(c);
            }
        }
        Normalisation::Key => push_key(&mut normal, &nfc(text)),
        Normalisation::Address => {
            for c in nfc(text).chars().flat_map(char::to_lowercase) {
                normal.push(c);
            }
        }
        Normalisation::Phone => normal.push_str(&subscriber_number(text)),
        Normalisation::Number => {
            let kept = text.chars().filter(|c| !c.is_whitespace());
            for c in kept.flat_map(char::to_uppercase) {
                normal.push(c);
            }
        }
    }
    normal.finish()
}

/// A text without case and accents, character by character. Anything that isn't a letter stays.
pub fn plain_letters(text: &str) -> impl Iterator<Item = char> {
    let lower = text
        .nfkd()
        .filter(|c| !is_accent(*c))
        .flat_map(char::to_lowercase);
    lower.flat_map(|c| {
        let typed = TYPED_FOR
            .iter()
            .find(|(letter, _)| *letter == c)
            .map(|(_, typed)| *typed);
        // One of the two is empty.
        typed
            .unwrap_or_default()
            .chars()
            .chain(typed.is_none().then_some(c))
    })
}

/// Marks that people leave out: accents, and the points of Hebrew and Arabic. In other scripts marks are letters.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Letters that can't be split into a plain letter and an accent, with what people type instead.
const TYPED_FOR: &[(char, &str)] = &[
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

/// The digits of a telephone number without what stands before them; empty if they are too few to be one.
fn subscriber_number(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let abroad = digits.trim_start_matches('0');
    let number = abroad.strip_prefix("44").unwrap_or(abroad);
    let number = number.trim_start_matches('0');
    if number.len() < SHORTEST_NUMBER {
        String::new()
    } else {
        number.to_owned()
    }
}

/// Fewer digits are an extension or a placeholder.
const SHORTEST_NUMBER: usize = 7;

/// Adds a key without blanks and without the leading zeros of its numbers.
fn push_key(normal: &mut SmolStrBuilder, text: &str) {
    let kept = text.chars().filter(|c| !c.is_whitespace());
    let mut rest = kept.flat_map(char::to_lowercase).peekable();
    let mut is_in_number = false;
    while let Some(c) = rest.next() {
        let more_digits = rest.peek().is_some_and(char::is_ascii_digit);
        if !(c == '0' && !is_in_number && more_digits) {
            is_in_number = c.is_ascii_digit();
            normal.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Normalisation, is_same_but_for_case, normalise};

    fn alike(normalisation: Normalisation, one: &str, other: &str) -> bool {
        normalise(normalisation, one) == normalise(normalisation, other)
    }

    #[test]
    fn mis_values_that_differ_by_case_blanks_or_leading_zeros_are_alike() {
        let pairs = [
            ("L-0001", "l-1"),
            ("0012", "12"),
            ("A 01 B", "a1b"),
            ("000", "0"),
            ("x0", "X00"),
        ];
        for (one, other) in pairs {
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
    fn a_telephone_number_is_the_same_with_and_without_its_prefix() {
        for other in [
            "+44 7700 900123",
            "7700900123",
            "(07700) 900-123",
            "+44 (0)7700 900123",
        ] {
            assert!(
                alike(Normalisation::Phone, "07700 900123", other),
                "{other}"
            );
        }
        assert!(!alike(Normalisation::Phone, "07700 900123", "07700 900124"));
        assert_eq!(normalise(Normalisation::Phone, "0000000"), None);
    }

    #[test]
    fn capitals_alone_make_no_difference_and_accents_do() {
        for (one, other) in [
            ("SMITH", "Smith"),
            ("O'NEILL", "O'Neill"),
            ("ÉLODIE", "Élodie"),
            ("E\u{301}LODIE", "élodie"),
            ("Straße", "STRASSE"),
            ("Νικος", "ΝΙΚΟΣ"),
            ("ЖУКОВ", "Жуков"),
            ("", ""),
        ] {
            assert!(is_same_but_for_case(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("ELODIE", "Élodie"),
            ("ONEILL", "O'Neill"),
            ("Smith ", "Smith"),
            ("Smith", "Smyth"),
            ("Smith", ""),
            ("D'Arcy", "D’Arcy"),
        ] {
            assert!(!is_same_but_for_case(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_says_nothing_is_like_nothing() {
        assert_eq!(normalise(Normalisation::Name, " - "), None);
        assert_eq!(normalise(Normalisation::Number, " "), None);
        assert_eq!(normalise(Normalisation::Key, ""), None);
    }
}
