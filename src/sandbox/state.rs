//! All that the emulated service holds, and what creating and updating do to it. In memory; `store` keeps it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use crate::sandbox::table::{BRIEF, Column, ID, Kind, ROLES, TABLES, Table};

/// A row: every column, `null` where empty. Days are kept as `2026-09-01`.
pub type Row = Map<String, Value>;

#[derive(Clone, Debug, Default)]
pub struct State {
    rows: BTreeMap<Table, BTreeMap<i64, Row>>,
}

/// What a caller did wrong: the message of a 400.
pub(crate) struct Refusal(pub(crate) String);

impl State {
    pub fn rows(&self, table: Table) -> impl ExactSizeIterator<Item = &Row> {
        self.table(table).values()
    }

    pub(crate) fn get(&self, table: Table, id: i64) -> Option<&Row> {
        self.table(table).get(&id)
    }

    /// Puts a row under its ID, in the place of one that is there.
    pub(crate) fn put(&mut self, table: Table, row: Row) {
        let id = row.get(ID).and_then(Value::as_i64).unwrap_or_default();
        self.rows.entry(table).or_default().insert(id, row);
    }

    fn table(&self, table: Table) -> &BTreeMap<i64, Row> {
        static NOTHING: BTreeMap<i64, Row> = BTreeMap::new();
        self.rows.get(&table).unwrap_or(&NOTHING)
    }

    /// The row of a new user; whoever asks twice gets two, as with the service.
    pub(crate) fn new_user(&self, sent: &Row, now: Timestamp) -> Result<Row, Refusal> {
        let mut row = empty(Table::Users);
        self.fill(Table::Users, &mut row, sent)?;
        let role = row["Role"].as_i64().ok_or_else(|| Refusal("Role is required".to_owned()))?;
        let (_, mandatory) =
            ROLES.iter().find(|(number, _)| *number == role).ok_or_else(|| Refusal("Role is not known".to_owned()))?;
        if let Some(missing) = mandatory.iter().find(|name| row[**name].is_null()) {
            return Err(Refusal(format!("{missing} is required")));
        }
        let last = self.table(Table::Users).keys().next_back().copied().unwrap_or_default();
        let id = last.checked_add(1).ok_or_else(|| Refusal("No ID is left".to_owned()))?;
        row.insert(ID.to_owned(), json!(id));
        row.insert("Username".to_owned(), json!(username(&row, id)));
        row.insert("Progress".to_owned(), json!(0));
        if row["CreatedOn"].is_null() {
            row.insert("CreatedOn".to_owned(), json!(time(now)));
        }
        row.insert("LastModified".to_owned(), json!(time(now)));
        Ok(row)
    }

    /// The row of a user with what was sent in it; what wasn't sent stays.
    pub(crate) fn updated_user(&self, row: &Row, sent: &Row, now: Timestamp) -> Result<Row, Refusal> {
        let mut updated = row.clone();
        self.fill(Table::Users, &mut updated, sent)?;
        for fixed in ["Role", "OrganisationID"] {
            if updated[fixed] != row[fixed] {
                return Err(Refusal(format!("{fixed} can't be changed")));
            }
        }
        updated.insert("LastModified".to_owned(), json!(time(now)));
        Ok(updated)
    }

    /// Takes over what was sent, column by column. Keys are found whatever their case; others are ignored.
    fn fill(&self, table: Table, row: &mut Row, sent: &Row) -> Result<(), Refusal> {
        for column in table.row().columns.iter().filter(|column| column.name != ID && column.kind != Kind::Made) {
            let found = sent.iter().find(|(name, _)| name.eq_ignore_ascii_case(column.name));
            if let Some((_, value)) = found {
                row.insert(column.name.to_owned(), self.cell(column, value)?);
            }
        }
        Ok(())
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
            Kind::Text | Kind::Made => Some(json!(text)),
            Kind::Integer => text.parse::<i64>().ok().map(Value::from),
            Kind::Flag => text.to_ascii_lowercase().parse::<bool>().ok().map(Value::from),
            Kind::Day => london_day(&text).filter(|day| midnight(*day).is_some()).map(|day| json!(day.to_string())),
            Kind::Time => text.parse::<Timestamp>().ok().map(|at| json!(time(at))),
            Kind::Reference(table) => text.parse().ok().filter(|id| self.get(table, *id).is_some()).map(Value::from),
        };
        kept.ok_or_else(|| Refusal(format!("{} is not valid", column.name)))
    }

    /// The rows that a search finds, by id.
    pub(crate) fn search<'s>(&'s self, table: Table, filter: &'s Row) -> impl Iterator<Item = &'s Row> {
        self.rows(table).filter(|row| filter.iter().all(|(name, wanted)| matches(row, name, wanted)))
    }

    /// Everything, by the names of `sandbox.yaml`, with days as they are kept.
    pub(crate) fn dump(&self) -> Value {
        let tables =
            TABLES.iter().map(|row| (row.name.to_owned(), self.rows(row.table).cloned().map(Value::Object).collect()));
        Value::Object(tables.collect())
    }
}

pub(crate) fn empty(table: Table) -> Row {
    table.row().columns.iter().map(|column| (column.name.to_owned(), Value::Null)).collect()
}

/// A row as `GET` shows it: every key, days as the instants of their London midnights.
pub(crate) fn whole(table: Table, row: &Row) -> Value {
    let cell = |column: &Column| {
        let value = &row[column.name];
        let day = value.as_str().filter(|_| column.kind == Kind::Day).and_then(|day| day.parse().ok());
        let shown = day.and_then(midnight);
        (column.name.to_owned(), shown.map_or_else(|| value.clone(), |shown| json!(shown)))
    };
    Value::Object(table.row().columns.iter().map(cell).collect())
}

/// A row as a search shows it.
pub(crate) fn found(table: Table, row: &Row) -> Value {
    if table != Table::Users {
        return Value::Object(row.clone());
    }
    Value::Object(BRIEF.iter().map(|name| ((*name).to_owned(), row[*name].clone())).collect())
}

/// A filter on a column: equal, but for `LastModified`, which asks for rows modified since.
fn matches(row: &Row, name: &str, wanted: &Value) -> bool {
    let Some((name, value)) = row.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)) else {
        return true;
    };
    if name == "LastModified" {
        let at = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
        return at(value) >= at(wanted);
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    wanted.is_null() || text(value) == text(wanted)
}

fn username(row: &Row, id: i64) -> String {
    let part = |name: &str| row[name].as_str().unwrap_or_default().to_lowercase();
    let initial: String = part("FirstName").chars().take(1).collect();
    let last: String = part("LastName").chars().filter(|c| c.is_alphanumeric()).collect();
    format!("{initial}{last}{id}")
}

fn time(at: Timestamp) -> String {
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
