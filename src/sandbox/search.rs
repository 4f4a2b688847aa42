//! What a search finds. The service obeys the filter: rows that it shows have every value that was asked for.

use serde_json::Value;

use crate::sandbox::state::{Refusal, ServiceState, UserGroup};
use crate::sandbox::stored_row::{StoredRow, cell};
use crate::sandbox::table::{Access, ColumnType, LAST_MODIFIED, StoredColumn, StoredTable};

/// A page: how many rows are passed over, and how many shown.
#[derive(Clone, Copy)]
pub(crate) struct PageRequest {
    pub(crate) from: usize,
    pub(crate) size: usize,
}

impl PageRequest {
    pub(crate) const ALL: Self = Self {
        from: 0,
        size: usize::MAX,
    };

    fn of<Rows: Iterator>(self, rows: Rows) -> impl Iterator<Item = Rows::Item> {
        rows.skip(self.from).take(self.size)
    }
}

/// A value that found rows have.
struct SearchCondition {
    column: &'static StoredColumn,
    value: Value,
}

impl SearchCondition {
    fn fits(&self, row: &StoredRow) -> bool {
        *cell(row, self.column.name) == self.value
    }
}

impl ServiceState {
    /// The rows of a page, by ID. `is_hidden` says which rows searches don't show; without it they show all.
    pub(crate) fn search(
        &self,
        table: StoredTable,
        filter: &StoredRow,
        page: PageRequest,
        is_hidden: Option<&dyn Fn(&StoredRow) -> bool>,
    ) -> Result<Vec<&StoredRow>, Refusal> {
        let mut conditions = self.conditions(table, filter)?;
        let group = take_group(table, &mut conditions);
        let rows = self.table(table);
        let fits = |row: &&StoredRow| {
            !is_hidden.is_some_and(|is_hidden| is_hidden(row))
                && conditions.iter().all(|condition| condition.fits(row))
        };
        let Some(group) = group else {
            return Ok(page.of(rows.values().filter(fits)).collect());
        };
        let ids = self.users_of(group);
        if conditions.is_empty() && is_hidden.is_none() {
            // Every row fits, so those before the page needn't be looked at: a list of 100,000 has 200 pages.
            return Ok(page.of(ids.iter()).map(|id| &rows[id]).collect());
        }
        let fitting = ids.iter().map(|id| &rows[id]).filter(fits);
        Ok(page.of(fitting).collect())
    }

    /// What a search asks for. Null, empty text and names of no column ask for nothing.
    fn conditions(
        &self,
        table: StoredTable,
        filter: &StoredRow,
    ) -> Result<Vec<SearchCondition>, Refusal> {
        let mut conditions = Vec::new();
        for (name, sent) in filter {
            let Some(column) = searched_column(table, name) else {
                continue;
            };
            // A search by the ID of a row that is missing finds nothing, and is no mistake.
            let kind = match column.kind {
                ColumnType::Reference(_) => ColumnType::Integer,
                kind => kind,
            };
            let value = self.cell(&StoredColumn { kind, ..*column }, sent)?;
            if !value.is_null() {
                conditions.push(SearchCondition { column, value });
            }
        }
        Ok(conditions)
    }
}

fn searched_column(table: StoredTable, name: &str) -> Option<&'static StoredColumn> {
    let mut columns = table.row().columns.iter();
    let column = columns.find(|column| column.name.eq_ignore_ascii_case(name))?;
    // `ModifiedSince` reads the time.
    (column.access != Access::Kept && column.name != LAST_MODIFIED).then_some(column)
}

/// Takes out the conditions on organisation and role, if users are searched for by both: they have an index.
fn take_group(table: StoredTable, conditions: &mut Vec<SearchCondition>) -> Option<UserGroup> {
    if table != StoredTable::Users {
        return None;
    }
    let group = UserGroup {
        organisation: wanted_number(conditions, "OrganisationID")?,
        role: wanted_number(conditions, "Role")?,
    };
    conditions.retain(|condition| !["OrganisationID", "Role"].contains(&condition.column.name));
    Some(group)
}

fn wanted_number(conditions: &[SearchCondition], name: &str) -> Option<i64> {
    let mut conditions = conditions.iter();
    let condition = conditions.find(|condition| condition.column.name == name)?;
    condition.value.as_i64()
}
