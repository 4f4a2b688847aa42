//! `apply`: plan, show, ask, apply, verify.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use crate::apply::journal::{Journal, JournalError, JournalEvent, JournalScope, Lock};
use crate::apply::{ApplyContext, Deviation, Outcome, StopReason, VerifyInput, apply, verify};
use crate::cli::args::{self, ApplyFormat};
use crate::cli::commands::apply_output::ApplyOutput;
use crate::cli::commands::connection::{Connection, data_dir};
use crate::cli::commands::error::CommandError;
use crate::cli::commands::history::run_name;
use crate::cli::commands::journal_folder::own_folder;
use crate::cli::commands::load_project::{BaseCommit, BaseScope, ChangedUsers};
use crate::cli::commands::plan::PlannedRun;
use crate::cli::commands::signal;
use crate::cli::commands::{CommandResult, Context, elsewhere, plan};
use crate::cli::exit::Exit;
use crate::domain::clock::Clock;
use crate::domain::redact::open_names;
use crate::domain::{MaintenanceWindows, Policy};
use crate::findings::source;
use crate::plan::{OperationCounts, Plan};
use crate::project::files::{head, read_named_text};
use crate::render;
use crate::review::{
    Allowance, Approved, Consent, NotReviewed, Objection, PlanFile, Review, approve, past_limits,
    reviewed_part,
};

pub(crate) async fn run(context: &Context<'_>, args: &args::ApplyArgs) -> CommandResult {
    let file = args.plan.as_deref().map(read).transpose()?;
    let base = file
        .as_ref()
        .map_or_else(|| plan::base(&args.base), reviewed_base);
    let prepared = plan::prepare(context, &args.server, base, &args.journal)?;
    let review = file.map(|file| {
        file.check(
            &prepared.bound.target,
            prepared.bound.organisation,
            prepared.token.expose_secret(),
        )
    });
    let review = review
        .transpose()
        .map_err(|error| not_applied(args, &error))?;
    let folder = own_folder(context, &args.journal)?;
    let _locks = locks(context, &folder)?;
    let place = JournalScope {
        target: prepared.bound.target.clone(),
        organisation: prepared.bound.organisation,
    };
    let _organisation = elsewhere::lock(context, &prepared.server, &folder, &place)?;
    out_of_windows(context.clock, &prepared.windows, SignedDuration::ZERO)?;
    let read = prepared.read(context, args.settle_after).await;
    let made = read.inspect_err(|_| context.ui.say("Nothing was applied."))?;
    let held = made.plan.held.len();
    let told = ApplyOutput {
        context,
        format: args.format,
    };
    told.text(&made.notes)?;
    let (plan, skipped) = match &review {
        Some(review) => applicable(context, args, made.plan.clone(), review, &made.policy)?,
        None => (made.plan.clone(), Vec::new()),
    };
    let nothing_left = plan.operations.is_empty() && plan.held.is_empty() && !skipped.is_empty();
    let shown = if nothing_left {
        render::nothing_reviewed_left()
    } else {
        context.shown(&plan, args.shown.length())
    };
    told.text(&(shown + &render::skipped(&skipped)))?;
    let left = held + skipped.len();
    let run = run_name(context.clock.now());
    let journal = || Journal::open(&folder, run.clone(), place.clone(), context.clock);
    if args.strict && held > 0 {
        return Err(refused(&[Objection::Held(held)]));
    }
    if plan.operations.is_empty() {
        take_up(&made, &journal)?;
        made.session.close().await;
        let exit = if left > 0 { Exit::Partly } else { Exit::Done };
        told.event(&render::ApplyEvent::summary(
            context.clock.now(),
            &Outcome::default(),
            Some(&[]),
            (held, skipped.len()),
            exit as u8,
        ))?;
        return Ok(exit);
    }
    out_of_windows(
        context.clock,
        &made.windows,
        length(&plan, made.pace.calls_per_minute),
    )?;
    let approved = consented(context, args, plan, &made.session)?;
    take_up(&made, &journal)?;
    let journal = Mutex::new(journal()?);
    note(&journal, started(context, approved.plan()))?;
    told.event(&render::ApplyEvent::started(
        context.clock.now(),
        &run,
        &place.target,
        approved.plan(),
        held,
    ))?;
    let Some((outcome, deviations)) = execute(&told, &made, approved, &journal).await else {
        context.ui.say("\nOut at once. What was under way may have been done: `rosterctl history` shows it,\nand the next apply looks for it.");
        return Ok(Exit::Partly);
    };
    made.session.close().await;
    let found = deviations.as_deref().unwrap_or_default();
    // What can't be written any more keeps nobody from reading what was done.
    let noted = found
        .iter()
        .map(deviates)
        .chain([ended(&outcome)])
        .try_for_each(|event| note(&journal, event));
    told.text(&format!(
        "\n{}",
        render::outcome_totals(&outcome, found, held, context.ui.reveal)
    ))?;
    let holds = deviations.as_ref().is_some_and(Vec::is_empty);
    let exit = exit(&outcome, left == 0 && holds);
    let left = (held, skipped.len());
    told.event(&render::ApplyEvent::summary(
        context.clock.now(),
        &outcome,
        deviations.as_deref(),
        left,
        exit as u8,
    ))?;
    noted?;
    Ok(exit)
}

/// The project is locked whatever its journal, and the journal whosever it is.
fn locks(context: &Context<'_>, journal: &Path) -> Result<Vec<Lock>, CommandError> {
    let own = data_dir(context.dir)?;
    let is_own = own.canonicalize().ok() == journal.canonicalize().ok();
    let folders = [own.as_path(), journal]
        .into_iter()
        .take(if is_own { 1 } else { 2 });
    Ok(folders
        .map(|folder| Lock::take(folder, context.clock.now()))
        .collect::<Result<_, _>>()?)
}

fn exit(outcome: &Outcome, is_rest_done: bool) -> Exit {
    let all_done = outcome.tally().undone() == 0;
    match &outcome.halt {
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
        _ if all_done && is_rest_done => Exit::Done,
        _ => Exit::Partly,
    }
}

/// What an operation costs at most, on average: a search or look before it, the call, and the looks after it.
const CALLS_AN_OPERATION: i64 = 4;

/// How long a plan takes to apply, by the limit of calls.
fn length(plan: &Plan, calls_per_minute: u32) -> SignedDuration {
    let calls = i64::try_from(plan.operations.len())
        .unwrap_or(i64::MAX)
        .saturating_mul(CALLS_AN_OPERATION);
    let seconds = if calls_per_minute == 0 {
        calls / 10
    } else {
        calls.saturating_mul(60) / i64::from(calls_per_minute)
    };
    SignedDuration::from_secs(seconds)
}

/// Nothing is begun that a maintenance window would break off.
fn out_of_windows(
    clock: Clock,
    windows: &MaintenanceWindows,
    length: SignedDuration,
) -> Result<(), CommandError> {
    let Some(window) = windows.in_the_way(clock.now(), length) else {
        return Ok(());
    };
    let minutes = length.as_secs() / 60 + 1;
    let takes = if length.is_zero() {
        String::new()
    } else {
        format!(
            "This takes up to {}. ",
            render::count(
                usize::try_from(minutes).unwrap_or(usize::MAX),
                "minute",
                "minutes"
            )
        )
    };
    let (start, end) = (render::london(window.start), render::london(window.end));
    let has_begun = window.start <= clock.now();
    let begins = if has_begun {
        "has been under way since"
    } else {
        "begins at"
    };
    Err(CommandError::Maintenance(format!(
        "Nothing was applied.\n{takes}A maintenance window {begins} {start}; come back after {end}."
    )))
}

/// Notes the creates that were unclear and whose accounts are there now, and the created accounts that lists show now.
fn take_up(
    made: &PlannedRun,
    journal: &impl Fn() -> Result<Journal, JournalError>,
) -> Result<(), CommandError> {
    let found: Vec<_> = made
        .taken
        .iter()
        .filter_map(|taken| Some((taken.mis_id.clone(), taken.found?)))
        .collect();
    if found.is_empty() && made.listed.is_empty() {
        return Ok(());
    }
    let mut journal = journal()?;
    for (mis_id, id) in found {
        journal.note(JournalEvent::Found { mis_id, id })?;
    }
    if !made.listed.is_empty() {
        journal.note(JournalEvent::Listed {
            ids: made.listed.clone(),
        })?;
    }
    Ok(())
}

fn note(journal: &Mutex<Journal>, event: JournalEvent) -> Result<(), CommandError> {
    Ok(journal
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .note(event)?)
}

fn started(context: &Context<'_>, plan: &Plan) -> JournalEvent {
    let ci = context.environment.ci_run.clone();
    let commit = head(context.dir).unwrap_or_else(|error| {
        let error = render::shown(&error.to_string());
        context.ui.say(&format!(
            "note: {error}\nnote: the journal can't say which commit this apply is from"
        ));
        None
    });
    let OperationCounts { creates, updates } = plan.counts();
    JournalEvent::Started {
        creates,
        updates,
        commit,
        ci,
    }
}

fn deviates(deviation: &Deviation) -> JournalEvent {
    let fields = open_names(deviation.keys.iter().copied())
        .into_iter()
        .map(str::to_owned)
        .collect();
    JournalEvent::Deviates {
        id: deviation.id,
        fields,
    }
}

fn ended(outcome: &Outcome) -> JournalEvent {
    let tally = outcome.tally();
    JournalEvent::Ended {
        done: tally.done(),
        failed: tally.failed,
        not_attempted: tally.not_attempted,
        unclear: tally.unclear,
    }
}

/// What of a plan was reviewed, and where the rest is declared; a plan that is refused is shown whole.
fn applicable(
    context: &Context<'_>,
    args: &args::ApplyArgs,
    plan: Plan,
    review: &Review,
    policy: &Policy,
) -> Result<(Plan, Vec<source::Place>), CommandError> {
    let whole = context.shown(&plan, args.shown.length());
    let (plan, skipped) = reviewed_part(plan, review, policy);
    if !skipped.is_empty() && !args.skip_unreviewed {
        ApplyOutput {
            context,
            format: args.format,
        }
        .text(&whole)?;
        return Err(refused(&[Objection::Unreviewed(skipped)]));
    }
    Ok((plan, skipped))
}

fn read(path: &Path) -> Result<PlanFile, CommandError> {
    let text = read_named_text(path).map_err(CommandError::Misused)?;
    PlanFile::from_text(&text).map_err(|error| {
        CommandError::Refused(format!("{} can't be applied: {error}", path.display()))
    })
}

/// The scope that the reviewed plan was made in: the very commit, since the branch has gone on.
fn reviewed_base(file: &PlanFile) -> Option<BaseScope> {
    let changed = if file.bound.only_changed {
        ChangedUsers::Alone
    } else {
        ChangedUsers::WithTheRest
    };
    file.bound.base.clone().map(|commit| BaseScope {
        since: BaseCommit::Commit(commit),
        changed,
    })
}

fn not_applied(args: &args::ApplyArgs, error: &NotReviewed) -> CommandError {
    let path = args
        .plan
        .as_deref()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    CommandError::Refused(format!(
        "Nothing was applied.\n{path} can't be applied: {error}"
    ))
}

/// Nobody is asked about a plan that a limit refuses anyway. A review is consent where nobody can be asked.
fn consented(
    context: &Context<'_>,
    args: &args::ApplyArgs,
    plan: Plan,
    session: &Connection,
) -> Result<Approved, CommandError> {
    let allowance = Allowance {
        creates: args.allow_creates,
        updates: args.allow_updates,
    };
    let limits = past_limits(&plan, allowance);
    if !limits.is_empty() {
        return Err(refused(&limits));
    }
    // Nobody consents to a plan that wasn't shown.
    let asks = context.ui.asks() && args.format == ApplyFormat::Text;
    let consent = match (args.auto_approve, asks) {
        (true, _) => Consent::Given,
        (false, false) if args.plan.is_some() => Consent::Given,
        (false, false) => Consent::Unasked,
        (false, true) if context.ui.confirm(&question(&plan, session)) => Consent::Given,
        (false, true) => Consent::Withheld,
    };
    approve(plan, allowance, consent).map_err(|objections| refused(&objections))
}

fn refused(objections: &[Objection]) -> CommandError {
    CommandError::Refused(format!(
        "Nothing was applied.\n{}",
        render::objections(objections)
    ))
}

fn question(plan: &Plan, session: &Connection) -> String {
    let changes = render::count(plan.operations.len(), "change", "changes");
    let place = render::place(&plan.organisation, &session.server);
    let OperationCounts { creates, updates } = plan.counts();
    let nobody = if creates == 0 { NOBODY } else { "" };
    format!(
        "\nApply {changes} to {place}?\n{creates} to create, {updates} to update. {nobody}{}",
        render::side_effects(plan)
    )
}

/// Creates are what is known to e-mail people (`onefile-api.md`, Creating).
const NOBODY: &str = "Nobody is created, and so nobody is e-mailed, as far as is known.\n";

/// `None`: it was asked to stop twice, and what was under way is left where it was.
async fn execute(
    told: &ApplyOutput<'_>,
    made: &PlannedRun,
    approved: Approved,
    journal: &Mutex<Journal>,
) -> Option<(Outcome, Option<Vec<Deviation>>)> {
    let context = told.context;
    let _ = told.text("\n");
    let bar = context.ui.bar(approved.plan().operations.len());
    let setting = ApplyContext {
        client: &made.session.client,
        clock: context.clock,
        journal,
        snapshot: &made.snapshot,
        read_at: made.read_at,
        windows: &made.windows,
    };
    let outcome = apply(approved, &setting, |operation, fate| {
        told.fate(&bar, operation, fate)
    });
    let client = &made.session.client;
    let is_done = CancellationToken::new();
    let work = Box::pin(async {
        let waits = Some(client.waits());
        let applying = context
            .ui
            .alongside(context.clock, &bar, "", waits, outcome);
        let outcome = applying.await;
        bar.finish_and_clear();
        let deviations = verified(context, made, &outcome).await;
        is_done.cancel();
        (outcome, deviations)
    });
    let wait_events = is_done.run_until_cancelled(told.waits(client.waits()));
    let work_and_events = async { tokio::join!(work, wait_events).0 };
    // If this process can't listen for signals, it can't be asked to stop.
    let signals = signal::listen().unwrap_or_default();
    let asked_twice = async {
        signals.first.cancelled().await;
        client.cancel_token().cancel();
        context.ui.above(
            &bar,
            "Stopping: what is under way ends first. Once more stops at once.",
        );
        signals.second.cancelled().await;
    };
    tokio::select! {
        done = work_and_events => Some(done),
        () = asked_twice => None,
    }
}

/// What doesn't hold of what was sent; `None` if that can't be said.
async fn verified(
    context: &Context<'_>,
    made: &PlannedRun,
    outcome: &Outcome,
) -> Option<Vec<Deviation>> {
    let verifying = VerifyInput {
        roster: &made.roster,
        policy: &made.policy,
        scope: &made.scope,
        outcome,
        since: made.read_at,
    };
    let reading = verify(&made.session.client, made.snapshot.clone(), &verifying);
    let waits = Some(made.session.client.waits());
    match context
        .ui
        .waiting(
            context.clock,
            "Reading the touched accounts again",
            waits,
            reading,
        )
        .await
    {
        Ok(deviations) => Some(deviations),
        Err(error) => {
            context.ui.say(&format!(
                "note: what was applied couldn't be read again: {}",
                render::shown(&error.to_string())
            ));
            None
        }
    }
}
