//! `rehearse`: the live state with invented people in a sandbox of its own; the real plan applied there. The live service is only
//! read, and nothing of the sandbox is left.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;

use crate::apply::journal::{Journal, JournalScope, Lock, LockError};
use crate::apply::{ApplyContext, JournalState, Outcome, VerifyInput, apply, take_up, verify};
use crate::cli::args::{self, JournalArgs, SETTLE_AFTER};
use crate::cli::commands::connection::{data_dir, io, parse};
use crate::cli::commands::error::CommandError;
use crate::cli::commands::history::run_name;
use crate::cli::commands::plan::{PlannedRun, base, prepare};
use crate::cli::commands::signal;
use crate::cli::commands::{CommandResult, Context, journal_folder};
use crate::cli::exit::Exit;
use crate::domain::clock::Clock;
use crate::domain::redact::Reveal;
use crate::domain::{Creates, MaintenanceWindows, Policy, Roster, Scope, UnclearCreate};
use crate::findings::source::Sources;
use crate::onboarding::rehearse::{FlagFlip, outline, rehearsal};
use crate::onefile::{Client, Endpoint, Pace, fetch};
use crate::plan::plan;
use crate::project::files::read_named_text;
use crate::render::{self, Calls, Rehearsed, RenderOptions};
use crate::review::{Allowance, Consent, approve, past_limits};
use crate::sandbox::{Faults, SandboxServer, SandboxSettings, Store, TOKEN};

pub(crate) async fn run(context: &Context<'_>, args: &args::RehearseArgs) -> CommandResult {
    let faults = args.faults.as_deref().map(faults).transpose()?;
    let journal = JournalArgs { journal: None };
    let prepared = prepare(context, &args.server, base(&args.base), &journal)?;
    let made = prepared.read(context, SETTLE_AFTER).await?;
    let (calls, stage) = (made.session.client.calls(), RehearsalSetup::of(&made));
    let PlannedRun {
        session,
        plan: real,
        notes,
        ..
    } = made;
    session.close().await;
    context
        .ui
        .print(&(notes + &context.shown(&real, args.shown.length())))?;
    let objections = past_limits(&real, Allowance::default());
    context.ui.print(&render::objections(&objections))?;
    let signals = signal::listen().map_err(|source| io("signals can't be heard", source))?;
    let (folder, lock) = empty_folder(context)?;
    let performance = Box::pin(stage.perform(context, args, faults, &folder));
    let rehearsed = match signals.first.run_until_cancelled(performance).await {
        Some(rehearsed) => rehearsed,
        None => Err(CommandError::Refused(STOPPED.to_owned())),
    };
    if let Err(error) = fs::remove_dir_all(&folder) {
        let folder = render::shown(&folder.display().to_string());
        context.ui.say(&format!(
            "note: {folder} couldn't be removed ({}); delete it",
            error.kind()
        ));
    }
    drop(lock);
    let mut rehearsed = rehearsed?;
    rehearsed.calls.plan = calls;
    rehearsed.is_alike = args.faults.is_some() || outline(&real) == rehearsed.outline;
    // Invented names would only puzzle.
    let look = RenderOptions {
        reveal: Reveal::Public,
        ..context.look(args.shown.length())
    };
    let after = if context.quiet {
        render::totals_as(&rehearsed.again, look)
    } else {
        render::plan(&rehearsed.again, look)
    };
    context
        .ui
        .print(&render::rehearsed(&rehearsed, &after, look))?;
    Ok(match rehearsed.is_settled() {
        _ if !objections.is_empty() => Exit::Refused,
        true => Exit::Done,
        false => Exit::Partly,
    })
}

const STOPPED: &str = "Stopped. Nothing was sent to OneFile, and nothing of the rehearsal is left.";

/// What is rehearsed. Nobody in it exists.
struct RehearsalSetup {
    roster: Roster,
    scope: Scope,
    state: String,
    policy: Policy,
    place: JournalScope,
    /// Creates that earlier runs have left unclear.
    unclear: BTreeMap<String, UnclearCreate>,
    /// Calls a minute, by which minutes are told.
    limit: u32,
}

/// Where things go wrong, waits of minutes would have to be sat out: they pass so many times faster.
const HASTE: u32 = 20;

impl RehearsalSetup {
    fn of(made: &PlannedRun) -> Self {
        let coin = if fastrand::bool() {
            FlagFlip::Heads
        } else {
            FlagFlip::Tails
        };
        let invented = rehearsal(&made.roster, &made.snapshot, coin);
        let limit = match made.pace.calls_per_minute {
            0 => Pace::default().calls_per_minute,
            limit => limit,
        };
        Self {
            roster: invented.roster,
            scope: made.scope.clone(),
            state: invented.state.to_string(),
            // That creates are forbidden is said; what they would do is to be seen.
            policy: Policy {
                creates: Creates::Allowed,
                ..made.policy.clone()
            },
            place: JournalScope {
                target: "rehearsal".to_owned(),
                organisation: made.bound.organisation,
            },
            unclear: made.snapshot.unclear.clone(),
            limit,
        }
    }

    async fn perform(
        &self,
        context: &Context<'_>,
        args: &args::RehearseArgs,
        faults: Option<Faults>,
        folder: &Path,
    ) -> Result<Rehearsed, CommandError> {
        let clock = if faults.is_some() {
            Clock::faster(HASTE)
        } else {
            context.clock
        };
        let store = Store::open(folder)?;
        store.fill(&self.state, &parse(&self.state, "the rehearsal")?)?;
        let mut start = SandboxSettings::new(store, clock)?;
        start.faults = faults.unwrap_or_default();
        let server = SandboxServer::start(start).await?;
        let endpoint = Endpoint {
            base: server.base_url(),
            token: SecretString::from(TOKEN),
        };
        let wait = Duration::from_mins(u64::from(args.server.wait.unwrap_or(10)));
        let standard = Pace::default();
        let pace = Pace {
            calls_per_minute: 0,
            concurrency: usize::from(args.server.concurrency),
            opening: wait,
            patience: wait,
            connect_timeout: standard.connect_timeout,
            // A delay of the fault file is as much shorter, and has to end in a time-out as it would in life.
            answer_timeout: clock.scaled(standard.answer_timeout),
        };
        let playing = async {
            let client = Client::connect(&endpoint, pace, clock).await?;
            self.play(&client, clock, folder).await
        };
        let rehearsed = context
            .ui
            .waiting(context.clock, "Rehearsing", None, playing)
            .await;
        let struck = args.faults.as_ref().map(|_| server.faults_struck());
        server.stop().await;
        rehearsed.map(|rehearsed| Rehearsed {
            struck,
            ..rehearsed
        })
    }

    /// Plans, applies, and plans again.
    async fn play(
        &self,
        client: &Client,
        clock: Clock,
        folder: &Path,
    ) -> Result<Rehearsed, CommandError> {
        let (organisation, scope) = (self.place.organisation, &self.scope);
        let read_at = clock.now();
        let mut snapshot = fetch(client, organisation, &self.roster, scope).await?;
        snapshot.unclear = self.unclear.clone();
        let first = plan(&self.roster, &snapshot, &self.policy, scope);
        let (outline, planned) = (outline(&first), client.calls());
        let allowance = Allowance {
            creates: Some(usize::MAX),
            updates: Some(usize::MAX),
        };
        let approved = approve(first, allowance, Consent::Given)
            .map_err(|objections| CommandError::Refused(render::objections(&objections)))?;
        let journal = Mutex::new(Journal::open(
            folder,
            run_name(clock.now()),
            self.place.clone(),
            clock,
        )?);
        let windows = MaintenanceWindows::default();
        let setting = ApplyContext {
            client,
            clock,
            journal: &journal,
            snapshot: &snapshot,
            read_at,
            windows: &windows,
        };
        let outcome: Outcome = apply(approved, &setting, |_, _| {}).await;
        let verifying = VerifyInput {
            roster: &self.roster,
            policy: &self.policy,
            scope,
            outcome: &outcome,
            since: read_at,
        };
        let deviations = verify(client, snapshot.clone(), &verifying).await?;
        let applied = client.calls();
        let mut seen = fetch(client, organisation, &self.roster, scope).await?;
        let known = journal_folder::known(folder, &self.place)?;
        let earlier = JournalState {
            known: &known,
            settle_after: SignedDuration::from_mins(i64::from(SETTLE_AFTER)),
        };
        take_up(client, clock, &earlier, &self.roster, &mut seen).await?;
        seen.unclear.extend(self.unclear.clone());
        let again = plan(&self.roster, &seen, &self.policy, scope);
        let calls = Calls {
            plan: planned,
            apply: applied - planned,
            limit: self.limit,
        };
        Ok(Rehearsed {
            outcome,
            deviations,
            again,
            calls,
            outline,
            struck: None,
            is_alike: true,
        })
    }
}

/// An empty folder, and the lock of this rehearsal: what one before has left, should it have been killed, is removed.
fn empty_folder(context: &Context<'_>) -> Result<(PathBuf, Lock), CommandError> {
    let folder = data_dir(context.dir)?.join(FOLDER);
    let stage = folder.join("stage");
    let cannot = |source| io(&format!("{} can't be made anew", folder.display()), source);
    fs::create_dir_all(&folder).map_err(cannot)?;
    let lock = Lock::take(&folder, context.clock.now()).map_err(|error| match error {
        LockError::Held(_) => CommandError::Refused(
            "Another rehearsal of this project is under way; wait for its end.".to_owned(),
        ),
        failed @ LockError::Failed { .. } => failed.into(),
    })?;
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(cannot)?;
    }
    fs::create_dir(&stage).map_err(cannot)?;
    Ok((stage, lock))
}

const FOLDER: &str = "rehearsal";

/// Trouble by name.
const TROUBLE: &[(&str, &str)] = &[
    (
        "lostAnswers",
        "[{on: POST /User, when: {every: 3}, do: resetAfter}, {on: POST /User/*, when: {every: 5}, do: resetAfter}]",
    ),
    (
        "outages",
        "[{on: GET /**, when: {chance: 0.05, seed: 7}, do: {status: 503, body: Down for maintenance}}, {on: POST /User/**, when: {every: 7}, do: {status: 503, body: Down for maintenance}}]",
    ),
    (
        "lateSearches",
        "[{on: POST /User, do: {hideCreatedMs: 5000}}]",
    ),
];

fn faults(what: &Path) -> Result<Faults, CommandError> {
    let named = TROUBLE.iter().find(|(name, _)| what == Path::new(name));
    let text = match named {
        Some((_, text)) => (*text).to_owned(),
        None => read_named_text(what)
            .map_err(|why| CommandError::Misused(format!("{why}; or one of {}", names())))?,
    };
    let mut sources = Sources::default();
    let file = sources.add(what.to_string_lossy(), text.clone());
    Faults::parse(file, &text).map_err(|findings| CommandError::Invalid { findings, sources })
}

fn names() -> String {
    TROUBLE
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}
