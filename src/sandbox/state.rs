//! All that the emulated service holds, and what creating and updating do to it. In memory; `store` keeps it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sandbox::dates::{instant_text, london_midnight, parse_instant, parse_london_day};
use crate::sandbox::modified::touch;
use crate::sandbox::stored_row::{StoredRow, cell, number, sent_as, set, username};
use crate::sandbox::table::{
    Access, ColumnType, ID, LAST_MODIFIED, StoredColumn, StoredTable, TABLES, mandatory_of_role,
};

#[derive(Clone, Debug, Default)]
pub struct ServiceState {
    rows: BTreeMap<StoredTable, BTreeMap<i64, StoredRow>>,
    /// The sorted IDs of the users of each group, since searches ask for a group.
    groups: BTreeMap<UserGroup, Vec<i64>>,
    /// The highest ID that was given to a row of each table. A row that a fault loses keeps its ID: none is given twice.
    last_ids: BTreeMap<StoredTable, i64>,
}

/// The users of a role in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UserGroup {
    pub(crate) organisation: i64,
    pub(crate) role: i64,
}

impl UserGroup {
    fn of(row: &StoredRow) -> Self {
        Self {
            organisation: number(row, "OrganisationID"),
            role: number(row, "Role"),
        }
    }
}

/// `LastModified` of seeded users that don't say it.
pub(super) const SEEDED_AT: &str = "2026-01-01T00:00:00Z";
/// The customer that a seed without one gets.
const SEEDED_CUSTOMER: i64 = 1;
/// What a classroom or placement can't be without.
const MANDATORY_OF_ENTRY: &[&str] = &["OrganisationID", "Name"];

/// What a caller did wrong: the message of a 400.
pub(crate) struct Refusal(pub(crate) String);

pub(super) fn is_required(name: &str) -> Refusal {
    Refusal(format!("{name} is required"))
}

pub(super) fn is_not_valid(name: &str) -> Refusal {
    Refusal(format!("{name} is not valid"))
}

impl ServiceState {
    pub fn rows(&self, table: StoredTable) -> impl ExactSizeIterator<Item = &StoredRow> {
        self.table(table).values()
    }

    pub(crate) fn get(&self, table: StoredTable, id: i64) -> Option<&StoredRow> {
        self.table(table).get(&id)
    }

    pub(super) fn table(&self, table: StoredTable) -> &BTreeMap<i64, StoredRow> {
        static NOTHING: BTreeMap<i64, StoredRow> = BTreeMap::new();
        self.rows.get(&table).unwrap_or(&NOTHING)
    }

    /// The IDs of a group, sorted.
    pub(super) fn users_of(&self, group: UserGroup) -> &[i64] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }

    /// Puts a row under its ID, and replaces one that has it.
    pub(crate) fn put(&mut self, table: StoredTable, row: StoredRow) {
        let id = number(&row, ID);
        if table == StoredTable::Users {
            let old = self.get(table, id).map(UserGroup::of);
            self.move_user(id, old, UserGroup::of(&row));
        }
        self.rows.entry(table).or_default().insert(id, row);
    }

    fn move_user(&mut self, id: i64, old: Option<UserGroup>, new: UserGroup) {
        if let Some(old) = old.filter(|old| *old != new) {
            let ids = self.groups.entry(old).or_default();
            ids.retain(|other| *other != id);
        }
        let ids = self.groups.entry(new).or_default();
        if let Err(index) = ids.binary_search(&id) {
            ids.insert(index, id);
        }
    }

    /// Notes that an ID was given to a row.
    pub(crate) fn note_id(&mut self, table: StoredTable, id: i64) {
        let last = self.last_ids.entry(table).or_default();
        *last = id.max(*last);
    }

    /// Gives seeded rows what the service would have made: a customer, user names, times.
    pub(crate) fn complete_seed(&mut self) {
        if self.table(StoredTable::Customers).is_empty() {
            let mut customer = StoredRow::new();
            set(&mut customer, ID, json!(SEEDED_CUSTOMER));
            set(&mut customer, "Name", json!("Customer"));
            self.put(StoredTable::Customers, customer);
        }
        let first = self.table(StoredTable::Customers).keys().next().copied();
        let organisations = self.rows.entry(StoredTable::Organisations).or_default();
        for row in organisations.values_mut() {
            row.entry("CustomerID").or_insert_with(|| json!(first));
        }
        let users = self.rows.entry(StoredTable::Users).or_default();
        for row in users.values_mut() {
            let username = username(row);
            row.entry("Username").or_insert_with(|| json!(username));
            row.entry("Progress").or_insert_with(|| json!(0));
            row.entry(LAST_MODIFIED).or_insert_with(|| json!(SEEDED_AT));
        }
        self.complete_seeded_aims();
    }

    fn complete_seeded_aims(&mut self) {
        let mut completed = Vec::new();
        for aim in self.rows(StoredTable::LearningAims) {
            let mut aim = aim.clone();
            let learner = self.get(StoredTable::Users, number(&aim, "UserID"));
            let organisation = learner.map(|learner| number(learner, "OrganisationID"));
            aim.entry("OrganisationID")
                .or_insert_with(|| json!(organisation));
            aim.entry("Status").or_insert_with(|| json!(0));
            aim.entry("Progress").or_insert_with(|| json!(0));
            completed.push(aim);
        }
        for aim in completed {
            self.put(StoredTable::LearningAims, aim);
        }
    }

    /// The row of a new user. As with the service, sending the same twice makes two.
    pub(crate) fn new_user(&self, sent: &StoredRow, now: Timestamp) -> Result<StoredRow, Refusal> {
        let mut row = self.merged(StoredTable::Users, StoredRow::new(), sent)?;
        let role = cell(&row, "Role")
            .as_i64()
            .ok_or_else(|| is_required("Role"))?;
        let mandatory =
            mandatory_of_role(role).ok_or_else(|| Refusal("Role is not known".to_owned()))?;
        self.give_id(StoredTable::Users, &mut row, mandatory)?;
        let username = username(&row);
        set(&mut row, "Username", json!(username));
        set(&mut row, "Progress", json!(0));
        row.entry("CreatedOn")
            .or_insert_with(|| json!(instant_text(now)));
        touch(&mut row, now);
        Ok(row)
    }

    /// The row of a new classroom or placement.
    pub(crate) fn new_entry(
        &self,
        table: StoredTable,
        sent: &StoredRow,
    ) -> Result<StoredRow, Refusal> {
        let mut row = self.merged(table, StoredRow::new(), sent)?;
        self.give_id(table, &mut row, MANDATORY_OF_ENTRY)?;
        Ok(row)
    }

    /// Gives a new row its ID, unless a mandatory value is missing.
    pub(super) fn give_id(
        &self,
        table: StoredTable,
        row: &mut StoredRow,
        mandatory: &[&str],
    ) -> Result<(), Refusal> {
        if let Some(missing) = mandatory.iter().find(|name| cell(row, name).is_null()) {
            return Err(is_required(missing));
        }
        let highest = self.table(table).keys().next_back().copied().unwrap_or(0);
        let noted = self.last_ids.get(&table).copied().unwrap_or(0);
        let Some(id) = highest.max(noted).checked_add(1) else {
            return Err(Refusal("No ID is left".to_owned()));
        };
        set(row, ID, json!(id));
        Ok(())
    }

    /// A row with what an update sent; what wasn't sent stays.
    pub(crate) fn updated(
        &self,
        table: StoredTable,
        row: &StoredRow,
        sent: &StoredRow,
    ) -> Result<StoredRow, Refusal> {
        let updated = self.merged(table, row.clone(), sent)?;
        for fixed in ["Role", "OrganisationID"] {
            if cell(&updated, fixed) != cell(row, fixed) {
                return Err(Refusal(format!("{fixed} can't be changed")));
            }
        }
        let mandatory = if table == StoredTable::Users {
            mandatory_of_role(number(row, "Role"))
        } else {
            None
        };
        for name in mandatory.unwrap_or(MANDATORY_OF_ENTRY) {
            if !cell(row, name).is_null() && cell(&updated, name).is_null() {
                return Err(is_required(name));
            }
        }
        Ok(updated)
    }

    /// Takes over what was sent, column by column. Names are found whatever their case; unknown ones are ignored.
    pub(super) fn merged(
        &self,
        table: StoredTable,
        mut row: StoredRow,
        sent: &StoredRow,
    ) -> Result<StoredRow, Refusal> {
        for column in table.row().columns {
            if column.name == ID || column.access != Access::Open {
                continue;
            }
            if let Some(value) = sent_as(sent, column.name) {
                set(&mut row, column.name, self.cell(column, value)?);
            }
        }
        Ok(row)
    }

    /// A value as its column keeps it. Forms send everything as text.
    pub(crate) fn cell(&self, column: &StoredColumn, sent: &Value) -> Result<Value, Refusal> {
        if let Some(kind) = column.kind.of_items() {
            return self.list_cell(&StoredColumn { kind, ..*column }, sent);
        }
        let text = match sent {
            Value::Null => return Ok(Value::Null),
            Value::String(text) if text.is_empty() => return Ok(Value::Null),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Array(_) | Value::Object(_) => return Err(is_not_valid(column.name)),
        };
        self.parse_cell(column.kind, &text)
            .ok_or_else(|| is_not_valid(column.name))
    }

    /// A list of values. Forms send a list of one as its value.
    fn list_cell(&self, item_column: &StoredColumn, sent: &Value) -> Result<Value, Refusal> {
        let items = match sent {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut list = Vec::new();
        for item in items {
            list.push(self.cell(item_column, item)?);
        }
        list.retain(|item| !item.is_null());
        if list.is_empty() {
            return Ok(Value::Null);
        }
        Ok(Value::Array(list))
    }

    fn parse_cell(&self, kind: ColumnType, text: &str) -> Option<Value> {
        match kind {
            ColumnType::Text => Some(json!(text)),
            ColumnType::Integer => text.parse::<i64>().ok().map(Value::from),
            ColumnType::Flag => {
                let flag: bool = text.to_ascii_lowercase().parse().ok()?;
                Some(json!(flag))
            }
            ColumnType::Day => {
                let day = parse_london_day(text)?;
                // A day that has no midnight couldn't be shown.
                london_midnight(day)?;
                Some(json!(day.to_string()))
            }
            ColumnType::Time => Some(json!(instant_text(parse_instant(text)?))),
            ColumnType::Reference(table) => {
                let id: i64 = text.parse().ok()?;
                self.get(table, id)?;
                Some(json!(id))
            }
            // Lists are read item by item.
            ColumnType::Texts | ColumnType::References(_) => None,
        }
    }

    /// Everything, by the names of `sandbox.yaml`: every column of every row, with days as they are kept.
    pub(crate) fn dump(&self) -> Value {
        let mut dump = Map::new();
        for table in TABLES {
            let mut rows = Vec::new();
            for row in self.rows(table.table) {
                rows.push(dump_row(table.columns, row));
            }
            dump.insert(table.name.to_owned(), Value::Array(rows));
        }
        Value::Object(dump)
    }
}

fn dump_row(columns: &[StoredColumn], row: &StoredRow) -> Value {
    let mut dump = Map::new();
    for column in columns {
        dump.insert(column.name.to_owned(), cell(row, column.name).clone());
    }
    Value::Object(dump)
}
