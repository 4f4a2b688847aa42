//! `sandbox.yaml`: the state that the sandbox starts from, under the API's own field names. Reading it reports every mistake
//! with its place.

use serde_json::{Value, json};

use crate::findings::source::{FileId, Span};
use crate::findings::{Finding, in_order};
use crate::manifest::rules::{duplicate_user, missing_field, wrong_kind};
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::yaml;
use crate::sandbox::behaviour::Behaviour;
use crate::sandbox::fault::Faults;
use crate::sandbox::state::ServiceState;
use crate::sandbox::stored_row::{StoredRow, set};
use crate::sandbox::table::{
    ColumnType, ID, StoredColumn, StoredTable, TABLES, TableRow, mandatory_of_role,
};
use crate::sandbox::yaml_args::unknown_keys;

/// What a server starts from: its state, behaviour and faults.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    pub state: ServiceState,
    pub behaviour: Behaviour,
    pub faults: Faults,
    /// Whether the text has `behaviour` or `faults`.
    pub has_switches: bool,
}

/// Reads a text, YAML or JSON.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn seed(file: FileId, text: &str) -> Result<Seed, Vec<Finding>> {
    let (documents, mut findings) = yaml::parse(file, text);
    let mut seed = Seed::default();
    for document in &documents {
        findings.extend(read(&mut seed, document));
        seed.has_switches |= document.get(BEHAVIOUR).is_some() || document.get(FAULTS).is_some();
    }
    if findings.is_empty() && seed.state.rows(StoredTable::Organisations).len() == 0 {
        let message = "no organisation, so that nobody could be in one";
        let help = "add `organisations:` with at least `- ID: 5740`, as in docs/sandbox.md";
        let start = Span::new(file, 0, 0);
        findings.push(Finding::new(&missing_field::RULE, start, message, help));
    }
    seed.state.complete_seed();
    if findings.is_empty() {
        Ok(seed)
    } else {
        Err(in_order(findings))
    }
}

fn read(seed: &mut Seed, document: &Node) -> Vec<Finding> {
    let mut known: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    known.extend([BEHAVIOUR, FAULTS]);
    let mut findings = unknown_keys(document, &known);
    // In the order of the tables, so that a row comes after those that it refers to. Users refer to each other, which
    // takes a second pass.
    for pass in [SeedPass::Rows, SeedPass::References] {
        for table in TABLES {
            findings.extend(load_table(&mut seed.state, document, table, pass));
        }
    }
    findings.extend(read_switches(seed, document));
    findings
}

/// The behaviour and faults of a text that a store was filled from. It was checked then, so findings are ignored.
pub(crate) fn switches(file: FileId, text: &str) -> (Behaviour, Faults) {
    let mut seed = Seed::default();
    // Most seeds have no switches, and a large one takes long to parse.
    if text.contains(BEHAVIOUR) || text.contains(FAULTS) {
        for document in &yaml::parse(file, text).0 {
            read_switches(&mut seed, document);
        }
    }
    (seed.behaviour, seed.faults)
}

fn read_switches(seed: &mut Seed, document: &Node) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(behaviour) = document.get(BEHAVIOUR) {
        findings.extend(seed.behaviour.read(&behaviour.value));
    }
    if let Some(faults) = document.get(FAULTS) {
        findings.extend(seed.faults.read(&faults.value));
    }
    findings
}

/// The largest number that every reader of JSON keeps exactly.
const LARGEST_ID: i64 = 1 << 53;
const BEHAVIOUR: &str = "behaviour";
const FAULTS: &str = "faults";

#[derive(Clone, Copy, PartialEq, Eq)]
enum SeedPass {
    /// Everything but references to other rows.
    Rows,
    /// Only references.
    References,
}

impl SeedPass {
    fn reads(self, column: &StoredColumn) -> bool {
        match column.kind {
            ColumnType::Reference(_) | ColumnType::References(_) => self == Self::References,
            ColumnType::Integer
            | ColumnType::Text
            | ColumnType::Texts
            | ColumnType::Flag
            | ColumnType::Day
            | ColumnType::Time => self == Self::Rows,
        }
    }
}

fn load_table(
    state: &mut ServiceState,
    document: &Node,
    table: &TableRow,
    pass: SeedPass,
) -> Vec<Finding> {
    let Some(entry) = document.get(table.name) else {
        return Vec::new();
    };
    let NodeData::List(items) = &entry.value.data else {
        let message = format!("`{}` is a list", table.name);
        let help = format!("write a list of {}", table.name);
        let finding = Finding::new(&wrong_kind::RULE, entry.key.span, message, help);
        return vec![finding];
    };
    let mut findings = Vec::new();
    for item in items {
        findings.extend(load_row(state, item, table, pass));
    }
    findings
}

fn load_row(
    state: &mut ServiceState,
    item: &Node,
    table: &TableRow,
    pass: SeedPass,
) -> Vec<Finding> {
    let id = item.get(ID).and_then(|entry| entry.value.integer());
    let Some(id) = id.filter(|id| (1..=LARGEST_ID).contains(id)) else {
        return match pass {
            SeedPass::Rows => vec![missing_id(item)],
            SeedPass::References => Vec::new(),
        };
    };
    let mut findings = Vec::new();
    let mut row = match pass {
        SeedPass::Rows => StoredRow::new(),
        SeedPass::References => state.get(table.table, id).cloned().unwrap_or_default(),
    };
    for column in table.columns.iter().filter(|column| pass.reads(column)) {
        let Some(entry) = item.get(column.name) else {
            continue;
        };
        match cell_of(state, column, &entry.value) {
            Some(value) => set(&mut row, column.name, value),
            None => findings.push(bad_cell(column, entry)),
        }
    }
    if pass == SeedPass::Rows {
        findings.extend(row_findings(state, item, table, id));
    }
    state.put(table.table, row);
    findings
}

fn missing_id(item: &Node) -> Finding {
    let message = "a row without a number from 1 up as its `ID`";
    Finding::new(&missing_field::RULE, item.span, message, "add `ID: 1`")
}

fn row_findings(state: &ServiceState, item: &Node, table: &TableRow, id: i64) -> Vec<Finding> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut findings = unknown_keys(item, &names);
    if state.get(table.table, id).is_some() {
        let message = format!("two rows of `{}` with the `ID` {id}", table.name);
        let help = "give each its own";
        findings.push(Finding::new(
            &duplicate_user::RULE,
            item.span,
            message,
            help,
        ));
    }
    let role = item.get("Role").and_then(|entry| entry.value.integer());
    if table.table == StoredTable::Users && role.and_then(mandatory_of_role).is_none() {
        let message = "a user without a known `Role`";
        let help = "add `Role`: 1 learner, 4 trainee assessor, 5 assessor, 10 IQA, 40 employer, 45 observer";
        findings.push(Finding::new(&missing_field::RULE, item.span, message, help));
    }
    findings
}

/// A node as its column keeps it; `None` if the column doesn't take it.
fn cell_of(state: &ServiceState, column: &StoredColumn, node: &Node) -> Option<Value> {
    state.cell(column, &json_of(node)?).ok()
}

/// A node as JSON; `None` for a mapping, which no column takes.
fn json_of(node: &Node) -> Option<Value> {
    Some(match &node.data {
        NodeData::Null => Value::Null,
        NodeData::Flag(flag) => json!(flag),
        NodeData::Integer(number) => json!(number),
        NodeData::Text(text) => json!(text),
        NodeData::List(items) => {
            let items: Option<Vec<Value>> = items.iter().map(json_of).collect();
            Value::Array(items?)
        }
        NodeData::Map(_) => return None,
    })
}

fn bad_cell(column: &StoredColumn, entry: &MapEntry) -> Finding {
    let (what, help) = match column.kind {
        ColumnType::Reference(table) | ColumnType::References(table) => {
            let help = format!("write the `ID` of one of `{}`", table.row().name);
            return bad_value(column, entry, "names no row", help);
        }
        ColumnType::Texts => ("isn't a list of texts", "write it as in `[\"4\", \"12\"]`"),
        ColumnType::Integer => ("isn't a number", "write a whole number"),
        ColumnType::Flag => ("isn't a flag", "write `true` or `false`"),
        ColumnType::Day => ("isn't a day", "write it as in `2026-09-01`"),
        ColumnType::Time => ("isn't a time", "write it as in `2026-09-01T09:00:00Z`"),
        ColumnType::Text => ("isn't text", "write it in quotes"),
    };
    bad_value(column, entry, what, help.to_owned())
}

fn bad_value(column: &StoredColumn, entry: &MapEntry, what: &str, help: String) -> Finding {
    let message = format!("`{}` {what}", column.name);
    Finding::new(&wrong_kind::RULE, entry.value.span, message, help)
}
