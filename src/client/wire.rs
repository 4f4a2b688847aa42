//! The names and forms of the API, both ways, from the table of fields.

use std::sync::LazyLock;

use foldhash::HashMap;
use serde_json::{Map, Value, json};

use crate::field::{FIELDS, Key, Role};
use crate::model::{self, Account, Entry, Id, Live, Organisation};

/// A JSON object whose keys are found whatever their case (`onefile-api.md`, Hosts and session).
pub(crate) struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn id(&self) -> Option<Id> {
        integer(self.get("ID")?)
    }

    /// Whether this isn't shown to belong to another organisation.
    pub(crate) fn may_be_of(&self, organisation: Id) -> bool {
        self.get("OrganisationID").and_then(integer).is_none_or(|shown| shown == organisation)
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = match self.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn organisation(&self) -> Option<Organisation> {
        Some(Organisation {
            id: self.id()?,
            name: self.text("Name").unwrap_or_default(),
            keychain_creation: self.flag("KeychainCreationForNewUserActive"),
            email_suppression: self.flag("KeychainEmailSuppression"),
        })
    }

    pub(crate) fn entry(&self) -> Option<Entry> {
        Some(Entry { id: self.id()?, name: self.text("Name").unwrap_or_default(), mis_id: self.text("MISID") })
    }

    /// An account, from a search row or a whole user. A row may lack the role that was searched for.
    pub(crate) fn account(&self, searched: Option<Role>) -> Option<Account> {
        let shown = self.0.iter().filter_map(|(name, value)| Some((key(name)?, live(value)))).collect();
        let role = self.get("Role").and_then(integer).and_then(Role::from_api);
        Some(Account { id: self.id()?, role: role.or(searched)?, shown })
    }
}

/// As the API writes it, as a rule; whatever its case, else.
fn key(name: &str) -> Option<Key> {
    static KEYS: LazyLock<HashMap<&'static str, Key>> =
        LazyLock::new(|| FIELDS.iter().filter_map(|field| Some((field.api?, field.key))).collect());
    let other_case = || KEYS.iter().find(|(api, _)| api.eq_ignore_ascii_case(name)).map(|(_, key)| key);
    KEYS.get(name).or_else(other_case).copied()
}

fn live(value: &Value) -> Option<Live> {
    match value {
        Value::String(text) => Some(Live::Text(text.into())),
        Value::Bool(flag) => Some(Live::Flag(*flag)),
        Value::Number(number) => {
            Some(number.as_i64().map_or_else(|| Live::Text(number.to_string().into()), Live::Number))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A declared value as the API takes it. A day goes out as noon UTC, which is that day wherever it is read.
pub(crate) fn sent(value: &model::Value) -> Value {
    match value {
        model::Value::Text(text) => json!(text.as_str()),
        model::Value::Day(day) => json!(format!("{day}T12:00:00Z")),
        model::Value::Instant(instant) => json!(instant.to_string()),
        model::Value::Flag(flag) => json!(flag),
        model::Value::Reference(_) => Value::Null,
    }
}

/// The fields that a server's message names: all of it that is fit to be shown.
pub(crate) fn fields_named(body: &[u8]) -> Vec<Key> {
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    FIELDS.iter().filter(|field| field.api.is_some_and(|api| words.contains(&api))).map(|field| field.key).collect()
}
