//! `look-alike`: letters that look like others. A search wouldn't find the account, and a key would be another key.

use unicode_security::{MixedScript, is_potential_mixed_script_confusable_char};

use crate::domain::field::{Field, Key, Shape, ValueKind};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::hidden_character::{self, is_identity, may_deceive};
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "look-alike",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "Letters of several scripts in one word, such as a Cyrillic `е` in a Latin name.",
    explanation: "They look alike and are others: the account would not be found by search, and a key would be another key. A word \
that is of one script throughout is fine, whatever the script. Type the word anew.",
};

/// What word processors make of quotation marks.
const TYPOGRAPHIC: &[char] = &['‘', '’', '‚', '“', '”', '„', '´', '`'];
/// Fields that say who a user is.
const NAMING: &[Key] = &[
    Key::MisId,
    Key::FormerMisId,
    Key::FirstName,
    Key::LastName,
    Key::Email,
];

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    if !may_deceive(field, text) {
        return None;
    }
    // The text has to be typed again in any case.
    if hidden_character::check(field, node).is_some() {
        return None;
    }
    let (message, help) = if is_identity(field) && text.contains(TYPOGRAPHIC) {
        let message = format!(
            "`{}` holds a quotation mark of a word processor",
            field.name
        );
        (message, "type it anew, with plain quotation marks or none")
    } else if mixes_scripts(field, text) {
        let message = format!(
            "`{}` has letters of several scripts that look alike",
            field.name
        );
        (message, "type it anew, with the letters of one script")
    } else {
        return None;
    };
    Some(Finding::new(&RULE, node.span, message, help))
}

fn mixes_scripts(field: &Field, text: &str) -> bool {
    match field.kind {
        // Tools compare a key and people don't read it, so no letter may look like a Latin one.
        _ if field.key.is_mis_id() => text.chars().any(is_potential_mixed_script_confusable_char),
        ValueKind::Text(Shape::Email) => !text.is_single_script(),
        _ if NAMING.contains(&field.key) => text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| !word.is_single_script()),
        _ => false,
    }
}
