//! Limits and consent: what an apply needs before the first change.

use crate::cli::args::{ApplyArgs, ApplyFormat};
use crate::cli::commands::apply::refused;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::plan::{OperationCounts, Plan, Service};
use crate::render;
use crate::review::{Allowance, Approved, Consent, approve, past_limits};

/// The plan, if somebody has agreed to it. `heading` names the organisation and the server.
pub(crate) fn approved(
    context: &Context<'_>,
    args: &ApplyArgs,
    plan: Plan,
    heading: &str,
) -> Result<Approved, CommandError> {
    let consent = consent(context, args, &plan, heading);
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
        removals: args.allow_removals,
    }
}

/// Where nobody can be asked, a review counts as consent.
fn consent(context: &Context<'_>, args: &ApplyArgs, plan: &Plan, heading: &str) -> Consent {
    if args.auto_approve {
        return Consent::Given;
    }
    // With JSON events the plan isn't shown, so nobody could agree to it.
    let can_ask = context.ui.asks() && args.format == ApplyFormat::Text;
    if can_ask {
        return if context.ui.confirm(&question(plan, heading)) {
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

fn question(plan: &Plan, heading: &str) -> String {
    let changes = render::count(plan.operations.len(), "change", "changes");
    let OperationCounts { creates, updates } = plan.counts();
    let nobody = match plan.service {
        Service::OneFile if creates == 0 => NOBODY,
        Service::Sandbox if creates == 0 => NOBODY_IN_SANDBOX,
        Service::OneFile | Service::Sandbox => "",
    };
    format!(
        "\nApply {changes} to {heading}?\n{creates} to create, {updates} to update. {nobody}{}{}",
        render::side_effects(plan),
        render::removal_count(plan)
    )
}

/// OneFile is known to e-mail people whose accounts are created.
const NOBODY: &str = "No accounts will be created, so OneFile should not e-mail anyone.\n";
const NOBODY_IN_SANDBOX: &str =
    "Simulated: no accounts would be created, so OneFile would not e-mail anyone.\n";
