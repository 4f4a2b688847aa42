//! What no plan does, whatever is declared: give an account a value that another person's account has. Columns are permuted,
//! shifted and sorted as spreadsheets do it, and values are taken from accounts that nobody declares.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{Account, Policy, Scope, Snapshot};
use rosterctl::plan::{HoldReason, Plan, ResolvedValue, plan};

use crate::harness::cases_of_property;
use crate::planner::{account, roster, snapshot, text, uln};

/// The columns of a spreadsheet that identify people.
const COLUMNS: [Key; 6] = [
    Key::FirstName,
    Key::LastName,
    Key::Email,
    Key::Dob,
    Key::Uln,
    Key::Nino,
];
/// Those of which each value has one owner.
const OWNED: [Key; 3] = [Key::Email, Key::Uln, Key::Nino];

/// The value of a learner in a column.
fn own(key: Key, at: usize) -> String {
    match key {
        Key::FirstName => format!("Given{}", letters(at)),
        Key::LastName => format!("Oakhollow{}", letters(at * 7)),
        Key::Email => format!("l{at}@example.ac.uk"),
        Key::Dob => format!("{}-{:02}-{:02}", 1990 + at % 15, at % 12 + 1, at % 16 + 13),
        Key::Uln => uln(at),
        Key::Nino => format!("QQ{:06}A", 123_000 + at),
        _ => unreachable!("only columns are asked for"),
    }
}

fn letters(at: usize) -> String {
    let letter = |number: usize| char::from(b'a' + u8::try_from(number % 26).unwrap());
    [letter(at / 26), letter(at)].iter().collect()
}

/// What became of a column on its way into the manifest.
#[derive(Clone, Debug)]
enum Mishap {
    Permuted(Vec<usize>),
    /// By so many rows; the last ones have no value then.
    Shifted(usize),
    Rotated(usize),
    Sorted,
    Reversed,
    /// These rows have values of accounts that nobody declares.
    Taken(BTreeSet<usize>),
}

impl Mishap {
    /// The learner whose value stands in a row.
    fn source(&self, key: Key, at: usize, rows: usize) -> Option<usize> {
        match self {
            Self::Permuted(order) => Some(order[at]),
            Self::Shifted(by) => Some(at + by).filter(|at| *at < rows),
            Self::Rotated(by) => Some((at + by) % rows),
            Self::Sorted => {
                let mut order: Vec<usize> = (0..rows).collect();
                order.sort_by_key(|at| own(key, *at).chars().rev().collect::<String>());
                Some(order[at])
            }
            Self::Reversed => Some(rows - 1 - at),
            Self::Taken(places) if places.contains(&at) => Some(rows + at),
            Self::Taken(_) => Some(at),
        }
    }

    /// The values of the column, by row.
    fn column(&self, key: Key, rows: usize) -> Vec<String> {
        let value = |at: usize| {
            let source = self.source(key, at, rows);
            source.map_or_else(|| own(key, 900 + at), |at| own(key, at))
        };
        (0..rows).map(value).collect()
    }
}

fn mishap(rows: usize) -> impl Strategy<Value = Mishap> {
    let order: Vec<usize> = (0..rows).collect();
    prop_oneof![
        3 => Just(order).prop_shuffle().prop_map(Mishap::Permuted),
        2 => (1..rows).prop_map(Mishap::Shifted),
        2 => (1..rows).prop_map(Mishap::Rotated),
        1 => Just(Mishap::Sorted),
        1 => Just(Mishap::Reversed),
        2 => prop::collection::btree_set(0..rows, 1..rows).prop_map(Mishap::Taken),
    ]
}

/// Learners with accounts, as many accounts that nobody declares, and what became of some columns.
#[derive(Clone, Debug)]
struct Spreadsheet {
    rows: usize,
    mishaps: Vec<(Key, Mishap)>,
    /// Rows whose users say that the person is the same.
    says_same: BTreeSet<usize>,
    /// Rows whose users say that every other account is somebody else's.
    names_others: BTreeSet<usize>,
}

fn spreadsheet(keys: &'static [Key]) -> impl Strategy<Value = Spreadsheet> {
    (2usize..14).prop_flat_map(move |rows| {
        let one = (prop::sample::select(keys), mishap(rows));
        let places = || prop::collection::btree_set(0..rows, 0..rows);
        (prop::collection::vec(one, 1..3), places(), places()).prop_map(
            move |(mishaps, says_same, names_others)| Spreadsheet {
                rows,
                mishaps,
                says_same,
                names_others,
            },
        )
    })
}

impl Spreadsheet {
    fn accounts(&self) -> Vec<Account> {
        let mut accounts = vec![account(1, Role::Assessor, &[text(Key::MisId, "A-000")])];
        for at in 0..self.rows * 2 {
            let mut shown = vec![text(Key::MisId, &format!("L-{at}"))];
            shown.extend(COLUMNS.map(|key| text(key, &own(key, at))));
            accounts.push(account(id(at), Role::Learner, &shown));
        }
        accounts
    }

    fn users(&self) -> String {
        let mut columns: Vec<(Key, Vec<String>)> = Vec::new();
        for key in COLUMNS {
            let mishap = self.mishaps.iter().find(|(moved, _)| *moved == key);
            let values = match mishap {
                Some((_, mishap)) => mishap.column(key, self.rows),
                None => (0..self.rows).map(|at| own(key, at)).collect(),
            };
            columns.push((key, values));
        }
        let mut users = String::new();
        for at in 0..self.rows {
            users += &format!(
                "  - role: learner\n    misId: L-{at}\n    classroom: Business\n    placement: BT01\n    defaultAssessor: A-000\n"
            );
            for (key, values) in &columns {
                let quote = if *key == Key::Dob { "" } else { "\"" };
                users += &format!("    {}: {quote}{}{quote}\n", key.name(), values[at]);
            }
            if self.says_same.contains(&at) {
                users += "    samePerson: true\n";
            }
            if self.names_others.contains(&at) {
                let others = (0..self.rows * 2).filter(|other| *other != at);
                let others: Vec<i64> = others.map(id).collect();
                users += &format!("    distinctFrom: {others:?}\n");
            }
        }
        users
    }

    fn planned(&self) -> (Snapshot, Plan) {
        let seen = snapshot(self.accounts());
        let users = roster(&self.users());
        let planned = plan(&users, &seen, &Policy::default(), &Scope::whole());
        (seen, planned)
    }
}

fn id(at: usize) -> i64 {
    i64::try_from(at).unwrap() + 100
}

/// The accounts that hold a value before the plan, apart from one.
fn others_with(seen: &Snapshot, key: Key, value: &str, own: i64) -> Vec<i64> {
    let accounts = seen.accounts().filter(|account| account.id.get() != own);
    let holding = accounts.filter(|account| account.text(key).as_deref() == Some(value));
    holding.map(|account| account.id.get()).collect()
}

fn is_column_moved(plan: &Plan, key: Key, user: &str) -> bool {
    let held = plan.held.iter();
    let of_user = held.filter(|held| held.who.mis_id.as_deref() == Some(user));
    of_user
        .flat_map(|held| &held.reasons)
        .any(|reason| matches!(reason, HoldReason::ColumnMoved { key: moved, .. } if *moved == key))
}

proptest! {
    #![proptest_config(cases_of_property(200))]

    #[test]
    fn no_update_gives_an_account_a_value_that_another_persons_account_has(sheet in spreadsheet(&OWNED)) {
        let (seen, planned) = sheet.planned();
        for update in planned.updates() {
            let names_others = sheet.names_others.iter().any(|at| id(*at) == update.account.get());
            for change in &update.changes {
                // A family may share an e-mail address if the manifest says so.
                if !OWNED.contains(&change.key) || (change.key == Key::Email && names_others) {
                    continue;
                }
                let new = match &change.to {
                    ResolvedValue::Value(value) => value.written().into_owned(),
                    ResolvedValue::Reference { .. } => continue,
                };
                let others = others_with(&seen, change.key, &new, update.account.get());
                let is_answered = change.key == Key::Email
                    && others.iter().all(|other| sheet.names_others.iter().any(|at| id(*at) == *other));
                prop_assert!(others.is_empty() || is_answered, "{} of {others:?}", change.key.name());
            }
        }
    }

    /// All updates of a column that moved are on hold: those of the rows that have another learner's value, and the others.
    #[test]
    fn a_column_that_moved_on_its_own_is_not_applied(
        column in 0usize..COLUMNS.len(), rows in 6usize..40, by in 1usize..5, kind in 0usize..4,
    ) {
        let key = COLUMNS[column];
        let mishap = match kind {
            0 => Mishap::Rotated(by),
            1 => Mishap::Sorted,
            2 => Mishap::Reversed,
            _ => Mishap::Permuted((0..rows).map(|at| (at * 5 + by) % rows).collect()),
        };
        prop_assume!(kind != 3 || rows % 5 != 0);
        let sheet = Spreadsheet { rows, mishaps: vec![(key, mishap)], says_same: BTreeSet::new(), names_others: BTreeSet::new() };
        let declared = sheet.mishaps[0].1.column(key, rows);
        let moved: Vec<usize> = (0..rows).filter(|at| declared[*at] != own(key, *at)).collect();
        let (_, planned) = sheet.planned();
        prop_assert_eq!(planned.counts().updates, if moved.len() < 5 { planned.counts().updates } else { 0 });
        for at in moved.iter().filter(|_| moved.len() >= 5) {
            prop_assert!(is_column_moved(&planned, key, &format!("L-{at}")), "row {at}");
        }
    }
}

/// The plan for learners whose values in one column change from the first to the second of each pair.
fn plan_of_changes(key: Key, changes: &[(String, String)]) -> Plan {
    let mut accounts = vec![account(1, Role::Assessor, &[text(Key::MisId, "A-000")])];
    let mut users = String::new();
    for (at, (was, is)) in changes.iter().enumerate() {
        let mut shown = vec![text(Key::MisId, &format!("L-{at}"))];
        users += &format!(
            "  - role: learner\n    misId: L-{at}\n    classroom: Business\n    placement: BT01\n    defaultAssessor: A-000\n"
        );
        for column in COLUMNS {
            let (was, is) = if column == key {
                (was.clone(), is.clone())
            } else {
                (own(column, at), own(column, at))
            };
            let quote = if column == Key::Dob { "" } else { "\"" };
            users += &format!("    {}: {quote}{is}{quote}\n", column.name());
            shown.push(text(column, &was));
        }
        accounts.push(account(id(at), Role::Learner, &shown));
    }
    let seen = snapshot(accounts);
    plan(&roster(&users), &seen, &Policy::default(), &Scope::whole())
}

#[test]
fn a_change_of_many_that_is_meant_is_not_held() {
    let names = ["Amina", "Bea", "Carys", "Dana", "Ewan", "Farah"];
    let pick = |at: usize| names[at % names.len()].to_owned();
    let day = |at: usize, exchanged: bool| {
        let (one, other) = (at % 12 + 1, at / 12 % 12 + 1);
        let (month, day) = if exchanged {
            (other, one)
        } else {
            (one, other)
        };
        format!("{}-{month:02}-{day:02}", 2004 + at / 144)
    };
    let changes =
        |change: &dyn Fn(usize) -> (String, String)| -> Vec<_> { (0..60).map(change).collect() };
    for (what, key, changes) in [
        (
            "another domain",
            Key::Email,
            changes(&|at| (own(Key::Email, at), format!("l{at}@new.example.ac.uk"))),
        ),
        (
            "capitals",
            Key::FirstName,
            changes(&|at| (pick(at).to_uppercase(), pick(at))),
        ),
        (
            "short names",
            Key::FirstName,
            changes(&|at| (format!("{}bel", pick(at)), pick(at))),
        ),
        (
            "day and month",
            Key::Dob,
            changes(&|at| (day(at, false), day(at, true))),
        ),
        (
            "a day too early",
            Key::Dob,
            changes(&|at| {
                (
                    format!("2006-03-{:02}", at % 28 + 1),
                    format!("2006-03-{:02}", at % 28 + 2),
                )
            }),
        ),
        (
            "one family name",
            Key::LastName,
            changes(&|at| (own(Key::LastName, at), "Thistledown".to_owned())),
        ),
    ] {
        let planned = plan_of_changes(key, &changes);
        assert_eq!(planned.held, [], "{what}");
    }
}

#[test]
fn four_who_exchange_their_names_are_no_column_and_five_are() {
    let rotated = |number: usize| -> Vec<(String, String)> {
        let name = |at: usize| own(Key::LastName, at % number);
        (0..number).map(|at| (name(at), name(at + 1))).collect()
    };
    assert_eq!(plan_of_changes(Key::LastName, &rotated(4)).held, []);
    assert_eq!(plan_of_changes(Key::LastName, &rotated(5)).held.len(), 5);
}

#[test]
fn first_names_that_many_share_are_known_to_have_moved() {
    let names = ["Amina", "Bea", "Carys", "Dana", "Ewan"];
    for by in 1..4 {
        let name = |at: usize| names[at * at % 23 % names.len()].to_owned();
        let changes: Vec<_> = (0..80).map(|at| (name(at), name((at + by) % 80))).collect();
        let planned = plan_of_changes(Key::FirstName, &changes);
        assert_eq!(planned.counts().updates, 0, "moved by {by}");
    }
}
