//! Who leaves and who comes back: whether an account is archived, and what the plan does about it. An archive of somebody who
//! has learners waits for the operations that take them away, and is on hold for those who remain.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};

use crate::domain::field::{FIELDS, Key, Referent};
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, Archived, DeclaredArchive, DeclaredUser, EntryId, FieldText, Leaving,
    ObservedValue, Policy, ShownArchive, Snapshot, Value,
};
use crate::plan::archive_hold::{ArchiveHold, RemainingLearner};
use crate::plan::hold::HoldReason;
use crate::plan::operation::{Archive, Change, Operation, ReferenceTarget, ResolvedValue};
use crate::plan::planned::{HeldUser, Plan};

/// Where an account is, as far as anybody can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountPlace {
    Current,
    /// OneFile shows it, or no list has the account.
    Archived,
    /// An earlier run has archived it, and OneFile doesn't show whether it is.
    ArchivedBefore,
}

impl AccountPlace {
    pub(crate) fn of(account: &Account, snapshot: &Snapshot, policy: &Policy) -> Self {
        let lists_hide = policy.archived == Archived::Hidden;
        match account.archive {
            ShownArchive::Archived => Self::Archived,
            ShownArchive::NotShown if snapshot.beyond_lists.contains(&account.id) => Self::Archived,
            // If lists hide archived accounts, one that a list shows isn't archived.
            ShownArchive::NotShown if !lists_hide && snapshot.known.is_archived(account.id) => {
                Self::ArchivedBefore
            }
            ShownArchive::Current | ShownArchive::NotShown => Self::Current,
        }
    }
}

/// Whether a later reading can show that an account was archived or brought back.
pub(crate) fn is_verifiable(snapshot: &Snapshot, policy: &Policy) -> bool {
    policy.archived == Archived::Hidden || snapshot.shows_archive()
}

/// Whether the last day of a leaver isn't over yet.
pub(crate) fn is_to_come(leaving: Leaving, snapshot: &Snapshot) -> bool {
    let days = leaving.last_day.zip(snapshot.today);
    days.is_some_and(|(last_day, today)| last_day >= today)
}

/// What the manifest says of a leaver, as fields that people review.
pub(crate) fn changes_of_archive(leaving: Leaving, archived: Change) -> Vec<Change> {
    let mut changes = vec![archived];
    if let Some(day) = leaving.last_day {
        changes.push(said(Key::LastDay, Value::Day(day)));
    }
    if let Some(reason) = leaving.reason {
        let text = FieldText::new(Key::Reason.row().kind, reason);
        changes.push(said(Key::Reason, Value::Text(text)));
    }
    changes
}

fn said(key: Key, value: Value) -> Change {
    Change::first(key, ResolvedValue::Value(value))
}

/// The change of `archived` itself.
pub(crate) fn archived_change(is_archived: Value, is_verifiable: bool) -> Change {
    Change {
        is_verifiable,
        ..said(Key::Archived, is_archived)
    }
}

/// The accounts to read because a manifest says that they come back, and no list shows them: the pinned one, or those that
/// earlier readings knew.
pub fn accounts_coming_back<'u>(
    users: impl Iterator<Item = &'u DeclaredUser>,
    snapshot: &Snapshot,
) -> BTreeSet<AccountId> {
    let mut accounts = BTreeSet::new();
    for user in users {
        if user.archive != DeclaredArchive::Current || snapshot.has_candidate(user) {
            continue;
        }
        accounts.extend(user.id);
        // Somebody may come back under a new MIS value.
        let keys = [user.mis_id(), user.former_mis_id.as_deref()];
        let known = keys.into_iter().flatten();
        let known = known.map(|mis_id| snapshot.known.accounts_like(mis_id));
        let of_role = known
            .flatten()
            .filter(|account| account.user.role == user.role);
        accounts.extend(of_role.map(|account| account.id));
    }
    accounts.retain(|id| snapshot.account(*id).is_none());
    accounts
}

/// The fields by which learners name other users.
fn keys_naming_users() -> Vec<Key> {
    let naming = FIELDS
        .iter()
        .filter(|field| field.referent().is_some_and(Referent::is_user));
    naming.map(|field| field.key).collect()
}

/// Those by which they name somebody of this role.
fn keys_naming(role: Role) -> Vec<Key> {
    let mut keys = keys_naming_users();
    keys.retain(|key| {
        matches!(key.row().referent(), Some(Referent::User(serving)) if serving.contains(&role))
    });
    keys
}

/// Puts archives on hold whose account learners keep, and lets the others wait for the operations that take learners away.
pub(crate) fn settle_archives(plan: &mut Plan, snapshot: &Snapshot) {
    let serves = |archive: &Archive| !keys_naming(archive.user.role).is_empty();
    if !archives(plan).any(serves) {
        return;
    }
    let caseloads = Caseloads::of(plan, snapshot);
    let mut operations = Vec::with_capacity(plan.operations.len());
    for operation in std::mem::take(&mut plan.operations) {
        match operation {
            Operation::Archive(mut archive) if serves(&archive) => {
                let reasons = caseloads.objections(&archive, snapshot);
                if reasons.is_empty() {
                    archive.after = caseloads.leaving(archive.account);
                    operations.push(Operation::Archive(archive));
                } else {
                    plan.held.push(HeldUser {
                        who: archive.user,
                        place: archive.place,
                        reasons,
                        origin: archive.origin,
                    });
                }
            }
            operation => operations.push(operation),
        }
    }
    plan.operations = operations;
}

fn archives(plan: &Plan) -> impl Iterator<Item = &Archive> {
    plan.operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Archive(archive) => Some(archive),
            Operation::CreateEntry(_)
            | Operation::UpdateEntry(_)
            | Operation::Unarchive(_)
            | Operation::Create(_)
            | Operation::Update(_)
            | Operation::Assign(_) => None,
        })
}

/// Which learners name which accounts after the plan.
#[derive(Default)]
struct Caseloads {
    /// Those who keep naming an account, by field.
    remaining: BTreeMap<(AccountId, Key), Vec<RemainingLearner>>,
    /// Those whom the plan takes away from an account.
    leaving: HashMap<AccountId, BTreeSet<AccountId>>,
    /// Those who may be leaving any account: the plan sets their assessor, and the former one isn't known.
    perhaps_leaving: BTreeSet<AccountId>,
    /// How many accounts don't show their assessor.
    unread: usize,
}

impl Caseloads {
    fn of(plan: &Plan, snapshot: &Snapshot) -> Self {
        let (planned, keys) = (PlannedReferences::of(plan), keys_naming_users());
        let mut caseloads = Self::default();
        for account in snapshot.accounts() {
            if account.archive == ShownArchive::Archived {
                continue;
            }
            for key in keys.iter().filter(|key| key.row().is_of(account.role)) {
                caseloads.add(account, *key, &planned);
            }
        }
        caseloads
    }

    fn add(&mut self, learner: &Account, key: Key, planned: &PlannedReferences) {
        let live = learner.shown.get(key).and_then(ObservedValue::reference);
        let leaves = planned.archived.contains(&learner.id);
        let next = planned.next.get(&(learner.id, key)).copied();
        if leaves || next.is_some() {
            match live {
                Some(live) => {
                    let leaving = self.leaving.entry(live.account()).or_default();
                    leaving.insert(learner.id);
                }
                None if learner.shown.contains(key) => {}
                None => drop(self.perhaps_leaving.insert(learner.id)),
            }
        }
        if leaves {
            return;
        }
        let is_unread = next.is_none() && !learner.shown.contains(key);
        // Without an assessor nobody is a learner; few have an employer.
        self.unread += usize::from(is_unread && key.row().is_mandatory_for(learner.role));
        let stays_with = match next {
            Some(next) => next,
            None => live,
        };
        if let Some(account) = stays_with {
            let remaining = self.remaining.entry((account.account(), key)).or_default();
            remaining.push(RemainingLearner {
                mis_id: learner.mis_id().map(str::to_owned),
                id: learner.id,
            });
        }
    }

    fn objections(&self, archive: &Archive, snapshot: &Snapshot) -> Vec<HoldReason> {
        let mut reasons = Vec::new();
        let keys = keys_naming(archive.user.role);
        for key in &keys {
            if let Some(learners) = self.remaining.get(&(archive.account, *key)) {
                let mut learners = learners.clone();
                learners.sort();
                reasons.push(HoldReason::Archive(ArchiveHold::LearnersRemain {
                    key: *key,
                    learners,
                }));
            }
        }
        if keys.contains(&Key::DefaultAssessor) {
            if self.unread > 0 {
                reasons.push(HoldReason::Archive(ArchiveHold::LearnersUnread(
                    self.unread,
                )));
            }
            if !snapshot.whole.contains(&Role::Learner) {
                reasons.push(HoldReason::Archive(ArchiveHold::LearnersUnseen));
            }
        }
        reasons
    }

    fn leaving(&self, account: AccountId) -> BTreeSet<AccountId> {
        let mut learners = self.perhaps_leaving.clone();
        learners.extend(self.leaving.get(&account).into_iter().flatten());
        learners
    }
}

/// What the operations of a plan do to the references of learners.
struct PlannedReferences {
    /// Whom an update lets a learner name; `None` if that account is still to be created.
    next: HashMap<(AccountId, Key), Option<EntryId>>,
    archived: HashSet<AccountId>,
}

impl PlannedReferences {
    fn of(plan: &Plan) -> Self {
        let mut next = HashMap::default();
        for update in plan.updates() {
            for change in &update.changes {
                if let ResolvedValue::Reference { target, .. } = &change.to {
                    let id = match target {
                        ReferenceTarget::Known(id) => Some(*id),
                        ReferenceTarget::AfterApply(_)
                        | ReferenceTarget::AfterEntry(_)
                        | ReferenceTarget::Unit { .. } => None,
                    };
                    next.insert((update.account, change.key), id);
                }
            }
        }
        Self {
            next,
            archived: archives(plan).map(|archive| archive.account).collect(),
        }
    }
}
