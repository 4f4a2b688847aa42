//! Staff with several roles: an account for each role, told apart by MIS value and role, and what `alsoHas` says.

use proptest::prelude::*;
use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, Policy, RecordedUser, Scope, Snapshot, UnclearCreate, UnclearKind,
};
use rosterctl::plan::{
    HoldReason, Operation, Plan, ReferenceTarget, ResolvedValue, declared_as, plan,
};

use super::{account, perform, roster, snapshot, text};
use crate::harness::cases_of_property;

const STAFF: &[Role] = &[
    Role::TraineeAssessor,
    Role::Assessor,
    Role::Iqa,
    Role::Employer,
    Role::Observer,
];

/// A declared user called Sam Silverbirch. `more` is in the form `, key: value`.
fn sam(role: Role, mis_id: &str, more: &str) -> String {
    format!(
        "  - {{ misId: {mis_id}, role: {}, firstName: Sam, lastName: Silverbirch, email: sam@example.ac.uk{more}{} }}\n",
        role.name(),
        placed(role)
    )
}

fn placed(role: Role) -> &'static str {
    match role {
        Role::Employer | Role::Observer => ", placement: BT01",
        _ => "",
    }
}

fn learner(mis_id: &str, more: &str) -> String {
    format!(
        "  - {{ misId: {mis_id}, role: learner, firstName: Lena, lastName: Larkspurne, email: lena@example.ac.uk, classroom: Business, placement: BT01{more} }}\n"
    )
}

/// An account of Sam Silverbirch.
fn live(id: i64, role: Role, mis_id: &str) -> Account {
    let mut shown = vec![
        text(Key::MisId, mis_id),
        text(Key::FirstName, "Sam"),
        text(Key::LastName, "Silverbirch"),
        text(Key::Email, "sam@example.ac.uk"),
    ];
    if !placed(role).is_empty() {
        shown.push(text(Key::Placement, "3"));
    }
    account(id, role, &shown)
}

fn planned(users: &[String], accounts: Vec<Account>) -> Plan {
    let roster = roster(&users.concat());
    plan(
        &roster,
        &snapshot(accounts),
        &Policy::default(),
        &Scope::whole(),
    )
}

/// How many creates, updates, users on hold and unchanged users a plan has.
fn sums(plan: &Plan) -> (usize, usize, usize, usize) {
    let counts = plan.counts();
    (
        counts.creates,
        counts.updates,
        plan.held.len(),
        plan.unchanged,
    )
}

fn other_roles(plan: &Plan) -> Vec<(i64, Role)> {
    let mut found = Vec::new();
    for reason in plan.held.iter().flat_map(|held| &held.reasons) {
        if let HoldReason::OtherRoles { accounts, .. } = reason {
            found.extend(accounts.iter().map(|other| (other.id.get(), other.role)));
        }
    }
    found
}

#[test]
fn two_roles_of_one_person_match_an_account_each() {
    let users = [sam(Role::Assessor, "S-1", ""), sam(Role::Iqa, "S-1", "")];
    let accounts = vec![live(5, Role::Assessor, "S-1"), live(6, Role::Iqa, "S-1")];
    assert_eq!(sums(&planned(&users, accounts)), (0, 0, 0, 2));
}

#[test]
fn a_role_without_an_account_is_created_if_another_user_has_the_account_of_the_other_role() {
    for role in [Role::Iqa, Role::Observer, Role::Employer] {
        let users = [sam(Role::Assessor, "S-1", ""), sam(role, "S-1", "")];
        let plan = planned(&users, vec![live(5, Role::Assessor, "S-1")]);
        assert_eq!(sums(&plan), (1, 0, 0, 1), "{role:?}: {:?}", plan.held);
        assert_eq!(plan.operations[0].user().unwrap().role, role);
    }
}

#[test]
fn both_roles_of_a_new_person_are_created() {
    let users = [sam(Role::Assessor, "S-1", ""), sam(Role::Iqa, "S-1", "")];
    assert_eq!(sums(&planned(&users, Vec::new())), (2, 0, 0, 0));
}

#[test]
fn an_account_of_another_role_that_nobody_declares_holds_the_create() {
    let plan = planned(
        &[sam(Role::Iqa, "S-1", "")],
        vec![live(5, Role::Assessor, "S-1")],
    );
    assert_eq!(sums(&plan), (0, 0, 1, 0));
    assert_eq!(other_roles(&plan), [(5, Role::Assessor)]);
    for answer in ["5", "S-1", "'assessor:S-1'"] {
        let user = sam(Role::Iqa, "S-1", &format!(", alsoHas: [{answer}]"));
        let plan = planned(&[user], vec![live(5, Role::Assessor, "S-1")]);
        assert_eq!(sums(&plan), (1, 0, 0, 0), "{answer}: {:?}", plan.held);
    }
}

#[test]
fn an_account_of_another_role_that_is_somebody_elses_is_not_asked_about() {
    let user = sam(Role::Iqa, "S-1", ", distinctFrom: [6]");
    let accounts = vec![
        live(5, Role::Assessor, "S-1"),
        live(6, Role::Observer, "S-1"),
    ];
    assert_eq!(
        other_roles(&planned(&[user], accounts)),
        [(5, Role::Assessor)]
    );
}

#[test]
fn a_trainee_and_an_assessor_are_never_told_apart_in_silence() {
    for (own, other) in [
        (Role::TraineeAssessor, Role::Assessor),
        (Role::Assessor, Role::TraineeAssessor),
    ] {
        let alone = planned(&[sam(own, "S-1", "")], vec![live(5, other, "S-1")]);
        assert_eq!(other_roles(&alone), [(5, other)]);
        let beside = [sam(own, "S-1", ""), sam(other, "S-1", "")];
        let plan = planned(&beside, vec![live(5, other, "S-1")]);
        assert_eq!(sums(&plan), (0, 0, 1, 1), "declared beside the other");
        let answered = [
            sam(own, "S-1", &format!(", alsoHas: ['{}:S-1']", other.name())),
            sam(other, "S-1", ""),
        ];
        let plan = planned(&answered, vec![live(5, other, "S-1")]);
        assert_eq!(sums(&plan), (1, 0, 0, 1), "{:?}", plan.held);
        let answered_there = [
            sam(own, "S-1", ""),
            sam(other, "S-1", &format!(", alsoHas: ['{}:S-1']", own.name())),
        ];
        let plan = planned(&answered_there, vec![live(5, other, "S-1")]);
        assert_eq!(sums(&plan), (1, 0, 0, 1), "{:?}", plan.held);
    }
}

#[test]
fn a_promoted_trainee_goes_on_once_the_manifest_says_assessor() {
    let plan = planned(
        &[sam(Role::Assessor, "S-1", "")],
        vec![live(5, Role::Assessor, "S-1")],
    );
    assert_eq!(sums(&plan), (0, 0, 0, 1));
}

#[test]
fn several_accounts_of_one_role_are_still_ambiguous() {
    let users = [sam(Role::Assessor, "S-1", ""), sam(Role::Iqa, "S-1", "")];
    let accounts = vec![
        live(5, Role::Assessor, "S-1"),
        live(6, Role::Assessor, "S-1"),
        live(7, Role::Iqa, "S-1"),
    ];
    let plan = planned(&users, accounts.clone());
    assert_eq!(sums(&plan), (0, 0, 1, 1));
    assert!(matches!(
        plan.held[0].reasons[..],
        [HoldReason::SeveralAccounts(ref ids)] if ids.len() == 2
    ));
    let users = [
        sam(Role::Assessor, "S-1", ", alsoHas: [6]"),
        sam(Role::Iqa, "S-1", ""),
    ];
    assert_eq!(sums(&planned(&users, accounts)), (0, 0, 0, 2));
}

#[test]
fn the_second_programme_of_a_learner_is_created_once_also_has_says_so() {
    let shown = [
        text(Key::MisId, "L-1"),
        text(Key::FirstName, "Lena"),
        text(Key::LastName, "Larkspurne"),
        text(Key::Email, "lena@example.ac.uk"),
    ];
    let accounts = || {
        vec![
            account(9, Role::Learner, &shown),
            live(5, Role::Assessor, "S-1"),
        ]
    };
    let mentor = ", defaultAssessor: S-1";
    let held = planned(&[learner("L-2", mentor)], accounts());
    assert_eq!(sums(&held), (0, 0, 1, 0), "{:?}", held.held);
    for answer in ["9", "L-1", "'learner:L-1'"] {
        let more = format!("{mentor}, alsoHas: [{answer}]");
        let plan = planned(&[learner("L-2", &more)], accounts());
        assert_eq!(sums(&plan), (1, 0, 0, 0), "{answer}: {:?}", plan.held);
    }
    let both = [
        learner("L-1", &format!("{mentor}, alsoHas: [L-2]")),
        learner("L-2", mentor),
    ];
    let plan = planned(&both, accounts());
    assert_eq!(
        (plan.counts().creates, plan.held.len()),
        (1, 0),
        "{:?}",
        plan.held
    );
}

/// The role of the user whom the only learner of a plan gets as assessor, and the name that the plan says.
fn assessor_of(plan: &Plan) -> (String, ReferenceTarget) {
    for change in plan.operations.iter().flat_map(Operation::changes) {
        if let (Key::DefaultAssessor, ResolvedValue::Reference { label, target }) =
            (change.key, &change.to)
        {
            return (label.clone(), target.clone());
        }
    }
    panic!("no assessor: {:?}", plan.held);
}

#[test]
fn a_reference_means_the_assessor_then_the_trainee_then_the_iqa() {
    let learner = learner("L-1", ", defaultAssessor: S-1");
    let accounts = vec![
        live(4, Role::Iqa, "S-1"),
        live(5, Role::TraineeAssessor, "S-1"),
        live(6, Role::Assessor, "S-1"),
        live(7, Role::Observer, "S-1"),
    ];
    let expected = [
        ("assessor:S-1", 6),
        ("traineeAssessor:S-1", 5),
        ("iqa:S-1", 4),
    ];
    let mut left = accounts.clone();
    for (label, id) in expected {
        let plan = planned(std::slice::from_ref(&learner), left.clone());
        assert_eq!(
            assessor_of(&plan),
            (label.to_owned(), ReferenceTarget::Known(id.into()))
        );
        left.retain(|account| account.id.get() != id);
    }
    let users = [sam(Role::Iqa, "S-1", ""), learner];
    let plan = planned(&users, accounts);
    assert_eq!(
        assessor_of(&plan).0,
        "assessor:S-1",
        "an undeclared assessor comes first, too"
    );
}

#[test]
fn a_reference_may_say_the_role() {
    let accounts = vec![live(4, Role::Iqa, "S-1"), live(6, Role::Assessor, "S-1")];
    for named in ["'iqa:S-1'", "{ misId: 'iqa:S-1' }"] {
        let learner = learner("L-1", &format!(", defaultAssessor: {named}"));
        let plan = planned(&[learner], accounts.clone());
        assert_eq!(
            assessor_of(&plan),
            ("iqa:S-1".to_owned(), ReferenceTarget::Known(4.into()))
        );
    }
}

#[test]
fn a_reference_to_a_user_who_is_created_waits_for_the_right_role() {
    let users = [
        sam(Role::Iqa, "S-1", ""),
        sam(Role::Assessor, "S-1", ""),
        learner("L-1", ", defaultAssessor: S-1"),
    ];
    let plan = planned(&users, Vec::new());
    let (label, target) = assessor_of(&plan);
    assert_eq!(label, "assessor:S-1");
    assert!(matches!(target, ReferenceTarget::AfterApply(user) if user.role == Role::Assessor));
}

#[test]
fn an_unclear_create_of_one_role_leaves_the_other_role_alone() {
    let roster = roster(&[sam(Role::Assessor, "S-1", ""), sam(Role::Iqa, "S-1", "")].concat());
    let unclear = UnclearCreate {
        since: "2026-11-28T09:00:00Z".parse().unwrap(),
        doubt: UnclearKind::Create,
    };
    let plan_with = |user: RecordedUser| {
        let mut before = snapshot(Vec::new());
        before.unclear.insert(user, unclear);
        plan(&roster, &before, &Policy::default(), &Scope::whole())
    };
    let one = plan_with(RecordedUser::new(Role::Iqa, "S-1"));
    assert_eq!(sums(&one), (1, 0, 1, 0));
    assert_eq!(one.held[0].who.role, Role::Iqa);
    assert!(
        matches!(&one.held[0].reasons[..], [HoldReason::Unclear { name, .. }] if name == "iqa:S-1")
    );
    let old = plan_with(RecordedUser::of_any_role("S-1"));
    assert_eq!(
        sums(&old),
        (0, 0, 2, 0),
        "a line of an old journal may be about either"
    );
}

#[test]
fn a_name_without_a_role_finds_every_role_and_one_with_a_role_finds_one() {
    let roster = roster(&[sam(Role::Assessor, "S-1", ""), sam(Role::Iqa, "S-1", "")].concat());
    assert_eq!(declared_as(&roster, "S-1"), [0, 1]);
    assert_eq!(declared_as(&roster, "iqa:S-1"), [1]);
    assert!(declared_as(&roster, "observer:S-1").is_empty());
}

#[test]
fn an_edited_mis_value_of_one_role_is_a_re_key_of_that_role() {
    let base = roster(&[sam(Role::Assessor, "S-1", ""), sam(Role::Iqa, "S-1", "")].concat());
    let now = roster(&[sam(Role::Assessor, "S-2", ""), sam(Role::Iqa, "S-1", "")].concat());
    let scope = Scope::since(&now, Some(&base), false);
    let accounts = vec![live(5, Role::Assessor, "S-1"), live(6, Role::Iqa, "S-1")];
    let plan = plan(&now, &snapshot(accounts), &Policy::default(), &scope);
    assert_eq!(sums(&plan), (0, 0, 1, 1));
    let reasons = &plan.held[0].reasons;
    assert!(
        reasons.iter().any(|reason| matches!(reason, HoldReason::ReKeyed { accounts, .. } if *accounts == [5.into()])),
        "{reasons:?}"
    );
}

#[test]
fn an_edited_role_is_no_new_user() {
    let base = roster(&sam(Role::TraineeAssessor, "S-1", ""));
    let now = roster(&sam(Role::Assessor, "S-1", ""));
    let scope = Scope::since(&now, Some(&base), false);
    assert!(scope.edit(0).unwrap().is_edited);
    assert!(scope.edit(0).unwrap().keys.is_empty());
}

/// For each person which roles are declared, and which have an account.
type Invented = Vec<(Vec<Role>, Vec<Role>)>;

fn people() -> impl Strategy<Value = Invented> {
    let roles = || prop::sample::subsequence(STAFF.to_vec(), 0..=STAFF.len());
    prop::collection::vec((roles(), roles()), 1..5)
}

/// Everybody has a name and an address of their own, and one MIS value for all roles.
fn world(people: &Invented) -> (Vec<String>, Vec<Account>) {
    let (mut users, mut accounts) = (Vec::new(), Vec::new());
    for (at, (declared, exist)) in people.iter().enumerate() {
        let named = |text: &str| {
            text.replace("Silverbirch", &format!("Of{at}"))
                .replace("sam@", &format!("sam{at}@"))
        };
        for role in declared {
            users.push(named(&sam(*role, &format!("S-{at}"), "")));
        }
        for role in exist {
            let mut account = live(
                i64::try_from(accounts.len() + 1).unwrap(),
                *role,
                &format!("S-{at}"),
            );
            account
                .shown
                .insert(Key::LastName, text(Key::LastName, &format!("Of{at}")).1);
            account.shown.insert(
                Key::Email,
                text(Key::Email, &format!("sam{at}@example.ac.uk")).1,
            );
            accounts.push(account);
        }
    }
    (users, accounts)
}

proptest! {
    #![proptest_config(cases_of_property(200))]

    #[test]
    fn nobody_gets_a_second_account_of_one_role(people in people()) {
        let (users, accounts) = world(&people);
        prop_assume!(!users.is_empty());
        let before: Snapshot = snapshot(accounts);
        let made = plan(&roster(&users.concat()), &before, &Policy::default(), &Scope::whole());
        for create in made.creates() {
            let of_mis_id = before.with_mis_id(&create.mis_id);
            prop_assert!(of_mis_id.filter(|account| account.role == create.user.role).count() == 0);
        }
        for update in made.updates() {
            prop_assert_eq!(before.account(update.account).unwrap().role, update.user.role);
        }
    }

    #[test]
    fn who_has_an_account_of_their_role_is_matched_and_a_trainee_is_never_created_beside_an_assessor(people in people()) {
        let (users, accounts) = world(&people);
        prop_assume!(!users.is_empty());
        let made = plan(&roster(&users.concat()), &snapshot(accounts), &Policy::default(), &Scope::whole());
        let mut matched = 0;
        for (declared, exist) in &people {
            matched += declared.iter().filter(|role| exist.contains(role)).count();
        }
        prop_assert_eq!(made.matched, matched);
        for create in made.creates() {
            let at: usize = create.mis_id.trim_start_matches("S-").parse().unwrap();
            let (declared, exist) = &people[at];
            for other in exist {
                prop_assert!(declared.contains(other), "whose the account is must be known");
            }
            let partner = match create.user.role {
                Role::Assessor => Some(Role::TraineeAssessor),
                Role::TraineeAssessor => Some(Role::Assessor),
                _ => None,
            };
            prop_assert!(!partner.is_some_and(|partner| exist.contains(&partner)));
        }
    }

    #[test]
    fn a_plan_is_empty_once_it_is_done(people in people()) {
        let (users, accounts) = world(&people);
        prop_assume!(!users.is_empty());
        let before = snapshot(accounts);
        let roster = roster(&users.concat());
        let made = plan(&roster, &before, &Policy::default(), &Scope::whole());
        let after = perform(&made, &before);
        let again = plan(&roster, &after, &Policy::default(), &Scope::whole());
        prop_assert!(again.operations.iter().all(|operation| operation.created_user().is_none() || !made.held.is_empty()));
        prop_assert_eq!(again.updates().count(), 0);
    }
}
