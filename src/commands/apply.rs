//! `apply`: plan, show, ask, apply.

use crate::apply::{Fate, Outcome, apply};
use crate::cli;
use crate::commands::failure::Failure;
use crate::commands::plan::Made;
use crate::commands::session::Session;
use crate::commands::{Context, Done, plan};
use crate::exit::Exit;
use crate::plan::Plan;
use crate::review::{Allowance, Approved, Consent, Objection, approve, past_limits};
use crate::view;

pub(crate) async fn run(context: &Context<'_>, args: &cli::Apply) -> Done {
    let Made { session, plan, .. } = plan::make(context, &args.server, &args.base).await?;
    let held = plan.held.len();
    context.ui.print(&view::plan(&plan, context.ui.reveal))?;
    if plan.operations.is_empty() {
        session.close().await;
        return Ok(if held > 0 { Exit::Partly } else { Exit::Done });
    }
    let approved = consented(context, args, plan, &session)?;
    let outcome = execute(context, &session, &approved).await;
    session.close().await;
    context.ui.print(&format!("\n{}", view::outcome_totals(&outcome, held)))?;
    let is_all_done = held == 0 && outcome.results.iter().all(|(_, fate)| matches!(fate, Fate::Done(_)));
    Ok(if is_all_done { Exit::Done } else { Exit::Partly })
}

/// Nobody is asked about a plan that a limit refuses anyway.
fn consented(context: &Context<'_>, args: &cli::Apply, plan: Plan, session: &Session) -> Result<Approved, Failure> {
    let allowance = Allowance { creates: args.allow_creates, updates: args.allow_updates };
    let limits = past_limits(&plan, allowance);
    if !limits.is_empty() {
        return Err(refused(&limits));
    }
    let consent = match (args.auto_approve, context.ui.asks()) {
        (true, _) => Consent::Given,
        (false, false) => Consent::Unasked,
        (false, true) if context.ui.confirm(&question(&plan, session)) => Consent::Given,
        (false, true) => Consent::Withheld,
    };
    approve(plan, allowance, consent).map_err(|objections| refused(&objections))
}

fn refused(objections: &[Objection]) -> Failure {
    Failure::Refused(format!("Nothing was applied.\n{}", view::objections(objections)))
}

fn question(plan: &Plan, session: &Session) -> String {
    let changes = view::count(plan.operations.len(), "change", "changes");
    let place = view::place(&plan.organisation, &session.server);
    let (creates, updates) = (plan.creates(), plan.updates());
    format!("\nApply {changes} to {place}?\n{creates} to create, {updates} to update. {}", view::emailing(plan))
}

/// A line that can't be printed stops nothing: what is done is done, and the exit code says the rest.
async fn execute(context: &Context<'_>, session: &Session, approved: &Approved) -> Outcome {
    let _ = context.ui.print("\n");
    let bar = context.ui.bar(approved.plan().operations.len());
    let outcome = apply(approved, &session.client, |operation, fate| {
        let line = view::result_line(operation, fate, context.ui.reveal);
        let _ = context.ui.print_above(&bar, &line);
        bar.inc(1);
    });
    let outcome = outcome.await;
    bar.finish_and_clear();
    outcome
}
