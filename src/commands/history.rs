//! `history`: what earlier applies did. `settle`: what a person has seen of an account of which nobody knew.

use crate::cli::{Answer, History, Settle};
use crate::commands::failure::Failure;
use crate::commands::record::folder;
use crate::commands::{Context, Done};
use crate::exit::Exit;
use crate::journal::{Event, Journal, Known, Lock, Place, Record, records};
use crate::suggest::nearest;
use crate::view;

pub(crate) fn run(context: &Context<'_>, args: &History) -> Done {
    let records = records(&folder(context, &args.journal))?;
    let text = match &args.mis_id {
        Some(mis_id) => view::history_of(&records, mis_id),
        None => view::history(&records),
    };
    context.ui.print(&text)?;
    Ok(Exit::Done)
}

pub(crate) fn settle(context: &Context<'_>, args: &Settle) -> Done {
    let folder = folder(context, &args.journal);
    if records(&folder)?.is_empty() {
        return Err(nothing_to_settle(&args.mis_id, &[]));
    }
    let now = context.clock.now();
    let _lock = Lock::take(&folder, now)?;
    let all = records(&folder)?;
    let places = places(&all);
    let known: Vec<(&Place, Known)> = places
        .iter()
        .map(|place| (place, Known::of(&all, place)))
        .collect();
    let is_known = |known: &Known| {
        known.open.contains_key(&args.mis_id) || known.created.contains_key(&args.mis_id)
    };
    let concerned: Vec<&Place> = known
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
    let created = args.answer == Answer::Created;
    for place in concerned {
        let mut journal = Journal::open(&folder, run_name(now), place.clone(), context.clock)?;
        journal.note(Event::Settled {
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
        .print(&format!("{}: {then}.\n", view::shown(&args.mis_id)))?;
    Ok(Exit::Done)
}

/// What tells one run from another, for people too.
pub(crate) fn run_name(now: jiff::Timestamp) -> String {
    format!(
        "{}-{}",
        now.strftime("%Y%m%dT%H%M%S%3f"),
        std::process::id()
    )
}

/// Every organisation on every server that the journal speaks of.
pub(crate) fn places(records: &[Record]) -> Vec<Place> {
    let place = |record: &Record| Place {
        target: record.target.clone(),
        organisation: record.organisation,
    };
    let mut places: Vec<Place> = records.iter().map(place).collect();
    places.sort_by(|one, other| {
        (&one.target, one.organisation).cmp(&(&other.target, other.organisation))
    });
    places.dedup();
    places
}

fn nothing_to_settle(mis_id: &str, others: &[String]) -> Failure {
    let near = nearest(mis_id, others.iter().map(String::as_str));
    let near = near
        .map(|near| format!("; is `{near}` meant?"))
        .unwrap_or_default();
    Failure::Misused(format!("no create of {mis_id} is unclear{near}"))
}
