//! A plan as Markdown for the comment of a pull request: the totals first, then what this change brings about, then the
//! rest, folded. It shows only what is public, whatever the flags.

use crate::domain::{AccountId, EntryId};
use std::fmt::Write;

use crate::domain::redact::Reveal;
use crate::plan::{
    Change, HeldEntry, HeldUser, Operation, OperationKind, OperationSubject, Origin, Plan, Service,
};
use crate::render::grouping::{Groupable, NAMED, alike, group_head, label, named};
use crate::render::markdown::{clipped, code, plain};
use crate::render::options::TextLength;
use crate::render::plan::csv::AllGroups;
use crate::render::plan::entry_holds::{entry_hold_in_brief, entry_hold_words};
use crate::render::plan::field_diff::{former_value, new_value, unverified};
use crate::render::plan::group_totals::group_totals;
use crate::render::plan::holds::{reason_in_brief, reason_words};
use crate::render::plan::limits::limit_message;
use crate::render::plan::markdown_page::{
    Details, LONG, MarkdownPage, MarkdownRow, MarkdownTable, SHORT, Section, TableColumns,
};
use crate::render::plan::removed::removed_markdown;
use crate::render::plan::shown_changes::ShownChanges;
use crate::render::plan::step::Step;
use crate::render::plan::still_named::still_named_lines;
use crate::render::plan::totals::{first_reading, totals};
use crate::render::words::{effects_words, key_words, role};

/// A row names at most this many users, so that a table with little room still has some of them.
const IN_ROW: usize = 50;

/// What a comment says.
pub struct PlanComment<'p> {
    pub plan: &'p Plan,
    /// The classroom, the assessor and the placement of its users.
    pub groups: &'p AllGroups,
    /// The organisation and the server.
    pub heading: &'p str,
    /// Lines that come first.
    pub notes: &'p str,
}

/// The comment, of at most `max_bytes`.
pub fn markdown(comment: &PlanComment<'_>, max_bytes: usize) -> String {
    let PlanComment {
        plan,
        groups,
        heading,
        notes,
    } = comment;
    let mut page = MarkdownPage::new(max_bytes);
    let heading = code(&clipped(heading, LONG));
    page.push(&format!("### rosterctl plan\n\n{heading}\n\n"));
    page.push(&removed_markdown(plan, max_bytes / 2));
    let mut summary = still_named_lines(plan, TextLength::Folded) + &totals(plan);
    for excess in &plan.excesses {
        let _ = writeln!(summary, "{}", limit_message(excess));
    }
    summary += &first_reading(plan);
    summary += notes;
    let lines: Vec<&str> = summary.lines().filter(|line| !line.is_empty()).collect();
    page.lines(&lines);
    page.push("\n");
    page.push(&group_totals(plan, groups, max_bytes / 8));
    page.tables(tables(plan));
    page.end()
}

/// The title of a section: without a base, for this change, and for everything else. What a person has to decide comes
/// first, then the accounts that go.
const TITLES: [(Section, [&str; 3]); 6] = [
    (
        Section::Held,
        [
            "Held until a person decides",
            "From this change, held until a person decides",
            "Not from this change, held",
        ],
    ),
    (
        Section::Moves,
        [
            "To archive or bring back",
            "From this change, to archive or bring back",
            "Not from this change, to archive or bring back",
        ],
    ),
    (
        Section::Creates,
        [
            "To create",
            "From this change, to create",
            "Not from this change, to create",
        ],
    ),
    (
        Section::Entries,
        [
            "Placements and classrooms",
            "From this change, placements and classrooms",
            "Not from this change, placements and classrooms",
        ],
    ),
    (
        Section::Assignments,
        [
            "Learners with new assignments",
            "From this change, learners with new assignments",
            "Not from this change, learners with new assignments",
        ],
    ),
    (
        Section::Updates,
        [
            "To update",
            "From this change, to update",
            "Not from this change, to update",
        ],
    ),
];

fn tables(plan: &Plan) -> Vec<MarkdownTable> {
    let of_this_change = usize::from(is_compared(plan));
    let sides = [
        (TableOrigin::ThisChange, of_this_change),
        (TableOrigin::Elsewhere, 2),
    ];
    let mut tables = Vec::new();
    for (origin, title) in sides {
        for (section, titles) in TITLES {
            tables.push(match section {
                Section::Held => held_table(plan, titles[title], origin),
                section => operation_table(plan, titles[title], section, origin),
            });
        }
    }
    tables
}

/// Whether the plan was compared with a base, so that it says what comes from this change.
fn is_compared(plan: &Plan) -> bool {
    plan.operations.iter().any(|one| one.origin().is_some())
        || plan.held.iter().any(|one| one.origin.is_some())
        || plan.held_entries.iter().any(|one| one.origin.is_some())
}

/// Where the rows of a table come from. Without a base everything counts as this change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TableOrigin {
    ThisChange,
    Elsewhere,
}

impl TableOrigin {
    fn of(origin: Option<Origin>) -> Self {
        match origin {
            Some(Origin::Elsewhere) => Self::Elsewhere,
            Some(Origin::ThisChange) | None => Self::ThisChange,
        }
    }

    fn details(self) -> Details {
        match self {
            Self::ThisChange => Details::Open,
            Self::Elsewhere => Details::Closed,
        }
    }
}

fn operation_table(
    plan: &Plan,
    title: &'static str,
    section: Section,
    origin: TableOrigin,
) -> MarkdownTable {
    let mut rows = Vec::new();
    for weight in RowWeight::of_section(section) {
        let mut chosen: Vec<&Operation> = plan.operations.iter().collect();
        chosen.retain(|operation| {
            TableOrigin::of(operation.origin()) == origin && RowWeight::of(operation) == *weight
        });
        let steps = Step::all(chosen);
        let steps: Vec<&Step<'_>> = steps.iter().collect();
        for group in alike(&steps, |step| group_key(step)) {
            for group in rows_of(&group, section) {
                let text = operation_row(group, section, plan.service);
                rows.push(row(group, text, in_brief(group[0].first())));
            }
        }
    }
    MarkdownTable {
        title,
        columns: TableColumns::Operations,
        rows,
        details: origin.details(),
        section,
    }
}

/// Equal steps share a row, but for new placements and classrooms.
fn group_key(step: &Step<'_>) -> Option<(String, String)> {
    match step.first() {
        Operation::CreateEntry(_) => None,
        Operation::Create(_)
        | Operation::UpdateEntry(_)
        | Operation::Unarchive(_)
        | Operation::Update(_)
        | Operation::Assign(_)
        | Operation::Archive(_) => Some((format!("{:?}", step.first().effects()), changes(step))),
    }
}

fn held_table(plan: &Plan, title: &'static str, origin: TableOrigin) -> MarkdownTable {
    let mut held: Vec<&HeldUser> = plan.held.iter().collect();
    held.retain(|held| TableOrigin::of(held.origin) == origin);
    held.sort_by_key(|held| &held.place);
    let mut rows = Vec::new();
    for group in alike(&held, |held| Some(reasons(held))) {
        for group in rows_of(&group, Section::Held) {
            let in_brief = group[0].reasons.first().map_or("held", reason_in_brief);
            rows.push(row(group, held_row(group), in_brief));
        }
    }
    let mut entries: Vec<&HeldEntry> = plan.held_entries.iter().collect();
    entries.retain(|held| TableOrigin::of(held.origin) == origin);
    entries.sort_by_key(|held| &held.place);
    for held in entries {
        let in_brief = entry_hold_in_brief(&held.reason);
        rows.push(row(&[held], held_entry_row(held), in_brief));
    }
    MarkdownTable {
        title,
        columns: TableColumns::Held,
        rows,
        details: origin.details(),
        section: Section::Held,
    }
}

fn row<E: Groupable>(group: &[&E], text: String, in_brief: &'static str) -> MarkdownRow {
    let names = group.iter().map(|one| label(one.who(), Reveal::Public));
    MarkdownRow {
        text,
        names: names.collect(),
        in_brief,
    }
}

/// Whoever is created, leaves or waits for a decision is named; of all others a row names a few.
fn names_everybody(section: Section) -> bool {
    match section {
        Section::Held | Section::Moves | Section::Creates => true,
        Section::Entries | Section::Assignments | Section::Updates => false,
    }
}

/// The rows of a group.
fn rows_of<'g, 'e, E>(group: &'g [&'e E], section: Section) -> std::slice::Chunks<'g, &'e E> {
    group.chunks(if names_everybody(section) {
        IN_ROW
    } else {
        group.len()
    })
}

fn in_brief(operation: &Operation) -> &'static str {
    match operation.kind() {
        OperationKind::CreateEntry | OperationKind::Create => "to create",
        OperationKind::UpdateEntry | OperationKind::Update => "to update",
        OperationKind::Unarchive => "to bring back",
        OperationKind::Assign => "to assign",
        OperationKind::Archive => "to archive",
    }
}

/// Rows with side effects stand before those without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowWeight {
    Entry,
    Assign,
    Create,
    Move,
    Effect,
    Plain,
}

impl RowWeight {
    fn of(operation: &Operation) -> Self {
        match operation {
            Operation::CreateEntry(_) | Operation::UpdateEntry(_) => Self::Entry,
            Operation::Assign(_) => Self::Assign,
            Operation::Create(_) => Self::Create,
            Operation::Unarchive(_) | Operation::Archive(_) => Self::Move,
            Operation::Update(update) if update.effects.is_empty() => Self::Plain,
            Operation::Update(_) => Self::Effect,
        }
    }

    fn of_section(section: Section) -> &'static [Self] {
        match section {
            Section::Entries => &[Self::Entry],
            Section::Assignments => &[Self::Assign],
            Section::Creates => &[Self::Create],
            Section::Moves => &[Self::Move],
            Section::Updates => &[Self::Effect, Self::Plain],
            Section::Held => &[],
        }
    }
}

fn operation_row(group: &[&Step<'_>], section: Section, service: Service) -> String {
    let first = group[0].first();
    let mark = match first.kind() {
        OperationKind::Unarchive => "<",
        OperationKind::CreateEntry | OperationKind::Create => "**+**",
        OperationKind::UpdateEntry | OperationKind::Update => "~",
        OperationKind::Assign => "&",
        OperationKind::Archive => "**-**",
    };
    format!(
        "| {mark} | {} | {} | {} | {} |\n",
        users(group, section, first.account()),
        changes(group[0]),
        effects_words(first.effects(), service),
        place(group)
    )
}

/// Public values in full, and personal fields by name. Fields whose name is hidden share one word.
fn changes(step: &Step<'_>) -> String {
    let shown = ShownChanges::of(step, Reveal::Public);
    let mut lines = Vec::new();
    if !shown.by_name.is_empty() {
        let names: Vec<String> = shown
            .by_name
            .iter()
            .map(|change| field_name(change))
            .collect();
        lines.push(names.join(", "));
    }
    lines.extend(shown.with_value.iter().map(|change| one_change(change)));
    lines.extend(shown.hidden);
    lines.extend(shown.remarks);
    lines.join("<br>")
}

fn field_name(change: &Change) -> String {
    format!("{}{}", change.key.name(), unverified(change))
}

fn one_change(change: &Change) -> String {
    let name = change.key.name();
    let unverified = unverified(change);
    let to = code(&clipped(&new_value(&change.to), LONG));
    match &change.from {
        Some(from) => {
            let from = code(&clipped(&former_value(change.key, from), LONG));
            format!("{name}: {from} → {to}{unverified}")
        }
        None => format!("{name}: {to}{unverified}"),
    }
}

fn held_row(group: &[&HeldUser]) -> String {
    let first = group[0];
    format!(
        "| {} | {} | {} |\n",
        users(group, Section::Held, first.who.id),
        reasons(first),
        place(group)
    )
}

fn reasons(held: &HeldUser) -> String {
    let mut words = Vec::new();
    for reason in &held.reasons {
        words.push(in_one_cell(&reason_words(reason, Reveal::Public)));
    }
    words.join("<br>")
}

fn in_one_cell(words: &str) -> String {
    let lines: Vec<String> = words.lines().map(|line| plain(line.trim())).collect();
    lines.join("<br>")
}

fn held_entry_row(held: &HeldEntry) -> String {
    let why = in_one_cell(&entry_hold_words(held, Reveal::Public));
    format!(
        "| {} | {why} | {} |\n",
        users(&[held], Section::Held, None),
        place(&[held])
    )
}

/// Who a row is about: the only user, or how many, of whom some are named.
fn users<E: Groupable>(group: &[&E], section: Section, account: Option<AccountId>) -> String {
    let mut text = group_head(group, || match group[0].who() {
        OperationSubject::User(user) => role(user.role).to_owned(),
        OperationSubject::Entry(entry) => entry.kind.word().to_owned(),
    });
    if group.len() == 1 {
        let (name, id) = match group[0].who() {
            OperationSubject::User(user) => (user.mis_id.as_ref(), account.map(EntryId::from)),
            OperationSubject::Entry(entry) => (Some(&entry.name), entry.id),
        };
        if let Some(name) = name {
            let name = clipped(&key_words(name, Reveal::Public), SHORT);
            let _ = write!(text, " {}", code(&name));
        }
        if let Some(id) = id {
            let _ = write!(text, " ({id})");
        }
        return text;
    }
    let most = if names_everybody(section) {
        IN_ROW
    } else {
        NAMED
    };
    let (names, more) = named(group, most, Reveal::Public);
    let mut codes = Vec::new();
    for name in names {
        codes.push(code(&clipped(&name, SHORT)));
    }
    let _ = write!(text, ": {}", codes.join(", "));
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// Where the only user is declared, or the file of several.
fn place<E: Groupable>(group: &[&E]) -> String {
    let place = group[0].place();
    let words = if group.len() == 1 {
        place.to_string()
    } else {
        place.file.to_string()
    };
    code(&clipped(&words, LONG))
}
