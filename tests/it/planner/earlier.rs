//! Whoever was here before is not new: with any subset of accounts hidden, and a ledger or a base that knows them, none of their
//! users is created.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rosterctl::domain::field::Key;
use rosterctl::domain::{
    Account, AccountId, KnownAccount, KnownUsers, Roster, Scope, Snapshot, UserIdentity,
};
use rosterctl::plan::{Operation, Plan, plan};

use crate::harness::cases_of_property;
use crate::planner::invented::Invented;
use crate::planner::strategies::invented;

fn mis_id(account: &Account) -> Option<String> {
    account.text(Key::MisId)
}

/// What a ledger knows after a reading of this snapshot.
fn seen(snapshot: &Snapshot) -> KnownUsers {
    let mut known = KnownUsers::default();
    for account in snapshot.accounts() {
        if let Some(mis_id) = mis_id(account) {
            known.add_account(KnownAccount {
                id: account.id,
                user: UserIdentity::new(account.role, &mis_id),
                last_seen: "2026-11-03T09:00:00Z".parse().unwrap(),
            });
        }
    }
    known
}

/// The same snapshot without some of the accounts.
fn without(snapshot: &Snapshot, is_hidden: impl Fn(&Account) -> bool) -> Snapshot {
    let accounts = snapshot.accounts().filter(|account| !is_hidden(account));
    let mut rest = Snapshot::new(
        snapshot.organisation.clone(),
        snapshot.directory.clone(),
        snapshot.whole.clone(),
        accounts.cloned().collect(),
    );
    rest.unclear = snapshot.unclear.clone();
    rest
}

fn created(plan: &Plan) -> BTreeSet<UserIdentity> {
    let creates = plan.operations.iter().filter_map(Operation::created_user);
    creates.collect()
}

/// Whether an account has the role and MIS value of a user, and the user doesn't call it somebody else's.
fn had_account(roster: &Roster, before: &Snapshot, wanted: &UserIdentity) -> bool {
    let is_wanted =
        |role, mis_id: Option<&str>| role == wanted.role && mis_id == Some(&*wanted.mis_id);
    let mut users = roster.users().iter();
    let user = users
        .find(|user| is_wanted(user.role, user.mis_id()))
        .unwrap();
    let others: &BTreeSet<AccountId> = &user.distinct_from;
    before.accounts().any(|account| {
        is_wanted(account.role, mis_id(account).as_deref()) && !others.contains(&account.id)
    })
}

fn with_policy(invented: &Invented, snapshot: &Snapshot, scope: &Scope) -> Plan {
    plan(&invented.roster(), snapshot, &invented.policy(), scope)
}

proptest! {
    #![proptest_config(cases_of_property(300))]

    #[test]
    fn nobody_whose_account_the_ledger_knows_is_created_whatever_is_hidden(
        invented in invented(), hidden in prop::collection::vec(any::<bool>(), 64),
    ) {
        let (roster, before) = (invented.roster(), invented.snapshot());
        let ids: Vec<AccountId> = before.accounts().map(|account| account.id).collect();
        let is_hidden = |account: &Account| {
            let at = ids.iter().position(|id| *id == account.id).unwrap();
            hidden[at % hidden.len()]
        };
        let mut after = without(&before, is_hidden);
        after.known = seen(&before);
        for scope in [Scope::whole(), invented.scope(&roster)] {
            for user in created(&with_policy(&invented, &after, &scope)) {
                prop_assert!(!had_account(&roster, &before, &user), "{user} is created again");
            }
        }
    }

    #[test]
    fn nobody_who_was_declared_before_is_created_in_a_fresh_clone(
        invented in invented(), hidden in prop::collection::vec(any::<bool>(), 64),
    ) {
        let (roster, before) = (invented.roster(), invented.snapshot());
        let ids: Vec<AccountId> = before.accounts().map(|account| account.id).collect();
        let after = without(&before, |account| {
            let at = ids.iter().position(|id| *id == account.id).unwrap();
            hidden[at % hidden.len()]
        });
        let scope = Scope::since(&roster, Some(&roster), false);
        prop_assert_eq!(created(&with_policy(&invented, &after, &scope)), BTreeSet::new());
    }

    /// Where nothing is hidden, the ledger holds nobody.
    #[test]
    fn what_is_shown_as_it_was_holds_nobody(invented in invented()) {
        let (roster, before) = (invented.roster(), invented.snapshot());
        let scope = invented.scope(&roster);
        let mut after = before.clone();
        for user in roster.users().iter().filter(|user| user.mis_id().is_some()) {
            after.known.add_waiting(UserIdentity::new(user.role, user.mis_id().unwrap()));
        }
        let without_ledger = with_policy(&invented, &after, &scope);
        for account in before.accounts() {
            if let Some(mis_id) = mis_id(account) {
                after.known.add_account(KnownAccount {
                    id: account.id,
                    user: UserIdentity::new(account.role, &mis_id),
                    last_seen: "2026-11-03T09:00:00Z".parse().unwrap(),
                });
            }
        }
        let with_ledger = with_policy(&invented, &after, &scope);
        prop_assert_eq!(created(&with_ledger), created(&without_ledger));
    }
}
