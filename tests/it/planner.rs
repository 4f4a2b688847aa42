//! The planner on plain values: its rules, and properties over invented rosters and snapshots.

mod accounts;
mod assigned;
mod assigned_properties;
mod earlier;
mod entries;
mod guards;
mod invented;
mod leavers;
mod left_alone;
mod manifests;
mod properties;
mod reading;
mod realistic_college;
mod renumbered;
mod several_roles;
mod strategies;
mod who_is_who;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use rosterctl::domain::field::{FIELDS, Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, Creates, Directory, DirectoryEntry, EntryId, Limit, ObservedValue,
    Organisation, OrganisationId, Policy, Reference, Roster, Scope, ShownArchive, Snapshot,
    UserIdentity, Value,
};
use rosterctl::plan::{
    FewMatched, HoldReason, LimitKind, Operation, OperationKind, Plan, ReferenceTarget,
    ResolvedValue, equal, plan,
};

use crate::harness::{self, cases_of_property};
pub use crate::planner::properties::the_invented_organisations_give_every_kind_of_result;
pub use crate::planner::realistic_college::hardly_anybody_of_a_college_is_held_for_a_likeness_that_is_none;

fn roster_of(files: &[String]) -> Roster {
    let texts: Vec<&str> = files.iter().map(String::as_str).collect();
    harness::roster(&texts)
}

fn roster(users: &str) -> Roster {
    roster_of(&[format!("users:\n{users}")])
}

fn account(id: i64, role: Role, shown: &[(Key, Option<ObservedValue>)]) -> Account {
    Account {
        id: AccountId::new(id),
        role,
        archive: ShownArchive::NotShown,
        shown: shown.iter().cloned().collect(),
    }
}

fn text(key: Key, text: &str) -> (Key, Option<ObservedValue>) {
    (key, Some(ObservedValue::of_text(key.row().kind, text)))
}

/// A ULN with its check digit, another one for each number.
pub fn uln(at: usize) -> String {
    let rest = |number: usize| {
        let digits = format!("{number:09}");
        let mut sum = 0;
        for (place, digit) in digits.bytes().enumerate() {
            sum += (10 - place) * usize::from(digit - b'0');
        }
        sum % 11
    };
    let number = (0..5).map(|step| 100_000_000 + at * 5 + step);
    let number = number
        .into_iter()
        .find(|number| rest(*number) != 0)
        .unwrap();
    format!("{number}{}", 10 - rest(number))
}

fn snapshot(accounts: Vec<Account>) -> Snapshot {
    let classroom = |id, name: &str| DirectoryEntry {
        id: EntryId::new(id),
        name: name.to_owned(),
        mis_id: None,
    };
    let classrooms = vec![classroom(1, "Business"), classroom(2, "Health")];
    let placements = vec![DirectoryEntry {
        id: EntryId::new(3),
        name: "Bakery".to_owned(),
        mis_id: Some("BT01".to_owned()),
    }];
    let entries = BTreeMap::from([
        (Referent::Classroom, classrooms),
        (Referent::Placement, placements),
    ]);
    let organisation = Organisation {
        id: OrganisationId::new(5740),
        name: "Example College".to_owned(),
        keychain_creation: Some(true),
        email_suppression: Some(false),
    };
    Snapshot::new(
        organisation,
        Directory::new(entries),
        Role::all().collect(),
        accounts,
    )
}

const ASSESSOR: &str = "  - { misId: A-000, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk";

#[test]
fn a_field_that_no_account_of_the_role_shows_is_not_compared_and_not_sent() {
    let names = [
        text(Key::MisId, "A-000"),
        text(Key::FirstName, "Ann"),
        text(Key::LastName, "Abbotsley"),
    ];
    let mut shown = names.to_vec();
    shown.push(text(Key::Email, "ann@example.ac.uk"));
    let roster = roster(&format!("{ASSESSOR}, website: https://example.ac.uk }}"));
    let planned = plan(
        &roster,
        &snapshot(vec![account(7, Role::Assessor, &shown)]),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!((planned.operations.len(), planned.not_compared), (0, 1));
    // Once another account of the role shows the key, its absence means that the value is empty.
    let other = account(8, Role::Assessor, &[(Key::Website, None)]);
    let planned = plan(
        &roster,
        &snapshot(vec![account(7, Role::Assessor, &shown), other]),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!((planned.operations.len(), planned.not_compared), (1, 0));
    assert_eq!(planned.operations[0].changes()[0].key, Key::Website);
}

#[test]
fn a_picture_with_a_gap_yields_no_create() {
    let mut seen = snapshot(Vec::new());
    seen.whole.remove(&Role::Observer);
    let planned = plan(
        &roster(&format!("{ASSESSOR} }}")),
        &seen,
        &Policy::default(),
        &Scope::whole(),
    );
    assert!(planned.operations.is_empty());
    assert_eq!(
        planned.held[0].reasons,
        [HoldReason::PictureNotWhole(vec![Role::Observer])]
    );
}

#[test]
fn where_no_row_shows_a_mis_value_nobody_is_created() {
    let roster = roster(&format!("{ASSESSOR} }}"));
    let blind = plan(
        &roster,
        &snapshot(vec![account(7, Role::Iqa, &[text(Key::FirstName, "Ann")])]),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!(blind.held[0].reasons, [HoldReason::MisValuesNotShown]);
    let seeing = plan(
        &roster,
        &snapshot(vec![account(7, Role::Iqa, &[(Key::MisId, None)])]),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!(seeing.counts().creates, 1);
}

#[test]
fn white_space_at_the_ends_of_an_identity_makes_nobody_else() {
    let roster = roster(
        "  - { misId: \" A-000 \", role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }",
    );
    assert_eq!(roster.users()[0].mis_id(), Some("A-000"));
}

#[test]
fn created_on_is_sent_with_a_create_alone() {
    let roster = roster(&format!("{ASSESSOR}, createdOn: 2026-09-01T09:00:00Z }}"));
    let created = plan(
        &roster,
        &snapshot(Vec::new()),
        &Policy::default(),
        &Scope::whole(),
    );
    assert!(
        created.operations[0]
            .changes()
            .iter()
            .any(|change| change.key == Key::CreatedOn)
    );
    let live = perform(&created, &snapshot(Vec::new()));
    let mut accounts: Vec<_> = live.accounts().cloned().collect();
    let (created_on, shown) = text(Key::CreatedOn, "2020-01-01T00:00:00Z");
    accounts[0].shown.insert(created_on, shown);
    let again = plan(
        &roster,
        &snapshot(accounts),
        &Policy::default(),
        &Scope::whole(),
    );
    assert!(again.is_settled() && again.not_compared == 0);
}

#[test]
fn limits_have_a_floor_and_a_share() {
    let policy = |creates, max_creates: usize, max_updates: Option<usize>| {
        let max_updates = max_updates.map_or(Limit::PerCent(30), Limit::Count);
        Policy {
            creates,
            max_creates: Limit::Count(max_creates),
            max_updates,
            ..Policy::default()
        }
    };
    let users: String = (0..60)
        .map(|at| format!("  - {{ misId: A-{at}, role: iqa, firstName: F{at}, lastName: Abbotsley, email: f{at}@example.ac.uk }}\n"))
        .collect();
    let roster = roster(&users);
    let empty = snapshot(Vec::new());
    let kinds = |plan: &Plan| {
        plan.excesses
            .iter()
            .map(|excess| (excess.kind, excess.allowed))
            .collect::<Vec<_>>()
    };
    let first = plan(&roster, &empty, &Policy::default(), &Scope::whole());
    assert_eq!(kinds(&first), [(LimitKind::Creates, 25)]);
    assert_eq!(
        first.excesses[0].few,
        Some(FewMatched {
            matched: 0,
            declared: 60
        })
    );
    assert_eq!(
        kinds(&plan(
            &roster,
            &empty,
            &policy(Creates::Allowed, 60, None),
            &Scope::whole()
        )),
        []
    );
    assert_eq!(
        kinds(&plan(
            &roster,
            &empty,
            &policy(Creates::Never, 60, None),
            &Scope::whole()
        )),
        [(LimitKind::CreatesForbidden, 0)]
    );
    let bare = |at: i64| {
        account(
            at + 1,
            Role::Iqa,
            &[text(Key::MisId, &format!("A-{at}")), (Key::Email, None)],
        )
    };
    let live = snapshot((0..60).map(bare).collect());
    let second = plan(&roster, &live, &Policy::default(), &Scope::whole());
    assert_eq!(
        (kinds(&second), second.excesses[0].few),
        (vec![(LimitKind::Updates, 50)], None)
    );
    assert_eq!(
        kinds(&plan(
            &roster,
            &live,
            &policy(Creates::Allowed, 0, Some(60)),
            &Scope::whole()
        )),
        []
    );
}

fn assessors(number: usize) -> Roster {
    let user = |at| {
        format!(
            "  - {{ misId: A-{at}, role: iqa, firstName: F{at}, lastName: Abbotsley, email: f{at}@example.ac.uk }}\n"
        )
    };
    roster(&(0..number).map(user).collect::<String>())
}

/// Accounts of the first users that `assessors` declares, without an e-mail address.
fn bare_accounts(number: i64) -> Snapshot {
    let bare = |at: i64| {
        account(
            at + 1,
            Role::Iqa,
            &[text(Key::MisId, &format!("A-{at}")), (Key::Email, None)],
        )
    };
    snapshot((0..number).map(bare).collect())
}

#[test]
fn a_share_for_creates_allows_25_of_them_in_any_case() {
    let policy = Policy {
        max_creates: Limit::PerCent(1),
        ..Policy::default()
    };
    let at_floor = plan(
        &assessors(25),
        &snapshot(Vec::new()),
        &policy,
        &Scope::whole(),
    );
    assert_eq!(at_floor.excesses, []);
    let past_floor = plan(
        &assessors(26),
        &snapshot(Vec::new()),
        &policy,
        &Scope::whole(),
    );
    assert_eq!(
        (past_floor.excesses[0].kind, past_floor.excesses[0].allowed),
        (LimitKind::Creates, 25)
    );
}

#[test]
fn exactly_half_matched_is_not_fewer_than_half() {
    let few = |matched| {
        plan(
            &assessors(60),
            &bare_accounts(matched),
            &Policy::default(),
            &Scope::whole(),
        )
        .excesses[0]
            .few
    };
    assert_eq!(few(30), None);
    assert_eq!(
        few(29),
        Some(FewMatched {
            matched: 29,
            declared: 60
        })
    );
}

#[test]
fn the_default_limit_of_updates_is_30_per_cent() {
    let planned = plan(
        &assessors(200),
        &bare_accounts(200),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!(
        (planned.excesses[0].kind, planned.excesses[0].allowed),
        (LimitKind::Updates, 60)
    );
}

#[test]
fn a_real_uln_in_place_of_the_placeholder_makes_no_other_person() {
    let roster = roster(
        "  - { id: 7, role: learner, firstName: Anna, lastName: Abbotsley, uln: \"0000000018\" }\n",
    );
    let shown = [
        text(Key::FirstName, "Ann"),
        text(Key::LastName, "Abbotsley"),
        text(Key::Uln, "9999999999"),
    ];
    let planned = plan(
        &roster,
        &snapshot(vec![account(7, Role::Learner, &shown)]),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!((planned.held, planned.operations.len()), (Vec::new(), 1));
}

#[test]
fn a_create_waits_for_an_overlay_that_would_give_its_date_of_birth() {
    let roster = harness::roster_without(&[&format!("users:\n{ASSESSOR} }}\n")], &[Key::Dob]);
    let planned = plan(
        &roster,
        &snapshot(Vec::new()),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!(
        planned.held[0].reasons,
        [HoldReason::AwaitsOverlay(vec![Key::Dob])]
    );
}

const RENAMED: &str =
    "misId: A-001, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk";

/// Ann's account by her former MIS value, and what the change of it to `A-001` is planned as.
fn plan_of_renamed(answer: &str, others: Vec<Account>) -> Plan {
    let before = roster(&format!("{ASSESSOR} }}"));
    let roster = roster(&format!("  - {{ {RENAMED}, {answer} }}"));
    let shown = [
        text(Key::MisId, "A-000"),
        text(Key::FirstName, "Ann"),
        text(Key::LastName, "Abbotsley"),
        text(Key::Email, "ann@example.ac.uk"),
    ];
    let accounts = std::iter::once(account(8, Role::Assessor, &shown))
        .chain(others)
        .collect();
    let scope = Scope::since(&roster, Some(&before), false);
    plan(&roster, &snapshot(accounts), &Policy::default(), &scope)
}

#[test]
fn a_pinned_user_whose_mis_value_was_edited_is_not_held_as_a_re_key() {
    let own = account(
        7,
        Role::Assessor,
        &[
            text(Key::MisId, "A-001"),
            text(Key::FirstName, "Ann"),
            text(Key::Email, "ann@example.ac.uk"),
        ],
    );
    assert_eq!(plan_of_renamed("id: 7", vec![own]).held, []);
}

#[test]
fn distinct_from_is_the_way_out_of_a_re_key() {
    let planned = plan_of_renamed("distinctFrom: [8]", Vec::new());
    assert_eq!(
        (planned.held.len(), planned.creates().count()),
        (0, 1),
        "{:?}",
        planned.held
    );
}

#[test]
fn a_live_1_is_true() {
    let declared = ResolvedValue::Value(Value::Flag(true));
    assert!(equal(
        &declared,
        Some(&ObservedValue::of_number(Key::SupportFunding.row().kind, 1))
    ));
    assert!(!equal(
        &declared,
        Some(&ObservedValue::of_number(Key::SupportFunding.row().kind, 0))
    ));
}

#[test]
fn a_reference_by_e_mail_finds_a_declared_user_whatever_its_case() {
    let learner = "  - { misId: L-001, role: learner, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk, classroom: Business, placement: BT01, defaultAssessor: { email: ANN@example.ac.uk } }";
    let planned = plan(
        &roster(&format!("{ASSESSOR} }}\n{learner}\n")),
        &snapshot(Vec::new()),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!(
        (planned.held.len(), planned.creates().count()),
        (0, 2),
        "{:?}",
        planned.held
    );
}

#[test]
fn a_closer_look_keeps_the_mis_value_that_found_the_account() {
    let mut seen = snapshot(vec![account(
        7,
        Role::Assessor,
        &[text(Key::MisId, "A-000")],
    )]);
    seen.look_closer(&account(7, Role::Assessor, &[text(Key::MisId, "B-999")]));
    assert_eq!(
        seen.account(7.into()).unwrap().text(Key::MisId).as_deref(),
        Some("A-000")
    );
}

/// What the server would hold after a plan, done by hand: the oracle of the properties.
fn perform(plan: &Plan, before: &Snapshot) -> Snapshot {
    let mut accounts: BTreeMap<AccountId, Account> = before
        .accounts()
        .map(|account| (account.id, account.clone()))
        .collect();
    let mut created: HashMap<UserIdentity, AccountId> = HashMap::new();
    for operation in &plan.operations {
        let next = || accounts.keys().next_back().map_or(1, |last| last.get() + 1);
        let id = operation.account().unwrap_or_else(|| next().into());
        let user = operation.user().unwrap();
        created.extend(operation.created_user().map(|user| (user, id)));
        let role = user.role;
        let blank = FIELDS
            .iter()
            .filter(|field| field.is_of(role))
            .map(|field| (field.key, None))
            .collect();
        let account = accounts.entry(id).or_insert(Account {
            id,
            role,
            archive: ShownArchive::NotShown,
            shown: blank,
        });
        for change in operation.changes() {
            account
                .shown
                .insert(change.key, Some(live(change.key, &change.to, &created)));
        }
    }
    snapshot(accounts.into_values().collect())
}

/// A value as the service shows it once it has been sent.
fn live(
    key: Key,
    planned: &ResolvedValue,
    created: &HashMap<UserIdentity, AccountId>,
) -> ObservedValue {
    let london = TimeZone::get("Europe/London").unwrap();
    let kind = key.row().kind;
    match planned {
        ResolvedValue::Reference {
            target: ReferenceTarget::Known(id),
            ..
        } => ObservedValue::of_number(kind, id.get()),
        ResolvedValue::Reference {
            target: ReferenceTarget::AfterApply(user),
            ..
        } => ObservedValue::of_number(kind, created[user].get()),
        ResolvedValue::Reference {
            target: ReferenceTarget::AfterEntry(_) | ReferenceTarget::Unit { .. },
            ..
        } => unreachable!("nobody invents them"),
        ResolvedValue::Value(Value::Text(text)) => {
            ObservedValue::of_text(kind, &text.replace('\n', "\r\n"))
        }
        ResolvedValue::Value(Value::Day(day)) => {
            let midnight = day.to_zoned_datetime(london).unwrap().timestamp();
            ObservedValue::of_text(kind, &midnight.to_string())
        }
        ResolvedValue::Value(Value::Instant(instant)) => {
            ObservedValue::of_text(kind, &instant.to_string())
        }
        ResolvedValue::Value(Value::Flag(flag)) => ObservedValue::of_flag(kind, *flag),
        ResolvedValue::Value(Value::Reference(_)) => unreachable!("references are resolved"),
    }
}

/// An invented user, and what the server holds of it.
#[derive(Clone, Debug)]
struct Person {
    is_learner: bool,
    assessor: usize,
    classroom: bool,
    mobile: Option<u8>,
    dob: Option<(i16, i8, i8)>,
    funding: Option<bool>,
    on_server: OnServer,
    file: bool,
}

#[derive(Clone, Debug)]
enum OnServer {
    Absent,
    /// Once with these fields emptied.
    Drifted(BTreeSet<usize>),
    Twice,
    /// With another role.
    Elsewhere,
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let on_server = prop_oneof![
        3 => Just(OnServer::Absent),
        6 => prop::collection::btree_set(0..FIELDS.len(), 0..6).prop_map(OnServer::Drifted),
        1 => Just(OnServer::Twice),
        1 => Just(OnServer::Elsewhere),
    ];
    let dob = prop::option::of((1930i16..2016, 1i8..=12, 1i8..=28));
    let fields = (
        any::<bool>(),
        0usize..12,
        any::<bool>(),
        prop::option::of(0u8..9),
        dob,
        prop::option::of(any::<bool>()),
    );
    let person = (fields, on_server, any::<bool>()).prop_map(|(fields, on_server, file)| {
        let (is_learner, assessor, classroom, mobile, dob, funding) = fields;
        Person {
            is_learner,
            assessor,
            classroom,
            mobile,
            dob,
            funding,
            on_server,
            file,
        }
    });
    prop::collection::vec(person, 1..12)
}

fn manifest_of(people: &[Person], at: usize) -> String {
    let person = &people[at];
    let mut user = format!(
        "  - misId: U-{at}\n    firstName: F{at}\n    lastName: Abbotsley\n    email: f{at}@example.ac.uk\n"
    );
    if person.is_learner {
        let assessors: Vec<_> = (0..people.len())
            .filter(|at| !people[*at].is_learner)
            .collect();
        let assessor = assessors
            .get(person.assessor % (assessors.len() + 1))
            .map_or("A-000".to_owned(), |at| format!("U-{at}"));
        let classroom = if person.classroom {
            "Business"
        } else {
            "Health"
        };
        user += &format!(
            "    role: learner\n    classroom: {classroom}\n    placement: BT01\n    defaultAssessor: {assessor}\n"
        );
        user += &person
            .funding
            .map(|funding| format!("    supportFunding: {funding}\n"))
            .unwrap_or_default();
    } else {
        user += "    role: assessor\n";
    }
    user += &person
        .mobile
        .map(|digit| format!("    mobileNumber: 07700 90000{digit}\n"))
        .unwrap_or_default();
    user += &person
        .dob
        .map(|(y, m, d)| format!("    dob: {y:04}-{m:02}-{d:02}\n"))
        .unwrap_or_default();
    user
}

fn world(people: &[Person]) -> (Roster, Snapshot) {
    let mut files = [ASSESSOR.to_owned() + " }\n", String::new()];
    for at in 0..people.len() {
        files[usize::from(people[at].file)] += &manifest_of(people, at);
    }
    let files = files.map(|users| {
        if users.is_empty() {
            String::new()
        } else {
            format!("users:\n{users}")
        }
    });
    let roster = roster_of(&files);
    // All that is declared, as it would be on the server, and then less of it.
    let all = perform(
        &plan(
            &roster,
            &snapshot(Vec::new()),
            &Policy::default(),
            &Scope::whole(),
        ),
        &snapshot(Vec::new()),
    );
    let mut accounts = vec![account(
        5000,
        Role::Learner,
        &[text(Key::MisId, "X-1"), text(Key::Email, "x@example.ac.uk")],
    )];
    for mut live in all.accounts().cloned() {
        let mis_id = live.text(Key::MisId).unwrap();
        let person = mis_id
            .strip_prefix("U-")
            .map(|at| &people[at.parse::<usize>().unwrap()]);
        match person.map(|person| &person.on_server) {
            Some(OnServer::Absent) => {}
            Some(OnServer::Drifted(fields)) => {
                let keys = fields
                    .iter()
                    .map(|at| FIELDS[*at].key)
                    .filter(|key| *key != Key::MisId);
                for key in keys {
                    if live.shown.contains(key) {
                        live.shown.insert(key, None);
                    }
                }
                accounts.push(live);
            }
            Some(OnServer::Twice) => {
                accounts.push(Account {
                    id: AccountId::new(live.id.get() + 1000),
                    ..live.clone()
                });
                accounts.push(live);
            }
            Some(OnServer::Elsewhere) => accounts.push(Account {
                role: Role::Iqa,
                ..live
            }),
            None => accounts.push(live),
        }
    }
    (roster, snapshot(accounts))
}

fn of_whom(operation: &Operation) -> (Option<String>, OperationKind, Option<AccountId>) {
    let mis_id = operation.user().unwrap().mis_id.clone();
    (mis_id, operation.kind(), operation.account())
}

// 300 organisations of up to 11 people each. The rarest state, a user who is on hold because of another one, is in about 70 of
// them.
proptest! {
    #![proptest_config(cases_of_property(300))]

    #[test]
    fn applying_a_plan_gives_the_roster_and_planning_again_is_empty(people in people()) {
        let (roster, before) = world(&people);
        let first = plan(&roster, &before, &Policy::default(), &Scope::whole());
        let after = perform(&first, &before);
        let second = plan(&roster, &after, &Policy::default(), &Scope::whole());
        prop_assert!(second.operations.is_empty(), "{:?}", second.operations);
        prop_assert_eq!(second.held.len(), first.held.len());
        prop_assert_eq!(second.unchanged, first.unchanged + first.operations.len());
    }

    #[test]
    fn an_update_holds_no_equal_field(people in people()) {
        let (roster, before) = world(&people);
        for operation in plan(&roster, &before, &Policy::default(), &Scope::whole()).operations {
            prop_assert!(!operation.changes().is_empty());
            for change in operation.changes() {
                let was = change.from.as_ref().and_then(|former| former.live.canonical());
                let created = (0..12)
                    .flat_map(|at| Role::all().map(move |role| (UserIdentity::new(role, &format!("U-{at}")), AccountId::new(-1))))
                    .collect();
                let will = live(change.key, &change.to, &created);
                let will = will.canonical();
                prop_assert_ne!(was, will);
            }
        }
    }

    #[test]
    fn nothing_undeclared_is_touched_and_no_account_twice(people in people()) {
        let (roster, before) = world(&people);
        let planned = plan(&roster, &before, &Policy::default(), &Scope::whole());
        let mut seen = BTreeSet::new();
        for operation in &planned.operations {
            if let Operation::Update(update) = operation {
                prop_assert!(update.account != 5000.into() && seen.insert(update.account));
            }
            prop_assert!(!planned.held.iter().any(|held| Some(&held.who) == operation.user()));
        }
        prop_assert_eq!(planned.operations.len() + planned.held.len() + planned.unchanged, roster.users().len());
    }

    #[test]
    fn the_order_of_files_and_users_changes_nothing(people in people()) {
        let (roster, before) = world(&people);
        let users: Vec<String> = (0..people.len()).rev().map(|at| manifest_of(&people, at)).collect();
        let other = roster_of(&[format!("users:\n{}{ASSESSOR} }}\n", users.concat())]);
        let (one, two) = (plan(&roster, &before, &Policy::default(), &Scope::whole()), plan(&other, &before, &Policy::default(), &Scope::whole()));
        prop_assert_eq!(one.operations.iter().map(of_whom).collect::<Vec<_>>(), two.operations.iter().map(of_whom).collect::<Vec<_>>());
        for (one, two) in one.operations.iter().zip(&two.operations) {
            prop_assert_eq!(one.changes(), two.changes());
        }
    }

    #[test]
    fn who_depends_on_a_held_user_has_no_operation(people in people()) {
        let (roster, before) = world(&people);
        let planned = plan(&roster, &before, &Policy::default(), &Scope::whole());
        let held: BTreeSet<_> = planned.held.iter().map(|held| held.who.mis_id.clone().unwrap()).collect();
        for operation in &planned.operations {
            prop_assert!(!held.contains(operation.user().unwrap().mis_id.as_ref().unwrap()));
            let user = roster.users().iter().find(|user| user.mis_id() == operation.user().unwrap().mis_id.as_deref()).unwrap();
            if let Some(Value::Reference(Reference::Named(assessor))) = user.values.get(Key::DefaultAssessor) {
                prop_assert!(!held.contains(assessor.as_str()));
            }
        }
    }

    /// Nobody refers to learners, so those that stay plan the same without the others.
    #[test]
    fn a_part_of_the_manifests_plans_a_part_of_the_operations(people in people(), gone in any::<u16>()) {
        let (roster, before) = world(&people);
        let is_gone = |at: usize| people[at].is_learner && gone & (1 << at) != 0;
        let part: String = (0..people.len()).filter(|at| !is_gone(*at)).map(|at| manifest_of(&people, at)).collect();
        let part = roster_of(&[format!("users:\n{part}{ASSESSOR} }}\n")]);
        let whole = plan(&roster, &before, &Policy::default(), &Scope::whole());
        let gone: BTreeSet<_> = (0..people.len()).filter(|at| is_gone(*at)).map(|at| Some(format!("U-{at}"))).collect();
        let rest = whole.operations.iter().filter(|operation| !gone.contains(&operation.user().unwrap().mis_id));
        let rest: Vec<_> = rest.map(|operation| (of_whom(operation), operation.changes().to_vec())).collect();
        let planned = plan(&part, &before, &Policy::default(), &Scope::whole());
        let planned: Vec<_> = planned.operations.iter().map(|operation| (of_whom(operation), operation.changes().to_vec())).collect();
        prop_assert_eq!(planned, rest);
    }

    #[test]
    fn a_picture_that_is_not_whole_yields_no_create_and_no_other_update(people in people(), role in 0usize..6) {
        let (roster, before) = world(&people);
        let mut partial = before.clone();
        partial.whole.remove(&Role::all().nth(role).unwrap());
        let updates = |plan: &Plan| plan.updates().map(|update| update.user.mis_id.clone()).collect::<BTreeSet<_>>();
        let (seen, whole) = (plan(&roster, &partial, &Policy::default(), &Scope::whole()), plan(&roster, &before, &Policy::default(), &Scope::whole()));
        prop_assert_eq!(seen.counts().creates, 0);
        prop_assert!(updates(&seen).is_subset(&updates(&whole)));
    }

    #[test]
    fn the_order_of_rows_changes_nothing(people in people()) {
        let (roster, before) = world(&people);
        let rows: Vec<Account> = before.accounts().cloned().collect();
        let reversed = snapshot(rows.into_iter().rev().collect());
        let (one, two) = (plan(&roster, &before, &Policy::default(), &Scope::whole()), plan(&roster, &reversed, &Policy::default(), &Scope::whole()));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn who_is_referred_to_comes_before_who_refers(people in people()) {
        let (roster, before) = world(&people);
        let mut made = BTreeSet::new();
        let planned = plan(&roster, &before, &Policy::default(), &Scope::whole());
        prop_assert!(planned.operations.is_sorted_by_key(Operation::kind));
        for operation in planned.operations {
            for change in operation.changes() {
                if let ResolvedValue::Reference { target: ReferenceTarget::AfterApply(user), .. } = &change.to {
                    prop_assert!(made.contains(user));
                }
            }
            made.extend(operation.created_user());
        }
    }
}
