//! Whoever was here before is not new: with any subset of accounts hidden, and a ledger or a base that knows them, none of their
//! users is created.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, KnownAccount, KnownUsers, Policy, Roster, Scope, Snapshot, UserIdentity,
};
use rosterctl::plan::{HoldReason, Operation, Plan, plan};

use crate::harness::cases_of_property;
use crate::planner::invented::Invented;
use crate::planner::strategies::invented;
use crate::planner::{account, roster, snapshot, text};

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

/// The plan for an assessor with the MIS value S-1. Its account is known, and shows this role and MIS value now.
fn plan_beside(role: Role, mis_id: &str, keys: &str, is_declared_before: bool) -> Plan {
    let user = roster(&format!(
        "  - {{ misId: S-1, role: assessor, firstName: Bo, lastName: Bexley, email: bo@example.ac.uk{keys} }}\n",
    ));
    let names = [(Key::FirstName, "Ann"), (Key::LastName, "Abbotsley")];
    let mut shown: Vec<_> = names.iter().map(|(key, name)| text(*key, name)).collect();
    shown.push(text(Key::MisId, mis_id));
    let mut live = snapshot(vec![account(7, role, &shown)]);
    live.known.add_account(KnownAccount {
        id: AccountId::new(7),
        user: UserIdentity::new(Role::Assessor, "S-1"),
        last_seen: "2026-11-03T09:00:00Z".parse().unwrap(),
    });
    let before = Scope::since(&user, Some(&user), false);
    let scope = if is_declared_before {
        before
    } else {
        Scope::whole()
    };
    plan(&user, &live, &Policy::default(), &scope)
}

fn reasons_beside(role: Role, mis_id: &str) -> Vec<HoldReason> {
    let mut held = plan_beside(role, mis_id, "", false).held.into_iter();
    held.next().map(|held| held.reasons).unwrap_or_default()
}

/// The account is the person's own in another role by now, so nothing more is asked.
#[test]
fn an_account_that_changed_its_role_is_answered_by_also_has_although_the_user_was_declared_before()
{
    for role in [Role::Iqa, Role::Employer, Role::Observer] {
        let plan = plan_beside(role, "S-1", ", alsoHas: [7]", true);
        assert_eq!(created(&plan).len(), 1, "{role:?} {:?}", plan.held);
    }
}

#[test]
fn an_account_that_shows_another_mis_value_than_it_had_holds_the_create() {
    for mis_id in ["S-2", "", "s-1-old"] {
        let reasons = reasons_beside(Role::Assessor, mis_id);
        let [HoldReason::HadAccount(accounts)] = &reasons[..] else {
            panic!("{mis_id}: {reasons:?}");
        };
        assert_eq!(accounts[0].id, AccountId::new(7));
        assert!(accounts[0].now.is_some());
    }
    for role in [Role::Iqa, Role::Employer] {
        let reasons = reasons_beside(role, "S-2");
        assert!(
            matches!(&reasons[..], [HoldReason::HadAccount(_)]),
            "{reasons:?}"
        );
    }
    let reasons = reasons_beside(Role::Assessor, "S-1");
    let is_past = |reason: &HoldReason| matches!(reason, HoldReason::HadAccount(_));
    assert!(!reasons.iter().any(is_past), "{reasons:?}");
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
