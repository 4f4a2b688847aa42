//! A plan as text: operations by file and line, what is held and why, what the signs mean, and the totals.

use unicode_width::UnicodeWidthStr;

use crate::domain::field::{Class, Key};
use crate::domain::redact::Reveal;
use crate::findings::source::Place;
use crate::plan::{Change, Effect, Operation, OperationKind, Origin, Plan, UserLabel};
use crate::render::block::{Block, MARGIN, by_file};
use crate::render::grouping::{Groupable, NAMED, alike, named};
use crate::render::options::{RenderOptions, TextLength};
use crate::render::plan::field_diff::{lines, row};
use crate::render::plan::holds::held_blocks;
use crate::render::plan::totals::totals_as;
use crate::render::words::{
    DIM, GREEN, YELLOW, count, in_brief, listed, marks, plural, role, shown, who,
};

/// How much room effects have, in columns.
const EFFECT_ROOM: usize = 22;
/// Fields that the head of an operation shows already.
const IN_HEAD: &[Key] = &[Key::MisId, Key::FirstName, Key::LastName];
/// What operations come from, in the order in which they are shown, each under its heading.
const GROUPS: &[(Option<Origin>, &str)] = &[
    (None, ""),
    (Some(Origin::ThisChange), "From this change:\n\n"),
    (Some(Origin::Elsewhere), "Not from this change:\n\n"),
];

pub fn plan(plan: &Plan, look: RenderOptions) -> String {
    let mut text = String::new();
    let mut operations: Vec<_> = plan.operations.iter().collect();
    operations.sort_by_key(|operation| operation.place());
    for (origin, heading) in GROUPS {
        let group: Vec<_> = operations
            .iter()
            .copied()
            .filter(|operation| operation.origin() == *origin)
            .collect();
        if !group.is_empty() {
            text.push_str(heading);
            text.push_str(&by_file(blocks(&group, look), look));
        }
    }
    let mut held: Vec<_> = plan.held.iter().collect();
    held.sort_by_key(|held| &held.place);
    // What this change doesn't bring about although somebody wants it is never folded.
    let whole = RenderOptions {
        length: TextLength::Full,
        ..look
    };
    for (origin, heading, look) in [
        (None, HELD, look),
        (Some(Origin::ThisChange), HELD_OF_CHANGE, whole),
        (Some(Origin::Elsewhere), HELD, look),
    ] {
        let group: Vec<_> = held
            .iter()
            .copied()
            .filter(|held| held.origin == origin)
            .collect();
        if !group.is_empty() {
            text.push_str(heading);
            text.push_str(&by_file(held_blocks(&group, look), look));
        }
    }
    text + &legend(plan, look.reveal) + &totals_as(plan, look)
}

const HELD: &str = "Held until a person decides:\n\n";
const HELD_OF_CHANGE: &str = "From this change, and held until a person decides:\n\n";

/// A block for each operation, and one for many updates that are alike.
fn blocks(operations: &[&Operation], look: RenderOptions) -> Vec<Block> {
    let key = |operation: &Operation| match operation {
        Operation::Create(_) => None,
        Operation::Update(update) => Some((
            format!("{:?}", update.effects),
            changed_lines(operation, look),
        )),
    };
    alike(operations, key)
        .iter()
        .map(|alike| block(alike, look))
        .collect()
}

fn block(alike: &[&Operation], look: RenderOptions) -> Block {
    let first = alike[0];
    let mut lines = changed_lines(first, look);
    if !first.checked_by().is_empty() {
        lines.extend(row(
            "checked by",
            &marks(first.checked_by(), look.reveal),
            look.width,
        ));
    }
    lines.extend(of_many(alike, look));
    Block {
        place: first.place().clone(),
        kind: kind(first),
        users: alike.len(),
        // Who is created can't be undone, and so is always said.
        name: match first {
            Operation::Create(create) => Some(in_brief(&create.user, look.reveal)),
            Operation::Update(_) => None,
        },
        head: head(
            first,
            &whom(alike, || who(first.user(), first.account(), look.reveal)),
            look.prose(),
        ),
        lines,
    }
}

/// Whom many are, or who the only one is.
pub(crate) fn whom<E: Groupable>(alike: &[&E], one: impl Fn() -> String) -> String {
    let role = role(alike[0].who().role);
    if alike.len() == 1 {
        one()
    } else {
        count(alike.len(), role, &plural(role))
    }
}

/// The line that names many.
pub(crate) fn of_many<E: Groupable>(alike: &[&E], look: RenderOptions) -> Vec<String> {
    if alike.len() == 1 {
        return Vec::new();
    }
    let (names, more) = named(
        alike,
        if look.length == TextLength::Full {
            alike.len()
        } else {
            NAMED
        },
    );
    let names = shown(&listed(&names));
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more (`--full`)")
    };
    row("of", &(names + &more), look.width)
}

impl Groupable for Operation {
    fn who(&self) -> &UserLabel {
        self.user()
    }

    fn place(&self) -> &Place {
        Self::place(self)
    }
}

fn changed_lines(operation: &Operation, look: RenderOptions) -> Vec<String> {
    let in_head = match operation {
        Operation::Create(_) => IN_HEAD,
        Operation::Update(_) => &[],
    };
    let is_shown = |change: &&Change| !in_head.contains(&change.key);
    let changes: Vec<_> = operation.changes().iter().filter(is_shown).collect();
    lines(operation.kind(), &changes, look)
}

/// The sign, whom, and what it sets off: at the right where there is room.
fn head(operation: &Operation, whom: &str, width: usize) -> String {
    let kind = operation.kind();
    let style = match kind {
        OperationKind::Create => GREEN,
        OperationKind::Update => YELLOW,
    };
    let head = format!("{} {whom}", sign(kind));
    let head_styled = format!("{style}{head}{style:#}");
    let effects: Vec<_> = operation
        .effects()
        .iter()
        .map(|effect| effect_words(*effect))
        .collect();
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

/// The sign that stands before an operation.
pub(crate) fn sign(kind: OperationKind) -> char {
    match kind {
        OperationKind::Create => '+',
        OperationKind::Update => '~',
    }
}

/// What an operation is one of.
fn kind(operation: &Operation) -> (String, String) {
    match operation {
        Operation::Create(create) => {
            let role = role(create.user.role);
            (
                format!("create of a {role}"),
                format!("creates of {}", plural(role)),
            )
        }
        Operation::Update(update) => {
            let names = listed(&public_names(
                update.changes.iter().map(|change| change.key),
            ));
            let effects: Vec<_> = update
                .effects
                .iter()
                .map(|effect| effect_words(*effect))
                .collect();
            let effects = if effects.is_empty() {
                String::new()
            } else {
                format!(" ({})", effects.join(", "))
            };
            (
                format!("update of {names}{effects}"),
                format!("updates of {names}{effects}"),
            )
        }
    }
}

/// The names of fields as everybody may read them: those of class special are one.
pub(crate) fn public_names(keys: impl Iterator<Item = Key>) -> Vec<&'static str> {
    let (special, named): (Vec<Key>, Vec<Key>) =
        keys.partition(|key| key.row().class == Class::Special);
    let special = (!special.is_empty()).then_some("special data");
    named.into_iter().map(Key::name).chain(special).collect()
}

/// What the signs of this plan mean.
fn legend(plan: &Plan, reveal: Reveal) -> String {
    let mut words: Vec<String> = Vec::new();
    for kind in OperationKind::ALL {
        if plan
            .operations
            .iter()
            .any(|operation| operation.kind() == kind)
        {
            words.push(format!("{} {}", sign(kind), kind.name()));
        }
    }
    if words.is_empty() {
        return String::new();
    }
    let changes = || plan.operations.iter().flat_map(Operation::changes);
    let hides = |class: Class| {
        !reveal.shows(class) && changes().any(|change| change.key.row().class == class)
    };
    if hides(Class::Personal) {
        words.push("(personal) not shown here".to_owned());
    }
    if hides(Class::Special) {
        let words_for_special = if reveal == Reveal::Public {
            "special data not shown here"
        } else {
            "(special) not shown here"
        };
        words.push(words_for_special.to_owned());
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
