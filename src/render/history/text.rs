//! What the journal holds, as text: one paragraph a run, or what happened to one user.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::apply::journal::{JournalEvent, JournalRecord};
use crate::render::outcome::text::london;
use crate::render::words::{count, listed, shown};

/// Every run: when, where, what, by whom, and how it ended.
pub fn history(records: &[JournalRecord]) -> String {
    let mut runs: BTreeMap<(jiff::Timestamp, &str), Vec<&JournalRecord>> = BTreeMap::new();
    let mut begun: BTreeMap<&str, jiff::Timestamp> = BTreeMap::new();
    for record in records {
        let at = *begun.entry(&record.run).or_insert(record.at);
        runs.entry((at, &record.run)).or_default().push(record);
    }
    if runs.is_empty() {
        return "No apply is on record here.\n".to_owned();
    }
    runs.values().map(|run| one_run(run)).collect()
}

fn one_run(run: &[&JournalRecord]) -> String {
    let first = run[0];
    let mut text = format!(
        "{}  organisation {} on {}\n",
        london(first.at),
        first.organisation,
        shown(&first.target)
    );
    for record in run {
        match &record.event {
            JournalEvent::Started {
                creates,
                updates,
                commit,
                ci,
            } => {
                let _ = write!(text, "  {creates} to create, {updates} to update");
                let _ = commit.as_ref().map(|commit| {
                    write!(
                        text,
                        "; commit {}",
                        shown(commit.get(..12).unwrap_or(commit))
                    )
                });
                let _ = ci.as_ref().map(|ci| write!(text, "; CI run {}", shown(ci)));
                text.push('\n');
            }
            JournalEvent::Unclear { .. }
            | JournalEvent::Settled { .. }
            | JournalEvent::Found { .. }
            | JournalEvent::Damaged { .. } => {
                let mis_id = record.event.mis_id().unwrap_or_default();
                let _ = writeln!(text, "  {}: {}", shown(mis_id), words(&record.event));
            }
            JournalEvent::Listed { .. } | JournalEvent::Reset => {
                let _ = writeln!(text, "  {}", words(&record.event));
            }
            _ => {}
        }
    }
    let ended = run.iter().find_map(|record| match &record.event {
        JournalEvent::Ended {
            done,
            failed,
            not_attempted,
            unclear,
        } => Some((*done, *failed, *not_attempted, *unclear)),
        _ => None,
    });
    for mis_id in left_open(run) {
        let _ = writeln!(
            text,
            "  {}: create called, and nobody knows what came of it: it may have e-mailed",
            shown(mis_id)
        );
    }
    let has_started = run
        .iter()
        .any(|record| matches!(record.event, JournalEvent::Started { .. }));
    match ended {
        Some((done, failed, not_attempted, unclear)) => {
            let others = [
                (failed, "failed"),
                (not_attempted, "not attempted"),
                (unclear, "unclear"),
            ];
            let others = others
                .iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, what)| format!(", {number} {what}"));
            let _ = writeln!(text, "  {done} done{}", others.collect::<String>());
        }
        None if has_started => {
            let done = run.iter().filter(|record| is_done(&record.event)).count();
            let _ = writeln!(
                text,
                "  {} done; no end is on record: under way, or broken off",
                count(done, "operation", "operations")
            );
        }
        None => {}
    }
    text + "\n"
}

/// The creates of a run that have no outcome.
fn left_open<'r>(run: &[&'r JournalRecord]) -> BTreeSet<&'r str> {
    let mut open = BTreeSet::new();
    for record in run {
        match &record.event {
            JournalEvent::Intent { mis_id } => {
                open.insert(mis_id.as_str());
            }
            JournalEvent::Created { mis_id, .. }
            | JournalEvent::Found { mis_id, .. }
            | JournalEvent::NotCreated { mis_id, .. }
            | JournalEvent::Unclear { mis_id, .. } => {
                open.remove(mis_id.as_str());
            }
            _ => {}
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

/// What happened to one user, line by line.
pub fn history_of(records: &[JournalRecord], mis_id: &str) -> String {
    let about = records
        .iter()
        .filter(|record| record.event.is_about(mis_id));
    let line =
        |record: &JournalRecord| format!("{}  {}\n", london(record.at), words(&record.event));
    let lines: String = about.map(line).collect();
    if lines.is_empty() {
        format!("Nothing is on record of {}.\n", shown(mis_id))
    } else {
        lines
    }
}

fn words(event: &JournalEvent) -> String {
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
        JournalEvent::Started { .. } | JournalEvent::Ended { .. } => String::new(),
    }
}
