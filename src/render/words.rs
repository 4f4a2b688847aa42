//! The words that all views share.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::Organisation;
use crate::domain::field::Role;
use crate::domain::redact::{Reveal, steers};
use crate::domain::{AccountId, IdentityMark};
use crate::plan::UserLabel;

pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();

/// `1 user`, `2 users`; `1 person`, `2 people`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Text as it may be printed: control characters, which could steer a terminal, are escaped.
pub fn shown(text: &str) -> String {
    text.chars()
        .map(|c| {
            if steers(c) {
                c.escape_unicode().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}

/// What a plan is for: the organisation and its server.
pub fn place(organisation: &Organisation, server: &str) -> String {
    format!(
        "{} ({}) on {}",
        shown(&organisation.name),
        organisation.id,
        shown(server)
    )
}

/// Text in quotes, on one line.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\r', "\\r")
        .replace('\n', "\\n");
    format!("\"{}\"", shown(&escaped))
}

/// `learner L-0041  Aisha O'Neill-Khan (137945)`, the name where it may be shown.
pub(crate) fn who(who: &UserLabel, id: Option<AccountId>, reveal: Reveal) -> String {
    let role = role(who.role);
    let mis_id = who
        .mis_id
        .as_deref()
        .map(|mis_id| format!(" {}", shown(mis_id)))
        .unwrap_or_default();
    let name = who.name.as_deref().filter(|_| reveal >= Reveal::Personal);
    let gap = if mis_id.is_empty() { " " } else { "  " };
    let name = name
        .map(|name| format!("{gap}{}", shown(name)))
        .unwrap_or_default();
    let id = id
        .or(who.id)
        .map(|id| format!(" ({id})"))
        .unwrap_or_default();
    format!("{role}{mis_id}{name}{id}")
}

/// `L-0041 Aisha O'Neill-Khan`, the name where it may be shown.
pub(crate) fn in_brief(who: &UserLabel, reveal: Reveal) -> String {
    let name = who.name.as_deref().filter(|_| reveal >= Reveal::Personal);
    shown(
        &[who.mis_id.as_deref(), name]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
    )
}

pub(crate) fn role(role: Role) -> &'static str {
    role.row().words
}

/// `learners`, `IQAs`.
pub(crate) fn plural(noun: &str) -> String {
    format!("{noun}s")
}

pub(crate) fn listed<T: ToString>(items: &[T]) -> String {
    items
        .iter()
        .map(T::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// What people have in common; what is special isn't named to everybody.
pub(crate) fn marks(marks: &[IdentityMark], reveal: Reveal) -> String {
    listed(
        &marks
            .iter()
            .map(|mark| mark_words(*mark, reveal))
            .collect::<Vec<_>>(),
    )
}

pub(crate) fn mark_words(mark: IdentityMark, reveal: Reveal) -> &'static str {
    match mark {
        IdentityMark::MisId => "MIS value",
        IdentityMark::Name => "name",
        IdentityMark::Email => "e-mail address",
        IdentityMark::Uln => "ULN",
        IdentityMark::Nino if reveal > Reveal::Public => "national insurance number",
        IdentityMark::Nino => "special data",
        IdentityMark::NameAndBirth => "name and day of birth",
        IdentityMark::FirstNameAndBirth => "first name and day of birth",
        IdentityMark::LastNameAndBirth => "last name and day of birth",
        IdentityMark::FirstName => "first name",
        IdentityMark::Birth => "day of birth",
    }
}

/// `a learner`, `an IQA`.
pub(crate) fn article(noun: &str) -> String {
    let starts_with_vowel = noun.starts_with(['a', 'e', 'i', 'I', 'o', 'u']);
    format!("{} {noun}", if starts_with_vowel { "an" } else { "a" })
}

/// Words in lines of at most so many columns, the first behind a head, the others behind as many blanks. What stands in
/// backticks is to be typed, and stays whole.
pub(crate) fn wrapped(words: &str, head: &str, indent: usize, width: usize) -> String {
    filled(whole_words(words), head, indent, width)
        .into_iter()
        .map(|line| line + "\n")
        .collect()
}

/// Sentences, a line each, in lines of at most so many columns.
pub fn prose(text: &str, width: usize) -> String {
    let line = |line: &str| {
        let words = line.trim_start();
        let head = &line[..line.len() - words.len()];
        if words.is_empty() {
            "\n".to_owned()
        } else {
            wrapped(words, head, head.len() + 2, width)
        }
    };
    text.lines().map(line).collect()
}

/// The same for a text whose blanks count: it breaks at single ones alone.
pub(crate) fn broken(text: &str, head: &str, indent: usize, width: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(NARROWEST);
    filled(
        text.split(' ').flat_map(|word| pieces(word, room)),
        head,
        indent,
        width,
    )
}

/// A word without a blank is broken where there is no room for it.
fn pieces(word: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut columns = 0;
    for c in word.chars() {
        let own = c.width().unwrap_or(0);
        if columns + own > room {
            pieces.push(String::new());
            columns = 0;
        }
        pieces.last_mut().expect("there is a first piece").push(c);
        columns += own;
    }
    pieces
}

/// Nothing is broken into less.
const NARROWEST: usize = 20;

fn filled(
    words: impl IntoIterator<Item = String>,
    head: &str,
    indent: usize,
    width: usize,
) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    let mut columns = head.width();
    let mut is_empty = true;
    for word in words {
        let line = lines.last_mut().expect("there is a first line");
        if !is_empty && columns + 1 + word.width() > width {
            columns = indent + word.width();
            lines.push(" ".repeat(indent) + &word);
            continue;
        }
        if !is_empty {
            line.push(' ');
            columns += 1;
        }
        line.push_str(&word);
        columns += word.width();
        is_empty = false;
    }
    lines
}

fn whole_words(words: &str) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in words.split_whitespace() {
        match whole.last_mut().filter(|_| is_open) {
            Some(last) => last.extend([" ", word]),
            None => whole.push(word.to_owned()),
        }
        is_open ^= word.matches('`').count() % 2 == 1;
    }
    whole
}
