//! All that the emulated service holds, and what creating and updating do to it. In memory; `store` keeps it.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use crate::sandbox::behaviour::{Behaviour, SearchRows};
use crate::sandbox::table::{
    ARCHIVED, ASSESSORS, Access, BRIEF, ColumnType, ID, ROLES, StoredColumn, StoredTable, TABLES,
};

/// A row: its columns but those that are empty. Days are kept as `2026-09-01`.
pub type StoredRow = Map<String, Value>;

#[derive(Clone, Debug, Default)]
pub struct ServiceState {
    rows: BTreeMap<StoredTable, BTreeMap<i64, StoredRow>>,
    /// The users of an organisation and a role, which is what searches ask for; sorted.
    by_role: BTreeMap<(i64, i64), Vec<i64>>,
    /// The last IDs that were given away, also to rows that were lost: none is given twice.
    given: BTreeMap<StoredTable, i64>,
}

/// What rows that were seeded without it have.
const SEEDED_AT: &str = "2026-01-01T00:00:00Z";
const SEEDED_CUSTOMER: i64 = 1;

/// What a caller did wrong: the message of a 400.
pub(crate) struct Refusal(pub(crate) String);

/// How a search is paged: rows to pass over, and rows to show.
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
}

impl ServiceState {
    pub fn rows(&self, table: StoredTable) -> impl ExactSizeIterator<Item = &StoredRow> {
        self.table(table).values()
    }

    pub(crate) fn get(&self, table: StoredTable, id: i64) -> Option<&StoredRow> {
        self.table(table).get(&id)
    }

    /// Puts a row under its ID, in the place of one that is there.
    pub(crate) fn put(&mut self, table: StoredTable, row: StoredRow) {
        let id = number(&row, ID);
        if table == StoredTable::Users {
            if let Some(old) = self
                .get(table, id)
                .map(group)
                .filter(|old| *old != group(&row))
            {
                self.by_role
                    .entry(old)
                    .or_default()
                    .retain(|other| *other != id);
            }
            let ids = self.by_role.entry(group(&row)).or_default();
            if let Err(at) = ids.binary_search(&id) {
                ids.insert(at, id);
            }
        }
        self.rows.entry(table).or_default().insert(id, row);
    }

    /// Notes that an ID was given away.
    pub(crate) fn give(&mut self, table: StoredTable, id: i64) {
        let given = self.given.entry(table).or_default();
        *given = id.max(*given);
    }

    /// Gives seeded rows what the service would have made: a customer, user names, times.
    pub(crate) fn complete_seed(&mut self) {
        if self.table(StoredTable::Customers).is_empty() {
            let customer = [
                (ID.to_owned(), json!(SEEDED_CUSTOMER)),
                ("Name".to_owned(), json!("Customer")),
            ];
            self.put(StoredTable::Customers, customer.into_iter().collect());
        }
        let first = self.table(StoredTable::Customers).keys().next().copied();
        for row in self
            .rows
            .entry(StoredTable::Organisations)
            .or_default()
            .values_mut()
        {
            row.entry("CustomerID").or_insert_with(|| json!(first));
        }
        for row in self
            .rows
            .entry(StoredTable::Users)
            .or_default()
            .values_mut()
        {
            let username = username(row);
            row.entry("Username").or_insert_with(|| json!(username));
            row.entry("Progress").or_insert_with(|| json!(0));
            row.entry("LastModified")
                .or_insert_with(|| json!(SEEDED_AT));
        }
    }

    fn table(&self, table: StoredTable) -> &BTreeMap<i64, StoredRow> {
        static NOTHING: BTreeMap<i64, StoredRow> = BTreeMap::new();
        self.rows.get(&table).unwrap_or(&NOTHING)
    }

    /// The row of a new user; whoever asks twice gets two, as with the service.
    pub(crate) fn new_user(&self, sent: &StoredRow, now: Timestamp) -> Result<StoredRow, Refusal> {
        let mut row = self.filled(StoredTable::Users, StoredRow::new(), sent)?;
        let role = cell(&row, "Role")
            .as_i64()
            .ok_or_else(|| Refusal("Role is required".to_owned()))?;
        let mandatory = ROLES.iter().find(|(number, _)| *number == role);
        let (_, mandatory) = mandatory.ok_or_else(|| Refusal("Role is not known".to_owned()))?;
        self.complete(StoredTable::Users, &mut row, mandatory)?;
        let username = username(&row);
        row.insert("Username".to_owned(), json!(username));
        row.insert("Progress".to_owned(), json!(0));
        row.entry("CreatedOn").or_insert_with(|| json!(time(now)));
        touch(&mut row, now);
        Ok(row)
    }

    /// The row of a new classroom or placement.
    pub(crate) fn new_entry(
        &self,
        table: StoredTable,
        sent: &StoredRow,
    ) -> Result<StoredRow, Refusal> {
        let mut row = self.filled(table, StoredRow::new(), sent)?;
        self.complete(table, &mut row, &["OrganisationID", "Name"])?;
        Ok(row)
    }

    /// Gives a new row its ID, if nothing that it needs is missing.
    fn complete(
        &self,
        table: StoredTable,
        row: &mut StoredRow,
        mandatory: &[&str],
    ) -> Result<(), Refusal> {
        if let Some(missing) = mandatory.iter().find(|name| cell(row, name).is_null()) {
            return Err(Refusal(format!("{missing} is required")));
        }
        let last = self
            .table(table)
            .keys()
            .next_back()
            .copied()
            .unwrap_or_default();
        let id = last.max(self.given.get(&table).copied().unwrap_or_default());
        let id = id
            .checked_add(1)
            .ok_or_else(|| Refusal("No ID is left".to_owned()))?;
        row.insert(ID.to_owned(), json!(id));
        Ok(())
    }

    /// A row with what was sent in it; what wasn't sent stays.
    pub(crate) fn updated(
        &self,
        table: StoredTable,
        row: &StoredRow,
        sent: &StoredRow,
        now: Timestamp,
    ) -> Result<StoredRow, Refusal> {
        let mut updated = self.filled(table, row.clone(), sent)?;
        for fixed in ["Role", "OrganisationID"] {
            if cell(&updated, fixed) != cell(row, fixed) {
                return Err(Refusal(format!("{fixed} can't be changed")));
            }
        }
        let role = number(row, "Role");
        let of_role = ROLES
            .iter()
            .find(|(number, _)| table == StoredTable::Users && *number == role);
        let mandatory = of_role.map_or(&["OrganisationID", "Name"][..], |(_, mandatory)| mandatory);
        let emptied = |name: &&&str| !cell(row, name).is_null() && cell(&updated, name).is_null();
        if let Some(emptied) = mandatory.iter().find(emptied) {
            return Err(Refusal(format!("{emptied} is required")));
        }
        if table == StoredTable::Users {
            touch(&mut updated, now);
        }
        Ok(updated)
    }

    /// Takes over what was sent, column by column. Keys are found whatever their case; others are ignored.
    fn filled(
        &self,
        table: StoredTable,
        mut row: StoredRow,
        sent: &StoredRow,
    ) -> Result<StoredRow, Refusal> {
        for column in table
            .row()
            .columns
            .iter()
            .filter(|column| column.name != ID && column.access == Access::Open)
        {
            let found = sent
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(column.name));
            if let Some((_, value)) = found {
                set(&mut row, column.name, self.cell(column, value)?);
            }
        }
        Ok(row)
    }

    /// A value as the column keeps it; forms send everything as text.
    pub(crate) fn cell(&self, column: &StoredColumn, value: &Value) -> Result<Value, Refusal> {
        let text = match value {
            Value::Null => return Ok(Value::Null),
            Value::String(text) if text.is_empty() => return Ok(Value::Null),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(Refusal(format!("{} is not valid", column.name)));
            }
        };
        let kept = match column.kind {
            ColumnType::Text => Some(json!(text)),
            ColumnType::Integer => text.parse::<i64>().ok().map(Value::from),
            ColumnType::Flag => text
                .to_ascii_lowercase()
                .parse::<bool>()
                .ok()
                .map(Value::from),
            ColumnType::Day => london_day(&text)
                .filter(|day| midnight(*day).is_some())
                .map(|day| json!(day.to_string())),
            ColumnType::Time => instant(&text).map(|at| json!(time(at))),
            ColumnType::Reference(table) => text
                .parse()
                .ok()
                .filter(|id| self.get(table, *id).is_some())
                .map(Value::from),
        };
        kept.ok_or_else(|| Refusal(format!("{} is not valid", column.name)))
    }

    /// The rows of a page of what a search finds, by ID. `hidden` says which users searches don't show; `None` if they show
    /// all, so that the rows before the page needn't be looked at.
    pub(crate) fn search(
        &self,
        table: StoredTable,
        filter: &StoredRow,
        page: PageRequest,
        hidden: Option<&dyn Fn(&StoredRow) -> bool>,
    ) -> Result<Vec<&StoredRow>, Refusal> {
        let mut wanted = self.wanted(table, filter)?;
        let ids = self.group_wanted(table, &mut wanted);
        let rows = self.table(table);
        let fits = |row: &&StoredRow| {
            !hidden.is_some_and(|hidden| hidden(row))
                && wanted
                    .iter()
                    .all(|(column, value)| matches(column, row, value))
        };
        Ok(match ids {
            Some(ids) if wanted.is_empty() && hidden.is_none() => ids
                .iter()
                .skip(page.from)
                .take(page.size)
                .map(|id| &rows[id])
                .collect(),
            Some(ids) => ids
                .iter()
                .map(|id| &rows[id])
                .filter(fits)
                .skip(page.from)
                .take(page.size)
                .collect(),
            None => rows
                .values()
                .filter(fits)
                .skip(page.from)
                .take(page.size)
                .collect(),
        })
    }

    /// What a search asks for, as the columns keep it. What is null or empty, and what is no column, asks for nothing.
    fn wanted(
        &self,
        table: StoredTable,
        filter: &StoredRow,
    ) -> Result<Vec<(&'static StoredColumn, Value)>, Refusal> {
        let mut wanted = Vec::new();
        for (name, value) in filter {
            let columns = table
                .row()
                .columns
                .iter()
                .filter(|column| column.access != Access::Kept);
            let Some(column) = columns
                .into_iter()
                .find(|column| column.name.eq_ignore_ascii_case(name))
            else {
                continue;
            };
            // A search for what isn't there finds nothing, and is no mistake.
            let kind = if matches!(column.kind, ColumnType::Reference(_)) {
                ColumnType::Integer
            } else {
                column.kind
            };
            let value = self.cell(&StoredColumn { kind, ..*column }, value)?;
            if !value.is_null() {
                wanted.push((column, value));
            }
        }
        Ok(wanted)
    }

    /// Users go by organisation and role, where both are asked for; what else is asked for is left to compare.
    fn group_wanted(
        &self,
        table: StoredTable,
        wanted: &mut Vec<(&'static StoredColumn, Value)>,
    ) -> Option<&[i64]> {
        let asked = |name: &str| {
            wanted
                .iter()
                .find(|(column, _)| column.name == name)
                .and_then(|(_, value)| value.as_i64())
        };
        let key = asked("OrganisationID")
            .zip(asked("Role"))
            .filter(|_| table == StoredTable::Users)?;
        wanted.retain(|(column, _)| !["OrganisationID", "Role"].contains(&column.name));
        Some(self.by_role.get(&key).map_or(&[], Vec::as_slice))
    }

    /// Everything, by the names of `sandbox.yaml`, every column of it, with days as they are kept.
    pub(crate) fn dump(&self) -> Value {
        let full = |table: StoredTable, row: &StoredRow| -> Value {
            table
                .row()
                .columns
                .iter()
                .map(|column| (column.name.to_owned(), cell(row, column.name).clone()))
                .collect()
        };
        let rows = |table: StoredTable| {
            self.rows(table)
                .map(|row| full(table, row))
                .collect::<Vec<_>>()
        };
        TABLES
            .iter()
            .map(|row| (row.name.to_owned(), Value::Array(rows(row.table))))
            .collect()
    }
}

/// A value of a row, null where there is none.
pub(crate) fn cell<'r>(row: &'r StoredRow, name: &str) -> &'r Value {
    row.get(name).unwrap_or(&Value::Null)
}

/// Sets a value, or empties it.
pub(crate) fn set(row: &mut StoredRow, name: &str, value: Value) {
    if value.is_null() {
        row.remove(name);
    } else {
        row.insert(name.to_owned(), value);
    }
}

/// Notes that a user was modified.
fn touch(row: &mut StoredRow, now: Timestamp) {
    row.insert("LastModified".to_owned(), json!(time(now)));
}

pub(crate) fn number(row: &StoredRow, name: &str) -> i64 {
    cell(row, name).as_i64().unwrap_or_default()
}

fn group(row: &StoredRow) -> (i64, i64) {
    (number(row, "OrganisationID"), number(row, "Role"))
}

pub(crate) fn is_archived(row: &StoredRow) -> bool {
    cell(row, ARCHIVED) == &Value::Bool(true)
}

/// A user in or out of the archive.
pub(crate) fn archived(row: &StoredRow, is_archived: bool, now: Timestamp) -> StoredRow {
    let mut row = row.clone();
    set(
        &mut row,
        ARCHIVED,
        if is_archived {
            json!(true)
        } else {
            Value::Null
        },
    );
    touch(&mut row, now);
    row
}

/// A user with an additional assessor, as `Assign` was told of it.
pub(crate) fn assigned(
    row: &StoredRow,
    sent: &StoredRow,
    now: Timestamp,
) -> Result<StoredRow, Refusal> {
    let level = sent
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Level"))
        .map(|(_, level)| level);
    let level = level.and_then(|level| level.as_i64().or_else(|| level.as_str()?.parse().ok()));
    if !level.is_some_and(|level| (1..=3).contains(&level)) {
        return Err(Refusal("Level is not valid".to_owned()));
    }
    let mut row = row.clone();
    let line = Value::Object(sent.clone()).to_string();
    let lines = cell(&row, ASSESSORS)
        .as_str()
        .map(|lines| format!("{lines}\n{line}"))
        .unwrap_or(line);
    row.insert(ASSESSORS.to_owned(), json!(lines));
    touch(&mut row, now);
    Ok(row)
}

/// A user without what an update didn't send: what a service that doesn't update partially would leave.
pub(crate) fn blanked(row: &StoredRow, sent: &StoredRow) -> StoredRow {
    let is_kept = |column: &StoredColumn| {
        let is_fixed =
            [ID, "OrganisationID", "Role"].contains(&column.name) || column.access != Access::Open;
        is_fixed
            || sent
                .keys()
                .any(|name| name.eq_ignore_ascii_case(column.name))
    };
    let kept = StoredTable::Users
        .row()
        .columns
        .iter()
        .filter(|column| is_kept(column));
    kept.filter_map(|column| Some((column.name.to_owned(), row.get(column.name)?.clone())))
        .collect()
}

/// A row as `GET` shows it: every key that is shown at all, days as the instants of their London midnights.
pub(crate) fn whole(table: StoredTable, row: &StoredRow, behaviour: &Behaviour) -> Value {
    let is_shown = |column: &&StoredColumn| {
        column.access != Access::Kept
            && !behaviour.never_shown.iter().any(|name| name == column.name)
    };
    let columns = table.row().columns.iter().filter(is_shown);
    columns
        .map(|column| (column.name.to_owned(), shown(column, row)))
        .collect()
}

fn shown(column: &StoredColumn, row: &StoredRow) -> Value {
    let value = cell(row, column.name);
    let day = value
        .as_str()
        .filter(|_| column.kind == ColumnType::Day)
        .and_then(|day| day.parse().ok());
    day.and_then(midnight)
        .map_or_else(|| value.clone(), |midnight| json!(midnight))
}

/// A row as a search shows it.
pub(crate) fn found(
    table: StoredTable,
    row: &StoredRow,
    behaviour: &Behaviour,
    is_paged: bool,
) -> Value {
    let mut names: Vec<&str> = BRIEF.to_vec();
    match &behaviour.search_rows {
        _ if table != StoredTable::Users => return whole(table, row, behaviour),
        SearchRows::Full if is_paged => return whole(table, row, behaviour),
        SearchRows::Brief(more) if is_paged => names.extend(more.iter().map(String::as_str)),
        SearchRows::Full | SearchRows::Brief(_) => {}
    }
    let columns = table
        .row()
        .columns
        .iter()
        .filter(|column| names.contains(&column.name));
    columns
        .map(|column| (column.name.to_owned(), shown(column, row)))
        .collect()
}

/// Whether a row has what is asked for: an equal value, or for `LastModified` one that isn't earlier.
fn matches(column: &StoredColumn, row: &StoredRow, wanted: &Value) -> bool {
    let value = cell(row, column.name);
    if column.name != "LastModified" {
        return value == wanted;
    }
    let at = |value: &Value| {
        value
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok())
    };
    at(value) >= at(wanted)
}

fn username(row: &StoredRow) -> String {
    let part = |name: &str| cell(row, name).as_str().unwrap_or_default().to_lowercase();
    let initial: String = part("FirstName").chars().take(1).collect();
    let last: String = part("LastName")
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    format!("{initial}{last}{}", number(row, ID))
}

pub(crate) fn time(at: Timestamp) -> String {
    at.round(Unit::Second).unwrap_or(at).to_string()
}

/// An instant; without a zone it counts as UTC, and a bare day as its beginning.
fn instant(sent: &str) -> Option<Timestamp> {
    let utc = || {
        sent.parse::<DateTime>()
            .ok()?
            .to_zoned_datetime(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    sent.parse().ok().or_else(utc)
}

/// The London day of an instant, or a day as it is written.
fn london_day(sent: &str) -> Option<Date> {
    if sent.len() == "2026-09-01".len() {
        return sent.parse().ok();
    }
    instant(sent).map(|instant| instant.to_zoned_datetime(london()).date())
}

/// The instant at which a London day begins; none on the last day of the calendar.
fn midnight(day: Date) -> Option<String> {
    day.to_zoned_datetime(london())
        .ok()
        .map(|start| start.timestamp().to_string())
}

fn london() -> TimeZone {
    TimeZone::get("Europe/London").expect("the zone's rules are built in")
}
