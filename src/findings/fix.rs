//! What answers a finding, as a change of its text. `validate --fix` applies those that are the one right answer. Editors also
//! offer suggestions: a person looks at the text and decides.

use std::ops::Range;

use crate::findings::source::Span;

/// A change that answers a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub span: Span,
    pub kind: FixKind,
    pub certainty: Certainty,
}

/// Whether a change may be made without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is the one right answer.
    OneAnswer,
    /// There are other answers.
    Suggestion,
}

/// What becomes of the text at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// A plain scalar gets quotes.
    Quote,
    /// A quoted scalar loses them.
    Unquote,
    /// Blanks within the quotes, at their ends, go.
    Trim,
    /// Another word stands there.
    Write(String),
    /// An entry of a mapping goes, key and value.
    RemoveEntry,
    /// The entry of a mapping goes whose value is at the place.
    RemoveKey,
    /// An item of a list goes.
    RemoveItem,
    /// Characters that nobody sees go, and odd blanks become plain ones.
    Clean,
    /// A mapping gets a key, before the one at the place. A person writes the value.
    AddKey(&'static str),
}

impl FixKind {
    /// What it does, as the title of an action in an editor.
    pub fn title(&self) -> String {
        match self {
            Self::Quote => "Put it in quotes".to_owned(),
            Self::Unquote => "Take the quotes away".to_owned(),
            Self::Trim => "Take the blanks away".to_owned(),
            Self::Write(word) => format!("Write `{word}`"),
            Self::RemoveEntry | Self::RemoveKey => "Take this key away".to_owned(),
            Self::Clean => "Take out what nobody sees".to_owned(),
            Self::RemoveItem => "Take this item away".to_owned(),
            Self::AddKey(key) => format!("Add `{key}`"),
        }
    }
}

impl Fix {
    /// The range of bytes that changes, and what stands there then. `None` if the text isn't such as the fix can change without
    /// losing something, a comment for instance.
    pub fn edit(&self, text: &str) -> Option<(Range<usize>, String)> {
        let range = self.span.start as usize..self.span.end as usize;
        let raw = text.get(range.clone())?;
        match &self.kind {
            FixKind::Quote => Some((range, in_quotes(raw)?)),
            FixKind::Unquote => {
                let (_, inner) = quoted(raw)?;
                Some((range, inner.to_owned()))
            }
            FixKind::Trim => {
                let (quote, inner) = quoted(raw)?;
                Some((range, format!("{quote}{}{quote}", inner.trim())))
            }
            FixKind::Write(word) => Some((range, word.clone())),
            FixKind::RemoveEntry => removed(text, with_colon(text, range), ""),
            FixKind::RemoveKey => {
                let start = key_before(text, range.start)?;
                removed(text, start..range.end, "")
            }
            FixKind::Clean => {
                let is_escaped = raw.contains(['\\', '\n', '\r']);
                (!is_escaped).then(|| (range, cleaned(raw)))
            }
            FixKind::RemoveItem => removed(text, range, "-"),
            FixKind::AddKey(key) => added_keys(text, range.start, &[key]),
        }
    }
}

/// Keys without values, added to the mapping whose first key begins at `start`: below it on lines of their own, or on its line in
/// a mapping in braces.
pub fn added_keys(text: &str, start: usize, keys: &[&str]) -> Option<(Range<usize>, String)> {
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..start];
    let separator = if before.chars().all(|c| matches!(c, ' ' | '-')) {
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        format!("{line_break}{}", " ".repeat(before.len()))
    } else {
        ", ".to_owned()
    };
    let rest = &text[start..];
    let line_end = rest.find(['\r', '\n']).unwrap_or(rest.len());
    let is_whole = separator != ", " && !goes_on(&rest[line_end..], before.len());
    let mut added = String::new();
    for key in keys {
        if is_whole {
            added.push_str(&separator);
        }
        added.push_str(key);
        added.push_str(": ");
        if !is_whole {
            added.push_str(&separator);
        }
    }
    let place = if is_whole { start + line_end } else { start };
    Some((place..place, added))
}

/// Whether a value goes on below its line: what follows is indented more than its key.
fn goes_on(below: &str, indent: usize) -> bool {
    let next = below.lines().find(|line| !line.trim().is_empty());
    next.is_some_and(|line| line.len() - line.trim_start_matches(' ').len() > indent)
}

/// A plain scalar of one line, in quotes.
fn in_quotes(raw: &str) -> Option<String> {
    let is_one_line = !raw.contains(['\n', '\r']);
    let is_plain = !raw.starts_with(['"', '\'', '|', '>', '&', '*', '!']);
    if !is_one_line || !is_plain || raw.is_empty() {
        None
    } else if raw.contains(['"', '\\']) {
        Some(format!("'{}'", raw.replace('\'', "''")))
    } else {
        Some(format!("\"{raw}\""))
    }
}

/// The quotes of a scalar and what is in them, if nothing there is escaped.
fn quoted(raw: &str) -> Option<(char, &str)> {
    let quote = raw
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))?;
    let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
    let is_escaped = inner.contains(['\\', '\n', '\r']) || inner.contains(quote);
    (!is_escaped).then_some((quote, inner))
}

/// An entry without a value ends with its colon.
fn with_colon(text: &str, range: Range<usize>) -> Range<usize> {
    let after = &text[range.end..];
    let blanks = after.len() - after.trim_start_matches(' ').len();
    if after[blanks..].starts_with(':') {
        range.start..range.end + blanks + 1
    } else {
        range
    }
}

/// Where the key of the value begins that begins at `start`, if it stands before it on the same line.
fn key_before(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].trim_end_matches(' ').strip_suffix(':')?;
    let key = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    (key.len() < before.len()).then_some(key.len())
}

/// A text without what nobody sees.
fn cleaned(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    for letter in raw.chars() {
        match letter {
            '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
                text.push(' ');
            }
            '\u{ad}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            other => text.push(other),
        }
    }
    text
}

/// An entry or an item taken out: its lines if it has them for itself, or its part of a line with the comma. `mark` stands in
/// front of an item.
fn removed(text: &str, range: Range<usize>, mark: &str) -> Option<(Range<usize>, String)> {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = after.split('\n').next().unwrap_or_default();
    if before[line_start..].trim() == mark && rest.trim().is_empty() {
        let end = range.end + rest.len();
        let end = if end < text.len() { end + 1 } else { end };
        return Some((line_start..end, String::new()));
    }
    if let Some(behind) = after.trim_start().strip_prefix(',') {
        let blanks = behind.len() - behind.trim_start_matches(' ').len();
        let end = text.len() - behind.len() + blanks;
        return Some((range.start..end, String::new()));
    }
    let start = before.trim_end().strip_suffix(',')?.len();
    Some((start..range.end, String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::source::FileId;

    /// The text after a fix of the part that stands in brackets.
    fn fixed(text: &str, kind: FixKind) -> Option<String> {
        let start = text.find('⟨').unwrap();
        let end = text.find('⟩').unwrap() - '⟨'.len_utf8();
        let text = text.replace(['⟨', '⟩'], "");
        let span = Span::new(FileId::default(), start, end);
        let certainty = Certainty::OneAnswer;
        let fix = Fix {
            span,
            kind,
            certainty,
        };
        let (range, new) = fix.edit(&text)?;
        Some(format!(
            "{}{new}{}",
            &text[..range.start],
            &text[range.end..]
        ))
    }

    #[test]
    fn scalars_get_and_lose_quotes() {
        let quote = |text| fixed(text, FixKind::Quote);
        assert_eq!(
            quote("uln: ⟨0123⟩ # x").as_deref(),
            Some("uln: \"0123\" # x")
        );
        assert_eq!(quote("a: ⟨5\" x⟩").as_deref(), Some("a: '5\" x'"));
        assert_eq!(quote("a: ⟨|\n  x⟩"), None);
        assert_eq!(quote("a: ⟨\"x\"⟩"), None);
        let unquote = |text| fixed(text, FixKind::Unquote);
        assert_eq!(unquote("a: ⟨\"5\"⟩").as_deref(), Some("a: 5"));
        assert_eq!(unquote("a: ⟨'true'⟩").as_deref(), Some("a: true"));
        assert_eq!(unquote("a: ⟨\"\\x35\"⟩"), None);
        assert_eq!(unquote("a: ⟨5⟩"), None);
        let trim = |text| fixed(text, FixKind::Trim);
        assert_eq!(trim("a: ⟨\" Ann \"⟩").as_deref(), Some("a: \"Ann\""));
        assert_eq!(trim("a: ⟨\"Ann\\n\"⟩"), None);
    }

    #[test]
    fn a_key_is_added_below_the_first_one_or_before_it() {
        let add = |text| fixed(text, FixKind::AddKey("role"));
        for (text, expected) in [
            ("- ⟨a⟩: 1\n  b: 2\n", "- a: 1\n  role: \n  b: 2\n"),
            ("- ⟨a⟩: 1", "- a: 1\n  role: "),
            ("- ⟨a⟩: 1\r\n", "- a: 1\r\n  role: \r\n"),
            ("- ⟨a⟩: |\n    x\n", "- role: \n  a: |\n    x\n"),
            ("- { ⟨a⟩: 1 }", "- { role: , a: 1 }"),
        ] {
            assert_eq!(add(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_nobody_sees_goes() {
        let clean = |text| fixed(text, FixKind::Clean);
        let hidden = "a: ⟨\"Zo\u{200b}ë\u{a0}B\u{feff}\"⟩";
        assert_eq!(clean(hidden).as_deref(), Some("a: \"Zoë B\""));
        assert_eq!(clean("a: ⟨\"Zo\\u200b\"⟩"), None);
    }

    #[test]
    fn what_is_removed_leaves_no_comma_and_no_blank_line() {
        let entry = |text| fixed(text, FixKind::RemoveEntry);
        assert_eq!(
            entry("x:\n  ⟨a: 1⟩\n  b: 2\n").as_deref(),
            Some("x:\n  b: 2\n")
        );
        assert_eq!(
            entry("x:\n  b: 2\n  ⟨a: 1⟩").as_deref(),
            Some("x:\n  b: 2\n")
        );
        assert_eq!(entry("x: { ⟨a: 1⟩, b: 2 }").as_deref(), Some("x: { b: 2 }"));
        assert_eq!(entry("x: { b: 2, ⟨a: 1⟩ }").as_deref(), Some("x: { b: 2 }"));
        assert_eq!(
            entry("x:\n  ⟨a⟩:\n  b: 2\n").as_deref(),
            Some("x:\n  b: 2\n")
        );
        let key = |text| fixed(text, FixKind::RemoveKey);
        assert_eq!(
            key("x:\n  a: ⟨[]⟩\n  b: 2\n").as_deref(),
            Some("x:\n  b: 2\n")
        );
        assert_eq!(key("x: { a: ⟨1⟩, b: 2 }").as_deref(), Some("x: { b: 2 }"));
        assert_eq!(key("x:\n  \"a\": ⟨1⟩\n"), None);
        assert_eq!(entry("x:\n  ⟨a: 1⟩ # why\n"), None);
        assert_eq!(entry("x: { ⟨a: 1⟩ }"), None);
        assert_eq!(entry("- ⟨a: 1⟩\n  b: 2\n"), None);
        let item = |text| fixed(text, FixKind::RemoveItem);
        assert_eq!(item("x:\n  - a\n  - ⟨a⟩\n").as_deref(), Some("x:\n  - a\n"));
        assert_eq!(item("x: [a, ⟨a⟩]").as_deref(), Some("x: [a]"));
        assert_eq!(item("x: [⟨a⟩, a]").as_deref(), Some("x: [a]"));
    }
}
