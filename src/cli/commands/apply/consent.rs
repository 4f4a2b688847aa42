//! Limits and consent: what an apply needs before the first change.

use jiff::SignedDuration;

use crate::cli::args::{ApplyArgs, ApplyFormat};
use crate::cli::commands::apply::refused;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::plan::{Plan, Service};
use crate::render;
use crate::review::{Allowance, Approved, Consent, approve, past_limits};

/// What a person is told of an apply besides its operations.
pub(crate) struct ApplyFacts {
    /// Names the organisation and the server.
    pub(crate) heading: String,
    /// How long it takes at most.
    pub(crate) takes: SignedDuration,
}

/// The plan, if somebody has agreed to it.
pub(crate) fn approved(
    context: &Context<'_>,
    args: &ApplyArgs,
    plan: Plan,
    facts: &ApplyFacts,
) -> Result<Approved, CommandError> {
    let consent = consent(context, args, &plan, facts);
    approve(plan, allowance(args), consent).map_err(|objections| refused(&objections))
}

/// Refuses a plan past a limit. Asking about it would waste an answer.
pub(crate) fn refuse_past_limits(args: &ApplyArgs, plan: &Plan) -> Result<(), CommandError> {
    let limits = past_limits(plan, allowance(args));
    if limits.is_empty() {
        Ok(())
    } else {
        Err(refused(&limits))
    }
}

fn allowance(args: &ApplyArgs) -> Allowance {
    Allowance {
        creates: args.allow_creates,
        updates: args.allow_updates,
        archives: args.allow_archives,
        assignments: args.allow_assignments,
        entries: args.allow_entries,
        removals: args.allow_removals,
    }
}

/// Where nobody can be asked, a review counts as consent.
fn consent(context: &Context<'_>, args: &ApplyArgs, plan: &Plan, facts: &ApplyFacts) -> Consent {
    if args.auto_approve {
        return Consent::Given;
    }
    // With JSON events the plan isn't shown, so nobody could agree to it.
    let can_ask = context.ui.asks() && args.format == ApplyFormat::Text;
    if can_ask {
        return if context.ui.confirm(&question(plan, facts)) {
            Consent::Given
        } else {
            Consent::Withheld
        };
    }
    if args.plan.is_some() {
        Consent::Given
    } else {
        Consent::Unasked
    }
}

fn question(plan: &Plan, facts: &ApplyFacts) -> String {
    let changes = render::count(plan.operations.len(), "change", "changes");
    let creates = plan.counts().creates;
    let nobody = match plan.service {
        Service::OneFile if creates == 0 => NOBODY,
        Service::Sandbox if creates == 0 => NOBODY_IN_SANDBOX,
        Service::OneFile | Service::Sandbox => "",
    };
    format!(
        "\nApply {changes} to {}?\n{}. {nobody}{}{}{}",
        facts.heading,
        render::operation_counts(plan),
        render::side_effects(plan),
        render::removal_count(plan),
        time_words(facts.takes)
    )
}

/// How long the apply takes, if that is more than a moment.
fn time_words(takes: SignedDuration) -> String {
    match takes.as_mins() {
        ..=1 => String::new(),
        minutes => format!("This takes up to {minutes} minutes.\n"),
    }
}

/// OneFile is known to e-mail people whose accounts are created.
const NOBODY: &str = "No accounts will be created, so OneFile should not e-mail anyone.\n";
const NOBODY_IN_SANDBOX: &str =
    "Simulated: no accounts would be created, so OneFile would not e-mail anyone.\n";
