//! Makes visible how two texts differ that look alike.

use std::fmt::Write;

use similar::ChangeTag;
use unicode_security::skeleton;

use crate::render::difference::TextDifference;

/// Both texts, with the characters that differ as `[U+00A0]`, if people couldn't see the difference; else `None`.
pub(crate) fn told_apart(one: &str, other: &str) -> Option<(String, String)> {
    if one == other || look(one) != look(other) {
        return None;
    }
    // Of a plain blank and a special one, only the special one needs its number.
    let shows_plain = !(one.is_ascii() && other.is_ascii());
    let (mut left, mut right) = (String::new(), String::new());
    for piece in TextDifference::of(characters(one), characters(other)).pieces() {
        match piece.tag {
            ChangeTag::Equal => {
                left.push_str(piece.text);
                right.push_str(piece.text);
            }
            ChangeTag::Delete => left.push_str(&numbered(piece.text, shows_plain)),
            ChangeTag::Insert => right.push_str(&numbered(piece.text, shows_plain)),
        }
    }
    Some((left, right))
}

fn characters(text: &str) -> Vec<&str> {
    text.split("").filter(|piece| !piece.is_empty()).collect()
}

fn numbered(text: &str, shows_plain: bool) -> String {
    let mut numbered = String::new();
    for c in text.chars() {
        if c.is_ascii() && shows_plain {
            numbered.push(c);
        } else {
            let _ = write!(numbered, "[U+{:04X}]", u32::from(c));
        }
    }
    numbered
}

/// What a reader sees of a text: blanks are all alike, and characters without a shape can't be seen.
fn look(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        seen.push(if c.is_whitespace() { ' ' } else { c });
    }
    skeleton(&seen).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::told_apart;

    #[test]
    fn texts_that_look_alike_show_what_differs() {
        for (one, other, shown) in [
            (
                "Ann\u{a0}Marie",
                "Ann Marie",
                ("Ann[U+00A0]Marie", "Ann Marie"),
            ),
            ("Ann", "A\u{200b}nn", ("Ann", "A[U+200B]nn")),
            ("Pеter", "Peter", ("P[U+0435]ter", "Peter")),
            ("O’Neill", "O'Neill", ("O[U+2019]Neill", "O'Neill")),
            ("Ian", "lan", ("[U+0049]an", "[U+006C]an")),
        ] {
            let (left, right) = told_apart(one, other).unwrap_or_default();
            assert_eq!((left.as_str(), right.as_str()), shown);
        }
    }

    #[test]
    fn texts_that_look_different_are_left_as_they_are() {
        for (one, other) in [
            ("Ann", "Anna"),
            ("Zoe", "Zoë"),
            ("ANN", "Ann"),
            ("Ann", "Ann"),
        ] {
            assert_eq!(told_apart(one, other), None, "{one} {other}");
        }
    }
}
