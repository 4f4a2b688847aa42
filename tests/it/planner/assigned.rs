//! What learners get by calls of their own: standards, units, a framework template and further staff.

use std::collections::{BTreeMap, BTreeSet};

use rosterctl::domain::field::{Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, AimId, AssignPath, Directory, DirectoryEntry, EntryId, LearningAim, Policy,
    Roster, Scope, SentAssignment, ShownAssignments, Snapshot, StandardId, StandardUnit, UnitId,
    UserIdentity,
};
use rosterctl::plan::{
    AssignedLearner, AssignmentHold, AssignmentState, Effect, HoldReason, Operation, Origin, Plan,
    ReferenceTarget, ResolvedValue, explain, plan,
};

use super::{account, roster, snapshot, text};

pub(super) const ASSESSOR: i64 = 7;
const LEARNER: i64 = 20;

/// Numbers of standards, templates and units.
const CARPENTRY: i64 = 301;
const JOINERY: i64 = 302;
const TEMPLATE: i64 = 401;
const SAFETY: i64 = 501;
const DOVETAILS: i64 = 502;

const STAFF: &str = "  - { misId: A-000, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }
  - { misId: A-001, role: assessor, firstName: Ada, lastName: Archdale, email: ada@example.ac.uk }
";

/// A declared learner. `more` is in the form `, key: value`.
pub(super) fn learner(at: usize, more: &str) -> String {
    format!(
        "  - {{ misId: L-{at}, role: learner, firstName: Lena{at}, lastName: Larkspurne, email: lena{at}@example.ac.uk, classroom: Business, placement: BT01, defaultAssessor: A-000{more} }}\n"
    )
}

pub(super) fn live_learner(at: usize) -> Account {
    let shown = [
        text(Key::MisId, &format!("L-{at}")),
        text(Key::FirstName, &format!("Lena{at}")),
        text(Key::LastName, "Larkspurne"),
        text(Key::Email, &format!("lena{at}@example.ac.uk")),
        text(Key::Classroom, "1"),
        text(Key::Placement, "3"),
        text(Key::DefaultAssessor, &ASSESSOR.to_string()),
    ];
    account(learner_id(at).get(), Role::Learner, &shown)
}

pub(super) fn learner_id(at: usize) -> AccountId {
    AccountId::new(LEARNER + i64::try_from(at).unwrap())
}

fn live_assessor(id: i64, mis_id: &str, first: &str, last: &str) -> Account {
    let shown = [
        text(Key::MisId, mis_id),
        text(Key::FirstName, first),
        text(Key::LastName, last),
        text(
            Key::Email,
            &format!("{}@example.ac.uk", first.to_lowercase()),
        ),
    ];
    account(id, Role::Assessor, &shown)
}

fn entry(id: i64, name: &str) -> DirectoryEntry {
    DirectoryEntry {
        id: EntryId::new(id),
        name: name.to_owned(),
        mis_id: None,
    }
}

/// A college with two standards, a template, units of both standards, both assessors and these learners.
pub(super) fn college(learners: &[usize]) -> Snapshot {
    let mut accounts = vec![
        live_assessor(ASSESSOR, "A-000", "Ann", "Abbotsley"),
        live_assessor(8, "A-001", "Ada", "Archdale"),
    ];
    accounts.extend(learners.iter().map(|at| live_learner(*at)));
    let mut seen = snapshot(accounts);
    let mut entries = BTreeMap::new();
    for referent in [Referent::Classroom, Referent::Placement] {
        entries.insert(referent, seen.directory.of(referent).to_vec());
    }
    let standards = vec![
        entry(CARPENTRY, "Carpentry L2"),
        entry(JOINERY, "Joinery L3"),
    ];
    entries.insert(Referent::Standard, standards);
    entries.insert(
        Referent::FrameworkTemplate,
        vec![entry(TEMPLATE, "Woodwork 2026")],
    );
    seen.directory = Directory::new(entries);
    let unit = |id, title: &str| StandardUnit {
        id: UnitId::new(id),
        title: title.to_owned(),
        code: Some(format!("Y/{id}/0001")),
    };
    seen.assignments.units = BTreeMap::from([
        (StandardId::new(CARPENTRY), vec![unit(SAFETY, "Safety")]),
        (StandardId::new(JOINERY), vec![unit(DOVETAILS, "Dovetails")]),
    ]);
    seen
}

/// Lets a learner show aims of these standards, and these units if rows show any.
pub(super) fn show(
    seen: &mut Snapshot,
    learner: AccountId,
    standards: &[i64],
    units: Option<&[(i64, i64)]>,
) {
    let aim = |standard: &i64| LearningAim {
        id: AimId::new(9000 + standard),
        standard: StandardId::new(*standard),
    };
    let unit = |(standard, unit): &(i64, i64)| (StandardId::new(*standard), UnitId::new(*unit));
    let shown = ShownAssignments {
        aims: Some(standards.iter().map(aim).collect()),
        units: units.map(|units| units.iter().map(unit).collect()),
    };
    seen.assignments.shown.insert(learner, shown);
}

/// The college with the learner 1, who has these standards, and no units.
fn with(standards: &[i64]) -> Snapshot {
    let mut seen = college(&[1]);
    show(&mut seen, learner_id(1), standards, Some(&[]));
    seen
}

fn declared(more: &str) -> Roster {
    roster(&(STAFF.to_owned() + &learner(1, more)))
}

fn path_known() -> Policy {
    Policy {
        assign_path: AssignPath::Assignee,
        ..Policy::default()
    }
}

fn planned(more: &str, seen: &Snapshot) -> Plan {
    plan(&declared(more), seen, &path_known(), &Scope::whole())
}

/// The plan of a change from `before` to `after`.
fn planned_since(before: &str, after: &str, seen: &Snapshot) -> Plan {
    let roster = declared(after);
    let scope = Scope::since(&roster, Some(&declared(before)), false);
    plan(&roster, seen, &path_known(), &scope)
}

/// What a plan assigns: the field, the target and whether it can be verified, in the order of the plan.
fn assigned(plan: &Plan) -> Vec<(Key, ReferenceTarget, bool)> {
    let mut assigned = Vec::new();
    for operation in &plan.operations {
        let Operation::Assign(assign) = operation else {
            continue;
        };
        assert_eq!(assign.effects, [Effect::Stays]);
        let [change] = &assign.changes[..] else {
            panic!("one change: {:?}", assign.changes)
        };
        let ResolvedValue::Reference { target, .. } = &change.to else {
            panic!("a reference: {change:?}")
        };
        assigned.push((change.key, target.clone(), change.is_verifiable));
    }
    assigned
}

fn known(id: i64) -> ReferenceTarget {
    ReferenceTarget::Known(EntryId::new(id))
}

fn unit(unit: i64, standard: i64) -> ReferenceTarget {
    ReferenceTarget::Unit {
        unit: UnitId::new(unit),
        standard: StandardId::new(standard),
    }
}

fn sent(key: Key, what: i64, standard: Option<i64>) -> BTreeSet<SentAssignment> {
    BTreeSet::from([SentAssignment {
        learner: learner_id(1),
        key,
        what: EntryId::new(what),
        standard: standard.map(StandardId::new),
    }])
}

fn held(plan: &Plan) -> &[HoldReason] {
    assert_eq!(assigned(plan), [], "a learner on hold gets nothing");
    match &plan.held[..] {
        [held] => &held.reasons,
        others => panic!("one user on hold: {others:?}"),
    }
}

#[test]
fn a_learner_gets_the_standards_that_no_aim_shows() {
    for (has, more, expected) in [
        (&[][..], "Carpentry L2", vec![CARPENTRY]),
        (&[CARPENTRY], "Carpentry L2", vec![]),
        (&[JOINERY], "Carpentry L2, { id: 302 }", vec![CARPENTRY]),
        (
            &[],
            "Joinery L3, { name: Carpentry L2 }",
            vec![JOINERY, CARPENTRY],
        ),
        (&[], "Carpentry L2, { id: 301 }", vec![CARPENTRY]),
        (&[CARPENTRY, JOINERY], "Joinery L3, Carpentry L2", vec![]),
    ] {
        let plan = planned(&format!(", standards: [{more}]"), &with(has));
        let expected: Vec<_> = expected
            .into_iter()
            .map(|id| (Key::Standards, known(id), true))
            .collect();
        assert_eq!(assigned(&plan), expected, "{more}");
        assert_eq!(plan.held, []);
        assert_eq!(plan.unchanged, if expected.is_empty() { 3 } else { 2 });
    }
}

#[test]
fn aims_that_are_not_declared_are_counted_and_stay() {
    for (has, more, undeclared) in [
        (&[CARPENTRY, JOINERY][..], ", standards: [Joinery L3]", 1),
        (
            &[CARPENTRY, JOINERY],
            ", standards: [Joinery L3, Carpentry L2]",
            0,
        ),
        (&[CARPENTRY, JOINERY], "", 0),
        (
            &[CARPENTRY, JOINERY],
            ", standards: [Joinery L3], units: [{ standard: Carpentry L2, unit: Safety }]",
            0,
        ),
    ] {
        let mut seen = with(has);
        show(&mut seen, learner_id(1), has, Some(&[(CARPENTRY, SAFETY)]));
        let plan = planned(more, &seen);
        assert_eq!(plan.undeclared_aims, undeclared, "{more}");
        assert_eq!(plan.operations, []);
    }
}

#[test]
fn a_new_learner_gets_everything_after_the_create_and_a_template_first() {
    let more = ", additionalAssessors: [A-001], units: [{ standard: Joinery L3, unit: Dovetails }], standards: [Joinery L3], frameworkTemplate: Woodwork 2026";
    let seen = college(&[]);
    let plan = planned(more, &seen);
    assert_eq!(
        assigned(&plan),
        [
            (Key::FrameworkTemplate, known(TEMPLATE), true),
            (Key::Standards, known(JOINERY), true),
            (Key::Units, unit(DOVETAILS, JOINERY), true),
            (Key::AdditionalAssessors, known(8), false),
        ]
    );
    assert!(matches!(plan.operations[0], Operation::Create(_)));
    let awaited = UserIdentity::new(Role::Learner, "L-1");
    for operation in &plan.operations[1..] {
        let Operation::Assign(assign) = operation else {
            panic!("{operation:?}")
        };
        assert_eq!(assign.learner, AssignedLearner::AfterApply(awaited.clone()));
        assert_eq!(operation.awaits().collect::<Vec<_>>(), [&awaited]);
    }
    assert_eq!(plan.counts().assignments, 4);
}

#[test]
fn a_template_comes_with_a_create_alone() {
    let mut seen = with(&[]);
    let template = ", frameworkTemplate: Woodwork 2026";
    for plan in [planned(template, &seen), planned_since("", template, &seen)] {
        assert_eq!((plan.operations.len(), plan.held.len()), (0, 0));
    }
    for (before, after, late) in [
        ("", template, 1),
        (template, template, 0),
        (", frameworkTemplate: Woodwork 2026", "", 0),
    ] {
        let plan = planned_since(before, after, &seen);
        assert_eq!(plan.late_templates, late, "{before} -> {after}");
    }
    assert_eq!(planned(template, &seen).late_templates, 0);
    assert_eq!(planned_since("", template, &college(&[])).late_templates, 0);
    // The run that created the learner was killed before it sent the template.
    seen.assignments.owed = sent(Key::FrameworkTemplate, TEMPLATE, None);
    let owed = [(Key::FrameworkTemplate, known(TEMPLATE), true)];
    assert_eq!(assigned(&planned(template, &seen)), owed);
    assert_eq!(
        assigned(&planned("", &seen)),
        [],
        "it isn't declared any more"
    );
    seen.assignments.sent = seen.assignments.owed.clone();
    assert_eq!(assigned(&planned(template, &seen)), []);
}

#[test]
fn an_unknown_title_holds_the_user_as_a_whole_and_the_nearest_one_is_suggested() {
    for (more, key, near) in [
        (
            ", standards: [Carpentry L3]",
            Key::Standards,
            Some("Carpentry L2"),
        ),
        (", standards: [Joinery L3, Welding]", Key::Standards, None),
        (
            ", frameworkTemplate: Woodwork 2025",
            Key::FrameworkTemplate,
            Some("Woodwork 2026"),
        ),
        (
            ", standards: [Joinery L3], units: [{ standard: Joinery L3, unit: Dovetail }]",
            Key::Units,
            Some("Dovetails"),
        ),
        (
            ", units: [{ standard: Joinery L4, unit: Dovetails }]",
            Key::Standards,
            Some("Joinery L3"),
        ),
        (
            ", additionalAssessors: [A-002]",
            Key::AdditionalAssessors,
            Some("A-00"),
        ),
    ] {
        let moved = format!("{more}, episodeName: Second");
        for seen in [with(&[]), college(&[])] {
            let plan = planned(&moved, &seen);
            let [
                HoldReason::Unknown {
                    key: of,
                    suggestion,
                    ..
                },
            ] = held(&plan)
            else {
                panic!("{more}: {:?}", plan.held)
            };
            assert_eq!(*of, key, "{more}");
            let suggested = suggestion.as_deref().unwrap_or_default();
            assert!(
                near.is_none_or(|near| suggested.starts_with(near)),
                "{more}: {suggested}"
            );
            assert_eq!(plan.operations, [], "{more}");
        }
    }
}

#[test]
fn a_title_that_two_standards_have_holds_the_user() {
    let mut seen = with(&[]);
    let mut standards = seen.directory.of(Referent::Standard).to_vec();
    standards.push(entry(303, "Joinery L3"));
    seen.directory = Directory::new(BTreeMap::from([
        (
            Referent::Classroom,
            seen.directory.of(Referent::Classroom).to_vec(),
        ),
        (
            Referent::Placement,
            seen.directory.of(Referent::Placement).to_vec(),
        ),
        (Referent::Standard, standards),
    ]));
    let plan = planned(", standards: [Joinery L3]", &seen);
    assert!(matches!(
        held(&plan),
        [HoldReason::Ambiguous {
            key: Key::Standards,
            ..
        }]
    ));
    let told = planned(", standards: [{ id: 303 }]", &seen);
    assert_eq!(assigned(&told), [(Key::Standards, known(303), true)]);
}

#[test]
fn a_learner_whose_aims_cannot_be_read_is_on_hold() {
    let unread = || {
        let mut seen = college(&[1]);
        let shown = ShownAssignments {
            aims: None,
            units: Some(BTreeSet::new()),
        };
        seen.assignments.shown.insert(learner_id(1), shown);
        seen
    };
    for seen in [college(&[1]), unread()] {
        for more in [
            ", standards: [Joinery L3]",
            ", standards: [Joinery L3, Carpentry L2]",
            ", units: [{ standard: Joinery L3, unit: Dovetails }]",
        ] {
            let plan = planned(more, &seen);
            let reason = AssignmentHold::AimsUnread(learner_id(1));
            assert_eq!(held(&plan), [HoldReason::Assignment(reason)], "{more}");
        }
        // A template and further staff need no reading.
        let plan = planned(
            ", frameworkTemplate: Woodwork 2026, additionalAssessors: [A-001]",
            &seen,
        );
        assert_eq!((plan.held.len(), plan.assignments_not_compared), (0, 1));
    }
}

#[test]
fn what_nothing_shows_is_sent_by_the_change_that_adds_it() {
    let one = ", additionalAssessors: [A-001]";
    let both = ", additionalAssessors: [A-001, { misId: A-000 }]";
    let written_otherwise = ", additionalAssessors: [{ misId: A-001 }]";
    let seen = with(&[]);
    for (before, after, expected) in [
        ("", one, vec![8]),
        (one, both, vec![ASSESSOR]),
        (one, one, vec![]),
        (one, written_otherwise, vec![]),
        (both, one, vec![]),
        ("", both, vec![8, ASSESSOR]),
    ] {
        let plan = planned_since(before, after, &seen);
        let expected: Vec<_> = expected
            .into_iter()
            .map(|id| (Key::AdditionalAssessors, known(id), false))
            .collect();
        assert_eq!(assigned(&plan), expected, "{before} -> {after}");
        let operations = plan.operations.iter();
        assert!(
            operations
                .map(Operation::origin)
                .all(|origin| origin == Some(Origin::ThisChange))
        );
    }
    let without_base = planned(both, &seen);
    assert_eq!(
        (
            without_base.operations.len(),
            without_base.assignments_not_compared
        ),
        (0, 2)
    );
}

/// Then every user counts as edited, and every learner would get everything again.
#[test]
fn a_base_that_cannot_be_read_adds_nothing_that_nothing_shows() {
    let roster = declared(", additionalAssessors: [A-001]");
    let scope = Scope::since(&roster, None, false);
    let plan = plan(&roster, &with(&[]), &path_known(), &scope);
    assert_eq!(
        (assigned(&plan), plan.assignments_not_compared),
        (vec![], 1)
    );
}

#[test]
fn units_that_rows_do_not_show_are_sent_by_the_change_that_adds_them() {
    let standards = ", standards: [Joinery L3]";
    let units = format!("{standards}, units: [{{ standard: Joinery L3, unit: Y/502/0001 }}]");
    let expected = |is_verifiable| vec![(Key::Units, unit(DOVETAILS, JOINERY), is_verifiable)];
    let mut seen = college(&[1]);
    for (shown, without_base, with_base) in [
        (Some(&[][..]), expected(true), expected(true)),
        (
            Some(&[(CARPENTRY, DOVETAILS)][..]),
            expected(true),
            expected(true),
        ),
        (Some(&[(JOINERY, DOVETAILS)][..]), vec![], vec![]),
        (None, vec![], expected(false)),
    ] {
        show(&mut seen, learner_id(1), &[JOINERY], shown);
        assert_eq!(assigned(&planned(&units, &seen)), without_base, "{shown:?}");
        assert_eq!(
            assigned(&planned_since(standards, &units, &seen)),
            with_base,
            "{shown:?}"
        );
    }
}

#[test]
fn a_unit_of_a_standard_that_the_learner_does_not_get_holds_the_user() {
    let units = ", units: [{ standard: Joinery L3, unit: Dovetails }]";
    for (seen, more, is_held) in [
        (with(&[]), "", true),
        (with(&[CARPENTRY]), ", standards: [Carpentry L2]", true),
        (with(&[JOINERY]), "", false),
        (with(&[]), ", standards: [Joinery L3]", false),
        (college(&[]), "", true),
        (college(&[]), ", standards: [Joinery L3]", false),
        (college(&[]), ", frameworkTemplate: Woodwork 2026", false),
    ] {
        let plan = planned(&format!("{units}{more}"), &seen);
        let reason = AssignmentHold::StandardMissing {
            label: "Joinery L3: Dovetails".to_owned(),
        };
        let reasons: Vec<_> = plan
            .held
            .iter()
            .flat_map(|held| held.reasons.clone())
            .collect();
        let expected = if is_held {
            vec![HoldReason::Assignment(reason)]
        } else {
            vec![]
        };
        assert_eq!(reasons, expected, "{more}");
    }
}

#[test]
fn what_an_earlier_run_sent_is_not_sent_again() {
    let more = ", standards: [Joinery L3], units: [{ standard: Joinery L3, unit: Dovetails }], additionalAssessors: [A-001]";
    for (key, what, standard) in [
        (Key::Standards, JOINERY, None),
        (Key::Units, DOVETAILS, Some(JOINERY)),
        (Key::AdditionalAssessors, 8, None),
    ] {
        let mut seen = with(&[]);
        let all = assigned(&planned_since("", more, &seen));
        assert_eq!(all.len(), 3);
        seen.assignments.sent = sent(key, what, standard);
        let rest = assigned(&planned_since("", more, &seen));
        let expected: Vec<_> = all.into_iter().filter(|(of, ..)| *of != key).collect();
        assert_eq!(rest, expected, "{key:?}");
        // Another learner, another field, another standard.
        let mut other = sent(key, what + 1, standard);
        other.extend(sent(Key::AdditionalIqas, what, standard));
        seen.assignments.sent = other;
        assert_eq!(
            assigned(&planned_since("", more, &seen)).len(),
            3,
            "{key:?}"
        );
    }
}

#[test]
fn what_an_earlier_run_may_have_sent_holds_the_user_until_somebody_knows() {
    let more = ", standards: [Joinery L3], additionalAssessors: [A-001]";
    for (key, what, label) in [
        (Key::Standards, JOINERY, "Joinery L3"),
        (Key::AdditionalAssessors, 8, "A-001"),
    ] {
        let mut seen = with(&[]);
        seen.assignments.unclear = sent(key, what, None);
        let reason = AssignmentHold::Unclear {
            name: "L-1".to_owned(),
            key,
            label: label.to_owned(),
        };
        let plan = planned(more, &seen);
        assert_eq!(held(&plan), [HoldReason::Assignment(reason)]);
    }
    // A reading shows that it was done.
    let mut seen = with(&[JOINERY]);
    seen.assignments.unclear = sent(Key::Standards, JOINERY, None);
    assert_eq!(planned(", standards: [Joinery L3]", &seen).held, []);
}

#[test]
fn further_staff_wait_until_the_project_says_whose_number_the_path_takes() {
    let more = ", additionalAssessors: [A-001]";
    let (before, after) = (declared(""), declared(more));
    let scope = Scope::since(&after, Some(&before), false);
    let reason = AssignmentHold::PathUnknown(vec![Key::AdditionalAssessors]);
    for (seen, scope) in [(with(&[]), &scope), (college(&[]), &Scope::whole())] {
        let unknown = plan(&after, &seen, &Policy::default(), scope);
        assert_eq!(held(&unknown), [HoldReason::Assignment(reason.clone())]);
        for assign_path in [AssignPath::Assignee, AssignPath::Learner] {
            let policy = Policy {
                assign_path,
                ..Policy::default()
            };
            let known = plan(&after, &seen, &policy, scope);
            assert_eq!((known.held.len(), assigned(&known).len()), (0, 1));
        }
    }
    // Nobody is added: the policy doesn't matter.
    let unchanged = Scope::since(&after, Some(&after), false);
    assert_eq!(
        plan(&after, &with(&[]), &Policy::default(), &unchanged).held,
        []
    );
}

#[test]
fn a_member_of_staff_whom_the_plan_creates_is_assigned_afterwards() {
    let new = "  - { misId: A-009, role: assessor, firstName: Abi, lastName: Appleyard, email: abi@example.ac.uk }\n";
    let before = declared("");
    let after = roster(&(STAFF.to_owned() + &learner(1, ", additionalAssessors: [A-009]") + new));
    let scope = Scope::since(&after, Some(&before), false);
    let plan = plan(&after, &with(&[]), &path_known(), &scope);
    let created = UserIdentity::new(Role::Assessor, "A-009");
    let target = ReferenceTarget::AfterApply(created.clone());
    assert_eq!(assigned(&plan), [(Key::AdditionalAssessors, target, false)]);
    assert_eq!(plan.operations[1].awaits().collect::<Vec<_>>(), [&created]);
}

#[test]
fn staff_who_cannot_serve_or_who_leave_hold_the_user() {
    let mut seen = with(&[]);
    let iqa = [text(Key::MisId, "Q-001"), text(Key::LastName, "Quarryman")];
    seen.replace(account(9, Role::Iqa, &iqa));
    let leaver = "  - { misId: A-001, role: assessor, archived: true }\n";
    let staff = STAFF.lines().next().unwrap().to_owned() + "\n" + leaver;
    for (named, reason) in [
        ("Q-001", "CannotServe"),
        ("A-001", "NamesLeaver"),
        ("A-77", "Unknown"),
    ] {
        let more = format!(", additionalAssessors: [{named}]");
        let roster = roster(&(staff.clone() + &learner(1, &more)));
        let plan = plan(&roster, &seen, &path_known(), &Scope::whole());
        let mut held = plan.held.iter();
        let held = held.find(|held| held.who.role == Role::Learner).unwrap();
        let [told] = &held.reasons[..] else {
            panic!("{:?}", held.reasons)
        };
        assert!(format!("{told:?}").contains(reason), "{told:?}");
    }
}

#[test]
fn assignments_follow_the_updates() {
    let more = ", standards: [Joinery L3], episodeName: Second";
    let mut accounts = live_learner(1);
    let (key, value) = text(Key::EpisodeName, "First");
    accounts.shown.insert(key, value);
    let mut seen = with(&[]);
    seen.replace(accounts);
    let plan = planned(more, &seen);
    let kinds: Vec<_> = plan
        .operations
        .iter()
        .map(|operation| operation.kind().name())
        .collect();
    assert_eq!(kinds, ["update", "assign"]);
    assert_eq!(
        plan.operations[1].follows().collect::<Vec<_>>(),
        [learner_id(1)]
    );
    assert_eq!(plan.unchanged, 2);
}

#[test]
fn an_explanation_says_what_is_known_of_each_assignment() {
    let more = ", frameworkTemplate: Woodwork 2026, standards: [Joinery L3, Carpentry L2, Welding], additionalAssessors: [A-001]";
    let roster = declared(more);
    let seen = with(&[JOINERY]);
    let plan = plan(&roster, &seen, &path_known(), &Scope::whole());
    let explained = explain(&roster, &seen, &Scope::whole(), &plan, 2);
    let states: Vec<_> = explained
        .assignments
        .iter()
        .map(|one| (one.key, one.state))
        .collect();
    let lacking = AssignmentState::Lacking {
        is_verifiable: true,
    };
    assert_eq!(
        states,
        [
            (Key::FrameworkTemplate, Some(AssignmentState::OnCreate)),
            (Key::Standards, Some(AssignmentState::Shown)),
            (Key::Standards, Some(lacking)),
            (Key::Standards, None),
            (Key::AdditionalAssessors, Some(AssignmentState::NotCompared)),
        ]
    );
}
