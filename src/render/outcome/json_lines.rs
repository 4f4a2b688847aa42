//! What an apply does as it does it, one JSON document a line. It holds what is public alone, whatever the flags.

use jiff::Timestamp;
use serde::Serialize;

use crate::apply::{Deviation, OperationResult, Outcome, StopReason, Tally};
use crate::domain::field::Role;
use crate::domain::redact::{Reveal, open_names};
use crate::domain::{AccountId, OrganisationId};
use crate::findings::source::Place;
use crate::onefile::{Wait, WaitReason};
use crate::plan::{Operation, OperationCounts, Plan, UserLabel};
use crate::render::outcome::text::reason;

/// The version of the lines; minor versions add keys and events.
const FORMAT_VERSION: &str = "1.0";

/// One line.
#[derive(Debug, Serialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ApplyEvent {
    Started {
        format_version: &'static str,
        at: Timestamp,
        /// As in the journal.
        run: String,
        /// The base URL, or `sandbox`.
        target: String,
        organisation: OrganisationId,
        create: usize,
        update: usize,
        held: usize,
    },
    Operation {
        at: Timestamp,
        action: &'static str,
        #[serde(flatten)]
        person: EventUser,
        outcome: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
        fields: Vec<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    Waiting {
        at: Timestamp,
        why: &'static str,
        until: Timestamp,
    },
    Summary {
        at: Timestamp,
        created: usize,
        updated: usize,
        failed: usize,
        not_attempted: usize,
        unclear: usize,
        held: usize,
        unreviewed: usize,
        e_mailed: usize,
        may_have_e_mailed: usize,
        deviating: Vec<DeviationJson>,
        /// Whether the touched accounts were read again.
        verified: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        stopped: Option<&'static str>,
        exit_code: u8,
    },
}

/// A declared user, by what is public.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventUser {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mis_id: Option<String>,
    file: String,
    line: usize,
}

#[derive(Debug, Serialize)]
pub struct DeviationJson {
    #[serde(flatten)]
    person: EventUser,
    account: AccountId,
    /// None where the account can't be read.
    fields: Vec<&'static str>,
}

impl ApplyEvent {
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("no map has keys that aren't text")
    }

    pub fn started(at: Timestamp, run: &str, target: &str, plan: &Plan, held: usize) -> Self {
        let OperationCounts { creates, updates } = plan.counts();
        Self::Started {
            format_version: FORMAT_VERSION,
            at,
            run: run.to_owned(),
            target: target.to_owned(),
            organisation: plan.organisation.id,
            create: creates,
            update: updates,
            held,
        }
    }

    pub fn operation(at: Timestamp, operation: &Operation, fate: &OperationResult) -> Self {
        let outcome = match fate {
            OperationResult::Done(_) => "done",
            OperationResult::Found(_) => "found",
            OperationResult::Failed(_) => "failed",
            OperationResult::NotAttempted(_) => "notAttempted",
            OperationResult::Unclear(_) => "unclear",
        };
        Self::Operation {
            at,
            action: operation.kind().name(),
            person: person(operation.user(), operation.place()),
            outcome,
            account: fate.account().or(operation.account()),
            fields: open_names(operation.keys()),
            why: reason(fate, Reveal::Public),
        }
    }

    pub fn waiting(at: Timestamp, wait: Wait) -> Self {
        let why = match wait.why {
            WaitReason::Limit => "limit",
            WaitReason::Outage => "outage",
            WaitReason::Create => "create",
        };
        Self::Waiting {
            at,
            why,
            until: wait.until,
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
            updated,
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
                .map(deviating)
                .collect(),
            verified: deviations.is_some(),
            stopped: outcome.halt.as_ref().map(stopped),
            exit_code,
        }
    }
}

fn person(who: &UserLabel, place: &Place) -> EventUser {
    let role: Role = who.role;
    EventUser {
        role: role.name(),
        mis_id: who.mis_id.clone(),
        file: place.file.to_string(),
        line: place.line,
    }
}

fn deviating(deviation: &Deviation) -> DeviationJson {
    DeviationJson {
        person: person(&deviation.who, &deviation.place),
        account: deviation.id,
        fields: open_names(deviation.keys.iter().copied()),
    }
}

fn stopped(halt: &StopReason) -> &'static str {
    match halt {
        StopReason::Asked => "asked",
        StopReason::Client {
            is_outage: true, ..
        } => "outage",
        StopReason::Client {
            is_outage: false, ..
        } => "refused",
        StopReason::SameFailure(_) => "sameFailure",
        StopReason::TouchedOthers => "touchedOthers",
        StopReason::Window(_) => "maintenance",
        StopReason::Journal(_) => "journal",
    }
}
