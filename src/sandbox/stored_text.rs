//! What the service makes of the texts of people before it stores them. Nobody knows whether it does any of this.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::sandbox::stored_row::StoredRow;

/// The form in which texts are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredText {
    AsSent,
    Capitals,
    TitleCase,
    /// The first 20 characters.
    Cut,
    /// Apostrophes as they stand in HTML.
    Entities,
    /// Accents as characters of their own.
    Decomposed,
    WithoutBlanks,
    /// Without accents, and without letters that aren't Latin.
    Ascii,
    /// With a question mark for each letter that isn't Latin.
    Latin,
}

pub(crate) const STORED_TEXTS: &[(&str, StoredText)] = &[
    ("asSent", StoredText::AsSent),
    ("capitals", StoredText::Capitals),
    ("titleCase", StoredText::TitleCase),
    ("cut", StoredText::Cut),
    ("entities", StoredText::Entities),
    ("decomposed", StoredText::Decomposed),
    ("withoutBlanks", StoredText::WithoutBlanks),
    ("ascii", StoredText::Ascii),
    ("latin", StoredText::Latin),
];

const FIELDS: &[&str] = &[
    "FirstName",
    "LastName",
    "MobileNumber",
    "HomeAddress",
    "EpisodeName",
];

/// `Cut` keeps so many characters.
const LENGTH: usize = 20;

impl StoredText {
    /// Rewrites the texts of a row that was sent.
    pub(crate) fn rewrite(self, row: &mut StoredRow) {
        for (name, value) in row.iter_mut() {
            let is_text = FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name));
            if let Some(text) = value.as_str().filter(|_| is_text) {
                *value = Value::String(self.of(text));
            }
        }
    }

    fn of(self, text: &str) -> String {
        match self {
            Self::AsSent => text.to_owned(),
            Self::Capitals => text.to_uppercase(),
            Self::TitleCase => title_case(text),
            Self::Cut => text.chars().take(LENGTH).collect(),
            Self::Entities => text.replace('\'', "&#39;"),
            Self::Decomposed => text.nfd().collect(),
            Self::WithoutBlanks => text.replace(' ', ""),
            Self::Ascii => text.nfd().filter(char::is_ascii).collect(),
            Self::Latin => text
                .chars()
                .map(|letter| if letter > '\u{ff}' { '?' } else { letter })
                .collect(),
        }
    }
}

fn title_case(text: &str) -> String {
    let mut title = String::new();
    let mut is_first = true;
    for letter in text.chars() {
        if is_first {
            title.extend(letter.to_uppercase());
        } else {
            title.extend(letter.to_lowercase());
        }
        is_first = matches!(letter, ' ' | '-');
    }
    title
}
