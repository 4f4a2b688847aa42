//! The progress of an apply as JSON Lines: one document a line. The lines hold only what is public, whatever the flags.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::apply::{DeviatingThing, Deviation, OperationResult, Outcome, StopReason, Tally};
use crate::domain::redact::{Reveal, open_names, open_text};
use crate::domain::{AccountId, EntryId, OrganisationId};
use crate::findings::source::Place;
use crate::onefile::{Wait, WaitReason};
use crate::plan::{
    EntryLabel, Operation, OperationCounts, OperationSubject, Plan, ResolvedValue, UserLabel,
};
use crate::render::json_schema::schema_of_written;
use crate::render::outcome::text::reason;
use crate::review::json;
use crate::review::{ActionName, JsonFieldName, JsonNumber};

/// The version of the lines; minor versions add keys and events.
const FORMAT_VERSION: &str = "1.1";

/// One line.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[schemars(title = "rosterctl apply, a line of its events", description = "")]
pub enum ApplyEvent {
    Started {
        #[schemars(regex(pattern = r"^1\.[0-9]+$"))]
        format_version: &'static str,
        /// When, in UTC: `2026-09-01T09:00:00.123Z`.
        #[schemars(with = "String")]
        at: Timestamp,
        /// What `history` calls this run.
        run: String,
        /// The base URL, or `sandbox`.
        target: String,
        #[schemars(with = "JsonNumber")]
        organisation: OrganisationId,
        /// Accounts that are going to be created.
        create: usize,
        /// Accounts that are going to be updated.
        update: usize,
        /// Accounts that are going to be archived.
        archive: usize,
        /// Accounts that are going to be brought back.
        unarchive: usize,
        /// Placements and classrooms that are going to be created.
        create_entry: usize,
        /// Placements and classrooms that are going to be updated.
        update_entry: usize,
        /// Assignments that are going to be made.
        assign: usize,
        /// Declared users who are on hold until a person decides.
        held: usize,
        /// Accounts that weren't read again, because an earlier reading has seen them.
        remembered: usize,
    },
    Operation {
        /// When, in UTC: `2026-09-01T09:00:00.123Z`.
        #[schemars(with = "String")]
        at: Timestamp,
        action: ActionName,
        #[serde(flatten)]
        subject: EventSubject,
        /// `found`: the answer was lost, and the account is there. `unclear`: nobody knows.
        outcome: ResultName,
        /// The account, as far as there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "JsonNumber")]
        account: Option<AccountId>,
        /// The number of a placement or classroom, as far as it has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "JsonNumber")]
        number: Option<EntryId>,
        /// What a learner gets: a title, or the MIS value of a member of staff. Left out if it is an e-mail address.
        #[serde(skip_serializing_if = "Option::is_none")]
        gets: Option<String>,
        /// By key; `special` in the place of those of that class.
        #[schemars(with = "Vec<JsonFieldName>")]
        fields: Vec<&'static str>,
        /// In words for people.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    Waiting {
        /// When, in UTC: `2026-09-01T09:00:00.123Z`.
        #[schemars(with = "String")]
        at: Timestamp,
        /// For the limit of calls, for a service that is away, for a created account to show.
        why: WaitName,
        /// When it goes on, or asks again.
        #[schemars(with = "String")]
        until: Timestamp,
    },
    Summary {
        /// When, in UTC: `2026-09-01T09:00:00.123Z`.
        #[schemars(with = "String")]
        at: Timestamp,
        /// Accounts that are there: `done` or `found`.
        created: usize,
        /// Accounts that were updated.
        updated: usize,
        /// Accounts that were archived.
        archived: usize,
        /// Accounts that were brought back.
        unarchived: usize,
        /// Placements and classrooms that are there.
        created_entries: usize,
        /// Placements and classrooms that were updated.
        updated_entries: usize,
        /// Assignments that were made.
        assigned: usize,
        /// Of the archives, returns and assignments, those that OneFile doesn't show.
        unconfirmed: usize,
        /// Operations that failed.
        failed: usize,
        /// Operations that weren't begun.
        not_attempted: usize,
        /// Creates and assignments that nobody knows the result of.
        unclear: usize,
        /// Declared users who are on hold until a person decides.
        held: usize,
        /// Operations that were left out, since nobody has reviewed them.
        unreviewed: usize,
        /// People who get an e-mail from OneFile.
        e_mailed: usize,
        /// People who may have got an e-mail from OneFile.
        may_have_e_mailed: usize,
        /// What the accounts don't hold although it was sent.
        deviating: Vec<EventDeviation>,
        /// Whether the touched accounts were read again.
        verified: bool,
        /// Why the run stopped before its end.
        #[serde(skip_serializing_if = "Option::is_none")]
        stopped: Option<StopName>,
        exit_code: u8,
    },
}

/// What an operation is about.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum EventSubject {
    User(EventUser),
    Entry(EventEntry),
}

/// The public facts about a declared placement or classroom.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(description = "")]
pub struct EventEntry {
    /// `placement` or `classroom`.
    entry: &'static str,
    name: String,
    /// Where it is declared, from the project's folder.
    file: String,
    #[schemars(with = "JsonNumber")]
    line: usize,
}

/// The public facts about a declared user.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(description = "")]
pub struct EventUser {
    role: &'static str,
    /// Left out if it is an e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    mis_id: Option<String>,
    /// Where the user is declared, from the project's folder.
    file: String,
    #[schemars(with = "JsonNumber")]
    line: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct EventDeviation {
    #[serde(flatten)]
    subject: EventSubject,
    /// The account, if it is about a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "JsonNumber")]
    account: Option<AccountId>,
    /// The number, if it is about a placement or classroom.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "JsonNumber")]
    number: Option<EntryId>,
    /// By key; `special` in the place of those of that class. None if it can't be read.
    #[schemars(with = "Vec<JsonFieldName>")]
    fields: Vec<&'static str>,
}

/// The word for the result of an operation.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResultName {
    Done,
    Found,
    Failed,
    NotAttempted,
    Unclear,
}

/// The word for what a run waits for.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WaitName {
    Limit,
    Outage,
    Create,
}

/// The word for what stopped a run early.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StopName {
    Asked,
    Outage,
    Refused,
    SameFailure,
    TouchedOthers,
    MoveTouchedOthers,
    AssignedOtherwise,
    Maintenance,
    Journal,
}

/// The JSON Schema of a line.
pub fn events_schema() -> Value {
    schema_of_written::<ApplyEvent>()
}

impl ApplyEvent {
    pub fn to_line(&self) -> String {
        json::line(self)
    }

    pub fn started(at: Timestamp, run: &str, target: &str, plan: &Plan, held: usize) -> Self {
        let OperationCounts {
            new_entries,
            changed_entries,
            assignments,
            unarchives,
            creates,
            updates,
            archives,
        } = plan.counts();
        Self::Started {
            format_version: FORMAT_VERSION,
            at,
            run: run.to_owned(),
            target: target.to_owned(),
            organisation: plan.organisation.id,
            create: creates,
            update: updates,
            archive: archives,
            unarchive: unarchives,
            create_entry: new_entries,
            update_entry: changed_entries,
            assign: assignments,
            held,
            remembered: plan.remembered.number,
        }
    }

    pub fn operation(at: Timestamp, operation: &Operation, fate: &OperationResult) -> Self {
        Self::Operation {
            at,
            action: ActionName::of(operation.kind()),
            subject: event_subject(operation),
            outcome: result_name(fate),
            account: fate.account().or(operation.account()),
            number: entry_number(operation, fate),
            gets: given(operation),
            fields: open_names(operation.keys()),
            why: reason(operation, fate, Reveal::Public),
        }
    }

    pub fn waiting(at: Timestamp, left: Duration, wait: Wait) -> Self {
        let why = match wait.why {
            WaitReason::Limit => WaitName::Limit,
            WaitReason::Outage => WaitName::Outage,
            WaitReason::Create => WaitName::Create,
        };
        Self::Waiting {
            at,
            why,
            until: at.saturating_add(left).unwrap_or(Timestamp::MAX),
        }
    }

    /// `deviations` are `None` where nobody knows; `held` and `unreviewed` count what was left out from the start.
    pub fn summary(
        at: Timestamp,
        outcome: &Outcome,
        deviations: Option<&[Deviation]>,
        (held, unreviewed): (usize, usize),
        exit_code: u8,
    ) -> Self {
        let Tally {
            created,
            new_entries,
            changed_entries,
            assigned,
            updated,
            archived,
            brought_back,
            unconfirmed,
            failed,
            not_attempted,
            unclear,
            e_mailed,
            may_have_e_mailed,
        } = outcome.tally();
        Self::Summary {
            at,
            created,
            updated,
            archived,
            unarchived: brought_back,
            created_entries: new_entries.total(),
            updated_entries: changed_entries.total(),
            assigned,
            unconfirmed,
            failed,
            not_attempted,
            unclear,
            held,
            unreviewed,
            e_mailed,
            may_have_e_mailed,
            deviating: deviations
                .unwrap_or_default()
                .iter()
                .map(event_deviation)
                .collect(),
            verified: deviations.is_some(),
            stopped: outcome.halt.as_ref().map(stop_name),
            exit_code,
        }
    }
}

fn event_subject(operation: &Operation) -> EventSubject {
    let place = operation.place();
    match operation.subject() {
        OperationSubject::User(user) => EventSubject::User(event_user(user, place)),
        OperationSubject::Entry(entry) => EventSubject::Entry(event_entry(entry, place)),
    }
}

fn event_entry(entry: &EntryLabel, place: &Place) -> EventEntry {
    EventEntry {
        entry: entry.kind.word(),
        name: open_text(&entry.name).unwrap_or_default().to_owned(),
        file: place.file.to_string(),
        line: place.line,
    }
}

fn entry_number(operation: &Operation, result: &OperationResult) -> Option<EntryId> {
    match (operation.subject(), result) {
        (_, OperationResult::EntryDone(id)) => Some(*id),
        (OperationSubject::Entry(entry), _) => entry.id,
        (OperationSubject::User(_), _) => None,
    }
}

/// What a learner gets, if everybody may read it.
fn given(operation: &Operation) -> Option<String> {
    let Operation::Assign(assign) = operation else {
        return None;
    };
    match &assign.changes.first()?.to {
        ResolvedValue::Reference { label, .. } => open_text(label).map(str::to_owned),
        ResolvedValue::Value(_) => None,
    }
}

fn event_user(user: &UserLabel, place: &Place) -> EventUser {
    EventUser {
        role: user.role.name(),
        mis_id: user
            .mis_id
            .as_deref()
            .and_then(open_text)
            .map(str::to_owned),
        file: place.file.to_string(),
        line: place.line,
    }
}

fn event_deviation(deviation: &Deviation) -> EventDeviation {
    let place = &deviation.place;
    let (subject, account, number) = match &deviation.what {
        DeviatingThing::Account(user, id) => {
            (EventSubject::User(event_user(user, place)), Some(*id), None)
        }
        DeviatingThing::Entry(entry, id) => (
            EventSubject::Entry(event_entry(entry, place)),
            None,
            Some(*id),
        ),
    };
    EventDeviation {
        subject,
        account,
        number,
        fields: open_names(deviation.keys.iter().copied()),
    }
}

fn result_name(result: &OperationResult) -> ResultName {
    match result {
        OperationResult::Done(_) | OperationResult::EntryDone(_) => ResultName::Done,
        OperationResult::Found(_) => ResultName::Found,
        OperationResult::Failed(_) => ResultName::Failed,
        OperationResult::NotAttempted(_) => ResultName::NotAttempted,
        OperationResult::Unclear(_) => ResultName::Unclear,
    }
}

fn stop_name(reason: &StopReason) -> StopName {
    match reason {
        StopReason::Asked => StopName::Asked,
        StopReason::Client {
            is_outage: true, ..
        } => StopName::Outage,
        StopReason::Client {
            is_outage: false, ..
        } => StopName::Refused,
        StopReason::SameFailure(_) => StopName::SameFailure,
        StopReason::TouchedOthers => StopName::TouchedOthers,
        StopReason::MoveTouchedOthers => StopName::MoveTouchedOthers,
        StopReason::AssignedOtherwise => StopName::AssignedOtherwise,
        StopReason::Window(_) => StopName::Maintenance,
        StopReason::Journal(_) => StopName::Journal,
    }
}
