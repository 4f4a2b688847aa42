//! Nothing lost and nothing twice, whatever the service does: plan and apply under scripted and random faults, several at
//! once, and killed at random moments. A few schedules run here; `SCHEDULES=2000 cargo test --release --test it -- --ignored
//! --nocapture soak` runs more, and `SEED=…` begins at the seed that a failure prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Method;
use rosterctl::apply::journal::{
    AssignmentKnowledge, Journal, JournalEvent, JournalKnowledge, JournalScope, JournalUser,
    SentState, in_order, records,
};
use rosterctl::apply::{
    ApplyContext, Deviation, JournalState, OperationError, OperationResult, Outcome, SkipReason,
    StopReason, TakenUp, VerifyInput, apply, take_up, take_up_sent, verify,
};
use rosterctl::domain::clock::Clock;
use rosterctl::domain::field::Key;
use rosterctl::domain::{
    AccountId, Archived, Archives, AssignPath, MaintenanceWindows, OrganisationId, Policy, Roster,
    Scope,
};
use rosterctl::onefile::{Client, ClientError, Endpoint, Pace, fetch, fetch_assignments};
use rosterctl::plan::{
    Operation, OperationKind, OperationSubject, ReferenceTarget, ResolvedValue, plan,
};
use rosterctl::review::{Allowance, Consent, approve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{Sandbox, http, pause, project, roster, rosterctl_on, transcript};

/// So many times faster than life: a wait of 30 s takes 60 ms. Time-outs are real, whatever the clock.
const FASTER: u32 = 500;

/// A call that isn't answered within this has timed out where faults delay calls; `delayMs: 300000` takes 600 ms.
const SHORT_TIMEOUT: Duration = Duration::from_millis(400);

pub const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Bakery }
placements:
  - { ID: 1, OrganisationID: 5740, Name: Mill }
users:
  - { ID: 11, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, Website: keep }
  - { ID: 12, OrganisationID: 5740, Role: 5, MISID: A-2, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk, Website: keep }
  - { ID: 13, OrganisationID: 5740, Role: 5, MISID: A-3, FirstName: Cy, LastName: Cloverdene, Email: cy@example.ac.uk, Website: keep }
  - { ID: 21, OrganisationID: 5740, Role: 1, MISID: L-1, FirstName: Dana, LastName: Dunmarrow, Email: dana@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 11, HomeAddress: keep, L12: \"31\" }
  - { ID: 22, OrganisationID: 5740, Role: 1, MISID: L-2, FirstName: Eve, LastName: Eastwick, Email: eve@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 11, HomeAddress: keep }
  - { ID: 23, OrganisationID: 5740, Role: 1, MISID: L-3, FirstName: Fay, LastName: Fernhollow, Email: fay@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 12, HomeAddress: keep }
  - { ID: 91, OrganisationID: 5740, Role: 5, MISID: X-1, FirstName: Gil, LastName: Glenworthy, Email: gil@example.ac.uk }
  - { ID: 92, OrganisationID: 5740, Role: 1, FirstName: Hal, LastName: Highmoor, Email: hal@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 91 }
";

/// Two accounts are as declared, four differ, and three are missing; one of these depends on another.
const USERS: &str = "
defaults: { classroom: Bakery, placement: Mill }
users:
  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, telephone: 01632 960001 }
  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk, telephone: 01632 960002, dob: 1990-07-01 }
  - { misId: A-3, role: assessor, firstName: Cy, lastName: Cloverdene, email: cy@example.ac.uk }
  - { misId: A-9, role: assessor, firstName: Ida, lastName: Inglewood, email: ida@example.ac.uk }
  - { misId: L-1, role: learner, firstName: Dana, lastName: Dunmarrow, email: dana@example.ac.uk, defaultAssessor: A-1 }
  - { misId: L-2, role: learner, firstName: Eve, lastName: Eastwick, email: eve@example.ac.uk, defaultAssessor: A-9, startOn: 2026-07-01 }
  - { misId: L-3, role: learner, firstName: Fay, lastName: Fernhollow, email: fay@example.ac.uk, defaultAssessor: A-1 }
  - { misId: L-8, role: learner, firstName: Jo, lastName: Juniperton, email: jo@example.ac.uk, defaultAssessor: A-1, dob: 2007-06-14 }
  - { misId: L-9, role: learner, firstName: Kim, lastName: Kestrelton, email: kim@example.ac.uk, defaultAssessor: A-9 }
";

/// Three accounts more, whose people have left: a learner, and an assessor with a learner who leaves too.
pub const LEAVERS_SEED: &str = "  - { ID: 14, OrganisationID: 5740, Role: 5, MISID: A-4, FirstName: Una, LastName: Upperton, Email: una@example.ac.uk, Website: keep }
  - { ID: 24, OrganisationID: 5740, Role: 1, MISID: L-4, FirstName: Viv, LastName: Vellacott, Email: viv@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 14, HomeAddress: keep }
  - { ID: 25, OrganisationID: 5740, Role: 1, MISID: L-5, FirstName: Wyn, LastName: Wetherden, Email: wyn@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 11, HomeAddress: keep }
";

const LEAVERS: &str = "  - { misId: A-4, role: assessor, archived: true, reason: left }
  - { misId: L-4, role: learner, archived: true, lastDay: 2026-07-31 }
  - { misId: L-5, role: learner, archived: true }
";

/// Learners who get something by calls of their own, and where the rows of these calls come from.
pub const ASSIGNED_SEED: &str = "  - { ID: 26, OrganisationID: 5740, Role: 1, MISID: L-6, FirstName: Xan, LastName: Xavering, Email: xan@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 11, HomeAddress: keep }
standards:
  - { ID: 31, OrganisationID: 5740, Title: Baker }
  - { ID: 32, OrganisationID: 5740, Title: English }
units:
  - { ID: 41, StandardID: 31, Title: Bread }
frameworkTemplates:
  - { ID: 51, OrganisationID: 5740, Title: Baker with English, StandardIDs: [31, 32] }
";

const ASSIGNED: &str = "  - { misId: L-6, role: learner, firstName: Xan, lastName: Xavering, email: xan@example.ac.uk, defaultAssessor: A-1, standards: [Baker, English], units: [{ standard: Baker, unit: Bread }] }
  - { misId: L-7, role: learner, firstName: Yve, lastName: Yardleigh, email: yve@example.ac.uk, defaultAssessor: A-1, frameworkTemplate: Baker with English }
  - { misId: L-11, role: learner, firstName: Zed, lastName: Zeeland, email: zed@example.ac.uk, defaultAssessor: A-1, standards: [English], additionalAssessors: [A-1, A-9] }
  - { misId: E-9, role: employer, firstName: Moe, lastName: Marlowe, email: moe@example.ac.uk, placement: Orchard }
placements:
  - { name: Orchard, address: 1 Apple Lane }
";

/// The standards, and the number of further staff, that each of them is to have.
const GETS: &[(&str, &[i64], usize)] = &[
    ("L-6", &[31, 32], 0),
    ("L-7", &[31, 32], 0),
    ("L-11", &[32], 2),
];

/// What nobody knows about assigning.
const ASSIGNING: [&str; 3] = [
    "repeatStandard: again",
    "repeatUnit: '200'",
    "repeatUnit: '400'",
];

/// The ways in which the service may show, or not, that an account is archived.
const ARCHIVES: [&str; 4] = [
    "archivedFlag: shown",
    "archivedFlag: shown, searchRows: full",
    "archivedFlag: DateArchived, archived: hidden",
    "archivedFlag: hidden",
];

/// The fields that the roster declares of each user, as the sandbox keeps them; the assessor by MIS value.
fn declared() -> BTreeMap<&'static str, Vec<(&'static str, &'static str)>> {
    BTreeMap::from([
        (
            "A-1",
            vec![("Telephone", "01632 960001"), ("Website", "keep")],
        ),
        (
            "A-2",
            vec![
                ("Telephone", "01632 960002"),
                ("DOB", "1990-07-01"),
                ("Website", "keep"),
            ],
        ),
        ("A-3", vec![("FirstName", "Cy"), ("Website", "keep")]),
        (
            "A-9",
            vec![
                ("FirstName", "Ida"),
                ("LastName", "Inglewood"),
                ("Email", "ida@example.ac.uk"),
            ],
        ),
        ("L-1", vec![("assessor", "A-1"), ("HomeAddress", "keep")]),
        (
            "L-2",
            vec![
                ("assessor", "A-9"),
                ("StartOn", "2026-07-01"),
                ("HomeAddress", "keep"),
            ],
        ),
        ("L-3", vec![("assessor", "A-1"), ("HomeAddress", "keep")]),
        (
            "L-8",
            vec![
                ("FirstName", "Jo"),
                ("assessor", "A-1"),
                ("DOB", "2007-06-14"),
            ],
        ),
        (
            "L-9",
            vec![
                ("FirstName", "Kim"),
                ("assessor", "A-9"),
                ("Email", "kim@example.ac.uk"),
            ],
        ),
    ])
}

pub struct World {
    pub sandbox: Sandbox,
    roster: Roster,
    before: Value,
    pub journal: TempDir,
    /// The journal of another checkout on the same machine.
    other_journal: TempDir,
    checkout: Checkout,
    /// A MIS value that is edited in the manifests, and what it is now.
    edit: Option<(&'static str, &'static str)>,
    calls_per_minute: u32,
    clock: Clock,
    answer_timeout: Duration,
    /// Cancelling it stops the next apply.
    stop: CancellationToken,
    between: Mutex<Option<Act>>,
    has_rival: bool,
    /// Whether the roster has the leavers, and those who get assignments.
    has_everybody: bool,
}

/// The checkout that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checkout {
    One,
    Other,
}

/// What others do, once.
type Act = Box<dyn FnOnce(&Sandbox) + Send>;

/// Somebody else creates a declared user. What goes wrong for the tool may go wrong for others, too.
fn create_as_rival(sandbox: &Sandbox) {
    let body = json!({
        "OrganisationID": 5740, "Role": 1, "MISID": RIVALS, "FirstName": "Jo", "LastName": "Juniperton",
        "Email": "jo@example.ac.uk", "ClassroomID": 1, "PlacementID": 1, "DefaultAssessorID": 11,
    });
    let (http, base) = (http(), sandbox.base_url());
    sandbox.block_on(async {
        let open = http
            .post(format!("{base}/Authentication"))
            .header("X-CustomerToken", "sandbox");
        let Ok(answer) = open.send().await else {
            return;
        };
        let key = answer.text().await.unwrap_or_default();
        let _ = http
            .post(format!("{base}/User"))
            .header("X-TokenID", key)
            .json(&body)
            .send()
            .await;
    });
}

/// What a run came to.
pub enum Run {
    /// It couldn't read the accounts, and did nothing.
    Unread(ClientError),
    Applied {
        outcome: Outcome,
        deviations: Option<Vec<Deviation>>,
        held: BTreeSet<String>,
    },
}

/// Keeps what the verification showed, as the program does.
fn note_verified(journal: &Mutex<Journal>, outcome: &Outcome, found: &[Deviation]) {
    let missing = found.iter().flat_map(Deviation::missing_events);
    for event in outcome.shown_templates(found).into_iter().chain(missing) {
        journal.lock().unwrap().note(event).unwrap();
    }
}

impl World {
    fn new() -> Self {
        Self::declaring(USERS)
    }

    fn declaring(users: &str) -> Self {
        Self::on(SEED, users)
    }

    pub fn on(seed: &str, users: &str) -> Self {
        let clock = Clock::faster(FASTER);
        Self::with(Sandbox::start_with(seed, clock), users, clock)
    }

    fn with(sandbox: Sandbox, users: &str, clock: Clock) -> Self {
        let roster = roster(&[users]);
        let before = sandbox.state();
        Self {
            sandbox,
            roster,
            before,
            journal: tempfile::tempdir().unwrap(),
            other_journal: tempfile::tempdir().unwrap(),
            checkout: Checkout::One,
            edit: None,
            calls_per_minute: 0,
            clock,
            answer_timeout: Pace::default().answer_timeout,
            stop: CancellationToken::new(),
            between: Mutex::default(),
            has_rival: false,
            has_everybody: users.contains(LEAVERS),
        }
    }

    /// Says what others do between the next plan and its apply.
    pub fn meanwhile(&self, act: impl FnOnce(&Sandbox) + Send + 'static) {
        *self.between.lock().unwrap() = Some(Box::new(act));
    }

    /// What happens between a plan and its apply, by other hands.
    fn let_others_act(&self) {
        if let Some(act) = self.between.lock().unwrap().take() {
            std::thread::scope(|scope| scope.spawn(|| act(&self.sandbox)).join().unwrap());
        }
    }

    fn set_faults(&self, faults: &str) {
        let (status, answer) = self.sandbox.control(Method::PUT, "faults", faults);
        assert_eq!(status, 200, "{faults}{answer}");
    }

    /// What the journals of both checkouts say, as the program reads them.
    fn known(&self) -> JournalKnowledge {
        let [one, other] = [&self.journal, &self.other_journal];
        let (one, other) = (records(one.path()).unwrap(), records(other.path()).unwrap());
        JournalKnowledge::of(&in_order(one, other), &place())
    }

    fn has_unclear(&self) -> bool {
        let known = self.known();
        let mut sent = known.assignments.sent.values();
        !known.open.is_empty() || sent.any(|state| matches!(state, SentState::Unclear(_)))
    }

    fn own_journal(&self) -> &Path {
        match self.checkout {
            Checkout::One => self.journal.path(),
            Checkout::Other => self.other_journal.path(),
        }
    }

    /// Plans and applies as the program does.
    pub fn run(&self) -> Run {
        self.sandbox.block_on(async {
            match self.apply().await {
                Ok(applied) => applied,
                Err(error) => Run::Unread(error),
            }
        })
    }

    async fn apply(&self) -> Result<Run, ClientError> {
        let (clock, scope) = (self.clock, Scope::whole());
        let policy = Policy {
            archives: Archives::Allowed,
            assign_path: AssignPath::Assignee,
            ..Policy::default()
        };
        let endpoint = Endpoint {
            base: self.sandbox.base_url(),
            token: "sandbox".into(),
        };
        let pace = Pace {
            calls_per_minute: self.calls_per_minute,
            patience: Duration::from_mins(2),
            answer_timeout: self.answer_timeout,
            ..Pace::default()
        };
        let client = Client::connect(&endpoint, pace, clock).await?;
        let (asked, token) = (self.stop.clone(), client.cancel_token().clone());
        tokio::spawn(async move {
            asked.cancelled().await;
            token.cancel();
        });
        let read_at = clock.reading_time();
        let mut snapshot = fetch(&client, OrganisationId::new(5740), &self.roster, &scope).await?;
        let known = self.known();
        let earlier = JournalState {
            known: &known,
            settle_after: SignedDuration::from_mins(30),
        };
        let TakenUp { taken, .. } =
            take_up(&client, clock, &earlier, &self.roster, &mut snapshot).await?;
        fetch_assignments(&client, &self.roster, &scope, &mut snapshot, None).await?;
        take_up_sent(&client, clock, &earlier, &mut snapshot).await?;
        for id in &known.archived {
            snapshot.known.add_archived(*id);
        }
        let made = plan(&self.roster, &snapshot, &policy, &scope);
        let held = made
            .held
            .iter()
            .filter_map(|held| held.who.mis_id.clone())
            .chain(made.held_entries.iter().map(|held| held.entry.name.clone()))
            .collect();
        let mut journal =
            Journal::open(self.own_journal(), "run".to_owned(), place(), clock).unwrap();
        journal.measure(client.skew());
        for (user, id) in taken
            .into_iter()
            .filter_map(|taken| Some((JournalUser(taken.user), taken.found?)))
        {
            journal.note(JournalEvent::Found { user, id }).unwrap();
        }
        self.let_others_act();
        let journal = Mutex::new(journal);
        let windows = MaintenanceWindows::default();
        let setting = ApplyContext {
            client: &client,
            clock,
            journal: &journal,
            snapshot: &snapshot,
            read_at,
            windows: &windows,
            assign_path: policy.assign_path,
        };
        let allowance = Allowance {
            creates: Some(99),
            updates: Some(99),
            archives: Some(99),
            removals: None,
            assignments: Some(99),
            entries: Some(99),
        };
        let outcome = apply(
            approve(made, allowance, Consent::Given).unwrap(),
            &setting,
            |_, _| {},
        )
        .await;
        let verifying = VerifyInput {
            fields: self.roster.fields(),
            lists: Archived::Unknown,
            outcome: &outcome,
            since: read_at.at,
            clock,
        };
        let deviations = verify(&client, snapshot.clone(), &verifying).await.ok();
        if let Some(found) = &deviations {
            note_verified(&journal, &outcome, found);
        }
        Ok(Run::Applied {
            outcome,
            deviations,
            held,
        })
    }

    fn users(&self) -> Vec<Value> {
        self.rows("users")
    }

    fn rows(&self, table: &str) -> Vec<Value> {
        let state = self.sandbox.state();
        state[table].as_array().cloned().unwrap_or_default()
    }

    /// The number of the account with this MIS value.
    fn account(&self, mis_id: &str) -> Option<i64> {
        let users = self.users();
        let user = users.iter().find(|user| user["MISID"] == *mis_id)?;
        user["ID"].as_i64()
    }

    /// The standards that somebody has, in order.
    pub fn standards_of(&self, mis_id: &str) -> Vec<i64> {
        let Some(id) = self.account(mis_id) else {
            return Vec::new();
        };
        let aims = self.rows("learningAims");
        let of_learner = aims.iter().filter(|aim| aim["UserID"] == id);
        let mut standards: Vec<_> = of_learner
            .filter_map(|aim| aim["StandardID"].as_i64())
            .collect();
        standards.sort_unstable();
        standards
    }

    fn staff_of(&self, mis_id: &str) -> usize {
        let id = self.account(mis_id);
        let staff = self.rows("additionalAssignments");
        staff
            .iter()
            .filter(|row| row["LearnerID"].as_i64() == id)
            .count()
    }

    /// Those who lack a standard or a unit, and the placement that isn't there; then those who lack further staff.
    fn lacking(&self) -> [BTreeSet<String>; 2] {
        let (mut lacking, mut unstaffed) = (BTreeSet::new(), BTreeSet::new());
        if !self.has_everybody {
            return [lacking, unstaffed];
        }
        for (mis_id, standards, staff) in GETS {
            if self.standards_of(mis_id) != *standards {
                lacking.insert((*mis_id).to_owned());
            }
            if self.staff_of(mis_id) != *staff {
                unstaffed.insert((*mis_id).to_owned());
            }
        }
        let units = self.rows("unitSummaries");
        if !units
            .iter()
            .any(|row| row["UserID"] == 26 && row["UnitID"] == 41)
        {
            lacking.insert("L-6".to_owned());
        }
        if !self
            .rows("placements")
            .iter()
            .any(|row| row["Name"] == "Orchard")
        {
            lacking.insert("Orchard".to_owned());
        }
        [lacking, unstaffed]
    }

    /// Nothing may be there twice that no call takes away.
    fn check_assignments(&self, story: &str) {
        let pairs = [
            ("learningAims", "UserID", "StandardID"),
            ("unitSummaries", "UserID", "UnitID"),
            ("additionalAssignments", "LearnerID", "AssigneeID"),
            ("placements", "OrganisationID", "Name"),
        ];
        for (table, one, other) in pairs {
            let rows = self.rows(table);
            let seen: BTreeSet<String> = rows
                .iter()
                .map(|row| format!("{} {}", row[one], row[other]))
                .collect();
            assert_eq!(
                seen.len(),
                rows.len(),
                "twice in {table}: {rows:?}\n{story}"
            );
        }
    }

    /// Whether an assignment that was said to be done, or not, is as it was said.
    fn check_assign(&self, operation: &Operation, fate: &OperationResult, story: &str) {
        let (Operation::Assign(assign), Some(mis_id)) = (operation, mis_id_of(operation)) else {
            return;
        };
        let ResolvedValue::Reference {
            target: ReferenceTarget::Known(id),
            ..
        } = &assign.changes[0].to
        else {
            return;
        };
        if assign.changes[0].key != Key::Standards {
            return;
        }
        let has = self.standards_of(&mis_id).contains(&id.get());
        match fate {
            OperationResult::Done(_) => assert!(has, "{mis_id} was said to get {id}\n{story}"),
            OperationResult::NotAttempted(SkipReason::Halted(_))
            | OperationResult::Failed(OperationError::Call(_)) => {
                assert!(!has, "{mis_id} was said not to get {id}\n{story}");
            }
            _ => {}
        }
    }

    /// What must hold at every moment, however many runs there were.
    fn check_always(&self, story: &str) {
        let users = self.users();
        let mut mis_ids: BTreeMap<&str, usize> = BTreeMap::new();
        for mis_id in users.iter().filter_map(|user| user["MISID"].as_str()) {
            *mis_ids.entry(mis_id).or_default() += 1;
        }
        assert!(
            mis_ids.values().all(|number| *number == 1),
            "a MIS value twice: {mis_ids:?}\n{story}"
        );
        let outbox = self.sandbox.control(Method::GET, "outbox", "").1;
        let to: Vec<&str> = outbox["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mail| mail["to"].as_str().unwrap())
            .collect();
        assert_eq!(
            to.iter().collect::<BTreeSet<_>>().len(),
            to.len(),
            "somebody was e-mailed twice: {to:?}\n{story}"
        );
        self.check_assignments(story);
        for id in [13, 91, 92] {
            let row = |users: &[Value]| users.iter().find(|user| user["ID"] == id).cloned();
            let before = row(self.before["users"].as_array().unwrap());
            assert_eq!(
                row(&users),
                before,
                "an account that isn't to be touched\n{story}"
            );
        }
    }

    /// A MIS value as the manifests have it now.
    fn edited<'m>(&self, mis_id: &'m str) -> &'m str {
        match self.edit {
            Some((from, to)) if from == mis_id => to,
            Some(_) | None => mis_id,
        }
    }

    /// The declared users whose account isn't as declared, by MIS value.
    fn wrong(&self) -> BTreeSet<String> {
        self.wrong_beside(&BTreeMap::new())
    }

    /// The same, where these users are known to have these accounts, whatever MIS values the server gave them.
    fn wrong_beside(&self, unnamed: &BTreeMap<String, AccountId>) -> BTreeSet<String> {
        let users = self.users();
        let is_unnamed = |user: &Value, mis_id: &str| {
            let id = unnamed.get(self.edited(mis_id));
            id.is_some_and(|id| user["DefaultAssessorID"] == id.get())
        };
        let with = |mis_id: &str| {
            let mis_id = self.edited(mis_id);
            users.iter().find(|user| user["MISID"] == mis_id)
        };
        let holds = |user: &Value, (field, value): &(&str, &str)| match *field {
            "assessor" => {
                is_unnamed(user, value)
                    || with(value)
                        .is_some_and(|assessor| user["DefaultAssessorID"] == assessor["ID"])
            }
            "archived" => user["Archived"] == true,
            "placement" => self
                .rows("placements")
                .iter()
                .any(|row| row["Name"] == *value && row["ID"] == user["PlacementID"]),
            field => user[field] == *value,
        };
        let is_wrong = |mis_id: &str, fields: &[(&str, &str)]| {
            with(mis_id).is_none_or(|user| !fields.iter().all(|field| holds(user, field)))
        };
        let mut declared = declared();
        if self.has_everybody {
            declared.extend([
                ("L-6", vec![("FirstName", "Xan"), ("HomeAddress", "keep")]),
                ("L-7", vec![("FirstName", "Yve"), ("assessor", "A-1")]),
                ("L-11", vec![("FirstName", "Zed"), ("assessor", "A-1")]),
                ("E-9", vec![("FirstName", "Moe"), ("placement", "Orchard")]),
                ("A-4", vec![("archived", ""), ("Website", "keep")]),
                ("L-4", vec![("archived", ""), ("HomeAddress", "keep")]),
                ("L-5", vec![("archived", ""), ("FirstName", "Wyn")]),
            ]);
        }
        declared
            .iter()
            .filter(|(mis_id, fields)| is_wrong(mis_id, fields))
            .map(|(mis_id, _)| self.edited(mis_id).to_owned())
            .collect()
    }

    /// Whether each operation was reported as what it was.
    fn check_report(&self, outcome: &Outcome, deviations: Option<&[Deviation]>, story: &str) {
        // A server that drops a MIS value makes an account that only its number tells.
        let unnamed = deviations
            .into_iter()
            .flatten()
            .filter(|deviation| deviation.keys.contains(&Key::MisId))
            .filter_map(|deviation| Some((deviation.user()?.mis_id.clone()?, deviation.account()?)))
            .collect();
        let wrong = self.wrong_beside(&unnamed);
        let mis_ids: BTreeSet<String> = self
            .users()
            .iter()
            .filter_map(|user| user["MISID"].as_str().map(str::to_owned))
            .collect();
        for (operation, fate) in &outcome.results {
            let mis_id = mis_id_of(operation).unwrap();
            let deviates = deviations.is_none_or(|all| {
                all.iter()
                    .any(|deviation| deviation.user() == operation.user())
            });
            if operation.kind() == OperationKind::Assign {
                if !deviates {
                    self.check_assign(operation, fate, story);
                }
                continue;
            }
            match fate {
                OperationResult::EntryDone(_) => {
                    let [lacking, _] = self.lacking();
                    assert!(
                        deviates || !lacking.contains(&mis_id),
                        "{mis_id} was said to be done\n{story}"
                    );
                }
                OperationResult::Done(_) | OperationResult::Found(_) => {
                    assert!(
                        deviates || operation.is_unconfirmed() || !wrong.contains(&mis_id),
                        "{mis_id} was said to be done\n{story}"
                    );
                }
                OperationResult::Failed(_)
                | OperationResult::NotAttempted(
                    SkipReason::Needs(_)
                    | SkipReason::Halted(_)
                    | SkipReason::UnclearCreate
                    | SkipReason::NotFindable,
                ) => {
                    let is_create = operation.kind() == OperationKind::Create;
                    // A list that loses a row makes a create of somebody who is there, which is never sent.
                    let was_there = self.before["users"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|user| user["MISID"] == *mis_id);
                    let is_rivals = was_there || (mis_id == RIVALS && self.has_rival);
                    assert!(
                        !is_create || is_rivals || !mis_ids.contains(&mis_id),
                        "{mis_id} was said not to be created\n{story}"
                    );
                }
                OperationResult::NotAttempted(_) | OperationResult::Unclear(_) => {}
            }
        }
    }
}

/// The MIS value of a user, or the name of a placement.
fn mis_id_of(operation: &Operation) -> Option<String> {
    match operation.subject() {
        OperationSubject::User(user) => user.mis_id.clone(),
        OperationSubject::Entry(entry) => Some(entry.name.clone()),
    }
}

/// Whom somebody else may create.
const RIVALS: &str = "L-8";

fn place() -> JournalScope {
    JournalScope {
        target: "sandbox".to_owned(),
        organisation: OrganisationId::new(5740),
    }
}

const ON: &[&str] = &[
    "POST /User",
    "POST /User",
    "POST /User/*",
    "POST /User/*",
    "POST /User/*/Archive",
    "POST /User/*/Archive",
    "POST /Standard/*/Assign/*",
    "POST /Standard/*/Assign/*",
    "POST /Unit/*/Assign/*/*",
    "POST /FrameworkTemplate/*/Assign/*/*",
    "POST /FrameworkTemplate/*/Assign/*/*",
    "POST /User/*/Assign",
    "POST /LearningAim/Search",
    "POST /Placement",
    "POST /Placement",
    "GET /User/*",
    "POST /User/Search/*/*",
    "POST /Authentication",
    "GET /Organisation/*",
    "/**",
];
const DO: &[&str] = &[
    "{ status: 500 }",
    "{ status: 503 }",
    "{ status: 429 }",
    "{ status: 400 }",
    "{ status: 401 }",
    "{ status: 403 }",
    "{ status: 404 }",
    "{ status: 200 }",
    "html",
    "resetBefore",
    "resetAfter",
    "failAfter",
    "{ delayMs: 300000 }",
    "{ delayMs: 20000 }",
    "cut",
    "brokenJson",
    "endSession",
    "loseWrite",
    "{ ignoreField: MISID }",
    "{ ignoreField: Telephone }",
    "{ hideCreatedMs: 10000 }",
    "{ hideCreatedMs: 300000 }",
    "repeatRow",
    "skipRow",
];

fn everybody() -> String {
    format!("{USERS}{LEAVERS}{ASSIGNED}")
}

/// One to five rules of faults.
fn schedule(random: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    if random.u8(..5) == 0 {
        // The worst that can happen to a create: it is done, nobody says so, and no search shows it.
        let nth = random.usize(1..4);
        for what in ["resetAfter", "{ hideCreatedMs: 600000 }"] {
            writeln!(
                text,
                "- {{ on: POST /User, when: {{ nth: {nth} }}, do: {what} }}"
            )
            .unwrap();
        }
    }
    if random.u8(..5) == 0 {
        // The account of a create that was answered can't be read at first, and searches don't show it either.
        let seed = random.u32(..);
        writeln!(
            text,
            "- {{ on: POST /User, do: {{ hideCreatedMs: 300000 }} }}"
        )
        .unwrap();
        writeln!(
            text,
            "- {{ on: GET /User/*, when: {{ chance: 0.8, seed: {seed} }}, do: {{ status: 404 }} }}"
        )
        .unwrap();
    }
    for _ in 0..random.usize(1..6) {
        let on = ON[random.usize(..ON.len())];
        let what = DO[random.usize(..DO.len())];
        // A list that loses a row does so in passing; where every search lies nobody can know what is there.
        let when = match if what == "skipRow" {
            0
        } else {
            random.usize(..4)
        } {
            0 => format!("{{ nth: {} }}", random.usize(1..7)),
            1 => format!("{{ every: {} }}", random.usize(2..6)),
            _ => format!(
                "{{ chance: 0.{}, seed: {} }}",
                random.usize(1..6),
                random.u32(..)
            ),
        };
        writeln!(text, "- {{ on: {on}, when: {when}, do: {what} }}").unwrap();
    }
    text
}

/// Two runs under faults and one without: the state is the roster but for what the last run reports.
fn endure(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let faults = schedule(&mut random);
    let mut story = format!("seed {seed}\n{faults}");
    // With pages of three rows, a list that loses a row may lose it between two pages.
    let pages = [100, 3][random.usize(..2)];
    let archives = ARCHIVES[random.usize(..ARCHIVES.len())];
    let assigning = ASSIGNING[random.usize(..ASSIGNING.len())];
    let seed = format!(
        "{SEED}{LEAVERS_SEED}{ASSIGNED_SEED}behaviour: {{ pageCap: {pages}, {archives}, {assigning} }}\n"
    );
    writeln!(story, "{archives}, {assigning}").unwrap();
    let mut world = World::on(&seed, &everybody());
    // Whom no search shows, nobody can know of.
    let is_shown = !["hideCreated", "MISID", "skipRow"]
        .iter()
        .any(|hiding| faults.contains(hiding));
    if is_shown && random.bool() {
        world.meanwhile(create_as_rival);
        world.has_rival = true;
        story += "somebody else creates L-8\n";
    }
    let mut told = Told::default();
    for nth in 0..3 {
        world.set_faults(if nth < 2 { &faults } else { "[]" });
        // Without faults no call may time out, however busy this machine is.
        world.answer_timeout = if nth < 2 {
            SHORT_TIMEOUT
        } else {
            Pace::default().answer_timeout
        };
        if nth < 2 {
            disturb(&mut world, &mut random, &mut story);
        } else {
            undisturb(&mut world);
        }
        if nth == 2 && random.bool() && world.has_unclear() {
            // As if the next run came half an hour later.
            pause(Duration::from_mins(30) / FASTER);
        }
        told.reported.clear();
        match world.run() {
            Run::Unread(error) if nth == 2 => panic!("{error}\n{story}"),
            Run::Unread(error) => writeln!(story, "run {nth}: {error}").unwrap(),
            Run::Applied {
                outcome,
                deviations,
                held,
            } => {
                told.hear(&outcome, nth, &mut story);
                let said = deviations
                    .iter()
                    .flatten()
                    .map(|deviation| (deviation.user().map(|user| &user.mis_id), &deviation.keys));
                writeln!(
                    story,
                    "held {held:?}, deviating {:?}, halt {:?}",
                    said.collect::<Vec<_>>(),
                    outcome.halt
                )
                .unwrap();
                told.reported.extend(held);
                told.reported.extend(
                    deviations
                        .iter()
                        .flatten()
                        .filter_map(|deviation| deviation.user()?.mis_id.clone()),
                );
                world.check_always(&story);
                world.check_report(&outcome, deviations.as_deref(), &story);
                assert!(nth < 2 || deviations.is_some(), "{story}");
            }
        }
        world.check_always(&story);
        spoil(
            &world.own_journal().join("journal.jsonl"),
            &mut random,
            &mut story,
        );
    }
    let unreported = told.unreported(&world);
    assert!(
        unreported.is_empty(),
        "not as declared, and nobody said so: {unreported:?}\n{story}"
    );
}

/// What the runs of a schedule have said isn't as declared.
#[derive(Default)]
struct Told {
    /// By the last run.
    reported: BTreeSet<String>,
    /// What nothing shows is said when it is sent, and not sent again.
    unconfirmed: BTreeSet<String>,
    /// The same of further staff.
    unstaffed: BTreeSet<String>,
}

impl Told {
    fn hear(&mut self, outcome: &Outcome, nth: usize, story: &mut String) {
        for (operation, fate) in &outcome.results {
            let (kind, who) = (operation.kind(), mis_id_of(operation));
            let keys: Vec<Key> = operation.keys().collect();
            writeln!(story, "run {nth}: {kind:?} {who:?} {keys:?} {fate:?}").unwrap();
            if !fate.is_done() {
                self.reported.extend(who.clone());
            }
            if !operation.is_unconfirmed() {
                continue;
            }
            if kind == OperationKind::Assign {
                self.unstaffed.extend(who);
            } else {
                self.unconfirmed.extend(who);
            }
        }
    }

    /// Who isn't as declared, without a word.
    fn unreported(&self, world: &World) -> Vec<String> {
        let [mut wrong, unstaffed] = world.lacking();
        wrong.extend(unstaffed.difference(&self.unstaffed).cloned());
        wrong.extend(world.wrong());
        let known = self.reported.union(&self.unconfirmed).cloned().collect();
        wrong.difference(&known).cloned().collect()
    }
}

/// What goes wrong on this side before a run: a wrong clock, an edited MIS value, another checkout, a person who stops it while
/// it waits for the limit of calls.
fn disturb(world: &mut World, random: &mut fastrand::Rng, story: &mut String) {
    let real = Clock::faster(FASTER);
    let ahead = [0, 0, 0, 0, -86_400, 86_400, -3_600, 7_200][random.usize(..8)];
    world.clock = real.ahead_by(ahead);
    let edit = [
        None,
        None,
        None,
        Some(("L-8", "L-80")),
        Some(("A-9", "A-90")),
    ][random.usize(..5)];
    world.edit = edit;
    world.roster = match edit {
        Some((from, to)) => roster(&[&everybody().replace(from, to)]),
        None => roster(&[&everybody()]),
    };
    world.checkout = [Checkout::One, Checkout::One, Checkout::Other][random.usize(..3)];
    world.stop = CancellationToken::new();
    world.calls_per_minute = 0;
    if random.u8(..4) == 0 {
        world.calls_per_minute = random.u32(5..40);
        let (stop, wait) = (world.stop.clone(), random.u64(20..1_500));
        std::thread::spawn(move || {
            pause(Duration::from_millis(wait));
            stop.cancel();
        });
    }
    writeln!(
        story,
        "clock {ahead} s ahead, edit {edit:?}, checkout {:?}, {} calls a minute",
        world.checkout, world.calls_per_minute
    )
    .unwrap();
}

fn undisturb(world: &mut World) {
    world.clock = Clock::faster(FASTER);
    world.edit = None;
    world.roster = roster(&[&everybody()]);
    world.stop = CancellationToken::new();
    world.calls_per_minute = 0;
}

/// What an editor or a copy may do to a journal: its last bytes go, or its lines end in another way.
fn spoil(journal: &Path, random: &mut fastrand::Rng, story: &mut String) {
    let Ok(text) = std::fs::read_to_string(journal) else {
        return;
    };
    let (how, text) = match random.u8(..9) {
        0 => ("no line end", text.trim_end().to_owned()),
        1 => ("no brace", text.trim_end().trim_end_matches('}').to_owned()),
        2 => ("CRLF", text.replace('\n', "\r\n")),
        3 => (
            "BOM",
            format!("\u{feff}{}", text.trim_start_matches('\u{feff}')),
        ),
        4 => ("no lines", text.replace('\n', "")),
        _ => return,
    };
    std::fs::write(journal, text).unwrap();
    writeln!(story, "journal: {how}").unwrap();
}

/// As many schedules as fit into a test, and another choice of them in each run, whose seed a failure prints. So 30 are enough: what
/// one run doesn't meet another does, and `soak` is there for whoever changes an apply.
pub fn whatever_goes_wrong_nothing_is_lost_and_nothing_is_done_twice() {
    let first = fastrand::u64(..1 << 40);
    endure_all(first..first + asked("SCHEDULES").unwrap_or(30));
}

/// Most of a schedule is waiting, so that many go side by side.
fn endure_all(seeds: Range<u64>) {
    let next = AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some(seed) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| seeds.contains(seed))
                {
                    endure(seed);
                }
            });
        }
    });
}

/// A number from the environment, for runs by hand.
#[expect(
    clippy::disallowed_methods,
    reason = "this is for people who run it by hand"
)]
pub fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[ignore = "takes many minutes"]
#[expect(clippy::print_stdout, reason = "whoever runs it wants to know")]
fn soak() {
    let first = asked("SEED").unwrap_or_else(|| fastrand::u64(..1 << 40));
    let number = asked("SCHEDULES").unwrap_or(5_000);
    println!("{number} schedules from seed {first}");
    endure_all(first..first + number);
}

/// The program on disk, with a project and a sandbox that answers slowly enough to be killed under.
struct Killable {
    world: World,
    project: TempDir,
}

impl Killable {
    fn new() -> Self {
        let users = everybody();
        let files = [
            (
                "rosterctl.yaml",
                "organisation: 5740\npolicy: { archives: allowed, assignPath: assignee }\n",
            ),
            ("users/a.yaml", users.as_str()),
        ];
        let clock = Clock::REAL;
        let sandbox = Sandbox::start(&format!(
            "{SEED}{LEAVERS_SEED}{ASSIGNED_SEED}behaviour: {{ latencyMs: 3, archivedFlag: shown }}\n"
        ));
        Self {
            world: World::with(sandbox, &users, clock),
            project: project(&files),
        }
    }

    /// Runs an apply and kills it after a while, if it hasn't ended by then. Whether it was killed.
    fn kill_after(&self, wait: Duration) -> bool {
        let mut command = Command::new(rosterctl_on(&self.world.sandbox).get_program());
        let base = self.world.sandbox.base_url();
        command.env_clear().envs([
            ("ONEFILE_BASE_URL", base.as_str()),
            ("ONEFILE_CUSTOMER_TOKEN", "sandbox"),
        ]);
        command.env("XDG_STATE_HOME", self.world.sandbox.state_home());
        command
            .current_dir(self.project.path())
            .args(["apply", "--auto-approve"]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        pause(wait);
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        was_running
    }

    fn run(&self, args: &str) -> String {
        transcript(
            rosterctl_on(&self.world.sandbox)
                .current_dir(self.project.path())
                .args(args.split(' ')),
        )
    }

    /// What a person does about creates that are unclear: looks, and answers.
    fn settle(&self) {
        let known = JournalKnowledge::of(
            &records(&self.project.path().join(".rosterctl")).unwrap(),
            &self.place(),
        );
        let users = self.world.users();
        for user in known.open.keys() {
            let mis_id = &user.mis_id;
            let is_there = users.iter().any(|user| user["MISID"] == **mis_id);
            let answer = if is_there { "created" } else { "not-created" };
            let said = self.run(&format!("settle {mis_id} {answer}"));
            assert!(said.ends_with("exit 0\n"), "{said}");
        }
        self.settle_assignments(&known.assignments);
    }

    fn settle_assignments(&self, known: &AssignmentKnowledge) {
        for (sent, state) in &known.sent {
            let SentState::Unclear(_) = state else {
                continue;
            };
            let mis_id = &known.users[&sent.learner].mis_id;
            let what = sent.what.get();
            let is_there = match sent.key {
                Key::Standards => self.world.standards_of(mis_id).contains(&what),
                Key::FrameworkTemplate => !self.world.standards_of(mis_id).is_empty(),
                Key::Units => !self.world.rows("unitSummaries").is_empty(),
                _ => self
                    .world
                    .rows("additionalAssignments")
                    .iter()
                    .any(|row| row["AssigneeID"] == what),
            };
            let answer = if is_there { "assigned" } else { "not-assigned" };
            let said = self.run(&format!("settle {mis_id} {answer} --number {what}"));
            assert!(said.ends_with("exit 0\n"), "{said}");
        }
        if known.entries.values().any(|entry| entry.id.is_none()) {
            let is_there = self.world.rows("placements").len() > 1;
            let answer = if is_there { "created" } else { "not-created" };
            let said = self.run(&format!("settle placement:Orchard {answer}"));
            assert!(said.ends_with("exit 0\n"), "{said}");
        }
    }

    fn place(&self) -> JournalScope {
        JournalScope {
            target: self.world.sandbox.base_url(),
            organisation: OrganisationId::new(5740),
        }
    }
}

/// Kills the program at random moments until it has ended once by itself, and answers how often.
fn survive(seed: u64, most: usize) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let killable = Killable::new();
    let mut kills = 0;
    while kills < most && killable.kill_after(Duration::from_millis(random.u64(15..200))) {
        kills += 1;
        killable
            .world
            .check_always(&format!("seed {seed}, kill {kills}"));
        // The call that was under way reaches the server, or doesn't.
        pause(Duration::from_millis(20));
        let journal = killable.project.path().join(".rosterctl/journal.jsonl");
        spoil(&journal, &mut random, &mut String::new());
        killable
            .world
            .check_always(&format!("seed {seed}, kill {kills}"));
    }
    killable.settle();
    let said = killable.run("apply --auto-approve");
    let story = format!("seed {seed}, {kills} kills\n{said}");
    killable.world.check_always(&story);
    let wrong = (killable.world.wrong(), killable.world.lacking());
    assert_eq!(
        wrong,
        (BTreeSet::new(), [BTreeSet::new(), BTreeSet::new()]),
        "{story}"
    );
    assert!(said.ends_with("exit 0\n"), "{story}");
    assert!(killable.run("plan").starts_with("No changes"), "{story}");
    kills
}

pub fn a_program_that_is_killed_at_any_moment_goes_on_where_it_was() {
    let first = fastrand::u64(..1 << 40);
    let kills: usize = (first..first + 3).map(|seed| survive(seed, 4)).sum();
    assert!(kills > 0, "nobody was killed");
}

#[test]
#[ignore = "takes minutes"]
#[expect(clippy::print_stdout, reason = "whoever runs it wants to know")]
fn soak_kills() {
    let first = fastrand::u64(..1 << 40);
    println!("from seed {first}");
    let mut kills = 0;
    for seed in first.. {
        kills += survive(seed, 6);
        if kills >= 300 {
            break;
        }
    }
    println!("{kills} kills");
}

/// A reading that is older than ten minutes is read again: what somebody has changed since isn't overwritten.
#[test]
fn what_has_changed_since_an_old_reading_is_left_alone() {
    let world = World::new();
    world.meanwhile(|sandbox| {
        let mut state = sandbox.state();
        let users = state["users"].as_array_mut().unwrap();
        let ann = users.iter_mut().find(|user| user["ID"] == 11).unwrap();
        ann["Telephone"] = json!("01632 960999");
        sandbox.control(Method::PUT, "state", &state.to_string());
        pause(Duration::from_mins(11) / FASTER);
    });
    let Run::Applied { outcome, .. } = world.run() else {
        panic!("it can be read")
    };
    let of = |mis_id: &str| {
        outcome
            .results
            .iter()
            .find(|(operation, _)| operation.user().unwrap().mis_id.as_deref() == Some(mis_id))
    };
    let is_left = matches!(&of("A-1").unwrap().1, OperationResult::Failed(OperationError::ChangedMeanwhile(keys)) if keys == &[Key::Telephone]);
    assert!(is_left, "{outcome:?}");
    assert!(
        matches!(of("A-2").unwrap().1, OperationResult::Done(id) if id.get() == 12),
        "{outcome:?}"
    );
    assert_eq!(world.wrong(), BTreeSet::from(["A-1".to_owned()]));
}

/// What others write into an account between a plan and its apply, when everything that was read is old.
fn edit_later(world: &World, id: i64, field: &'static str, value: Value, age: Duration) {
    world.meanwhile(move |sandbox| {
        let mut state = sandbox.state();
        let users = state["users"].as_array_mut().unwrap();
        let user = users.iter_mut().find(|user| user["ID"] == id).unwrap();
        user[field] = value;
        let (status, answer) = sandbox.control(Method::PUT, "state", &state.to_string());
        assert_eq!(status, 200, "{answer}");
        pause(age / FASTER);
    });
}

/// How the only operation of a run ended.
fn only_result(world: &World) -> OperationResult {
    let Run::Applied { mut outcome, .. } = world.run() else {
        panic!("it can be read")
    };
    assert_eq!(outcome.results.len(), 1, "{outcome:?}");
    outcome.results.remove(0).1
}

pub fn calls(sandbox: &Sandbox, part: &str) -> usize {
    let requests = sandbox.requests();
    let mut paths: Vec<_> = requests
        .iter()
        .filter_map(|one| one["path"].as_str())
        .collect();
    paths.retain(|path| path.contains(part));
    paths.len()
}

#[test]
fn an_old_reading_keeps_no_update_from_what_others_have_set_as_declared() {
    let ann = "users:\n  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, telephone: 01632 960001 }\n";
    let world = World::declaring(ann);
    let value = json!("01632 960001");
    edit_later(&world, 11, "Telephone", value, Duration::from_mins(11));
    let result = only_result(&world);
    assert!(matches!(result, OperationResult::Done(_)), "{result:?}");
}

const VIV: &str = "users:\n  - { misId: L-4, role: learner, archived: true }\n";

fn with_leavers() -> World {
    let seed = format!("{SEED}{LEAVERS_SEED}behaviour: {{ archivedFlag: shown }}\n");
    World::on(&seed, VIV)
}

#[test]
fn an_account_that_is_somebody_elses_by_now_is_not_archived() {
    for (field, value, key) in [
        ("MISID", json!("L-99"), Key::MisId),
        ("MISID", Value::Null, Key::MisId),
        ("Role", json!(10), Key::Role),
    ] {
        let world = with_leavers();
        edit_later(&world, 24, field, value, Duration::ZERO);
        let result = only_result(&world);
        let is_left = matches!(&result, OperationResult::Failed(OperationError::ChangedMeanwhile(keys)) if keys == &[key]);
        assert!(is_left, "{field} {result:?}");
        assert_eq!(calls(&world.sandbox, "/Archive"), 0, "{field}");
    }
}

#[test]
fn an_account_that_others_have_archived_by_now_is_done_without_a_call() {
    let world = with_leavers();
    edit_later(&world, 24, "Archived", json!(true), Duration::ZERO);
    let result = only_result(&world);
    assert!(matches!(result, OperationResult::Done(_)), "{result:?}");
    assert_eq!(calls(&world.sandbox, "/Archive"), 0);
}

/// The first standard is read just before as the canary, the second one as any other.
#[test]
fn standards_that_others_have_assigned_by_now_are_not_assigned_again() {
    let xan = "users:\n  - { misId: L-6, role: learner, firstName: Xan, lastName: Xavering, email: xan@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1, standards: [Baker, English] }\n";
    for assigned in [&[31][..], &[32], &[31, 32]] {
        let world = World::on(&format!("{SEED}{ASSIGNED_SEED}"), xan);
        world.meanwhile(move |sandbox| {
            let mut state = sandbox.state();
            let aim = |standard: &i64| json!({ "ID": 900 + standard, "UserID": 26, "StandardID": standard });
            state["learningAims"] = assigned.iter().map(aim).collect();
            let (status, answer) = sandbox.control(Method::PUT, "state", &state.to_string());
            assert_eq!(status, 200, "{answer}");
        });
        let Run::Applied { outcome, .. } = world.run() else {
            panic!("it can be read")
        };
        let is_done =
            |(_, result): &(_, OperationResult)| matches!(result, OperationResult::Done(_));
        assert!(outcome.results.iter().all(is_done), "{outcome:?}");
        assert_eq!(calls(&world.sandbox, "/Assign/"), 2 - assigned.len());
        let aims = world.sandbox.state()["learningAims"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(aims, 2, "{assigned:?}");
    }
}

/// An account of Lou's name that somebody else has made by hand.
#[derive(Clone, Copy)]
struct Namesake {
    id: i64,
    mis_id: Option<&'static str>,
    email: &'static str,
    telephone: &'static str,
}

/// One that nothing tells from the lost account.
const NAMESAKE: Namesake = Namesake {
    id: 99,
    mis_id: None,
    email: "lou@example.ac.uk",
    telephone: "",
};

/// What becomes of a create of Lou whose answer is lost beside these accounts, and the state that is left. The search by name just
/// before the create doesn't show them yet.
fn fate_beside(answer: &str, namesakes: &'static [Namesake]) -> (OperationResult, Value) {
    let lou = format!(
        "users:\n  - {{ misId: A-7, role: assessor, firstName: Lou, lastName: Larkspur, email: lou@example.ac.uk{answer} }}\n"
    );
    let world = World::declaring(&lou);
    world.meanwhile(move |sandbox| {
        let mut state = sandbox.state();
        let users = state["users"].as_array_mut().unwrap();
        let model = users.iter().find(|user| user["ID"] == 13).unwrap().clone();
        for namesake in namesakes {
            let mut user = model.clone();
            let values = [
                ("ID", json!(namesake.id)),
                ("MISID", json!(namesake.mis_id)),
                ("FirstName", json!("Lou")),
                ("LastName", json!("Larkspur")),
                ("Email", json!(namesake.email)),
                ("Telephone", json!(namesake.telephone)),
            ];
            for (field, value) in values {
                user[field] = value;
            }
            users.push(user);
        }
        let faults = "- { on: POST /User, do: resetBefore }\n- { on: POST /User/Search/**, when: { nth: 2 }, do: { status: 204 } }";
        assert_eq!(sandbox.control(Method::PUT, "faults", faults).0, 200);
        assert_eq!(
            sandbox.control(Method::PUT, "state", &state.to_string()).0,
            200
        );
    });
    let Run::Applied { outcome, .. } = world.run() else {
        panic!("it can be read")
    };
    let mut results = outcome.results.into_iter();
    let (_, fate) = results.next().expect("Lou is created");
    (fate, world.sandbox.state())
}

#[test]
fn a_lost_create_is_found_by_name_and_e_mail_address() {
    let (fate, _) = fate_beside("", &[NAMESAKE]);
    assert!(
        matches!(fate, OperationResult::Found(id) if id.get() == 99),
        "{fate:?}"
    );
}

#[test]
fn an_account_with_another_e_mail_address_is_not_taken_for_the_lost_create() {
    const OTHER: Namesake = Namesake {
        email: "other@example.ac.uk",
        ..NAMESAKE
    };
    let (fate, _) = fate_beside("", &[OTHER]);
    assert!(matches!(fate, OperationResult::Unclear(_)), "{fate:?}");
}

#[test]
fn an_account_with_another_mis_value_is_not_taken_for_the_lost_create() {
    const OTHER: Namesake = Namesake {
        mis_id: Some("A-8"),
        ..NAMESAKE
    };
    let (fate, _) = fate_beside("", &[OTHER]);
    assert!(matches!(fate, OperationResult::Unclear(_)), "{fate:?}");
}

#[test]
fn of_two_accounts_that_fit_neither_is_taken_for_the_lost_create() {
    const OTHER: Namesake = Namesake { id: 98, ..NAMESAKE };
    let (fate, _) = fate_beside("", &[OTHER, NAMESAKE]);
    assert!(matches!(fate, OperationResult::Unclear(_)), "{fate:?}");
}

/// Somebody may have edited the account since, so what it shows stays.
#[test]
fn a_found_account_gets_what_it_lacks_and_keeps_what_it_shows() {
    const SHOWN: Namesake = Namesake {
        telephone: "01632 960009",
        ..NAMESAKE
    };
    for (namesakes, telephone) in [(&[SHOWN], "01632 960009"), (&[NAMESAKE], "01632 960001")] {
        let (fate, state) = fate_beside(", telephone: 01632 960001", namesakes);
        assert!(matches!(fate, OperationResult::Found(_)), "{fate:?}");
        let users = state["users"].as_array().unwrap();
        let found = users.iter().find(|user| user["ID"] == 99).unwrap();
        assert_eq!(found["Telephone"], telephone);
        assert_eq!(found["MISID"], "A-7");
    }
}

#[test]
fn an_account_that_distinct_from_names_is_not_taken_for_the_lost_create() {
    let (fate, _) = fate_beside(", distinctFrom: [99]", &[NAMESAKE]);
    assert!(matches!(fate, OperationResult::Unclear(_)), "{fate:?}");
}

/// The look takes two seconds, and the stop comes while it is under way.
#[test]
fn a_stop_during_the_look_before_an_update_keeps_it_from_being_sent() {
    let ann = "users:\n  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, telephone: 01632 960001 }\n";
    let world = World::declaring(ann);
    let stop = world.stop.clone();
    world.meanwhile(move |sandbox| {
        let fault = "- { on: GET /User/11, do: { delayMs: 1000000 } }";
        assert_eq!(sandbox.control(Method::PUT, "faults", fault).0, 200);
        std::thread::spawn(move || {
            pause(Duration::from_millis(300));
            stop.cancel();
        });
    });
    let Run::Applied { outcome, .. } = world.run() else {
        panic!("it can be read")
    };
    assert!(
        matches!(
            outcome.results[0].1,
            OperationResult::NotAttempted(SkipReason::Halted(_))
        ),
        "{outcome:?}"
    );
    assert!(world.wrong().contains("A-1"), "nothing was sent");
}

pub const LOU: &str = "users:\n  - { misId: A-7, role: assessor, firstName: Lou, lastName: Larkspur, email: lou@example.ac.uk }\n";

/// Days and hours, in seconds: how far the clock was ahead when a create was sent, and how far it is when the next run comes.
const WRONG_CLOCKS: &[(i64, i64)] = &[
    (-86_400, 0),
    (86_400, 0),
    (0, 86_400),
    (0, -86_400),
    (-3_600, 3_600),
    (7_200, -7_200),
];

pub fn a_clock_that_was_put_right_or_wrong_ends_no_time_of_grace_early() {
    let real = Clock::faster(FASTER);
    for answer in ["- { on: POST /User, do: resetAfter }\n", ""] {
        for (then, now) in WRONG_CLOCKS {
            let mut world = World::declaring(LOU);
            let hidden = "- { on: POST /User, do: { hideCreatedMs: 60000000 } }\n- { on: GET /User/*, do: { status: 404 } }\n";
            world.set_faults(&format!("{answer}{hidden}"));
            world.clock = real.ahead_by(*then);
            world.run();
            world.clock = real.ahead_by(*now);
            let Run::Applied { held, .. } = world.run() else {
                panic!("it can be read")
            };
            let story = format!("{then} {now} {answer}{:?}", world.known());
            assert!(held.contains("A-7"), "{story}");
            world.check_always(&story);
        }
    }
}

/// The service goes away after the plan was made, and a person stops the run while it waits.
#[test]
fn what_is_not_sent_because_of_a_stop_has_not_failed() {
    for (call, users) in [("POST /User/Search/**", LOU), ("GET /User/*", USERS)] {
        let world = World::declaring(users);
        let stop = world.stop.clone();
        world.meanwhile(move |sandbox| {
            let fault = format!("- {{ on: {call}, do: {{ status: 503 }} }}");
            assert_eq!(sandbox.control(Method::PUT, "faults", &fault).0, 200);
            std::thread::spawn(move || {
                pause(Duration::from_millis(150));
                stop.cancel();
            });
        });
        let Run::Applied { outcome, .. } = world.run() else {
            panic!("it can be read")
        };
        assert_eq!(outcome.halt, Some(StopReason::Asked), "{outcome:?}");
        assert_eq!(outcome.tally().failed, 0, "{outcome:?}");
    }
}
