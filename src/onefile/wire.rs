//! Translates fields to and from the names and formats of the API, using the table of fields.

use std::sync::LazyLock;

use foldhash::HashMap;
use serde_json::{Value, json};

use crate::domain::field::{FIELDS, Key, Shape, ValueKind};
use crate::domain::role::Role;
use crate::domain::{
    self, Account, CODE_SEPARATOR, DirectoryEntry, EntryKind, LiveEntry, ObservedFields,
    ObservedValue, Organisation, ShownArchive, london,
};
use crate::onefile::row::{Json, JsonRow};

impl JsonRow<'_> {
    pub(crate) fn organisation(&self) -> Option<Organisation> {
        Some(Organisation {
            id: self.id()?,
            name: self.text("Name").unwrap_or_default(),
            keychain_creation: self.flag("KeychainCreationForNewUserActive"),
            email_suppression: self.flag("KeychainEmailSuppression"),
        })
    }

    /// An entry of a list that users refer to. Standards and framework templates have a title for a name.
    pub(crate) fn entry(&self) -> Option<DirectoryEntry> {
        let name = self.text("Name").or_else(|| self.text("Title"));
        Some(DirectoryEntry {
            id: self.id()?,
            name: name.unwrap_or_default(),
            mis_id: self.text("MISID"),
        })
    }

    /// A placement or classroom that was read by itself.
    pub(crate) fn live_entry(&self, kind: EntryKind) -> Option<LiveEntry> {
        let mut shown = ObservedFields::default();
        for key in kind.keys() {
            let field = key.row();
            if let Some(value) = field.api.and_then(|api| self.get(api)) {
                shown.insert(*key, value.observed(field.kind));
            }
        }
        let id = self.id()?;
        Some(LiveEntry { id, shown })
    }

    /// Reads an account from a search row or a full user. If the row shows no role, `searched` is its role.
    pub(crate) fn account(&self, searched: Option<Role>) -> Option<Account> {
        let shown = self
            .members()
            .iter()
            .filter_map(|(name, value)| {
                let key = key(name)?;
                Some((key, value.observed(key.row().kind)))
            })
            .collect();
        let role = self.integer("Role").and_then(Role::from_api);
        Some(Account {
            id: self.id()?,
            role: role.or(searched)?,
            archive: self.shown_archive(),
            shown,
        })
    }

    /// What the row says about the archive. If members contradict each other, the one that says archived counts.
    pub(crate) fn shown_archive(&self) -> ShownArchive {
        let mut shown = ShownArchive::NotShown;
        for (name, value) in self.members() {
            let said = if is_one_of(name, ARCHIVE_FLAGS) {
                value.flag().map(archive_of)
            } else if is_one_of(name, ARCHIVE_DAYS) {
                value.archive_day()
            } else {
                None
            };
            match said {
                Some(ShownArchive::Archived) => return ShownArchive::Archived,
                Some(said) => shown = said,
                None => {}
            }
        }
        shown
    }
}

/// The members that say whether an account is archived, and those that say since when (`docs/onefile-api.md`, Leavers). Nobody
/// has seen one in an answer yet.
const ARCHIVE_FLAGS: &[&str] = &["Archived", "IsArchived"];
const ARCHIVE_DAYS: &[&str] = &["DateArchived", "ArchivedOn"];

/// Whether a member tells if an account is archived.
pub(crate) fn tells_archive(name: &str) -> bool {
    is_one_of(name, ARCHIVE_FLAGS) || is_one_of(name, ARCHIVE_DAYS)
}

fn is_one_of(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn archive_of(is_archived: bool) -> ShownArchive {
    if is_archived {
        ShownArchive::Archived
    } else {
        ShownArchive::Current
    }
}

/// The field with this API name. The API's own spelling is tried first, because it is usual and fast; then any case.
fn key(name: &str) -> Option<Key> {
    static KEYS: LazyLock<HashMap<&'static str, Key>> = LazyLock::new(|| {
        FIELDS
            .iter()
            .filter_map(|field| Some((field.api?, field.key)))
            .collect()
    });
    let other_case = || {
        KEYS.iter()
            .find(|(api, _)| api.eq_ignore_ascii_case(name))
            .map(|(_, key)| key)
    };
    KEYS.get(name).or_else(other_case).copied()
}

impl Json<'_> {
    /// A day of archiving: there is one, there is none, or it can't be read.
    fn archive_day(&self) -> Option<ShownArchive> {
        match self {
            Self::Null => Some(ShownArchive::Current),
            Self::Text(text) => match ObservedValue::of_text(ValueKind::Day, text) {
                ObservedValue::Value(_) => Some(ShownArchive::Archived),
                ObservedValue::Empty => Some(ShownArchive::Current),
                ObservedValue::Unreadable(_) => None,
            },
            Self::Flag(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// Reads the value for a field of this kind; `None` for null, an array or an object.
    fn observed(&self, kind: ValueKind) -> Option<ObservedValue> {
        match self {
            Self::Text(text) => Some(ObservedValue::of_text(kind, text)),
            Self::Flag(flag) => Some(ObservedValue::of_flag(kind, *flag)),
            Self::Number(number) => Some(number.as_i64().map_or_else(
                || ObservedValue::of_text(kind, &number.to_string()),
                |number| ObservedValue::of_number(kind, number),
            )),
            Self::List(items) if kind == ValueKind::Text(Shape::Codes) => {
                let codes: Vec<String> = items.iter().filter_map(Self::code).collect();
                Some(ObservedValue::of_text(kind, &codes.join(CODE_SEPARATOR)))
            }
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// An item of a list of codes.
    fn code(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.trim().to_owned()),
            Self::Number(number) => Some(number.to_string()),
            Self::Null | Self::Flag(_) | Self::List(_) | Self::Object(_) => None,
        }
    }
}

/// A declared value in the format that the API accepts.
pub(crate) fn sent(key: Key, value: &domain::Value) -> Value {
    let is_list = key.row().kind == ValueKind::Text(Shape::Codes);
    match value {
        domain::Value::Text(codes) if is_list => {
            json!(codes.canonical().split(CODE_SEPARATOR).collect::<Vec<_>>())
        }
        domain::Value::Text(text) => json!(text.as_str()),
        domain::Value::Day(day) => json!(london::noon_utc(*day)),
        domain::Value::Instant(instant) => json!(instant.to_string()),
        domain::Value::Flag(flag) => json!(flag),
        domain::Value::Reference(_) => Value::Null,
    }
}

/// The fields that a server's message names. Nothing else of the message is shown, because it may hold personal data.
pub(crate) fn fields_named(body: &[u8]) -> Vec<Key> {
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    FIELDS
        .iter()
        .filter(|field| field.api.is_some_and(|api| words.contains(&api)))
        .map(|field| field.key)
        .collect()
}
