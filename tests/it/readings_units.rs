//! Remembered readings of what learners have: their standards and their units, each with a proof of its own.

use serde_json::{Value, json};

use crate::readings::{College, LONG_AGO, now, without_memory};

const LEARNERS: usize = 45;
/// The learner who lacks the unit that all of them are declared to have.
const LACKING: usize = 10 + LEARNERS;

/// Learners who all have the declared standard, and all but the last one the declared unit. Each second one has another unit, too.
fn with_units(behaviour: &str) -> College {
    let ids = 11..=LACKING;
    let aim = |id: usize| {
        format!(
            "  - {{ ID: {}, OrganisationID: 5740, StandardID: 31, UserID: {id} }}\n",
            id + 1_000
        )
    };
    let unit = |id: usize, unit: usize| {
        format!(
            "  - {{ ID: {}, StandardID: 31, UserID: {id}, UnitID: {unit} }}\n",
            unit * 1_000 + id
        )
    };
    let aims: String = ids.clone().map(aim).collect();
    let declared = ids.clone().filter(|id| *id != LACKING);
    let mut units: String = declared.map(|id| unit(id, 41)).collect();
    units.extend(ids.step_by(2).map(|id| unit(id, 42)));
    let tables = format!(
        "standards: [{{ ID: 31, OrganisationID: 5740, Title: Baker Level 2 }}, {{ ID: 32, OrganisationID: 5740, Title: English Level 2 }}]\nunits: [{{ ID: 41, StandardID: 31, Title: Dough }}, {{ ID: 42, StandardID: 31, Title: Ovens }}]\nlearningAims:\n{aims}unitSummaries:\n{units}"
    );
    let defaults =
        ", standards: [Baker Level 2], units: [{ standard: Baker Level 2, unit: Dough }]";
    College::with_more(LEARNERS, behaviour, &tables, defaults)
}

/// The same, once OneFile has listed an update and then a unit that rosterctl assigned.
fn proved(behaviour: &str) -> College {
    let college = with_units(behaviour);
    college.run("plan");
    college.edit("t11@", "new11@");
    let said = college.run("apply --auto-approve --only L-11");
    assert!(said.ends_with("exit 0"), "{said}");
    college.run("plan");
    assign(&college, "1 assignment made");
    college
}

fn assign(college: &College, done: &str) {
    let said = college.run("apply --auto-approve");
    assert!(said.contains(done) && said.ends_with("exit 0"), "{said}");
}

/// What a command says, and of how many learners it reads the standards and the units.
fn reads(college: &College, line: &str) -> (String, [usize; 2]) {
    let number = |end: &str| {
        let requests = college.requests();
        let paths = requests
            .iter()
            .filter_map(|request| request["path"].as_str());
        paths.filter(|path| path.ends_with(end)).count()
    };
    let numbers = || ["/LearningAim/Search", "/UnitSummary"].map(number);
    let before = numbers();
    let said = college.run(line);
    let after = numbers();
    (said, [after[0] - before[0], after[1] - before[1]])
}

/// Somebody gives a learner a unit in OneFile or takes it away; `at` is when OneFile says that the learner was modified.
fn change_unit(college: &College, learner: usize, unit: usize, at: &str) {
    let mut state = college.state();
    let units = state["unitSummaries"].as_array_mut().unwrap();
    let before = units.len();
    units.retain(|row| row["UserID"] != learner || row["UnitID"] != unit);
    if units.len() == before {
        let id = unit * 1_000 + learner;
        units.push(json!({ "ID": id, "StandardID": 31, "UserID": learner, "UnitID": unit }));
    }
    let users = state["users"].as_array_mut().unwrap();
    let user = users.iter_mut().find(|user| user["ID"] == learner).unwrap();
    user["LastModified"] = json!(at);
    college.put(&state);
}

/// What a plan says, which is what a fresh one says.
fn compare_with_fresh(college: &College, why: &str) -> String {
    let said = college.run("plan");
    let fresh = college.run("plan --fresh");
    if said.starts_with("No changes since ") {
        assert!(fresh.starts_with("No changes: 45 users"), "{why}: {fresh}");
    } else {
        assert_eq!(without_memory(&said), without_memory(&fresh), "{why}");
    }
    said
}

#[test]
fn units_are_remembered_once_a_unit_of_ours_was_listed() {
    let college = with_units("touchedBy: everything");
    let (said, read) = reads(&college, "plan");
    assert!(said.contains("1 assignment"), "{said}");
    assert_eq!(read, [45, 45]);
    // An update proves that accounts are listed, and says nothing about units.
    college.edit("t11@", "new11@");
    college.run("apply --auto-approve --only L-11");
    let (_, read) = reads(&college, "plan");
    assert_eq!(read, [45, 45]);
    assign(&college, "1 assignment made");
    let (said, read) = reads(&college, "plan");
    assert!(said.contains("No changes since the readings of "), "{said}");
    assert_eq!(
        read,
        [45, 27],
        "of units a sample, the learner who got one, and the one who was updated a moment ago; a unit says nothing about standards"
    );
    let (said, read) = reads(&college, "plan --fresh");
    assert!(said.contains("No changes: 45 users"), "{said}");
    assert_eq!(read, [45, 45]);
}

#[test]
fn learners_who_were_spared_are_counted_once_in_each_format() {
    let college = proved("touchedBy: everything");
    college.change(40, "PlacementID", Value::Null, &now());
    let (said, read) = reads(&college, "plan");
    assert_eq!(read, [45, 28]);
    assert!(said.contains("(17 accounts)"), "{said}");
    let document = college.run("plan --format json");
    let totals = document.split_once("\"totals\"").unwrap().1;
    assert!(totals.contains("\"remembered\": 17"), "{totals}");
    assert!(totals.contains("\"sampled\": 50"), "{totals}");
    let markdown = college.run("plan --format markdown");
    assert!(markdown.contains("(17 accounts)"), "{markdown}");
    let events = college.run("apply --auto-approve --format jsonl");
    assert!(events.contains("\"remembered\":17"), "{events}");
}

/// A server whose users aren't touched by an assignment is never believed about units.
#[test]
fn units_are_read_where_an_assignment_is_not_listed() {
    let college = proved("touchedBy: users");
    let (said, read) = reads(&college, "plan");
    assert!(
        said.contains("note: OneFile doesn't list account 55 as modified, although rosterctl has assigned a unit to it; so all units of learners were read, and for 30 days plans read all of them"),
        "{said}"
    );
    assert_eq!(read, [45, 45]);
    let (said, read) = reads(&college, "plan");
    assert!(
        !said.contains("note: ") && said.contains("No changes since"),
        "{said}"
    );
    assert_eq!(
        read,
        [45, 45],
        "and the accounts are remembered all the same"
    );
}

/// OneFile may list the learner for the one or for the other, also if a plan has come between them: a search goes back further
/// than the last plan.
#[test]
fn a_learner_who_got_something_else_a_moment_ago_proves_nothing() {
    let lacking = "misId: L-55,";
    let lacking_both = "misId: L-55, standards: [Baker Level 2, English Level 2],";
    let lacking_standard = "misId: L-55, standards: [Baker Level 2, English Level 2], units: [{ standard: Baker Level 2, unit: Ovens }],";
    let changed = "misId: L-55, mobileNumber: 07700 900055, units: [{ standard: Baker Level 2, unit: Ovens }],";
    for (first, second, expected) in [
        (lacking_both, lacking_both, [45, 45]),
        // What came first was alone.
        (lacking, lacking_both, [45, 27]),
        (lacking_standard, lacking_both, [27, 45]),
        (changed, lacking, [45, 45]),
    ] {
        let college = with_units("touchedBy: everything");
        college.run("plan");
        college.edit("t11@", "new11@");
        college.edit(lacking, first);
        college.run("apply --auto-approve");
        college.edit(first, second);
        for _ in 0..2 {
            college.run("apply --auto-approve");
            let (said, read) = reads(&college, "plan");
            assert!(said.contains("No changes since the readings of "), "{said}");
            assert_eq!(read, expected, "{first} {second}");
        }
    }
}

#[test]
fn a_unit_that_has_gone_or_come_without_being_listed_comes_to_its_turn() {
    // A declared one goes, one that nobody declares goes, and one comes.
    for (learner, unit) in [(39, 41), (39, 42), (40, 42)] {
        let college = proved("touchedBy: everything");
        college.run("plan");
        change_unit(&college, learner, unit, LONG_AGO);
        for turn in 1.. {
            let (said, read) = reads(&college, "plan");
            let note = format!(
                "note: OneFile doesn't list account {learner} as modified, although it has other units than before; so all units of learners were read"
            );
            if said.contains(&note) {
                assert_eq!(read[1], 45, "{said}");
                assert_eq!(said.contains("1 assignment"), unit == 41, "{said}");
                break;
            }
            assert!(said.contains("No changes since the readings of "), "{said}");
            assert!(turn < 3, "each of 45 learners is read within two plans");
        }
        for _ in 0..2 {
            let (said, read) = reads(&college, "plan");
            assert!(read == [45, 45] && !said.contains("note: "), "{said}");
        }
    }
}

#[test]
fn what_has_changed_of_units_on_either_side_is_planned_as_ever() {
    let college = proved("touchedBy: everything");
    change_unit(&college, 39, 41, &now());
    let said = compare_with_fresh(&college, "taken away in OneFile");
    assert!(said.contains("1 assignment"), "{said}");
    change_unit(&college, 39, 41, &now());
    for (unit, lacking) in [
        ("unit: Ovens", "22 assignments"),
        ("unit: { id: 42 }", "22 assignments"),
        ("unit: Nothing", "45 users are on hold"),
    ] {
        college.edit("unit: Dough", unit);
        let said = compare_with_fresh(&college, unit);
        assert!(said.contains(lacking), "{unit}: {said}");
        college.edit(unit, "unit: Dough");
    }
    let said = compare_with_fresh(&college, "as before");
    assert!(said.contains("No changes since the readings of "), "{said}");
}

/// Nobody can say what such a learner has, so every plan asks, and says that it isn't compared.
#[test]
fn a_learner_whose_units_can_not_be_read_any_more_is_read_by_every_plan() {
    for (column, number) in [("UnitID", Value::Null), ("StandardID", Value::Null)] {
        let college = proved("touchedBy: everything");
        let mut state = college.state();
        let units = state["unitSummaries"].as_array_mut().unwrap();
        let row = units.iter_mut().find(|row| row["UserID"] == 39).unwrap();
        row[column] = number;
        let users = state["users"].as_array_mut().unwrap();
        let user = users.iter_mut().find(|user| user["ID"] == 39).unwrap();
        user["LastModified"] = json!(LONG_AGO);
        college.put(&state);
        for turn in 1.. {
            let said = college.run("plan");
            if said.contains("OneFile doesn't show 1 declared assignment") {
                break;
            }
            assert!(turn < 3, "{said}");
        }
        for _ in 0..2 {
            let (said, read) = reads(&college, "plan");
            assert!(
                said.contains("OneFile doesn't show 1 declared assignment"),
                "{said}"
            );
            assert_eq!(
                read[1], 28,
                "a sample, this learner, and the two whom rosterctl changed a moment ago"
            );
        }
    }
}

/// A proof within the 30 days after a contradiction proves nothing.
#[test]
fn a_kind_that_was_contradicted_is_not_believed_sooner() {
    let college = proved("touchedBy: everything");
    change_unit(&college, 39, 41, LONG_AGO);
    for turn in 1.. {
        let said = college.run("plan");
        if said.contains("it has other units than before") {
            break;
        }
        assert!(turn < 3, "{said}");
    }
    assign(&college, "1 assignment made");
    for _ in 0..2 {
        let (said, read) = reads(&college, "plan");
        assert!(said.contains("No changes since the readings of "), "{said}");
        assert_eq!(read[1], 45);
    }
    let doctor = college.run("doctor");
    assert!(
        doctor.contains("they read the units of all learners until "),
        "{doctor}"
    );
}

#[test]
fn doctor_says_whether_units_are_believed() {
    let college = proved("touchedBy: everything");
    assert!(!college.run("doctor").contains("units of learners"));
    college.run("plan");
    let said = college.run("doctor");
    assert!(
        said.contains("the same for the units of learners"),
        "{said}"
    );
    let document = college.run("doctor --format json");
    assert!(document.contains("\"units\": \"proved\""), "{document}");
    assert!(
        document.contains("\"standards\": \"unproved\""),
        "{document}"
    );
}
