//! What the learners of random histories have: standards and units, how others and rosterctl change them, and what a plan must
//! show of them. A service may or may not list a learner as changed who was only assigned a standard, or a unit.

use std::collections::{BTreeMap, BTreeSet};

use rosterctl::domain::field::Key;
use rosterctl::domain::{AccountId, EntryId, LearningAim, SentAssignment, StandardId, UnitId};
use rosterctl::plan::{Assign, AssignedLearner, ReferenceTarget, ResolvedValue};
use serde_json::{Value, json};

use crate::readings_histories::college::{Declared, Row, chance, pick};
use crate::readings_histories::{
    History, LONGEST_SPARED, Memory, Reading, is_about_units, is_listed,
};

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
/// The units of a learner, each with its standard.
pub type Units = BTreeSet<(i64, i64)>;

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
            for (standard, unit) in UNITS {
                if chance(random, 70) {
                    first.units.insert((learner, standard, unit));
                }
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

    fn units_of(&self, learner: i64) -> Units {
        let own = self.units.iter().filter(|(whose, _, _)| *whose == learner);
        own.map(|(_, standard, unit)| (*standard, *unit)).collect()
    }

    /// As if some learners had something else.
    fn with(&self, others: &BTreeMap<i64, Aims>, other_units: &BTreeMap<i64, Units>) -> Self {
        let mut with = self.clone();
        with.units
            .retain(|(learner, _, _)| !other_units.contains_key(learner));
        for (learner, units) in other_units {
            let units = units.iter();
            with.units
                .extend(units.map(|(standard, unit)| (*learner, *standard, *unit)));
        }
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
        user.remove("units");
        let mut units = BTreeSet::new();
        for unit in self.units_of(own.unwrap_or_default()) {
            let at = UNITS.iter().position(|known| *known == unit).unwrap();
            if chance(random, 85) {
                units.insert(UNIT_NAMES[at]);
            }
        }
        if chance(random, 5) {
            units.insert(pick(random, &UNIT_NAMES));
        }
        if !units.is_empty() {
            user.insert("units", list(units));
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

/// What a plan read of a learner: aims or units.
#[derive(Clone)]
pub(super) struct ReadHolding<T> {
    items: T,
    /// When OneFile said that the learner was changed.
    modified: Value,
}

/// The learner whose units a request reads.
pub(super) fn unit_reading(request: &Value) -> Option<i64> {
    let path = request["path"].as_str()?;
    let (_, learner) = path.strip_suffix("/UnitSummary")?.rsplit_once('/')?;
    learner.parse().ok()
}

/// One kind of what a learner has, and what a plan has shown of it.
struct Followed<'f, T> {
    learner: i64,
    is_read: bool,
    has: T,
    modified: &'f Value,
    /// Whether OneFile doesn't list the learner as changed since the readings.
    is_hidden: bool,
    /// Whether the plan may use no memory of this kind, because it or one of the last month says that a change was hidden, or has
    /// used none.
    is_off: bool,
}

impl<T: Clone + PartialEq + std::fmt::Debug> Followed<'_, T> {
    /// `is_as_shown` says whether the plan shows what somebody has who has this.
    fn follow(
        self,
        known: Option<&ReadHolding<T>>,
        (read, spared): (
            &mut BTreeMap<i64, ReadHolding<T>>,
            &mut BTreeMap<i64, usize>,
        ),
        is_as_shown: impl Fn(&T) -> bool,
        story: &str,
    ) {
        let Self { learner, has, .. } = self;
        let is_changed = known.is_some_and(|known| {
            known.items != has && self.is_hidden && known.modified == *self.modified
        });
        if self.is_read {
            assert!(
                is_as_shown(&has),
                "{learner} has {has:?}, which was read\n{story}"
            );
            assert!(
                !is_changed || self.is_off,
                "a hidden change of what {learner} has was seen and passed over\n{story}"
            );
            let modified = self.modified.clone();
            let items = has;
            read.insert(learner, ReadHolding { items, modified });
            spared.remove(&learner);
            return;
        }
        let is_as_known = known.is_some_and(|known| is_as_shown(&known.items));
        assert!(
            is_as_known && self.is_hidden && !self.is_off,
            "learner {learner} has {has:?}, and a plan shows neither that nor what was read\n{story}"
        );
        if is_changed {
            let number = spared.entry(learner).or_default();
            *number += 1;
            assert!(
                *number <= LONGEST_SPARED,
                "what {learner} has is never read\n{story}"
            );
        }
    }
}

fn shown_units(units: &BTreeSet<(StandardId, UnitId)>) -> Units {
    let units = units.iter();
    units
        .map(|(standard, unit)| (standard.get(), unit.get()))
        .collect()
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
        if self.is_change_listed() && self.aims_touch {
            self.touch_learner(learner);
        }
    }

    /// Somebody gives a learner a unit in OneFile, or takes one away.
    pub(super) fn change_units(&mut self) {
        let learner = pick(&mut self.random, &learners(&self.rows));
        let (standard, unit) = pick(&mut self.random, &UNITS);
        let place = (learner, standard, unit);
        if self.holdings.units.remove(&place) {
            self.tell(&format!("learner {learner} loses unit {unit}"));
        } else {
            self.holdings.units.insert(place);
            self.tell(&format!("learner {learner} gets unit {unit}"));
        }
        if self.is_change_listed() && self.units_touch {
            self.touch_learner(learner);
        }
    }

    /// An apply assigns a standard or a unit, as one of a single change does.
    pub(super) fn assign_one(&mut self) {
        if self.random.bool() {
            self.assign_unit();
        } else {
            self.assign_standard();
        }
    }

    /// One learner gets a standard, and one a unit. It may be the same learner.
    pub(super) fn assign_both(&mut self) {
        self.assign_standard();
        self.assign_unit();
    }

    fn assign_unit(&mut self) {
        let learner = pick(&mut self.random, &learners(&self.rows));
        let (standard, unit) = pick(&mut self.random, &UNITS);
        self.tell(&format!("rosterctl assigns unit {unit} to {learner}"));
        self.give_unit(learner, (standard, unit));
    }

    fn assign_standard(&mut self) {
        let learner = pick(&mut self.random, &learners(&self.rows));
        let standard = pick(&mut self.random, &STANDARDS[..3]);
        self.tell(&format!(
            "rosterctl assigns standard {standard} to {learner}"
        ));
        self.give_standard(learner, standard);
    }

    fn give_standard(&mut self, learner: i64, standard: i64) {
        self.holdings.give(learner, standard);
        self.note(learner, Key::Standards, (standard, None));
        if self.is_ours_listed() && self.aims_touch {
            self.touch_learner(learner);
        }
    }

    fn give_unit(&mut self, learner: i64, (standard, unit): (i64, i64)) {
        self.holdings.units.insert((learner, standard, unit));
        self.note(learner, Key::Units, (unit, Some(standard)));
        if self.is_ours_listed() && self.units_touch {
            self.touch_learner(learner);
        }
    }

    fn note(&mut self, learner: i64, key: Key, (what, standard): (i64, Option<i64>)) {
        let sent = SentAssignment {
            learner: AccountId::new(learner),
            key,
            what: EntryId::new(what),
            standard: standard.map(StandardId::new),
        };
        self.assigned.insert(sent, Some(self.time));
    }

    /// The units that rosterctl has assigned to a learner.
    fn units_sent(&self, learner: AccountId) -> Units {
        let sent = self.assigned.keys();
        let units = sent.filter(|sent| sent.learner == learner && sent.key == Key::Units);
        units
            .filter_map(|sent| Some((sent.standard?.get(), sent.what.get())))
            .collect()
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
                    self.give_unit(learner.get(), (standard.get(), unit.get()));
                }
                _ => {}
            }
        }
    }

    fn touch_learner(&mut self, learner: i64) {
        let at = self.rows.iter().position(|row| row["ID"] == learner);
        self.touch(at.unwrap());
    }

    /// What learners have if a plan is right about them.
    pub(super) fn holdings_as_shown(&self, reading: &Reading) -> Holdings {
        let (mut aims, mut units) = (BTreeMap::new(), BTreeMap::new());
        for (learner, assignments) in &reading.snapshot.assignments.shown {
            let shown = assignments.aims.as_deref();
            aims.extend(shown.map(|shown| (learner.get(), shown_aims(shown))));
            let shown = assignments.units.as_ref();
            units.extend(shown.map(|shown| (learner.get(), shown_units(shown))));
        }
        self.holdings.with(&aims, &units)
    }

    /// Follows what readings know of learners: a plan shows what each has, or what was read of the learner last. In the second
    /// case OneFile hasn't listed the change, and the learner comes to the turn.
    pub(super) fn follow_holdings(&mut self, before: &Memory, reading: &Reading) {
        let used = reading.remembered.number > 0;
        for (learner, assignments) in &reading.snapshot.assignments.shown {
            let id = learner.get();
            let row = self.rows.iter().find(|row| row["ID"] == id).unwrap();
            let is_hidden = !is_listed(&before.readings, row);
            let modified = &row["LastModified"];
            if let Some(shown) = assignments.aims.as_deref().map(shown_aims) {
                let has = self.holdings.of(id);
                let followed = Followed {
                    learner: id,
                    is_read: shown == has,
                    has,
                    modified,
                    is_hidden,
                    is_off: !used
                        || before.readings.aims.trust.is_off(self.time)
                        || reading.distrust.iter().any(|why| !is_about_units(*why)),
                };
                let notes = (&mut self.memory.aims, &mut self.memory.spared_aims);
                let known = before.aims.get(&id);
                followed.follow(known, notes, |known| *known == shown, &self.story);
            }
            if let Some(shown) = assignments.units.as_ref().map(shown_units) {
                let followed = Followed {
                    learner: id,
                    is_read: reading.units_read.contains(&id),
                    has: self.holdings.units_of(id),
                    modified,
                    is_hidden,
                    is_off: !used
                        || before.readings.units.trust.is_off(self.time)
                        || reading.distrust.iter().any(|why| is_about_units(*why)),
                };
                self.used.spared_units += u64::from(!followed.is_read);
                let known = before.units.get(&id);
                // A plan that hasn't read the learner shows what users declare, or what rosterctl has assigned, and nothing else.
                let sent = self.units_sent(*learner);
                let is_as_shown = |known: &Units| {
                    let mut sent = sent.iter();
                    known.is_superset(&shown)
                        && sent.all(|unit| known.contains(unit) == shown.contains(unit))
                };
                let notes = (&mut self.memory.units, &mut self.memory.spared_units);
                followed.follow(known, notes, is_as_shown, &self.story);
            }
        }
    }
}
