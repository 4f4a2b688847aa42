//! `history`: shows what earlier applies did. `settle`: records whether an unconfirmed account was created.

use crate::apply::journal::{
    Journal, JournalEvent, JournalKnowledge, JournalRecord, JournalScope, Lock, records,
};
use crate::cli::args::{HistoryArgs, SettleAnswer, SettleArgs};
use crate::cli::context::{CommandResult, Context, run_name};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::findings::suggest::nearest;
use crate::project::journal_folder::journal_folder;
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &HistoryArgs) -> CommandResult {
    let records = records(&journal_folder(
        context.dir,
        args.journal.journal.as_deref(),
    ))?;
    let text = match &args.mis_id {
        Some(mis_id) => render::history_of(&records, mis_id),
        None => render::history(&records),
    };
    context.ui.print(&text)?;
    Ok(Exit::Done)
}

pub(crate) fn settle(context: &Context<'_>, args: &SettleArgs) -> CommandResult {
    let folder = journal_folder(context.dir, args.journal.journal.as_deref());
    if records(&folder)?.is_empty() {
        return Err(nothing_to_settle(&args.mis_id, &[]));
    }
    let now = context.clock.now();
    let _lock = Lock::take(&folder, now)?;
    let all = records(&folder)?;
    let places = places(&all);
    let known: Vec<(&JournalScope, JournalKnowledge)> = places
        .iter()
        .map(|place| (place, JournalKnowledge::of(&all, place)))
        .collect();
    let is_known = |known: &JournalKnowledge| {
        known.open.contains_key(&args.mis_id) || known.created.contains_key(&args.mis_id)
    };
    let concerned: Vec<&JournalScope> = known
        .iter()
        .filter(|(_, known)| is_known(known))
        .map(|(place, _)| *place)
        .collect();
    if concerned.is_empty() {
        let others = known
            .into_iter()
            .flat_map(|(_, known)| known.open.into_keys().chain(known.created.into_keys()));
        return Err(nothing_to_settle(&args.mis_id, &others.collect::<Vec<_>>()));
    }
    let created = args.answer == SettleAnswer::Created;
    for place in concerned {
        let mut journal = Journal::open(&folder, run_name(now), place.clone(), context.clock)?;
        journal.note(JournalEvent::Settled {
            mis_id: args.mis_id.clone(),
            created,
        })?;
    }
    let then = if created {
        "no account is created for it; it is matched as soon as OneFile shows it"
    } else {
        "the next apply may create it, whatever was said or unclear before"
    };
    context
        .ui
        .print(&format!("{}: {then}.\n", render::shown(&args.mis_id)))?;
    Ok(Exit::Done)
}

pub(crate) fn places(records: &[JournalRecord]) -> Vec<JournalScope> {
    let place = |record: &JournalRecord| JournalScope {
        target: record.target.clone(),
        organisation: record.organisation,
    };
    let mut places: Vec<JournalScope> = records.iter().map(place).collect();
    places.sort_by(|one, other| {
        (&one.target, one.organisation).cmp(&(&other.target, other.organisation))
    });
    places.dedup();
    places
}

fn nothing_to_settle(mis_id: &str, others: &[String]) -> CommandError {
    let near = nearest(mis_id, others.iter().map(String::as_str));
    let near = near
        .map(|near| format!("; is `{near}` meant?"))
        .unwrap_or_default();
    CommandError::Misused(format!("no create of {mis_id} is unclear{near}"))
}
