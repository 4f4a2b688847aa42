//! The journal as text: one paragraph a run, or everything that happened to one user.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::apply::journal::{JournalEvent, JournalMove, JournalRecord, RunStarter};
use crate::domain::field::Class;
use crate::domain::redact::Reveal;
use crate::domain::role::Role;
use crate::domain::{AccountId, RecordedUser, UserName};
use crate::render::history::assignments::{
    assign_words, done_words, entry_words, is_only_begun, open_calls, stands_out,
};
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
    let names = RecordedNames::of(run);
    let mut text = head(run, reveal);
    for record in run {
        text += &run_line(&record.event, &names, reveal);
    }
    text + &open_lines(run, &names, reveal) + &end_line(run) + "\n"
}

/// When and where a run was, its ID, and who started it.
fn head(run: &[&JournalRecord], reveal: Reveal) -> String {
    let first = run[0];
    let by = run.iter().find_map(|record| record.event.starter());
    let by = by
        .and_then(|by| starter_words(by, reveal))
        .map(|by| format!(", started by {by}"))
        .unwrap_or_default();
    format!(
        "{}  organisation {} on {}\n  run {}{by}\n",
        london(first.at),
        first.organisation,
        shown(&first.target),
        shown(&first.run)
    )
}

/// Whoever started a run. A login is what the forge shows to everybody who sees the run; a name is personal.
fn starter_words(by: &RunStarter, reveal: Reveal) -> Option<String> {
    match (&by.login, &by.person) {
        (Some(login), _) => Some(key_words(login, reveal)),
        (None, Some(person)) if reveal.shows(Class::Personal) => Some(shown(person)),
        (None, Some(_)) => Some("(personal)".to_owned()),
        (None, None) => None,
    }
}

/// What a run set out to do.
fn start_line(event: &JournalEvent) -> Option<String> {
    let JournalEvent::Started {
        creates,
        updates,
        archives,
        unarchives,
        entries,
        assignments,
        commit,
        ci,
        ..
    } = event
    else {
        return None;
    };
    let mut line = format!("  {creates} to create, {updates} to update");
    let others = [
        (archives, "to archive"),
        (unarchives, "to bring back"),
        (assignments, "to assign"),
        (entries, "placements or classrooms"),
    ];
    for (number, what) in others {
        if *number > 0 {
            let _ = write!(line, ", {number} {what}");
        }
    }
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
    Some(line + "\n")
}

/// The line of an event that people look for in a run; empty for all others.
fn run_line(event: &JournalEvent, names: &RecordedNames<'_>, reveal: Reveal) -> String {
    match event {
        JournalEvent::Started { .. } => start_line(event).unwrap_or_default(),
        JournalEvent::Unclear { .. }
        | JournalEvent::MoveUnclear { .. }
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
        JournalEvent::Assign { .. } | JournalEvent::Entry { .. } => {
            if stands_out(event) {
                user_line(event, names, reveal)
            } else {
                String::new()
            }
        }
        JournalEvent::Listed { .. } | JournalEvent::Reset => {
            format!("  {}\n", event_words(event))
        }
        JournalEvent::Intent { .. }
        | JournalEvent::Created { .. }
        | JournalEvent::NotCreated { .. }
        | JournalEvent::Updated { .. }
        | JournalEvent::NotUpdated { .. }
        | JournalEvent::MoveIntent { .. }
        | JournalEvent::Moved { .. }
        | JournalEvent::NotMoved { .. }
        | JournalEvent::AssignDue { .. }
        | JournalEvent::Deviates { .. }
        | JournalEvent::Kept { .. }
        | JournalEvent::Ended { .. } => String::new(),
    }
}

/// The creates and assignments of which nobody knows what came.
fn open_lines(run: &[&JournalRecord], names: &RecordedNames<'_>, reveal: Reveal) -> String {
    let mut lines = String::new();
    for user in left_open(run) {
        let _ = writeln!(
            lines,
            "  {}: create called, and nobody knows what came of it: it may have e-mailed",
            key_words(&names.name(user), reveal)
        );
    }
    for event in open_calls(run) {
        let line = user_line(event, names, reveal);
        let _ = writeln!(
            lines,
            "{}, and nobody knows what came of it",
            line.trim_end()
        );
    }
    lines
}

/// One run, user by user.
pub fn history_of_run(records: &[JournalRecord], run: &str, reveal: Reveal) -> String {
    let of_run: Vec<&JournalRecord> = records.iter().filter(|record| record.run == run).collect();
    if of_run.is_empty() {
        return String::new();
    }
    let names = RecordedNames::of(&of_run);
    let mut text = head(&of_run, reveal);
    for record in &of_run {
        text += &match &record.event {
            JournalEvent::Started { .. } => start_line(&record.event).unwrap_or_default(),
            // What came of it is a line of its own.
            JournalEvent::Intent { .. } | JournalEvent::Ended { .. } => String::new(),
            event if is_only_begun(event) => String::new(),
            event => user_line(event, &names, reveal),
        };
    }
    text + &open_lines(&of_run, &names, reveal) + &end_line(&of_run)
}

/// An event with its user, if that has a MIS value.
fn user_line(event: &JournalEvent, names: &RecordedNames<'_>, reveal: Reveal) -> String {
    let words = event_words(event);
    match names.of_event(event) {
        Some(name) => format!("  {}: {words}\n", key_words(&name, reveal)),
        None => format!("  {words}\n"),
    }
}

/// How a run ended. Empty if nothing was started, as when a person settles a create.
fn end_line(run: &[&JournalRecord]) -> String {
    let mut done: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for words in run.iter().filter_map(|record| words_of_done(&record.event)) {
        *done.entry(words).or_default() += 1;
    }
    let mut words: Vec<String> = done
        .iter()
        .map(|((one, many), number)| count(*number, one, many))
        .collect();
    if words.is_empty() {
        words.push("nothing done".to_owned());
    }
    for record in run {
        if let JournalEvent::Ended {
            failed,
            not_attempted,
            unclear,
            ..
        } = &record.event
        {
            for (number, what) in [
                (failed, "failed"),
                (not_attempted, "not attempted"),
                (unclear, "unclear"),
            ] {
                if *number > 0 {
                    words.push(format!("{number} {what}"));
                }
            }
            return format!("  {}\n", words.join(", "));
        }
    }
    let has_started =
        |record: &&JournalRecord| matches!(record.event, JournalEvent::Started { .. });
    if !run.iter().any(has_started) {
        return String::new();
    }
    format!(
        "  {}; the run didn't record its end: it is still going, or was broken off\n",
        words.join(", ")
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
            | JournalEvent::MoveIntent { .. }
            | JournalEvent::Moved { .. }
            | JournalEvent::NotMoved { .. }
            | JournalEvent::MoveUnclear { .. }
            | JournalEvent::AssignDue { .. }
            | JournalEvent::Assign { .. }
            | JournalEvent::Entry { .. }
            | JournalEvent::Deviates { .. }
            | JournalEvent::Kept { .. }
            | JournalEvent::Ended { .. } => {}
        }
    }
    open
}

/// The words by which an event counts as something done, for one and for several.
fn words_of_done(event: &JournalEvent) -> Option<(&'static str, &'static str)> {
    done_word(event)
        .map(|word| (word, word))
        .or_else(|| done_words(event))
}

/// The word of what is done to an account.
fn done_word(event: &JournalEvent) -> Option<&'static str> {
    match event {
        JournalEvent::Created { .. } => Some("created"),
        JournalEvent::Found { .. } => Some("found"),
        JournalEvent::Updated { .. } => Some("updated"),
        JournalEvent::Moved { to, .. } => Some(match to {
            JournalMove::Archive => "archived",
            JournalMove::Unarchive => "brought back",
        }),
        JournalEvent::Started { .. }
        | JournalEvent::Intent { .. }
        | JournalEvent::NotCreated { .. }
        | JournalEvent::Unclear { .. }
        | JournalEvent::Settled { .. }
        | JournalEvent::NotUpdated { .. }
        | JournalEvent::Damaged { .. }
        | JournalEvent::MoveIntent { .. }
        | JournalEvent::NotMoved { .. }
        | JournalEvent::MoveUnclear { .. }
        | JournalEvent::AssignDue { .. }
        | JournalEvent::Assign { .. }
        | JournalEvent::Entry { .. }
        | JournalEvent::Listed { .. }
        | JournalEvent::Reset
        | JournalEvent::Deviates { .. }
        | JournalEvent::Kept { .. }
        | JournalEvent::Ended { .. } => None,
    }
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
        if matches!(record.event, JournalEvent::AssignDue { .. }) {
            continue;
        }
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
        return format!(
            "No history for {}. `rosterctl history` shows the runs.\n",
            key_words(wanted, reveal)
        );
    }
    lines
}

/// How the users of some records are named.
struct RecordedNames<'r> {
    /// The roles in which each MIS value is named.
    roles: BTreeMap<&'r str, BTreeSet<Role>>,
    /// The users of the accounts, as far as some record says both.
    of_accounts: BTreeMap<AccountId, &'r RecordedUser>,
}

impl<'r> RecordedNames<'r> {
    fn of(records: &[&'r JournalRecord]) -> Self {
        let mut names = Self {
            roles: BTreeMap::new(),
            of_accounts: BTreeMap::new(),
        };
        for event in records.iter().map(|record| &record.event) {
            let Some(user) = event.user() else {
                continue;
            };
            let roles = names.roles.entry(&user.mis_id).or_default();
            roles.extend(user.role);
            names
                .of_accounts
                .extend(event.account().map(|id| (id, user)));
        }
        names
    }

    /// The name of the user whom an event is about. Some events give the account alone.
    fn of_event(&self, event: &JournalEvent) -> Option<String> {
        let of_account = || self.of_accounts.get(&event.account()?).copied();
        Some(self.name(event.user().or_else(of_account)?))
    }

    fn is_shared(&self, user: &RecordedUser) -> bool {
        let roles = self.roles.get(user.mis_id.as_str());
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

fn noun(step: JournalMove) -> &'static str {
    match step {
        JournalMove::Archive => "archive",
        JournalMove::Unarchive => "return",
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
        JournalEvent::MoveIntent { to, id, .. } => {
            format!("{} of account {id} called", noun(*to))
        }
        JournalEvent::Moved { to, id, .. } => match to {
            JournalMove::Archive => format!("account {id} archived"),
            JournalMove::Unarchive => format!("account {id} brought back"),
        },
        JournalEvent::NotMoved { to, id, why, .. } => {
            format!("{} of account {id} not done: {}", noun(*to), shown(why))
        }
        JournalEvent::MoveUnclear { to, id, why, .. } => format!(
            "{} of account {id}: unclear whether it was done: {}",
            noun(*to),
            shown(why)
        ),
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
        JournalEvent::Assign { what, step } => assign_words(what, step),
        JournalEvent::Entry { entry, step } => entry_words(entry, step),
        JournalEvent::Started { .. }
        | JournalEvent::AssignDue { .. }
        | JournalEvent::Ended { .. } => String::new(),
    }
}
