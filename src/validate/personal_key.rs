//! A MIS value is shown where names aren't, so it shouldn't hold one.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::diagnostic::{Code, Finding};
use crate::field::Key;
use crate::model::UNKNOWN_ULN;
use crate::validate::candidate::Candidate;

/// A name of one letter is in every key.
const SHORTEST: usize = 2;
/// A name this long is no coincidence inside of a key; a shorter one has to be a word of it.
const LONG: usize = 4;

pub(crate) fn check(user: &Candidate<'_>, _today: Date) -> Vec<Finding> {
    let Some(mis_id) = &user.mis_id else {
        return Vec::new();
    };
    // Most keys are made of digits, and hold nobody's name.
    let letters = mis_id.value.chars().filter(|c| c.is_alphabetic()).count();
    let has_uln = user.text(Key::Uln).is_some_and(|uln| mis_id.value.len() >= uln.len());
    if letters < SHORTEST && !has_uln && !mis_id.value.contains('@') {
        return Vec::new();
    }
    let key = folded(&mis_id.value);
    let squeezed = key.replace(' ', "");
    let holds = |word: &str| match word.chars().count() {
        length if length < SHORTEST => false,
        length if length < LONG => key.split(' ').any(|part| part == word),
        _ => squeezed.contains(&word.replace(' ', "")),
    };
    let named = |name: Key| user.text(name).is_some_and(|name| holds(&folded(name)));
    // Many addresses are made of the key; it is the other way round that matters.
    let is_address = mis_id.value.contains('@');
    let uln = user.text(Key::Uln).filter(|uln| *uln != UNKNOWN_ULN && uln.len() == UNKNOWN_ULN.len());
    let what = match () {
        () if named(Key::FirstName) || named(Key::LastName) => "the name of its user",
        () if is_address => "an e-mail address",
        () if uln.is_some_and(|uln| squeezed.contains(uln)) => "the ULN of its user",
        () => return Vec::new(),
    };
    let message = format!("`misId` holds {what}, and plans and logs show it");
    let help = "give the person a key that means nothing, in the MIS and in OneFile";
    vec![Finding::new(Code::PersonalKey, mis_id.span, message, help)]
}

/// The words of a text without case and accents: `O’Neill-Khán` is `o neill khan`.
fn folded(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
