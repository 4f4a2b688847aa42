//! What holds of every plan in which some users leave, come back or are archived already.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rosterctl::domain::field::{FIELDS, Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, ArchiveMove, Archives, DeclaredArchive, EntryId, Limit, ObservedValue,
    Policy, Scope, ShownArchive, Snapshot,
};
use rosterctl::plan::{LimitKind, Operation, OperationKind, Plan, plan};

use crate::harness::cases_of_property;
use crate::planner::invented::{Invented, own_account};
use crate::planner::reading::{Planned, number_of};
use crate::planner::strategies::invented;
use crate::planner::{account, roster, snapshot, text};

/// What is declared of a user and the archive, and what the account shows.
type Leaver = (DeclaredArchive, ShownArchive);

fn leaver() -> impl Strategy<Value = Leaver> {
    let declared = prop_oneof![
        3 => Just(DeclaredArchive::Undeclared),
        3 => Just(DeclaredArchive::Archived),
        1 => Just(DeclaredArchive::Current),
    ];
    let shown = prop_oneof![
        4 => Just(ShownArchive::Current),
        2 => Just(ShownArchive::Archived),
        1 => Just(ShownArchive::NotShown),
    ];
    (declared, shown)
}

fn leavers() -> impl Strategy<Value = Vec<Leaver>> {
    prop::collection::vec(leaver(), 9)
}

fn policy(invented: &Invented) -> Policy {
    Policy {
        archives: Archives::Allowed,
        max_archives: Limit::Count(99),
        ..invented.policy()
    }
}

fn planned(invented: Invented, leavers: &[Leaver]) -> Planned {
    let line = |at: usize| match leavers[at].0 {
        DeclaredArchive::Undeclared => "",
        DeclaredArchive::Archived => "    archived: true\n",
        DeclaredArchive::Current => "    archived: false\n",
    };
    let roster = invented.roster_with(line);
    let mut before = invented.snapshot();
    for (at, (_, shown)) in leavers.iter().enumerate().take(invented.people.len()) {
        if let Some(account) = before.account(own_account(at)) {
            let mut account = account.clone();
            account.archive = *shown;
            before.replace(account);
        }
    }
    let scope = invented.scope(&roster);
    let plan = plan(&roster, &before, &policy(&invented), &scope);
    Planned {
        invented,
        roster,
        scope,
        before,
        plan,
    }
}

fn again(planned: &Planned) -> Plan {
    let policy = policy(&planned.invented);
    plan(&planned.roster, &planned.after(), &policy, &planned.scope)
}

/// The accounts that learners who aren't archived name, as far as they show it.
fn named(snapshot: &Snapshot) -> BTreeSet<EntryId> {
    let by_users = |key: &Key| key.row().referent().is_some_and(Referent::is_user);
    let keys: Vec<Key> = FIELDS
        .iter()
        .map(|field| field.key)
        .filter(by_users)
        .collect();
    let mut named = BTreeSet::new();
    for account in snapshot.accounts() {
        if account.archive != ShownArchive::Archived {
            let own = keys.iter().filter(|key| key.row().is_of(account.role));
            let live = own.filter_map(|key| account.shown.get(*key));
            named.extend(live.filter_map(ObservedValue::reference));
        }
    }
    named
}

fn is_in_doubt(planned: &Planned, account: AccountId) -> bool {
    let account = planned.before.account(account).unwrap();
    account.archive == ShownArchive::NotShown
}

/// A leaver is archived or left alone; nobody who is archived is updated, and nobody comes back unasked.
fn is_as_declared(planned: &Planned, leavers: &[Leaver]) -> Result<(), TestCaseError> {
    for operation in &planned.plan.operations {
        let (declared, _) = leavers[number_of(operation.user().unwrap())];
        let shown = operation
            .account()
            .map(|id| planned.before.account(id).unwrap().archive);
        match (operation.kind(), declared) {
            (OperationKind::Archive, DeclaredArchive::Archived) => {
                prop_assert_ne!(shown, Some(ShownArchive::Archived));
            }
            (OperationKind::Unarchive, DeclaredArchive::Current) => {
                prop_assert_eq!(shown, Some(ShownArchive::Archived));
            }
            (OperationKind::Update, DeclaredArchive::Current) => {}
            (OperationKind::Create | OperationKind::Update, DeclaredArchive::Undeclared) => {
                prop_assert_ne!(shown, Some(ShownArchive::Archived));
            }
            (kind, declared) => {
                prop_assert!(false, "{kind:?} of a user who is {declared:?}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases_of_property(300))]

    #[test]
    fn only_who_is_declared_so_is_archived_or_brought_back(invented in invented(), leavers in leavers()) {
        let planned = planned(invented, &leavers);
        is_as_declared(&planned, &leavers)?;
    }

    /// An account that doesn't show the archive is sent again here: these plans have no journal.
    #[test]
    fn planning_again_moves_nobody(invented in invented(), leavers in leavers()) {
        let planned = planned(invented, &leavers);
        let again = again(&planned);
        for operation in again.operations.iter().filter(|one| one.archive_move().is_some()) {
            let account = operation.account().unwrap();
            prop_assert!(is_in_doubt(&planned, account), "account {} again", account);
        }
        prop_assert_eq!(again.counts().creates, 0);
    }

    #[test]
    fn no_learner_is_left_with_an_account_that_the_plan_archives(invented in invented(), leavers in leavers()) {
        let planned = planned(invented, &leavers);
        let named = named(&planned.after());
        for operation in &planned.plan.operations {
            if operation.archive_move() == Some(ArchiveMove::Archive) {
                let account = operation.account().unwrap();
                prop_assert!(!named.contains(&account.into()), "account {} is still named", account);
            }
        }
    }

    #[test]
    fn each_user_of_a_plan_with_leavers_counts_once(invented in invented(), leavers in leavers()) {
        let planned = planned(invented, &leavers);
        let plan = &planned.plan;
        let operated: BTreeSet<usize> = plan.operations.iter().filter_map(Operation::user).map(number_of).collect();
        let held: BTreeSet<usize> = plan.held.iter().map(|held| number_of(&held.who)).collect();
        prop_assert!(operated.is_disjoint(&held));
        let counted = operated.len() + held.len() + plan.unchanged + plan.leavers_gone + plan.leavers_to_come + plan.left_out;
        prop_assert_eq!(counted, plan.declared);
    }

    #[test]
    fn while_archives_are_off_nobody_moves(invented in invented(), leavers in leavers()) {
        let allowed = planned(invented, &leavers);
        let off = plan(&allowed.roster, &allowed.before, &allowed.invented.policy(), &allowed.scope);
        prop_assert!(off.operations.iter().all(|operation| operation.archive_move().is_none()));
    }
}

/// The plan in which so many archived IQAs come back, and so many others leave.
fn moving(come_back: usize, leave: usize) -> Plan {
    let mut users = String::new();
    let mut accounts = Vec::new();
    for at in 0..come_back + leave {
        let archive = at >= come_back;
        let shown = if archive {
            ShownArchive::Current
        } else {
            ShownArchive::Archived
        };
        let id = i64::try_from(at).unwrap() + 1;
        users += &format!("  - {{ id: {id}, role: iqa, archived: {archive} }}\n");
        let mis_id = text(Key::MisId, &format!("A-{at}"));
        accounts.push(Account {
            archive: shown,
            ..account(id, Role::Iqa, &[mis_id])
        });
    }
    let policy = Policy {
        archives: Archives::Allowed,
        max_archives: Limit::Count(10),
        ..Policy::default()
    };
    plan(
        &roster(&users),
        &snapshot(accounts),
        &policy,
        &Scope::whole(),
    )
}

#[test]
fn who_comes_back_counts_against_the_limit_of_archives_as_who_leaves_does() {
    for (come_back, leave) in [(11, 0), (6, 5), (1, 10), (0, 11)] {
        let plan = moving(come_back, leave);
        let counts = plan.counts();
        assert_eq!((counts.unarchives, counts.archives), (come_back, leave));
        let [excess] = plan.excesses.as_slice() else {
            panic!("{come_back} {leave}: {:?}", plan.excesses)
        };
        assert_eq!(
            (excess.kind, excess.planned, excess.allowed),
            (LimitKind::Archives, 11, 10)
        );
    }
    assert_eq!(moving(5, 5).excesses, []);
}
