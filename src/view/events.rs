//! What an apply does as it does it, one JSON document a line. It holds what is public alone, whatever the flags.

use jiff::Timestamp;
use serde::Serialize;

use crate::apply::{Deviation, Fate, Halt, Outcome};
use crate::client::{Wait, Why};
use crate::field::Role;
use crate::model::Id;
use crate::plan::{Action, Operation, Plan, Who};
use crate::redact::{Reveal, open_names};
use crate::source::Place;
use crate::view::outcome::{e_mailed, reason};

/// The version of the lines; minor versions add keys and events.
const FORMAT_VERSION: &str = "1.0";

/// One line.
#[derive(Debug, Serialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Event {
    Started {
        format_version: &'static str,
        at: Timestamp,
        /// As in the journal.
        run: String,
        /// The base URL, or `sandbox`.
        target: String,
        organisation: Id,
        create: usize,
        update: usize,
        held: usize,
    },
    Operation {
        at: Timestamp,
        action: &'static str,
        #[serde(flatten)]
        person: Person,
        outcome: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<Id>,
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
        deviating: Vec<Deviating>,
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
pub struct Person {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mis_id: Option<String>,
    file: String,
    line: usize,
}

#[derive(Debug, Serialize)]
pub struct Deviating {
    #[serde(flatten)]
    person: Person,
    account: Id,
    /// None where the account can't be read.
    fields: Vec<&'static str>,
}

impl Event {
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("no map has keys that aren't text")
    }

    pub fn started(at: Timestamp, run: &str, target: &str, plan: &Plan, held: usize) -> Self {
        Self::Started {
            format_version: FORMAT_VERSION,
            at,
            run: run.to_owned(),
            target: target.to_owned(),
            organisation: plan.organisation.id,
            create: plan.creates(),
            update: plan.updates(),
            held,
        }
    }

    pub fn operation(at: Timestamp, operation: &Operation, fate: &Fate) -> Self {
        let (action, account) = match operation.action {
            Action::Create => ("create", None),
            Action::Update(id) => ("update", Some(id)),
        };
        let outcome = match fate {
            Fate::Done(_) => "done",
            Fate::Found(_) => "found",
            Fate::Failed(_) => "failed",
            Fate::NotAttempted(_) => "notAttempted",
            Fate::Unclear(_) => "unclear",
        };
        Self::Operation {
            at,
            action,
            person: person(&operation.who, &operation.place),
            outcome,
            account: fate.account().or(account),
            fields: open_names(operation.changes.iter().map(|change| change.key)),
            why: reason(fate, Reveal::Public),
        }
    }

    pub fn waiting(at: Timestamp, wait: Wait) -> Self {
        let why = match wait.why {
            Why::Limit => "limit",
            Why::Outage => "outage",
            Why::Create => "create",
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
        let done = |create: bool| {
            let of_kind = |operation: &Operation| (operation.action == Action::Create) == create;
            outcome
                .results
                .iter()
                .filter(|(operation, fate)| of_kind(operation) && fate.account().is_some())
                .count()
        };
        let (e_mailed, may_have_e_mailed) = e_mailed(outcome);
        Self::Summary {
            at,
            created: done(true),
            updated: done(false),
            failed: outcome.number(|fate| matches!(fate, Fate::Failed(_))),
            not_attempted: outcome.number(|fate| matches!(fate, Fate::NotAttempted(_))),
            unclear: outcome.number(|fate| matches!(fate, Fate::Unclear(_))),
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

fn person(who: &Who, place: &Place) -> Person {
    let role: Role = who.role;
    Person {
        role: role.name(),
        mis_id: who.mis_id.clone(),
        file: place.file.to_string(),
        line: place.line,
    }
}

fn deviating(deviation: &Deviation) -> Deviating {
    Deviating {
        person: person(&deviation.who, &deviation.place),
        account: deviation.id,
        fields: open_names(deviation.keys.iter().copied()),
    }
}

fn stopped(halt: &Halt) -> &'static str {
    match halt {
        Halt::Asked => "asked",
        Halt::Client {
            is_outage: true, ..
        } => "outage",
        Halt::Client {
            is_outage: false, ..
        } => "refused",
        Halt::SameFailure(_) => "sameFailure",
        Halt::TouchedOthers => "touchedOthers",
        Halt::Window(_) => "maintenance",
        Halt::Journal(_) => "journal",
    }
}
