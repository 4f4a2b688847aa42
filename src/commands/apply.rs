//! `apply`: plan, show, ask, apply.

use std::path::Path;

use secrecy::ExposeSecret;

use crate::apply::{Fate, Outcome, apply};
use crate::cli;
use crate::commands::failure::Failure;
use crate::commands::loaded::{Ancestor, Base, Changed};
use crate::commands::plan::Made;
use crate::commands::session::Session;
use crate::commands::{Context, Done, plan};
use crate::exit::Exit;
use crate::files::read_named_text;
use crate::model::Policy;
use crate::plan::Plan;
use crate::review::{
    Allowance, Approved, Consent, NotReviewed, Objection, PlanFile, Review, approve, past_limits, reviewed_part,
};
use crate::source::Place;
use crate::view;

pub(crate) async fn run(context: &Context<'_>, args: &cli::Apply) -> Done {
    let file = args.plan.as_deref().map(read).transpose()?;
    let base = file.as_ref().map_or_else(|| plan::base(&args.base), reviewed_base);
    let prepared = plan::prepare(context, &args.server, base)?;
    let review = file
        .map(|file| file.check(&prepared.bound.target, prepared.bound.organisation, prepared.token.expose_secret()));
    let review = review.transpose().map_err(|error| not_applied(args, &error))?;
    let Made { session, plan, policy, .. } = prepared.read(context).await?;
    let held = plan.held.len();
    let (plan, skipped) = match &review {
        Some(review) => applicable(context, args, plan, review, &policy)?,
        None => (plan, Vec::new()),
    };
    let nothing_left = plan.operations.is_empty() && plan.held.is_empty() && !skipped.is_empty();
    let shown = if nothing_left { view::nothing_reviewed_left() } else { view::plan(&plan, context.ui.reveal) };
    context.ui.print(&(shown + &view::skipped(&skipped)))?;
    let left = held + skipped.len();
    if plan.operations.is_empty() {
        session.close().await;
        return Ok(if left > 0 { Exit::Partly } else { Exit::Done });
    }
    let approved = consented(context, args, plan, &session)?;
    let outcome = execute(context, &session, &approved).await;
    session.close().await;
    context.ui.print(&format!("\n{}", view::outcome_totals(&outcome, held)))?;
    let is_all_done = left == 0 && outcome.results.iter().all(|(_, fate)| matches!(fate, Fate::Done(_)));
    Ok(if is_all_done { Exit::Done } else { Exit::Partly })
}

/// What of a plan was reviewed, and where the rest is declared; a plan that is refused is shown whole.
fn applicable(
    context: &Context<'_>,
    args: &cli::Apply,
    plan: Plan,
    review: &Review,
    policy: &Policy,
) -> Result<(Plan, Vec<Place>), Failure> {
    let whole = view::plan(&plan, context.ui.reveal);
    let (plan, skipped) = reviewed_part(plan, review, policy);
    if !skipped.is_empty() && !args.skip_unreviewed {
        context.ui.print(&whole)?;
        return Err(refused(&[Objection::Unreviewed(skipped)]));
    }
    Ok((plan, skipped))
}

fn read(path: &Path) -> Result<PlanFile, Failure> {
    let text = read_named_text(path).map_err(Failure::Misused)?;
    PlanFile::from_text(&text)
        .map_err(|error| Failure::Refused(format!("{} can't be applied: {error}", path.display())))
}

/// The scope that the reviewed plan was made in: the very commit, since the branch has gone on.
fn reviewed_base(file: &PlanFile) -> Option<Base> {
    let changed = if file.bound.only_changed { Changed::Alone } else { Changed::WithTheRest };
    file.bound.base.clone().map(|commit| Base { since: Ancestor::Commit(commit), changed })
}

fn not_applied(args: &cli::Apply, error: &NotReviewed) -> Failure {
    let path = args.plan.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    Failure::Refused(format!("Nothing was applied.\n{path} can't be applied: {error}"))
}

/// Nobody is asked about a plan that a limit refuses anyway. A review is consent where nobody can be asked.
fn consented(context: &Context<'_>, args: &cli::Apply, plan: Plan, session: &Session) -> Result<Approved, Failure> {
    let allowance = Allowance { creates: args.allow_creates, updates: args.allow_updates };
    let limits = past_limits(&plan, allowance);
    if !limits.is_empty() {
        return Err(refused(&limits));
    }
    let consent = match (args.auto_approve, context.ui.asks()) {
        (true, _) => Consent::Given,
        (false, false) if args.plan.is_some() => Consent::Given,
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
