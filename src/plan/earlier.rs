//! Whoever was here before is not new. A create is on hold if an account is known for the user that OneFile doesn't show any
//! more, or if the user was declared before this change and yet has no account.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredArchive, DeclaredUser, KnownAccount, People, RemovedUser, Roster,
    Scope, Snapshot, UserIdentity,
};
use crate::plan::hold::{FormerAccount, HoldReason, ShownNow};
use crate::plan::matching::match_all;
use crate::plan::operation::{Operation, UserLabel};
use crate::plan::planned::Plan;

/// The users who are declared, by role and MIS value.
pub(crate) struct DeclaredIdentities<'r>(HashSet<(Role, &'r str)>);

impl<'r> DeclaredIdentities<'r> {
    pub(crate) fn of(roster: &'r Roster) -> Self {
        let users = roster.users().iter();
        Self(
            users
                .filter_map(|user| Some((user.role, user.mis_id()?)))
                .collect(),
        )
    }

    /// Whether another declared user has exactly the role and MIS value of a known account.
    fn is_others(&self, account: &KnownAccount, user: &DeclaredUser) -> bool {
        let (role, mis_id) = (account.user.role, account.user.mis_id.as_str());
        (role, Some(mis_id)) != (user.role, user.mis_id()) && self.0.contains(&(role, mis_id))
    }
}

/// A user who would be created, and what speaks about its past.
pub(crate) struct Newcomer<'n> {
    pub(crate) index: usize,
    pub(crate) user: &'n DeclaredUser,
    pub(crate) snapshot: &'n Snapshot,
    pub(crate) declared: &'n DeclaredIdentities<'n>,
    pub(crate) people: &'n People,
    pub(crate) scope: &'n Scope,
}

impl Newcomer<'_> {
    /// Why the user may not be new, unless another reason says it already.
    pub(crate) fn objection(&self, others: &[HoldReason]) -> Option<HoldReason> {
        let mut former = self.former_accounts();
        let has_known = !former.is_empty();
        former.retain(|id, _| !self.is_answered(*id));
        if former.is_empty() {
            let is_said = others
                .iter()
                .any(|other| matches!(other, HoldReason::Unclear { .. }));
            let is_open = !has_known && !is_said && self.was_declared_before();
            return is_open.then_some(HoldReason::DeclaredBefore);
        }
        let named: BTreeSet<_> = others.iter().flat_map(HoldReason::accounts).collect();
        former.retain(|id, _| !named.contains(id));
        let accounts: Vec<_> = former.into_values().collect();
        (!accounts.is_empty()).then_some(HoldReason::HadAccount(accounts))
    }

    /// The accounts that were this user's, under the declared MIS value or under the one before this change.
    fn former_accounts(&self) -> BTreeMap<AccountId, FormerAccount> {
        let mut former = BTreeMap::new();
        let known = &self.snapshot.known;
        let own = self.user.mis_id().map(|mis_id| known.accounts_like(mis_id));
        for account in own.into_iter().flatten() {
            if !self.declared.is_others(account, self.user) {
                self.add(account, &mut former);
            }
        }
        let formerly = self
            .formerly()
            .map(|user| known.accounts_like(&user.mis_id));
        let renumbered = self.user.former_mis_id.as_deref();
        let renumbered = renumbered.map(|mis_id| known.accounts_like(mis_id));
        for account in formerly.into_iter().chain(renumbered).flatten() {
            self.add(account, &mut former);
        }
        former
    }

    fn add(&self, account: &KnownAccount, former: &mut BTreeMap<AccountId, FormerAccount>) {
        let live = self.snapshot.account(account.id);
        // An account that is shown as it was is matched or compared like every other one.
        if live.is_some_and(|live| is_as_known(live, account)) {
            return;
        }
        let found = FormerAccount {
            id: account.id,
            was: account.user.clone(),
            until: account.last_seen,
            now: live.map(|live| ShownNow {
                role: live.role,
                mis_id: live.mis_id().map(str::to_owned),
            }),
        };
        match former.get(&account.id) {
            Some(known) if known.until >= found.until => {}
            Some(_) | None => drop(former.insert(account.id, found)),
        }
    }

    /// Whether the manifest says what the account is: one that the new account replaces, somebody else's, or another one of
    /// the same person.
    fn is_answered(&self, id: AccountId) -> bool {
        self.user.replaces.contains(&id)
            || self.user.distinct_from.contains(&id)
            || self.people.has_account(self.index, id)
    }

    fn formerly(&self) -> Option<&UserIdentity> {
        self.scope.edit(self.index)?.formerly.as_ref()
    }

    /// Whether the user was declared before this change, and nobody knows of an earlier attempt to create the account.
    fn was_declared_before(&self) -> bool {
        let Some(edit) = self.scope.edit(self.index) else {
            return false;
        };
        let known = &self.snapshot.known;
        let own = self.user.mis_id();
        let waits = own.is_some_and(|mis_id| known.waits(self.user.role, mis_id))
            || self
                .formerly()
                .is_some_and(|was| known.waits(was.role, &was.mis_id));
        // An account that has the former MIS value is told of as a re-key, which `distinctFrom` answers.
        let is_told = self
            .formerly()
            .is_some_and(|was| self.snapshot.with_mis_id(&was.mis_id).next().is_some());
        let is_answered = edit.asks_again || self.replaces_own_account();
        edit.was_declared && !is_told && !is_answered && !waits
    }

    /// Whether `replaces` names an account that may have been this user's: one that isn't shown, or one that an earlier reading
    /// knew as theirs. Any other account that is shown is somebody's, and a slip.
    fn replaces_own_account(&self) -> bool {
        let former = self.former_accounts();
        let is_own =
            |id: &AccountId| self.snapshot.account(*id).is_none() || former.contains_key(id);
        self.user.replaces.iter().any(is_own)
    }
}

fn is_as_known(live: &Account, known: &KnownAccount) -> bool {
    live.role == known.user.role && live.mis_id() == Some(known.user.mis_id.as_str())
}

/// What a plan is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanPurpose {
    ToShow,
    ToApply,
}

/// The users without an account whom the next plan may create although they are declared by then. A user whom the base of this
/// change declares already is one of them only if somebody applies this plan: else a first plan would answer the second one's
/// question.
pub fn waiting(
    plan: &Plan,
    roster: &Roster,
    scope: &Scope,
    purpose: PlanPurpose,
) -> BTreeSet<UserIdentity> {
    let mut users = HashMap::new();
    // Who leaves or comes back waits for no account.
    let is_there = |user: &DeclaredUser| user.archive == DeclaredArchive::Undeclared;
    for (index, user) in roster.users().iter().enumerate() {
        if !is_there(user) {
            continue;
        }
        users.insert((user.role, user.mis_id()), index);
    }
    let is_new = |who: &UserLabel| {
        let Some(index) = users.get(&(who.role, who.mis_id.as_deref())) else {
            return false;
        };
        match purpose {
            PlanPurpose::ToShow => scope.edit(*index).is_some_and(|edit| !edit.was_declared),
            PlanPurpose::ToApply => true,
        }
    };
    let mut waiting = BTreeSet::new();
    for operation in &plan.operations {
        match operation {
            Operation::Create(create) if is_new(&create.user) => {
                waiting.extend(identity(&create.user));
            }
            Operation::CreateEntry(_)
            | Operation::UpdateEntry(_)
            | Operation::Unarchive(_)
            | Operation::Assign(_)
            | Operation::Create(_)
            | Operation::Update(_)
            | Operation::Archive(_) => {}
        }
    }
    for held in &plan.held {
        if is_new(&held.who) && !held.reasons.iter().any(HoldReason::is_about_the_past) {
            waiting.extend(identity(&held.who));
        }
    }
    waiting
}

fn identity(who: &UserLabel) -> Option<UserIdentity> {
    Some(UserIdentity::new(who.role, who.mis_id.as_deref()?))
}

/// The declared users who have a MIS value or an account. They are managed from this apply on.
pub fn managed(roster: &Roster, snapshot: &Snapshot) -> Vec<RemovedUser> {
    let matches = match_all(roster, snapshot);
    let mut managed = Vec::with_capacity(matches.len());
    for (user, matched) in roster.users().iter().zip(&matches) {
        let account = matched.account();
        let mis_id = user.mis_id().or_else(|| account.and_then(Account::mis_id));
        let id = account.map(|account| account.id);
        // A user whose MIS value isn't managed in this run can't be told from others later.
        if mis_id.is_some() || id.is_some() {
            managed.push(RemovedUser {
                role: user.role,
                mis_id: mis_id.map(str::to_owned),
                id,
            });
        }
    }
    managed
}
