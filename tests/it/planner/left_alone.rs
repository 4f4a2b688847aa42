//! Fields that the project leaves alone: what is still sent, and which guards still look at them.

use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{FieldPolicy, FieldRule, FieldTreatment, Policy, Roster, Scope, Snapshot};
use rosterctl::plan::{FieldState, HoldReason, Plan, explain, plan};

use crate::planner::{account, roster, snapshot, text, uln};

/// The treatments, said for all roles.
fn fields(rules: &[(Key, &str)]) -> FieldPolicy {
    let mut policy = FieldPolicy::default();
    for (key, word) in rules {
        let treatment = FieldTreatment::named(word).unwrap();
        policy.set(
            *key,
            FieldRule {
                treatment,
                role: None,
            },
        );
    }
    policy
}

fn planned(roster: &Roster, snapshot: &Snapshot) -> Plan {
    plan(roster, snapshot, &Policy::default(), &Scope::whole())
}

/// The fields of each operation, by the user's MIS value.
fn sent(plan: &Plan) -> Vec<(String, Vec<&'static str>)> {
    let of = |operation: &rosterctl::plan::Operation| {
        let keys = operation.changes().iter().map(|change| change.key.name());
        (
            operation.user().unwrap().mis_id.clone().unwrap(),
            keys.collect(),
        )
    };
    plan.operations.iter().map(of).collect()
}

fn is_held_for(plan: &Plan, mis_id: &str, is_reason: impl Fn(&HoldReason) -> bool) -> bool {
    let held = plan
        .held
        .iter()
        .find(|held| held.who.mis_id.as_deref() == Some(mis_id));
    held.is_some_and(|held| held.reasons.iter().any(is_reason))
}

const ANN: &str = "  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, dob: 1980-01-02, mobileNumber: 07700 900001 }\n";

fn ann(changed: &[(Key, &str)]) -> Snapshot {
    let mut shown = vec![
        text(Key::MisId, "A-1"),
        text(Key::FirstName, "Ann"),
        text(Key::LastName, "Abbotsley"),
        text(Key::Email, "ann@example.ac.uk"),
        text(Key::Dob, "1980-01-02"),
        text(Key::MobileNumber, "07700 900001"),
    ];
    for (key, value) in changed {
        shown.retain(|(known, _)| known != key);
        shown.push(text(*key, value));
    }
    snapshot(vec![account(1, Role::Assessor, &shown)])
}

#[test]
fn an_on_create_field_is_sent_with_the_create_alone_and_a_never_field_not_at_all() {
    let policy = fields(&[(Key::MobileNumber, "onCreate"), (Key::Dob, "never")]);
    let created = roster(ANN).with_fields(policy.clone());
    let plan = planned(&created, &snapshot(Vec::new()));
    let names = vec!["misId", "firstName", "lastName", "email", "mobileNumber"];
    assert_eq!(sent(&plan), [("A-1".to_owned(), names)]);
    assert_eq!(
        plan.left_alone.fields.keys().copied().collect::<Vec<_>>(),
        [Key::Dob]
    );

    let live = ann(&[
        (Key::MobileNumber, "07700 900002"),
        (Key::Dob, "1981-01-02"),
        (Key::Email, "a@example.ac.uk"),
    ]);
    let plan = planned(&created, &live);
    assert_eq!(sent(&plan), [("A-1".to_owned(), vec!["email"])]);
    assert_eq!((plan.left_alone.users, plan.left_alone.values()), (1, 2));
}

#[test]
fn capitals_alone_make_no_difference_and_anything_else_does() {
    let policy = fields(&[(Key::LastName, "ignoreCase")]);
    for (declared, live, is_sent) in [
        ("Abbotsley", "ABBOTSLEY", false),
        ("abbotsley", "Abbotsley", false),
        ("O'Neill", "O'NEILL", false),
        ("Élise", "ÉLISE", false),
        ("Élise", "ELISE", true),
        ("O'Neill", "ONEILL", true),
        ("Abbotsley", "Abbotsleigh", true),
        ("Abbotsley", "", true),
        ("van der Berg", "VAN DER BERG", false),
        ("van der Berg", "VANDERBERG", true),
    ] {
        let users = ANN.replace("lastName: Abbotsley", &format!("lastName: \"{declared}\""));
        let roster = roster(&users).with_fields(policy.clone());
        let plan = planned(&roster, &ann(&[(Key::LastName, live)]));
        assert_eq!(!plan.operations.is_empty(), is_sent, "{declared} {live}");
        assert_eq!(
            plan.left_alone.users,
            usize::from(!is_sent),
            "{declared} {live}"
        );
    }
}

const LEARNER: &str = "  - { misId: L-1, role: learner, firstName: Dee, lastName: Daleford, email: dee@example.ac.uk, classroom: Nowhere, placement: BT01, defaultAssessor: A-1 }\n";

#[test]
fn a_name_that_nothing_has_holds_nobody_where_it_is_not_sent() {
    let shown = [
        text(Key::MisId, "L-1"),
        text(Key::FirstName, "Dee"),
        text(Key::LastName, "Daleford"),
        text(Key::Email, "d@example.ac.uk"),
        text(Key::Classroom, "1"),
        text(Key::Placement, "3"),
        text(Key::DefaultAssessor, "1"),
    ];
    let staff = account(1, Role::Assessor, &[text(Key::MisId, "A-1")]);
    let live = snapshot(vec![staff.clone(), account(2, Role::Learner, &shown)]);
    let users = roster(LEARNER);
    assert!(is_held_for(
        &planned(&users, &live),
        "L-1",
        |reason| matches!(reason, HoldReason::Unknown { .. })
    ));
    let users = users.with_fields(fields(&[(Key::Classroom, "onCreate")]));
    assert_eq!(
        sent(&planned(&users, &live)),
        [("L-1".to_owned(), vec!["email"])]
    );
    // A create sends it.
    let plan = planned(&users, &snapshot(vec![staff]));
    assert!(is_held_for(&plan, "L-1", |reason| matches!(
        reason,
        HoldReason::Unknown { .. }
    )));
}

/// Ten learners with the e-mail addresses of their neighbours, and one who is new.
fn sorted_addresses(newcomer: &str) -> (Roster, Snapshot) {
    let mut users = String::new();
    let mut accounts = vec![account(90, Role::Assessor, &[text(Key::MisId, "A-1")])];
    for (id, at) in (1..).zip(0..10) {
        let next = (at + 1) % 10;
        users += &format!(
            "  - {{ misId: L-{at}, role: learner, firstName: Fay, lastName: Fern{at}, email: l{next}@example.ac.uk, uln: \"{}\", telephone: 01632 960{at:03} }}\n",
            uln(at)
        );
        let shown = [
            text(Key::MisId, &format!("L-{at}")),
            text(Key::FirstName, "Fay"),
            text(Key::LastName, &format!("Fern{at}")),
            text(Key::Email, &format!("l{at}@example.ac.uk")),
            text(Key::Uln, &uln(at)),
            text(Key::Dob, ""),
            text(Key::Nino, ""),
            text(Key::Telephone, ""),
            text(Key::Classroom, "1"),
            text(Key::Placement, "3"),
            text(Key::DefaultAssessor, "90"),
        ];
        accounts.push(account(id, Role::Learner, &shown));
    }
    let users = users.replace(
        " }",
        ", classroom: Business, placement: BT01, defaultAssessor: A-1 }",
    );
    (roster(&(users + newcomer)), snapshot(accounts))
}

#[test]
fn a_column_that_moved_holds_no_update_that_does_not_send_it() {
    let is_moved = |reason: &HoldReason| matches!(reason, HoldReason::ColumnMoved { .. });
    let newcomer = "  - { misId: L-N, role: learner, firstName: New, lastName: Newbold, email: n@example.ac.uk, classroom: Business, placement: BT01, defaultAssessor: A-1 }\n";
    let (users, live) = sorted_addresses(newcomer);
    assert!(is_held_for(&planned(&users, &live), "L-3", is_moved));

    let users = users.with_fields(fields(&[(Key::Email, "onCreate")]));
    let plan = planned(&users, &live);
    assert_eq!(plan.updates().count(), 10, "{:?}", plan.held);
    assert!(plan.updates().all(|update| {
        update
            .changes
            .iter()
            .all(|change| change.key == Key::Telephone)
    }));
    assert_eq!(plan.left_alone.fields.get(&Key::Email), Some(&10));
    // The create does send an address, out of a column that has moved.
    assert!(is_held_for(&plan, "L-N", is_moved), "{:?}", plan.held);
}

#[test]
fn an_identifying_field_that_is_not_sent_still_keeps_a_second_account_from_being_created() {
    for (key, word, field) in [
        (Key::Email, "onCreate", "email: ann@example.ac.uk"),
        (Key::Uln, "never", "uln: \"1000000019\""),
        (Key::Nino, "never", "nino: QQ123456C"),
        (Key::Uln, "onCreate", "uln: \"1000000019\""),
    ] {
        let email = if key == Key::Email {
            ""
        } else {
            "email: new@example.ac.uk, "
        };
        let users = format!(
            "  - {{ misId: L-9, role: learner, firstName: Zed, lastName: Zephyr, {email}{field}, classroom: Business, placement: BT01, defaultAssessor: A-1 }}\n"
        );
        let shown = [
            text(Key::MisId, "L-1"),
            text(Key::FirstName, "Ann"),
            text(Key::LastName, "Abbotsley"),
            text(Key::Email, "ann@example.ac.uk"),
            text(Key::Uln, "1000000019"),
            text(Key::Nino, "QQ123456C"),
            text(Key::Dob, ""),
        ];
        let staff = account(
            90,
            Role::Assessor,
            &[text(Key::MisId, "A-1"), text(Key::Email, "")],
        );
        let live = snapshot(vec![staff, account(1, Role::Learner, &shown)]);
        let users = roster(&users).with_fields(fields(&[(key, word)]));
        let plan = planned(&users, &live);
        let may_exist = |reason: &HoldReason| matches!(reason, HoldReason::MayExist { .. });
        assert!(
            is_held_for(&plan, "L-9", may_exist),
            "{field}: {:?}",
            plan.held
        );
    }
}

#[test]
fn a_value_of_somebody_elses_holds_no_update_that_does_not_send_it() {
    let taken = [
        text(Key::MisId, "A-2"),
        text(Key::FirstName, "Bea"),
        text(Key::LastName, "Brambley"),
        text(Key::Email, "ann@example.ac.uk"),
    ];
    let mut accounts: Vec<_> = ann(&[
        (Key::Email, "other@example.ac.uk"),
        (Key::MobileNumber, "1"),
    ])
    .accounts()
    .cloned()
    .collect();
    accounts.push(account(2, Role::Assessor, &taken));
    let live = snapshot(accounts);
    let is_taken = |reason: &HoldReason| matches!(reason, HoldReason::ValueTaken { .. });
    assert!(is_held_for(&planned(&roster(ANN), &live), "A-1", is_taken));
    let users = roster(ANN).with_fields(fields(&[(Key::Email, "onCreate")]));
    assert_eq!(
        sent(&planned(&users, &live)),
        [("A-1".to_owned(), vec!["mobileNumber"])]
    );
}

#[test]
fn two_identifying_fields_of_which_one_is_not_sent_hold_nothing() {
    let live = ann(&[(Key::LastName, "Zephyr"), (Key::Dob, "1999-09-09")]);
    let is_another = |reason: &HoldReason| matches!(reason, HoldReason::AnotherPerson(_));
    assert!(is_held_for(
        &planned(&roster(ANN), &live),
        "A-1",
        is_another
    ));
    for rules in [[(Key::Dob, "never")], [(Key::LastName, "onCreate")]] {
        let users = roster(ANN).with_fields(fields(&rules));
        assert_eq!(planned(&users, &live).updates().count(), 1, "{rules:?}");
    }
}

#[test]
fn a_pin_is_not_doubted_because_of_an_address_that_the_person_has_changed() {
    let users = "  - { id: 1, misId: A-1, role: assessor, email: ann@example.ac.uk, telephone: 01632 960001 }\n";
    let live = ann(&[(Key::Email, "own@example.com"), (Key::Telephone, "")]);
    let is_somebody_else = |reason: &HoldReason| matches!(reason, HoldReason::SomebodyElse(_));
    assert!(is_held_for(
        &planned(&roster(users), &live),
        "A-1",
        is_somebody_else
    ));
    let users = roster(users).with_fields(fields(&[(Key::Email, "onCreate")]));
    assert_eq!(
        sent(&planned(&users, &live)),
        [("A-1".to_owned(), vec!["telephone"])]
    );
}

#[test]
fn an_edit_of_a_field_that_is_left_alone_makes_no_operation() {
    let before = roster(ANN);
    let after = roster(&ANN.replace("ann@example.ac.uk", "ann.a@example.ac.uk"));
    let after = after.with_fields(fields(&[(Key::Email, "onCreate")]));
    let scope = Scope::since(&after, Some(&before), true);
    let plan = plan(&after, &ann(&[]), &Policy::default(), &scope);
    assert!(plan.is_settled(), "{:?} {:?}", plan.operations, plan.held);
    assert_eq!(plan.left_alone.users, 1);
}

#[test]
fn each_field_that_is_left_alone_is_explained_by_its_rule() {
    let policy = fields(&[
        (Key::Email, "onCreate"),
        (Key::Dob, "never"),
        (Key::LastName, "ignoreCase"),
        (Key::MobileNumber, "always"),
    ]);
    let users = roster(ANN).with_fields(policy);
    let live = ann(&[
        (Key::Email, "other@example.ac.uk"),
        (Key::LastName, "ABBOTSLEY"),
        (Key::MobileNumber, "1"),
    ]);
    let plan = planned(&users, &live);
    let explained = explain(&users, &live, &Scope::whole(), &plan, 0);
    for field in explained.fields {
        let is_left = matches!(field.state, FieldState::LeftAlone(_));
        let is_meant = matches!(field.key, Key::Email | Key::Dob | Key::LastName);
        assert_eq!(is_left, is_meant, "{:?}: {:?}", field.key, field.state);
    }
}
