//! Text in a Markdown comment on GitHub or GitLab that neither reads as markup, mention, reference or link. Knows nothing of
//! plans.

use std::fmt::Write;

use crate::domain::redact::steers;

/// Text of at most `most` characters; `…` stands for the rest.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Text from a manifest or a server, as code. It can't end a cell of a table.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", inert(text))
}

/// Our own words; what they quote in backticks becomes code.
pub(crate) fn plain(text: &str) -> String {
    let mut markdown = String::new();
    let mut is_quoted = false;
    for part in text.split('`') {
        if is_quoted {
            markdown += &code(part);
        } else {
            markdown += &unlinked(part);
        }
        is_quoted = !is_quoted;
    }
    markdown
}

/// The characters by which a mention or a reference begins, anywhere outside of code.
const SIGILS: &[char] = &['@', '#', '!', '$', '~', '&', '%', '^', '*'];

fn unlinked(text: &str) -> String {
    let mut markdown = String::new();
    for part in text.split_inclusive(SIGILS) {
        match part.strip_suffix(SIGILS) {
            Some(before) => {
                markdown += &inert(before);
                markdown += &code(&part[before.len()..]);
            }
            None => markdown += &inert(part),
        }
    }
    markdown
}

/// Characters that can't be markup stay; all others become entities. Dots and colons make links, except before a blank.
fn inert(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len() * 2);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends_word = rest.peek().is_none_or(|next| *next == ' ');
        if steers(c) {
            let _ = write!(markdown, "{}", inert(&c.escape_unicode().to_string()));
            continue;
        }
        let is_safe =
            c.is_alphanumeric() || matches!(c, ' ' | '-' | ',' | ';' | '(' | ')' | '\'' | '%');
        if is_safe || (matches!(c, '.' | ':') && ends_word) {
            markdown.push(c);
        } else {
            let _ = write!(markdown, "&#{};", u32::from(c));
            // Both forges make a link of an e-mail address unless something stands between its halves.
            markdown += if c == '@' { "<span></span>" } else { "" };
        }
    }
    markdown
}
