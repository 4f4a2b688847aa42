//! The totals of a plan in its file, and what it says of each operation for readers who don't have the manifests.

use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{IdentityMark, RememberedAccounts, RemovedUser};
use rosterctl::plan::{LeftAlone, LikelyAccount, LimitExcess, LimitKind, Operation, Origin, Plan};
use serde_json::{Value, json};

use crate::assigned_plans::{assign, create, file, plan, standard};

fn parsed(plan: &Plan) -> Value {
    serde_json::from_str(&file(plan)).unwrap()
}

/// Every limit, each with other numbers.
fn excesses() -> Vec<LimitExcess> {
    let kinds = [
        LimitKind::Creates,
        LimitKind::Updates,
        LimitKind::Archives,
        LimitKind::Removals,
        LimitKind::Assignments,
        LimitKind::Entries,
        LimitKind::CreatesForbidden,
    ];
    let excess = |(at, kind)| LimitExcess {
        kind,
        planned: 100 + at,
        allowed: 50 + at,
        line: None,
        few: None,
    };
    kinds.into_iter().enumerate().map(excess).collect()
}

/// A plan in which no two totals are alike.
fn counted() -> Plan {
    let removed = |at: usize| RemovedUser {
        role: Role::Learner,
        mis_id: Some(format!("L-{at}")),
        id: None,
    };
    Plan {
        unchanged: 3,
        leavers_gone: 4,
        leavers_to_come: 5,
        undeclared: (1..=6).map(Into::into).collect(),
        not_compared: 7,
        undeclared_aims: 8,
        assignments_not_compared: 9,
        late_templates: 10,
        unmanaged: 11,
        left_out: 12,
        unselected: 13,
        removed: (0..14).map(removed).collect(),
        remembered: RememberedAccounts {
            number: 15,
            sampled: 16,
            since: Some("2026-11-03T09:00:00Z".parse().unwrap()),
        },
        left_alone: LeftAlone {
            users: 17,
            fields: [(Key::Email, 18), (Key::Nino, 19), (Key::Ethnicity, 20)].into(),
        },
        excesses: excesses(),
        ..plan(vec![create(1), assign(2, standard("Baker", 31))])
    }
}

#[test]
fn each_total_of_a_plan_is_the_one_that_its_name_says() {
    let expected = json!({
        "create": 1,
        "update": 0,
        "createEntry": 0,
        "updateEntry": 0,
        "assign": 1,
        "heldEntries": 0,
        "archive": 0,
        "unarchive": 0,
        "leaversGone": 4,
        "leaversToCome": 5,
        "unchanged": 3,
        "held": 0,
        "undeclared": 6,
        "notCompared": 7,
        "undeclaredStandards": 8,
        "assignmentsNotCompared": 9,
        "lateTemplates": 10,
        "notManaged": 11,
        "leftAlone": { "users": 17, "fields": { "email": 18, "special": 39 } },
        "notPlanned": 12,
        "notSelected": 13,
        "removed": 14,
        "remembered": 15,
        "sampled": 16,
        "rememberedSince": "2026-11-03T09:00:00Z",
        "effects": {
            "emailsPerson": 1,
            "mayEmailPerson": 0,
            "keychainStays": 0,
            "assessorChanges": 0,
            "archives": 0,
            "comesBack": 0,
            "stays": 1,
        },
        "limits": [
            { "limit": "maxCreates", "planned": 100, "allowed": 50 },
            { "limit": "maxUpdates", "planned": 101, "allowed": 51 },
            { "limit": "maxArchives", "planned": 102, "allowed": 52 },
            { "limit": "maxRemovals", "planned": 103, "allowed": 53 },
            { "limit": "maxAssignments", "planned": 104, "allowed": 54 },
            { "limit": "maxEntries", "planned": 105, "allowed": 55 },
            { "limit": "creates", "planned": 106, "allowed": 56 },
        ],
    });
    assert_eq!(parsed(&counted())["totals"], expected);
}

#[test]
fn what_is_left_alone_is_left_out_where_it_is_nobody() {
    let nobody = Plan {
        left_alone: LeftAlone::default(),
        ..counted()
    };
    assert_eq!(parsed(&nobody)["totals"].get("leftAlone"), None);
}

#[test]
fn an_operation_says_whether_this_change_makes_it() {
    for (origin, expected) in [
        (None, None),
        (Some(Origin::ThisChange), Some(json!(true))),
        (Some(Origin::Elsewhere), Some(json!(false))),
    ] {
        let Operation::Create(mut made) = create(1) else {
            unreachable!("it is one")
        };
        made.origin = origin;
        let plan = parsed(&plan(vec![Operation::Create(made)]));
        let said = plan["operations"][0].get("fromThisChange");
        assert_eq!(said, expected.as_ref());
    }
}

#[test]
fn an_account_that_looks_like_the_new_one_is_noted_with_what_speaks_for_and_against_it() {
    let Operation::Create(mut made) = create(1) else {
        unreachable!("it is one")
    };
    made.notes = vec![LikelyAccount {
        id: 77.into(),
        role: Role::Learner,
        mis_id: None,
        same: vec![IdentityMark::Name, IdentityMark::NameAndBirth],
        differs: vec![Key::Nino, Key::Uln],
    }];
    let plan = parsed(&plan(vec![Operation::Create(made)]));
    let expected = json!([{
        "id": 77,
        "same": ["firstName", "lastName", "dob"],
        "differs": ["uln", "special"],
    }]);
    assert_eq!(plan["operations"][0]["notes"], expected);
}
