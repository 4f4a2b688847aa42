//! What an apply writes to its journal besides its operations.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::apply::journal::{
    EntryStep, Journal, JournalEntry, JournalError, JournalEvent, JournalScope, JournalUser,
};
use crate::apply::{DeviatingThing, Deviation, Outcome, shown_event};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::pipeline::PlanBasis;
use crate::cli::run_starter::starter;
use crate::domain::RecordedUser;
use crate::domain::clock::Clock;
use crate::domain::redact::open_names;
use crate::plan::{OperationCounts, Plan};
use crate::project::files::head;
use crate::render;

/// Where a run is recorded, and under which name.
pub(crate) struct RunJournal {
    pub(crate) folder: PathBuf,
    pub(crate) run: String,
    pub(crate) scope: JournalScope,
    pub(crate) clock: Clock,
    /// How many seconds the clock is ahead of the server's, if known.
    pub(crate) skew: Option<i64>,
}

impl RunJournal {
    pub(crate) fn open(&self) -> Result<Journal, JournalError> {
        let (run, scope) = (self.run.clone(), self.scope.clone());
        let mut journal = Journal::open(&self.folder, run, scope, self.clock)?;
        journal.measure(self.skew);
        Ok(journal)
    }

    /// Records the creates that earlier runs left unclear and whose accounts are there now, and what shows for the first time:
    /// created accounts in lists, and what came of templates.
    pub(crate) fn note_found(&self, basis: &PlanBasis) -> Result<(), CommandError> {
        let (resolved, listed) = (&basis.resolved, &basis.listed);
        let templates = basis.templates.iter();
        let mut events: Vec<JournalEvent> = templates.map(|sent| shown_event(*sent)).collect();
        for create in resolved {
            if let Some(id) = create.found {
                let user = JournalUser(create.user.clone());
                events.push(JournalEvent::Found { user, id });
            }
        }
        if !listed.is_empty() {
            events.push(JournalEvent::Listed {
                ids: listed.clone(),
            });
        }
        if events.is_empty() {
            return Ok(());
        }
        let mut journal = self.open()?;
        for event in events {
            journal.note(event)?;
        }
        Ok(())
    }
}

pub(crate) fn note(journal: &Mutex<Journal>, event: JournalEvent) -> Result<(), CommandError> {
    Ok(journal
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .note(event)?)
}

/// The start of an apply, with the commit that it is from.
pub(crate) fn started(context: &Context<'_>, plan: &Plan) -> JournalEvent {
    let commit = head(context.dir).unwrap_or_else(|error| {
        let error = render::shown(&error.to_string());
        context.ui.say(&format!(
            "note: {error}\nnote: the journal can't say which commit this apply is from"
        ));
        None
    });
    let OperationCounts {
        new_entries,
        changed_entries,
        assignments,
        unarchives,
        creates,
        updates,
        archives,
    } = plan.counts();
    JournalEvent::Started {
        creates,
        updates,
        archives,
        unarchives,
        entries: new_entries + changed_entries,
        assignments,
        commit,
        ci: context.environment.ci_run.clone(),
        by: starter(context),
    }
}

/// Records what verification found, and the end of the run.
pub(crate) fn note_end(
    journal: &Mutex<Journal>,
    outcome: &Outcome,
    deviations: Option<&[Deviation]>,
) -> Result<(), CommandError> {
    for event in deviations.map_or_else(Vec::new, |found| outcome.shown_templates(found)) {
        note(journal, event)?;
    }
    for deviation in deviations.unwrap_or_default() {
        note(journal, deviates(deviation))?;
        if let Some(kept) = kept(deviation) {
            note(journal, kept)?;
        }
        for event in deviation.missing_events() {
            note(journal, event)?;
        }
    }
    note(journal, ended(outcome))
}

fn deviates(deviation: &Deviation) -> JournalEvent {
    let fields = open_names(deviation.keys.iter().copied());
    let fields = fields.into_iter().map(str::to_owned).collect();
    match &deviation.what {
        DeviatingThing::Account(_, id) => JournalEvent::Deviates { id: *id, fields },
        DeviatingThing::Entry(label, id) => JournalEvent::Entry {
            entry: JournalEntry::of(label.to_new()),
            step: EntryStep::Deviates { id: *id, fields },
        },
    }
}

/// The digests of values that OneFile keeps in a form of its own, or seems to. `None` if there is none.
fn kept(deviation: &Deviation) -> Option<JournalEvent> {
    let DeviatingThing::Account(user, id) = &deviation.what else {
        return None;
    };
    let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
    for value in &deviation.rewritten {
        let digests = if value.is_sure {
            &mut sure
        } else {
            &mut perhaps
        };
        digests.push(value.digest.clone());
    }
    let mis_id = user.mis_id.as_deref();
    let event = JournalEvent::Kept {
        id: *id,
        user: mis_id.map(|mis_id| JournalUser(RecordedUser::new(user.role, mis_id))),
        sure,
        perhaps,
    };
    (!deviation.rewritten.is_empty()).then_some(event)
}

fn ended(outcome: &Outcome) -> JournalEvent {
    let tally = outcome.tally();
    JournalEvent::Ended {
        done: tally.done(),
        failed: tally.failed,
        not_attempted: tally.not_attempted,
        unclear: tally.unclear,
    }
}
