//! Plans with assignments, placements and classrooms: how they read, and what a review of them covers.

use std::sync::Arc;

use rosterctl::domain::field::Key;
use rosterctl::domain::redact::Reveal;
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    EntryKind, FieldText, Organisation, OrganisationId, Policy, StandardId, UnitId, UserIdentity,
    Value,
};
use rosterctl::findings::source::Place;
use rosterctl::plan::{
    Assign, AssignedLearner, Change, Create, CreateEntry, Effect, EntryHold, EntryLabel, HeldEntry,
    NewEntry, Operation, Origin, Plan, ReferenceTarget, ResolvedValue, Service, Update,
    UpdateEntry, UserLabel,
};
use rosterctl::render::{AllGroups, PlanComment, RenderOptions, TextLength, markdown};
use rosterctl::review::{PlanFile, PlanTarget, Review, reviewed_part};

pub const TOKEN: &str = "token";

pub fn place(line: usize) -> Place {
    Place {
        file: Arc::from("learners.yaml"),
        line,
    }
}

pub fn learner(number: usize) -> UserLabel {
    UserLabel {
        role: Role::Learner,
        mis_id: Some(format!("L-{number:02}")),
        is_shared: false,
        id: None,
        name: Some("Aisha Example".to_owned()),
    }
}

pub fn change(key: Key, to: ResolvedValue) -> Change {
    Change {
        key,
        from: None,
        to,
        is_verifiable: true,
    }
}

pub fn reference(label: &str, target: ReferenceTarget) -> ResolvedValue {
    ResolvedValue::Reference {
        label: label.to_owned(),
        target,
    }
}

pub fn standard(title: &str, id: i64) -> Change {
    change(
        Key::Standards,
        reference(title, ReferenceTarget::Known(id.into())),
    )
}

pub fn unit(title: &str, id: i64) -> Change {
    let target = ReferenceTarget::Unit {
        unit: UnitId::new(id),
        standard: StandardId::new(310),
    };
    change(Key::Units, reference(title, target))
}

/// An assignment to the learner at a line, whose account is `1000 + line`.
pub fn assign(line: usize, to: Change) -> Operation {
    Operation::Assign(Assign {
        user: learner(line),
        place: place(line),
        origin: None,
        learner: AssignedLearner::Known((1000 + i64::try_from(line).unwrap()).into()),
        changes: vec![to],
        effects: vec![Effect::Stays],
    })
}

pub fn assign_to_new(line: usize, to: Change) -> Operation {
    let Operation::Assign(mut assign) = assign(line, to) else {
        unreachable!("it is one");
    };
    let mis_id = assign.user.mis_id.as_deref().unwrap();
    assign.learner = AssignedLearner::AfterApply(UserIdentity::new(Role::Learner, mis_id));
    Operation::Assign(assign)
}

pub fn text(key: Key, value: &str) -> Change {
    let text = FieldText::new(key.row().kind, value);
    change(key, ResolvedValue::Value(Value::Text(text)))
}

pub fn create(line: usize) -> Operation {
    let user = learner(line);
    Operation::Create(Create {
        mis_id: user.mis_id.clone().unwrap(),
        changes: vec![
            text(Key::MisId, user.mis_id.as_deref().unwrap()),
            text(Key::FirstName, "Aisha"),
        ],
        user,
        place: place(line),
        origin: None,
        effects: vec![Effect::EmailsPerson],
        checked_by: Vec::new(),
        notes: Vec::new(),
        distinct_from: [].into(),
        replaces: [].into(),
    })
}

pub fn entry(kind: EntryKind, name: &str, id: Option<i64>) -> EntryLabel {
    EntryLabel {
        kind,
        name: name.to_owned(),
        mis_id: None,
        id: id.map(Into::into),
    }
}

pub fn new_placement(name: &str) -> Operation {
    Operation::CreateEntry(CreateEntry {
        entry: entry(EntryKind::Placement, name, None),
        place: place(90),
        origin: None,
        changes: vec![
            text(Key::Name, name),
            text(Key::Address, "1 Example Street"),
            text(Key::Web, "https://example.ac.uk"),
        ],
        effects: vec![Effect::Stays],
    })
}

pub fn changed_classroom() -> Operation {
    Operation::UpdateEntry(UpdateEntry {
        entry: entry(EntryKind::Classroom, "Room 7", Some(15)),
        place: place(91),
        origin: None,
        id: 15.into(),
        changes: vec![text(Key::CompletionMessage, "Well done")],
        effects: Vec::new(),
    })
}

/// The learner at the line moves to a placement.
pub fn moves(line: usize, target: ReferenceTarget) -> Operation {
    Operation::Update(Update {
        user: learner(line),
        place: place(line),
        origin: None,
        account: (1000 + i64::try_from(line).unwrap()).into(),
        changes: vec![change(
            Key::Placement,
            reference("Riverside Care Home", target),
        )],
        effects: Vec::new(),
        checked_by: Vec::new(),
    })
}

pub fn new_riverside() -> ReferenceTarget {
    ReferenceTarget::AfterEntry(NewEntry {
        kind: EntryKind::Placement,
        name: "Riverside Care Home".to_owned(),
    })
}

fn held(kind: EntryKind, name: &str, reason: EntryHold) -> HeldEntry {
    HeldEntry {
        entry: entry(kind, name, None),
        place: place(92),
        reason,
        origin: None,
    }
}

pub fn plan(operations: Vec<Operation>) -> Plan {
    let organisation = Organisation {
        id: OrganisationId::new(5740),
        name: "Example College".to_owned(),
        keychain_creation: Some(true),
        email_suppression: Some(false),
    };
    Plan {
        operations,
        known: 1,
        ..Plan::empty(organisation)
    }
}

/// A cohort that gets a standard, of whom one gets a unit, too; a new learner; a new placement, and a changed classroom.
fn college() -> Plan {
    let mut operations = vec![
        new_placement("Riverside Care Home"),
        changed_classroom(),
        create(30),
        moves(2, new_riverside()),
    ];
    for line in 1..=20 {
        operations.push(assign(line, standard("Business Administrator L3", 310)));
    }
    operations.push(assign(21, standard("Business Administrator L3", 310)));
    operations.push(assign(21, unit("Unit 1: Managing tasks", 401)));
    operations.push(assign_to_new(
        30,
        standard("Business Administrator L3", 310),
    ));
    let mut staff = change(
        Key::AdditionalAssessors,
        reference("S-2", ReferenceTarget::Known(77.into())),
    );
    staff.is_verifiable = false;
    operations.push(assign(40, staff));
    let mut college = plan(operations);
    college.held_entries = vec![
        held(
            EntryKind::Placement,
            "Hill Farm",
            EntryHold::Several(vec![3.into(), 4.into()]),
        ),
        held(
            EntryKind::Placement,
            "Mill Lane",
            EntryHold::MayHaveBeenCreated,
        ),
    ];
    college
}

fn shown(plan: &Plan) -> String {
    let options = RenderOptions {
        reveal: Reveal::Public,
        width: 100,
        length: TextLength::Folded,
    };
    anstream::adapter::strip_str(&rosterctl::render::plan(plan, options)).to_string()
}

#[test]
fn a_cohort_that_gets_one_standard_is_one_entry() {
    insta::assert_snapshot!(shown(&college()));
}

fn comment(plan: &Plan) -> String {
    let comment = PlanComment {
        plan,
        groups: &AllGroups::default(),
        heading: "Example College",
        notes: "",
    };
    markdown(&comment, 60_000)
}

#[test]
fn a_pull_request_shows_a_cohort_in_one_row() {
    insta::assert_snapshot!(comment(&college()));
}

#[test]
fn what_this_change_assigns_is_told_from_the_rest() {
    let mut plan = college();
    for operation in &mut plan.operations {
        if let Operation::Assign(assign) = operation {
            let is_first = assign.place.line == 1;
            assign.origin = Some(if is_first {
                Origin::ThisChange
            } else {
                Origin::Elsewhere
            });
        }
    }
    let markdown = comment(&plan);
    for heading in [
        "#### From this change, learners with new assignments: 1\n",
        "<summary>Not from this change, learners with new assignments: 22</summary>",
    ] {
        assert!(markdown.contains(heading), "{markdown}");
    }
}

#[test]
fn the_plan_of_a_sandbox_says_would() {
    let plan = Plan {
        service: Service::Sandbox,
        ..college()
    };
    let said = shown(&plan);
    let stays = "Simulated: rosterctl could not take 24 assignments and 1 placement away again.";
    assert!(said.contains(stays), "{said}");
}

#[test]
fn what_learners_have_besides_and_what_nothing_shows_is_counted() {
    let mut plan = plan(vec![assign(1, standard("Business Administrator L3", 310))]);
    plan.undeclared_aims = 1;
    plan.assignments_not_compared = 1;
    plan.late_templates = 1;
    let said = shown(&plan);
    for line in [
        "1 standard of these learners isn't declared here: nothing is taken away.\n",
        "OneFile doesn't show 1 declared assignment, so it is neither compared nor sent; `--base` sends what",
        "1 learner has a new `frameworkTemplate` and an account already, so rosterctl",
    ] {
        assert!(said.contains(line), "{said}");
    }
    plan.undeclared_aims = 2;
    plan.assignments_not_compared = 3;
    plan.late_templates = 2;
    let said = shown(&plan);
    for line in [
        "2 standards of these learners aren't declared here",
        "OneFile doesn't show 3 declared assignments, so they are neither",
        "2 learners have a new `frameworkTemplate`",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn a_placement_that_is_held_keeps_the_plan_from_being_settled() {
    let mut plan = plan(Vec::new());
    plan.unchanged = 3;
    plan.unchanged_entries.placements = 2;
    assert!(plan.is_quiet());
    let words = "No changes: 3 users and 2 placements are as declared.\n";
    assert_eq!(shown(&plan), words);
    let hold = EntryHold::NoSuchEntry(5.into());
    plan.held_entries = vec![held(EntryKind::Classroom, "Room 7", hold)];
    assert!(!plan.is_quiet());
    let said = shown(&plan);
    assert!(said.contains("1 classroom is on hold"), "{said}");
}

pub fn target() -> PlanTarget {
    PlanTarget {
        target: "sandbox".to_owned(),
        organisation: OrganisationId::new(5740),
        base: None,
        only_changed: false,
        only: Vec::new(),
        exclude: Vec::new(),
        fields: [].into(),
    }
}

pub fn file(plan: &Plan) -> String {
    PlanFile::of(plan, target(), TOKEN).to_text()
}

pub fn review(plan: &Plan) -> Review {
    let file = PlanFile::from_text(&file(plan)).unwrap();
    file.check(&target(), TOKEN).unwrap()
}

#[test]
fn the_file_of_a_plan_has_assignments_and_held_placements() {
    let mut plan = college();
    plan.operations
        .retain(|one| one.place().line != 1 && one.place().line > 18);
    let mut json: serde_json::Value = serde_json::from_str(&file(&plan)).unwrap();
    for operation in json["operations"].as_array_mut().unwrap() {
        for part in ["fields", "effects"] {
            for digested in operation[part].as_array_mut().unwrap() {
                digested["digest"] = "DIGEST".into();
            }
        }
    }
    let shown = serde_json::json!({
        "totals": json["totals"], "operations": json["operations"], "heldEntries": json["heldEntries"],
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
}

#[test]
fn a_reviewed_plan_is_covered_as_a_whole() {
    let review = review(&college());
    for operation in college().operations {
        assert!(review.covers(&operation), "{operation:?}");
    }
}

#[test]
fn an_assignment_that_was_added_since_is_not_covered() {
    let review = review(&college());
    for added in [
        assign(1, standard("Business Administrator L3", 311)),
        assign(1, unit("Unit 1: Managing tasks", 401)),
        assign(50, standard("Business Administrator L3", 310)),
        assign(21, unit("Unit 2: Meetings", 402)),
        assign_to_new(30, standard("Customer Service L2", 312)),
        new_placement("Harbour Hotel"),
        moves(3, new_riverside()),
    ] {
        assert!(!review.covers(&added), "{added:?}");
    }
}

/// The run stopped behind the creates, so the rest has the numbers of what was created.
#[test]
fn a_run_that_stopped_behind_its_creates_goes_on_from_the_same_review() {
    let review = review(&college());
    let known = ReferenceTarget::Known(2041.into());
    for rest in [
        assign(30, standard("Business Administrator L3", 310)),
        moves(2, known.clone()),
    ] {
        assert!(review.covers(&rest), "{rest:?}");
    }
    let other = moves(3, known);
    assert!(!review.covers(&other));
    let without = plan(vec![assign(30, standard("Business Administrator L3", 310))]);
    let nobody_created = self::review(&plan(vec![assign_to_new(
        30,
        standard("Business Administrator L3", 310),
    )]));
    assert!(!nobody_created.covers(&without.operations[0]));
}

#[test]
fn an_edited_title_or_number_is_refused() {
    let text = file(&college());
    for (from, to) in [
        ("Business Administrator L3", "Business Administrator L4"),
        ("Riverside Care Home", "Riverside Hotel"),
        ("\"account\": 1001", "\"account\": 1002"),
    ] {
        assert!(text.contains(from), "{from}");
        let altered = PlanFile::from_text(&text.replace(from, to)).unwrap();
        assert!(altered.check(&target(), TOKEN).is_err(), "{to}");
    }
}

#[test]
fn what_depends_on_something_that_was_not_reviewed_is_left_out() {
    let mut reviewed = college();
    reviewed.operations.retain(|one| {
        !matches!(one, Operation::CreateEntry(_) | Operation::Create(_)) && one.place().line != 21
    });
    let mut added = college();
    added
        .operations
        .push(assign(5, standard("Customer Service L2", 312)));
    let (part, skipped) = reviewed_part(added, &review(&reviewed), &Policy::default());
    let lines: Vec<usize> = skipped.iter().map(|place| place.line).collect();
    // The move to the new placement and the standard of the new learner go with the creates. A learner whose account isn't
    // updated gets nothing. Another assignment of the learner at line 5 stays.
    assert_eq!(lines, [2, 2, 5, 21, 21, 30, 30, 90]);
    assert_eq!(part.counts().assignments, 20);
}
