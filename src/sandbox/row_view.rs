//! Rows as answers show them.

use serde_json::{Map, Value, json};

use crate::sandbox::behaviour::{Behaviour, SearchRows};
use crate::sandbox::dates::london_midnight;
use crate::sandbox::stored_row::{StoredRow, cell};
use crate::sandbox::table::{Access, BRIEF, ColumnType, StoredColumn, StoredTable};

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
        (SearchKind::Paged, SearchRows::Brief(more)) => brief_view(row, more),
        (SearchKind::Unpaged, SearchRows::Full | SearchRows::Brief(_)) => brief_view(row, &[]),
    }
}

/// The columns of `BRIEF` and these.
fn brief_view(row: &StoredRow, more: &[String]) -> Value {
    let mut view = Map::new();
    for column in StoredTable::Users.row().columns {
        if BRIEF.contains(&column.name) || more.iter().any(|name| name == column.name) {
            view.insert(column.name.to_owned(), view_cell(column, row));
        }
    }
    Value::Object(view)
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
