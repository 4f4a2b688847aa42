//! All that the emulated service holds, and what creating and updating do to it. In memory; `store` keeps it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use crate::sandbox::behaviour::{Behaviour, SearchRows};
use crate::sandbox::table::{ARCHIVED, ASSESSORS, Access, BRIEF, Column, ID, Kind, ROLES, TABLES, Table};

/// A row: its columns but those that are empty. Days are kept as `2026-09-01`.
pub type Row = Map<String, Value>;

#[derive(Clone, Debug, Default)]
pub struct State {
    rows: BTreeMap<Table, BTreeMap<i64, Row>>,
    /// The users of an organisation and a role, which is what searches ask for; sorted.
    by_role: BTreeMap<(i64, i64), Vec<i64>>,
}

/// What a caller did wrong: the message of a 400.
pub(crate) struct Refusal(pub(crate) String);

/// How a search is paged: rows to pass over, and rows to show.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) from: usize,
    pub(crate) size: usize,
}

impl Page {
    pub(crate) const ALL: Self = Self { from: 0, size: usize::MAX };
}

impl State {
    pub fn rows(&self, table: Table) -> impl ExactSizeIterator<Item = &Row> {
        self.table(table).values()
    }

    pub(crate) fn get(&self, table: Table, id: i64) -> Option<&Row> {
        self.table(table).get(&id)
    }

    /// Puts a row under its ID, in the place of one that is there.
    pub(crate) fn put(&mut self, table: Table, row: Row) {
        let id = number(&row, ID);
        if table == Table::Users {
            if let Some(old) = self.get(table, id).map(group).filter(|old| *old != group(&row)) {
                self.by_role.entry(old).or_default().retain(|other| *other != id);
            }
            let ids = self.by_role.entry(group(&row)).or_default();
            if let Err(at) = ids.binary_search(&id) {
                ids.insert(at, id);
            }
        }
        self.rows.entry(table).or_default().insert(id, row);
    }

    fn table(&self, table: Table) -> &BTreeMap<i64, Row> {
        static NOTHING: BTreeMap<i64, Row> = BTreeMap::new();
        self.rows.get(&table).unwrap_or(&NOTHING)
    }

    /// The row of a new user; whoever asks twice gets two, as with the service.
    pub(crate) fn new_user(&self, sent: &Row, now: Timestamp) -> Result<Row, Refusal> {
        let mut row = self.filled(Table::Users, Row::new(), sent)?;
        let role = cell(&row, "Role").as_i64().ok_or_else(|| Refusal("Role is required".to_owned()))?;
        let mandatory = ROLES.iter().find(|(number, _)| *number == role);
        let (_, mandatory) = mandatory.ok_or_else(|| Refusal("Role is not known".to_owned()))?;
        self.complete(Table::Users, &mut row, mandatory)?;
        let username = username(&row);
        row.insert("Username".to_owned(), json!(username));
        row.insert("Progress".to_owned(), json!(0));
        row.entry("CreatedOn").or_insert_with(|| json!(time(now)));
        row.insert("LastModified".to_owned(), json!(time(now)));
        Ok(row)
    }

    /// The row of a new classroom or placement.
    pub(crate) fn new_entry(&self, table: Table, sent: &Row) -> Result<Row, Refusal> {
        let mut row = self.filled(table, Row::new(), sent)?;
        self.complete(table, &mut row, &["OrganisationID", "Name"])?;
        Ok(row)
    }

    /// Gives a new row its ID, if nothing that it needs is missing.
    fn complete(&self, table: Table, row: &mut Row, mandatory: &[&str]) -> Result<(), Refusal> {
        if let Some(missing) = mandatory.iter().find(|name| cell(row, name).is_null()) {
            return Err(Refusal(format!("{missing} is required")));
        }
        let last = self.table(table).keys().next_back().copied().unwrap_or_default();
        let id = last.checked_add(1).ok_or_else(|| Refusal("No ID is left".to_owned()))?;
        row.insert(ID.to_owned(), json!(id));
        Ok(())
    }

    /// A row with what was sent in it; what wasn't sent stays.
    pub(crate) fn updated(&self, table: Table, row: &Row, sent: &Row, now: Timestamp) -> Result<Row, Refusal> {
        let mut updated = self.filled(table, row.clone(), sent)?;
        for fixed in ["Role", "OrganisationID"] {
            if cell(&updated, fixed) != cell(row, fixed) {
                return Err(Refusal(format!("{fixed} can't be changed")));
            }
        }
        if table == Table::Users {
            updated.insert("LastModified".to_owned(), json!(time(now)));
        }
        Ok(updated)
    }

    /// Takes over what was sent, column by column. Keys are found whatever their case; others are ignored.
    fn filled(&self, table: Table, mut row: Row, sent: &Row) -> Result<Row, Refusal> {
        for column in table.row().columns.iter().filter(|column| column.name != ID && column.access == Access::Open) {
            let found = sent.iter().find(|(name, _)| name.eq_ignore_ascii_case(column.name));
            if let Some((_, value)) = found {
                set(&mut row, column.name, self.cell(column, value)?);
            }
        }
        Ok(row)
    }

    /// A value as the column keeps it; forms send everything as text.
    pub(crate) fn cell(&self, column: &Column, value: &Value) -> Result<Value, Refusal> {
        let text = match value {
            Value::Null => return Ok(Value::Null),
            Value::String(text) if text.is_empty() => return Ok(Value::Null),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Array(_) | Value::Object(_) => return Err(Refusal(format!("{} is not valid", column.name))),
        };
        let kept = match column.kind {
            Kind::Text => Some(json!(text)),
            Kind::Integer => text.parse::<i64>().ok().map(Value::from),
            Kind::Flag => text.to_ascii_lowercase().parse::<bool>().ok().map(Value::from),
            Kind::Day => london_day(&text).filter(|day| midnight(*day).is_some()).map(|day| json!(day.to_string())),
            Kind::Time => text.parse::<Timestamp>().ok().map(|at| json!(time(at))),
            Kind::Reference(table) => text.parse().ok().filter(|id| self.get(table, *id).is_some()).map(Value::from),
        };
        kept.ok_or_else(|| Refusal(format!("{} is not valid", column.name)))
    }

    /// The rows of a page of what a search finds, by ID. `hidden` says which users searches don't show; `None` if they show
    /// all, so that the rows before the page needn't be looked at.
    pub(crate) fn search(
        &self,
        table: Table,
        filter: &Row,
        page: Page,
        hidden: Option<&dyn Fn(&Row) -> bool>,
    ) -> Vec<&Row> {
        let (ids, rest) = self.candidates(table, filter);
        let rows = self.table(table);
        let fits = |row: &&Row| {
            !hidden.is_some_and(|hidden| hidden(row))
                && rest.iter().all(|(name, wanted)| matches(table, row, name, wanted))
        };
        match ids {
            Some(ids) if rest.is_empty() && hidden.is_none() => {
                ids.iter().skip(page.from).take(page.size).map(|id| &rows[id]).collect()
            }
            Some(ids) => ids.iter().map(|id| &rows[id]).filter(fits).skip(page.from).take(page.size).collect(),
            None => rows.values().filter(fits).skip(page.from).take(page.size).collect(),
        }
    }

    /// Users go by organisation and role, where both are asked for; what else is asked for is left to compare.
    fn candidates<'f>(&self, table: Table, filter: &'f Row) -> (Option<&[i64]>, Vec<(&'f String, &'f Value)>) {
        let asked = |name: &str| filter.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let key = asked("OrganisationID").and_then(number).zip(asked("Role").and_then(number));
        let Some(key) = key.filter(|_| table == Table::Users) else {
            return (None, filter.iter().collect());
        };
        let is_left = |name: &str| !["OrganisationID", "Role"].iter().any(|used| used.eq_ignore_ascii_case(name));
        let rest = filter.iter().filter(|(name, _)| is_left(name)).collect();
        (Some(self.by_role.get(&key).map_or(&[], Vec::as_slice)), rest)
    }

    /// Everything, by the names of `sandbox.yaml`, every column of it, with days as they are kept.
    pub(crate) fn dump(&self) -> Value {
        let full = |table: Table, row: &Row| -> Value {
            table.row().columns.iter().map(|column| (column.name.to_owned(), cell(row, column.name).clone())).collect()
        };
        let rows = |table: Table| self.rows(table).map(|row| full(table, row)).collect::<Vec<_>>();
        TABLES.iter().map(|row| (row.name.to_owned(), Value::Array(rows(row.table)))).collect()
    }
}

/// A value of a row, null where there is none.
pub(crate) fn cell<'r>(row: &'r Row, name: &str) -> &'r Value {
    row.get(name).unwrap_or(&Value::Null)
}

/// Sets a value, or empties it.
pub(crate) fn set(row: &mut Row, name: &str, value: Value) {
    if value.is_null() {
        row.remove(name);
    } else {
        row.insert(name.to_owned(), value);
    }
}

pub(crate) fn number(row: &Row, name: &str) -> i64 {
    cell(row, name).as_i64().unwrap_or_default()
}

fn group(row: &Row) -> (i64, i64) {
    (number(row, "OrganisationID"), number(row, "Role"))
}

pub(crate) fn is_archived(row: &Row) -> bool {
    cell(row, ARCHIVED) == &Value::Bool(true)
}

/// A user in or out of the archive.
pub(crate) fn archived(row: &Row, is_archived: bool, now: Timestamp) -> Row {
    let mut row = row.clone();
    set(&mut row, ARCHIVED, if is_archived { json!(true) } else { Value::Null });
    row.insert("LastModified".to_owned(), json!(time(now)));
    row
}

/// A user with an additional assessor, as `Assign` was told of it.
pub(crate) fn assigned(row: &Row, sent: &Row, now: Timestamp) -> Result<Row, Refusal> {
    let level = sent.iter().find(|(name, _)| name.eq_ignore_ascii_case("Level")).map(|(_, level)| level);
    let level = level.and_then(|level| level.as_i64().or_else(|| level.as_str()?.parse().ok()));
    if !level.is_some_and(|level| (1..=3).contains(&level)) {
        return Err(Refusal("Level is not valid".to_owned()));
    }
    let mut row = row.clone();
    let line = Value::Object(sent.clone()).to_string();
    let lines = cell(&row, ASSESSORS).as_str().map(|lines| format!("{lines}\n{line}")).unwrap_or(line);
    row.insert(ASSESSORS.to_owned(), json!(lines));
    row.insert("LastModified".to_owned(), json!(time(now)));
    Ok(row)
}

/// A user without what an update didn't send: what a service that doesn't update partially would leave.
pub(crate) fn blanked(row: &Row, sent: &Row) -> Row {
    let is_kept = |column: &Column| {
        let is_fixed = [ID, "OrganisationID", "Role"].contains(&column.name) || column.access != Access::Open;
        is_fixed || sent.keys().any(|name| name.eq_ignore_ascii_case(column.name))
    };
    let kept = Table::Users.row().columns.iter().filter(|column| is_kept(column));
    kept.filter_map(|column| Some((column.name.to_owned(), row.get(column.name)?.clone()))).collect()
}

/// A row as `GET` shows it: every key that is shown at all, days as the instants of their London midnights.
pub(crate) fn whole(table: Table, row: &Row, behaviour: &Behaviour) -> Value {
    let is_shown = |column: &&Column| {
        column.access != Access::Kept && !behaviour.never_shown.iter().any(|name| name == column.name)
    };
    let columns = table.row().columns.iter().filter(is_shown);
    columns.map(|column| (column.name.to_owned(), shown(column, row))).collect()
}

fn shown(column: &Column, row: &Row) -> Value {
    let value = cell(row, column.name);
    let day = value.as_str().filter(|_| column.kind == Kind::Day).and_then(|day| day.parse().ok());
    day.and_then(midnight).map_or_else(|| value.clone(), |midnight| json!(midnight))
}

/// A row as a search shows it.
pub(crate) fn found(table: Table, row: &Row, behaviour: &Behaviour, is_paged: bool) -> Value {
    let mut names: Vec<&str> = BRIEF.to_vec();
    match &behaviour.search_rows {
        _ if table != Table::Users => return whole(table, row, behaviour),
        SearchRows::Full if is_paged => return whole(table, row, behaviour),
        SearchRows::Brief(more) if is_paged => names.extend(more.iter().map(String::as_str)),
        SearchRows::Full | SearchRows::Brief(_) => {}
    }
    let columns = table.row().columns.iter().filter(|column| names.contains(&column.name));
    columns.map(|column| (column.name.to_owned(), shown(column, row))).collect()
}

/// A filter on a column: equal, but for `LastModified`, which asks for rows modified since. Others are ignored.
fn matches(table: Table, row: &Row, name: &str, wanted: &Value) -> bool {
    let Some(column) = table.row().columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) else {
        return true;
    };
    let value = cell(row, column.name);
    if column.name == "LastModified" {
        let at = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
        return at(value) >= at(wanted);
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    wanted.is_null() || text(value) == text(wanted)
}

fn username(row: &Row) -> String {
    let part = |name: &str| cell(row, name).as_str().unwrap_or_default().to_lowercase();
    let initial: String = part("FirstName").chars().take(1).collect();
    let last: String = part("LastName").chars().filter(|c| c.is_alphanumeric()).collect();
    format!("{initial}{last}{}", number(row, ID))
}

pub(crate) fn time(at: Timestamp) -> String {
    at.round(Unit::Second).unwrap_or(at).to_string()
}

/// The London day of an instant, or a day as it is written.
fn london_day(sent: &str) -> Option<Date> {
    match sent.parse::<Timestamp>() {
        Ok(instant) => Some(instant.to_zoned_datetime(london()).date()),
        Err(_) => sent.get(..10)?.parse().ok(),
    }
}

/// The instant at which a London day begins; none on the last day of the calendar.
fn midnight(day: Date) -> Option<String> {
    day.to_zoned_datetime(london()).ok().map(|start| start.timestamp().to_string())
}

fn london() -> TimeZone {
    TimeZone::get("Europe/London").expect("the zone's rules are built in")
}
