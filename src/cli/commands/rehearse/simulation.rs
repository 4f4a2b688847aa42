//! Plans, applies and plans again in a sandbox with invented people.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;

use crate::apply::journal::{Journal, JournalKnowledge, JournalScope, records};
use crate::apply::{
    ApplyContext, JournalState, Outcome, VerifyInput, apply, take_up, take_up_sent, verify,
};
use crate::cli::args::{RehearseArgs, SETTLE_AFTER};
use crate::cli::connection::parse_seed;
use crate::cli::context::{Context, run_name};
use crate::cli::error::CommandError;
use crate::cli::pipeline::PlanBasis;
use crate::domain::clock::Clock;
use crate::domain::{
    AssignPath, Creates, EntryId, EntryKind, KnownAssignments, KnownUsers, MaintenanceWindows,
    Policy, RecordedUser, Roster, Scope, Snapshot, UnclearCreate,
};
use crate::onboarding::rehearse::{FlagFlip, outline, rehearsal};
use crate::onefile::{Client, Endpoint, Pace, fetch, fetch_assignments, fetch_beyond_lists};
use crate::plan::{Plan, Service, accounts_coming_back, plan};
use crate::render::{self, Calls, Rehearsed};
use crate::review::{Allowance, Approved, Consent, approve};
use crate::sandbox::{Faults, SandboxServer, SandboxSettings, Store, TOKEN};

/// What is rehearsed. None of its people exists.
pub(crate) struct Simulation {
    roster: Roster,
    scope: Scope,
    /// The seed of the sandbox.
    state: String,
    policy: Policy,
    journal_scope: JournalScope,
    /// Creates that earlier runs have left unclear.
    unclear: BTreeMap<RecordedUser, UnclearCreate>,
    /// What earlier runs have sent, or have left unclear.
    assignments: KnownAssignments,
    unclear_entries: BTreeSet<(EntryKind, String)>,
    created_entries: BTreeMap<(EntryKind, String), EntryId>,
    known: KnownUsers,
    /// Calls a minute; the duration of the real apply is worked out from it.
    limit: u32,
}

/// How many times faster the clock runs with faults: waits of minutes would have to be sat out.
const SPEED_WITH_FAULTS: u32 = 20;

/// How long an outage in the sandbox is waited for, unless `--wait` says so.
const WAIT_MINUTES: u32 = 10;

impl Simulation {
    /// Invents people for the accounts and users of a plan.
    pub(crate) fn of(basis: &PlanBasis) -> Self {
        let coin = if fastrand::bool() {
            FlagFlip::Heads
        } else {
            FlagFlip::Tails
        };
        let input = &basis.input;
        let mut invented = rehearsal(&input.roster, &basis.snapshot, coin);
        invented.state["behaviour"]["assignPath"] = match input.project.policy.assign_path {
            AssignPath::Learner => "learner".into(),
            AssignPath::Assignee | AssignPath::Unknown => "assignee".into(),
        };
        let limit = match input.pace.calls_per_minute {
            0 => Pace::default().calls_per_minute,
            limit => limit,
        };
        Self {
            roster: invented.roster,
            scope: input.scope.clone(),
            state: invented.state.to_string(),
            // The report says if creates are forbidden; the rehearsal still shows what they would do.
            policy: Policy {
                creates: Creates::Allowed,
                ..input.project.policy.clone()
            },
            journal_scope: JournalScope {
                target: "rehearsal".to_owned(),
                organisation: input.target.organisation,
            },
            unclear: basis.snapshot.unclear.clone(),
            assignments: basis.snapshot.assignments.clone(),
            unclear_entries: basis.snapshot.unclear_entries.clone(),
            created_entries: basis.snapshot.created_entries.clone(),
            known: basis.snapshot.known.clone(),
            limit,
        }
    }

    /// Runs the sandbox with its data in `folder`, and the rehearsal in it.
    pub(crate) async fn run(
        &self,
        context: &Context<'_>,
        args: &RehearseArgs,
        faults: Option<Faults>,
        folder: &Path,
    ) -> Result<Rehearsed, CommandError> {
        let clock = if faults.is_some() {
            Clock::faster(SPEED_WITH_FAULTS)
        } else {
            context.clock
        };
        let server = self.start_sandbox(clock, faults, folder).await?;
        let endpoint = Endpoint {
            base: server.base_url(),
            token: SecretString::from(TOKEN),
        };
        let rehearsing = Box::pin(async {
            let client = Client::connect(&endpoint, pace(args, clock), clock).await?;
            self.rehearse(&client, clock, folder).await
        });
        let rehearsed = context
            .ui
            .waiting(context.clock, "Rehearsing", None, rehearsing)
            .await;
        let struck = args.faults.as_ref().map(|_| server.faults_struck());
        server.stop().await;
        Ok(Rehearsed {
            struck,
            ..rehearsed?
        })
    }

    async fn start_sandbox(
        &self,
        clock: Clock,
        faults: Option<Faults>,
        folder: &Path,
    ) -> Result<SandboxServer, CommandError> {
        let store = Store::open(folder)?;
        store.fill(&self.state, &parse_seed(&self.state, "the rehearsal")?)?;
        let mut settings = SandboxSettings::new(store, clock)?;
        settings.faults = faults.unwrap_or_default();
        Ok(SandboxServer::start(settings).await?)
    }

    /// Plans, applies, verifies, and plans again.
    async fn rehearse(
        &self,
        client: &Client,
        clock: Clock,
        folder: &Path,
    ) -> Result<Rehearsed, CommandError> {
        let read_at = clock.reading_time();
        let mut snapshot = self.fetch(client).await?;
        self.add_earlier(&mut snapshot);
        let first = plan(&self.roster, &snapshot, &self.policy, &self.scope);
        let outline = outline(&first);
        let calls_of_plan = client.calls();

        let run = run_name(clock.now());
        let journal = Journal::open(folder, run, self.journal_scope.clone(), clock)?;
        let journal = Mutex::new(journal);
        let context = ApplyContext {
            client,
            clock,
            journal: &journal,
            snapshot: &snapshot,
            read_at,
            windows: &MaintenanceWindows::default(),
            assign_path: self.policy.assign_path,
        };
        let outcome: Outcome = apply(approved(first)?, &context, |_, _| {}).await;
        let verifying = VerifyInput {
            fields: self.roster.fields(),
            outcome: &outcome,
            lists: self.policy.archived,
            since: read_at.at,
            clock,
        };
        let deviations = verify(client, snapshot, &verifying).await?;
        let calls = Calls {
            plan: calls_of_plan,
            apply: client.calls() - calls_of_plan,
            limit: self.limit,
        };
        Ok(Rehearsed {
            again: self.plan_again(client, clock, folder).await?,
            outcome,
            deviations,
            calls,
            outline,
            struck: None,
            is_alike: true,
        })
    }

    async fn plan_again(
        &self,
        client: &Client,
        clock: Clock,
        folder: &Path,
    ) -> Result<Plan, CommandError> {
        let mut snapshot = self.fetch(client).await?;
        let known = JournalKnowledge::of(&records(folder)?, &self.journal_scope);
        let journal = JournalState {
            known: &known,
            settle_after: SignedDuration::from_mins(i64::from(SETTLE_AFTER)),
        };
        take_up(client, clock, &journal, &self.roster, &mut snapshot).await?;
        take_up_sent(client, clock, &journal, &mut snapshot).await?;
        self.add_earlier(&mut snapshot);
        Ok(Plan {
            service: Service::Sandbox,
            ..plan(&self.roster, &snapshot, &self.policy, &self.scope)
        })
    }

    /// What earlier runs against the real service have left.
    fn add_earlier(&self, snapshot: &mut Snapshot) {
        snapshot.unclear.extend(self.unclear.clone());
        let assignments = &mut snapshot.assignments;
        assignments.sent.extend(&self.assignments.sent);
        assignments.unclear.extend(&self.assignments.unclear);
        assignments.owed.extend(&self.assignments.owed);
        let entries = &mut snapshot.unclear_entries;
        entries.extend(self.unclear_entries.clone());
        let created = &mut snapshot.created_entries;
        created.extend(self.created_entries.clone());
    }

    async fn fetch(&self, client: &Client) -> Result<Snapshot, CommandError> {
        let organisation = self.journal_scope.organisation;
        let mut snapshot = fetch(client, organisation, &self.roster, &self.scope).await?;
        snapshot.known = self.known.clone();
        let coming_back = accounts_coming_back(self.roster.users().iter(), &snapshot);
        fetch_beyond_lists(client, coming_back, &mut snapshot).await?;
        fetch_assignments(client, &self.roster, &self.scope, &mut snapshot, None).await?;
        Ok(snapshot)
    }
}

/// No limit of calls: the sandbox is in this process.
fn pace(args: &RehearseArgs, clock: Clock) -> Pace {
    let minutes = args.server.wait.unwrap_or(WAIT_MINUTES);
    let wait = Duration::from_mins(u64::from(minutes));
    let standard = Pace::default();
    Pace {
        calls_per_minute: 0,
        concurrency: usize::from(args.server.concurrency),
        opening: wait,
        patience: wait,
        connect_timeout: standard.connect_timeout,
        // A delay of the fault file is as much shorter, and has to end in a time-out as it would in life.
        answer_timeout: clock.scaled(standard.answer_timeout),
        bounds: standard.bounds,
    }
}

/// Consent to any number of changes: nobody real is affected.
fn approved(plan: Plan) -> Result<Approved, CommandError> {
    let allowance = Allowance {
        creates: Some(usize::MAX),
        updates: Some(usize::MAX),
        archives: Some(usize::MAX),
        removals: Some(usize::MAX),
        assignments: Some(usize::MAX),
        entries: Some(usize::MAX),
    };
    approve(plan, allowance, Consent::Given)
        .map_err(|objections| CommandError::Refused(render::objections(&objections)))
}
