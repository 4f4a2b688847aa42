//! What the journal says about assignments, placements and classrooms, in words. Standards, units and templates are numbers there.

use std::collections::BTreeMap;

use crate::apply::journal::{
    AssignStep, EntryStep, JournalAssignment, JournalEntry, JournalEvent, JournalRecord,
};
use crate::domain::field::Key;
use crate::domain::redact::Reveal;
use crate::render::words::{key_words, listed, shown};

/// `standard 310`, `unit 12 of standard 310`, `4 as frameworkTemplate`
fn what_words(what: &JournalAssignment) -> String {
    let number = what.what;
    match (Key::named(&what.field), what.standard) {
        (Some(Key::Standards), _) => format!("standard {number}"),
        (Some(Key::Units), Some(standard)) => format!("unit {number} of standard {standard}"),
        (Some(Key::FrameworkTemplate), _) => format!("framework template {number}"),
        (_, _) => format!("account {number} in `{}`", shown(&what.field)),
    }
}

pub(super) fn assign_words(what: &JournalAssignment, step: &AssignStep) -> String {
    let learner = what.learner;
    let what = what_words(what);
    match step {
        AssignStep::Intent => format!("{what}: assign called for account {learner}"),
        AssignStep::Done => format!("{what} assigned to account {learner}"),
        AssignStep::NotDone { why } => {
            format!("{what} not assigned to account {learner}: {}", shown(why))
        }
        AssignStep::Unclear { why } => format!(
            "{what}: unclear whether it was assigned to account {learner}: {}",
            shown(why)
        ),
        AssignStep::Shown => format!("account {learner} shows what came of {what}"),
        AssignStep::NotShown => format!("account {learner} doesn't show {what}"),
        AssignStep::Settled { assigned: true, .. } => {
            format!("somebody said that {what} was assigned to account {learner}")
        }
        AssignStep::Settled {
            assigned: false, ..
        } => format!("somebody said that {what} wasn't assigned to account {learner}"),
    }
}

pub(super) fn entry_words(entry: &JournalEntry, step: &EntryStep) -> String {
    let name = key_words(&entry.words(), Reveal::Public);
    match step {
        EntryStep::Intent => format!("{name}: create called"),
        EntryStep::Created { id } => format!("{name} created with the number {id}"),
        EntryStep::Found { id } => {
            format!("{name} found with the number {id}, created by us or another")
        }
        EntryStep::NotCreated { why } => format!("{name} not created: {}", shown(why)),
        EntryStep::Unclear { why } => {
            format!("{name}: unclear whether it was created: {}", shown(why))
        }
        EntryStep::Settled { created: true, .. } => {
            format!("somebody said that {name} was created")
        }
        EntryStep::Settled { created: false, .. } => {
            format!("somebody said that {name} wasn't created")
        }
        EntryStep::Updated { id, fields } => {
            format!("{name} ({id}) updated: {}", shown(&listed(fields)))
        }
        EntryStep::NotUpdated { id, why } => format!("{name} ({id}) not updated: {}", shown(why)),
        EntryStep::Damaged { id } => {
            format!("{name} ({id}) damaged: its update changed what wasn't sent")
        }
        EntryStep::Deviates { id, fields } => {
            format!("{name} ({id}) doesn't hold {}", shown(&listed(fields)))
        }
    }
}

/// Whether people look for it in the list of runs.
pub(super) fn stands_out(event: &JournalEvent) -> bool {
    match event {
        JournalEvent::Assign { step, .. } => {
            matches!(
                step,
                AssignStep::Unclear { .. } | AssignStep::NotShown | AssignStep::Settled { .. }
            )
        }
        JournalEvent::Entry { step, .. } => matches!(
            step,
            EntryStep::Found { .. }
                | EntryStep::Unclear { .. }
                | EntryStep::Settled { .. }
                | EntryStep::Damaged { .. }
        ),
        _ => false,
    }
}

/// Whether another line says what came of it.
pub(super) fn is_only_begun(event: &JournalEvent) -> bool {
    match event {
        JournalEvent::Assign { step, .. } => *step == AssignStep::Intent,
        JournalEvent::Entry { step, .. } => *step == EntryStep::Intent,
        JournalEvent::AssignDue { .. } => true,
        _ => false,
    }
}

/// The word by which an event counts as something done, for one and for several.
pub(super) fn done_words(event: &JournalEvent) -> Option<(&'static str, &'static str)> {
    match event {
        JournalEvent::Assign {
            step: AssignStep::Done,
            ..
        } => Some(("assigned", "assigned")),
        JournalEvent::Entry {
            step: EntryStep::Created { .. } | EntryStep::Found { .. },
            ..
        } => Some((
            "placement or classroom created",
            "placements or classrooms created",
        )),
        JournalEvent::Entry {
            step: EntryStep::Updated { .. },
            ..
        } => Some((
            "placement or classroom updated",
            "placements or classrooms updated",
        )),
        _ => None,
    }
}

/// The calls of a run without a result.
pub(super) fn open_calls<'r>(run: &[&'r JournalRecord]) -> Vec<&'r JournalEvent> {
    let mut open = BTreeMap::new();
    for event in run.iter().map(|record| &record.event) {
        let Some(subject) = subject_of(event) else {
            continue;
        };
        if is_only_begun(event) {
            open.insert(subject, event);
        } else {
            open.remove(&subject);
        }
    }
    open.into_values().collect()
}

/// What tells whether two events are about the same call.
fn subject_of(event: &JournalEvent) -> Option<(String, String)> {
    match event {
        JournalEvent::Assign { what, .. } => Some((what_words(what), what.learner.to_string())),
        JournalEvent::Entry { entry, .. } => Some((entry.words(), String::new())),
        _ => None,
    }
}
