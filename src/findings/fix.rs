//! The one right answer to a finding, as a change of its text. A finding with two answers has none of these: a person decides.

use std::ops::Range;

use crate::findings::source::Span;

/// A change that answers a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub span: Span,
    pub kind: FixKind,
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
    /// An item of a list goes.
    RemoveItem,
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
            FixKind::RemoveEntry => removed(text, range, ""),
            FixKind::RemoveItem => removed(text, range, "-"),
        }
    }
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
        let (range, new) = Fix { span, kind }.edit(&text)?;
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
        assert_eq!(entry("x:\n  ⟨a: 1⟩ # why\n"), None);
        assert_eq!(entry("x: { ⟨a: 1⟩ }"), None);
        assert_eq!(entry("- ⟨a: 1⟩\n  b: 2\n"), None);
        let item = |text| fixed(text, FixKind::RemoveItem);
        assert_eq!(item("x:\n  - a\n  - ⟨a⟩\n").as_deref(), Some("x:\n  - a\n"));
        assert_eq!(item("x: [a, ⟨a⟩]").as_deref(), Some("x: [a]"));
        assert_eq!(item("x: [⟨a⟩, a]").as_deref(), Some("x: [a]"));
    }
}
