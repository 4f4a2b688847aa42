//! A row of the service, and what single calls do to one.

use serde_json::{Map, Value};

use crate::sandbox::table::{ARCHIVED, Access, ID, StoredColumn, StoredTable};

/// A row without its empty columns. Days are kept as `2026-09-01`.
pub type StoredRow = Map<String, Value>;

/// A value of a row; null if it has none.
pub(crate) fn cell<'r>(row: &'r StoredRow, name: &str) -> &'r Value {
    row.get(name).unwrap_or(&Value::Null)
}

/// Sets a value; null empties it.
pub(crate) fn set(row: &mut StoredRow, name: &str, value: Value) {
    if value.is_null() {
        row.remove(name);
    } else {
        row.insert(name.to_owned(), value);
    }
}

/// A number of a row; 0 if it has none, which is no ID.
pub(crate) fn number(row: &StoredRow, name: &str) -> i64 {
    cell(row, name).as_i64().unwrap_or(0)
}

/// What was sent under a name, whatever its case.
pub(crate) fn sent_as<'s>(sent: &'s StoredRow, name: &str) -> Option<&'s Value> {
    for (key, value) in sent {
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
    }
    None
}

/// The user name that the service makes of a new user: initial, last name, ID.
pub(crate) fn username(row: &StoredRow) -> String {
    let first = lower_case(row, "FirstName");
    let last = lower_case(row, "LastName");
    let mut name: String = first.chars().take(1).collect();
    name.extend(last.chars().filter(|c| c.is_alphanumeric()));
    format!("{name}{}", number(row, ID))
}

fn lower_case(row: &StoredRow, name: &str) -> String {
    let text = cell(row, name).as_str();
    text.map(str::to_lowercase).unwrap_or_default()
}

/// Where a user is: among the users, or in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserShelf {
    Current,
    Archive,
}

pub(crate) fn is_archived(row: &StoredRow) -> bool {
    cell(row, ARCHIVED) == &Value::Bool(true)
}

/// A user that was moved into the archive or out of it.
pub(crate) fn moved(row: &StoredRow, shelf: UserShelf) -> StoredRow {
    let mut moved = row.clone();
    let archived = match shelf {
        UserShelf::Archive => Value::Bool(true),
        UserShelf::Current => Value::Null,
    };
    set(&mut moved, ARCHIVED, archived);
    moved
}

/// A number, which forms send as text.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.as_i64()
        }
    }
}

/// A user without the fields that an update didn't send, as a service without partial updates would leave it.
pub(crate) fn blanked(row: &StoredRow, sent: &StoredRow) -> StoredRow {
    let mut blanked = StoredRow::new();
    for column in StoredTable::Users.row().columns {
        let survives = is_fixed(column) || sent_as(sent, column.name).is_some();
        if let Some(value) = row.get(column.name).filter(|_| survives) {
            blanked.insert(column.name.to_owned(), value.clone());
        }
    }
    blanked
}

/// Whether no update changes a column.
fn is_fixed(column: &StoredColumn) -> bool {
    [ID, "OrganisationID", "Role"].contains(&column.name) || column.access != Access::Open
}
