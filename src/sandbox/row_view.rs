//! Rows as answers show them.

use serde_json::{Map, Value, json};

use crate::sandbox::assignment_behaviour::SummaryRows;
use crate::sandbox::behaviour::{ArchivedFlag, Behaviour, SearchRows};
use crate::sandbox::dates::london_midnight;
use crate::sandbox::modified::ModifiedTime;
use crate::sandbox::stored_row::{StoredRow, cell, is_archived};
use crate::sandbox::table::{
    ARCHIVED, Access, ColumnType, LAST_MODIFIED, StoredColumn, StoredTable,
};

/// The calls that show rows, which show different columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchKind {
    Paged,
    Unpaged,
}

/// A row as `GET` shows it: every column that is shown at all, days as the instants of their London midnights.
pub(crate) fn full_view(table: StoredTable, row: &StoredRow, behaviour: &Behaviour) -> Value {
    let mut view = Map::new();
    for column in table.row().columns {
        if is_shown(table, column, behaviour) {
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
    let Some(brief) = table.row().brief else {
        return full_view(table, row, behaviour);
    };
    let more: &[String] = match (kind, &behaviour.search_rows) {
        (SearchKind::Paged, SearchRows::Full) => return full_view(table, row, behaviour),
        (SearchKind::Paged, SearchRows::Brief(more)) => more,
        (SearchKind::Unpaged, SearchRows::Full | SearchRows::Brief(_)) => &[],
    };
    let mut view = Map::new();
    for column in table.row().columns {
        let is_named = more.iter().any(|name| name == column.name);
        if brief.contains(&column.name) || (is_named && is_shown(table, column, behaviour)) {
            view.insert(column.name.to_owned(), view_cell(column, row));
        }
    }
    if table == StoredTable::Users && more.iter().any(|name| name == ARCHIVED) {
        view.extend(archived_view(row, behaviour));
    }
    Value::Object(view)
}

/// Whether answers show a column.
fn is_shown(table: StoredTable, column: &StoredColumn, behaviour: &Behaviour) -> bool {
    let is_for_answers = match column.access {
        Access::Open | Access::Made => true,
        Access::Asked | Access::Kept => false,
    };
    let is_hidden_time = table == StoredTable::Users
        && column.name == LAST_MODIFIED
        && behaviour.last_modified.shown == ModifiedTime::Missing;
    let is_hidden_id = table == StoredTable::UnitSummaries
        && ["UnitID", "StandardID"].contains(&column.name)
        && behaviour.assignments.unit_summaries == SummaryRows::WithoutIds;
    let is_never_shown = behaviour.never_shown.iter().any(|name| name == column.name);
    is_for_answers && !is_never_shown && !is_hidden_time && !is_hidden_id
}

/// The member that says whether a user is archived, if there is one. Nothing keeps the day, so it is that of the last change.
fn archived_view(row: &StoredRow, behaviour: &Behaviour) -> Option<(String, Value)> {
    match behaviour.archived_flag {
        ArchivedFlag::Hidden => None,
        ArchivedFlag::Flag(name) => Some((name.to_owned(), json!(is_archived(row)))),
        ArchivedFlag::Day(name) => {
            let day = is_archived(row).then(|| cell(row, LAST_MODIFIED).clone());
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
