//! `history`: shows what earlier applies did. `settle`: records whether an unconfirmed account was created.

use std::collections::BTreeSet;

use crate::apply::journal::{
    Journal, JournalEvent, JournalKnowledge, JournalRecord, JournalScope, JournalUser, Lock,
    records,
};
use crate::cli::args::{HistoryArgs, SettleAnswer, SettleArgs};
use crate::cli::context::{CommandResult, Context, run_name};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::run_starter::starter;
use crate::domain::redact::{Reveal, open_text};
use crate::domain::{RecordedUser, UserName};
use crate::findings::suggest::nearest_key;
use crate::project::journal_folder::journal_folder;
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &HistoryArgs) -> CommandResult {
    let records = records(&journal_folder(
        context.dir,
        args.journal.journal.as_deref(),
    ))?;
    let reveal = context.ui.reveal;
    let text = match &args.name {
        None => render::history(&records, reveal),
        Some(name) => match what_is_named(&records, name)? {
            Named::Run(run) => render::history_of_run(&records, run, reveal),
            Named::User => render::history_of(&records, name, reveal),
        },
    };
    context.ui.print(&text)?;
    Ok(Exit::Done)
}

/// What a person wants to know about.
enum Named<'r> {
    User,
    Run(&'r str),
}

/// A run may be named by the beginning of its ID. A user of that name comes first.
fn what_is_named<'r>(records: &'r [JournalRecord], name: &str) -> Result<Named<'r>, CommandError> {
    let user = UserName::of(name);
    let mut runs: BTreeSet<&str> = BTreeSet::new();
    for record in records {
        if record.event.is_about(user) {
            return Ok(Named::User);
        }
        if record.run == name {
            return Ok(Named::Run(&record.run));
        }
        if name.len() >= SHORTEST_RUN && record.run.starts_with(name) {
            runs.insert(&record.run);
        }
    }
    let mut found = runs.iter();
    match (found.next(), found.next()) {
        (None, _) => Ok(Named::User),
        (Some(run), None) => Ok(Named::Run(run)),
        (Some(_), Some(_)) => Err(CommandError::Misused(format!(
            "{} runs begin with {name}; write more of the ID that `rosterctl history` shows",
            runs.len()
        ))),
    }
}

/// The day of a run.
const SHORTEST_RUN: usize = 8;

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
    let name = UserName::of(&args.mis_id);
    let mut users: BTreeSet<&RecordedUser> = BTreeSet::new();
    let mut concerned: Vec<(&JournalScope, &RecordedUser)> = Vec::new();
    for (place, known) in &known {
        let of_place: BTreeSet<&RecordedUser> =
            known.open.keys().chain(known.created.keys()).collect();
        for user in of_place.into_iter().filter(|user| name.may_mean(user)) {
            users.insert(user);
            concerned.push((*place, user));
        }
    }
    if users.is_empty() {
        let mut others = Vec::new();
        for (_, known) in &known {
            others.extend(known.open.keys().chain(known.created.keys()));
        }
        return Err(nothing_to_settle(&args.mis_id, &others));
    }
    if users.len() > 1 {
        return Err(several_to_settle(&args.mis_id, &users));
    }
    let created = args.answer == SettleAnswer::Created;
    let by = starter(context);
    for (place, user) in concerned {
        let mut journal = Journal::open(&folder, run_name(now), place.clone(), context.clock)?;
        journal.note(JournalEvent::Settled {
            user: JournalUser(user.clone()),
            created,
            by: by.clone(),
        })?;
    }
    let then = if created {
        "no account is created for it; it is matched as soon as OneFile shows it"
    } else {
        "the next apply may create it, whatever was said or unclear before"
    };
    context.ui.print(&format!(
        "{}: {then}.\n",
        render::key_words(&args.mis_id, context.ui.reveal)
    ))?;
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

fn several_to_settle(mis_id: &str, users: &BTreeSet<&RecordedUser>) -> CommandError {
    let mut names = Vec::new();
    for user in users {
        let name = render::key_to_type(&user.to_string(), Reveal::Public);
        names.push(format!("`{name}`"));
    }
    let mis_id = render::key_words(mis_id, Reveal::Public);
    CommandError::Misused(format!(
        "{mis_id} is the MIS value of several users; write {}",
        names.join(" or ")
    ))
}

fn nothing_to_settle(mis_id: &str, others: &[&RecordedUser]) -> CommandError {
    let others = others.iter().map(|user| user.mis_id.as_str());
    let near = nearest_key(mis_id, others.filter(|other| open_text(other).is_some()));
    let near = near
        .map(|near| format!("; is `{near}` meant?"))
        .unwrap_or_default();
    let mis_id = render::key_words(mis_id, Reveal::Public);
    CommandError::Misused(format!("no create of {mis_id} is unclear{near}"))
}
