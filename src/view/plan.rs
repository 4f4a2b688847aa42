//! A plan as text: operations by file and line, what is held and why, what the signs mean, and the totals.

use std::collections::HashMap;

use unicode_width::UnicodeWidthStr;

use crate::field::{Class, Key};
use crate::plan::{Action, Change, Effect, Operation, Origin, Plan};
use crate::redact::Reveal;
use crate::view::block::{Block, MARGIN, by_file};
use crate::view::change::{lines, row};
use crate::view::held::held_block;
use crate::view::look::{Length, Look};
use crate::view::totals::totals;
use crate::view::words::{DIM, GREEN, YELLOW, count, listed, marks, plural, role, shown, who};

/// How much room effects have, in columns.
const EFFECT_ROOM: usize = 22;
/// Fields that the head of an operation shows already.
const IN_HEAD: &[Key] = &[Key::MisId, Key::FirstName, Key::LastName];
/// So many users with the same change are shown as one.
const MANY: usize = 3;
/// How many of them are named.
const NAMED: usize = 12;
/// What operations come from, in the order in which they are shown, each under its heading.
const GROUPS: &[(Option<Origin>, &str)] = &[
    (None, ""),
    (Some(Origin::ThisChange), "From this change:\n\n"),
    (Some(Origin::Elsewhere), "Not from this change:\n\n"),
];

pub fn plan(plan: &Plan, look: Look) -> String {
    let mut text = String::new();
    let mut operations: Vec<_> = plan.operations.iter().collect();
    operations.sort_by_key(|operation| &operation.place);
    for (origin, heading) in GROUPS {
        let group: Vec<_> = operations.iter().copied().filter(|operation| operation.origin == *origin).collect();
        if !group.is_empty() {
            text.push_str(heading);
            text.push_str(&by_file(blocks(&group, look), look));
        }
    }
    if !plan.held.is_empty() {
        text.push_str("Held until a person decides:\n\n");
        let mut held: Vec<_> = plan.held.iter().collect();
        held.sort_by_key(|held| &held.place);
        text.push_str(&by_file(held.into_iter().map(|held| held_block(held, look)).collect(), look));
    }
    text + &legend(plan, look.reveal) + &totals(plan)
}

/// A block for each operation, and one for many that change the same in the same way in one file.
fn blocks(operations: &[&Operation], look: Look) -> Vec<Block> {
    let mut alike: Vec<(Vec<&Operation>, Vec<String>)> = Vec::new();
    let mut seen: HashMap<(&str, String), usize> = HashMap::new();
    for operation in operations {
        let lines = changed_lines(operation, look);
        let key = format!("{:?} {:?} {}", operation.who.role, operation.effects, lines.join("\n"));
        let at = match operation.action {
            Action::Create => alike.len(),
            Action::Update(_) => *seen.entry((&operation.place.file, key)).or_insert(alike.len()),
        };
        match alike.get_mut(at) {
            Some((operations, _)) => operations.push(operation),
            None => alike.push((vec![operation], lines)),
        }
    }
    let mut blocks: Vec<Block> =
        alike.into_iter().flat_map(|(operations, lines)| together(&operations, &lines, look)).collect();
    blocks.sort_by(|one, other| one.place.cmp(&other.place));
    blocks
}

/// Many alike as one block, few as one each.
fn together(operations: &[&Operation], lines: &[String], look: Look) -> Vec<Block> {
    let block = |operation: &Operation, whom: &str, users: usize, lines: Vec<String>| Block {
        place: operation.place.clone(),
        kind: kind(operation),
        users,
        head: head(operation, whom, look.prose()),
        lines,
    };
    if let [first, ..] = operations
        && operations.len() >= MANY
    {
        let whom = count(operations.len(), role(first.who.role), &plural(role(first.who.role)));
        let lines = lines.iter().cloned().chain(row("of", &named(operations, look.length), look.width));
        return vec![block(first, &whom, operations.len(), lines.collect())];
    }
    let one = |operation: &&Operation| {
        let id = match operation.action {
            Action::Create => None,
            Action::Update(id) => Some(id),
        };
        let checked = (!operation.checked_by.is_empty())
            .then(|| row("checked by", &marks(&operation.checked_by, look.reveal), look.width));
        let lines = lines.iter().cloned().chain(checked.into_iter().flatten()).collect();
        block(operation, &who(&operation.who, id, look.reveal), 1, lines)
    };
    operations.iter().map(one).collect()
}

/// Some of many, by their MIS values.
fn named(operations: &[&Operation], length: Length) -> String {
    let name = |operation: &&Operation| match (&operation.who.mis_id, &operation.action) {
        (Some(mis_id), _) => shown(mis_id),
        (None, Action::Update(id)) => format!("({id})"),
        (None, Action::Create) => String::new(),
    };
    let shown = if length == Length::Full { operations.len() } else { NAMED };
    let names = listed(&operations.iter().take(shown).map(name).collect::<Vec<_>>());
    match operations.len().saturating_sub(shown) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

fn changed_lines(operation: &Operation, look: Look) -> Vec<String> {
    let is_create = operation.action == Action::Create;
    let is_shown = |change: &&Change| !is_create || !IN_HEAD.contains(&change.key);
    let changes: Vec<_> = operation.changes.iter().filter(is_shown).collect();
    lines(&operation.action, &changes, look)
}

/// The sign, whom, and what it sets off: at the right where there is room.
fn head(operation: &Operation, whom: &str, width: usize) -> String {
    let (mark, style) = match operation.action {
        Action::Create => ('+', GREEN),
        Action::Update(_) => ('~', YELLOW),
    };
    let head = format!("{mark} {whom}");
    let head_styled = format!("{style}{head}{style:#}");
    let effects: Vec<_> = operation.effects.iter().map(|effect| effect_words(*effect)).collect();
    let effect = effects.join(", ");
    if effect.is_empty() {
        return head_styled;
    }
    let end = MARGIN + head.width();
    if end + 2 + effect.width() > width {
        return format!("{head_styled}\n{effect:>width$}");
    }
    let column = width.saturating_sub(EFFECT_ROOM.max(effect.width()));
    let gap = column.saturating_sub(end).max(2);
    format!("{head_styled}{:gap$}{effect}", "")
}

/// What an operation is one of.
fn kind(operation: &Operation) -> (String, String) {
    match operation.action {
        Action::Create => {
            let role = role(operation.who.role);
            (format!("create of a {role}"), format!("creates of {}", plural(role)))
        }
        Action::Update(_) => {
            let names = listed(&public_names(operation.changes.iter().map(|change| change.key)));
            (format!("update of {names}"), format!("updates of {names}"))
        }
    }
}

/// The names of fields as everybody may read them: those of class special are one.
pub(crate) fn public_names(keys: impl Iterator<Item = Key>) -> Vec<&'static str> {
    let (special, named): (Vec<Key>, Vec<Key>) = keys.partition(|key| key.row().class == Class::Special);
    let special = (!special.is_empty()).then_some("special data");
    named.into_iter().map(Key::name).chain(special).collect()
}

/// What the signs of this plan mean.
fn legend(plan: &Plan, reveal: Reveal) -> String {
    let signs = [(plan.creates(), "+ create"), (plan.updates(), "~ update")];
    let mut words: Vec<&str> = signs.iter().filter(|(number, _)| *number > 0).map(|(_, sign)| *sign).collect();
    if words.is_empty() {
        return String::new();
    }
    let changes = || plan.operations.iter().flat_map(|operation| &operation.changes);
    let hides = |class: Class| !reveal.shows(class) && changes().any(|change| change.key.row().class == class);
    if hides(Class::Personal) {
        words.push("(personal) not shown here");
    }
    if hides(Class::Special) {
        words.push(if reveal == Reveal::Public { "special data not shown here" } else { "(special) not shown here" });
    }
    format!("{DIM}{}{DIM:#}\n\n", words.join("   "))
}

pub(crate) fn effect_words(effect: Effect) -> &'static str {
    match effect {
        Effect::EmailsPerson => "e-mails a person",
        Effect::MayEmailPerson => "may e-mail a person",
        Effect::KeychainStays => "keychain stays",
        Effect::AssessorChanges => "assessor changes",
    }
}
