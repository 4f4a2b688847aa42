//! From a project to a plan: the steps that `plan`, `apply` and `rehearse` share.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use tracing::info;

use crate::apply::journal::{JournalKnowledge, JournalScope};
use crate::apply::{JournalState, Outcome, TakenUp, take_up, take_up_sent};
use crate::cli::args::{BaseArgs, JournalArgs, ServerArgs};
use crate::cli::connection::{Connection, pace};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::known_users;
use crate::cli::other_checkouts;
use crate::cli::readings;
use crate::cli::selection::RunSelection;
use crate::domain::clock::ReadingTime;
use crate::domain::{
    AccountId, DeclaredUser, FieldPolicy, KeptValues, KnownUsers, Policy, ResolvedCreate, Roster,
    Scope, Selector, SentAssignment, Snapshot, UserIdentity,
};
use crate::manifest::sealed::RecipientChanges;
use crate::onefile::{
    Client, Pace, Recall, RecallHoldings, Recalled, fetch_assignments, fetch_beyond_lists,
    fetch_planned_accounts, fetch_planned_lists,
};
use crate::plan::{Plan, PlanPurpose, Service, accounts_coming_back, managed, plan, waiting};
use crate::project::base::UnseenOverlay;
use crate::project::base::{BaseChanges, BaseCommit, BaseScope, ChangedUsers};
use crate::project::journal_folder::journal_folder;
use crate::project::load::LoadedProject;
use crate::project::settings::{ChosenServer, Project, SANDBOX, choose};
use crate::render;
use crate::review::PlanTarget;
use crate::sandbox::TOKEN;

/// The input of a plan from this machine.
pub(crate) struct PlanInput {
    pub(crate) project: Project,
    pub(crate) roster: Roster,
    /// Narrowed to the selection once the lists of the server are read.
    pub(crate) scope: Scope,
    selection: RunSelection,
    is_fresh: bool,
    /// The policy at the base commit.
    base_policy: Option<Policy>,
    /// What the base commit says about fields.
    base_fields: Option<FieldPolicy>,
    /// Who can open sealed overlays since the base commit, and who can't any longer.
    recipients: RecipientChanges,
    /// The overlays that can't be read at the base commit.
    unseen: BTreeMap<String, UnseenOverlay>,
    pub(crate) server: ChosenServer,
    pub(crate) pace: Pace,
    /// Where the journal is read from. It may not exist.
    journal: PathBuf,
    /// The folder that `--journal` names.
    chosen_journal: Option<PathBuf>,
    pub(crate) target: PlanTarget,
}

/// What a plan is asked for, by flags or by the file of a reviewed plan.
pub(crate) struct PlanRequest<'r> {
    pub(crate) server: &'r ServerArgs,
    pub(crate) base: Option<&'r BaseScope>,
    pub(crate) journal: &'r JournalArgs,
    pub(crate) selection: RunSelection,
    /// Whether accounts are read that are as an earlier reading has seen them.
    pub(crate) is_fresh: bool,
}

/// A plan, and everything needed to apply it.
pub(crate) struct PlannedRun {
    pub(crate) plan: Plan,
    pub(crate) basis: PlanBasis,
}

/// The input of a plan, and the session that read the accounts.
pub(crate) struct PlanBasis {
    pub(crate) input: PlanInput,
    pub(crate) session: Connection,
    pub(crate) snapshot: Snapshot,
    /// When the first account was read.
    pub(crate) read_at: ReadingTime,
    /// Creates that earlier runs left unconfirmed and that are resolved now.
    pub(crate) resolved: Vec<ResolvedCreate>,
    /// Created accounts that the lists show for the first time.
    pub(crate) listed: Vec<AccountId>,
    /// Templates of earlier runs that show for the first time.
    pub(crate) templates: Vec<SentAssignment>,
    /// The text to show above the plan.
    pub(crate) notes: String,
}

impl PlanInput {
    /// Reads the project and chooses the server. Sends no request yet.
    pub(crate) fn load(
        context: &Context<'_>,
        request: PlanRequest<'_>,
    ) -> Result<Self, CommandError> {
        let PlanRequest {
            server: args,
            base,
            journal,
            selection,
            is_fresh,
        } = request;
        let loaded = context.load_project()?;
        selection.check(&loaded.roster)?;
        let server = choose(
            &args.into(),
            &context.environment,
            loaded.project.target.as_deref(),
        )?;
        let changes = match base {
            Some(base) => Some(base_changes(context, base, &loaded)?),
            None => None,
        };
        let target = PlanTarget {
            target: server.identity(),
            organisation: loaded.project.organisation,
            base: changes.as_ref().map(|changes| changes.commit.clone()),
            only_changed: base.is_some_and(|base| base.changed == ChangedUsers::Alone),
            only: written(&selection.selection.only),
            exclude: written(&selection.selection.exclude),
            fields: sayings(&loaded.project.fields),
        };
        let recipients = changes.as_ref().map(|changes| changes.recipients.clone());
        let unseen = changes
            .as_ref()
            .map(|changes| changes.unseen_overlays.clone());
        let (scope, base_policy, base_fields) = match changes {
            Some(changes) => (changes.scope, changes.policy, changes.fields),
            None => (Scope::whole(), None, None),
        };
        Ok(Self {
            pace: pace(args, Some(&loaded.project), &server),
            project: loaded.project,
            roster: loaded.roster,
            scope,
            selection,
            is_fresh,
            base_policy,
            base_fields,
            recipients: recipients.unwrap_or_default(),
            unseen: unseen.unwrap_or_default(),
            server,
            journal: journal_folder(context.dir, journal.journal.as_deref()),
            chosen_journal: journal.journal.clone(),
            target,
        })
    }

    /// Reads the accounts and makes the plan. It may plan a create again if an earlier run left it unconfirmed at least
    /// `settle_after` minutes ago.
    pub(crate) async fn plan(
        mut self,
        context: &Context<'_>,
        settle_after: u32,
    ) -> Result<PlannedRun, CommandError> {
        let scope = self.journal_scope();
        let known = other_checkouts::known(context, &self.server, &self.journal, &scope)?;
        info!(
            "the journal is in {}; unclear creates in it: {}",
            self.journal.display(),
            known.open.len()
        );
        let known_users = self.known_users(context, &scope, &known)?;
        let session = Connection::open(context, &self.server, self.pace).await?;
        let read_at = context.clock.reading_time();
        let mut readings = readings::load(context, &self.journal, &self.server, &scope);
        let recall = readings.as_mut().map(|readings| Recall {
            readings,
            at: read_at.at,
            updated: &known.updated,
            is_fresh: self.is_fresh,
        });
        let (mut snapshot, mut recalled) = self.read_accounts(context, &session, recall).await?;
        let journal = JournalState {
            known: &known,
            settle_after: SignedDuration::from_mins(i64::from(settle_after)),
        };
        let TakenUp {
            taken: resolved,
            listed,
        } = take_up(
            &session.client,
            context.clock,
            &journal,
            &self.roster,
            &mut snapshot,
        )
        .await?;
        snapshot.known = known_users;
        let coming_back = accounts_coming_back(self.planned_users(), &snapshot);
        fetch_beyond_lists(&session.client, coming_back, &mut snapshot).await?;
        let (assigned, touched) = (known.assigned(), known.touched());
        let recall = readings.as_mut().map(|readings| RecallHoldings {
            readings,
            at: read_at.at,
            assigned: &assigned,
            touched: &touched,
            accounts: &mut recalled,
        });
        self.read_assignments(context, &session.client, &mut snapshot, recall)
            .await?;
        for distrust in &recalled.distrust {
            context.ui.say(&render::distrust(*distrust));
        }
        let templates =
            take_up_sent(&session.client, context.clock, &journal, &mut snapshot).await?;
        snapshot.kept = KeptValues::new(self.token(), known.kept);
        let plan = Plan {
            service: session.service(),
            ..plan(&self.roster, &snapshot, &self.project.policy, &self.scope)
        };
        self.keep_reading(context, &snapshot, &plan).await;
        known_users::keep_names_for_editors(context, &self.project, (&self.server, &snapshot));
        if let Some(readings) = readings {
            readings::keep(
                context,
                self.chosen_journal.as_deref(),
                &scope,
                (readings, &plan),
            );
        }
        let notes = self.policy_notes() + &render::taken_up(&resolved) + self.other_accounts(&plan);
        let basis = PlanBasis {
            notes,
            input: self,
            session,
            snapshot,
            read_at,
            resolved,
            listed,
            templates,
        };
        context.ui.say(&format!("{}\n", basis.heading()));
        Ok(PlannedRun { plan, basis })
    }

    /// What earlier readings and runs know of the organisation.
    fn known_users(
        &self,
        context: &Context<'_>,
        place: &JournalScope,
        journal: &JournalKnowledge,
    ) -> Result<KnownUsers, CommandError> {
        let others = other_checkouts::journals(context, &self.server, &self.journal, place);
        let mut known = known_users::known(context, &self.journal, others, place)?;
        for account in &journal.archived {
            known.add_archived(*account);
        }
        for user in &journal.tried {
            known.add_tried(user.clone());
        }
        Ok(known)
    }

    /// Adds a reading to the ledger, and the users whom this change declares for the first time.
    async fn keep_reading(&self, context: &Context<'_>, snapshot: &Snapshot, plan: &Plan) {
        let (place, now) = (self.journal_scope(), context.clock.now());
        let waiting = waiting(plan, &self.roster, &self.scope, PlanPurpose::ToShow);
        let before = self.project.policy.keep_known.before(now);
        let declared = declared_identities(&self.roster);
        known_users::keep(context, self.chosen_journal.as_deref(), |ledger| {
            ledger.see(&place, snapshot, now);
            ledger.wait(&place, &waiting, now);
            ledger.forget(&place, before, &declared);
        })
        .await;
    }

    /// Notes in the ledger who is declared at an apply, and who of them waits for an account.
    pub(crate) async fn keep_managed(
        &self,
        context: &Context<'_>,
        snapshot: &Snapshot,
        plan: &Plan,
    ) {
        let (place, now) = (self.journal_scope(), context.clock.now());
        let waiting = waiting(plan, &self.roster, &self.scope, PlanPurpose::ToApply);
        let mut managed = managed(&self.roster, snapshot);
        // An apply of a part of the users isn't an answer to who has left the manifests.
        if !plan.selection.is_everybody() {
            managed.extend_from_slice(&plan.removed);
        }
        known_users::keep(context, self.chosen_journal.as_deref(), |ledger| {
            ledger.manage(&place, &managed, now);
            ledger.wait(&place, &waiting, now);
        })
        .await;
    }

    /// Notes accounts in the ledger that only the search before a create has shown.
    pub(crate) async fn keep_found(&self, context: &Context<'_>, outcome: &Outcome) {
        let (place, now) = (self.journal_scope(), context.clock.now());
        let found = outcome.found_before_create();
        if !found.is_empty() {
            known_users::keep(context, self.chosen_journal.as_deref(), |ledger| {
                for (user, id) in &found {
                    ledger.see_account(&place, user, *id, now);
                }
            })
            .await;
        }
    }

    fn planned_users(&self) -> impl Iterator<Item = &DeclaredUser> {
        let users = self.roster.users().iter().enumerate();
        let planned = users.filter(|(at, _)| self.scope.includes(*at));
        planned.map(|(_, user)| user)
    }

    async fn read_accounts(
        &mut self,
        context: &Context<'_>,
        session: &Connection,
        recall: Option<Recall<'_>>,
    ) -> Result<(Snapshot, Recalled), CommandError> {
        if !self.selection.selection.needs_lists() {
            self.narrow(None)?;
        }
        let client = &session.client;
        let reading = Box::pin(self.read(client, recall));
        context
            .ui
            .reading(context.clock, "Reading the accounts", client, reading)
            .await
    }

    /// Reads what learners have of what they are to get by calls of their own.
    async fn read_assignments(
        &self,
        context: &Context<'_>,
        client: &Client,
        snapshot: &mut Snapshot,
        recall: Option<RecallHoldings<'_>>,
    ) -> Result<(), CommandError> {
        let reading = Box::pin(async {
            let scope = &self.scope;
            Ok(fetch_assignments(client, &self.roster, scope, snapshot, recall).await?)
        });
        context
            .ui
            .reading(context.clock, "Reading what learners have", client, reading)
            .await
    }

    async fn read(
        &mut self,
        client: &Client,
        recall: Option<Recall<'_>>,
    ) -> Result<(Snapshot, Recalled), CommandError> {
        let organisation = self.project.organisation;
        let lists = fetch_planned_lists(client, organisation, &self.roster, &self.scope).await?;
        if self.selection.selection.needs_lists() {
            self.narrow(Some(&lists.snapshot))?;
        }
        Ok(fetch_planned_accounts(client, lists, &self.roster, &self.scope, recall).await?)
    }

    /// Leaves out whom the selection doesn't name.
    fn narrow(&mut self, live: Option<&Snapshot>) -> Result<(), CommandError> {
        let selection = &self.selection.selection;
        if !selection.is_everybody() {
            let selected = self.selection.selected(&self.roster, live)?;
            self.scope.narrow(selection.clone(), selected);
        }
        Ok(())
    }

    /// The differences between the policy and that of the base commit.
    fn policy_notes(&self) -> String {
        let mut notes = String::new();
        if let Some(base) = &self.base_policy {
            notes += &render::policy_edits(base, &self.project.policy);
        }
        if let Some(base) = &self.base_fields {
            notes += &render::field_edits(base, &self.project.fields);
        }
        for (name, _) in self
            .unseen
            .iter()
            .filter(|(_, why)| **why == UnseenOverlay::Sealed)
        {
            notes += &render::unseen_at_base(name);
        }
        notes + &render::recipient_edits(&self.recipients)
    }

    /// What to do if the sandbox holds none of the declared accounts, because the manifests were written for a real server.
    fn other_accounts(&self, plan: &Plan) -> &'static str {
        let is_for_sandbox = self.project.target.as_deref() == Some(SANDBOX);
        let has_others = plan.service == Service::Sandbox
            && !is_for_sandbox
            && !plan.undeclared.is_empty()
            && plan.declared > plan.left_out;
        if has_others && plan.matched == 0 {
            OTHER_ACCOUNTS
        } else {
            ""
        }
    }

    /// The server and organisation that the journal is kept for.
    pub(crate) fn journal_scope(&self) -> JournalScope {
        JournalScope {
            target: self.target.target.clone(),
            organisation: self.target.organisation,
        }
    }

    /// The customer token. It is also the key of the digests in a plan that is kept for review.
    pub(crate) fn token(&self) -> &str {
        match &self.server {
            ChosenServer::Sandbox => TOKEN,
            ChosenServer::Remote { token, .. } => token.expose_secret(),
        }
    }
}

impl PlanBasis {
    /// The organisation and the server, by name.
    pub(crate) fn heading(&self) -> String {
        render::place(&self.snapshot.organisation, &self.session.server)
    }
}

fn written(selectors: &[Selector]) -> Vec<String> {
    selectors.iter().map(Selector::to_string).collect()
}

/// What a project says about its fields, as a reviewed plan keeps it.
fn sayings(fields: &FieldPolicy) -> BTreeMap<String, String> {
    let sayings = fields.sayings().into_iter();
    sayings
        .map(|(field, word)| (field, word.to_owned()))
        .collect()
}

/// The users who are declared, by role and MIS value.
fn declared_identities(roster: &Roster) -> HashSet<UserIdentity> {
    let identity = |user: &DeclaredUser| Some(UserIdentity::new(user.role, user.mis_id()?));
    roster.users().iter().filter_map(identity).collect()
}

/// The scope that `--base` and `--only-changed` ask for.
pub(crate) fn base_scope(args: &BaseArgs) -> Option<BaseScope> {
    let reference = args.base.clone()?;
    Some(BaseScope {
        since: BaseCommit::MergeBase(reference),
        changed: if args.only_changed {
            ChangedUsers::Alone
        } else {
            ChangedUsers::WithTheRest
        },
    })
}

/// The users that a change edits. If the base commit is invalid, prints a note, because every user then counts as changed.
fn base_changes(
    context: &Context<'_>,
    base: &BaseScope,
    loaded: &LoadedProject,
) -> Result<BaseChanges, CommandError> {
    let changes = base.changes(context.project_folder(), loaded)?;
    let has_sealed = changes
        .unseen_overlays
        .values()
        .any(|why| *why == UnseenOverlay::Sealed);
    if !changes.is_base_valid && !has_sealed {
        let commit = changes.commit.get(..12).unwrap_or(&changes.commit);
        context.ui.say(&format!(
            "note: the manifests of {commit} aren't valid, so that everybody counts as changed"
        ));
    }
    for (name, why) in &changes.unseen_overlays {
        let what = match why {
            UnseenOverlay::Filtered(_) => "edits of it don't count as part of this change",
            UnseenOverlay::Sealed => "everybody counts as changed",
        };
        context.ui.say(&format!(
            "note: {} {} at the base, so that {what}",
            render::shown(name),
            why.words()
        ));
    }
    Ok(changes)
}

const OTHER_ACCOUNTS: &str = "None of the declared users has an account in this sandbox: its accounts come from sandbox.yaml, not from the server that these manifests are for. `rosterctl rehearse` reads that server, and tries this plan in a sandbox with invented people.\n\n";
