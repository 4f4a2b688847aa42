//! `plan`: what would be done, and nothing done.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use tracing::info;

use crate::apply::journal::JournalScope;
use crate::apply::{JournalState, TakenUp, take_up};
use crate::cli::args::{self, BaseArgs, JournalArgs, PlanFormat, SETTLE_AFTER, ServerArgs};
use crate::cli::commands::atomic_write::write;
use crate::cli::commands::connection::Connection;
use crate::cli::commands::error::CommandError;
use crate::cli::commands::load_project::{BaseCommit, BaseScope, ChangedUsers, load, since};
use crate::cli::commands::{CommandResult, Context, elsewhere, journal_folder};
use crate::cli::exit::Exit;
use crate::domain::{
    AccountId, DeclaredUser, MaintenanceWindows, Policy, ResolvedCreate, Roster, Scope, Snapshot,
};
use crate::findings::suggest::nearest;
use crate::onefile::{Pace, fetch};
use crate::plan::{Plan, explain, plan};
use crate::project::settings::{ChosenServer, Project, choose};
use crate::render;
use crate::review::{Allowance, PlanTarget, past_limits};
use crate::sandbox::TOKEN;

pub(crate) async fn run(context: &Context<'_>, args: &args::PlanArgs) -> CommandResult {
    let made = prepare(context, &args.server, base(&args.base), &args.journal)?
        .read(context, SETTLE_AFTER)
        .await?;
    let (json, comment) = (|| sealed(&made), || comment(&made, args));
    if let Some(path) = &args.out {
        write(&json(), path)?;
    }
    if let Some(path) = &args.markdown {
        write(&comment(), path)?;
    }
    let printed = match args.format {
        PlanFormat::Text => None,
        PlanFormat::Json => Some(json()),
        PlanFormat::Markdown => Some(comment()),
    };
    let PlannedRun {
        session,
        plan,
        roster,
        snapshot,
        scope,
        notes,
        ..
    } = made;
    session.close().await;
    if let Some(whom) = &args.explain {
        let explanation = explain(&roster, &snapshot, &scope, &plan, whom)
            .ok_or_else(|| nobody(&roster, whom))?;
        context.ui.print(&notes)?;
        context
            .ui
            .print(&render::explained(&explanation, context.ui.reveal))?;
        return Ok(exit(args, explanation.is_settled()));
    }
    if let Some(text) = printed {
        context.ui.print(&text)?;
        return Ok(exit(args, plan.is_settled()));
    }
    context
        .ui
        .print(&(notes + &context.shown(&plan, args.shown.length())))?;
    context.ui.print(&render::objections(&past_limits(
        &plan,
        Allowance::default(),
    )))?;
    if let Some(command) = next(args, &plan) {
        context
            .ui
            .hint(&format!("\n`{command}` makes these changes, after asking."));
    }
    Ok(exit(args, plan.is_settled()))
}

/// The command that applies just this plan; none where nothing is to be done, or no flag lets it pass.
fn next(args: &args::PlanArgs, plan: &Plan) -> Option<String> {
    let flags = plan
        .excesses
        .iter()
        .map(render::limit_flag)
        .collect::<Option<Vec<_>>>()?;
    // Without it, the changes would be made on the server that rosterctl.yaml names.
    let server = if args.server.sandbox {
        Some("--sandbox".to_owned())
    } else {
        args.server
            .target
            .as_ref()
            .map(|target| format!("--target {target}"))
    };
    let base = args.base.base.iter().map(|base| format!("--base {base}"));
    let changed = args.base.only_changed.then(|| "--only-changed".to_owned());
    let words = std::iter::once("rosterctl apply".to_owned())
        .chain(server)
        .chain(base)
        .chain(changed)
        .chain(flags);
    (!plan.operations.is_empty()).then(|| words.collect::<Vec<_>>().join(" "))
}

fn exit(args: &args::PlanArgs, is_settled: bool) -> Exit {
    if args.detailed_exitcode && !is_settled {
        Exit::Pending
    } else {
        Exit::Done
    }
}

/// All that a plan needs of this machine: the same path for `plan` and `apply`.
pub(crate) fn prepare(
    context: &Context<'_>,
    args: &ServerArgs,
    base: Option<BaseScope>,
    journal: &JournalArgs,
) -> Result<PlanInput, CommandError> {
    let (project, roster) = load(context)?;
    let server = choose(
        &args.into(),
        &context.environment,
        project.target.as_deref(),
    )?;
    let since = base
        .as_ref()
        .map(|base| since(context, &project, &roster, base))
        .transpose()?;
    let bound = PlanTarget {
        target: server.identity(),
        organisation: project.organisation,
        base: since.as_ref().map(|since| since.commit.clone()),
        only_changed: base.is_some_and(|base| base.changed == ChangedUsers::Alone),
    };
    let (scope, former) = since.map_or_else(
        || (Scope::whole(), None),
        |since| (since.scope, since.policy),
    );
    Ok(PlanInput {
        token: token(&server),
        pace: pace(args, Some(&project), &server),
        server,
        roster,
        scope,
        former,
        policy: project.policy,
        windows: project.windows,
        journal: journal_folder::folder(context, journal),
        bound,
    })
}

/// What is to be planned, on which server.
pub(crate) struct PlanInput {
    pub(crate) server: ChosenServer,
    roster: Roster,
    scope: Scope,
    /// The policy of the base.
    former: Option<Policy>,
    policy: Policy,
    pace: Pace,
    /// Where the journal is, if there is one.
    journal: PathBuf,
    pub(crate) windows: MaintenanceWindows,
    pub(crate) bound: PlanTarget,
    /// What seals a plan for review.
    pub(crate) token: SecretString,
}

impl PlanInput {
    /// Reads the accounts and makes the plan.
    pub(crate) async fn read(
        self,
        context: &Context<'_>,
        settle_after: u32,
    ) -> Result<PlannedRun, CommandError> {
        let Self {
            server,
            roster,
            scope,
            former,
            policy,
            pace,
            journal,
            windows,
            bound,
            token,
        } = self;
        let place = JournalScope {
            target: bound.target.clone(),
            organisation: bound.organisation,
        };
        let known = elsewhere::known(context, &server, &journal, &place)?;
        info!(
            "the journal is in {}; unclear creates in it: {}",
            journal.display(),
            known.open.len()
        );
        let session = Connection::open(context, server, pace).await?;
        let read_at = context.clock.now();
        let reading = fetch(&session.client, bound.organisation, &roster, &scope);
        let waits = Some(session.client.waits());
        let mut snapshot = context
            .ui
            .waiting(context.clock, "Reading the accounts", waits, reading)
            .await?;
        let settle_after = SignedDuration::from_mins(i64::from(settle_after));
        let known = JournalState {
            known: &known,
            settle_after,
        };
        let TakenUp { taken, listed } = take_up(
            &session.client,
            context.clock,
            &known,
            &roster,
            &mut snapshot,
        )
        .await?;
        context.ui.say(&format!(
            "{}\n",
            render::place(&snapshot.organisation, &session.server)
        ));
        let edits = former
            .map(|former| render::policy_edits(&former, &policy))
            .unwrap_or_default();
        let plan = plan(&roster, &snapshot, &policy, &scope);
        let notes = edits + &render::taken_up(&taken);
        Ok(PlannedRun {
            session,
            plan,
            roster,
            snapshot,
            scope,
            policy,
            pace,
            windows,
            read_at,
            taken,
            listed,
            notes,
            bound,
            token,
        })
    }
}

/// A plan, with what it was made of and for, and the session that it was made in.
pub(crate) struct PlannedRun {
    pub(crate) session: Connection,
    pub(crate) plan: Plan,
    pub(crate) roster: Roster,
    pub(crate) snapshot: Snapshot,
    pub(crate) scope: Scope,
    pub(crate) policy: Policy,
    pub(crate) pace: Pace,
    pub(crate) windows: MaintenanceWindows,
    /// When the first of the snapshot was read.
    pub(crate) read_at: Timestamp,
    /// The creates of earlier runs that are clear by now.
    pub(crate) taken: Vec<ResolvedCreate>,
    /// The created accounts that lists show for the first time.
    pub(crate) listed: Vec<AccountId>,
    /// What is to be said before the plan.
    pub(crate) notes: String,
    pub(crate) bound: PlanTarget,
    token: SecretString,
}

/// What the flags compare with.
pub(crate) fn base(args: &BaseArgs) -> Option<BaseScope> {
    let changed = if args.only_changed {
        ChangedUsers::Alone
    } else {
        ChangedUsers::WithTheRest
    };
    args.base.clone().map(|reference| BaseScope {
        since: BaseCommit::MergeBase(reference),
        changed,
    })
}

/// The sandbox inside of this process has no limit to keep to.
pub(crate) fn pace(args: &ServerArgs, project: Option<&Project>, server: &ChosenServer) -> Pace {
    let standard = Pace::default();
    let own = match server {
        ChosenServer::Sandbox => 0,
        ChosenServer::Remote { .. } => project
            .and_then(|project| project.calls_per_minute)
            .unwrap_or(standard.calls_per_minute),
    };
    let wait = args
        .wait
        .map(|minutes| Duration::from_secs(60 * u64::from(minutes)));
    Pace {
        calls_per_minute: args.calls_per_minute.unwrap_or(own),
        concurrency: usize::from(args.concurrency),
        opening: wait.unwrap_or(standard.opening),
        patience: wait.unwrap_or(standard.patience),
        ..standard
    }
}

fn token(server: &ChosenServer) -> SecretString {
    match server {
        ChosenServer::Sandbox => SecretString::from(TOKEN),
        ChosenServer::Remote { token, .. } => token.clone(),
    }
}

/// The plan as it is kept for review.
fn sealed(made: &PlannedRun) -> String {
    render::plan_json(&made.plan, made.bound.clone(), made.token.expose_secret())
}

/// The plan as the comment of a pull request.
fn comment(made: &PlannedRun, args: &args::PlanArgs) -> String {
    let heading = render::place(&made.snapshot.organisation, &made.session.server);
    render::markdown(&made.plan, &heading, &made.notes, args.max_bytes as usize)
}

fn nobody(roster: &Roster, whom: &str) -> CommandError {
    let near = nearest(whom, roster.users().iter().filter_map(DeclaredUser::mis_id));
    let help = near
        .map(|near| format!("; is `{near}` meant?"))
        .unwrap_or_default();
    CommandError::Misused(format!(
        "no declared user has the MIS value or the `id` {whom}{help}"
    ))
}
