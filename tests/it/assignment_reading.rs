//! What a plan reads of learners who are to get standards and units, of placements and of classrooms, and how many calls that is.

use std::fmt::Write;

use rosterctl::domain::clock::Clock;
use rosterctl::domain::{AccountId, OrganisationId, Roster, Scope, Snapshot};
use rosterctl::onefile::{Client, Endpoint, Pace, fetch, fetch_assignments};
use rosterctl::plan::{Operation, Plan, plan};

use crate::harness::{Sandbox, roster};

const COLLEGE: &str = "organisations:
  - { ID: 5740, Name: Example College }
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Bakery }]
placements: [{ ID: 2, OrganisationID: 5740, Name: Mill, MISID: M-2, Address: 1 High Street }]
standards:
  - { ID: 31, OrganisationID: 5740, Title: Baker Level 2 }
  - { ID: 32, OrganisationID: 5740, Title: English Level 2 }
units:
  - { ID: 41, StandardID: 31, Title: Bread }
  - { ID: 43, StandardID: 32, Title: Reading }
";

/// The college with this many learners, all of whom have these standards.
fn college(learners: usize, standards: &[u32], behaviour: &str) -> Sandbox {
    let mut seed = format!(
        "{COLLEGE}behaviour: {{ {behaviour} }}\nusers:\n  - {{ ID: 10, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }}\n"
    );
    for at in 0..learners {
        let id = learner_id(at);
        writeln!(seed, "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, FirstName: Cy{at}, LastName: Cloverdene, Email: cy{at}@example.ac.uk, MISID: L-{at}, ClassroomID: 1, PlacementID: 2, DefaultAssessorID: 10 }}").unwrap();
    }
    let mut number = 5000;
    for at in 0..learners {
        for standard in standards {
            if number == 5000 {
                seed += "learningAims:\n";
            }
            number += 1;
            let id = learner_id(at);
            writeln!(
                seed,
                "  - {{ ID: {number}, UserID: {id}, StandardID: {standard} }}"
            )
            .unwrap();
        }
    }
    Sandbox::start(&seed)
}

fn learner_id(at: usize) -> AccountId {
    AccountId::new(1000 + i64::try_from(at).unwrap())
}

/// The learners as the manifests declare them. `more` gives what each is to get.
fn learners(number: usize, more: impl Fn(usize) -> String) -> Roster {
    let mut users = "users:\n".to_owned();
    for at in 0..number {
        let more = more(at);
        writeln!(users, "  - {{ misId: L-{at}, role: learner, firstName: Cy{at}, lastName: Cloverdene, email: cy{at}@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1{more} }}").unwrap();
    }
    roster(&[&users])
}

/// A plan, what it was made from, and the calls of a kind that it took.
struct Reading {
    plan: Plan,
    snapshot: Snapshot,
    paths: Vec<String>,
}

impl Reading {
    fn of(sandbox: &Sandbox, roster: &Roster, scope: &Scope) -> Self {
        let before = sandbox.requests().len();
        let endpoint = Endpoint {
            base: sandbox.base_url(),
            token: "sandbox".into(),
        };
        let pace = Pace {
            calls_per_minute: 0,
            ..Pace::default()
        };
        let snapshot = sandbox.block_on(async {
            let client = Client::connect(&endpoint, pace, Clock::faster(1_000))
                .await
                .unwrap();
            let organisation = OrganisationId::new(5740);
            let mut snapshot = fetch(&client, organisation, roster, scope).await.unwrap();
            fetch_assignments(&client, roster, scope, &mut snapshot, None)
                .await
                .unwrap();
            snapshot
        });
        let requests = sandbox.requests();
        let paths = requests[before..]
            .iter()
            .map(|request| request["path"].as_str().unwrap().to_owned());
        Self {
            plan: plan(
                roster,
                &snapshot,
                &rosterctl::domain::Policy::default(),
                scope,
            ),
            paths: paths.collect(),
            snapshot,
        }
    }

    /// How many calls had a path that begins so.
    fn calls(&self, path: &str) -> usize {
        self.paths
            .iter()
            .filter(|asked| asked.starts_with(path))
            .count()
    }

    fn assigned(&self) -> usize {
        let operations = self.plan.operations.iter();
        operations
            .filter(|operation| matches!(operation, Operation::Assign(_)))
            .count()
    }
}

const BAKER: &str = ", standards: [Baker Level 2]";

fn first(number: usize, more: &str) -> impl Fn(usize) -> String {
    move |at| {
        if at < number {
            more.to_owned()
        } else {
            String::new()
        }
    }
}

pub fn of_a_thousand_learners_only_those_are_read_who_are_to_get_something() {
    let sandbox = college(1_000, &[], "");
    let nothing = Reading::of(&sandbox, &learners(1_000, first(0, "")), &Scope::whole());
    assert_eq!(nothing.calls("/LearningAim"), 0);
    assert_eq!(nothing.calls("/Standard"), 0);
    let whole = learners(1_000, first(30, BAKER));
    let thirty = Reading::of(&sandbox, &whole, &Scope::whole());
    assert_eq!((thirty.assigned(), thirty.plan.held.len()), (30, 0));
    // One call asks for all aims at once, which this server refuses, and the list of standards ends with an empty page.
    assert_eq!(thirty.calls("/LearningAim"), 1 + 30);
    assert_eq!(thirty.calls("/Standard"), 2);
    assert_eq!(thirty.paths.len(), nothing.paths.len() + 33);
}

#[test]
fn a_plan_of_what_changed_reads_the_edited_learners_alone() {
    let sandbox = college(1_000, &[], "");
    let before = learners(1_000, |_| BAKER.to_owned());
    let after = learners(1_000, |at| {
        let english = if at < 30 { ", English Level 2" } else { "" };
        format!(", standards: [Baker Level 2{english}]")
    });
    let scope = Scope::since(&after, Some(&before), true);
    let reading = Reading::of(&sandbox, &after, &scope);
    assert_eq!((reading.assigned(), reading.plan.left_out), (60, 970));
    assert_eq!(reading.calls("/LearningAim"), 1 + 30);
    let read: Vec<AccountId> = reading.snapshot.assignments.shown.keys().copied().collect();
    assert_eq!(read, (0..30).map(learner_id).collect::<Vec<_>>());
}

pub fn a_list_of_all_aims_spares_the_learners_who_lack_nothing() {
    let sandbox = college(1_000, &[31], "aimsInBulk: true");
    let whole = learners(1_000, |at| {
        let english = if at < 30 { ", English Level 2" } else { "" };
        format!(", standards: [Baker Level 2{english}]")
    });
    let reading = Reading::of(&sandbox, &whole, &Scope::whole());
    assert_eq!((reading.assigned(), reading.plan.held.len()), (30, 0));
    // Two pages and an empty one, and each learner whom the list shows without a declared standard.
    assert_eq!(reading.calls("/LearningAim"), 3 + 30);
    let without = college(1_000, &[31], "");
    let one_by_one = Reading::of(&without, &whole, &Scope::whole());
    assert_eq!(one_by_one.calls("/LearningAim"), 1 + 1_000);
    assert_eq!(one_by_one.plan, reading.plan);
}

#[test]
fn a_few_learners_are_read_without_asking_for_all() {
    let sandbox = college(200, &[31], "aimsInBulk: true");
    let two = learners(200, first(2, ", standards: [English Level 2]"));
    let reading = Reading::of(&sandbox, &two, &Scope::whole());
    assert_eq!((reading.assigned(), reading.plan.undeclared_aims), (2, 2));
    assert_eq!(reading.calls("/LearningAim"), 2);
}

#[test]
fn units_cost_a_search_a_standard_and_a_call_a_learner() {
    let sandbox = college(20, &[31], "");
    let units = ", units: [{ standard: Baker Level 2, unit: Bread }]";
    let reading = Reading::of(&sandbox, &learners(20, first(2, units)), &Scope::whole());
    assert_eq!((reading.assigned(), reading.plan.held.len()), (2, 0));
    assert_eq!(reading.calls("/Unit/Search"), 1);
    assert_eq!(reading.calls("/LearningAim"), 2);
    let summaries = reading
        .paths
        .iter()
        .filter(|path| path.ends_with("/UnitSummary"));
    assert_eq!(summaries.count(), 2);
}

#[test]
fn a_template_and_further_staff_cost_no_reading_of_the_learner() {
    let sandbox = college(5, &[], "");
    let more = ", additionalAssessors: [A-1]";
    let reading = Reading::of(&sandbox, &learners(5, first(5, more)), &Scope::whole());
    assert_eq!(reading.plan.assignments_not_compared, 5);
    assert_eq!(
        (reading.calls("/LearningAim"), reading.calls("/Standard")),
        (0, 0)
    );
}

#[test]
fn an_archived_learner_is_not_read_and_one_who_has_left_neither() {
    let sandbox = college(3, &[], "archivedFlag: shown");
    let users = "users:
  - { misId: L-0, role: learner, archived: true }
  - { misId: L-1, role: learner, firstName: Cy1, lastName: Cloverdene, email: cy1@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1, standards: [Baker Level 2] }
";
    let reading = Reading::of(&sandbox, &roster(&[users]), &Scope::whole());
    assert_eq!(reading.calls("/LearningAim"), 1);
}

#[test]
fn a_declared_placement_is_read_by_itself_only_if_its_row_lacks_what_is_declared() {
    for (declared, calls) in [
        ("{ name: Mill }", 0),
        ("{ name: Mill, misId: M-2 }", 0),
        ("{ name: Mill, address: 1 High Street }", 1),
        ("{ name: Forge, address: 1 Low Street }", 0),
    ] {
        let sandbox = college(2, &[], "");
        let entries = format!("placements:\n  - {declared}\n");
        let users = "users:\n  - { misId: E-1, role: employer, firstName: Emma, lastName: Eastwick, email: emma@example.com, placement: Mill }\n";
        let roster = roster(&[users, &entries]);
        let reading = Reading::of(&sandbox, &roster, &Scope::whole());
        let by_number = reading.calls("/Placement/2");
        assert_eq!(by_number, calls, "{declared}");
        assert_eq!(reading.plan.held_entries, []);
        let counts = reading.plan.counts();
        let expected = usize::from(declared.contains("Forge"));
        assert_eq!(
            (counts.new_entries, counts.changed_entries),
            (expected, 0),
            "{declared}"
        );
        assert_eq!(reading.plan.not_compared, 0);
    }
}
