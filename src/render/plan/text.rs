//! A plan as text: operations by file and line, who is held and why, what the signs mean, and the totals.

use std::collections::BTreeSet;
use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::domain::AccountId;
use crate::domain::field::{Class, Key};
use crate::domain::redact::{Reveal, SPECIAL_DATA, field_names, public_names};
use crate::plan::{Change, Operation, OperationKind, Origin, Plan, Service};
use crate::render::block::{Block, MARGIN, by_file, row};
use crate::render::grouping::{alike, group_head, group_names};
use crate::render::options::{RenderOptions, TextLength};
use crate::render::plan::entry_holds::held_entry_blocks;
use crate::render::plan::field_diff::change_lines;
use crate::render::plan::holds::held_blocks;
use crate::render::plan::step::Step;
use crate::render::plan::totals::totals_as;
use crate::render::words::{
    DIM, GREEN, RED, YELLOW, count, effects_words, key_words, listed, marks, mis_id_and_name,
    note_words, plural, role, shown as visible, subject, who,
};

/// The width of the column of effects: `would e-mail a person` with some room.
const EFFECT_ROOM: usize = 22;
/// Fields that the head of a create shows already.
const IN_HEAD: &[Key] = &[Key::MisId, Key::FirstName, Key::LastName];
/// The origins of operations in the order in which they are shown, each with its heading.
const OPERATION_GROUPS: &[(Option<Origin>, &str)] = &[
    (None, ""),
    (Some(Origin::ThisChange), "From this change:\n\n"),
    (Some(Origin::Elsewhere), "Not from this change:\n\n"),
];
/// The same for users on hold.
const HELD_GROUPS: &[(Option<Origin>, &str)] = &[
    (None, "Held until a person decides:\n\n"),
    (
        Some(Origin::ThisChange),
        "From this change, and held until a person decides:\n\n",
    ),
    (Some(Origin::Elsewhere), "Held until a person decides:\n\n"),
];

/// The whole plan.
pub fn plan(plan: &Plan, options: RenderOptions) -> String {
    operations(plan, options)
        + &held(plan, options)
        + &kept(plan, options)
        + &legend(plan, options.reveal)
        + &totals_as(plan, options)
}

fn operations(plan: &Plan, options: RenderOptions) -> String {
    let mut text = String::new();
    for (origin, heading) in OPERATION_GROUPS {
        let mut group: Vec<_> = plan.operations.iter().collect();
        group.retain(|operation| operation.origin() == *origin);
        if !group.is_empty() {
            let steps = Step::all(group);
            text.push_str(heading);
            text.push_str(&by_file(blocks(&steps, plan.service, options), options));
        }
    }
    text
}

fn held(plan: &Plan, options: RenderOptions) -> String {
    let mut held: Vec<_> = plan.held.iter().collect();
    held.sort_by_key(|held| &held.place);
    let mut text = String::new();
    for (origin, heading) in HELD_GROUPS {
        let mut group = held.clone();
        group.retain(|held| held.origin == *origin);
        let mut entries: Vec<_> = plan.held_entries.iter().collect();
        entries.retain(|held| held.origin == *origin);
        let length = match origin {
            // Somebody wants this change now, so what it doesn't bring about is never folded.
            Some(Origin::ThisChange) => TextLength::Full,
            Some(Origin::Elsewhere) | None => options.length,
        };
        let options = RenderOptions { length, ..options };
        let mut blocks = held_blocks(&group, options);
        blocks.extend(held_entry_blocks(&entries, options));
        blocks.sort_by(|one, other| one.place.cmp(&other.place));
        if !blocks.is_empty() {
            text.push_str(heading);
            text.push_str(&by_file(blocks, options));
        }
    }
    text
}

/// The users whose values OneFile keeps in a form of its own.
fn kept(plan: &Plan, options: RenderOptions) -> String {
    if plan.kept.is_empty() {
        return String::new();
    }
    let mut kept: Vec<_> = plan.kept.iter().collect();
    kept.sort_by_key(|user| &user.place);
    let shown = match options.length {
        TextLength::Full => kept.len(),
        TextLength::Folded => MOST_KEPT,
    };
    let mut text =
        "OneFile keeps a different value: declare it as OneFile keeps it.\n\n".to_owned();
    for user in kept.iter().take(shown) {
        let names = field_names(user.keys.iter().copied(), options.reveal, SPECIAL_DATA);
        let _ = writeln!(
            text,
            "  {}  {}: {}",
            visible(&user.place.to_string()),
            who(&user.who, Some(user.account), options.reveal),
            listed(&names)
        );
    }
    if kept.len() > shown {
        let users = count(kept.len() - shown, "user", "users");
        let _ = writeln!(text, "  and {users} more; `--full` shows all");
    }
    text + "\n"
}

/// How many users are named, unless all are asked for.
const MOST_KEPT: usize = 10;

/// A block for each step, and one for each group of equal ones.
fn blocks(steps: &[Step<'_>], service: Service, options: RenderOptions) -> Vec<Block> {
    let key = |step: &Step<'_>| match step.first() {
        Operation::CreateEntry(_) | Operation::Create(_) => None,
        Operation::UpdateEntry(_)
        | Operation::Unarchive(_)
        | Operation::Update(_)
        | Operation::Assign(_)
        | Operation::Archive(_) => Some((
            format!("{:?}", step.first().effects()),
            changed_lines(step, options),
        )),
    };
    let steps: Vec<&Step<'_>> = steps.iter().collect();
    alike(&steps, key)
        .iter()
        .map(|group| block(group, service, options))
        .collect()
}

fn block(group: &[&Step<'_>], service: Service, options: RenderOptions) -> Block {
    let first = group[0].first();
    let effects = effects_words(first.effects(), service);
    let mut lines = changed_lines(group[0], options);
    if !first.checked_by().is_empty() {
        lines.extend(row(
            "checked by",
            &marks(first.checked_by(), options.reveal),
            options.width,
        ));
    }
    for note in first.notes() {
        let words = note_words(note, options.reveal);
        lines.extend(row("note", &words, options.width));
    }
    let replaced: Vec<AccountId> = first.replaces().collect();
    if !replaced.is_empty() {
        let accounts = format!("account {}", listed(&replaced));
        lines.extend(row("replaces", &accounts, options.width));
    }
    lines.extend(group_names(group, options));
    let only = || subject(first.subject(), first.account(), options.reveal);
    Block {
        place: first.place().clone(),
        kind: kind(group[0], &effects),
        users: group.len(),
        // A create can't be undone, so its user is always named.
        name: match first {
            Operation::Create(create) => Some(mis_id_and_name(&create.user, options.reveal)),
            Operation::CreateEntry(create) => Some(key_words(&create.entry.name, options.reveal)),
            Operation::UpdateEntry(_)
            | Operation::Unarchive(_)
            | Operation::Update(_)
            | Operation::Assign(_)
            | Operation::Archive(_) => None,
        },
        head: head(
            first.kind(),
            &group_head(group, only),
            &effects,
            options.prose(),
        ),
        lines,
    }
}

fn changed_lines(step: &Step<'_>, options: RenderOptions) -> Vec<String> {
    let in_head = match step.first() {
        Operation::CreateEntry(_) => &[Key::Name],
        Operation::Create(_) => IN_HEAD,
        Operation::UpdateEntry(_)
        | Operation::Unarchive(_)
        | Operation::Update(_)
        | Operation::Assign(_)
        | Operation::Archive(_) => &[],
    };
    let is_shown = |change: &&Change| !in_head.contains(&change.key);
    let changes: Vec<_> = step.changes().filter(is_shown).collect();
    change_lines(step.first().kind(), &changes, options)
}

/// The sign, the user, and the effects: at the right if there is room, else on a line of their own.
fn head(kind: OperationKind, user: &str, effects: &str, width: usize) -> String {
    let style = match kind {
        OperationKind::Unarchive
        | OperationKind::CreateEntry
        | OperationKind::Create
        | OperationKind::Assign => GREEN,
        OperationKind::UpdateEntry | OperationKind::Update => YELLOW,
        OperationKind::Archive => RED,
    };
    let head = format!("{} {user}", sign(kind));
    let styled = format!("{style}{head}{style:#}");
    if effects.is_empty() {
        return styled;
    }
    let end = MARGIN + head.width();
    if end + 2 + effects.width() > width {
        return format!("{styled}\n{effects:>width$}");
    }
    let column = width.saturating_sub(EFFECT_ROOM.max(effects.width()));
    let gap = column.saturating_sub(end).max(2);
    format!("{styled}{:gap$}{effects}", "")
}

/// The sign that stands before an operation.
pub(crate) fn sign(kind: OperationKind) -> char {
    match kind {
        OperationKind::Unarchive => '<',
        OperationKind::CreateEntry | OperationKind::Create => '+',
        OperationKind::UpdateEntry | OperationKind::Update => '~',
        OperationKind::Assign => '&',
        OperationKind::Archive => '-',
    }
}

/// The kind of a step, in words for one and for several.
fn kind(step: &Step<'_>, effects: &str) -> (String, String) {
    let keys: BTreeSet<Key> = step.changes().map(|change| change.key).collect();
    match step.first() {
        Operation::CreateEntry(create) => {
            let kind = create.entry.kind.word();
            (
                format!("create of a {kind}"),
                format!("creates of {}", plural(kind)),
            )
        }
        Operation::Assign(_) => {
            let words = listed(&public_names(keys));
            let of_them = format!("assigned {words}");
            (format!("learner {of_them}"), format!("learners {of_them}"))
        }
        Operation::Create(create) => {
            let role = role(create.user.role);
            (
                format!("create of a {role}"),
                format!("creates of {}", plural(role)),
            )
        }
        Operation::Unarchive(unarchive) => {
            let role = role(unarchive.user.role);
            (
                format!("return of a {role}"),
                format!("returns of {}", plural(role)),
            )
        }
        Operation::Archive(archive) => {
            let role = role(archive.user.role);
            (
                format!("archive of a {role}"),
                format!("archives of {}", plural(role)),
            )
        }
        Operation::UpdateEntry(_) | Operation::Update(_) => {
            let mut words = listed(&public_names(keys));
            if !effects.is_empty() {
                let _ = write!(words, " ({effects})");
            }
            (format!("update of {words}"), format!("updates of {words}"))
        }
    }
}

/// What the signs and words of this plan mean.
fn legend(plan: &Plan, reveal: Reveal) -> String {
    let mut words: Vec<String> = Vec::new();
    for kind in OperationKind::ALL {
        if plan
            .operations
            .iter()
            .any(|operation| operation.kind() == kind)
        {
            let meaning = format!("{} {}", sign(kind), kind.verb());
            if !words.contains(&meaning) {
                words.push(meaning);
            }
        }
    }
    if words.is_empty() {
        return String::new();
    }
    if has_change_of(plan, Class::Personal) && !reveal.shows(Class::Personal) {
        words.push("(personal) not shown here".to_owned());
    }
    if has_change_of(plan, Class::Special) && !reveal.shows(Class::Special) {
        let what = match reveal {
            Reveal::Public => SPECIAL_DATA,
            Reveal::Personal | Reveal::Special => "(special)",
        };
        words.push(format!("{what} not shown here"));
    }
    format!("{DIM}{}{DIM:#}\n\n", words.join("   "))
}

fn has_change_of(plan: &Plan, class: Class) -> bool {
    plan.operations
        .iter()
        .flat_map(Operation::changes)
        .any(|change| change.key.row().class == class)
}
