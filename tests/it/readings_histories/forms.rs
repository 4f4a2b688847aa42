//! Texts in another form: what a service makes of those that it is sent, and what people type for those that are there.

use rosterctl::domain::field::Key;
use rosterctl::domain::{AccountId, FieldText, KeptValues};
use serde_json::{Value, json};

use crate::readings_histories::college::{Row, chance, pick};

/// What the service makes of a text before it keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptForm {
    AsSent,
    Capitals,
    Cut,
    WithoutBlanks,
    /// Accents are characters of their own.
    Decomposed,
}

pub const KEPT_FORMS: [KeptForm; 6] = [
    KeptForm::AsSent,
    KeptForm::AsSent,
    KeptForm::Capitals,
    KeptForm::Cut,
    KeptForm::WithoutBlanks,
    KeptForm::Decomposed,
];

/// The columns that a service may rewrite, as in the sandbox.
const REWRITTEN: [Key; 5] = [
    Key::FirstName,
    Key::LastName,
    Key::MobileNumber,
    Key::HomeAddress,
    Key::EpisodeName,
];

impl KeptForm {
    fn of(self, text: &str) -> String {
        match self {
            Self::AsSent => text.to_owned(),
            Self::Capitals => text.to_uppercase(),
            Self::Cut => text.chars().take(6).collect(),
            Self::WithoutBlanks => text.replace(' ', ""),
            Self::Decomposed => text.replace('ö', "o\u{308}"),
        }
    }

    /// What the service keeps of a text, and the digest by which the journal knows it if it isn't what was sent.
    pub fn keep(self, account: AccountId, key: Key, sent: &FieldText) -> (String, Option<String>) {
        if !REWRITTEN.contains(&key) {
            return (sent.as_str().to_owned(), None);
        }
        let kept = self.of(sent.as_str());
        let live = FieldText::new(key.row().kind, &kept);
        let digest = KeptValues::new("sandbox", [].into()).digest(
            account,
            key,
            sent.canonical(),
            live.canonical(),
        );
        (kept, (live != *sent).then_some(digest))
    }
}

/// The same value as somebody else may type it.
pub fn retyped(random: &mut fastrand::Rng, value: &Value) -> Value {
    let Some(text) = value.as_str() else {
        return value.clone();
    };
    let form = pick(random, &KEPT_FORMS);
    match form {
        KeptForm::AsSent if chance(random, 50) => json!(format!(" {text} ")),
        KeptForm::AsSent => json!(text.to_lowercase()),
        form => json!(form.of(text)),
    }
}

/// A letter that can be one character or two stands in some names.
pub fn accent(rows: &mut [Row]) {
    for row in rows.iter_mut().step_by(5) {
        if let Some(name) = row["LastName"].as_str() {
            row["LastName"] = json!(name.replacen('o', "ö", 1));
        }
    }
}
