//! Placements and classrooms that manifests declare.

use std::collections::BTreeMap;

use rosterctl::domain::field::{Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Directory, DirectoryEntry, EntryId, EntryKind, LeftOut, LiveEntry, ObservedValue, Policy,
    Roster, Scope, Snapshot, nfc,
};
use rosterctl::plan::{
    Effect, EntryHold, HoldReason, NewEntry, Operation, Origin, Plan, ReferenceTarget,
    ResolvedValue, plan,
};

use super::{account, roster_of, snapshot, text};

const EMPLOYER: &str = "users:
  - { misId: E-1, role: employer, firstName: Emma, lastName: Eastwick, email: emma@example.com, placement: ";

/// A row of placements: number, name, MIS value.
type Row<'r> = (i64, &'r str, Option<&'r str>);

/// An organisation with these placements, whose rows show name and MIS value.
fn organisation(rows: &[Row<'_>]) -> Snapshot {
    let mut seen = snapshot(Vec::new());
    let mut placements = Vec::new();
    for (id, name, mis_id) in rows {
        let id = EntryId::new(*id);
        placements.push(DirectoryEntry {
            id,
            name: (*name).to_owned(),
            mis_id: mis_id.map(str::to_owned),
        });
        let shown = [
            text(Key::Name, name),
            (
                Key::MisId,
                mis_id.and_then(|mis_id| text(Key::MisId, mis_id).1),
            ),
        ];
        let live = LiveEntry {
            id,
            shown: shown.into_iter().collect(),
        };
        seen.entries.insert((EntryKind::Placement, id), live);
    }
    let classrooms = seen.directory.of(Referent::Classroom).to_vec();
    seen.directory = Directory::new(BTreeMap::from([
        (Referent::Classroom, classrooms),
        (Referent::Placement, placements),
    ]));
    seen
}

fn show(seen: &mut Snapshot, id: i64, key: Key, value: &str) {
    let live = seen
        .entries
        .get_mut(&(EntryKind::Placement, EntryId::new(id)))
        .unwrap();
    let (key, value) = text(key, value);
    live.shown
        .insert(key, value.filter(|value| *value != ObservedValue::Empty));
}

fn placements(entries: &str) -> Roster {
    roster_of(&[format!("placements:\n{entries}")])
}

fn planned(entries: &str, seen: &Snapshot) -> Plan {
    plan(
        &placements(entries),
        seen,
        &Policy::default(),
        &Scope::whole(),
    )
}

/// What a plan does with the one declared placement, in a few words.
fn outcome(plan: &Plan) -> String {
    let words = match (&plan.operations[..], &plan.held_entries[..]) {
        ([], []) => "as declared".to_owned(),
        ([Operation::CreateEntry(create)], []) => {
            assert_eq!(create.effects, [Effect::Stays]);
            format!("create {}", create.entry.name)
        }
        ([Operation::UpdateEntry(update)], []) => {
            let keys: Vec<_> = update
                .changes
                .iter()
                .map(|change| change.key.name())
                .collect();
            format!("update {} {}", update.id, keys.join(" "))
        }
        ([], [held]) => format!("{:?}", held.reason),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        plan.unchanged_entries.total(),
        usize::from(words == "as declared")
    );
    words
}

const BAKERY: Row<'_> = (3, "Bakery", Some("BT01"));
const NAMELESS: Row<'_> = (4, "Forge", None);

#[test]
fn a_placement_is_found_by_its_number_or_mis_value_or_name() {
    for (rows, declared, expected) in [
        (&[BAKERY][..], "{ name: Bakery }", "as declared"),
        (&[BAKERY], "{ name: Bakery, misId: BT01 }", "as declared"),
        (
            &[BAKERY],
            "{ name: Old Bakery, misId: BT01 }",
            "update 3 name",
        ),
        (&[BAKERY], "{ id: 3, name: Old Bakery }", "update 3 name"),
        (
            &[BAKERY],
            "{ id: 3, name: Bakery, misId: BT02 }",
            "update 3 misId",
        ),
        (
            &[BAKERY, NAMELESS],
            "{ name: Forge, misId: F-1 }",
            "update 4 misId",
        ),
        (&[BAKERY], "{ name: Forge }", "create Forge"),
        (&[NAMELESS], "{ name: Forge 2 }", "create Forge 2"),
        (&[NAMELESS], "{ name: Forge+ }", "create Forge+"),
        (&[], "{ name: Bakery, misId: BT01 }", "create Bakery"),
        (
            &[(5, "Cafe\u{301} Nine", None)],
            "{ name: Café Nine }",
            "as declared",
        ),
    ] {
        let plan = planned(&format!("  - {declared}\n"), &organisation(rows));
        assert_eq!(outcome(&plan), expected, "{declared}");
    }
}

#[test]
fn a_placement_that_may_be_several_or_another_is_on_hold() {
    let twin = (8, "Bakery", Some("BT08"));
    for (rows, declared, expected) in [
        (
            &[BAKERY, twin][..],
            "{ name: Bakery }",
            "Several([EntryId(3), EntryId(8)])",
        ),
        (
            &[BAKERY, (9, "Mill", Some("BT01"))],
            "{ name: Mill, misId: BT01 }",
            "Several([EntryId(3), EntryId(9)])",
        ),
        (
            &[BAKERY],
            "{ name: Bakery, misId: BT09 }",
            "NameElsewhere([EntryId(3)])",
        ),
        (
            &[BAKERY, NAMELESS],
            "{ name: Forge, misId: BT01 }",
            "NameElsewhere([EntryId(4)])",
        ),
        (
            &[BAKERY, NAMELESS],
            "{ id: 4, name: Forge, misId: BT01 }",
            "MisIdElsewhere([EntryId(3)])",
        ),
        (
            &[BAKERY],
            "{ id: 6, name: Bakery }",
            "NoSuchEntry(EntryId(6))",
        ),
    ] {
        let plan = planned(&format!("  - {declared}\n"), &organisation(rows));
        assert_eq!(outcome(&plan), expected, "{declared}");
    }
    // One that has the MIS value and the name is it, whatever else has the name.
    let plan = planned(
        "  - { name: Bakery, misId: BT01 }\n",
        &organisation(&[BAKERY, twin]),
    );
    assert_eq!(outcome(&plan), "as declared");
}

#[test]
fn a_placement_is_not_created_beside_one_that_people_would_take_for_it() {
    let saint = (6, "St Mary\u{2019}s Café", Some("sm01"));
    for (rows, declared, near) in [
        (&[BAKERY][..], "{ name: bakery }", 3),
        (&[BAKERY], "{ name: BAKERY, misId: BT09 }", 3),
        (&[(3, "Old  Bakery ", None)], "{ name: Old Bakery }", 3),
        (&[saint], "{ name: St Mary's Cafe }", 6),
        (&[saint], "{ name: St Marys Café }", 6),
        (&[saint], "{ name: Another, misId: SM01 }", 6),
    ] {
        let plan = planned(&format!("  - {declared}\n"), &organisation(rows));
        let expected = format!("NearlySame([EntryId({near})])");
        assert_eq!(outcome(&plan), expected, "{declared}");
    }
    // A number says that it is the one.
    let plan = planned("  - { id: 3, name: bakery }\n", &organisation(&[BAKERY]));
    assert_eq!(outcome(&plan), "update 3 name");
}

#[test]
fn a_placement_that_an_earlier_run_created_is_not_created_again_under_its_former_name() {
    let forge = "  - { name: Forge }\n";
    for now in ["Forge Ltd", "Smithy", "Fo"] {
        let mut seen = organisation(&[BAKERY, (9, now, None)]);
        let key = (EntryKind::Placement, "Forge".to_owned());
        seen.created_entries.insert(key.clone(), EntryId::new(9));
        assert_eq!(outcome(&planned(forge, &seen)), "CreatedAs(EntryId(9))");
        let pinned = planned("  - { id: 9, name: Forge }\n", &seen);
        assert_eq!(outcome(&pinned), "update 9 name");
        // `unclear_entries` says so if no list shows that number.
        seen.created_entries.insert(key, EntryId::new(10));
        assert_eq!(outcome(&planned(forge, &seen)), "create Forge");
    }
}

#[test]
fn two_declared_placements_that_are_one_are_both_on_hold() {
    let plan = planned(
        "  - { id: 3, name: Oven }\n  - { name: Bakery }\n",
        &organisation(&[BAKERY]),
    );
    assert_eq!(plan.operations, []);
    assert_eq!(plan.held_entries.len(), 2);
    for held in &plan.held_entries {
        assert!(
            matches!(&held.reason, EntryHold::DeclaredTwice { id, others } if id.get() == 3 && others.len() == 1)
        );
    }
}

#[test]
fn a_placement_is_not_created_while_it_may_exist_unseen() {
    let forge = "  - { name: Forge }\n";
    let mut seen = organisation(&[BAKERY]);
    seen.shifting_entries.insert(EntryKind::Placement);
    assert_eq!(outcome(&planned(forge, &seen)), "ListNotWhole");
    assert_eq!(
        outcome(&planned("  - { id: 9, name: Forge }\n", &seen)),
        "ListNotWhole"
    );
    assert_eq!(
        outcome(&planned("  - { name: Bakery }\n", &seen)),
        "as declared"
    );
    let mut seen = organisation(&[BAKERY]);
    seen.unclear_entries
        .insert((EntryKind::Placement, nfc("Forge").into_owned()));
    assert_eq!(outcome(&planned(forge, &seen)), "MayHaveBeenCreated");
    seen.unclear_entries = [(EntryKind::Classroom, "Forge".to_owned())].into();
    assert_eq!(outcome(&planned(forge, &seen)), "create Forge");
}

#[test]
fn only_what_differs_is_updated_and_what_nothing_shows_is_sent_by_the_change_that_edits_it() {
    let declared = "  - { name: Bakery, address: 1 High Street, active: true }\n";
    let mut seen = organisation(&[BAKERY, NAMELESS]);
    let plan = planned(declared, &seen);
    assert_eq!(
        (outcome(&plan).as_str(), plan.not_compared),
        ("as declared", 2)
    );
    let since = |before: &str, seen: &Snapshot| {
        let roster = placements(declared);
        let scope = Scope::since(&roster, Some(&placements(before)), false);
        super::plan(&roster, seen, &Policy::default(), &scope)
    };
    let edited = since(
        "  - { name: Bakery, address: 1 Low Street, active: true }\n",
        &seen,
    );
    assert_eq!(
        (outcome(&edited).as_str(), edited.not_compared),
        ("update 3 address", 1)
    );
    let [Operation::UpdateEntry(update)] = &edited.operations[..] else {
        panic!()
    };
    assert!(!update.changes[0].is_verifiable);
    assert_eq!(update.origin, Some(Origin::ThisChange));
    // Once a placement shows the field, one without it has no value there.
    show(&mut seen, 4, Key::Address, "2 High Street");
    show(&mut seen, 3, Key::Active, "false");
    let plan = since(declared, &seen);
    assert_eq!(
        (outcome(&plan).as_str(), plan.not_compared),
        ("update 3 address active", 0)
    );
    assert_eq!(plan.operations[0].origin(), Some(Origin::Elsewhere));
    show(&mut seen, 3, Key::Address, "1 High Street ");
    show(&mut seen, 3, Key::Active, "1");
    assert_eq!(outcome(&planned(declared, &seen)), "as declared");
}

fn employer_at(placement: &str) -> String {
    format!("{EMPLOYER}{placement} }}\n")
}

/// What the placement of the created employer is.
fn referred(plan: &Plan) -> &ResolvedValue {
    let create = plan.creates().next().unwrap();
    let mut changes = create.changes.iter();
    &changes
        .find(|change| change.key == Key::Placement)
        .unwrap()
        .to
}

#[test]
fn a_user_may_refer_to_a_placement_that_the_same_plan_creates() {
    for (declared, placement, known) in [
        ("{ name: Forge }", "Forge", None),
        ("{ name: Forge, misId: F-1 }", "F-1", None),
        ("{ name: Forge, misId: F-1 }", "{ misId: F-1 }", None),
        ("{ name: Forge }", "{ name: Forge }", None),
        ("{ id: 3, name: Oven }", "Oven", Some(3)),
        ("{ name: Oven, misId: BT01 }", "Bakery", Some(3)),
        ("{ name: Forge, misId: Bakery }", "Bakery", None),
    ] {
        let files = [
            employer_at(placement),
            format!("placements:\n  - {declared}\n"),
        ];
        let plan = plan(
            &roster_of(&files),
            &organisation(&[BAKERY]),
            &Policy::default(),
            &Scope::whole(),
        );
        assert_eq!(plan.held, [], "{declared}");
        let new = NewEntry {
            kind: EntryKind::Placement,
            name: "Forge".to_owned(),
        };
        let target = match known {
            Some(id) => ReferenceTarget::Known(EntryId::new(id)),
            None => ReferenceTarget::AfterEntry(new.clone()),
        };
        let ResolvedValue::Reference { target: found, .. } = referred(&plan) else {
            panic!()
        };
        assert_eq!(*found, target, "{declared}");
        let entry_first = matches!(
            plan.operations[0],
            Operation::CreateEntry(_) | Operation::UpdateEntry(_)
        );
        assert!(entry_first, "placements come before users");
        let awaited: Vec<_> = plan.operations[1].awaits_entries().collect();
        assert_eq!(awaited, if known.is_none() { vec![&new] } else { vec![] });
    }
}

#[test]
fn who_refers_to_a_placement_on_hold_is_on_hold() {
    let files = [
        employer_at("F-9"),
        "placements:\n  - { name: Bakery, misId: F-9 }\n".to_owned(),
    ];
    let plan = plan(
        &roster_of(&files),
        &organisation(&[BAKERY]),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!((plan.operations.len(), plan.held_entries.len()), (0, 1));
    assert!(matches!(
        plan.held[0].reasons[..],
        [HoldReason::DependsOnHeld {
            key: Key::Placement,
            ..
        }]
    ));
}

#[test]
fn a_plan_of_what_changed_has_the_edited_placements_alone() {
    let forge = "placements:\n  - { name: Forge }\n".to_owned();
    let mill = "placements:\n  - { name: Mill }\n".to_owned();
    let before = roster_of(std::slice::from_ref(&forge));
    let after = roster_of(&[forge.clone(), mill, employer_at("Forge")]);
    let scope = Scope::since(&after, Some(&before), true);
    let narrow = plan(&after, &organisation(&[]), &Policy::default(), &scope);
    let names: Vec<_> = narrow
        .operations
        .iter()
        .filter_map(Operation::created_entry)
        .map(|new| new.name)
        .collect();
    assert_eq!(names, ["Mill"]);
    let why = LeftOut::ByChange;
    let [
        HoldReason::DependsOnUnplanned {
            key: Key::Placement,
            why: told,
            ..
        },
    ] = &narrow.held[0].reasons[..]
    else {
        panic!("{:?}", narrow.held)
    };
    assert_eq!(*told, why);
    // It exists: nothing waits for it.
    let there = plan(
        &after,
        &organisation(&[(9, "Forge", None)]),
        &Policy::default(),
        &scope,
    );
    assert_eq!((there.held.len(), there.counts().creates), (0, 1));
}

#[test]
fn a_moved_employer_is_updated_after_the_new_placement() {
    let live = account(
        31,
        Role::Employer,
        &[
            text(Key::MisId, "E-1"),
            text(Key::FirstName, "Emma"),
            text(Key::LastName, "Eastwick"),
            text(Key::Email, "emma@example.com"),
            text(Key::Placement, "3"),
        ],
    );
    let mut seen = organisation(&[BAKERY]);
    seen.replace(live);
    let files = [
        employer_at("Forge"),
        "placements:\n  - { name: Forge }\n".to_owned(),
    ];
    let plan = plan(
        &roster_of(&files),
        &seen,
        &Policy::default(),
        &Scope::whole(),
    );
    let kinds: Vec<_> = plan
        .operations
        .iter()
        .map(|operation| operation.kind().name())
        .collect();
    assert_eq!(kinds, ["createEntry", "update"]);
    let change = &plan.operations[1].changes()[0];
    assert_eq!(
        change.from.as_ref().unwrap().label.as_deref(),
        Some("Bakery")
    );
}
