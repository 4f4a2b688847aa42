//! What the learners of random histories have: standards and units, how others and rosterctl change them, and what a plan must
//! show of them. A service may or may not list a learner as changed who was only assigned something.

use std::collections::{BTreeMap, BTreeSet};

use rosterctl::domain::field::Key;
use rosterctl::domain::{AccountId, LearningAim};
use rosterctl::plan::{Assign, AssignedLearner, ReferenceTarget, ResolvedValue};
use serde_json::{Value, json};

use crate::readings_histories::college::{Declared, Row, chance, pick};
use crate::readings_histories::{History, LONGEST_SPARED, Memory, Reading, is_listed};

/// The last one is of another organisation, so that no list shows it.
const STANDARDS: [i64; 5] = [31, 32, 33, 34, 35];
/// As a manifest may name them. Two have one title, and one is unknown.
const NAMES: [&str; 6] = [
    "Baker Level 2",
    "{ id: 31 }",
    "English Level 2",
    "{ id: 33 }",
    "Maths Level 2",
    "{ id: 35 }",
];
const UNITS: [(i64, i64); 3] = [(31, 41), (31, 42), (32, 43)];
const UNIT_NAMES: [&str; 3] = [
    "{ standard: Baker Level 2, unit: Dough }",
    "{ standard: { id: 31 }, unit: { id: 42 } }",
    "{ standard: English Level 2, unit: Reading }",
];

/// The standards of a learner, by the number of the learning aim.
pub type Aims = BTreeMap<i64, i64>;

/// What the learners have.
#[derive(Clone, Default)]
pub struct Holdings {
    /// By number: the learner and the standard.
    aims: BTreeMap<i64, (i64, i64)>,
    /// The learner, the standard and the unit.
    units: BTreeSet<(i64, i64, i64)>,
    /// No number is given twice.
    given: i64,
}

impl Holdings {
    pub fn first(random: &mut fastrand::Rng, rows: &[Row]) -> Self {
        let mut first = Self::default();
        for learner in learners(rows) {
            for _ in 0..random.u8(0..3) {
                first.give(learner, pick(random, &STANDARDS));
            }
            if chance(random, 20) {
                let (standard, unit) = pick(random, &UNITS);
                first.units.insert((learner, standard, unit));
            }
        }
        first
    }

    fn give(&mut self, learner: i64, standard: i64) {
        self.given += 1;
        self.aims.insert(1_000 + self.given, (learner, standard));
    }

    fn of(&self, learner: i64) -> Aims {
        let own = self.aims.iter().filter(|(_, (whose, _))| *whose == learner);
        own.map(|(aim, (_, standard))| (*aim, *standard)).collect()
    }

    /// As if some learners had something else.
    fn with(&self, others: &BTreeMap<i64, Aims>) -> Self {
        let mut with = self.clone();
        with.aims
            .retain(|_, (learner, _)| !others.contains_key(learner));
        for (learner, aims) in others {
            let aims = aims
                .iter()
                .map(|(aim, standard)| (*aim, (*learner, *standard)));
            with.aims.extend(aims);
        }
        with
    }

    /// The tables of the sandbox.
    pub fn tables(&self) -> Value {
        let aims = self.aims.iter().map(|(aim, (learner, standard))| {
            json!({ "ID": aim, "OrganisationID": 5740, "StandardID": standard, "UserID": learner })
        });
        let units = self.units.iter().enumerate();
        let units = units.map(|(at, (learner, standard, unit))| {
            json!({ "ID": at + 1, "UserID": learner, "StandardID": standard, "UnitID": unit })
        });
        json!({
            "standards": [
                { "ID": 31, "OrganisationID": 5740, "Title": "Baker Level 2" },
                { "ID": 32, "OrganisationID": 5740, "Title": "English Level 2" },
                { "ID": 33, "OrganisationID": 5740, "Title": "Maths Level 2" },
                { "ID": 34, "OrganisationID": 5740, "Title": "Maths Level 2" },
                { "ID": 35, "OrganisationID": 5741, "Title": "Carter Level 2" },
            ],
            "units": [
                { "ID": 41, "StandardID": 31, "Title": "Dough" },
                { "ID": 42, "StandardID": 31, "Title": "Ovens" },
                { "ID": 43, "StandardID": 32, "Title": "Reading" },
            ],
            "learningAims": aims.collect::<Vec<_>>(),
            "unitSummaries": units.collect::<Vec<_>>(),
        })
    }

    /// Declares what a learner is to get, which the learner has for the most part.
    pub fn declare(&self, random: &mut fastrand::Rng, user: &mut Declared, rows: &[Row]) {
        if user.get("role").is_none_or(|role| role != "learner") {
            return;
        }
        let (id, mis_id) = (user.get("id"), user.get("misId"));
        let is_own = |row: &&Row| {
            id == Some(&row["ID"].to_string()) || mis_id == Some(&row["MISID"].to_string())
        };
        let own = rows.iter().find(is_own).and_then(|row| row["ID"].as_i64());
        let mut standards = BTreeSet::new();
        for standard in self.of(own.unwrap_or_default()).into_values() {
            if let Some(name) = name_of(random, standard).filter(|_| chance(random, 85)) {
                standards.insert(name);
            }
        }
        if standards.is_empty() || chance(random, 8) {
            standards.insert(pick(random, &NAMES));
        }
        user.insert("standards", list(standards));
        if chance(random, 10) {
            user.insert("units", list([pick(random, &UNIT_NAMES)].into()));
        }
    }
}

/// A name of a standard that a list shows.
fn name_of(random: &mut fastrand::Rng, standard: i64) -> Option<&'static str> {
    match standard {
        31 => Some(pick(random, &NAMES[..2])),
        32 => Some(NAMES[2]),
        33 => Some(NAMES[3]),
        _ => None,
    }
}

fn list(names: BTreeSet<&str>) -> String {
    format!("[{}]", Vec::from_iter(names).join(", "))
}

fn learners(rows: &[Row]) -> Vec<i64> {
    let learners = rows.iter().filter(|row| row["Role"] == 1);
    learners.filter_map(|row| row["ID"].as_i64()).collect()
}

/// What a plan read of a learner.
#[derive(Clone)]
pub(super) struct ReadAims {
    aims: Aims,
    /// When OneFile said that the learner was changed.
    modified: Value,
}

fn shown_aims(aims: &[LearningAim]) -> Aims {
    let aims = aims.iter();
    aims.map(|aim| (aim.id.get(), aim.standard.get())).collect()
}

impl History {
    /// Somebody gives a learner a standard in OneFile, or takes one away.
    pub(super) fn change_aims(&mut self) {
        let learner = pick(&mut self.random, &learners(&self.rows));
        let own: Vec<i64> = self.holdings.of(learner).into_keys().collect();
        if chance(&mut self.random, 50) && !own.is_empty() {
            let aim = pick(&mut self.random, &own);
            self.holdings.aims.remove(&aim);
            self.tell(&format!("learner {learner} loses aim {aim}"));
        } else {
            let standard = pick(&mut self.random, &STANDARDS);
            self.holdings.give(learner, standard);
            self.tell(&format!("learner {learner} gets standard {standard}"));
        }
        if self.is_change_listed() {
            self.touch_learner(learner);
        }
    }

    /// An apply assigns a standard, as one of a single change does.
    pub(super) fn assign_one(&mut self) {
        let learner = pick(&mut self.random, &learners(&self.rows));
        let standard = pick(&mut self.random, &STANDARDS[..3]);
        self.tell(&format!(
            "rosterctl assigns standard {standard} to {learner}"
        ));
        self.give_standard(learner, standard);
    }

    fn give_standard(&mut self, learner: i64, standard: i64) {
        self.holdings.give(learner, standard);
        self.assigned.insert(AccountId::new(learner), self.time);
        self.touch_assigned(learner);
    }

    /// Does what a plan assigns.
    pub(super) fn assign(&mut self, assign: &Assign) {
        let AssignedLearner::Known(learner) = assign.learner else {
            return;
        };
        for change in &assign.changes {
            let ResolvedValue::Reference { target, .. } = &change.to else {
                continue;
            };
            match target {
                ReferenceTarget::Known(standard) if change.key == Key::Standards => {
                    self.give_standard(learner.get(), standard.get());
                }
                ReferenceTarget::Unit { unit, standard } => {
                    let units = &mut self.holdings.units;
                    units.insert((learner.get(), standard.get(), unit.get()));
                    self.touch_assigned(learner.get());
                }
                _ => {}
            }
        }
    }

    fn touch_assigned(&mut self, learner: i64) {
        if self.is_ours_listed() {
            self.touch_learner(learner);
        }
    }

    fn touch_learner(&mut self, learner: i64) {
        if self.aims_touch {
            let at = self.rows.iter().position(|row| row["ID"] == learner);
            self.touch(at.unwrap());
        }
    }

    /// What learners have if a plan is right about them.
    pub(super) fn holdings_as_shown(&self, reading: &Reading) -> Holdings {
        let mut shown = BTreeMap::new();
        for (learner, assignments) in &reading.snapshot.assignments.shown {
            let aims = assignments.aims.as_deref();
            shown.extend(aims.map(|aims| (learner.get(), shown_aims(aims))));
        }
        self.holdings.with(&shown)
    }

    /// Follows what readings know of learners: a plan shows what each has, or what was read of the learner last. In the second
    /// case OneFile hasn't listed the change, and the learner comes to the turn.
    pub(super) fn follow_aims(&mut self, before: &Memory, reading: &Reading) {
        let used = reading.remembered.number > 0;
        for (learner, assignments) in &reading.snapshot.assignments.shown {
            let id = learner.get();
            let Some(shown) = assignments.aims.as_deref().map(shown_aims) else {
                continue;
            };
            let row = self.rows.iter().find(|row| row["ID"] == id).unwrap();
            let (known, now) = (before.aims.get(&id), self.holdings.of(id));
            let is_hidden = !is_listed(&before.readings, row);
            if shown == now {
                let is_passed_over = known.is_some_and(|known| {
                    known.aims != now && is_hidden && known.modified == row["LastModified"]
                });
                assert!(
                    !used || !is_passed_over || reading.distrust.is_some(),
                    "a hidden change of what {id} has was seen and passed over\n{}",
                    self.story
                );
                let modified = row["LastModified"].clone();
                let read = ReadAims {
                    aims: now,
                    modified,
                };
                self.memory.aims.insert(id, read);
                self.memory.spared_aims.remove(&id);
                continue;
            }
            assert!(
                used && is_hidden && known.is_some_and(|known| known.aims == shown),
                "learner {id} has {now:?}, and a plan shows {shown:?}\n{}",
                self.story
            );
            let spared = self.memory.spared_aims.entry(id).or_default();
            *spared += 1;
            assert!(
                *spared <= LONGEST_SPARED,
                "what {id} has is never read\n{}",
                self.story
            );
        }
    }
}
