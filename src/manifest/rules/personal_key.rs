//! `personal-key`: a MIS value that names its person. Plans and logs show MIS values, and names they don't.

use jiff::civil::Date;

use crate::domain::field::{Key, UNKNOWN_ULN};
use crate::domain::plain_letters;
use crate::domain::redact::open_text;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "personal-key",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A MIS value that holds an e-mail address, or the name or the ULN of its user.",
    explanation: "MIS values are shown in plans, logs and pull requests, where names aren't. Keys that mean nothing keep people \
unnamed there. An e-mail address isn't shown in those places, so they name the user by file and line.",
};

/// Nearly every key holds a name of one letter.
const SHORTEST: usize = 2;
/// A name this long isn't in a key by chance. A shorter one has to be a whole word of the key.
const LONG: usize = 4;

pub(crate) fn check(user: &UncheckedUser, _today: Date) -> Vec<Finding> {
    let Some(mis_id) = user.mis_id() else {
        return Vec::new();
    };
    let person = PersonalValues {
        first: user.text(Key::FirstName),
        last: user.text(Key::LastName),
        uln: user.text(Key::Uln),
    };
    let Some(what) = personal_part(mis_id, &person) else {
        return Vec::new();
    };
    let message = match open_text(mis_id) {
        Some(_) => format!("`misId` holds {what}, and plans and logs show it"),
        None => format!("`misId` holds {what}, so plans and logs don't show it"),
    };
    let help = "give the person a key that means nothing, in the MIS and in OneFile";
    vec![Finding::new(&RULE, user.span(Key::MisId), message, help)]
}

/// The personal values that a MIS value shouldn't hold.
pub struct PersonalValues<'p> {
    pub first: Option<&'p str>,
    pub last: Option<&'p str>,
    pub uln: Option<&'p str>,
}

/// What is personal in a MIS value, in words; `None` if nothing is.
pub fn personal_part(mis_id: &str, person: &PersonalValues<'_>) -> Option<&'static str> {
    // Most keys are made of digits, and hold no name.
    let letters = mis_id.chars().filter(|c| c.is_alphabetic()).count();
    let may_hold_uln = person.uln.is_some_and(|uln| mis_id.len() >= uln.len());
    let is_address = open_text(mis_id).is_none();
    if letters < SHORTEST && !may_hold_uln && !is_address {
        return None;
    }
    let key = folded(mis_id);
    let names = [person.first, person.last];
    if names
        .into_iter()
        .flatten()
        .any(|name| holds_name(&key, name))
    {
        return Some("the name of its user");
    }
    // An address that holds the key is common, and no fault; a key that is an address is one.
    if is_address {
        return Some("an e-mail address");
    }
    let uln = person.uln?;
    let is_real_uln = uln != UNKNOWN_ULN && uln.len() == UNKNOWN_ULN.len();
    (is_real_uln && key.replace(' ', "").contains(uln)).then_some("the ULN of its user")
}

/// `key` is folded.
fn holds_name(key: &str, name: &str) -> bool {
    let name = folded(name);
    match name.chars().count() {
        length if length < SHORTEST => false,
        length if length < LONG => key.split(' ').any(|word| word == name),
        _ => key.replace(' ', "").contains(&name.replace(' ', "")),
    }
}

/// The words of a text without case and accents: `O’Neill-Khán` is `o neill khan`.
fn folded(text: &str) -> String {
    let plain: String = plain_letters(text).collect();
    let words = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{PersonalValues, personal_part};

    #[test]
    fn a_name_of_four_letters_is_found_inside_of_a_key() {
        let anna = PersonalValues {
            first: Some("Anna"),
            last: None,
            uln: None,
        };
        assert_eq!(personal_part("xanna7", &anna), Some("the name of its user"));
        let ann = PersonalValues {
            first: Some("Ann"),
            ..anna
        };
        assert_eq!(personal_part("xanna7", &ann), None);
    }
}
