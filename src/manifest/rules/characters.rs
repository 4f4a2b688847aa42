//! Characters that nobody sees, and letters that look like others: two keys that look alike would be two accounts.

use unicode_security::{MixedScript, is_potential_mixed_script_confusable_char};

use crate::domain::field::{Field, Key, Shape, ValueKind};
use crate::findings::{Code, Finding};
use crate::manifest::tree::node::Node;

/// Fields whose text may have several lines.
const OF_LINES: &[Key] = &[Key::WorkAddress, Key::HomeAddress];
/// What joins letters of scripts that names may be in, and hides in Latin ones.
const JOINERS: &[char] = &['\u{200c}', '\u{200d}'];
/// What word processors make of quotation marks.
const TYPOGRAPHIC: &[char] = &['‘', '’', '‚', '“', '”', '„', '´', '`'];
/// Fields that say who somebody is.
const NAMING: &[Key] = &[Key::MisId, Key::FirstName, Key::LastName, Key::Email];

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    if !matches!(field.kind, ValueKind::Text(_) | ValueKind::Reference(_))
        || text.is_ascii() && !has_control(text)
    {
        return None;
    }
    let lines_may_end = OF_LINES.contains(&field.key);
    if text
        .trim()
        .chars()
        .any(|c| is_hidden(c) && !(lines_may_end && matches!(c, '\n' | '\r')))
    {
        let is_line_end = text.trim().contains(['\n', '\r']);
        let what = if is_line_end {
            "a line end"
        } else {
            "a character that nobody sees"
        };
        let message = format!("`{}` holds {what}", field.name);
        let help = "type it anew: it came with text that was copied from elsewhere";
        return Some(Finding::new(
            Code::HiddenCharacter,
            node.span,
            message,
            help,
        ));
    }
    if matches!(field.key, Key::MisId | Key::Email) && text.contains(JOINERS)
        || text.contains('\u{fffd}')
    {
        let message = format!(
            "`{}` holds a character that was lost, or that nobody sees",
            field.name
        );
        let help = "type it anew; where a whole file is so, it was saved in another encoding";
        return Some(Finding::new(
            Code::HiddenCharacter,
            node.span,
            message,
            help,
        ));
    }
    if matches!(field.key, Key::MisId | Key::Email) && text.contains(TYPOGRAPHIC) {
        let message = format!(
            "`{}` holds a quotation mark of a word processor",
            field.name
        );
        return Some(Finding::new(
            Code::LookAlike,
            node.span,
            message,
            "type it anew, with plain quotation marks or none",
        ));
    }
    let mixed = match field.kind {
        // Where people don't read but tools compare, nothing may look like a Latin letter that isn't one.
        _ if field.key == Key::MisId => text.chars().any(is_potential_mixed_script_confusable_char),
        ValueKind::Text(Shape::Email) => !text.is_single_script(),
        _ => {
            NAMING.contains(&field.key)
                && text
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| !word.is_single_script())
        }
    };
    if !mixed {
        return None;
    }
    let message = format!(
        "`{}` has letters of several scripts that look alike",
        field.name
    );
    Some(Finding::new(
        Code::LookAlike,
        node.span,
        message,
        "type it anew, with the letters of one script",
    ))
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control())
}

/// Whether a name holds what no manifest may: characters that nobody sees, or that were lost.
pub fn hides_something(name: &str) -> bool {
    name.trim().chars().any(is_hidden) || name.contains('\u{fffd}')
}

/// Controls; blanks that aren't the usual one; what has no width; what turns the direction of text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{3000}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
