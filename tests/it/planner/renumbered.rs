//! `formerMisId`: the account with the former MIS value gets the new one, if the account itself shows whose it is.

use rosterctl::domain::field::{Key, UNKNOWN_ULN};
use rosterctl::domain::role::Role;
use rosterctl::domain::{Account, FieldPolicy, FieldRule, FieldTreatment, Policy, Scope, Snapshot};
use rosterctl::plan::{HoldReason, Origin, Plan, plan};

use crate::harness::checked;
use crate::planner::{account, roster, snapshot, text, uln};

const REST: &str = "classroom: Business, placement: BT01, defaultAssessor: A-1 }\n";

/// A learner of this `misId` and name, with more fields.
fn learner(keys: &str, name: &str, more: &str) -> String {
    format!(
        "  - {{ {keys}, role: learner, firstName: Fay, lastName: {name}, email: {name}@example.ac.uk, {more}, {REST}"
    )
}

/// The account of such a learner.
fn live(id: i64, mis_id: &str, name: &str, more: &[(Key, &str)]) -> Account {
    let mut shown = vec![
        text(Key::MisId, mis_id),
        text(Key::FirstName, "Fay"),
        text(Key::LastName, name),
        text(Key::Email, &format!("{name}@example.ac.uk")),
        text(Key::Classroom, "1"),
        text(Key::Placement, "3"),
        text(Key::DefaultAssessor, "90"),
        text(Key::Dob, ""),
        text(Key::Uln, ""),
        text(Key::Nino, ""),
    ];
    for (key, value) in more {
        shown.retain(|(known, _)| known != key);
        shown.push(text(*key, value));
    }
    account(id, Role::Learner, &shown)
}

fn accounts(learners: Vec<Account>) -> Snapshot {
    let mut all = vec![account(
        90,
        Role::Assessor,
        &[
            text(Key::MisId, "A-1"),
            text(Key::Email, ""),
            text(Key::Dob, ""),
        ],
    )];
    all.extend(learners);
    snapshot(all)
}

fn planned(users: &str, live: &Snapshot) -> Plan {
    plan(&roster(users), live, &Policy::default(), &Scope::whole())
}

/// The fields of each update, by account; there are no creates.
fn updates(plan: &Plan) -> Vec<(i64, Vec<&'static str>)> {
    assert_eq!(plan.creates().count(), 0);
    let of = |update: &rosterctl::plan::Update| {
        let keys = update.changes.iter().map(|change| change.key.name());
        (update.account.get(), keys.collect())
    };
    plan.updates().map(of).collect()
}

fn reasons(plan: &Plan) -> Vec<&HoldReason> {
    plan.held.iter().flat_map(|held| &held.reasons).collect()
}

const BORN: &str = "dob: 2006-07-01";

#[test]
fn the_account_with_the_former_value_gets_the_new_one_if_it_shows_whose_it_is() {
    let number = format!("uln: \"{}\"", uln(1));
    let other = uln(2);
    let own = uln(1);
    for (declared, shown, is_proven) in [
        (BORN, vec![(Key::Dob, "2006-07-01")], true),
        (
            BORN,
            vec![(Key::Dob, "2006-07-01"), (Key::LastName, "FERN")],
            true,
        ),
        (
            BORN,
            vec![
                (Key::Dob, "2006-07-01"),
                (Key::FirstName, "Fern"),
                (Key::LastName, "Fay"),
            ],
            true,
        ),
        (number.as_str(), vec![(Key::Uln, own.as_str())], true),
        // The ULN is enough: a name may be new.
        (
            number.as_str(),
            vec![(Key::Uln, own.as_str()), (Key::LastName, "Oakhollow")],
            true,
        ),
        (BORN, vec![(Key::Dob, "2006-07-02")], false),
        (BORN, vec![], false),
        (
            BORN,
            vec![(Key::Dob, "2006-07-01"), (Key::LastName, "Oakhollow")],
            false,
        ),
        (number.as_str(), vec![(Key::Uln, other.as_str())], false),
        (number.as_str(), vec![], false),
        (
            "telephone: 01632 960001",
            vec![(Key::Telephone, "01632 960001")],
            false,
        ),
        ("uln: \"9999999999\"", vec![(Key::Uln, UNKNOWN_ULN)], false),
    ] {
        let users = learner("misId: L-2, formerMisId: L-1", "Fern", declared);
        let plan = planned(&users, &accounts(vec![live(1, "L-1", "Fern", &shown)]));
        if is_proven {
            let updates = updates(&plan);
            assert_eq!(updates[0].0, 1, "{declared} {shown:?}: {:?}", plan.held);
            assert!(updates[0].1.contains(&"misId"), "{declared} {shown:?}");
        } else {
            let is_meant = |reason: &&HoldReason| matches!(reason, HoldReason::FormerUnproven { id, .. } if id.get() == 1);
            assert!(
                reasons(&plan).iter().any(is_meant),
                "{declared} {shown:?}: {plan:?}"
            );
            assert!(plan.operations.is_empty());
        }
    }
}

#[test]
fn a_number_that_differs_speaks_against_name_and_date_of_birth() {
    let users = learner(
        "misId: L-2, formerMisId: L-1",
        "Fern",
        &format!("{BORN}, uln: \"{}\"", uln(1)),
    );
    let other = uln(2);
    let shown = [(Key::Dob, "2006-07-01"), (Key::Uln, other.as_str())];
    let plan = planned(&users, &accounts(vec![live(1, "L-1", "Fern", &shown)]));
    assert!(
        reasons(&plan)
            .iter()
            .any(|reason| matches!(reason, HoldReason::FormerUnproven { .. }))
    );
    // Without a number on one side, nothing speaks against it.
    let plan = planned(
        &users,
        &accounts(vec![live(1, "L-1", "Fern", &[(Key::Dob, "2006-07-01")])]),
    );
    assert_eq!(updates(&plan), [(1, vec!["misId", "uln"])]);
}

#[test]
fn a_person_can_say_that_it_is_the_same_person() {
    let users = learner(
        "misId: L-2, formerMisId: L-1, samePerson: true",
        "Fern",
        BORN,
    );
    let plan = planned(&users, &accounts(vec![live(1, "L-1", "Fern", &[])]));
    assert_eq!(updates(&plan), [(1, vec!["misId", "dob"])]);
    assert!(plan.unneeded.is_empty(), "{:?}", plan.unneeded);
    // Where the account shows it, the answer isn't needed.
    let plan = planned(
        &users,
        &accounts(vec![live(1, "L-1", "Fern", &[(Key::Dob, "2006-07-01")])]),
    );
    assert_eq!(
        plan.unneeded
            .iter()
            .map(|answer| answer.key)
            .collect::<Vec<_>>(),
        [Key::SamePerson]
    );
}

#[test]
fn afterwards_it_is_no_longer_needed() {
    let users = learner("misId: L-2, formerMisId: L-1", "Fern", BORN);
    let plan = planned(
        &users,
        &accounts(vec![live(1, "L-2", "Fern", &[(Key::Dob, "2006-07-01")])]),
    );
    assert!(plan.is_settled());
    assert_eq!(
        plan.unneeded
            .iter()
            .map(|answer| answer.key)
            .collect::<Vec<_>>(),
        [Key::FormerMisId]
    );
}

#[test]
fn nobody_is_created_while_no_account_has_the_former_value() {
    let users = learner("misId: L-2, formerMisId: L-1", "Fern", BORN);
    let plan = planned(&users, &accounts(Vec::new()));
    assert!(plan.operations.is_empty());
    assert!(
        reasons(&plan)
            .iter()
            .any(|reason| matches!(reason, HoldReason::NoFormerAccount { .. }))
    );
}

#[test]
fn a_second_account_with_the_former_value_is_asked_about() {
    let both = || {
        accounts(vec![
            live(1, "L-1", "Fern", &[(Key::Dob, "2006-07-01")]),
            live(2, "L-2", "Fern", &[(Key::Dob, "2006-07-01")]),
        ])
    };
    let users = learner("misId: L-2, formerMisId: L-1", "Fern", BORN);
    let plan = planned(&users, &both());
    let is_meant = |reason: &&HoldReason| matches!(reason, HoldReason::FormerAccountToo { accounts, .. } if *accounts == [1.into()]);
    assert!(reasons(&plan).iter().any(is_meant), "{:?}", plan.held);
    for answer in ["distinctFrom: [1]", "alsoHas: [1]", "alsoHas: [L-1]"] {
        let users = learner(
            &format!("misId: L-2, formerMisId: L-1, {answer}"),
            "Fern",
            BORN,
        );
        let plan = planned(&users, &both());
        assert!(plan.is_settled(), "{answer}: {:?}", plan.held);
        assert!(
            plan.unneeded
                .iter()
                .any(|answer| answer.key == Key::FormerMisId)
        );
    }
    // Two accounts with the former value, and none with the new one.
    let two = accounts(vec![
        live(1, "L-1", "Fern", &[]),
        live(2, "L-1", "Fern", &[]),
    ]);
    assert!(matches!(
        reasons(&planned(&users, &two))[0],
        HoldReason::SeveralAccounts(_)
    ));
}

#[test]
fn an_account_of_another_role_with_the_former_value_is_nobody_elses_business() {
    let staff = account(
        5,
        Role::Iqa,
        &[
            text(Key::MisId, "L-1"),
            text(Key::Email, ""),
            text(Key::Dob, ""),
        ],
    );
    let users = learner("misId: L-2, formerMisId: L-1", "Fern", BORN);
    let plan = planned(&users, &accounts(vec![staff.clone()]));
    assert!(
        reasons(&plan)
            .iter()
            .any(|reason| matches!(reason, HoldReason::NoFormerAccount { .. }))
    );
    let own = live(1, "L-2", "Fern", &[(Key::Dob, "2006-07-01")]);
    let plan = planned(&users, &accounts(vec![own, staff]));
    assert!(plan.is_settled(), "{:?}", plan.held);
}

#[test]
fn staff_are_renumbered_too_and_whoever_names_them_goes_on() {
    let users = "  - { misId: A-9, formerMisId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, dob: 1980-01-02 }\n".to_owned()
        + &learner("misId: L-2", "Fern", BORN).replace("defaultAssessor: A-1", "defaultAssessor: A-9");
    let shown = [
        text(Key::MisId, "A-1"),
        text(Key::FirstName, "Ann"),
        text(Key::LastName, "Abbotsley"),
        text(Key::Email, "ann@example.ac.uk"),
        text(Key::Dob, "1980-01-02"),
    ];
    let accounts = snapshot(vec![
        account(90, Role::Assessor, &shown),
        live(1, "L-2", "Fern", &[(Key::Dob, "2006-07-01")]),
    ]);
    assert_eq!(updates(&planned(&users, &accounts)), [(90, vec!["misId"])]);
    // An IQA of the same person keeps the value.
    let users = users
        + "  - { misId: A-1, role: iqa, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n";
    let plan = planned(&users, &accounts);
    assert_eq!(plan.updates().count(), 1, "{:?}", plan.held);
}

#[test]
fn a_pin_and_a_former_value_go_together() {
    let users = learner("id: 1, misId: L-2, formerMisId: L-1", "Fern", BORN);
    let shown = [(Key::Dob, "2006-07-01")];
    let plan = planned(&users, &accounts(vec![live(1, "L-1", "Fern", &shown)]));
    assert_eq!(updates(&plan), [(1, vec!["misId"])]);
    let plan = planned(&users, &accounts(vec![live(1, "L-3", "Fern", &shown)]));
    assert!(
        matches!(reasons(&plan)[0], HoldReason::OtherMisId { .. }),
        "{:?}",
        plan.held
    );
    // The new value is another account's.
    let plan = planned(
        &users,
        &accounts(vec![
            live(1, "L-1", "Fern", &shown),
            live(2, "L-2", "Oakhollow", &[]),
        ]),
    );
    assert!(
        matches!(reasons(&plan)[0], HoldReason::MisIdElsewhere(_)),
        "{:?}",
        plan.held
    );
}

#[test]
fn a_field_policy_does_not_keep_the_new_value_from_being_sent() {
    let mut policy = FieldPolicy::default();
    policy.set(
        Key::MisId,
        FieldRule {
            treatment: FieldTreatment::OnCreate,
            role: None,
        },
    );
    let users = roster(&learner("misId: L-2, formerMisId: L-1", "Fern", BORN)).with_fields(policy);
    let live = accounts(vec![live(1, "L-1", "Fern", &[(Key::Dob, "2006-07-01")])]);
    let plan = plan(&users, &live, &Policy::default(), &Scope::whole());
    assert_eq!(updates(&plan), [(1, vec!["misId"])]);
}

#[test]
fn with_a_base_the_edited_value_is_answered_and_the_update_is_of_this_change() {
    let born = [(Key::Dob, "2006-07-01"), (Key::Telephone, "01632 960009")];
    let live = || accounts(vec![live(1, "L-1", "Fern", &born)]);
    let more = format!("{BORN}, telephone: 01632 960001");
    let base = roster(&learner("misId: L-1", "Fern", &more));
    let edited = roster(&learner("misId: L-2", "Fern", &more));
    let scope = Scope::since(&edited, Some(&base), true);
    let held = plan(&edited, &live(), &Policy::default(), &scope);
    assert!(
        reasons(&held)
            .iter()
            .any(|reason| matches!(reason, HoldReason::ReKeyed { .. }))
    );

    let answered = roster(&learner("misId: L-2, formerMisId: L-1", "Fern", &more));
    let scope = Scope::since(&answered, Some(&base), true);
    let planned = plan(&answered, &live(), &Policy::default(), &scope);
    assert_eq!(updates(&planned), [(1, vec!["misId", "telephone"])]);
    assert_eq!(
        planned.updates().next().unwrap().origin,
        Some(Origin::ThisChange)
    );
    assert!(planned.removed.is_empty(), "{:?}", planned.removed);
    let edit = scope.edit(0).unwrap();
    assert_eq!(edit.keys.iter().copied().collect::<Vec<_>>(), [Key::MisId]);

    // Another former value than the one that this change edits answers nothing.
    let wrong = roster(&learner("misId: L-2, formerMisId: L-7", "Fern", &more));
    let scope = Scope::since(&wrong, Some(&base), true);
    let held = plan(&wrong, &live(), &Policy::default(), &scope);
    assert!(held.operations.is_empty());
    assert!(
        reasons(&held)
            .iter()
            .any(|reason| matches!(reason, HoldReason::ReKeyed { .. }))
    );
}

#[test]
fn without_a_base_a_renumbered_learner_is_still_managed_and_the_ledger_asks_nothing() {
    let users = roster(&learner("misId: L-2, formerMisId: L-1", "Fern", BORN));
    let mut live = accounts(vec![live(1, "L-1", "Fern", &[(Key::Dob, "2006-07-01")])]);
    live.known.add_managed(rosterctl::domain::RemovedUser {
        role: Role::Learner,
        mis_id: Some("L-1".to_owned()),
        id: Some(1.into()),
    });
    let plan = plan(&users, &live, &Policy::default(), &Scope::whole());
    assert_eq!(updates(&plan), [(1, vec!["misId"])]);
    assert!(plan.removed.is_empty());
}

fn findings(users: &str) -> Vec<(&'static str, String)> {
    let (checked, _) = checked(&[&format!("users:\n{users}")]);
    let findings = checked.findings.into_iter();
    findings
        .map(|finding| (finding.rule.name, finding.message))
        .collect()
}

#[test]
fn a_former_value_that_is_still_declared_or_claimed_twice_is_an_error() {
    let still = (
        "former-mis-id",
        "another user of this role still has this `misId`".to_owned(),
    );
    let twice = (
        "former-mis-id",
        "two users with one `formerMisId`".to_owned(),
    );
    let own = (
        "no-longer-needed",
        "`formerMisId` is the `misId` that this user has".to_owned(),
    );
    let one = learner("misId: L-1", "Fern", BORN);
    let two = learner(
        "misId: L-2, formerMisId: L-1",
        "Glen",
        "telephone: 01632 960001",
    );
    let three = learner(
        "misId: L-3, formerMisId: L-1",
        "Hill",
        "telephone: 01632 960002",
    );
    let chain = learner(
        "misId: L-1, formerMisId: L-0",
        "Isle",
        "telephone: 01632 960003",
    );
    let swapped = learner(
        "misId: L-1, formerMisId: L-2",
        "Jute",
        "telephone: 01632 960004",
    );
    let same = learner("misId: L-1, formerMisId: L-1", "Kale", BORN);
    let staff = "  - { misId: L-1, role: iqa, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n".to_owned();
    assert_eq!(findings(&(one + &two)), vec![still.clone()]);
    assert_eq!(findings(&(two.clone() + &three)), [twice]);
    assert_eq!(findings(&(chain + &two)), vec![still.clone()]);
    assert_eq!(findings(&(swapped + &two)), [still.clone(), still]);
    assert_eq!(findings(&same), [own]);
    assert_eq!(findings(&(staff + &two)), []);
}

#[test]
fn a_leaver_under_a_new_value_is_archived_only_if_the_account_shows_whose_it_is() {
    let leaver = |more: &str| {
        format!("  - {{ misId: L-2, formerMisId: L-1, role: learner, archived: true, {more} }}\n")
    };
    let policy = Policy {
        archives: rosterctl::domain::Archives::Allowed,
        ..Policy::default()
    };
    let live = accounts(vec![live(1, "L-1", "Fern", &[(Key::Dob, "2006-07-01")])]);
    let planned = |users: &str| plan(&roster(users), &live, &policy, &Scope::whole());
    let held = planned(&leaver("reason: left"));
    let is_meant = |reason: &&HoldReason| matches!(reason, HoldReason::FormerUnproven { .. });
    assert!(reasons(&held).iter().any(is_meant), "{held:?}");
    let proof = "firstName: Fay, lastName: Fern, dob: 2006-07-01";
    assert_eq!(planned(&leaver(proof)).operations.len(), 1);
}
