//! A MIS value is shown where names aren't, so it shouldn't hold one.

use jiff::civil::Date;

use crate::domain::field::{Key, UNKNOWN_ULN};
use crate::domain::plain_letters;
use crate::domain::redact::open_text;
use crate::findings::{Code, Finding};
use crate::manifest::unchecked_user::UncheckedUser;

/// A name of one letter is in every key.
const SHORTEST: usize = 2;
/// A name this long is no coincidence inside of a key; a shorter one has to be a word of it.
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
    let Some(what) = held_by(mis_id, &person) else {
        return Vec::new();
    };
    let message = format!("`misId` holds {what}, and plans and logs show it");
    let help = "give the person a key that means nothing, in the MIS and in OneFile";
    vec![Finding::new(
        Code::PersonalKey,
        user.span(Key::MisId),
        message,
        help,
    )]
}

/// Whose a MIS value is.
pub struct PersonalValues<'p> {
    pub first: Option<&'p str>,
    pub last: Option<&'p str>,
    pub uln: Option<&'p str>,
}

/// What a MIS value holds that is personal.
pub fn held_by(mis_id: &str, person: &PersonalValues<'_>) -> Option<&'static str> {
    // Most keys are made of digits, and hold nobody's name.
    let letters = mis_id.chars().filter(|c| c.is_alphabetic()).count();
    let has_uln = person.uln.is_some_and(|uln| mis_id.len() >= uln.len());
    let is_address = open_text(mis_id).is_none();
    if letters < SHORTEST && !has_uln && !is_address {
        return None;
    }
    let key = folded(mis_id);
    let squeezed = key.replace(' ', "");
    let holds = |word: &str| match word.chars().count() {
        length if length < SHORTEST => false,
        length if length < LONG => key.split(' ').any(|part| part == word),
        _ => squeezed.contains(&word.replace(' ', "")),
    };
    let is_named = [person.first, person.last]
        .into_iter()
        .flatten()
        .any(|name| holds(&folded(name)));
    let uln = person
        .uln
        .filter(|uln| *uln != UNKNOWN_ULN && uln.len() == UNKNOWN_ULN.len());
    // Many addresses are made of the key; it is the other way round that matters.
    match () {
        () if is_named => Some("the name of its user"),
        () if is_address => Some("an e-mail address"),
        () if uln.is_some_and(|uln| squeezed.contains(uln)) => Some("the ULN of its user"),
        () => None,
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
    use super::{PersonalValues, held_by};

    #[test]
    fn a_name_of_four_letters_is_found_inside_of_a_key() {
        let anna = PersonalValues {
            first: Some("Anna"),
            last: None,
            uln: None,
        };
        assert_eq!(held_by("xanna7", &anna), Some("the name of its user"));
        let ann = PersonalValues {
            first: Some("Ann"),
            ..anna
        };
        assert_eq!(held_by("xanna7", &ann), None);
    }
}
