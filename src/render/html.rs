//! A page of HTML that is being written. Markup is made of constants of this program and of numbers. Everything else is text,
//! and is escaped here and nowhere else, so nothing that a manifest or a server holds can be markup. Knows nothing of plans.

use std::fmt::{self, Write};

use crate::domain::redact::steers;

/// Writes a page piece by piece. After a failure it writes nothing more, and `end` says so.
pub(crate) struct HtmlPage<'w> {
    out: &'w mut dyn Write,
    written: fmt::Result,
}

/// What every page begins with, up to its title. A browser that follows it runs no script and loads nothing.
const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>"#;
const STYLE: &str = concat!(
    "</title>\n<style>\n",
    include_str!("page.css"),
    "</style>\n"
);
const BODY: &str =
    "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n";

impl<'w> HtmlPage<'w> {
    /// Begins a page, up to the inside of its header.
    pub(crate) fn begin(out: &'w mut dyn Write, title: &str) -> Self {
        let mut page = Self {
            out,
            written: Ok(()),
        };
        page.markup(HEAD).text(title).markup(STYLE).markup(BODY);
        page
    }

    /// Ends the page behind its footer.
    ///
    /// # Errors
    /// If some of it couldn't be written.
    pub(crate) fn end(mut self) -> fmt::Result {
        self.markup("</body>\n</html>\n");
        self.written
    }

    /// Tags of our own.
    pub(crate) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.put(markup)
    }

    /// A number, within an attribute or a text.
    pub(crate) fn number(&mut self, number: usize) -> &mut Self {
        self.put(&number.to_string())
    }

    /// Any text. It can neither begin a tag nor end an attribute. A character that could turn the text around it, or that no page
    /// may hold, is shown by its number.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let mut start = 0;
        for (at, c) in text.char_indices() {
            let Some(safe) = escaped(c) else {
                continue;
            };
            self.put(&text[start..at]).put(&safe);
            start = at + c.len_utf8();
        }
        self.put(&text[start..])
    }

    /// A text whose direction doesn't reach beyond it: a name may be in Arabic.
    pub(crate) fn isolated(&mut self, text: &str) -> &mut Self {
        let is_left_to_right = text.bytes().all(|byte| byte.is_ascii());
        if is_left_to_right {
            return self.text(text);
        }
        self.markup("<bdi>").text(text).markup("</bdi>")
    }

    /// A sentence; what it quotes in backticks is to be typed.
    pub(crate) fn sentence(&mut self, sentence: &str) -> &mut Self {
        let mut is_quoted = false;
        for part in sentence.split('`') {
            if is_quoted && !part.is_empty() {
                self.markup("<code>").text(part).markup("</code>");
            } else {
                self.text(part);
            }
            is_quoted = !is_quoted;
        }
        self
    }

    fn put(&mut self, piece: &str) -> &mut Self {
        if self.written.is_ok() {
            self.written = self.out.write_str(piece);
        }
        self
    }
}

/// What stands in place of a character that isn't safe within a text; `None` if it is.
fn escaped(c: char) -> Option<String> {
    match c {
        '&' => Some("&amp;".to_owned()),
        '<' => Some("&lt;".to_owned()),
        '>' => Some("&gt;".to_owned()),
        '"' => Some("&quot;".to_owned()),
        '\'' => Some("&#39;".to_owned()),
        '\n' | '\t' => None,
        c if steers(c) || is_no_character(c) => Some(c.escape_unicode().to_string()),
        _ => None,
    }
}

/// Whether a code point is none of a character: no page may hold it.
fn is_no_character(c: char) -> bool {
    let number = u32::from(c);
    number & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::HtmlPage;

    fn written(write: impl FnOnce(&mut HtmlPage<'_>)) -> String {
        let mut text = String::new();
        let mut page = HtmlPage {
            out: &mut text,
            written: Ok(()),
        };
        write(&mut page);
        text
    }

    #[test]
    fn no_text_is_markup() {
        for (text, page) in [
            (
                "<script>alert(1)</script>",
                "&lt;script&gt;alert(1)&lt;/script&gt;",
            ),
            ("\" onload='x'", "&quot; onload=&#39;x&#39;"),
            ("&lt;", "&amp;lt;"),
            ("-->", "--&gt;"),
            ("a\u{202e}b\u{0}c", "a\\u{202e}b\\u{0}c"),
            ("\u{fffe}\u{1ffff}\u{fdd0}", "\\u{fffe}\\u{1ffff}\\u{fdd0}"),
            ("Ann 🙂 Ünal", "Ann 🙂 Ünal"),
        ] {
            assert_eq!(
                written(|html| {
                    html.text(text);
                }),
                page
            );
        }
    }

    #[test]
    fn backticks_never_leave_a_tag_open() {
        for (text, page) in [
            ("write `id: 5` here", "write <code>id: 5</code> here"),
            ("a ` b", "a <code> b</code>"),
            ("`a``b`", "<code>a</code><code>b</code>"),
            ("`<b>`", "<code>&lt;b&gt;</code>"),
        ] {
            assert_eq!(
                written(|html| {
                    html.sentence(text);
                }),
                page
            );
        }
    }

    #[test]
    fn the_direction_of_a_name_stays_within_it() {
        let of = |name: &str| {
            written(|html| {
                html.isolated(name);
            })
        };
        assert_eq!(of("Ann"), "Ann");
        assert_eq!(of("محمد"), "<bdi>محمد</bdi>");
    }

    #[test]
    fn a_page_that_cannot_be_written_says_so() {
        struct Full;
        impl std::fmt::Write for Full {
            fn write_str(&mut self, _: &str) -> std::fmt::Result {
                Err(std::fmt::Error)
            }
        }
        let mut full = Full;
        assert!(HtmlPage::begin(&mut full, "a").end().is_err());
    }
}
