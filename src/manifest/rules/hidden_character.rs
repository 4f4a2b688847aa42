//! `hidden-character`: a character that people can't see. Two keys that look alike would be two accounts.

use crate::domain::field::{Field, Key, ValueKind};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::rules::MULTI_LINE;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "hidden-character",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "A control character, or one that nobody sees, in a name, an e-mail address, a telephone number or a key.",
    explanation: "Zero-width blanks, marks that turn the direction of text, tabs and the like come along when text is copied from web \
pages and documents. Two keys that look alike would be two accounts. Type the text anew.",
};

/// Joiners of letters: some scripts need them in names, and in Latin text they are hidden.
const JOINERS: &[char] = &['\u{200c}', '\u{200d}'];
/// What decoding puts in the place of bytes that it can't read.
const REPLACEMENT: char = '\u{fffd}';

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    if !may_deceive(field, text) {
        return None;
    }
    let (message, help) = if holds_hidden(field, text) {
        let what = if text.trim().contains(['\n', '\r']) {
            "a line end"
        } else {
            "a character that nobody sees"
        };
        let message = format!("`{}` holds {what}", field.name);
        let help = "type it anew: it came with text that was copied from elsewhere";
        (message, help)
    } else if is_identity(field) && text.contains(JOINERS) || text.contains(REPLACEMENT) {
        let message = format!(
            "`{}` holds a character that was lost, or that nobody sees",
            field.name
        );
        let help = "type it anew; where a whole file is so, it was saved in another encoding";
        (message, help)
    } else {
        return None;
    };
    let finding = Finding::new(&RULE, node.span, message, help);
    Some(finding.fixed_by(FixKind::Clean))
}

/// Whether a name holds what no manifest may: characters that people can't see, or that were lost.
pub fn hides_something(name: &str) -> bool {
    name.trim().chars().any(is_hidden) || name.contains(REPLACEMENT)
}

/// Whether a text can hold what looks like something else. Nearly all texts are plain ASCII, and can't.
pub(crate) fn may_deceive(field: &Field, text: &str) -> bool {
    let takes_words = matches!(field.kind, ValueKind::Text(_) | ValueKind::Reference(_));
    let is_plain = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control());
    takes_words && !is_plain
}

/// Whether accounts are found by this field, so that tools compare it letter by letter.
pub(crate) fn is_identity(field: &Field) -> bool {
    field.key.is_mis_id() || field.key == Key::Email
}

fn holds_hidden(field: &Field, text: &str) -> bool {
    let may_have_lines = MULTI_LINE.contains(&field.key);
    text.trim()
        .chars()
        .any(|c| is_hidden(c) && !(may_have_lines && matches!(c, '\n' | '\r')))
}

/// Control characters, blanks other than the usual one, characters without width, and marks that turn the direction of
/// text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{2000}'..='\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{3000}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
