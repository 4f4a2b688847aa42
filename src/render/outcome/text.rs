//! What became of an apply, as text.

use std::fmt::Write;

use jiff::Timestamp;

use crate::apply::{
    Deviation, OperationError, OperationResult, Outcome, SkipReason, StopReason, Tally,
};
use crate::domain::field::{Class, FIELDS, Key};
use crate::domain::redact::Reveal;
use crate::domain::{ResolvedCreate, london};
use crate::findings::source::Place;
use crate::onefile::ClientError;
use crate::plan::Operation;
use crate::render::options::RenderOptions;
use crate::render::plan::totals::past;
use crate::render::words::{GREEN, RED, YELLOW, count, listed, shown, who, wrapped};
use crate::review::Objection;

/// What became of one operation: one line where it is done, else where it is declared and why.
pub fn result_line(operation: &Operation, fate: &OperationResult, look: RenderOptions) -> String {
    let reveal = look.reveal;
    let (verb, to) = (operation.kind().past(), operation.kind().name());
    let whom = |id| who(operation.user(), id, reveal);
    let id = operation.account();
    let because = |why: String| {
        let place = shown(&operation.place().to_string());
        format!(
            "\n{}",
            wrapped(&format!("{place}: {why}"), "    ", 4, look.prose()).trim_end()
        )
    };
    let why = reason(fate, reveal).map(because).unwrap_or_default();
    match fate {
        OperationResult::Done(id) | OperationResult::Found(id) => {
            format!("{GREEN}{verb}{GREEN:#} {}{why}", whom(Some(*id)))
        }
        OperationResult::Failed(OperationError::TouchedOthers(_)) => {
            format!("{RED}damaged{RED:#} {}{why}", whom(id))
        }
        OperationResult::Failed(_) => format!("{RED}failed{RED:#} to {to} {}{why}", whom(id)),
        OperationResult::NotAttempted(_) => {
            format!("{YELLOW}not attempted{YELLOW:#}: {to} {}{why}", whom(id))
        }
        OperationResult::Unclear(_) => {
            format!("{RED}unclear{RED:#} whether created: {}{why}", whom(id))
        }
    }
}

/// What is to be known of an operation besides that it is done.
pub(crate) fn reason(fate: &OperationResult, reveal: Reveal) -> Option<String> {
    match fate {
        // Why the run stopped is said once, at its end.
        OperationResult::Done(_) | OperationResult::NotAttempted(SkipReason::Halted(_)) => None,
        OperationResult::Found(_) => Some(
            "the answer was lost, and the account is there, by us or another; a create e-mails as planned".to_owned(),
        ),
        OperationResult::Failed(error) => Some(failure(error, reveal)),
        OperationResult::NotAttempted(why) => Some(why_not(why)),
        OperationResult::Unclear(error) => {
            Some(format!("it may have been, and have e-mailed the person: {}", call_failure(error, reveal)))
        }
    }
}

fn failure(failure: &OperationError, reveal: Reveal) -> String {
    match failure {
        OperationError::Call(error) if error.may_have_been_done() => {
            format!(
                "{}; it may have been done all the same, and the next plan compares it",
                call_failure(error, reveal)
            )
        }
        OperationError::Call(error) => call_failure(error, reveal),
        OperationError::ChangedMeanwhile(keys) => {
            format!(
                "{} changed on the server since the plan was made; plan again",
                names(keys, reveal)
            )
        }
        OperationError::TouchedOthers(api_names) => format!(
            "the update changed {} too, which wasn't sent; put that back in OneFile before anything is applied again",
            api_names_shown(api_names, reveal)
        ),
        OperationError::Gone => "the account isn't there any more".to_owned(),
    }
}

/// An error, and the fields that the server's message names: those that may be named.
fn call_failure(error: &ClientError, reveal: Reveal) -> String {
    let named: Vec<Key> = error
        .names()
        .iter()
        .copied()
        .filter(|key| may_name(*key, reveal))
        .collect();
    let naming = if named.is_empty() {
        String::new()
    } else {
        format!(", and names {}", names(&named, reveal))
    };
    shown(&error.to_string()) + &naming
}

fn may_name(key: Key, reveal: Reveal) -> bool {
    key.row().class < Class::Special || reveal > Reveal::Public
}

/// Fields by their names; those of class special without them, where nobody is to know.
fn names(keys: &[Key], reveal: Reveal) -> String {
    let name = |key: &Key| {
        if may_name(*key, reveal) {
            format!("`{}`", key.name())
        } else {
            "special data".to_owned()
        }
    };
    let mut names: Vec<String> = keys.iter().map(name).collect();
    names.dedup();
    listed(&names)
}

fn api_names_shown(api_names: &[String], reveal: Reveal) -> String {
    let key = |name: &str| {
        FIELDS
            .iter()
            .find(|field| field.api.is_some_and(|api| api.eq_ignore_ascii_case(name)))
    };
    let (known, unknown): (Vec<_>, Vec<_>) = api_names
        .iter()
        .map(|name| (name, key(name)))
        .partition(|(_, key)| key.is_some());
    let known: Vec<Key> = known
        .into_iter()
        .filter_map(|(_, field)| Some(field?.key))
        .collect();
    let unknown = unknown
        .into_iter()
        .map(|(name, _)| format!("`{}`", shown(name)));
    let mut words: Vec<String> = unknown.collect();
    if !known.is_empty() {
        words.insert(0, names(&known, reveal));
    }
    listed(&words)
}

fn why_not(why: &SkipReason) -> String {
    match why {
        SkipReason::Needs(mis_id) => format!("needs {}, who wasn't created", shown(mis_id)),
        SkipReason::UnclearCreate => "an earlier create is unclear".to_owned(),
        SkipReason::NotFindable => "the first account that was created doesn't show in searches".to_owned(),
        SkipReason::SettingsChanged => {
            "the organisation's keychain settings have changed, so that other people would be e-mailed; plan again"
                .to_owned()
        }
        SkipReason::Exists(id) => format!("account {id} has this MIS value by now; plan again"),
        SkipReason::SameName(id) => format!(
            "account {id} has the same name, and the lists did not show it; plan again, or write `distinctFrom: [{id}]` if it is somebody else's"
        ),
        SkipReason::Halted(_) => "the run had stopped".to_owned(),
    }
}

/// The closing count, and what to do about what isn't done.
pub fn outcome_totals(
    outcome: &Outcome,
    deviations: &[Deviation],
    held: usize,
    reveal: Reveal,
) -> String {
    let tally = outcome.tally();
    let Tally {
        created,
        updated,
        failed,
        not_attempted,
        unclear: _,
        e_mailed: _,
        may_have_e_mailed: _,
    } = tally;
    let unclear: Vec<&str> = outcome
        .results
        .iter()
        .filter_map(|(operation, fate)| unclear_mis_id(operation, fate))
        .collect();
    let mut text = outcome.halt.as_ref().map(halt).unwrap_or_default();
    text.push_str(&deviating(deviations, reveal));
    let _ = write!(text, "Applied: {created} created, {updated} updated");
    let others = [
        (deviations.len(), "of these not as declared"),
        (failed, "failed"),
        (not_attempted, "not attempted"),
        (unclear.len(), "unclear"),
        (held, "held"),
    ];
    for (number, what) in others.into_iter().filter(|(number, _)| *number > 0) {
        let _ = write!(text, ", {number} {what}");
    }
    text.push_str(".\n");
    text.push_str(&e_mailed_words(tally));
    if !unclear.is_empty() {
        text.push_str(
            "Look in OneFile whether the account is there, and say what you have seen:\n",
        );
        for mis_id in &unclear {
            let _ = writeln!(
                text,
                "  rosterctl settle {} created    # or not-created",
                shown(mis_id)
            );
        }
        text.push_str(
            "Until you do, apply leaves them alone for half an hour, or for as long as `--settle-after` says.\n",
        );
    }
    let is_unfinished = failed + not_attempted > 0;
    if is_unfinished && outcome.halt != Some(StopReason::TouchedOthers) {
        text.push_str("Once what failed is mended, `rosterctl apply` goes on from here.\n");
    }
    text
}

fn unclear_mis_id<'o>(operation: &'o Operation, fate: &OperationResult) -> Option<&'o str> {
    operation
        .user()
        .mis_id
        .as_deref()
        .filter(|_| matches!(fate, OperationResult::Unclear(_)))
}

fn e_mailed_words(tally: Tally) -> String {
    let line = |verb: &str, number: usize| match number {
        0 => String::new(),
        number => format!("OneFile {verb} {}.\n", count(number, "person", "people")),
    };
    line("e-mails", tally.e_mailed) + &line("may have e-mailed", tally.may_have_e_mailed)
}

/// Why a run stopped before its end.
pub(crate) fn halt(halt: &StopReason) -> String {
    let why = match halt {
        StopReason::Asked => "Stopped because it was asked to; what was under way has ended.".to_owned(),
        StopReason::Client { message, .. } | StopReason::Journal(message) => format!("Stopped: {}.", shown(message)),
        StopReason::SameFailure(number) => format!("Stopped after {number} failures of one kind in a row."),
        StopReason::TouchedOthers => {
            "Stopped: an update changed what wasn't sent. Either this server doesn't update partially, so that\neach further apply would damage an account, or somebody else changed it in the same second."
                .to_owned()
        }
        StopReason::Window(end) => format!("Stopped before a maintenance window; come back after {}.", london(*end)),
    };
    why + "\n"
}

/// A time as people in London read it.
pub fn london(at: Timestamp) -> String {
    let zone = london::zone();
    at.to_zoned_datetime(zone)
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// The same within a sentence: 3 November 2026 at 10:02.
pub(crate) fn moment(at: Timestamp) -> String {
    let zone = london::zone();
    at.to_zoned_datetime(zone)
        .strftime("%-d %B %Y at %H:%M")
        .to_string()
}

pub(crate) fn deviating(deviations: &[Deviation], reveal: Reveal) -> String {
    let line = |deviation: &Deviation| {
        let whom = who(&deviation.who, Some(deviation.id), reveal);
        let what = if deviation.keys.is_empty() {
            "can't be read".to_owned()
        } else {
            format!("doesn't hold {}", names(&deviation.keys, reveal))
        };
        format!(
            "  {}\n  {RED}!{RED:#} {whom} {what}\n",
            shown(&deviation.place.to_string())
        )
    };
    if deviations.is_empty() {
        return String::new();
    }
    let head = "Not as declared after the apply, although it was sent:\n\n";
    let lines: String = deviations.iter().map(line).collect();
    format!("{head}{lines}\n")
}

/// What became of creates that were unclear when an earlier run ended.
pub fn taken_up(taken: &[ResolvedCreate]) -> String {
    let line = |taken: &ResolvedCreate| {
        let (mis_id, since) = (shown(&taken.mis_id), london(taken.since));
        match taken.found {
            Some(id) => {
                format!("{mis_id}: the create of {since} was unclear; account {id} is there now.\n")
            }
            None => format!(
                "{mis_id}: the create of {since} was unclear; no account is to be found, so that it is planned anew.\n"
            ),
        }
    };
    if taken.is_empty() {
        String::new()
    } else {
        taken.iter().map(line).collect::<String>() + "\n"
    }
}

/// What is said in the place of a plan that holds nothing but what nobody has reviewed.
pub fn nothing_reviewed_left() -> String {
    "Nothing that was reviewed is left to do.\n".to_owned()
}

/// What was left out because nobody has reviewed it.
pub fn skipped(places: &[Place]) -> String {
    if places.is_empty() {
        return String::new();
    }
    let operations = count(places.len(), "operation", "operations");
    format!(
        "{operations} skipped, not reviewed: {}.\n",
        shown(&listed(places))
    )
}

/// Why a plan isn't applied, and what to type.
pub fn objections(objections: &[Objection]) -> String {
    let line = |objection: &Objection| match objection {
        Objection::Limit(excess) => past(excess),
        Objection::Unreviewed(places) => format!(
            "{} not reviewed: {}.\nPlan and review anew, or leave them out with `--skip-unreviewed`.",
            count(places.len(), "operation was", "operations were"),
            shown(&listed(places))
        ),
        Objection::Held(number) => {
            format!(
                "{} held, and `--strict` applies nothing then.",
                count(*number, "user is", "users are")
            )
        }
        Objection::Withheld => "The answer wasn't `yes`.".to_owned(),
        Objection::Unasked => {
            "There is nobody to ask here: `--auto-approve` applies without asking.".to_owned()
        }
    };
    objections
        .iter()
        .map(|objection| line(objection) + "\n")
        .collect()
}
