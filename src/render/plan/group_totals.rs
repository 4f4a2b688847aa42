//! How many users of each classroom, assessor and placement a plan is about, for the comment of a pull request.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use crate::domain::redact::Reveal;
use crate::plan::{GroupedBy, OperationKind, OperationSubject, Plan, UserGroups};
use crate::render::grouping::Groupable;
use crate::render::markdown::{clipped, code};
use crate::render::plan::csv::AllGroups;
use crate::render::plan::markdown_page::SHORT;
use crate::render::plan::step::Step;
use crate::render::words::{count, key_words, plural};

/// Fewer users are counted at a glance.
const FEWEST: usize = 10;
/// Of each kind of group, the largest are shown.
const LARGEST: usize = 10;

/// How many users of a group there are, for each column.
type Counts = [usize; COLUMNS.len()];

const COLUMNS: [&str; 5] = [
    "create",
    "update",
    "assign",
    "archive or bring back",
    "on hold",
];

fn column(kind: OperationKind) -> Option<usize> {
    match kind {
        OperationKind::CreateEntry | OperationKind::UpdateEntry => None,
        OperationKind::Create => Some(0),
        OperationKind::Update => Some(1),
        OperationKind::Assign => Some(2),
        OperationKind::Unarchive | OperationKind::Archive => Some(3),
    }
}

const ON_HOLD: usize = 4;

/// A folded table, or nothing if the plan is about a few users, or if the table takes more than `max_bytes`.
pub(crate) fn group_totals(plan: &Plan, groups: &AllGroups, max_bytes: usize) -> String {
    if plan.operations.len() + plan.held.len() < FEWEST {
        return String::new();
    }
    let steps = Step::all(plan.operations.iter().collect());
    let mut rows = String::new();
    for (by, groups) in GroupedBy::ALL.into_iter().zip(groups) {
        rows += &rows_of(by, &counts(plan, &steps, groups));
    }
    let head = COLUMNS.join(" | ");
    let line = "---|".repeat(COLUMNS.len() + 1);
    let table = format!(
        "<details><summary>By classroom, assessor and placement</summary>\n\n| | {head} |\n|{line}\n{rows}\n</details>\n\n"
    );
    if rows.is_empty() || table.len() > max_bytes {
        return String::new();
    }
    table
}

/// The users of each group, each counted once a column. Those who are in none, as far as is known, have no label.
fn counts<'g>(
    plan: &Plan,
    steps: &[Step<'_>],
    groups: &'g UserGroups,
) -> BTreeMap<Option<&'g str>, Counts> {
    let mut counts: BTreeMap<Option<&str>, Counts> = BTreeMap::new();
    let operations = steps
        .iter()
        .filter_map(|step| Some((step.who(), step.place(), column(step.first().kind())?)));
    let held = plan.held.iter();
    let held = held.map(|held| (OperationSubject::User(&held.who), &held.place, ON_HOLD));
    for (who, place, column) in operations.chain(held) {
        if let OperationSubject::User(user) = who {
            let group = groups.group_of(user, place);
            let label = group.map(|group| group.label.as_str());
            counts.entry(label).or_default()[column] += 1;
        }
    }
    counts
}

fn rows_of(by: GroupedBy, counts: &BTreeMap<Option<&str>, Counts>) -> String {
    let mut groups: Vec<(&str, &Counts)> = Vec::new();
    for (label, counts) in counts {
        groups.extend(label.map(|label| (label, counts)));
    }
    groups.sort_by_key(|(_, counts)| Reverse(counts.iter().sum::<usize>()));
    let mut rows = String::new();
    for (label, counts) in groups.iter().take(LARGEST) {
        let label = code(&clipped(&key_words(label, Reveal::Public), SHORT));
        rows += &row(&format!("{} {label}", by.word()), counts);
    }
    let mut others = Counts::default();
    for (_, counts) in groups.iter().skip(LARGEST) {
        for (sum, number) in others.iter_mut().zip(*counts) {
            *sum += number;
        }
    }
    if let Some(more @ 1..) = groups.len().checked_sub(LARGEST) {
        let one = format!("more {}", by.word());
        rows += &row(&count(more, &one, &plural(&one)), &others);
    }
    match counts.get(&None) {
        Some(counts) if !groups.is_empty() => {
            rows + &row(&format!("no {}, or none known", by.word()), counts)
        }
        _ => rows,
    }
}

/// Nobody reads a nought.
fn row(head: &str, counts: &Counts) -> String {
    let mut row = format!("| {head} |");
    for number in counts {
        match number {
            0 => row += " |",
            number => {
                let _ = write!(row, " {number} |");
            }
        }
    }
    row + "\n"
}
