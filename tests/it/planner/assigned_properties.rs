//! What holds of every plan in which learners get standards, units and further staff.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rosterctl::domain::field::Key;
use rosterctl::domain::{
    AccountId, AssignPath, EntryId, Policy, Roster, Scope, SentAssignment, Snapshot, StandardId,
};
use rosterctl::plan::{AssignedLearner, Operation, Plan, ReferenceTarget, ResolvedValue, plan};

use super::assigned::{college, learner, learner_id, show};
use super::{perform, roster_of};
use crate::harness::cases_of_property;

const STANDARDS: [(i64, &str); 2] = [(301, "Carpentry L2"), (302, "Joinery L3")];
const UNIT: i64 = 502;
const STAFF: i64 = 8;

/// What is declared of one learner, what OneFile shows, and what earlier runs did.
#[derive(Clone, Debug)]
struct Case {
    exists: bool,
    presence: Presence,
    declared: DeclaredCase,
    /// What the base declares; `None` if it doesn't declare the learner.
    before: Option<DeclaredCase>,
    /// The standards that the learner has; `None` if they can't be read.
    has: Option<[bool; 2]>,
    has_unit: bool,
    /// The standards, the unit and the assessor.
    sent: [bool; 4],
    unclear: [bool; 4],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    There,
    /// The classroom isn't known.
    Held,
    HasLeft,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DeclaredCase {
    standards: [bool; 2],
    unit: bool,
    staff: bool,
}

/// The organisation: its learners, and whether rows show units.
#[derive(Clone, Debug)]
struct College {
    learners: Vec<Case>,
    shows_units: bool,
}

fn declared_case() -> impl Strategy<Value = DeclaredCase> {
    any::<([bool; 2], bool, bool)>().prop_map(|(standards, unit, staff)| DeclaredCase {
        standards,
        unit,
        staff,
    })
}

fn presence() -> impl Strategy<Value = Presence> {
    prop_oneof![
        8 => Just(Presence::There),
        1 => Just(Presence::Held),
        1 => Just(Presence::HasLeft),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let whose = (prop::bool::weighted(0.8), presence());
    let has = prop::option::weighted(0.9, any::<[bool; 2]>());
    let sent = prop::array::uniform4(prop::bool::weighted(0.2));
    let unclear = prop::array::uniform4(prop::bool::weighted(0.05));
    let before = prop::option::weighted(0.8, declared_case());
    let known = (has, any::<bool>(), sent, unclear);
    (whose, declared_case(), before, known).prop_map(
        |((exists, presence), declared, before, (has, has_unit, sent, unclear))| Case {
            exists,
            presence,
            declared,
            before,
            has,
            has_unit,
            sent,
            unclear,
        },
    )
}

fn colleges() -> impl Strategy<Value = College> {
    (prop::collection::vec(case(), 1..6), any::<bool>()).prop_map(|(learners, shows_units)| {
        College {
            learners,
            shows_units,
        }
    })
}

impl DeclaredCase {
    fn written(self) -> String {
        let titles = STANDARDS.iter().zip(self.standards);
        let titles: Vec<&str> = titles
            .filter(|(_, is)| *is)
            .map(|((_, title), _)| *title)
            .collect();
        let mut more = String::new();
        if !titles.is_empty() {
            more += &format!(", standards: [{}]", titles.join(", "));
        }
        if self.unit {
            more += ", units: [{ standard: Joinery L3, unit: Dovetails }]";
        }
        if self.staff {
            more += ", additionalAssessors: [A-001]";
        }
        more
    }
}

const ASSESSORS: &str = "users:
  - { misId: A-000, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }
  - { misId: A-001, role: assessor, firstName: Ada, lastName: Archdale, email: ada@example.ac.uk }
";

impl College {
    /// A file for each learner.
    fn files(&self) -> Vec<String> {
        let mut files = vec![ASSESSORS.to_owned()];
        for (at, case) in self.learners.iter().enumerate() {
            files.push(format!("users:\n{}", case.line(at, case.declared)));
        }
        files
    }

    fn roster(&self) -> Roster {
        roster_of(&self.files())
    }

    fn base(&self) -> Roster {
        let mut files = vec![ASSESSORS.to_owned()];
        for (at, case) in self.learners.iter().enumerate() {
            files.extend(
                case.before
                    .map(|before| format!("users:\n{}", case.line(at, before))),
            );
        }
        roster_of(&files)
    }

    fn snapshot(&self) -> Snapshot {
        let learners = self.learners.iter().enumerate();
        let there: Vec<usize> = learners
            .filter(|(_, case)| case.exists)
            .map(|(at, _)| at)
            .collect();
        let mut seen = college(&there);
        for at in there {
            let case = &self.learners[at];
            if let Some(has) = case.has {
                self.show(&mut seen, learner_id(at), has, case.has_unit);
            }
            for (index, what) in things(learner_id(at)).into_iter().enumerate() {
                if case.sent[index] {
                    seen.assignments.sent.insert(what);
                } else if case.unclear[index] {
                    seen.assignments.unclear.insert(what);
                }
            }
        }
        seen
    }

    fn show(&self, seen: &mut Snapshot, learner: AccountId, has: [bool; 2], has_unit: bool) {
        let standards = STANDARDS.iter().zip(has);
        let standards: Vec<i64> = standards
            .filter(|(_, has)| *has)
            .map(|((id, _), _)| *id)
            .collect();
        let units: &[(i64, i64)] = if has_unit { &[(302, UNIT)] } else { &[] };
        show(seen, learner, &standards, self.shows_units.then_some(units));
    }

    /// The snapshot after a plan: aims appear, and the journal knows what was sent.
    fn after(&self, plan: &Plan, before: &Snapshot) -> Snapshot {
        let mut accounts_only = plan.clone();
        accounts_only
            .operations
            .retain(|operation| !matches!(operation, Operation::Assign(_)));
        let performed = perform(&accounts_only, before);
        let mut after = college(&[]);
        for account in performed.accounts() {
            after.replace(account.clone());
        }
        after.assignments = before.assignments.clone();
        for create in plan.creates() {
            let id = after.with_mis_id(&create.mis_id).next().unwrap().id;
            self.show(&mut after, id, [false; 2], false);
        }
        for (learner, what) in assigned(plan) {
            let id = match learner {
                AssignedLearner::Known(id) => id,
                AssignedLearner::AfterApply(user) => {
                    after.with_mis_id(&user.mis_id).next().unwrap().id
                }
            };
            let what = SentAssignment {
                learner: id,
                ..what
            };
            after.assignments.sent.insert(what);
            add(&mut after, what);
        }
        after
    }
}

/// Lets a learner show what was sent, as far as it can be shown.
fn add(after: &mut Snapshot, sent: SentAssignment) {
    let Some(shown) = after.assignments.shown.get_mut(&sent.learner) else {
        return;
    };
    match sent.key {
        Key::Standards => shown
            .aims
            .as_mut()
            .unwrap()
            .push(rosterctl::domain::LearningAim {
                id: 1.into(),
                standard: sent.what.standard(),
            }),
        Key::Units => {
            if let Some(units) = &mut shown.units {
                units.insert((sent.standard.unwrap(), sent.what.unit()));
            }
        }
        _ => {}
    }
}

impl Case {
    fn line(&self, at: usize, declared: DeclaredCase) -> String {
        if self.presence == Presence::HasLeft {
            return format!("  - {{ misId: L-{at}, role: learner, archived: true }}\n");
        }
        let line = learner(at, &declared.written());
        if self.presence == Presence::Held {
            line.replace("Business", "Nowhere")
        } else {
            line
        }
    }
}

/// What a learner may be declared to get.
fn things(learner: AccountId) -> [SentAssignment; 4] {
    let thing = |key, what, standard: Option<i64>| SentAssignment {
        learner,
        key,
        what: EntryId::new(what),
        standard: standard.map(StandardId::new),
    };
    [
        thing(Key::Standards, 301, None),
        thing(Key::Standards, 302, None),
        thing(Key::Units, UNIT, Some(302)),
        thing(Key::AdditionalAssessors, STAFF, None),
    ]
}

/// What a plan assigns and to whom. For a learner whom the plan creates, the number is none that exists.
fn assigned(plan: &Plan) -> Vec<(AssignedLearner, SentAssignment)> {
    let mut assigned = Vec::new();
    for operation in &plan.operations {
        let Operation::Assign(assign) = operation else {
            continue;
        };
        let ResolvedValue::Reference { target, .. } = &assign.changes[0].to else {
            panic!("a reference")
        };
        let (what, standard) = match target {
            ReferenceTarget::Known(id) => (*id, None),
            ReferenceTarget::Unit { unit, standard } => ((*unit).into(), Some(*standard)),
            other => panic!("{other:?}"),
        };
        let learner = match &assign.learner {
            AssignedLearner::Known(id) => *id,
            AssignedLearner::AfterApply(_) => AccountId::new(0),
        };
        let sent = SentAssignment {
            learner,
            key: assign.changes[0].key,
            what,
            standard,
        };
        assigned.push((assign.learner.clone(), sent));
    }
    assigned
}

fn policy() -> Policy {
    Policy {
        assign_path: AssignPath::Learner,
        ..Policy::default()
    }
}

fn planned(college: &College, seen: &Snapshot, only_changed: bool) -> Plan {
    let roster = college.roster();
    let scope = Scope::since(&roster, Some(&college.base()), only_changed);
    plan(&roster, seen, &policy(), &scope)
}

proptest! {
    #![proptest_config(cases_of_property(300))]

    #[test]
    fn planning_again_assigns_nothing(college in colleges()) {
        let before = college.snapshot();
        let first = planned(&college, &before, false);
        let again = planned(&college, &college.after(&first, &before), false);
        prop_assert_eq!(assigned(&again), vec![]);
        prop_assert_eq!(again.held.len(), first.held.len());
    }

    #[test]
    fn what_a_learner_has_or_what_was_sent_is_never_assigned(college in colleges()) {
        let seen = college.snapshot();
        let plan = planned(&college, &seen, false);
        for (_, what) in assigned(&plan) {
            let known = &seen.assignments;
            prop_assert!(!known.sent.contains(&what) && !known.unclear.contains(&what), "{what:?}");
            let shown = known.shown.get(&what.learner);
            let aims = shown.and_then(|shown| shown.aims.as_ref()).into_iter().flatten();
            let has = aims.into_iter().any(|aim| EntryId::from(aim.standard) == what.what);
            prop_assert!(!has || what.key != Key::Standards, "{what:?}");
        }
        let all: Vec<_> = assigned(&plan).into_iter().filter(|(learner, _)| matches!(learner, AssignedLearner::Known(_))).collect();
        let once: BTreeSet<SentAssignment> = all.iter().map(|(_, what)| *what).collect();
        prop_assert_eq!(once.len(), all.len());
    }

    #[test]
    fn only_learners_who_are_declared_so_and_not_on_hold_get_something(college in colleges()) {
        let plan = planned(&college, &college.snapshot(), false);
        let held: BTreeSet<_> = plan.held.iter().map(|held| held.who.mis_id.clone().unwrap()).collect();
        for operation in plan.operations.iter().filter(|operation| matches!(operation, Operation::Assign(_))) {
            let mis_id = operation.user().unwrap().mis_id.clone().unwrap();
            let case = &college.learners[mis_id[2..].parse::<usize>().unwrap()];
            prop_assert!(!held.contains(&mis_id) && case.presence == Presence::There);
            let is_declared = match operation.changes()[0].key {
                Key::Standards => case.declared.standards != [false; 2],
                Key::Units => case.declared.unit,
                _ => case.declared.staff,
            };
            prop_assert!(is_declared);
        }
    }

    #[test]
    fn the_order_of_files_changes_nothing_about_assignments(college in colleges()) {
        let seen = college.snapshot();
        let mut files = college.files();
        files.reverse();
        let roster = roster_of(&files);
        let scope = Scope::since(&roster, Some(&college.base()), false);
        let reversed = plan(&roster, &seen, &policy(), &scope);
        prop_assert_eq!(assigned(&reversed), assigned(&planned(&college, &seen, false)));
    }

    #[test]
    fn a_plan_of_what_changed_assigns_a_part_of_the_whole_plan(college in colleges()) {
        let seen = college.snapshot();
        let whole = assigned(&planned(&college, &seen, false));
        let part = planned(&college, &seen, true);
        for one in assigned(&part) {
            prop_assert!(whole.contains(&one), "{one:?}");
        }
        for (at, case) in college.learners.iter().enumerate() {
            let is_edited = case.before != Some(case.declared);
            let mis_id = Some(format!("L-{at}"));
            let mut assigns = part.operations.iter().filter(|operation| matches!(operation, Operation::Assign(_)));
            let gets = assigns.any(|operation| operation.user().unwrap().mis_id == mis_id);
            prop_assert!(is_edited || !gets);
        }
    }
}
