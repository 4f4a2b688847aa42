//! A review covers an operation that is as it was reviewed, and none that differs from it in anything.

use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{EntryKind, Policy, StandardId, UnitId};
use rosterctl::plan::{
    Archive, Change, Effect, Operation, ReferenceTarget, Unarchive, Update, UpdateEntry,
};
use rosterctl::review::{PlanFile, reviewed_part};
use serde_json::Value;

use crate::assigned_plans::{
    TOKEN, assign, change, changed_classroom, create, entry, file, learner, moves, new_placement,
    new_riverside, place, plan, reference, review, standard, target, text, unit,
};

fn update(changes: Vec<Change>, effects: Vec<Effect>) -> Update {
    Update {
        user: learner(1),
        place: place(1),
        origin: None,
        account: 1001.into(),
        changes,
        effects,
        checked_by: Vec::new(),
    }
}

fn phone() -> Update {
    update(vec![text(Key::Telephone, "01632 960001")], Vec::new())
}

fn archive(account: i64) -> Operation {
    Operation::Archive(Archive {
        user: learner(1),
        place: place(1),
        origin: None,
        account: account.into(),
        changes: vec![text(Key::Reason, "left")],
        effects: vec![Effect::Archives],
        after: [].into(),
    })
}

fn unarchive(account: i64) -> Operation {
    Operation::Unarchive(Unarchive {
        user: learner(1),
        place: place(1),
        origin: None,
        account: account.into(),
        changes: vec![text(Key::Reason, "left")],
        effects: vec![Effect::ComesBack],
    })
}

fn changed_entry(kind: EntryKind, id: i64) -> Operation {
    Operation::UpdateEntry(UpdateEntry {
        entry: entry(kind, "Room 7", Some(id)),
        place: place(91),
        origin: None,
        id: id.into(),
        changes: vec![text(Key::CompletionMessage, "Well done")],
        effects: Vec::new(),
    })
}

/// An assessor by the number of the account, without a MIS value.
fn assessor(id: i64) -> Operation {
    let to = reference("", ReferenceTarget::Known(id.into()));
    Operation::Update(update(vec![change(Key::DefaultAssessor, to)], Vec::new()))
}

/// Asserts that a review of the one covers it, and not the other.
fn assert_told_apart(what: &str, reviewed: &Operation, other: &Operation) {
    let review = review(&plan(vec![reviewed.clone()]));
    assert!(review.covers(reviewed), "{what}: {reviewed:?}");
    assert!(!review.covers(other), "{what}: {other:?}");
}

#[test]
fn another_account_of_the_same_person_was_not_reviewed() {
    let other = Operation::Update(Update {
        account: 1002.into(),
        ..phone()
    });
    assert_told_apart("update", &Operation::Update(phone()), &other);
    assert_told_apart("archive", &archive(1001), &archive(1002));
    assert_told_apart("return", &unarchive(1001), &unarchive(1002));
}

#[test]
fn somebody_of_another_role_with_the_same_mis_value_was_not_reviewed() {
    for role in [Role::Assessor, Role::Iqa, Role::Employer] {
        let mut other = phone();
        other.user.role = role;
        let reviewed = Operation::Update(phone());
        assert_told_apart(role.name(), &reviewed, &Operation::Update(other));
    }
}

#[test]
fn the_same_value_in_another_field_was_not_reviewed() {
    for key in [Key::MobileNumber, Key::HomeAddress, Key::CompanyName] {
        let other = update(vec![text(key, "01632 960001")], Vec::new());
        let reviewed = Operation::Update(phone());
        assert_told_apart(key.name(), &reviewed, &Operation::Update(other));
    }
}

#[test]
fn an_effect_that_nobody_has_seen_was_not_reviewed() {
    for effect in [
        Effect::MayEmailPerson,
        Effect::KeychainStays,
        Effect::AssessorChanges,
    ] {
        let mut other = phone();
        other.effects = vec![effect];
        let reviewed = Operation::Update(phone());
        assert_told_apart(
            &format!("{effect:?}"),
            &reviewed,
            &Operation::Update(other.clone()),
        );
        let fewer = review(&plan(vec![Operation::Update(other)]));
        assert!(fewer.covers(&Operation::Update(phone())), "{effect:?}");
    }
}

/// Whoever reviewed that a create e-mails somebody has not reviewed that an update does.
#[test]
fn the_effect_of_a_create_is_none_of_an_update() {
    let Operation::Create(mut created) = create(1) else {
        unreachable!("it is one")
    };
    created.changes.push(text(Key::Telephone, "01632 960001"));
    let review = review(&plan(vec![Operation::Create(created)]));
    let mut follow_up = phone();
    assert!(review.covers(&Operation::Update(follow_up.clone())));
    follow_up.effects = vec![Effect::EmailsPerson];
    assert!(!review.covers(&Operation::Update(follow_up)));
}

#[test]
fn a_unit_of_another_standard_was_not_reviewed() {
    let of = |standard: i64| {
        let target = ReferenceTarget::Unit {
            unit: UnitId::new(401),
            standard: StandardId::new(standard),
        };
        assign(1, change(Key::Units, reference("Managing tasks", target)))
    };
    assert_told_apart("standard", &of(310), &of(311));
    let other = assign(1, unit("Managing tasks", 402));
    assert_told_apart("unit", &of(310), &other);
    let other = assign(2, unit("Managing tasks", 401));
    assert_told_apart("learner", &of(310), &other);
}

#[test]
fn an_assignment_that_nobody_reviewed_takes_no_other_one_of_the_learner_with_it() {
    let of = |id| assign(5, standard("Baker", id));
    let review = review(&plan(vec![of(31), of(33)]));
    for operations in [vec![of(31), of(32), of(33)], vec![of(32), of(31), of(33)]] {
        let (part, skipped) = reviewed_part(plan(operations), &review, &Policy::default());
        assert_eq!(part.operations, [of(31), of(33)]);
        assert_eq!(skipped, [place(5)]);
    }
}

#[test]
fn an_assessor_by_number_is_that_account_and_no_other() {
    let shown = parsed(assessor(77));
    assert_eq!(shown["operations"][0]["fields"][0]["value"], "77");
    assert_told_apart("assessor", &assessor(77), &assessor(78));
    // One by MIS value is the same person, whatever the number of the account: it may be created only now.
    let by_mis_id = |target| {
        let to = reference("S-2", target);
        Operation::Update(update(vec![change(Key::DefaultAssessor, to)], Vec::new()))
    };
    let review = review(&plan(vec![by_mis_id(ReferenceTarget::Known(77.into()))]));
    assert!(review.covers(&by_mis_id(ReferenceTarget::Known(78.into()))));
}

#[test]
fn a_classroom_of_the_same_name_or_number_was_not_reviewed() {
    let Operation::CreateEntry(mut classroom) = new_placement("Room 7") else {
        unreachable!("it is one")
    };
    classroom.entry.kind = EntryKind::Classroom;
    let other = Operation::CreateEntry(classroom);
    assert_told_apart("create", &new_placement("Room 7"), &other);
    let other = changed_entry(EntryKind::Classroom, 16);
    assert_told_apart("number", &changed_classroom(), &other);
    let other = changed_entry(EntryKind::Placement, 15);
    assert_told_apart("kind", &changed_classroom(), &other);
}

#[test]
fn a_move_to_a_new_placement_follows_only_a_reviewed_create_of_it() {
    let known = || moves(2, ReferenceTarget::Known(2041.into()));
    let both = plan(vec![
        new_placement("Riverside Care Home"),
        moves(2, new_riverside()),
    ]);
    assert!(review(&both).covers(&known()));
    let alone = plan(vec![moves(2, new_riverside())]);
    assert!(!review(&alone).covers(&known()));
}

#[test]
fn another_way_to_write_the_same_value_was_reviewed() {
    for (key, one, same) in [
        (Key::Email, "Aisha@example.ac.uk", "aisha@example.ac.uk"),
        (Key::Nino, "QQ 12 34 56 C", "qq123456c"),
        (
            Key::HomeAddress,
            "1 High Street\r\nBath",
            "1 High Street\nBath",
        ),
    ] {
        let of = |value| Operation::Update(update(vec![text(key, value)], Vec::new()));
        let review = review(&plan(vec![of(one)]));
        assert!(review.covers(&of(same)), "{one}");
        assert!(!review.covers(&of("another")), "{one}");
    }
}

fn parsed(operation: Operation) -> Value {
    serde_json::from_str(&file(&plan(vec![operation]))).unwrap()
}

/// Digests of two plans can only be compared within one plan: nobody learns that the same value stands in both.
#[test]
fn plans_that_differ_in_a_change_or_an_effect_have_different_salts() {
    let usual = parsed(Operation::Update(phone()));
    assert_eq!(usual, parsed(Operation::Update(phone())));
    let other_value = update(vec![text(Key::Telephone, "01632 960002")], Vec::new());
    let mut other_effect = phone();
    other_effect.effects = vec![Effect::MayEmailPerson];
    let mut more = phone();
    more.changes.push(text(Key::MobileNumber, "07700 900001"));
    for other in [other_value, other_effect, more] {
        let other = parsed(Operation::Update(other));
        assert_ne!(usual["salt"], other["salt"]);
        let digest = |plan: &Value| plan["operations"][0]["fields"][0]["digest"].clone();
        assert_ne!(digest(&usual), digest(&other));
    }
}

/// Among the others, the place of a special field would tell which it is.
#[test]
fn special_fields_stand_last_and_under_one_name() {
    let changes = vec![
        text(Key::Nino, "QQ123456C"),
        text(Key::Telephone, "01632 960001"),
        text(Key::Ethnicity, "31"),
        text(Key::FirstName, "Aisha"),
    ];
    let plan = parsed(Operation::Update(update(changes, Vec::new())));
    let fields = plan["operations"][0]["fields"].as_array().unwrap();
    let names: Vec<_> = fields.iter().map(|one| one["field"].as_str()).collect();
    let expected = ["telephone", "firstName", "special", "special"].map(Some);
    assert_eq!(names, expected);
    assert!(fields.iter().all(|one| one.get("value").is_none()));
}

/// An e-mail address is personal wherever it stands: as a value, a MIS value, a name or a label.
#[test]
fn an_address_is_in_no_file_of_a_plan() {
    let address = "aisha@example.ac.uk";
    let mut by_address = phone();
    by_address.user.mis_id = Some(address.to_owned());
    let to_new = ReferenceTarget::AfterEntry(rosterctl::plan::NewEntry {
        kind: EntryKind::Placement,
        name: address.to_owned(),
    });
    let unit = ReferenceTarget::Unit {
        unit: UnitId::new(401),
        standard: StandardId::new(310),
    };
    let known = ReferenceTarget::Known(2041.into());
    for operation in [
        Operation::Update(by_address),
        new_placement(address),
        assign(1, change(Key::Units, reference(address, unit))),
        Operation::Update(update(
            vec![change(Key::Placement, reference(address, to_new))],
            Vec::new(),
        )),
        Operation::Update(update(
            vec![change(Key::Placement, reference(address, known))],
            Vec::new(),
        )),
        Operation::Update(update(vec![text(Key::MisId, address)], Vec::new())),
    ] {
        let text = file(&plan(vec![operation]));
        assert!(!text.contains("aisha"), "{text}");
        assert!(!text.contains("\"value\": \"\""), "{text}");
        let file = PlanFile::from_text(&text).unwrap();
        assert!(file.check(&target(), TOKEN).is_ok());
    }
}
