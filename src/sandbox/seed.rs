//! `sandbox.yaml`: the state that the sandbox starts from, in the API's own field names, with every finding and its place.

use serde_json::{Value, json};

use crate::findings::source::{FileId, Span};
use crate::findings::{Code, Finding, in_order};
use crate::manifest::yaml::{self, MapEntry, Node, NodeData};
use crate::sandbox::behaviour::Behaviour;
use crate::sandbox::fault::Faults;
use crate::sandbox::state::{ServiceState, StoredRow, set};
use crate::sandbox::table::{ColumnType, ID, ROLES, StoredColumn, StoredTable, TABLES, TableRow};
use crate::sandbox::yaml_args::unknown_keys;

/// What a server starts from: what it holds, how it behaves and what shall go wrong.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    pub state: ServiceState,
    pub behaviour: Behaviour,
    pub faults: Faults,
    /// Whether the text says how the server behaves or what goes wrong.
    pub has_switches: bool,
}

/// What a text describes, YAML or JSON, or all that is wrong with it.
pub fn seed(file: FileId, text: &str) -> Result<Seed, Vec<Finding>> {
    let (documents, mut findings) = yaml::parse(file, text);
    let mut seed = Seed::default();
    for document in &documents {
        findings.extend(read(&mut seed, document));
        seed.has_switches |= [BEHAVIOUR, FAULTS]
            .iter()
            .any(|key| document.get(key).is_some());
    }
    if findings.is_empty() && seed.state.rows(StoredTable::Organisations).len() == 0 {
        let help = "add `organisations:` with at least `- ID: 5740`, as in the README";
        let start = Span::new(file, 0, 0);
        findings.push(Finding::new(
            Code::MissingField,
            start,
            "no organisation, so that nobody could be in one",
            help,
        ));
    }
    seed.state.complete_seed();
    if findings.is_empty() {
        Ok(seed)
    } else {
        Err(in_order(findings))
    }
}

fn read(seed: &mut Seed, document: &Node) -> Vec<Finding> {
    let names: Vec<&str> = TABLES
        .iter()
        .map(|row| row.name)
        .chain([BEHAVIOUR, FAULTS])
        .collect();
    let mut findings = unknown_keys(document, &names);
    // In the order of the table, so that what rows refer to is there before them. Users refer to each other: twice.
    for pass in [SeedPass::Rows, SeedPass::References] {
        for table in TABLES {
            findings.extend(load(&mut seed.state, document, table, pass));
        }
    }
    findings.extend(read_switches(seed, document));
    findings
}

/// The behaviour and the faults that a text describes which a store was filled from, and so was found to be right.
pub(crate) fn switches(file: FileId, text: &str) -> (Behaviour, Faults) {
    let mut seed = Seed::default();
    if [BEHAVIOUR, FAULTS].iter().any(|key| text.contains(key)) {
        for document in &yaml::parse(file, text).0 {
            read_switches(&mut seed, document);
        }
    }
    (seed.behaviour, seed.faults)
}

fn read_switches(seed: &mut Seed, document: &Node) -> Vec<Finding> {
    let part = |key: &str| document.get(key).map(|entry| &entry.value);
    let mut findings = part(BEHAVIOUR)
        .map(|node| seed.behaviour.read(node))
        .unwrap_or_default();
    findings.extend(
        part(FAULTS)
            .map(|node| seed.faults.read(node))
            .unwrap_or_default(),
    );
    findings
}

/// The largest number that every JSON reader keeps.
const LARGEST_ID: i64 = 1 << 53;
const BEHAVIOUR: &str = "behaviour";
const FAULTS: &str = "faults";

#[derive(Clone, Copy, PartialEq, Eq)]
enum SeedPass {
    Rows,
    References,
}

fn load(
    state: &mut ServiceState,
    document: &Node,
    table: &TableRow,
    pass: SeedPass,
) -> Vec<Finding> {
    let Some(entry) = document.get(table.name) else {
        return Vec::new();
    };
    let NodeData::List(items) = &entry.value.data else {
        let help = format!("write a list of {}", table.name);
        return vec![Finding::new(
            Code::WrongKind,
            entry.key.span,
            format!("`{}` is a list", table.name),
            help,
        )];
    };
    items
        .iter()
        .flat_map(|item| load_row(state, item, table, pass))
        .collect()
}

fn load_row(
    state: &mut ServiceState,
    item: &Node,
    table: &TableRow,
    pass: SeedPass,
) -> Vec<Finding> {
    let id = item.get(ID).and_then(|entry| entry.value.integer());
    let Some(id) = id.filter(|id| (1..=LARGEST_ID).contains(id)) else {
        let finding = Finding::new(
            Code::MissingField,
            item.span,
            "a row without a number from 1 up as its `ID`",
            "add `ID: 1`",
        );
        return if pass == SeedPass::Rows {
            vec![finding]
        } else {
            Vec::new()
        };
    };
    let mut findings = Vec::new();
    let mut row = match pass {
        SeedPass::Rows => StoredRow::new(),
        SeedPass::References => state.get(table.table, id).cloned().unwrap_or_default(),
    };
    for column in table
        .columns
        .iter()
        .filter(|column| is_reference(column) == (pass == SeedPass::References))
    {
        if let Some(entry) = item.get(column.name) {
            let read = value(state, column, &entry.value);
            findings.extend(read.is_none().then(|| bad_cell(column, entry)));
            set(&mut row, column.name, read.unwrap_or_default());
        }
    }
    if pass == SeedPass::Rows {
        findings.extend(row_findings(state, item, table, id));
    }
    state.put(table.table, row);
    findings
}

fn row_findings(state: &ServiceState, item: &Node, table: &TableRow, id: i64) -> Vec<Finding> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut findings = unknown_keys(item, &names);
    if state.get(table.table, id).is_some() {
        let message = format!("two rows of `{}` with the `ID` {id}", table.name);
        findings.push(Finding::new(
            Code::DuplicateUser,
            item.span,
            message,
            "give each its own",
        ));
    }
    let role = item.get("Role").and_then(|entry| entry.value.integer());
    if table.table == StoredTable::Users && !ROLES.iter().any(|(number, _)| Some(*number) == role) {
        let help = "add `Role`: 1 learner, 4 trainee assessor, 5 assessor, 10 IQA, 40 employer, 45 observer";
        findings.push(Finding::new(
            Code::MissingField,
            item.span,
            "a user without a known `Role`",
            help,
        ));
    }
    findings
}

fn is_reference(column: &StoredColumn) -> bool {
    matches!(column.kind, ColumnType::Reference(_))
}

fn value(state: &ServiceState, column: &StoredColumn, node: &Node) -> Option<Value> {
    let value = match &node.data {
        NodeData::Null => Value::Null,
        NodeData::Flag(flag) => json!(flag),
        NodeData::Integer(number) => json!(number),
        NodeData::Text(text) => json!(text),
        NodeData::List(_) | NodeData::Map(_) => return None,
    };
    state.cell(column, &value).ok()
}

fn bad_cell(column: &StoredColumn, entry: &MapEntry) -> Finding {
    let (what, help) = match column.kind {
        ColumnType::Reference(table) => (
            "names no row",
            format!("write the `ID` of one of `{}`", table.row().name),
        ),
        ColumnType::Integer => ("isn't a number", "write a whole number".to_owned()),
        ColumnType::Flag => ("isn't a flag", "write `true` or `false`".to_owned()),
        ColumnType::Day => ("isn't a day", "write it as in `2026-09-01`".to_owned()),
        ColumnType::Time => (
            "isn't a time",
            "write it as in `2026-09-01T09:00:00Z`".to_owned(),
        ),
        ColumnType::Text => ("isn't text", "write it in quotes".to_owned()),
    };
    Finding::new(
        Code::WrongKind,
        entry.value.span,
        format!("`{}` {what}", column.name),
        help,
    )
}
