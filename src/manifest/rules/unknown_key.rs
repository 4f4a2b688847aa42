//! `unknown-key`: a key that isn't in the table of fields. The schema finds it.

use crate::domain::EntryKind;
use crate::domain::field::Key;
use crate::findings::source::Spanned;
use crate::findings::suggest::{distance, nearest};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::csv_format::FromCsvKey;
use crate::manifest::declared_assignments::{STANDARD, UNIT};
use crate::manifest::project_keys::{POLICY_KEYS, WINDOW_KEYS, only_these};
use crate::manifest::tree::map_key::MapKey;

pub static RULE: Rule = Rule {
    name: "unknown-key",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A key that isn't in the table of fields.",
    explanation: "A misspelt key would be a field that isn't managed, in silence. The fields are those that `rosterctl explain` \
lists; for notes of your own there are comments, and keys that begin with `x-` at the top of a file.",
};

/// A key that isn't known, with the known key that was probably meant. `otherwise` is the help if no key is near.
pub fn finding<'w>(
    key: &Spanned<MapKey>,
    known: impl Iterator<Item = &'w str>,
    otherwise: &str,
) -> Finding {
    let meant = also_called(&key.value);
    of_words(key, (meant, nearest(&key.value, known)), otherwise)
}

/// A key that a placement or classroom doesn't have.
pub(crate) fn in_entry(key: &Spanned<MapKey>, kind: EntryKind) -> Finding {
    let names: Vec<&str> = kind.keys().iter().map(|key| key.name()).collect();
    let meant = also_called(&key.value).filter(|word| names.contains(word));
    let near = nearest(&key.value, names.iter().copied());
    of_words(key, (meant, near), &only_these(&names))
}

/// The words are what the key is called here, and a known key that is near to it.
fn of_words(
    key: &Spanned<MapKey>,
    words: (Option<&str>, Option<&str>),
    otherwise: &str,
) -> Finding {
    let named = format!("unknown key `{}`", key.value);
    let finding = |message: String, help: String| Finding::new(&RULE, key.span, message, help);
    let misspelt = |word: &str| {
        finding(named.clone(), format!("write `{word}`")).fixed_by(FixKind::Write(word.to_owned()))
    };
    match words {
        (Some(word), _) => misspelt(word),
        (None, None) => finding("unknown key".to_owned(), otherwise.to_owned()),
        (None, Some(word)) if key.value == *word => finding(
            format!("`{word}` has no place here"),
            "change its indentation, or delete it".to_owned(),
        ),
        (None, Some(word)) if is_misspelling(&key.value, word) => misspelt(word),
        (None, Some(word)) => finding(
            "unknown key".to_owned(),
            format!("write `{word}`, if that is meant"),
        )
        .suggests(key.span, FixKind::Write(word.to_owned())),
    }
}

/// What may stand below a key that isn't a field: the help for a key that is near to no other.
pub(crate) fn help_below(container: &str) -> Option<String> {
    match container {
        "severity" => Some("take it away; `rosterctl explain` lists the codes".to_owned()),
        "policy" => Some(only_these(POLICY_KEYS)),
        "maintenance" => Some(only_these(WINDOW_KEYS)),
        "units" => Some(only_these(&[STANDARD, UNIT])),
        "columns" => Some(
            "write `field: header`, as in `lastName: Surname`; `rosterctl explain` lists the fields"
                .to_owned(),
        ),
        FromCsvKey::FROM_TABLE | FromCsvKey::FROM_CSV => {
            Some(only_these(&FromCsvKey::ALL.map(FromCsvKey::name)))
        }
        _ => None,
    }
}

/// The field that a word of another system stands for.
pub(crate) fn also_called(word: &str) -> Option<&'static str> {
    let (_, key) = ALSO_CALLED
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(word))?;
    Some(key.name())
}

/// Whether a message may show what was written: it is so near to a known word that it is no person's name in the
/// wrong place.
pub(crate) fn is_misspelling(written: &str, word: &str) -> bool {
    let letters = distance(written, word);
    letters == 0
        || (starts_lower(word) == starts_lower(written) && letters * 4 <= word.chars().count())
}

fn starts_lower(text: &str) -> Option<bool> {
    text.chars().next().map(char::is_lowercase)
}

/// What other systems call our fields.
const ALSO_CALLED: &[(&str, Key)] = &[
    ("surname", Key::LastName),
    ("familyName", Key::LastName),
    ("forename", Key::FirstName),
    ("givenName", Key::FirstName),
    ("mail", Key::Email),
    ("emailAddress", Key::Email),
    ("phone", Key::Telephone),
    ("mobile", Key::MobileNumber),
    ("mobilePhone", Key::MobileNumber),
    ("address", Key::HomeAddress),
    ("dateOfBirth", Key::Dob),
    ("birthday", Key::Dob),
    ("gender", Key::Sex),
    ("ni", Key::Nino),
    ("niNumber", Key::Nino),
    ("nationalInsuranceNumber", Key::Nino),
    ("tutor", Key::DefaultAssessor),
    ("assessor", Key::DefaultAssessor),
    ("employer", Key::DefaultEmployer),
    ("company", Key::CompanyName),
    ("standard", Key::Standards),
    ("qualification", Key::Standards),
    ("unit", Key::Units),
    ("template", Key::FrameworkTemplate),
    ("secondAssessor", Key::AdditionalAssessors),
    ("class", Key::Classroom),
    ("course", Key::EpisodeName),
    ("startDate", Key::StartOn),
    ("endDate", Key::PlannedEndDate),
];
