//! What an apply leaves alone once something before it went wrong, what it takes for proof, and what its journal says of it.

use rosterctl::apply::journal::{JournalEvent, records};
use rosterctl::apply::{OperationError, OperationResult, Outcome, SkipReason, StopReason};
use rosterctl::domain::StandardId;
use rosterctl::domain::field::Key;
use rosterctl::plan::{Operation, OperationKind};
use serde_json::{Value, json};

use crate::faults::{ASSIGNED_SEED, LEAVERS_SEED, LOU, Run, SEED, World, calls};

/// A learner with an account, who is to get this.
fn learner(more: &str) -> World {
    let user = format!(
        "users:\n  - {{ misId: L-6, role: learner, firstName: Xan, lastName: Xavering, email: xan@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1, {more} }}\n"
    );
    World::on(&format!("{SEED}{ASSIGNED_SEED}"), &user)
}

/// A new learner with a template and these standards.
fn new_learner(standards: &str) -> World {
    let user = format!(
        "users:\n  - {{ misId: L-7, role: learner, firstName: Yve, lastName: Yardleigh, email: yve@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1, frameworkTemplate: Baker with English, standards: [{standards}] }}\n"
    );
    World::on(&format!("{SEED}{ASSIGNED_SEED}"), &user)
}

/// Whom the archive has, and what happens to the account besides.
const VIV: &str = "users:\n  - { misId: L-4, role: learner, firstName: Viv, lastName: Vellacott, email: viv@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1, standards: [Baker], archived: false }\n";
const VIV_LEAVES: &str = "users:\n  - { misId: L-4, role: learner, archived: true }\n";

/// A learner in the archive, or one who isn't.
fn leaver(users: &str, is_archived: bool) -> World {
    let leavers = LEAVERS_SEED.replace(
        "MISID: L-4,",
        &format!("MISID: L-4, Archived: {is_archived},"),
    );
    let behaviour = "behaviour: { archivedFlag: shown }\n";
    World::on(&format!("{SEED}{leavers}{ASSIGNED_SEED}{behaviour}"), users)
}

/// The outcome of a run in which these faults begin after the plan.
fn apply_with(world: &World, faults: &str) -> Outcome {
    let faults = faults.to_owned();
    world.meanwhile(move |sandbox| {
        let (status, answer) = sandbox.control(reqwest::Method::PUT, "faults", &faults);
        assert_eq!(status, 200, "{faults}{answer}");
    });
    let Run::Applied { outcome, .. } = world.run() else {
        panic!("it can be read")
    };
    outcome
}

/// Sent again, it would be refused again.
#[test]
fn a_create_that_was_refused_for_good_is_sent_once_in_a_run() {
    for status in [400, 404, 409, 422] {
        let world = World::on(SEED, LOU);
        let fault = format!("- {{ on: POST /User, do: {{ status: {status} }} }}");
        let outcome = apply_with(&world, &fault);
        let requests = world.sandbox.requests();
        let is_create = |one: &&Value| one["method"] == "POST" && one["path"] == "/User";
        let sent = requests.iter().filter(is_create).count();
        assert_eq!(sent, 1, "{status}: {outcome:?}");
    }
}

/// How many standards were sent, whatever became of them.
fn standards_sent(world: &World) -> usize {
    ["/Standard/31/Assign", "/Standard/32/Assign"]
        .map(|path| calls(&world.sandbox, path))
        .iter()
        .sum()
}

/// The results of the operations of a kind that set this field.
fn results_of(outcome: &Outcome, kind: OperationKind, key: Key) -> Vec<&OperationResult> {
    let is_meant = |operation: &Operation| {
        operation.kind() == kind && operation.changes().iter().any(|change| change.key == key)
    };
    let results = outcome.results.iter();
    let of_kind = results.filter(|(operation, _)| is_meant(operation));
    let found: Vec<_> = of_kind.map(|(_, result)| result).collect();
    assert!(!found.is_empty(), "{outcome:?}");
    found
}

/// Whether operations weren't attempted for this reason, all of them.
fn all_skipped(results: &[&OperationResult], why: &SkipReason) -> bool {
    let is_so = |result: &&OperationResult| matches!(result, OperationResult::NotAttempted(it) if it == why);
    results.iter().all(is_so)
}

#[test]
fn the_first_standard_stops_the_run_if_the_new_aim_is_of_another_one() {
    for (standards, came) in [("Baker", 32), ("English", 31), ("Baker, English", 39)] {
        let world = learner(&format!("standards: [{standards}]"));
        let aim = json!([{ "ID": 900, "UserID": 26, "StandardID": came }]);
        let outcome = apply_with(
            &world,
            &format!(
                "- {{ on: POST /Standard/*/Assign/*, do: {{ status: 200, body: '900' }} }}\n- {{ on: POST /LearningAim/Search, when: {{ nth: 2 }}, do: {{ status: 200, body: '{aim}' }} }}"
            ),
        );
        let is_found_out = matches!(&outcome.results[0].1, OperationResult::Failed(OperationError::AssignedOtherwise { new, touched }) if new == &[StandardId::new(came)] && touched.is_empty());
        assert!(is_found_out, "{standards}: {outcome:?}");
        assert_eq!(outcome.halt, Some(StopReason::AssignedOtherwise));
        assert_eq!(standards_sent(&world), 1, "{standards}");
    }
}

/// So the next standard is looked at as the first one was, and its harm is found out.
#[test]
fn an_account_that_can_not_be_read_is_no_proof_that_assigning_does_no_harm() {
    for unreadable in ["{ status: 404 }", "{ status: 400 }", "{ status: 204 }"] {
        let world = learner("standards: [Baker, English]");
        let harmed = json!({ "ID": 26, "OrganisationID": 5740, "Role": 1, "MISID": "L-6", "FirstName": "Xan", "LastName": "Thistledown" });
        let outcome = apply_with(
            &world,
            &format!(
                "- {{ on: GET /User/26, when: {{ nth: 2 }}, do: {unreadable} }}\n- {{ on: GET /User/26, when: {{ nth: 4 }}, do: {{ status: 200, body: '{harmed}' }} }}"
            ),
        );
        let results = results_of(&outcome, OperationKind::Assign, Key::Standards);
        assert!(
            matches!(results[0], OperationResult::Done(_)),
            "{unreadable}: {outcome:?}"
        );
        let is_found_out = matches!(results[1], OperationResult::Failed(OperationError::AssignedOtherwise { touched, .. }) if touched.iter().any(|name| name == "LastName"));
        assert!(is_found_out, "{unreadable}: {outcome:?}");
    }
}

/// Nobody knows then what an answer is worth, so the next one might come twice.
#[test]
fn no_other_standard_is_assigned_once_the_first_one_does_not_show() {
    let blind = |look: &str| -> String {
        let rule = |nth| {
            format!("- {{ on: POST /LearningAim/Search, when: {{ nth: {nth} }}, do: {look} }}\n")
        };
        (2..12).map(rule).collect()
    };
    for faults in [
        "- { on: POST /Standard/31/Assign/*, do: loseWrite }".to_owned(),
        blind("{ status: 200, body: '[]' }"),
        blind("{ status: 400 }"),
    ] {
        let world = learner("standards: [Baker, English]");
        let outcome = apply_with(&world, &faults);
        let results = results_of(&outcome, OperationKind::Assign, Key::Standards);
        assert!(
            all_skipped(&results[1..], &SkipReason::AimsNotShown),
            "{faults}: {outcome:?}"
        );
        assert_eq!(standards_sent(&world), 1, "{faults}");
    }
}

#[test]
fn a_unit_is_not_assigned_without_its_standard() {
    for fault in ["{ status: 400 }", "{ status: 404 }", "resetBefore"] {
        let world =
            learner("standards: [Baker, English], units: [{ standard: Baker, unit: Bread }]");
        let outcome = apply_with(
            &world,
            &format!("- {{ on: POST /Standard/31/Assign/*, do: {fault} }}"),
        );
        let units = results_of(&outcome, OperationKind::Assign, Key::Units);
        assert!(
            all_skipped(&units, &SkipReason::StandardNotAssigned),
            "{fault}: {outcome:?}"
        );
        assert_eq!(calls(&world.sandbox, "/Unit/41/Assign"), 0, "{fault}");
        assert_eq!(world.standards_of("L-6"), [32], "the other one came");
    }
}

/// The template was answered, and its standards may come later: one that is assigned now might come twice.
#[test]
fn no_standard_is_assigned_beside_a_template_that_does_not_show() {
    for standards in ["Baker", "English", "Baker, English"] {
        let world = new_learner(standards);
        let outcome = apply_with(
            &world,
            "- { on: POST /FrameworkTemplate/*/Assign/*/*, do: loseWrite }",
        );
        let results = results_of(&outcome, OperationKind::Assign, Key::Standards);
        assert!(
            all_skipped(&results, &SkipReason::AimsNotShown),
            "{standards}: {outcome:?}"
        );
        assert_eq!(standards_sent(&world), 0, "{standards}");
    }
}

#[test]
fn standards_that_a_template_brings_late_are_waited_for() {
    for late in 1..=3 {
        let world = new_learner("Baker, English");
        let nothing = |nth| {
            format!(
                "- {{ on: POST /LearningAim/Search, when: {{ nth: {nth} }}, do: {{ status: 200, body: '[]' }} }}\n"
            )
        };
        // The template itself is only sent to a learner who shows nothing, which is the first reading.
        let faults: String = (1..=late + 1).map(nothing).collect();
        let outcome = apply_with(&world, &faults);
        let results = results_of(&outcome, OperationKind::Assign, Key::Standards);
        let is_done = |result: &&OperationResult| matches!(result, OperationResult::Done(_));
        assert!(results.iter().all(is_done), "{late}: {outcome:?}");
        assert_eq!(standards_sent(&world), 0, "{late}");
    }
}

#[test]
fn who_was_not_brought_back_is_not_updated_and_gets_nothing() {
    for fault in ["{ status: 400 }", "{ status: 404 }", "resetBefore"] {
        let world = leaver(VIV, true);
        let outcome = apply_with(
            &world,
            &format!("- {{ on: POST /User/24/Unarchive, do: {fault} }}"),
        );
        let updates = results_of(&outcome, OperationKind::Update, Key::DefaultAssessor);
        assert!(
            all_skipped(&updates, &SkipReason::NotBroughtBack),
            "{fault}: {outcome:?}"
        );
        let assigned = results_of(&outcome, OperationKind::Assign, Key::Standards);
        assert!(
            all_skipped(&assigned, &SkipReason::LearnerNotDone),
            "{fault}: {outcome:?}"
        );
        assert_eq!(standards_sent(&world), 0, "{fault}");
    }
}

#[test]
fn who_was_brought_back_is_updated_and_gets_the_rest() {
    let world = leaver(VIV, true);
    let outcome = apply_with(&world, "[]");
    assert_eq!(outcome.tally().failed, 0, "{outcome:?}");
    assert_eq!(world.standards_of("L-4"), [31]);
}

/// So the next one of the role is read again, too, and its harm is found out.
#[test]
fn an_account_that_can_not_be_read_is_no_proof_that_archiving_does_no_harm() {
    let both = "users:\n  - { misId: L-4, role: learner, archived: true }\n  - { misId: L-5, role: learner, archived: true }\n";
    let harmed = json!({ "ID": 25, "OrganisationID": 5740, "Role": 1, "MISID": "L-5", "LastName": "Thistledown" });
    for unreadable in ["{ status: 404 }", "{ status: 400 }", "{ status: 204 }"] {
        let world = leaver(both, false);
        let outcome = apply_with(
            &world,
            &format!(
                "- {{ on: GET /User/24, when: {{ nth: 2 }}, do: {unreadable} }}\n- {{ on: GET /User/25, when: {{ nth: 2 }}, do: {{ status: 200, body: '{harmed}' }} }}"
            ),
        );
        let results = results_of(&outcome, OperationKind::Archive, Key::Archived);
        assert!(
            matches!(results[0], OperationResult::Done(_)),
            "{unreadable}: {outcome:?}"
        );
        let is_found_out = matches!(results[1], OperationResult::Failed(OperationError::MoveTouchedOthers(touched)) if touched.iter().any(|name| name == "LastName"));
        assert!(is_found_out, "{unreadable}: {outcome:?}");
    }
}

/// The events of a journal that are about account 24, by name.
fn moves_on_record(world: &World) -> Vec<&'static str> {
    let records = records(world.journal.path()).unwrap();
    let name = |event: &JournalEvent| match event {
        JournalEvent::MoveIntent { .. } => Some("intent"),
        JournalEvent::Moved { .. } => Some("moved"),
        JournalEvent::NotMoved { .. } => Some("not moved"),
        JournalEvent::MoveUnclear { .. } => Some("unclear"),
        _ => None,
    };
    let events = records.iter().map(|record| &record.event);
    events.filter_map(name).collect()
}

#[test]
fn the_journal_says_what_became_of_each_archive_and_of_each_return() {
    for (users, call) in [(VIV_LEAVES, "Archive"), (VIV, "Unarchive")] {
        for (fault, expected) in [
            ("{ status: 400 }", &["intent", "not moved"][..]),
            ("{ status: 404 }", &["intent", "not moved"]),
            ("resetBefore", &["intent", "unclear"]),
            ("{ delayMs: 1 }", &["intent", "moved"]),
            ("resetAfter", &["intent", "moved"]),
        ] {
            let world = leaver(users, call == "Unarchive");
            apply_with(
                &world,
                &format!("- {{ on: POST /User/24/{call}, do: {fault} }}"),
            );
            assert_eq!(moves_on_record(&world), expected, "{call} {fault}");
        }
        // It is somebody else's by now, or gone, so nothing is sent.
        for look in [
            "{ status: 404 }",
            "{ status: 200, body: '{\"ID\": 24, \"OrganisationID\": 5740, \"Role\": 1, \"MISID\": \"L-99\"}' }",
            "{ status: 200, body: '{\"ID\": 24, \"OrganisationID\": 5740, \"Role\": 10, \"MISID\": \"L-4\"}' }",
        ] {
            let world = leaver(users, call == "Unarchive");
            apply_with(
                &world,
                &format!("- {{ on: GET /User/24, when: {{ nth: 1 }}, do: {look} }}"),
            );
            assert_eq!(moves_on_record(&world), ["not moved"], "{call} {look}");
        }
    }
}
