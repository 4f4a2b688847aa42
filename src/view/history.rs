//! What the journal holds, as text: one paragraph a run, or what happened to one user.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::journal::{Event, Record};
use crate::view::outcome::london;
use crate::view::words::{count, listed, shown};

/// Every run: when, where, what, by whom, and how it ended.
pub fn history(records: &[Record]) -> String {
    let mut runs: BTreeMap<(jiff::Timestamp, &str), Vec<&Record>> = BTreeMap::new();
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

fn one_run(run: &[&Record]) -> String {
    let first = run[0];
    let mut text = format!(
        "{}  organisation {} on {}\n",
        london(first.at),
        first.organisation,
        shown(&first.target)
    );
    for record in run {
        match &record.event {
            Event::Started {
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
            Event::Unclear { .. }
            | Event::Settled { .. }
            | Event::Found { .. }
            | Event::Damaged { .. } => {
                let mis_id = record.event.mis_id().unwrap_or_default();
                let _ = writeln!(text, "  {}: {}", shown(mis_id), words(&record.event));
            }
            Event::Listed { .. } | Event::Reset => {
                let _ = writeln!(text, "  {}", words(&record.event));
            }
            _ => {}
        }
    }
    let ended = run.iter().find_map(|record| match &record.event {
        Event::Ended {
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
        .any(|record| matches!(record.event, Event::Started { .. }));
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
fn left_open<'r>(run: &[&'r Record]) -> BTreeSet<&'r str> {
    let mut open = BTreeSet::new();
    for record in run {
        match &record.event {
            Event::Intent { mis_id } => {
                open.insert(mis_id.as_str());
            }
            Event::Created { mis_id, .. }
            | Event::Found { mis_id, .. }
            | Event::NotCreated { mis_id, .. }
            | Event::Unclear { mis_id, .. } => {
                open.remove(mis_id.as_str());
            }
            _ => {}
        }
    }
    open
}

fn is_done(event: &Event) -> bool {
    matches!(
        event,
        Event::Created { .. } | Event::Found { .. } | Event::Updated { .. }
    )
}

/// What happened to one user, line by line.
pub fn history_of(records: &[Record], mis_id: &str) -> String {
    let about = records
        .iter()
        .filter(|record| record.event.is_about(mis_id));
    let line = |record: &Record| format!("{}  {}\n", london(record.at), words(&record.event));
    let lines: String = about.map(line).collect();
    if lines.is_empty() {
        format!("Nothing is on record of {}.\n", shown(mis_id))
    } else {
        lines
    }
}

fn words(event: &Event) -> String {
    match event {
        Event::Intent { .. } => "create called".to_owned(),
        Event::Created { id, .. } => format!("created as account {id}"),
        Event::Found { id, .. } => format!("found as account {id}, created by us or another"),
        Event::NotCreated { why, .. } => format!("not created: {}", shown(why)),
        Event::Unclear { why, .. } => format!("unclear whether it was created: {}", shown(why)),
        Event::Settled { created: true, .. } => "somebody said that it was created".to_owned(),
        Event::Settled { created: false, .. } => "somebody said that it wasn't created".to_owned(),
        Event::Updated { id, fields, .. } => {
            format!("account {id} updated: {}", shown(&listed(fields)))
        }
        Event::NotUpdated { id, why, .. } => format!("account {id} not updated: {}", shown(why)),
        Event::Damaged { id, .. } => {
            format!("account {id} damaged: its update changed what wasn't sent")
        }
        Event::Listed { ids } => {
            format!(
                "OneFile lists {} that earlier runs created",
                count(ids.len(), "account", "accounts")
            )
        }
        Event::Reset => "the sandbox was started anew".to_owned(),
        Event::Deviates { id, fields } => {
            format!("account {id} doesn't hold {}", shown(&listed(fields)))
        }
        Event::Started { .. } | Event::Ended { .. } => String::new(),
    }
}
