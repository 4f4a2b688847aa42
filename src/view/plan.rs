//! A plan as text: operations by file and line, what is held and why, and the totals.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::field::Key;
use crate::plan::{Action, Effect, Operation, Origin, Plan};
use crate::redact::Reveal;
use crate::view::change;
use crate::view::held::one_held;
use crate::view::totals::totals;
use crate::view::words::{DIM, GREEN, YELLOW, marks, shown, who};

/// Where effects stand, in columns.
const EFFECT_COLUMN: usize = 58;
/// Fields that the head of an operation shows already.
const IN_HEAD: &[Key] = &[Key::MisId, Key::FirstName, Key::LastName];
/// What operations come from, in the order in which they are shown, each under its heading.
const GROUPS: &[(Option<Origin>, &str)] = &[
    (None, ""),
    (Some(Origin::ThisChange), "From this change:\n\n"),
    (Some(Origin::Elsewhere), "Not from this change:\n\n"),
];

pub fn plan(plan: &Plan, reveal: Reveal) -> String {
    let mut text = String::new();
    let mut operations: Vec<_> = plan.operations.iter().collect();
    operations.sort_by_key(|operation| &operation.place);
    for (origin, heading) in GROUPS {
        let group: Vec<_> = operations.iter().filter(|operation| operation.origin == *origin).collect();
        if !group.is_empty() {
            text.push_str(heading);
        }
        for operation in group {
            text.push_str(&one(operation, reveal));
        }
    }
    if !plan.held.is_empty() {
        text.push_str("Held until a person decides:\n\n");
        let mut held: Vec<_> = plan.held.iter().collect();
        held.sort_by_key(|held| &held.place);
        for held in held {
            text.push_str(&one_held(held, reveal));
        }
    }
    text.push_str(&totals(plan));
    text
}

fn one(operation: &Operation, reveal: Reveal) -> String {
    let (mark, style, id) = match operation.action {
        Action::Create => ('+', GREEN, None),
        Action::Update(id) => ('~', YELLOW, Some(id)),
    };
    let head = format!("{mark} {}", who(&operation.who, id, reveal));
    let effects: Vec<_> = operation.effects.iter().map(|effect| effect_words(*effect)).collect();
    let effect = effects.join(", ");
    let gap = if effect.is_empty() { 0 } else { EFFECT_COLUMN.saturating_sub(head.width()).max(2) };
    let mut text =
        format!("  {DIM}{}{DIM:#}\n  {style}{head}{style:#}{:gap$}{effect}\n", shown(&operation.place.to_string()), "");
    let is_create = operation.action == Action::Create;
    let changes: Vec<_> =
        operation.changes.iter().filter(|change| !is_create || !IN_HEAD.contains(&change.key)).collect();
    for line in change::lines(&operation.action, &changes, reveal) {
        let _ = writeln!(text, "{line}");
    }
    if !operation.checked_by.is_empty() {
        let _ = writeln!(text, "      {DIM}checked by{DIM:#}       {}", marks(&operation.checked_by, reveal));
    }
    text.push('\n');
    text
}

pub(crate) fn effect_words(effect: Effect) -> &'static str {
    match effect {
        Effect::EmailsPerson => "e-mails a person",
        Effect::MayEmailPerson => "may e-mail a person",
        Effect::KeychainStays => "keychain stays",
        Effect::AssessorChanges => "assessor changes",
    }
}
