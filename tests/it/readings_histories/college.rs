//! The accounts and users of random histories, and how others write into them.

use std::collections::BTreeMap;

use rosterctl::domain::field::{Class, FIELDS, Key};
use rosterctl::domain::{FieldPolicy, FieldRule, FieldTreatment, ObservedValue};
use serde_json::{Map, Value, json};

use crate::planner::uln;
use crate::readings_histories::aims::Holdings;
use crate::readings_histories::forms::{accent, retyped};

/// An account as the sandbox keeps it.
pub type Row = Map<String, Value>;
/// A user as a manifest has it: the text of each value by its key.
pub type Declared = BTreeMap<&'static str, String>;

const LEARNERS: i64 = 52;
/// The first number of a learner's account.
const FIRST: i64 = 101;
const ASSESSORS: [i64; 4] = [11, 12, 13, 14];
const EMPLOYERS: [i64; 2] = [21, 22];

/// Fields that learners may declare, and how a manifest writes what an account has.
const OPTIONAL: [(&str, &str); 11] = [
    ("mobileNumber", "MobileNumber"),
    ("telephone", "Telephone"),
    ("homeAddress", "HomeAddress"),
    ("dob", "DOB"),
    ("uln", "ULN"),
    ("episodeName", "EpisodeName"),
    ("startOn", "StartOn"),
    ("companyName", "CompanyName"),
    ("nino", "NINO"),
    ("website", "Website"),
    ("defaultEmployer", "DefaultEmployerID"),
];

/// The columns that somebody may write into.
const WRITABLE: [&str; 15] = [
    "FirstName",
    "LastName",
    "MISID",
    "Email",
    "MobileNumber",
    "Telephone",
    "HomeAddress",
    "DOB",
    "ULN",
    "NINO",
    "EpisodeName",
    "ClassroomID",
    "PlacementID",
    "DefaultAssessorID",
    "DefaultEmployerID",
];

pub fn pick<T: Copy>(random: &mut fastrand::Rng, from: &[T]) -> T {
    from[random.usize(..from.len())]
}

/// True so many times in a hundred.
pub fn chance(random: &mut fastrand::Rng, percent: u32) -> bool {
    random.u32(..100) < percent
}

/// The columns that an account shows and that somebody can change.
pub fn columns() -> Vec<&'static str> {
    let columns = FIELDS.iter().filter_map(|field| field.api);
    let columns = columns.filter(|name| !["ID", "Role", "CreatedOn"].contains(name));
    columns.chain(["Archived"]).collect()
}

/// Whether readings never remember the column.
pub fn is_special(column: &str) -> bool {
    let field = FIELDS.iter().find(|field| field.api == Some(column));
    field.is_some_and(|field| field.class == Class::Special)
}

/// Whether two cells have one value, as it is compared.
pub fn is_same(column: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
    let field = FIELDS.iter().find(|field| field.api == Some(column));
    let compared = |value: Option<&Value>| match (field, value) {
        (Some(field), Some(Value::String(text))) => {
            let value = ObservedValue::of_text(field.kind, text);
            value.canonical().map(|text| json!(text))
        }
        (_, value) => value.filter(|value| !value.is_null()).cloned(),
    };
    compared(one) == compared(other)
}

pub fn seed(rows: &[Row], holdings: &Holdings) -> String {
    let state: Map<String, Value> = serde_json::from_str(&state(rows, holdings)).unwrap();
    let tables = state.iter().map(|(name, rows)| format!("{name}: {rows}\n"));
    tables.collect()
}

/// All rows of all tables, as the sandbox takes them.
pub fn state(rows: &[Row], holdings: &Holdings) -> String {
    let mut state = json!({
        "organisations": [
            { "ID": 5740, "Name": "Example College", "KeychainCreationForNewUserActive": true, "KeychainEmailSuppression": false },
            { "ID": 5741, "Name": "Example Academy" },
        ],
        "classrooms": [{ "ID": 1, "OrganisationID": 5740, "Name": "Bakery" }, { "ID": 2, "OrganisationID": 5740, "Name": "Garage" }],
        // One has the MIS value that is another one's name.
        "placements": [
            { "ID": 1, "OrganisationID": 5740, "Name": "Mill", "MISID": "P-1" },
            { "ID": 2, "OrganisationID": 5740, "Name": "Dairy", "MISID": "P-2" },
            { "ID": 3, "OrganisationID": 5740, "Name": "P-2", "MISID": "P-3" },
        ],
        "users": rows,
    });
    let Value::Object(tables) = holdings.tables() else {
        unreachable!("it is an object");
    };
    state.as_object_mut().unwrap().extend(tables);
    state.to_string()
}

pub fn first_rows(random: &mut fastrand::Rng) -> Vec<Row> {
    let mut rows = Vec::new();
    for id in ASSESSORS {
        rows.push(row(id, 5, &format!("A-{id}")));
    }
    for id in EMPLOYERS {
        rows.push(row(id, 40, &format!("E-{id}")));
    }
    for id in FIRST..FIRST + LEARNERS {
        let mut learner = row(id, 1, &format!("L-{id}"));
        for (column, value) in [
            ("ClassroomID", json!(random.i64(1..3))),
            ("PlacementID", json!(random.i64(1..4))),
            ("DefaultAssessorID", json!(pick(random, &ASSESSORS))),
            ("DefaultEmployerID", json!(pick(random, &EMPLOYERS))),
            ("ULN", json!(uln_of(id))),
            ("NINO", json!(format!("QQ123{id}A"))),
            ("EpisodeName", json!("Baking")),
            ("StartOn", json!("2026-09-01")),
            ("CompanyName", json!("Mill")),
        ] {
            if column != "NINO" || chance(random, 60) {
                learner.insert(column.to_owned(), value);
            }
        }
        rows.push(learner);
    }
    accent(&mut rows);
    rows
}

fn uln_of(number: i64) -> String {
    uln(usize::try_from(number).unwrap())
}

fn row(id: i64, role: i64, mis_id: &str) -> Row {
    let person = json!({
        "ID": id, "OrganisationID": 5740, "Role": role, "MISID": mis_id,
        "FirstName": format!("Lee{}", id % 7), "LastName": format!("Lowick{id}"),
        "Email": format!("lee.{id}@example.ac.uk"), "DOB": format!("2007-03-{:02}", id % 7 + 1),
        "MobileNumber": format!("07700 900{id:03}"), "Telephone": format!("01632 960{id:03}"),
        "HomeAddress": format!("{id} Example Road"), "Website": "https://example.ac.uk",
        "LastModified": "2026-01-01T00:00:00Z",
    });
    let Value::Object(person) = person else {
        unreachable!("it is an object");
    };
    person
}

pub fn first_users(random: &mut fastrand::Rng, rows: &[Row]) -> Vec<Declared> {
    rows.iter().map(|row| declared(random, row)).collect()
}

/// A user who is declared as the account is.
fn declared(random: &mut fastrand::Rng, row: &Row) -> Declared {
    let mut user = Declared::new();
    let role = match row["Role"].as_i64() {
        Some(1) => "learner",
        Some(5) => "assessor",
        _ => "employer",
    };
    user.insert("role", role.to_owned());
    let is_pinned = chance(random, 30);
    if is_pinned {
        user.insert("id", row["ID"].to_string());
    }
    if !is_pinned || chance(random, 50) {
        user.insert("misId", row["MISID"].to_string());
    }
    let mut add = |key: &'static str, column: &str, percent: u32| {
        let value = row.get(column).filter(|value| !value.is_null());
        if let Some(value) = value.filter(|_| chance(random, percent)) {
            user.insert(key, written(key, value));
        }
    };
    let usual = if is_pinned { 60 } else { 100 };
    for (key, column) in [
        ("firstName", "FirstName"),
        ("lastName", "LastName"),
        ("email", "Email"),
    ] {
        add(key, column, usual);
    }
    if role != "assessor" {
        add("placement", "PlacementID", usual);
    }
    if role == "employer" && !is_pinned {
        user.insert("placement", "P-1".to_owned());
        return user;
    }
    if role == "learner" {
        let mut add = |key: &'static str, column: &str, percent: u32| {
            let value = row.get(column).filter(|value| !value.is_null());
            if let Some(value) = value.filter(|_| chance(random, percent)) {
                user.insert(key, written(key, value));
            }
        };
        add("classroom", "ClassroomID", usual);
        add("defaultAssessor", "DefaultAssessorID", usual);
        for (key, column) in OPTIONAL {
            add(key, column, if key == "nino" { 4 } else { 40 });
        }
    }
    user
}

/// A value of an account as a manifest may say it: references by one of their names.
fn written(key: &str, value: &Value) -> String {
    let id = value.as_i64().unwrap_or_default();
    match (key, id) {
        ("classroom", 1) => "Bakery".to_owned(),
        ("classroom", 2) => "Garage".to_owned(),
        ("placement", 1) => "Mill".to_owned(),
        ("placement", 2) => "{ misId: P-2 }".to_owned(),
        ("placement", 3) => "{ name: P-2 }".to_owned(),
        ("classroom" | "placement", _) => format!("{{ id: {id} }}"),
        ("defaultAssessor", 11) => "{ email: lee.11@example.ac.uk }".to_owned(),
        ("defaultAssessor", 12) => "{ id: 12 }".to_owned(),
        ("defaultAssessor", _) => format!("A-{id}"),
        ("defaultEmployer", _) => format!("E-{id}"),
        _ => value.to_string(),
    }
}

pub fn manifest(users: &[Declared]) -> String {
    let mut text = "users:\n".to_owned();
    for user in users {
        let values = user.iter().map(|(key, value)| format!("{key}: {value}"));
        text += &format!("  - {{ {} }}\n", values.collect::<Vec<_>>().join(", "));
    }
    text
}

/// Somebody writes into an account; what is written may be another one's.
pub fn write(random: &mut fastrand::Rng, rows: &mut [Row], at: usize) -> String {
    let id = rows[at]["ID"].to_string();
    if chance(random, 5) {
        let is_archived = rows[at].get("Archived") == Some(&json!(true));
        let flag = (!is_archived).then_some(true);
        rows[at].insert("Archived".to_owned(), json!(flag));
        return format!("account {id}: Archived {flag:?}");
    }
    let column = pick(random, &WRITABLE);
    let of_learners = ["ULN", "NINO", "EpisodeName", "ClassroomID"];
    let is_of_learners = of_learners.contains(&column) || column.starts_with("Default");
    if is_of_learners && rows[at]["Role"] != 1 {
        return format!("account {id}: nothing");
    }
    let value = match random.u8(0..10) {
        0 => Value::Null,
        4 if column != "DOB" => retyped(random, &rows[at].get(column).cloned().unwrap_or_default()),
        1..=3 => {
            let other = random.usize(..rows.len());
            rows[other].get(column).cloned().unwrap_or_default()
        }
        _ => new_value(random, column),
    };
    let said = format!("account {id}: {column} {value}");
    rows[at].insert(column.to_owned(), value);
    said
}

fn new_value(random: &mut fastrand::Rng, column: &str) -> Value {
    let number = random.i64(200..260);
    match column {
        "FirstName" => json!(format!("Lee{}", number % 7)),
        "LastName" => json!(format!("Lowick{number}")),
        "MISID" => json!(format!("L-{number}")),
        "Email" => json!(format!("lee.{number}@example.ac.uk")),
        "DOB" => json!(format!("2007-03-{:02}", number % 7 + 1)),
        "ULN" => json!(uln_of(number)),
        "NINO" => json!(format!("QQ123{number}A")),
        "ClassroomID" => json!(number % 2 + 1),
        "PlacementID" => json!(number % 3 + 1),
        "DefaultAssessorID" => json!(pick(random, &ASSESSORS)),
        "DefaultEmployerID" => json!(pick(random, &EMPLOYERS)),
        "EpisodeName" => json!("Repairing"),
        _ => json!(format!("07700 900{number}")),
    }
}

/// Somebody edits the files.
pub fn edit(random: &mut fastrand::Rng, users: &mut Vec<Declared>, rows: &[Row]) -> String {
    let at = random.usize(..users.len());
    let other = &rows[random.usize(..rows.len())];
    match random.u8(0..12) {
        0 => return format!("no longer declared: {:?}", users.remove(at)),
        1 | 2 => {
            let user = newcomer(random, other);
            let said = format!("declared: {user:?}");
            users.push(user);
            return said;
        }
        3 => drop(users[at].insert("distinctFrom", format!("[{}]", other["ID"]))),
        4 => drop(users[at].insert("alsoHas", format!("[{}]", other["ID"]))),
        5 if chance(random, 30) => leave(&mut users[at]),
        5 => {
            let mut staff = users.iter_mut().filter(|user| user["role"] != "learner");
            if let Some(user) = staff.nth(random.usize(..8)) {
                leave(user);
            }
        }
        6 => {
            let former = users[at].insert("misId", format!("L-{}", random.i64(300..330)));
            if chance(random, 50) {
                users[at].extend(former.map(|former| ("formerMisId", former)));
            }
        }
        7 => {
            let (key, _) = pick(random, &OPTIONAL);
            users[at].remove(key);
        }
        8 => drop(users[at].insert("samePerson", "true".to_owned())),
        // What the files lack is taken from the account.
        9 => {
            let id = users[at].get("id").cloned();
            let mis_id = users[at].get("misId").cloned();
            let mut rows = rows.iter();
            let own = rows.find(|row| {
                id.as_ref() == Some(&row["ID"].to_string())
                    || mis_id.as_ref() == Some(&row["MISID"].to_string())
            });
            if let Some(own) = own {
                users[at] = declared(random, own);
            }
        }
        _ => edit_value(random, &mut users[at], other),
    }
    format!("edited: {:?}", users[at])
}

fn edit_value(random: &mut fastrand::Rng, user: &mut Declared, other: &Row) {
    let usual = [
        ("firstName", "FirstName"),
        ("lastName", "LastName"),
        ("email", "Email"),
        ("classroom", "ClassroomID"),
        ("placement", "PlacementID"),
        ("defaultAssessor", "DefaultAssessorID"),
    ];
    let of_all: Vec<_> = usual.into_iter().chain(OPTIONAL).collect();
    let (key, column) = pick(random, &of_all);
    let new = new_value(random, column);
    let theirs = other.get(column).filter(|value| !value.is_null());
    let value = theirs.filter(|_| chance(random, 40)).unwrap_or(&new);
    user.insert(key, written(key, value));
}

/// A new learner, who may share something with an account.
fn newcomer(random: &mut fastrand::Rng, other: &Row) -> Declared {
    let number = random.i64(400..999);
    let mut user = Declared::from([
        ("misId", format!("L-{number}")),
        ("role", "learner".to_owned()),
        ("firstName", format!("Lee{}", number % 7)),
        ("lastName", format!("Lowick{number}")),
        ("email", format!("lee.{number}@example.ac.uk")),
        ("classroom", "Bakery".to_owned()),
        ("placement", "P-1".to_owned()),
        ("defaultAssessor", format!("A-{}", pick(random, &ASSESSORS))),
    ]);
    for (key, column) in [
        ("firstName", "FirstName"),
        ("lastName", "LastName"),
        ("email", "Email"),
        ("dob", "DOB"),
        ("uln", "ULN"),
        ("nino", "NINO"),
        ("mobileNumber", "MobileNumber"),
        ("homeAddress", "HomeAddress"),
    ] {
        let theirs = other.get(column).filter(|value| !value.is_null());
        if let Some(theirs) = theirs.filter(|_| chance(random, 35)) {
            user.insert(key, written(key, theirs));
        }
    }
    user
}

fn leave(user: &mut Declared) {
    user.retain(|key, _| ["misId", "id", "role"].contains(key));
    user.insert("archived", "true".to_owned());
}

/// What a project may say about its fields.
pub fn invent_policy(random: &mut fastrand::Rng) -> FieldPolicy {
    let mut policy = FieldPolicy::default();
    let rules = [
        (Key::Email, "onCreate"),
        (Key::MobileNumber, "onCreate"),
        (Key::LastName, "ignoreCase"),
        (Key::HomeAddress, "ignoreCase"),
        (Key::EpisodeName, "never"),
    ];
    for (key, word) in rules {
        if chance(random, 25) {
            let treatment = FieldTreatment::named(word).unwrap();
            policy.set(
                key,
                FieldRule {
                    treatment,
                    role: None,
                },
            );
        }
    }
    policy
}
