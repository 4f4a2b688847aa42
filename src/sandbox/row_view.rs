//! Rows as answers show them.

use serde_json::{Map, Value, json};

use crate::sandbox::behaviour::{ArchivedFlag, Behaviour, SearchRows};
use crate::sandbox::dates::london_midnight;
use crate::sandbox::stored_row::{StoredRow, cell, is_archived};
use crate::sandbox::table::{ARCHIVED, Access, BRIEF, ColumnType, StoredColumn, StoredTable};

/// The calls that show rows, which show different columns of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchKind {
    Paged,
    Unpaged,
}

/// A row as `GET` shows it: every column that is shown at all, days as the instants of their London midnights.
pub(crate) fn full_view(table: StoredTable, row: &StoredRow, behaviour: &Behaviour) -> Value {
    let mut view = Map::new();
    for column in table.row().columns {
        let is_never_shown = behaviour.never_shown.iter().any(|name| name == column.name);
        if column.access != Access::Kept && !is_never_shown {
            view.insert(column.name.to_owned(), view_cell(column, row));
        }
    }
    if table == StoredTable::Users {
        view.extend(archived_view(row, behaviour));
    }
    Value::Object(view)
}

/// A row as a search shows it.
pub(crate) fn search_view(
    table: StoredTable,
    row: &StoredRow,
    behaviour: &Behaviour,
    kind: SearchKind,
) -> Value {
    if table != StoredTable::Users {
        return full_view(table, row, behaviour);
    }
    match (kind, &behaviour.search_rows) {
        (SearchKind::Paged, SearchRows::Full) => full_view(table, row, behaviour),
        (SearchKind::Paged, SearchRows::Brief(more)) => brief_view(row, behaviour, more),
        (SearchKind::Unpaged, SearchRows::Full | SearchRows::Brief(_)) => {
            brief_view(row, behaviour, &[])
        }
    }
}

/// The columns of `BRIEF` and these.
fn brief_view(row: &StoredRow, behaviour: &Behaviour, more: &[String]) -> Value {
    let mut view = Map::new();
    for column in StoredTable::Users.row().columns {
        let is_named = more.iter().any(|name| name == column.name);
        if BRIEF.contains(&column.name) || (is_named && column.access != Access::Kept) {
            view.insert(column.name.to_owned(), view_cell(column, row));
        }
    }
    if more.iter().any(|name| name == ARCHIVED) {
        view.extend(archived_view(row, behaviour));
    }
    Value::Object(view)
}

/// The member that says whether a user is archived, if there is one. Nothing keeps the day, so it is that of the last change.
fn archived_view(row: &StoredRow, behaviour: &Behaviour) -> Option<(String, Value)> {
    match behaviour.archived_flag {
        ArchivedFlag::Hidden => None,
        ArchivedFlag::Flag(name) => Some((name.to_owned(), json!(is_archived(row)))),
        ArchivedFlag::Day(name) => {
            let day = is_archived(row).then(|| cell(row, "LastModified").clone());
            Some((name.to_owned(), day.unwrap_or(Value::Null)))
        }
    }
}

fn view_cell(column: &StoredColumn, row: &StoredRow) -> Value {
    let value = cell(row, column.name);
    if column.kind == ColumnType::Day
        && let Some(midnight) = midnight_of(value)
    {
        return json!(midnight);
    }
    value.clone()
}

fn midnight_of(day: &Value) -> Option<String> {
    london_midnight(day.as_str()?.parse().ok()?)
}
