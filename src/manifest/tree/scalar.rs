//! What a scalar without quotes stands for. This is our decision, not a library's: a number is `-?([1-9][0-9]*|0)` within
//! 64 bits, so that no leading zero and no `+` is ever lost.

use std::borrow::Cow;
use std::fmt::Write;

use crate::domain::CODE_SEPARATOR;
use crate::manifest::tree::node::NodeData;

/// The value of a plain scalar.
pub(crate) fn plain<'t>(text: impl Into<Cow<'t, str>>) -> NodeData<'t> {
    let text = text.into();
    // Most scalars begin with another byte, and are text.
    let may_not_be_text = |byte: u8| {
        matches!(
            byte,
            b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'-' | b'0'..=b'9'
        )
    };
    if text
        .bytes()
        .next()
        .is_some_and(|first| !may_not_be_text(first))
    {
        return NodeData::Text(text);
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => NodeData::Null,
        "true" | "True" | "TRUE" => NodeData::Flag(true),
        "false" | "False" | "FALSE" => NodeData::Flag(false),
        digits => integer(digits).map_or(NodeData::Text(text), NodeData::Integer),
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && is_digits(digits))
        .then(|| text.parse().ok())
        .flatten()
}

/// Words that YAML 1.1 reads as a flag, in lower case.
const FLAGS_OF_1_1: &[&str] = &["y", "n", "yes", "no", "on", "off"];

/// The length of `yes` and `off`.
const LONGEST_FLAG: usize = 3;

/// Whether some reader of YAML, of version 1.1 or 1.2 or in an editor, takes this plain text for something other than
/// text.
pub fn is_misread(plain: &str) -> bool {
    // Numbers and days begin with a digit, a sign or a point, and flags are short.
    let is_word = plain
        .bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || !first.is_ascii());
    if is_word && plain.len() > LONGEST_FLAG {
        return false;
    }
    let lower = plain.to_ascii_lowercase();
    FLAGS_OF_1_1.contains(&lower.as_str())
        || is_number_somewhere(&lower)
        || is_day_somewhere(&lower)
}

/// A text as people can type it: without quotes if every reader takes it for this text, else in quotes.
pub fn typed(text: &str) -> String {
    let is_plain = |c: char| {
        c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '(' | ')' | '\'' | '+')
    };
    let begins = text.starts_with(|c: char| c.is_alphanumeric());
    let is_word = matches!(plain(text), NodeData::Text(_)) && !is_misread(text);
    if is_word && begins && !text.ends_with(' ') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Codes as a list on one line. The text has them with separators between.
pub(crate) fn code_list(text: &str) -> String {
    let codes = text.split(CODE_SEPARATOR).filter(|code| !code.is_empty());
    format!("[{}]", codes.map(quoted).collect::<Vec<_>>().join(", "))
}

/// A text in double quotes, on one line.
pub(crate) fn quoted(text: &str) -> String {
    // A JSON string is valid YAML once the characters that YAML forbids or folds are escaped.
    let json = serde_json::to_string(text).expect("text can be written");
    let mut quoted = String::with_capacity(json.len());
    for c in json.chars() {
        if is_printed(c) {
            quoted.push(c);
        } else {
            let _ = write!(quoted, "\\u{:04x}", u32::from(c));
        }
    }
    quoted
}

/// Whether YAML keeps this character unchanged in double quotes. It would fold line separators, so they are escaped.
pub(crate) fn is_printed(c: char) -> bool {
    !matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Integers with signs, leading zeros, underscores or a base; base-60 numbers; floats, infinities and `.nan`.
fn is_number_somewhere(lower: &str) -> bool {
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    let based = |prefix: &str, digits: fn(u8) -> bool| {
        let rest = unsigned.strip_prefix(prefix);
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(digits))
    };
    based("0x", |byte| byte.is_ascii_hexdigit() || byte == b'_')
        || based("0o", |byte| (b'0'..=b'7').contains(&byte))
        || based("0b", |byte| matches!(byte, b'0' | b'1' | b'_'))
        || is_decimal(unsigned)
}

/// Digits with `_`, `:` (base 60) and at most one point, and an exponent at the end.
fn is_decimal(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once('e') {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        ),
        None => (unsigned, None),
    };
    let exponent_fits = exponent.is_none_or(is_digits);
    let begins = mantissa.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let mut points = 0;
    let mut digits = 0;
    for byte in mantissa.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => points += 1,
            b'_' | b':' => {}
            _ => return false,
        }
    }
    exponent_fits && begins && digits > 0 && points <= 1
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// YAML 1.1 reads `2026-9-1` and `2026-09-01T10:00:00Z` as times.
fn is_day_somewhere(lower: &str) -> bool {
    let mut parts = lower.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let day = rest.split(['t', ' ']).next().unwrap_or(rest);
    let has_lengths = year.len() == 4 && matches!(month.len(), 1 | 2) && matches!(day.len(), 1 | 2);
    has_lengths && [year, month, day].into_iter().all(is_digits)
}

#[cfg(test)]
mod tests {
    use super::{is_misread, typed};

    #[test]
    fn a_typed_text_is_read_back_as_it_was() {
        assert_eq!(typed("Business Admin L3"), "Business Admin L3");
        for (text, expected) in [
            ("01108", "\"01108\""),
            ("Care: #2", "\"Care: #2\""),
            ("5", "\"5\""),
            ("a\"b", "\"a\\\"b\""),
        ] {
            assert_eq!(typed(text), expected);
        }
    }

    #[test]
    fn plain_texts_that_some_reader_misreads_are_found() {
        for text in [
            "01108",
            "NO",
            "yes",
            "Off",
            "y",
            "+447700900123",
            "0x1F",
            "1_000",
            "12:30",
            "1e3",
            ".5",
            "1.5",
            "-.inf",
            "2026-09-01",
            "2026-9-1",
            "99999999999999999999",
            "9.99E+09",
        ] {
            assert!(is_misread(text), "{text}");
        }
    }

    #[test]
    fn plain_texts_that_everybody_reads_as_text_pass() {
        for text in [
            "L-0001",
            "BT01",
            "07700 900123",
            "Norah",
            "1a",
            "e3",
            "1.2.3",
            "a:b",
            "+",
            "-",
            ".",
            "1st",
        ] {
            assert!(!is_misread(text), "{text}");
        }
    }
}
