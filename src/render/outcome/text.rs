//! The results of an apply as text for people.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;

use crate::apply::{
    DeviatingThing, Deviation, OperationError, OperationResult, Outcome, SkipReason, StopReason,
    Tally,
};
use crate::domain::field::{FIELDS, Field, Key};
use crate::domain::redact::{Reveal, SPECIAL_DATA, field_names, hides_name};
use crate::domain::{ResolvedCreate, StandardId};
use crate::onefile::ClientError;
use crate::plan::{Operation, OperationKind, OperationSubject, ResolvedValue, Service};
use crate::render::options::RenderOptions;
use crate::render::words::{
    GREEN, RED, YELLOW, count, counted_entries, key_to_type, key_words, listed, london, shown,
    subject, who,
};
use crate::render::wrap::wrapped;

/// The result of one operation: one line if it is done, and the place and the reason below if it isn't.
pub fn result_line(
    operation: &Operation,
    result: &OperationResult,
    options: RenderOptions,
) -> String {
    let kind = operation.kind();
    let account = result.account().or(operation.account());
    let user = subject(operation.subject(), account, options.reveal)
        + &given_words(operation, options.reveal)
        + &new_number(operation, result);
    let mut line = match result {
        OperationResult::Done(_) | OperationResult::EntryDone(_) | OperationResult::Found(_) => {
            format!("{GREEN}{}{GREEN:#} {user}", kind.past())
        }
        OperationResult::Failed(
            OperationError::TouchedOthers(_)
            | OperationError::MoveTouchedOthers(_)
            | OperationError::AssignedOtherwise { .. },
        ) => {
            format!("{RED}damaged{RED:#} {user}")
        }
        OperationResult::Failed(_) => format!("{RED}failed{RED:#} to {} {user}", kind.verb()),
        OperationResult::NotAttempted(_) => {
            format!("{YELLOW}not attempted{YELLOW:#}: {} {user}", kind.verb())
        }
        OperationResult::Unclear(_) => {
            format!("{RED}unclear{RED:#} whether {}: {user}", kind.past())
        }
    };
    if let Some(reason) = reason(operation, result, options.reveal) {
        let place = shown(&operation.place().to_string());
        let reason = wrapped(&format!("{place}: {reason}"), "    ", 4, options.prose());
        let _ = write!(line, "\n{}", reason.trim_end());
    }
    line
}

/// What a learner gets: `: standards Business Administrator`. Empty for other operations.
fn given_words(operation: &Operation, reveal: Reveal) -> String {
    let Operation::Assign(assign) = operation else {
        return String::new();
    };
    let mut words = String::new();
    for change in &assign.changes {
        if let ResolvedValue::Reference { label, .. } = &change.to {
            let _ = write!(
                words,
                ": {} {}",
                change.key.name(),
                key_words(label, reveal)
            );
        }
    }
    words
}

/// The number of a placement or classroom that was created: ` (2041)`.
fn new_number(operation: &Operation, result: &OperationResult) -> String {
    match (operation, result) {
        (Operation::CreateEntry(_), OperationResult::EntryDone(id)) => format!(" ({id})"),
        _ => String::new(),
    }
}

/// What people have to know about a result. `None` if it is simply done, or if the end of the run says it for all.
pub(crate) fn reason(
    operation: &Operation,
    result: &OperationResult,
    reveal: Reveal,
) -> Option<String> {
    match result {
        OperationResult::Done(_)
        | OperationResult::EntryDone(_)
        | OperationResult::NotAttempted(SkipReason::Halted(_)) => None,
        OperationResult::Found(_) => Some(
            "the answer was lost, and the account is there, by us or another; a create e-mails as planned".to_owned(),
        ),
        OperationResult::Failed(error) => {
            Some(failure(error, reveal) + refused_unit(operation, error))
        }
        OperationResult::NotAttempted(reason) => Some(skip_words(reason, reveal)),
        OperationResult::Unclear(error) => Some(format!(
            "{}: {}",
            unclear_words(operation.kind()),
            call_failure(error, reveal)
        )),
    }
}

/// What may have been done by a call whose answer was lost.
fn unclear_words(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Assign => "the learner may have it",
        OperationKind::CreateEntry => "it may have been",
        OperationKind::UpdateEntry
        | OperationKind::Unarchive
        | OperationKind::Create
        | OperationKind::Update
        | OperationKind::Archive => "it may have been, and have e-mailed the person",
    }
}

fn failure(error: &OperationError, reveal: Reveal) -> String {
    match error {
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
                quoted_names(keys, reveal)
            )
        }
        OperationError::TouchedOthers(api_names) => format!(
            "the update changed {} too, which wasn't sent; put that back in OneFile before anything is applied again",
            api_names_words(api_names, reveal)
        ),
        OperationError::MoveTouchedOthers(api_names) => format!(
            "it also changed {} of the person; put that back in OneFile before anything is applied again",
            api_names_words(api_names, reveal)
        ),
        OperationError::AssignedOtherwise { new, touched } => {
            assigned_otherwise(new, touched, reveal)
        }
        OperationError::AimsUnreadable => {
            "OneFile doesn't show which standards the learner has, so nothing was sent".to_owned()
        }
        OperationError::Gone => "it isn't there any more".to_owned(),
    }
}

/// OneFile may refuse a unit that the learner has, and doesn't always show which units that are.
fn refused_unit(operation: &Operation, error: &OperationError) -> &'static str {
    let Operation::Assign(assign) = operation else {
        return "";
    };
    let is_unit = assign.changes.iter().any(|change| change.key == Key::Units);
    match error {
        OperationError::Call(error) if is_unit && !error.may_have_been_done() => {
            "; if the learner has this unit in OneFile, perhaps from a template, delete it here"
        }
        _ => "",
    }
}

/// What was seen after the first standard of a run.
fn assigned_otherwise(new: &[StandardId], touched: &[String], reveal: Reveal) -> String {
    let mut seen = Vec::new();
    if new.len() == 1 {
        seen.push(format!("one aim more, of standard {}", new[0]));
    } else {
        seen.push(count(new.len(), "aim more", "aims more"));
    }
    if !touched.is_empty() {
        let fields = api_names_words(touched, reveal);
        seen.push(format!("other values of {fields} in the account"));
    }
    format!(
        "afterwards the learner has {}; look at the learner in OneFile before anything is applied again",
        listed(&seen)
    )
}

/// An error, and those fields of the server's message that may be named.
fn call_failure(error: &ClientError, reveal: Reveal) -> String {
    let mut keys = error.names().to_vec();
    keys.retain(|key| !hides_name(*key, reveal));
    let mut words = shown(&error.to_string());
    if !keys.is_empty() {
        let _ = write!(words, ", and names {}", quoted_names(&keys, reveal));
    }
    words
}

/// The names of fields in backticks, and one phrase for those whose name is hidden.
fn quoted_names(keys: &[Key], reveal: Reveal) -> String {
    let mut words = Vec::new();
    for name in field_names(keys.iter().copied(), reveal, SPECIAL_DATA) {
        if name == SPECIAL_DATA {
            words.push(name.to_owned());
        } else {
            words.push(format!("`{name}`"));
        }
    }
    listed(&words)
}

/// Fields by their names in OneFile; those that the table of fields knows come first, by their own names.
fn api_names_words(api_names: &[String], reveal: Reveal) -> String {
    let mut known = Vec::new();
    let mut words = Vec::new();
    for name in api_names {
        match field_of_api_name(name) {
            Some(field) => known.push(field.key),
            None => words.push(format!("`{}`", shown(name))),
        }
    }
    if !known.is_empty() {
        words.insert(0, quoted_names(&known, reveal));
    }
    listed(&words)
}

fn field_of_api_name(name: &str) -> Option<&'static Field> {
    FIELDS
        .iter()
        .find(|field| field.api.is_some_and(|api| api.eq_ignore_ascii_case(name)))
}

fn skip_words(reason: &SkipReason, reveal: Reveal) -> String {
    match reason {
        SkipReason::Needs(name) => {
            format!("needs {}, who wasn't created", key_words(name, reveal))
        }
        SkipReason::NeedsEntry(name) => {
            format!("needs {}, which wasn't created", key_words(name, reveal))
        }
        SkipReason::NotBroughtBack => "the account wasn't brought back from the archive".to_owned(),
        SkipReason::LearnerNotDone => "the learner's account wasn't created or updated before".to_owned(),
        SkipReason::StandardNotAssigned => "the learner didn't get the standard of this unit".to_owned(),
        SkipReason::AimsNotShown => {
            "OneFile doesn't show yet what was assigned first, so another standard might be assigned twice".to_owned()
        }
        SkipReason::LearnersRemain(number) => format!(
            "{} taken away from this account before",
            count(*number, "learner wasn't", "learners weren't")
        ),
        SkipReason::UnclearCreate => "an earlier create is unclear".to_owned(),
        SkipReason::NotFindable => "the first account that was created doesn't show in searches".to_owned(),
        SkipReason::SettingsChanged => {
            "the organisation's keychain settings have changed, so that other people would be e-mailed; plan again"
                .to_owned()
        }
        SkipReason::Exists(id) => format!("account {id} has this MIS value by now; plan again"),
        SkipReason::EntryExists(id) => format!("number {id} has this name or MIS value by now; plan again"),
        SkipReason::SameName(id) => format!(
            "account {id} has the same name, and the lists did not show it; plan again, or write `distinctFrom: [{id}]` if it is somebody else's"
        ),
        SkipReason::Halted(_) => "the run had stopped".to_owned(),
    }
}

/// What the end of an apply is told from.
pub struct OutcomeReport<'r> {
    pub outcome: &'r Outcome,
    pub deviations: &'r [Deviation],
    /// Declared users who are on hold.
    pub held: usize,
    /// How many minutes an unclear create keeps its user from being planned.
    pub settle_after: u32,
}

/// The counts at the end of an apply, and what to do about everything that isn't done.
pub fn outcome_totals(report: &OutcomeReport<'_>, reveal: Reveal) -> String {
    let OutcomeReport {
        outcome,
        deviations,
        held,
        settle_after,
    } = *report;
    let tally = outcome.tally();
    let unclear = unclear_operations(outcome);
    let mut text = stop_line(outcome);
    text += &deviation_lines(deviations, reveal);
    text += &applied_line(
        tally,
        &[
            (tally.unconfirmed, "of these not confirmed"),
            (deviations.len(), "of these not as declared"),
            (tally.failed, "failed"),
            (tally.not_attempted, "not attempted"),
            (unclear.len(), "unclear"),
            (held, "held"),
        ],
    );
    text += &e_mail_lines(outcome.service, tally);
    text += &unconfirmed_words(outcome);
    text += &settle_advice(&unclear, settle_after, reveal);
    text + next_step_words(tally, outcome.halt.as_ref())
}

/// Said of what was done and nothing shows.
fn unconfirmed_words(outcome: &Outcome) -> String {
    let mut kinds = BTreeSet::new();
    for (operation, result) in &outcome.results {
        if result.is_done() && operation.is_unconfirmed() {
            kinds.insert(operation.kind() == OperationKind::Assign);
        }
    }
    let mut text = String::new();
    for is_assign in &kinds {
        text += if *is_assign {
            "OneFile doesn't show every assignment, such as further staff. "
        } else {
            "OneFile doesn't show whether an account is archived. "
        };
    }
    if !text.is_empty() {
        text += "rosterctl won't send it again. `rosterctl history MISID` shows what was sent.\n";
    }
    text
}

/// Whom the run has e-mailed. In the sandbox that is nobody.
fn e_mail_lines(service: Service, tally: Tally) -> String {
    match service {
        Service::OneFile => {
            people_line("e-mails", tally.e_mailed)
                + &people_line("may have e-mailed", tally.may_have_e_mailed)
        }
        Service::Sandbox => {
            people_line("would have e-mailed", tally.e_mailed)
                + &people_line("might have e-mailed", tally.may_have_e_mailed)
                + "Simulated in the sandbox: nothing was sent to OneFile, and nobody gets an e-mail.\n"
        }
    }
}

/// How to carry on. Empty if nothing is left, or if the reason for stopping says it.
fn next_step_words(tally: Tally, halt: Option<&StopReason>) -> &'static str {
    if matches!(
        halt,
        Some(
            StopReason::TouchedOthers
                | StopReason::MoveTouchedOthers
                | StopReason::AssignedOtherwise
        )
    ) {
        ""
    } else if tally.failed > 0 {
        "Fix what failed, then run `rosterctl apply` to carry on.\n"
    } else if tally.not_attempted > 0 && halt != Some(&StopReason::Asked) {
        "Run `rosterctl apply` to carry on.\n"
    } else {
        ""
    }
}

/// `Applied: 3 created, 2 updated, 1 failed.`; of `others` those that aren't 0.
pub(crate) fn applied_line(tally: Tally, others: &[(usize, &str)]) -> String {
    let mut line = format!(
        "Applied: {} created, {} updated",
        tally.created, tally.updated
    );
    for (number, what) in [
        (tally.archived, "archived"),
        (tally.brought_back, "brought back"),
    ] {
        if number > 0 {
            let _ = write!(line, ", {number} {what}");
        }
    }
    if tally.assigned > 0 {
        let _ = write!(
            line,
            ", {}",
            count(tally.assigned, "assignment made", "assignments made")
        );
    }
    for (counts, done) in [
        (tally.new_entries, "created"),
        (tally.changed_entries, "updated"),
    ] {
        if counts.total() > 0 {
            let _ = write!(line, ", {} {done}", counted_entries(counts));
        }
    }
    for (number, what) in others {
        if *number > 0 {
            let _ = write!(line, ", {number} {what}");
        }
    }
    line + ".\n"
}

/// `OneFile e-mails 2 people.`; empty if there is nobody.
pub(crate) fn people_line(verb: &str, number: usize) -> String {
    if number == 0 {
        return String::new();
    }
    format!("OneFile {verb} {}.\n", count(number, "person", "people"))
}

fn unclear_operations(outcome: &Outcome) -> Vec<&Operation> {
    let mut unclear = Vec::new();
    for (operation, result) in &outcome.results {
        if let OperationResult::Unclear(_) = result {
            unclear.push(operation);
        }
    }
    unclear
}

/// The command that says whether something was done, with its two answers.
fn settle_command(operation: &Operation, reveal: Reveal) -> Option<String> {
    let (name, answer) = match operation.subject() {
        OperationSubject::User(user) => {
            // A learner without a MIS value is named by the account.
            let account = || operation.account().map(|id| id.to_string());
            let name = user.user_name().map(Cow::into_owned).or_else(account)?;
            let answer = match operation.kind() {
                OperationKind::Assign => "assigned",
                _ => "created",
            };
            (name, answer)
        }
        OperationSubject::Entry(entry) => {
            (format!("{}:{}", entry.kind.word(), entry.name), "created")
        }
    };
    let name = key_to_type(&name, reveal);
    Some(format!(
        "rosterctl settle {name} {answer}    # or not-{answer}"
    ))
}

fn settle_advice(unclear: &[&Operation], settle_after: u32, reveal: Reveal) -> String {
    let mut commands: BTreeSet<String> = BTreeSet::new();
    for operation in unclear {
        commands.extend(settle_command(operation, reveal));
    }
    if commands.is_empty() {
        return String::new();
    }
    let has_accounts = unclear
        .iter()
        .any(|operation| operation.kind() == OperationKind::Create);
    let mut text = if has_accounts {
        "Look in OneFile whether the account is there, and say what you have seen:\n".to_owned()
    } else {
        "Look in OneFile whether it was done, and say what you have seen:\n".to_owned()
    };
    for command in commands {
        let _ = writeln!(text, "  {command}");
    }
    text + &wait_words(settle_after, has_accounts) + "\n"
}

/// What happens if nobody says what was seen.
fn wait_words(settle_after: u32, has_accounts: bool) -> String {
    if settle_after == 0 && has_accounts {
        return "If you don't, the next `apply` may create them again at once, as `--settle-after 0` says.".to_owned();
    }
    let minutes = count(settle_after as usize, "minute", "minutes");
    format!("Until you do, `apply` leaves them alone for {minutes} (`--settle-after`).")
}

/// Why a run stopped before its end. Empty if it didn't.
pub(crate) fn stop_line(outcome: &Outcome) -> String {
    match &outcome.halt {
        Some(reason) => stop_words(reason) + "\n",
        None => String::new(),
    }
}

fn stop_words(reason: &StopReason) -> String {
    match reason {
        StopReason::Asked => {
            "Stopped. Updates that had started were finished. Run `rosterctl apply` to carry on.".to_owned()
        }
        StopReason::Client { message, .. } | StopReason::Journal(message) => format!("Stopped: {}.", shown(message)),
        StopReason::SameFailure(number) => format!("Stopped after {number} failures of one kind in a row."),
        StopReason::TouchedOthers => {
            "Stopped: an update changed what wasn't sent. Either this server doesn't update partially, so that\neach further apply would damage an account, or somebody else changed it in the same second."
                .to_owned()
        }
        StopReason::MoveTouchedOthers => {
            "Stopped: an account that was archived or brought back lost data of the person.".to_owned()
        }
        StopReason::AssignedOtherwise => {
            "Stopped: the first standard that was assigned did more or less than make one learning aim of that standard.".to_owned()
        }
        StopReason::Window(end) => format!("Stopped before a maintenance window; come back after {}.", london(*end)),
    }
}

/// The accounts that don't hold what was sent. Empty if there is none.
pub(crate) fn deviation_lines(deviations: &[Deviation], reveal: Reveal) -> String {
    if deviations.is_empty() {
        return String::new();
    }
    let mut text = "Not as declared after the apply, although it was sent:\n\n".to_owned();
    for deviation in deviations {
        let place = shown(&deviation.place.to_string());
        let user = match &deviation.what {
            DeviatingThing::Account(user, id) => who(user, Some(*id), reveal),
            DeviatingThing::Entry(entry, _) => {
                subject(OperationSubject::Entry(entry), None, reveal)
            }
        };
        let what = if deviation.keys.is_empty() {
            "can't be read".to_owned()
        } else {
            format!("doesn't hold {}", quoted_names(&deviation.keys, reveal))
        };
        let _ = writeln!(text, "  {place}\n  {RED}!{RED:#} {user} {what}");
    }
    text + "\n" + &kept_words(deviations, reveal)
}

/// The fields whose values OneFile keeps in a form of its own. Empty if it keeps none so.
fn kept_words(deviations: &[Deviation], reveal: Reveal) -> String {
    let mut keys = BTreeSet::new();
    for value in deviations.iter().flat_map(|deviation| &deviation.rewritten) {
        if value.is_sure {
            keys.insert(value.key);
        }
    }
    if keys.is_empty() {
        return String::new();
    }
    let names = quoted_names(&keys.into_iter().collect::<Vec<_>>(), reveal);
    format!(
        "OneFile keeps a different value of {names}: declare it as OneFile keeps it.\n`rosterctl plan --explain MISID` shows both values. The next plan doesn't send it again.\n\n"
    )
}

/// What became of creates that were unclear at the end of an earlier run. Empty if there was none.
pub fn taken_up(creates: &[ResolvedCreate]) -> String {
    if creates.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for create in creates {
        let name = key_words(&create.name, Reveal::Public);
        let since = london(create.since);
        let found = match create.found {
            Some(id) => format!("account {id} is there now"),
            None => "no account is to be found, so that it is planned anew".to_owned(),
        };
        let _ = writeln!(text, "{name}: the create of {since} was unclear; {found}.");
    }
    text + "\n"
}
