//! A plan with remembered readings equals the plan of a fresh reading, whatever others write into OneFile, whoever edits the
//! files, and whichever readings file is there. If OneFile hides a change, the plan may differ in that account alone, until it
//! comes to its turn in the sample. So it is with what learners have. A few histories run here; `HISTORIES=2000 cargo test --release --test it -- --ignored
//! --nocapture readings_histories` runs more, and `SEED=…` begins at the seed that a failure prints.

mod aims;
mod college;
mod forms;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use rosterctl::apply::journal::JournalScope;
use rosterctl::domain::clock::Clock;
use rosterctl::domain::{
    AccountId, Archives, DeclaredArchive, FieldPolicy, KeptValues, OrganisationId, Policy,
    RememberedAccounts, Roster, Scope, SelectedUsers, Selection, Selector, SentAssignment,
    Snapshot, Value,
};
use rosterctl::onefile::{
    Client, Distrust, Endpoint, Pace, Readings, ReadingsTrust, Recall, RecallHoldings,
    fetch_assignments, fetch_planned_accounts, fetch_planned_lists,
};
use rosterctl::plan::{Operation, Plan, ReferenceTarget, ResolvedValue, Update, plan};
use serde_json::json;

use crate::faults::asked;
use crate::harness::{Sandbox, checked};
use crate::readings_histories::aims::{Aims, Holdings, ReadHolding, Units, unit_reading};
use crate::readings_histories::college::{
    Declared, Row, chance, columns, edit, first_rows, first_users, invent_policy, manifest, pick,
    write,
};
use crate::readings_histories::forms::{KEPT_FORMS, KeptForm};

const ORGANISATION: OrganisationId = OrganisationId::new(5740);
const STEPS: usize = 12;
/// More than this many plans never spare one account in a row: each looks at 25 others, and there are fewer than 100.
const LONGEST_SPARED: usize = 3;

/// How OneFile says when an account was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Honest,
    /// Every account is listed, whatever was asked for.
    Everything,
    /// Some changes by others aren't listed.
    SomeHidden,
    /// No change by others is listed.
    OthersHidden,
    /// No update of ours is listed.
    OursHidden,
    /// A change is listed only after the next plan.
    Late,
    /// The time of a change is an hour behind, as if it were local.
    AnHourBehind,
}

const LISTINGS: [Listing; 10] = [
    Listing::Honest,
    Listing::Honest,
    Listing::Honest,
    Listing::Honest,
    Listing::Everything,
    Listing::SomeHidden,
    Listing::OthersHidden,
    Listing::OursHidden,
    Listing::Late,
    Listing::AnHourBehind,
];

/// The columns that lists show, of those that not all lists do.
const SHOWN_IN_LISTS: [&str; 4] = ["", "", "Email", "Email, DOB, PlacementID"];

/// What the service may be like besides.
const SWITCHES: [&str; 6] = [
    "",
    "unitSummaries: withoutIds",
    "archivedFlag: shown",
    "archivedFlag: DateArchived",
    "neverShown: [Telephone]",
    "neverShown: [ULN, EpisodeName]",
];

/// Readings, and each account as it was when they saw it.
#[derive(Clone)]
struct Memory {
    readings: Readings,
    seen: BTreeMap<i64, Row>,
    /// How many plans in a row have spared a changed account.
    spared: BTreeMap<i64, usize>,
    /// What each learner had when it was read.
    aims: BTreeMap<i64, ReadHolding<Aims>>,
    units: BTreeMap<i64, ReadHolding<Units>>,
    /// How many plans in a row have spared a learner who has something else.
    spared_aims: BTreeMap<i64, usize>,
    spared_units: BTreeMap<i64, usize>,
}

impl Memory {
    fn new() -> Self {
        Self {
            readings: Readings::new("sandbox"),
            seen: BTreeMap::new(),
            spared: BTreeMap::new(),
            aims: BTreeMap::new(),
            units: BTreeMap::new(),
            spared_aims: BTreeMap::new(),
            spared_units: BTreeMap::new(),
        }
    }
}

struct History {
    random: fastrand::Rng,
    sandbox: Sandbox,
    client: Client,
    listing: Listing,
    listed: &'static str,
    switches: &'static str,
    form: KeptForm,
    /// Whether users declare standards, and some of them units.
    has_standards: bool,
    /// Whether a learner who gets or loses a standard counts as changed.
    aims_touch: bool,
    /// Whether one who gets or loses a unit does.
    units_touch: bool,
    rows: Vec<Row>,
    holdings: Holdings,
    users: Vec<Declared>,
    fields: FieldPolicy,
    /// What the users and the policy say.
    roster: Roster,
    base: Roster,
    time: Timestamp,
    memory: Memory,
    copies: Vec<Memory>,
    updated: BTreeMap<AccountId, Timestamp>,
    assigned: BTreeMap<SentAssignment, Option<Timestamp>>,
    /// What the journal knows of texts that the service rewrites.
    kept: HashSet<String>,
    /// Times that OneFile says only after the next plan.
    late: Vec<(i64, String)>,
    used: UsedReadings,
    story: String,
}

/// How many plans used readings.
#[derive(Clone, Copy, Debug, Default)]
struct UsedReadings {
    plans: u64,
    /// The learners of them whose units weren't read.
    spared_units: u64,
    /// How many of them found a hidden change of units.
    doubted_units: u64,
}

impl UsedReadings {
    fn add(&mut self, other: Self) -> Self {
        self.plans += other.plans;
        self.spared_units += other.spared_units;
        self.doubted_units += other.doubted_units;
        *self
    }
}

/// One plan, and what it was made of.
struct Reading {
    plan: Plan,
    remembered: RememberedAccounts,
    snapshot: Snapshot,
    distrust: Vec<Distrust>,
    /// The learners whose units were read.
    units_read: BTreeSet<i64>,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let listing = pick(&mut random, &LISTINGS);
        Self::with(seed, random, listing)
    }

    fn with(seed: u64, mut random: fastrand::Rng, listing: Listing) -> Self {
        let listed = pick(&mut random, &SHOWN_IN_LISTS);
        let switches = pick(&mut random, &SWITCHES);
        let form = pick(&mut random, &KEPT_FORMS);
        let (has_standards, aims_touch) = (random.bool(), chance(&mut random, 70));
        let units_touch = chance(&mut random, 70);
        let rows = first_rows(&mut random);
        let holdings = Holdings::first(&mut random, &rows);
        let mut users = first_users(&mut random, &rows);
        for user in &mut users {
            if has_standards && chance(&mut random, 90) {
                holdings.declare(&mut random, user, &rows);
            }
        }
        let fields = invent_policy(&mut random);
        let sandbox = Sandbox::start(&format!(
            "behaviour: {{ touchedBy: nothing, searchRows: [{listed}], {switches} }}\n{}",
            college::seed(&rows, &holdings)
        ));
        let client = sandbox.block_on(connect(&sandbox));
        let roster = roster_of(&users, &fields).expect("the first files are valid");
        Self {
            random,
            client,
            sandbox,
            listing,
            listed,
            switches,
            form,
            has_standards,
            aims_touch,
            units_touch,
            rows,
            holdings,
            users,
            fields,
            base: roster.clone(),
            roster,
            time: "2026-06-01T09:00:00Z".parse().unwrap(),
            memory: Memory::new(),
            copies: Vec::new(),
            updated: BTreeMap::new(),
            assigned: BTreeMap::new(),
            kept: HashSet::new(),
            late: Vec::new(),
            used: UsedReadings::default(),
            story: format!(
                "seed {seed}: {listing:?}, lists show [{listed}], {switches}, texts {form:?}, standards {has_standards}, listed with a standard {aims_touch}, with a unit {units_touch}\n"
            ),
        }
    }

    fn live(mut self) -> UsedReadings {
        for step in 0..STEPS {
            self.time += SignedDuration::from_hours(self.random.i64(1..30));
            // The first plans see everything, and then an update of ours.
            match step {
                0 => {}
                1 => self.update(),
                2 if self.has_standards => self.assign_both(),
                _ => self.happen(),
            }
            let scope = self.scope();
            self.compare(&scope);
        }
        self.used
    }

    fn tell(&mut self, what: &str) {
        self.story += &format!("{} {what}\n", self.time);
    }

    /// What comes between two plans.
    fn happen(&mut self) {
        for _ in 0..self.random.usize(0..3) {
            if self.has_standards && chance(&mut self.random, 40) {
                if self.random.bool() {
                    self.change_aims();
                } else {
                    self.change_units();
                }
            } else {
                self.change_account();
            }
        }
        for _ in 0..self.random.usize(0..3) {
            let before = self.users.clone();
            let what = self.edit();
            match roster_of(&self.users, &self.fields) {
                Ok(roster) => {
                    self.roster = roster;
                    self.tell(&what);
                }
                Err(_) => self.users = before,
            }
        }
        match self.random.u8(0..20) {
            0 => {
                self.tell("the readings are lost");
                self.memory = Memory::new();
            }
            1 if !self.copies.is_empty() => {
                self.tell("older readings are put back");
                self.memory = self.copies[self.random.usize(..self.copies.len())].clone();
                self.memory.spared.clear();
            }
            3 => {
                self.tell("a month goes by");
                self.time += SignedDuration::from_hours(31 * 24);
            }
            4 => self.reload(),
            5..=7 => self.update(),
            8 | 9 if self.has_standards => self.assign_one(),
            _ => {}
        }
    }

    fn edit(&mut self) -> String {
        let random = &mut self.random;
        if self.has_standards && chance(random, 20) {
            let at = random.usize(..self.users.len());
            let user = &mut self.users[at];
            self.holdings.declare(random, user, &self.rows);
            return format!("edited: {user:?}");
        }
        edit(random, &mut self.users, &self.rows)
    }

    /// Updates an account, as an apply of one change does.
    fn update(&mut self) {
        let at = self.random.usize(..self.rows.len());
        let id = AccountId::new(self.rows[at]["ID"].as_i64().unwrap());
        self.tell(&format!("account {id} is updated"));
        self.updated.insert(id, self.time);
        if self.is_ours_listed() {
            self.touch(at);
        }
    }

    fn is_ours_listed(&self) -> bool {
        self.listing != Listing::OursHidden
    }

    /// Writes the readings into a file and reads it.
    fn reload(&mut self) {
        self.tell("the readings are written and read");
        let folder = tempfile::tempdir().unwrap();
        let readings = &self.memory.readings;
        let place = JournalScope {
            target: "live".to_owned(),
            organisation: ORGANISATION,
        };
        readings.save(folder.path(), &place).unwrap();
        let read = Readings::load(folder.path(), "sandbox", &place);
        self.memory.readings = read.unwrap().unwrap();
    }

    /// Somebody edits an account in OneFile.
    fn change_account(&mut self) {
        let at = self.random.usize(..self.rows.len());
        let what = write(&mut self.random, &mut self.rows, at);
        self.tell(&what);
        if self.is_change_listed() {
            self.touch(at);
        }
    }

    /// Whether this change by others is listed.
    fn is_change_listed(&mut self) -> bool {
        match self.listing {
            Listing::OthersHidden => false,
            Listing::SomeHidden => self.random.bool(),
            _ => true,
        }
    }

    /// Whether every change is listed.
    fn is_honest(&self) -> bool {
        match self.listing {
            Listing::Honest => self.aims_touch && self.units_touch,
            Listing::Everything => true,
            _ => false,
        }
    }

    /// Says when the account was changed, as this service does.
    fn touch(&mut self, at: usize) {
        let hour = SignedDuration::from_hours(1);
        let time = match self.listing {
            Listing::AnHourBehind => self.time - hour,
            _ => self.time,
        };
        if self.listing == Listing::Late {
            let id = self.rows[at]["ID"].as_i64().unwrap();
            self.late.push((id, time.to_string()));
        } else {
            self.rows[at].insert("LastModified".to_owned(), json!(time.to_string()));
        }
    }

    fn scope(&mut self) -> Scope {
        let roster = &self.roster;
        match self.random.u8(0..10) {
            0 => Scope::since(roster, Some(&self.base), true),
            1 => Scope::since(roster, Some(&self.base), false),
            2 => {
                let users = roster.users().iter();
                let users = users.map(|_| chance(&mut self.random, 70)).collect();
                let selection = Selection {
                    only: Vec::new(),
                    exclude: vec![Selector::of("L-999").unwrap()],
                };
                let mut scope = Scope::whole();
                let selected = SelectedUsers {
                    users,
                    entries: Vec::new(),
                    idle: Vec::new(),
                };
                scope.narrow(selection, selected);
                scope
            }
            _ => Scope::whole(),
        }
    }

    /// Plans with the readings and without them.
    fn compare(&mut self, scope: &Scope) {
        self.time += SignedDuration::from_mins(10);
        if self.listing == Listing::Everything {
            for row in &mut self.rows {
                row.insert("LastModified".to_owned(), json!(self.time.to_string()));
            }
        }
        self.put(&self.rows, &self.holdings);
        let (before, trusted) = (self.memory.clone(), self.memory.readings.trust);
        let remembering = self.read(scope, true);
        let fresh = self.read(scope, false);
        let used = remembering.remembered.number > 0;
        self.tell(&format!(
            "a plan: {:?}, {:?}, {trusted:?}",
            remembering.remembered, remembering.distrust
        ));
        if matches!(trusted, ReadingsTrust::Off { until } if self.time < until) {
            assert!(!used, "used while it isn't trusted\n{}", self.story);
        }
        if self.listing == Listing::Honest {
            for why in &remembering.distrust {
                let is_right = (is_about_standards(*why) && !self.aims_touch)
                    || (is_about_units(*why) && !self.units_touch);
                assert!(is_right, "{why:?}\n{}", self.story);
            }
        }
        if remembering.plan != fresh.plan {
            assert!(
                used,
                "{}\n{}",
                self.difference(&remembering, &fresh),
                self.story
            );
            self.compare_as_believed(scope, &before, &remembering, &fresh);
        }
        self.follow(scope, &before, &remembering);
        if chance(&mut self.random, 8) {
            self.tell("that plan was killed before it kept its readings");
            self.memory = before;
        }
        if chance(&mut self.random, 30) {
            self.apply(&fresh.plan);
        }
        for (id, time) in std::mem::take(&mut self.late) {
            let row = self.rows.iter_mut().find(|row| row["ID"] == id).unwrap();
            row.insert("LastModified".to_owned(), json!(time));
        }
        self.used.plans += u64::from(used);
        let mut distrust = remembering.distrust.iter();
        let is_hidden_unit = |why: &Distrust| matches!(why, Distrust::Units(_));
        self.used.doubted_units += u64::from(distrust.any(is_hidden_unit));
    }

    /// The plan must be that of an organisation in which the hidden changes haven't happened.
    fn compare_as_believed(
        &self,
        scope: &Scope,
        before: &Memory,
        remembering: &Reading,
        fresh: &Reading,
    ) {
        assert!(
            !self.is_honest(),
            "{}\n{}",
            self.difference(remembering, fresh),
            self.story
        );
        let mut rows = self.rows.clone();
        for row in &mut rows {
            let id = row["ID"].as_i64().unwrap();
            let is_looked_at = remembering.snapshot.looked_at.contains(&AccountId::new(id));
            if let Some(seen) = before.seen.get(&id).filter(|_| !is_looked_at) {
                let listed = ["ID", "MISID", "FirstName", "LastName"].into_iter();
                let listed: Vec<&str> = listed.chain(self.listed.split(", ")).collect();
                for column in columns() {
                    if !listed.contains(&column) {
                        let value = seen.get(column).cloned().unwrap_or_default();
                        row.insert(column.to_owned(), value);
                    }
                }
            }
        }
        self.put(&rows, &self.holdings_as_shown(remembering));
        let believed = self.sandbox.block_on(self.fetch(scope, None));
        assert!(
            remembering.plan == believed.plan,
            "not even as believed: {}\n{}",
            self.difference(remembering, &believed),
            self.story
        );
    }

    /// Follows what the readings know, and checks that a hidden change is found at its turn.
    fn follow(&mut self, scope: &Scope, before: &Memory, reading: &Reading) {
        let used = reading.remembered.number > 0;
        let is_whole = (0..self.users.len()).all(|at| scope.includes(at));
        let is_all_forgotten = !used && is_whole;
        let forgets = |is_about: fn(Distrust) -> bool| {
            is_all_forgotten || reading.distrust.iter().any(|why| is_about(*why))
        };
        if forgets(is_about_accounts) {
            self.memory.seen.clear();
            self.memory.spared.clear();
        }
        if forgets(|why| !is_about_units(why)) {
            self.memory.aims.clear();
            self.memory.spared_aims.clear();
        }
        if forgets(|why| !is_about_standards(why)) {
            self.memory.units.clear();
            self.memory.spared_units.clear();
        }
        self.follow_holdings(before, reading);
        let planned = self.planned(scope, &reading.snapshot);
        for row in &self.rows {
            let id = row["ID"].as_i64().unwrap();
            if !planned.contains(&AccountId::new(id)) {
                continue;
            }
            let is_looked_at = reading.snapshot.looked_at.contains(&AccountId::new(id));
            // What was listed once has been forgotten, or looked at.
            let hidden = before.seen.get(&id).filter(|seen| {
                seen["LastModified"] == row["LastModified"]
                    && !is_listed(&before.readings, row)
                    && self.is_changed(seen, row)
            });
            if is_looked_at {
                assert!(
                    !used || hidden.is_none(),
                    "a hidden change of {id} was seen and passed over\n{}",
                    self.story
                );
                self.memory.seen.insert(id, row.clone());
                self.memory.spared.remove(&id);
            } else if used && hidden.is_some() {
                let spared = self.memory.spared.entry(id).or_default();
                *spared += 1;
                assert!(
                    *spared <= LONGEST_SPARED,
                    "{id} never comes\n{}",
                    self.story
                );
            }
        }
        let operations = reading.plan.operations.iter();
        let changed: Vec<AccountId> = operations.filter_map(Operation::account).collect();
        for id in &changed {
            self.memory.seen.remove(&id.get());
            self.memory.aims.remove(&id.get());
            self.memory.units.remove(&id.get());
        }
        self.memory.readings.forget(&changed.into_iter().collect());
        if self.copies.len() < 3 && chance(&mut self.random, 40) {
            self.copies.push(self.memory.clone());
        }
    }

    /// The accounts that planned users may have. Those of leavers are looked at later, and aren't remembered then.
    fn planned(&self, scope: &Scope, snapshot: &Snapshot) -> BTreeSet<AccountId> {
        let users = self.roster.users().iter().enumerate();
        let planned = users.filter(|(at, user)| {
            scope.includes(*at) && user.archive == DeclaredArchive::Undeclared
        });
        let candidates = planned.flat_map(|(_, user)| snapshot.candidates(user));
        candidates.map(|account| account.id).collect()
    }

    /// Whether an account differs in something that this service shows and that is remembered.
    fn is_changed(&self, seen: &Row, row: &Row) -> bool {
        let is_shown = |column: &&str| match *column {
            "Archived" => self.switches.contains("archivedFlag"),
            column => !self.switches.contains(column) && !college::is_special(column),
        };
        let mut values = columns().into_iter().filter(is_shown);
        values.any(|column| !college::is_same(column, seen.get(column), row.get(column)))
    }

    /// Does what a plan says, as OneFile would do it. An apply that is killed doesn't come to the end, and what it did last isn't
    /// in the journal.
    fn apply(&mut self, plan: &Plan) {
        self.tell("an apply");
        self.base = self.roster.clone();
        self.time += SignedDuration::from_mins(1);
        let end = chance(&mut self.random, 20).then(|| self.random.usize(..=plan.operations.len()));
        for (at, operation) in plan.operations.iter().enumerate() {
            let known = (self.updated.clone(), self.assigned.clone());
            match operation {
                Operation::Update(update) => self.apply_update(update),
                Operation::Assign(assign) => self.assign(assign),
                _ => {}
            }
            if end == Some(at) {
                self.tell("that apply was killed");
                (self.updated, self.assigned) = known;
                return;
            }
        }
    }

    fn apply_update(&mut self, update: &Update) {
        let id = update.account.get();
        let at = self.rows.iter().position(|row| row["ID"] == id).unwrap();
        for change in &update.changes {
            let column = change.key.row().api.unwrap();
            let value = match &change.to {
                ResolvedValue::Value(Value::Text(text)) => {
                    let (kept, digest) = self.form.keep(update.account, change.key, text);
                    self.kept
                        .extend(digest.filter(|_| chance(&mut self.random, 80)));
                    json!(kept)
                }
                ResolvedValue::Value(value) => json!(value.written()),
                ResolvedValue::Reference {
                    target: ReferenceTarget::Known(id),
                    ..
                } => json!(id.get()),
                ResolvedValue::Reference { .. } => continue,
            };
            self.rows[at].insert(column.to_owned(), value);
        }
        self.updated.insert(update.account, self.time);
        if self.is_ours_listed() {
            self.touch(at);
        }
    }

    fn put(&self, rows: &[Row], holdings: &Holdings) {
        let state = college::state(rows, holdings);
        let (status, answer) = self.sandbox.control(Method::PUT, "state", &state);
        assert_eq!(status, 200, "{answer}");
    }

    fn read(&mut self, scope: &Scope, remembers: bool) -> Reading {
        if !remembers {
            return self.sandbox.block_on(self.fetch(scope, None));
        }
        let mut readings = self.memory.readings.clone();
        let before = self.sandbox.requests().len();
        let mut reading = self
            .sandbox
            .block_on(self.fetch(scope, Some(&mut readings)));
        let requests = self.sandbox.requests().split_off(before);
        reading.units_read = requests.iter().filter_map(unit_reading).collect();
        self.memory.readings = readings;
        reading
    }

    async fn fetch(&self, scope: &Scope, mut readings: Option<&mut Readings>) -> Reading {
        let (client, roster) = (&self.client, &self.roster);
        let recall = readings.as_deref_mut().map(|readings| Recall {
            readings,
            at: self.time,
            updated: &self.updated,
            is_fresh: false,
        });
        let lists = fetch_planned_lists(client, ORGANISATION, roster, scope).await;
        let read = fetch_planned_accounts(client, lists.unwrap(), roster, scope, recall).await;
        let (mut snapshot, mut recalled) = read.unwrap();
        let recall = readings.map(|readings| RecallHoldings {
            readings,
            at: self.time,
            assigned: &self.assigned,
            touched: &self.updated,
            accounts: &mut recalled,
        });
        let read = fetch_assignments(client, roster, scope, &mut snapshot, recall).await;
        read.unwrap();
        snapshot.kept = KeptValues::new("sandbox", self.kept.clone());
        let policy = Policy {
            archives: Archives::Allowed,
            ..Policy::default()
        };
        let plan = Plan {
            remembered: RememberedAccounts::default(),
            ..plan(roster, &snapshot, &policy, scope)
        };
        Reading {
            plan,
            remembered: snapshot.remembered,
            snapshot,
            distrust: recalled.distrust,
            units_read: BTreeSet::new(),
        }
    }

    /// What two plans don't have in common.
    fn difference(&self, one: &Reading, other: &Reading) -> String {
        let lines = |plan: &Plan| -> Vec<String> {
            format!("{plan:#?}").lines().map(str::to_owned).collect()
        };
        let (one, other) = (lines(&one.plan), lines(&other.plan));
        let only = |these: &[String], those: &[String]| -> String {
            let lines = these.iter().filter(|line| !those.contains(line));
            lines.map(|line| format!("{line}\n")).collect()
        };
        format!(
            "remembering ({} lines):\n{}fresh ({} lines):\n{}{}",
            one.len(),
            only(&one, &other),
            other.len(),
            only(&other, &one),
            manifest(&self.users)
        )
    }
}

fn is_about_standards(why: Distrust) -> bool {
    matches!(why, Distrust::GivenStandard(_) | Distrust::Standards(_))
}

fn is_about_units(why: Distrust) -> bool {
    matches!(why, Distrust::GivenUnit(_) | Distrust::Units(_))
}

fn is_about_accounts(why: Distrust) -> bool {
    !is_about_standards(why) && !is_about_units(why)
}

/// Whether the search for what has changed since these readings finds an account. It begins a little earlier.
fn is_listed(readings: &Readings, row: &Row) -> bool {
    let changed: Timestamp = row["LastModified"].as_str().unwrap().parse().unwrap();
    let margin = SignedDuration::from_mins(6);
    readings
        .as_of
        .is_none_or(|as_of| as_of.duration_since(changed) < margin)
}

async fn connect(sandbox: &Sandbox) -> Client {
    let endpoint = Endpoint {
        base: sandbox.base_url(),
        token: "sandbox".into(),
    };
    let pace = Pace {
        calls_per_minute: 0,
        ..Pace::default()
    };
    Client::connect(&endpoint, pace, Clock::REAL).await.unwrap()
}

/// The roster of these users, or what is wrong with their files.
fn roster_of(users: &[Declared], fields: &FieldPolicy) -> Result<Roster, String> {
    let (checked, sources) = checked(&[&manifest(users)]);
    let codes = checked.findings.iter().map(|finding| finding.rule.name);
    let wrong = || codes.collect::<Vec<_>>().join(", ");
    let declared = checked.declared.ok_or_else(wrong)?;
    Ok(declared.into_roster(&sources).with_fields(fields.clone()))
}

/// Lives through histories, two at once, and tells how far it has come: the number of histories, and how readings were used.
fn live_through(seeds: Range<u64>, tell: fn(u64, UsedReadings)) -> UsedReadings {
    let (next, ended) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let used = Mutex::new(UsedReadings::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) {
                        return;
                    }
                    let used_here = History::new(seed).live();
                    let used = used.lock().unwrap().add(used_here);
                    tell(ended.fetch_add(1, Ordering::Relaxed) + 1, used);
                }
            });
        }
    });
    used.into_inner().unwrap()
}

/// Readings that aren't believed are kept all the same, so that a proof needs no other plan.
pub fn trust_that_was_lost_comes_back_after_thirty_days_and_a_proof() {
    let mut history = History::with(0, fastrand::Rng::with_seed(0), Listing::Honest);
    let day = SignedDuration::from_hours(24);
    let plan = |history: &mut History, days: i32, is_updated: bool| {
        history.time += day * days;
        if is_updated {
            history.touch(20);
            let id = history.rows[20]["ID"].as_i64().unwrap();
            history.updated.insert(AccountId::new(id), history.time);
        }
        history.put(&history.rows, &history.holdings);
        let reading = history.read(&Scope::whole(), true);
        let used = reading.remembered.number > 0;
        (used, reading.distrust, history.memory.readings.trust)
    };
    let unproved = (false, vec![], ReadingsTrust::Unproved);
    let proved = (true, vec![], ReadingsTrust::Proved);
    assert_eq!(plan(&mut history, 1, false), unproved);
    assert_eq!(plan(&mut history, 1, false), unproved);
    assert_eq!(plan(&mut history, 1, true), proved);
    assert_eq!(plan(&mut history, 1, false), proved);
    for proof in [false, true] {
        history.rows[30].insert("FirstName".to_owned(), json!(format!("Hidden {proof}")));
        let id = AccountId::new(history.rows[30]["ID"].as_i64().unwrap());
        let (used, distrust, trust) = plan(&mut history, 1, false);
        let until = history.time + day * 30;
        assert_eq!((used, distrust), (false, vec![Distrust::Row(id)]));
        assert_eq!(trust, ReadingsTrust::Off { until });
        for (days, is_updated) in [(1, true), (14, true), (14, false)] {
            let off = (false, vec![], ReadingsTrust::Off { until });
            assert_eq!(plan(&mut history, days, is_updated), off);
        }
        if !proof {
            assert_eq!(plan(&mut history, 1, false), unproved);
        }
        assert_eq!(plan(&mut history, 1, true), proved);
    }
}

pub fn a_plan_with_memory_is_the_plan_of_a_fresh_reading() {
    let used = live_through(FIRST_SEED..FIRST_SEED + HISTORIES, |_, _| {});
    assert!(used.plans > 10 && used.spared_units > 50, "{used:?}");
}

/// So many take a few seconds.
const HISTORIES: u64 = 3;
/// In one of these histories units are spared.
const FIRST_SEED: u64 = 1_005;

#[test]
#[ignore = "takes many minutes"]
#[expect(clippy::print_stdout, reason = "whoever runs it wants to know")]
fn soak() {
    let first = asked("SEED").unwrap_or_else(|| fastrand::u64(..1 << 40));
    let number = asked("HISTORIES").unwrap_or(2_000);
    println!("{number} histories from seed {first}");
    let used = live_through(first..first + number, |ended, used| {
        if ended % 25 == 0 {
            println!("{ended} histories, {used:?}");
        }
    });
    println!("all histories, {used:?}");
}
