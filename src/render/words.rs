//! Small pieces of text that every output shares: who, which role, how many, when.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use crate::domain::Organisation;
use crate::domain::field::{Class, Key};
use crate::domain::redact::{Reveal, SPECIAL_DATA, hides_name, open_key, steers};
use crate::domain::role::Role;
use crate::domain::{AccountId, EntryCounts, EntryKind, IdentityMark, london};
use crate::plan::{Effect, LikelyAccount, OperationSubject, Service, UserLabel};

pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();

/// `1 user`, `2 users`; `1 person`, `2 people`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Text that may be printed: characters that could control a terminal are escaped.
pub fn shown(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            printable.extend(c.escape_unicode());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// A time in the zone of the people who read it.
pub fn london(time: Timestamp) -> String {
    time.to_zoned_datetime(london::zone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// A time within a sentence: 3 November 2026 at 10:02.
pub(crate) fn moment(time: Timestamp) -> String {
    time.to_zoned_datetime(london::zone())
        .strftime("%-d %B %Y at %H:%M")
        .to_string()
}

/// The organisation that a plan is for, and its server.
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

/// `learner L-0041  Aisha O'Neill-Khan (137945)`; the name only if it may be shown.
pub(crate) fn who(user: &UserLabel, account: Option<AccountId>, reveal: Reveal) -> String {
    let mut text = role(user.role).to_owned();
    let mut gap = " ";
    if let Some(mis_id) = &user.mis_id {
        let _ = write!(text, " {}", key_words(mis_id, reveal));
        gap = "  ";
    }
    if let Some(name) = name_if_shown(user, reveal) {
        let _ = write!(text, "{gap}{}", shown(name));
    }
    if let Some(id) = account.or(user.id) {
        let _ = write!(text, " ({id})");
    }
    text
}

/// The user of an operation, or its placement or classroom: `placement Riverside Care Home (2041)`.
pub(crate) fn subject(
    subject: OperationSubject<'_>,
    account: Option<AccountId>,
    reveal: Reveal,
) -> String {
    let entry = match subject {
        OperationSubject::User(user) => return who(user, account, reveal),
        OperationSubject::Entry(entry) => entry,
    };
    let mut text = format!("{} {}", entry.kind.word(), key_words(&entry.name, reveal));
    if let Some(id) = entry.id {
        let _ = write!(text, " ({id})");
    }
    text
}

/// `L-0041 Aisha O'Neill-Khan`; the name only if it may be shown.
pub(crate) fn mis_id_and_name(user: &UserLabel, reveal: Reveal) -> String {
    let mut parts = Vec::new();
    if let Some(name) = user.user_name() {
        parts.push(key_words(&name, reveal));
    }
    parts.extend(name_if_shown(user, reveal).map(shown));
    parts.join(" ")
}

/// A user's MIS value or name, or what it is if it may not be shown.
pub(crate) fn key_words(name: &str, reveal: Reveal) -> String {
    open_key(name, reveal).map_or_else(|| "(e-mail address)".to_owned(), shown)
}

/// A user's name within a command that people type. If it may not be shown, `MISID` stands in its place.
pub(crate) fn key_to_type(name: &str, reveal: Reveal) -> String {
    if let Some(name) = open_key(name, reveal) {
        return quoted_argument(shown(name));
    }
    match name.split_once(':') {
        Some((role, _)) if Role::named(role).is_some() => format!("{role}:MISID"),
        Some((kind, _)) if EntryKind::ALL.iter().any(|one| one.word() == kind) => {
            format!("{kind}:NAME")
        }
        Some(_) | None => "MISID".to_owned(),
    }
}

/// An argument of a command as people paste it into bash, PowerShell or the Windows command prompt, which knows double quotes only.
pub(crate) fn quoted_argument(text: String) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '@');
    if text.chars().all(is_plain) {
        text
    } else if text.contains(['"', '$', '`', '\\', '!']) && !text.contains('\'') {
        format!("'{text}'")
    } else {
        format!("\"{text}\"")
    }
}

fn name_if_shown(user: &UserLabel, reveal: Reveal) -> Option<&str> {
    user.name.as_deref().filter(|_| reveal >= Reveal::Personal)
}

/// What a role is called in a sentence.
pub(crate) fn role(role: Role) -> &'static str {
    role.row().words
}

/// `1 placement`, `2 classrooms`, or of both kinds: `3 placements and classrooms`.
pub(crate) fn counted_entries(counts: EntryCounts) -> String {
    match (counts.placements, counts.classrooms) {
        (placements, 0) => count(placements, "placement", "placements"),
        (0, classrooms) => count(classrooms, "classroom", "classrooms"),
        _ => format!("{} placements and classrooms", counts.total()),
    }
}

/// `learners`, `IQAs`.
pub(crate) fn plural(noun: &str) -> String {
    format!("{noun}s")
}

/// `a, b, c`.
pub(crate) fn listed<T: ToString>(items: &[T]) -> String {
    items
        .iter()
        .map(T::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// `a`, `a and b`, `a, b and c`: within a sentence.
pub(crate) fn enumerated(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", listed(first)),
    }
}

/// The marks that tell people apart, as words.
pub(crate) fn marks(marks: &[IdentityMark], reveal: Reveal) -> String {
    let words: Vec<&str> = marks.iter().map(|mark| mark_words(*mark, reveal)).collect();
    listed(&words)
}

/// The marks that two records share, within a sentence.
pub(crate) fn shared_words(marks: &[IdentityMark], reveal: Reveal) -> String {
    let words: Vec<&str> = marks.iter().map(|mark| mark_words(*mark, reveal)).collect();
    enumerated(&words)
}

/// A mark as words. A mark of class special isn't named where everybody may read.
pub(crate) fn mark_words(mark: IdentityMark, reveal: Reveal) -> &'static str {
    match mark {
        IdentityMark::MisId => "MIS value",
        IdentityMark::Name => "name",
        IdentityMark::Email => "e-mail address",
        IdentityMark::Uln => "ULN",
        IdentityMark::Nino if hides_name(Key::Nino, reveal) => SPECIAL_DATA,
        IdentityMark::Nino => "national insurance number",
        IdentityMark::NameAndBirth => "name and date of birth",
        IdentityMark::FirstNameBirthAndMobile => "first name, date of birth and mobile number",
        IdentityMark::FirstNameBirthAndAddress => "first name, date of birth and home address",
        IdentityMark::FirstNameBirthAndMailbox => {
            "first name, date of birth and e-mail address before the @"
        }
        IdentityMark::FirstNameAndBirth => "first name and date of birth",
        IdentityMark::LastNameAndBirth => "last name and date of birth",
        IdentityMark::FirstName => "first name",
        IdentityMark::Birth => "date of birth",
    }
}

/// An account that looks like a user's and is somebody else's, as far as is known.
pub(crate) fn note_words(account: &LikelyAccount, reveal: Reveal) -> String {
    let head = format!(
        "account {} ({}) has the same {}",
        account.id,
        role(account.role),
        shared_words(&account.same, reveal)
    );
    if account.differs.is_empty() {
        return format!("{head}; is the person the same, under another last name?");
    }
    let mut differs = Vec::new();
    for key in &account.differs {
        differs.push(identifier_words(*key, reveal));
    }
    format!("{head}, but differs in {}", enumerated(&differs))
}

/// A field that identifies people, as words. One of class special isn't named where everybody may read.
pub(crate) fn identifier_words(key: Key, reveal: Reveal) -> &'static str {
    match key {
        Key::Email => mark_words(IdentityMark::Email, reveal),
        Key::Uln => mark_words(IdentityMark::Uln, reveal),
        Key::Nino => mark_words(IdentityMark::Nino, reveal),
        Key::Dob => mark_words(IdentityMark::Birth, reveal),
        key if hides_name(key, reveal) => SPECIAL_DATA,
        key => key.name(),
    }
}

/// What stands in place of a value that may not be shown.
pub(crate) fn hidden_value(class: Class) -> &'static str {
    match class {
        Class::Special => "(special)",
        Class::Personal | Class::Public => "(personal)",
    }
}

/// An effect as words. In the sandbox nobody is e-mailed.
pub(crate) fn effect_words(effect: Effect, service: Service) -> &'static str {
    match (effect, service) {
        (Effect::EmailsPerson, Service::OneFile) => "e-mails a person",
        (Effect::EmailsPerson, Service::Sandbox) => "would e-mail a person",
        (Effect::MayEmailPerson, Service::OneFile) => "may e-mail a person",
        (Effect::MayEmailPerson, Service::Sandbox) => "might e-mail a person",
        (Effect::KeychainStays, _) => "logs in with the old e-mail",
        (Effect::AssessorChanges, _) => "assessor changes",
        (Effect::Archives, _) => "frees a licence",
        (Effect::ComesBack, _) => "uses a licence again",
        (Effect::Stays, _) => "can't be taken away",
    }
}

/// `e-mails a person, logs in with the old e-mail`; empty if there is no effect. Every assignment stays, so the totals say that once.
pub(crate) fn effects_words(effects: &[Effect], service: Service) -> String {
    let mut words = Vec::new();
    for effect in effects.iter().filter(|effect| **effect != Effect::Stays) {
        words.push(effect_words(*effect, service));
    }
    listed(&words)
}

/// `a learner`, `an IQA`.
pub(crate) fn article(noun: &str) -> String {
    let starts_with_vowel = noun.starts_with(['a', 'e', 'i', 'I', 'o', 'u']);
    format!("{} {noun}", if starts_with_vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::key_to_type;
    use crate::domain::redact::Reveal;

    #[test]
    fn a_command_can_be_pasted_as_it_stands() {
        for (name, typed) in [
            ("L-0117", "L-0117"),
            ("iqa:S-1", "iqa:S-1"),
            ("L 0117", "\"L 0117\""),
            (
                "placement:Riverside Care Home",
                "\"placement:Riverside Care Home\"",
            ),
            ("placement:St Mary's", "\"placement:St Mary's\""),
            ("classroom:The \"Old\" Mill", "'classroom:The \"Old\" Mill'"),
            ("placement:reception@example.ac.uk", "placement:NAME"),
            ("iqa:ann@example.ac.uk", "iqa:MISID"),
            ("ann@example.ac.uk", "MISID"),
        ] {
            assert_eq!(key_to_type(name, Reveal::Public), typed);
        }
    }
}
