//! The journal as text: one paragraph a run, or everything that happened to one user.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::apply::journal::{JournalEvent, JournalRecord};
use crate::domain::redact::Reveal;
use crate::domain::role::Role;
use crate::domain::{RecordedUser, UserName};
use crate::render::words::{count, key_words, listed, london, shown};

/// Every run: when, where, what it was to do, and how it ended.
pub fn history(records: &[JournalRecord], reveal: Reveal) -> String {
    let mut runs: BTreeMap<(jiff::Timestamp, &str), Vec<&JournalRecord>> = BTreeMap::new();
    let mut begun: BTreeMap<&str, jiff::Timestamp> = BTreeMap::new();
    for record in records {
        let start = *begun.entry(&record.run).or_insert(record.at);
        runs.entry((start, &record.run)).or_default().push(record);
    }
    if runs.is_empty() {
        return "No apply is on record here.\n".to_owned();
    }
    runs.values().map(|run| one_run(run, reveal)).collect()
}

fn one_run(run: &[&JournalRecord], reveal: Reveal) -> String {
    let first = run[0];
    let mut text = format!(
        "{}  organisation {} on {}\n",
        london(first.at),
        first.organisation,
        shown(&first.target)
    );
    let names = RecordedNames::of(run);
    for record in run {
        text += &run_line(&record.event, &names, reveal);
    }
    for user in left_open(run) {
        let _ = writeln!(
            text,
            "  {}: create called, and nobody knows what came of it: it may have e-mailed",
            key_words(&names.name(user), reveal)
        );
    }
    text + &end_line(run) + "\n"
}

/// The line of an event that people look for in a run; empty for all others.
fn run_line(event: &JournalEvent, names: &RecordedNames<'_>, reveal: Reveal) -> String {
    match event {
        JournalEvent::Started {
            creates,
            updates,
            commit,
            ci,
        } => {
            let mut line = format!("  {creates} to create, {updates} to update");
            if let Some(commit) = commit {
                // The first 12 characters are enough to find a commit.
                let _ = write!(
                    line,
                    "; commit {}",
                    shown(commit.get(..12).unwrap_or(commit))
                );
            }
            if let Some(ci) = ci {
                let _ = write!(line, "; CI run {}", shown(ci));
            }
            line + "\n"
        }
        JournalEvent::Unclear { .. }
        | JournalEvent::Settled { .. }
        | JournalEvent::Found { .. }
        | JournalEvent::Damaged { .. } => {
            // Only an account without a MIS value has none.
            let name = event.user().map(|user| names.name(user));
            format!(
                "  {}: {}\n",
                key_words(&name.unwrap_or_default(), reveal),
                event_words(event)
            )
        }
        JournalEvent::Listed { .. } | JournalEvent::Reset => {
            format!("  {}\n", event_words(event))
        }
        JournalEvent::Intent { .. }
        | JournalEvent::Created { .. }
        | JournalEvent::NotCreated { .. }
        | JournalEvent::Updated { .. }
        | JournalEvent::NotUpdated { .. }
        | JournalEvent::Deviates { .. }
        | JournalEvent::Kept { .. }
        | JournalEvent::Ended { .. } => String::new(),
    }
}

/// How a run ended. Empty if nothing was started, as when a person settles a create.
fn end_line(run: &[&JournalRecord]) -> String {
    for record in run {
        if let JournalEvent::Ended {
            done,
            failed,
            not_attempted,
            unclear,
        } = &record.event
        {
            let mut line = format!("  {done} done");
            for (number, what) in [
                (failed, "failed"),
                (not_attempted, "not attempted"),
                (unclear, "unclear"),
            ] {
                if *number > 0 {
                    let _ = write!(line, ", {number} {what}");
                }
            }
            return line + "\n";
        }
    }
    let has_started =
        |record: &&JournalRecord| matches!(record.event, JournalEvent::Started { .. });
    if !run.iter().any(has_started) {
        return String::new();
    }
    let done = run.iter().filter(|record| is_done(&record.event)).count();
    format!(
        "  {} done; no end is on record: under way, or broken off\n",
        count(done, "operation", "operations")
    )
}

/// The creates of a run without a result.
fn left_open<'r>(run: &[&'r JournalRecord]) -> BTreeSet<&'r RecordedUser> {
    let mut open = BTreeSet::new();
    for record in run {
        match &record.event {
            JournalEvent::Intent { user } => {
                open.insert(&user.0);
            }
            JournalEvent::Created { user, .. }
            | JournalEvent::Found { user, .. }
            | JournalEvent::NotCreated { user, .. }
            | JournalEvent::Unclear { user, .. } => {
                open.remove(&user.0);
            }
            JournalEvent::Started { .. }
            | JournalEvent::Listed { .. }
            | JournalEvent::Reset
            | JournalEvent::Settled { .. }
            | JournalEvent::Updated { .. }
            | JournalEvent::NotUpdated { .. }
            | JournalEvent::Damaged { .. }
            | JournalEvent::Deviates { .. }
            | JournalEvent::Kept { .. }
            | JournalEvent::Ended { .. } => {}
        }
    }
    open
}

fn is_done(event: &JournalEvent) -> bool {
    matches!(
        event,
        JournalEvent::Created { .. } | JournalEvent::Found { .. } | JournalEvent::Updated { .. }
    )
}

/// What happened to one user, one line an event. If the MIS value was that of several roles, each line says of which.
pub fn history_of(records: &[JournalRecord], wanted: &str, reveal: Reveal) -> String {
    let name = UserName::of(wanted);
    let about: Vec<&JournalRecord> = records
        .iter()
        .filter(|record| record.event.is_about(name))
        .collect();
    let names = RecordedNames::of(&about);
    let mut lines = String::new();
    for record in about {
        let words = event_words(&record.event);
        let at = london(record.at);
        let _ = match record.event.user().filter(|user| names.is_shared(user)) {
            Some(user) => writeln!(
                lines,
                "{at}  {}: {words}",
                key_words(&user.to_string(), reveal)
            ),
            None => writeln!(lines, "{at}  {words}"),
        };
    }
    if lines.is_empty() {
        return format!("Nothing is on record of {}.\n", key_words(wanted, reveal));
    }
    lines
}

/// The roles in which some records name each MIS value.
struct RecordedNames<'r>(BTreeMap<&'r str, BTreeSet<Role>>);

impl<'r> RecordedNames<'r> {
    fn of(records: &[&'r JournalRecord]) -> Self {
        let mut names: BTreeMap<&str, BTreeSet<Role>> = BTreeMap::new();
        for user in records.iter().filter_map(|record| record.event.user()) {
            names.entry(&user.mis_id).or_default().extend(user.role);
        }
        Self(names)
    }

    fn is_shared(&self, user: &RecordedUser) -> bool {
        let roles = self.0.get(user.mis_id.as_str());
        roles.is_some_and(|roles| roles.len() > 1)
    }

    /// `S-1`, or `assessor:S-1` if the records name several roles.
    fn name(&self, user: &RecordedUser) -> String {
        if self.is_shared(user) {
            user.to_string()
        } else {
            user.mis_id.clone()
        }
    }
}

fn event_words(event: &JournalEvent) -> String {
    match event {
        JournalEvent::Intent { .. } => "create called".to_owned(),
        JournalEvent::Created { id, .. } => format!("created as account {id}"),
        JournalEvent::Found { id, .. } => {
            format!("found as account {id}, created by us or another")
        }
        JournalEvent::NotCreated { why, .. } => format!("not created: {}", shown(why)),
        JournalEvent::Unclear { why, .. } => {
            format!("unclear whether it was created: {}", shown(why))
        }
        JournalEvent::Settled { created: true, .. } => {
            "somebody said that it was created".to_owned()
        }
        JournalEvent::Settled { created: false, .. } => {
            "somebody said that it wasn't created".to_owned()
        }
        JournalEvent::Updated { id, fields, .. } => {
            format!("account {id} updated: {}", shown(&listed(fields)))
        }
        JournalEvent::NotUpdated { id, why, .. } => {
            format!("account {id} not updated: {}", shown(why))
        }
        JournalEvent::Damaged { id, .. } => {
            format!("account {id} damaged: its update changed what wasn't sent")
        }
        JournalEvent::Listed { ids } => {
            format!(
                "OneFile lists {} that earlier runs created",
                count(ids.len(), "account", "accounts")
            )
        }
        JournalEvent::Reset => "the sandbox was started anew".to_owned(),
        JournalEvent::Deviates { id, fields } => {
            format!("account {id} doesn't hold {}", shown(&listed(fields)))
        }
        JournalEvent::Kept {
            id, sure, perhaps, ..
        } => {
            let values = count(sure.len() + perhaps.len(), "value", "values");
            format!("account {id} shows {values} in another form than was sent")
        }
        JournalEvent::Started { .. } | JournalEvent::Ended { .. } => String::new(),
    }
}
