//! `settle`: records what a person has seen in OneFile: whether an unconfirmed account, placement or classroom was created, or whether
//! a learner has what was assigned without an answer.

use std::collections::BTreeSet;

use crate::apply::journal::{
    AssignStep, EntryStep, Journal, JournalAssignment, JournalEntry, JournalEvent,
    JournalKnowledge, JournalScope, JournalUser, Lock, RunStarter, SentState, records,
};
use crate::cli::args::{SettleAnswer, SettleArgs};
use crate::cli::commands::history::places;
use crate::cli::context::{CommandResult, Context, run_name};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::run_starter::starter;
use crate::domain::redact::{Reveal, open_text};
use crate::domain::{EntryKind, RecordedUser, UserName, nfc};
use crate::findings::suggest::nearest;
use crate::plan::NewEntry;
use crate::project::journal_folder::journal_folder;
use crate::render;

/// The journal of each organisation, and what a person's answer adds to it.
type Settled<'j> = Vec<(&'j JournalScope, JournalEvent)>;

pub(crate) fn run(context: &Context<'_>, args: &SettleArgs) -> CommandResult {
    let folder = journal_folder(context.dir, args.journal.journal.as_deref());
    if records(&folder)?.is_empty() {
        return Err(nothing_to_settle(args, &[]));
    }
    let now = context.clock.now();
    let _lock = Lock::take(&folder, now)?;
    let all = records(&folder)?;
    let places = places(&all);
    let known: Vec<(&JournalScope, JournalKnowledge)> = places
        .iter()
        .map(|place| (place, JournalKnowledge::of(&all, place)))
        .collect();
    let by = starter(context);
    let (settled, then) = match (args.answer, entry_name(&args.mis_id)) {
        (SettleAnswer::Assigned | SettleAnswer::NotAssigned, _) => {
            let assigned = args.answer == SettleAnswer::Assigned;
            (
                settled_assignments(&known, args, &by)?,
                after_assignment(assigned),
            )
        }
        (SettleAnswer::Created | SettleAnswer::NotCreated, entry) => {
            let created = args.answer == SettleAnswer::Created;
            let settled = match entry {
                Some(entry) => settled_entries(&known, args, &entry, &by)?,
                None => settled_creates(&known, args, &by)?,
            };
            (settled, after_create(created))
        }
    };
    for (place, event) in settled {
        let mut journal = Journal::open(&folder, run_name(now), place.clone(), context.clock)?;
        journal.note(event)?;
    }
    let name = render::key_words(&args.mis_id, context.ui.reveal);
    context.ui.print(&format!("{name}: {then}.\n"))?;
    Ok(Exit::Done)
}

fn after_create(created: bool) -> &'static str {
    if created {
        "no account is created for it; it is matched as soon as OneFile shows it"
    } else {
        "the next apply may create it, whatever was said or unclear before"
    }
}

fn after_assignment(assigned: bool) -> &'static str {
    if assigned {
        "it isn't assigned again"
    } else {
        "the next apply may assign it, whatever was unclear before"
    }
}

fn settled_creates<'j>(
    known: &'j [(&'j JournalScope, JournalKnowledge)],
    args: &SettleArgs,
    by: &RunStarter,
) -> Result<Settled<'j>, CommandError> {
    let name = UserName::of(&args.mis_id);
    let (mut users, mut settled, mut others) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (place, known) in known {
        let of_place: BTreeSet<&RecordedUser> =
            known.open.keys().chain(known.created.keys()).collect();
        for user in of_place {
            if !name.may_mean(user) {
                others.push(user.mis_id.as_str());
                continue;
            }
            users.insert(user);
            settled.push((
                *place,
                JournalEvent::Settled {
                    user: JournalUser(user.clone()),
                    created: args.answer == SettleAnswer::Created,
                    by: by.clone(),
                },
            ));
        }
    }
    one_user(args, &users)?;
    if settled.is_empty() {
        return Err(nothing_to_settle(args, &others));
    }
    Ok(settled)
}

fn settled_assignments<'j>(
    known: &'j [(&'j JournalScope, JournalKnowledge)],
    args: &SettleArgs,
    by: &RunStarter,
) -> Result<Settled<'j>, CommandError> {
    let name = UserName::of(&args.mis_id);
    let (mut users, mut settled, mut others) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (place, known) in known {
        let known = &known.assignments;
        for (sent, state) in &known.sent {
            let is_meant = args.number.is_none_or(|number| number == sent.what);
            if !is_meant || !matches!(state, SentState::Unclear(_)) {
                continue;
            }
            let user = known.users.get(&sent.learner);
            let is_named = match user {
                Some(user) => name.may_mean(user),
                // A learner without a MIS value is named by the account.
                None => args.mis_id == sent.learner.to_string(),
            };
            if !is_named {
                others.extend(user.map(|user| user.mis_id.as_str()));
                continue;
            }
            users.extend(user);
            let step = AssignStep::Settled {
                assigned: args.answer == SettleAnswer::Assigned,
                by: by.clone(),
            };
            let user = user.cloned().map(JournalUser);
            let what = JournalAssignment::new(*sent, user);
            settled.push((*place, JournalEvent::Assign { what, step }));
        }
    }
    one_user(args, &users)?;
    if settled.is_empty() {
        return Err(nothing_to_settle(args, &others));
    }
    Ok(settled)
}

fn settled_entries<'j>(
    known: &'j [(&'j JournalScope, JournalKnowledge)],
    args: &SettleArgs,
    wanted: &NewEntry,
    by: &RunStarter,
) -> Result<Settled<'j>, CommandError> {
    let (mut settled, mut others) = (Vec::new(), Vec::new());
    for (place, known) in known {
        for (kind, name) in known.assignments.entries.keys() {
            if *kind != wanted.kind || nfc(name) != nfc(&wanted.name) {
                others.push(name.as_str());
                continue;
            }
            let step = EntryStep::Settled {
                created: args.answer == SettleAnswer::Created,
                by: by.clone(),
            };
            let entry = JournalEntry::of(NewEntry {
                kind: *kind,
                name: name.clone(),
            });
            settled.push((*place, JournalEvent::Entry { entry, step }));
        }
    }
    if settled.is_empty() {
        return Err(nothing_to_settle(args, &others));
    }
    Ok(settled)
}

/// `placement:Riverside Care Home`
fn entry_name(typed: &str) -> Option<NewEntry> {
    let (word, name) = typed.split_once(':')?;
    let kind = EntryKind::ALL
        .into_iter()
        .find(|kind| kind.word() == word)?;
    Some(NewEntry {
        kind,
        name: name.to_owned(),
    })
}

/// Refuses a MIS value that several users have.
fn one_user(args: &SettleArgs, users: &BTreeSet<&RecordedUser>) -> Result<(), CommandError> {
    if users.len() > 1 {
        return Err(several_to_settle(&args.mis_id, users));
    }
    Ok(())
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

fn nothing_to_settle(args: &SettleArgs, others: &[&str]) -> CommandError {
    let others = others.iter().copied();
    let near = nearest(
        &args.mis_id,
        others.filter(|other| open_text(other).is_some()),
    );
    let near = near
        .map(|near| format!("; is `{near}` meant?"))
        .unwrap_or_default();
    let name = render::key_words(&args.mis_id, Reveal::Public);
    let what = match args.answer {
        SettleAnswer::Created | SettleAnswer::NotCreated => "create",
        SettleAnswer::Assigned | SettleAnswer::NotAssigned => "assignment",
    };
    CommandError::Misused(format!("no {what} of {name} is unclear{near}"))
}
