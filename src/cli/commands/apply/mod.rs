//! `apply`: plans, shows, asks, applies and verifies.

mod consent;
mod execute;
mod output;
mod review;
mod run_journal;
mod window;

use std::path::Path;
use std::sync::Mutex;

use jiff::SignedDuration;

use crate::apply::journal::{Lock, OrganisationLock};
use crate::apply::{Outcome, StopReason};
use crate::cli::args::ApplyArgs;
use crate::cli::commands::apply::consent::{ApplyFacts, approved, refuse_past_limits};
use crate::cli::commands::apply::execute::{Executed, Execution};
use crate::cli::commands::apply::output::ApplyOutput;
use crate::cli::commands::apply::review::{
    ReviewedPart, base_of, check_plan_file, read_plan_file, select_reviewed, selection_of,
};
use crate::cli::commands::apply::run_journal::{RunJournal, note, note_end, started};
use crate::cli::commands::apply::window::{duration, refuse_in_window};
use crate::cli::context::{CommandResult, Context, run_name};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::other_checkouts;
use crate::cli::pipeline::{PlanBasis, PlanInput, PlanRequest, PlannedRun};
use crate::plan::Plan;
use crate::project::data_folder::make_data_folder;
use crate::project::journal_folder::make_journal_folder;
use crate::render::{self, ApplyEvent, OutcomeReport};
use crate::review::{Approved, Objection, PlanFile};

pub(crate) async fn run(context: &Context<'_>, args: &ApplyArgs) -> CommandResult {
    let file = read_plan_file(args)?;
    let base = base_of(args, file.as_ref());
    let request = PlanRequest {
        server: &args.server,
        base: base.as_ref(),
        journal: &args.journal,
        selection: selection_of(args, file.as_ref())?,
        is_fresh: args.reading.fresh,
    };
    let input = PlanInput::load(context, request)?;
    let review = match &file {
        Some(file) => Some(check_plan_file(args, file, &input)?),
        None => None,
    };
    let folder = make_journal_folder(context.dir, args.journal.journal.as_deref())?;
    let _locks = ApplyLocks::take(context, &input, &folder)?;
    refuse_in_window(context.clock, &input.project.windows, SignedDuration::ZERO)?;

    let planned = input.plan(context, args.settle_after).await;
    let PlannedRun { plan, basis } =
        planned.inspect_err(|_| context.ui.say("Nothing was applied."))?;
    if let Some(file) = file
        .as_ref()
        .filter(|file| file.not_managed() < plan.unmanaged)
        && plan.locked > 0
    {
        basis.session.close().await;
        return Err(CommandError::Refused(without_key(file, &plan)));
    }
    let output = ApplyOutput {
        context,
        format: args.format,
    };
    output.text(&basis.notes)?;
    let held = plan.held.len() + plan.held_entries.len();
    let all_or_nothing = all_or_nothing(&plan);
    let policy = &basis.input.project.policy;
    let ReviewedPart { plan, skipped } = match &review {
        Some(review) => select_reviewed(&output, args, (plan, policy), review)?,
        None => ReviewedPart {
            plan,
            skipped: Vec::new(),
        },
    };
    let nothing_left = plan.is_settled() && !skipped.is_empty();
    let shown = if nothing_left {
        render::nothing_reviewed_left()
    } else {
        context.shown(&plan, args.shown.length())
    };
    output.text(&(shown + &render::skipped(&skipped)))?;
    if args.strict && !all_or_nothing.is_empty() {
        return Err(refused(&all_or_nothing));
    }

    let journal = RunJournal {
        folder,
        run: run_name(context.clock.now()),
        scope: basis.input.journal_scope(),
        clock: context.clock,
        skew: basis.session.client.skew(),
    };
    let not_planned = NotPlanned {
        held,
        skipped: skipped.len(),
        settle_after: args.settle_after,
    };
    // A plan that changes no account can still take too many users out of the manifests.
    if plan.operations.is_empty() {
        refuse_past_limits(args, &plan)?;
        basis
            .input
            .keep_managed(context, &basis.snapshot, &plan)
            .await;
        journal.note_found(&basis)?;
        basis.session.close().await;
        return nothing_to_apply(&output, not_planned);
    }
    let facts = ApplyFacts {
        heading: basis.heading(),
        takes: duration(&plan, basis.input.pace.calls_per_minute),
    };
    refuse_in_window(context.clock, &basis.input.project.windows, facts.takes)?;
    refuse_past_limits(args, &plan)?;
    let approved = approved(context, args, plan, &facts)?;
    let managed = basis
        .input
        .keep_managed(context, &basis.snapshot, approved.plan());
    managed.await;
    journal.note_found(&basis)?;
    Box::pin(execute(&output, basis, approved, (journal, not_planned))).await
}

/// What is on hold, which keeps `--strict` from applying anything.
fn all_or_nothing(plan: &Plan) -> Vec<Objection> {
    let mut objections = Vec::new();
    if !plan.held.is_empty() {
        objections.push(Objection::Held(plan.held.len()));
    }
    if !plan.held_entries.is_empty() {
        objections.push(Objection::HeldEntries(plan.held_entries.len()));
    }
    objections
}

/// Users, placements and classrooms without an operation, whose state is not as declared.
#[derive(Clone, Copy)]
struct NotPlanned {
    held: usize,
    /// Their operations weren't reviewed.
    skipped: usize,
    /// How many minutes an unclear create keeps its user from being planned.
    settle_after: u32,
}

impl NotPlanned {
    fn is_empty(self) -> bool {
        self.held + self.skipped == 0
    }
}

fn nothing_to_apply(output: &ApplyOutput<'_>, not_planned: NotPlanned) -> CommandResult {
    let exit = if not_planned.is_empty() {
        Exit::Done
    } else {
        Exit::Partly
    };
    output.event(&ApplyEvent::summary(
        output.context.clock.now(),
        &Outcome::default(),
        Some(&[]),
        (not_planned.held, not_planned.skipped),
        exit as u8,
    ))?;
    Ok(exit)
}

/// Applies the plan, verifies it, and reports both.
async fn execute(
    output: &ApplyOutput<'_>,
    basis: PlanBasis,
    approved: Approved,
    (journal, not_planned): (RunJournal, NotPlanned),
) -> CommandResult {
    let context = output.context;
    let RunJournal { run, scope, .. } = &journal;
    let journal = Mutex::new(journal.open()?);
    note(&journal, started(context, approved.plan()))?;
    output.event(&ApplyEvent::started(
        context.clock.now(),
        run,
        &scope.target,
        approved.plan(),
        not_planned.held,
    ))?;
    let execution = Execution {
        output,
        input: &basis.input,
        client: &basis.session.client,
        snapshot: basis.snapshot,
        read_at: basis.read_at,
        approved,
        journal: &journal,
    };
    let Some(executed) = Box::pin(execution.run()).await else {
        context.ui.say("\nStopped immediately. Operations in progress may have completed: `rosterctl history` shows them,\nand the next apply looks for them.");
        return Ok(Exit::Partly);
    };
    basis.session.close().await;
    basis.input.keep_found(context, &executed.outcome).await;
    let deviations = executed.deviations.as_deref();
    // If the journal can't be written any more, people still read what was done.
    let noted = note_end(&journal, &executed.outcome, deviations);
    report(output, &executed, not_planned)?;
    noted?;
    Ok(exit(&executed, not_planned))
}

fn report(
    output: &ApplyOutput<'_>,
    executed: &Executed,
    not_planned: NotPlanned,
) -> Result<(), CommandError> {
    let context = output.context;
    let deviations = executed.deviations.as_deref();
    let NotPlanned { held, skipped, .. } = not_planned;
    let told = OutcomeReport {
        outcome: &executed.outcome,
        deviations: deviations.unwrap_or_default(),
        held,
        settle_after: not_planned.settle_after,
    };
    let totals = render::outcome_totals(&told, context.ui.reveal);
    output.text(&format!("\n{totals}"))?;
    output.event(&ApplyEvent::summary(
        context.clock.now(),
        &executed.outcome,
        deviations,
        (held, skipped),
        exit(executed, not_planned) as u8,
    ))?;
    Ok(())
}

fn exit(executed: &Executed, not_planned: NotPlanned) -> Exit {
    match &executed.outcome.halt {
        Some(
            StopReason::Client {
                is_outage: true, ..
            }
            | StopReason::Window(_),
        ) => Exit::Unreachable,
        Some(
            StopReason::Client {
                is_outage: false, ..
            }
            | StopReason::Journal(_),
        ) => Exit::Failed,
        Some(
            StopReason::Asked
            | StopReason::SameFailure(_)
            | StopReason::TouchedOthers
            | StopReason::MoveTouchedOthers
            | StopReason::AssignedOtherwise,
        )
        | None => exit_of_results(executed, not_planned),
    }
}

fn exit_of_results(executed: &Executed, not_planned: NotPlanned) -> Exit {
    let is_all_done = executed.outcome.tally().undone() == 0;
    let is_as_sent = executed.deviations.as_ref().is_some_and(Vec::is_empty);
    if is_all_done && is_as_sent && not_planned.is_empty() {
        Exit::Done
    } else {
        Exit::Partly
    }
}

/// The locks that an apply holds: of the project, of its journal, and of the organisation on this machine.
struct ApplyLocks {
    _organisation: Option<OrganisationLock>,
    _folders: Vec<Lock>,
}

impl ApplyLocks {
    /// Two projects can share a journal, and one project can use several, so both are locked.
    fn take(
        context: &Context<'_>,
        input: &PlanInput,
        journal: &Path,
    ) -> Result<Self, CommandError> {
        let now = context.clock.now();
        let own = make_data_folder(context.dir)?;
        let mut folders = vec![Lock::take(&own, now)?];
        if own.canonicalize().ok() != journal.canonicalize().ok() {
            folders.push(Lock::take(journal, now)?);
        }
        let scope = input.journal_scope();
        let organisation = other_checkouts::lock(context, &input.server, journal, &scope)?;
        Ok(Self {
            _organisation: organisation,
            _folders: folders,
        })
    }
}

fn refused(objections: &[Objection]) -> CommandError {
    CommandError::Refused(format!(
        "Nothing was applied.\n{}",
        render::objections(objections)
    ))
}

/// A reviewed plan saw what is sealed, and this run doesn't: nothing to do would be untrue.
fn without_key(reviewed: &PlanFile, plan: &Plan) -> String {
    let fields = render::count(plan.unmanaged - reviewed.not_managed(), "field", "fields");
    format!(
        "Nothing was applied.\nThe reviewed plan has {fields} of a sealed overlay that this run can't open. Set ROSTERCTL_AGE_KEY, and apply it again."
    )
}
