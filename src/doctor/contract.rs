//! What is known of the API, tried by reading alone, fact by fact. What it finds holds names of fields and headers, numbers and
//! forms, and nothing of a person: it can be sent to anybody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use crate::client::{Answer, Asked, Body, Client, ClientError, With};
use crate::field::{FIELDS, Kind, Role, Settable};
use crate::model::Id;

/// A fact, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What machines call it.
    pub name: &'static str,
    /// What is taken to be so.
    pub claim: &'static str,
    pub found: Found,
    pub rests: Rests,
    /// What was seen, or why it wasn't tried.
    pub says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Holds,
    Differs,
    NotTried,
}

/// Whether the program rests on a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rests {
    On,
    Not,
}

/// What is tried, in the order in which it is said, and whether rosterctl rests on it: where it doesn't, it works either way.
const FACTS: &[(&str, &str, Rests)] = &[
    ("session", "POST /Authentication answers 200 with the session key as its body", Rests::On),
    ("noKey", "a call without a session key is refused with 401", Rests::Not),
    ("customer", "GET /Customer shows ID and Name", Rests::Not),
    ("organisations", "POST /Organisation/Search lists ID, Name and the two keychain settings", Rests::Not),
    ("organisation", "GET /Organisation/{id} shows the same", Rests::On),
    ("learnerStatuses", "GET /Organisation/{id}/LearnerStatuses lists ID and Name", Rests::Not),
    ("classrooms", "POST /Classroom/Search lists ID, Name and MISID", Rests::On),
    ("placements", "POST /Placement/Search lists ID, Name and MISID", Rests::On),
    ("providers", "POST /Provider/Search lists ID and Name", Rests::Not),
    ("pagedDirectory", "these searches exist paged, too", Rests::On),
    ("briefRows", "rows of POST /User/Search hold ID, FirstName, LastName and MISID", Rests::Not),
    ("pagedRows", "rows of POST /User/Search/{page}/{size} hold these at least", Rests::On),
    ("pageSize", "a page holds as many rows as it was asked for, up to 500", Rests::Not),
    ("pastTheEnd", "a page past the last one holds nothing", Rests::On),
    ("nothingFound", "a search that finds nothing answers 204 without a body", Rests::Not),
    ("filterRole", "searches go by Role", Rests::On),
    ("filterMisId", "searches go by MISID", Rests::On),
    ("filterName", "searches go by FirstName and LastName", Rests::Not),
    ("filterLastModified", "searches go by LastModified", Rests::Not),
    ("keyCase", "paths and keys are matched whatever their case", Rests::Not),
    ("forms", "bodies may be forms", Rests::Not),
    ("wholeUser", "GET /User/{id} shows the fields that clients rely on", Rests::On),
    ("writableFields", "every field that can be written is shown by some account", Rests::Not),
    ("days", "days are the instants of London midnights, in UTC", Rests::On),
    ("unknownId", "an unknown id answers 404", Rests::On),
    ("assigned", "LearningAim/Search and UnitSummary/Search go by UserID", Rests::Not),
    ("archived", "searches show archived accounts, or don't", Rests::Not),
    ("limitHeaders", "no header tells the limit of calls", Rests::Not),
];

/// The fields of a whole user that public clients rely on (`onefile-api.md`, Finding things), besides those of learners.
const RELIED_ON: &[&str] = &[
    "ID",
    "OrganisationID",
    "Role",
    "Username",
    "FirstName",
    "LastName",
    "Email",
    "MISID",
    "Progress",
    "LastModified",
];
const OF_LEARNERS: &[&str] = &[
    "ClassroomID",
    "PlacementID",
    "DefaultAssessorID",
    "EpisodeName",
    "StartOn",
    "PlannedEndDate",
    "DOB",
    "ULN",
    "NINO",
    "HomeAddress",
    "Telephone",
    "MobileNumber",
    "L12",
    "L13",
    "L14",
    "L15",
    "L16",
];
const BRIEF: &[&str] = &["ID", "FirstName", "LastName", "MISID"];
const KEYCHAIN: &[&str] = &["ID", "Name", "KeychainCreationForNewUserActive", "KeychainEmailSuppression"];
const NAMED: &[&str] = &["ID", "Name"];
const NAMED_WITH_MIS: &[&str] = &["ID", "Name", "MISID"];
const LARGEST_PAGE: usize = 500;
/// How many accounts of each role are looked at.
const LOOKS: usize = 3;

/// Tries every fact that can be tried by reading. `archived` is an account that is known to be archived.
pub async fn contract(
    client: &Client,
    organisation: Id,
    archived: Option<Id>,
    now: Timestamp,
) -> Result<Vec<Fact>, ClientError> {
    let mut trial = Trial { client, organisation, now, found: BTreeMap::new(), headers: BTreeSet::new() };
    trial.organisation().await?;
    trial.directory().await?;
    let rows = trial.searches().await?;
    trial.filters(&rows).await?;
    trial.accounts(&rows).await?;
    trial.errors().await?;
    trial.archived(archived, &rows).await?;
    // Last, should another session end this one.
    trial.session().await?;
    Ok(trial.facts())
}

type Row = Map<String, Value>;
/// The first page of each role.
type Rows = BTreeMap<Role, Vec<Row>>;

struct Trial<'c> {
    client: &'c Client,
    organisation: Id,
    now: Timestamp,
    found: BTreeMap<&'static str, (Found, String)>,
    headers: BTreeSet<String>,
}

impl Trial<'_> {
    fn note(&mut self, name: &'static str, holds: bool, says: impl Into<String>) {
        self.found.insert(name, (if holds { Found::Holds } else { Found::Differs }, says.into()));
    }

    fn not_tried(&mut self, name: &'static str, why: &str) {
        self.found.insert(name, (Found::NotTried, why.to_owned()));
    }

    fn facts(mut self) -> Vec<Fact> {
        let telling = |name: &&String| ["limit", "retry", "quota", "throttl"].iter().any(|part| name.contains(part));
        let limits: Vec<String> = self.headers.iter().filter(telling).map(|name| open(name)).collect();
        let says = if limits.is_empty() { "none".to_owned() } else { limits.join(", ") };
        self.note("limitHeaders", limits.is_empty(), says);
        let fact = |(name, claim, rests): &(&'static str, &'static str, Rests)| {
            let (found, says) = self.found.remove(name).unwrap_or((Found::NotTried, String::new()));
            Fact { name, claim, found, rests: *rests, says }
        };
        FACTS.iter().map(fact).collect()
    }

    async fn ask(&mut self, path: impl Into<String>, body: Body, key: With) -> Result<Answer, ClientError> {
        let answer = self.client.probe(&Asked { path: path.into(), body, key }).await?;
        self.headers.extend(answer.headers.iter().cloned());
        Ok(answer)
    }

    async fn get(&mut self, path: impl Into<String>) -> Result<Answer, ClientError> {
        self.ask(path, Body::None, With::Session).await
    }

    async fn post(&mut self, path: impl Into<String>, body: Value) -> Result<Answer, ClientError> {
        self.ask(path, Body::Json(body), With::Session).await
    }

    async fn session(&mut self) -> Result<(), ClientError> {
        let answer = self.ask("Authentication", Body::Empty, With::CustomerToken).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let form = if text.trim().starts_with('"') { "in quotes" } else { "bare" };
        self.note("session", answer.status == 200, format!("{}, the key {form}", answer.status));
        let answer = self.ask(format!("Organisation/{}", self.organisation), Body::None, With::Nothing).await?;
        self.note("noKey", answer.status == 401, answer.status.to_string());
        Ok(())
    }

    async fn organisation(&mut self) -> Result<(), ClientError> {
        let answer = self.get("Customer").await?;
        let customer = object(&answer);
        let id = customer.as_ref().and_then(|row| get(row, "ID")).cloned();
        self.keys("customer", &answer, customer.map(|row| vec![row]), NAMED);
        match id {
            Some(id) => {
                let answer = self.post("Organisation/Search", json!({ "CustomerID": id })).await?;
                self.keys("organisations", &answer, rows(&answer), KEYCHAIN);
            }
            None => self.not_tried("organisations", "no customer is shown"),
        }
        let answer = self.get(format!("Organisation/{}", self.organisation)).await?;
        self.keys("organisation", &answer, object(&answer).map(|row| vec![row]), KEYCHAIN);
        Ok(())
    }

    async fn directory(&mut self) -> Result<(), ClientError> {
        let answer = self.get(format!("Organisation/{}/LearnerStatuses", self.organisation)).await?;
        self.keys("learnerStatuses", &answer, rows(&answer), NAMED);
        let mut paged = Vec::new();
        for (name, what, keys) in [
            ("classrooms", "Classroom", NAMED_WITH_MIS),
            ("placements", "Placement", NAMED_WITH_MIS),
            ("providers", "Provider", NAMED),
        ] {
            let filter = json!({ "OrganisationID": self.organisation });
            let answer = self.post(format!("{what}/Search"), filter.clone()).await?;
            self.keys(name, &answer, rows(&answer), keys);
            let answer = self.post(format!("{what}/Search/1/{LARGEST_PAGE}"), filter).await?;
            paged.push((what, answer.status, rows(&answer).is_some()));
        }
        let said: Vec<String> = paged.iter().map(|(what, status, _)| format!("{what} {status}")).collect();
        self.note("pagedDirectory", paged.iter().all(|(.., are_rows)| *are_rows), said.join(", "));
        Ok(())
    }

    /// Which keys these rows show, and whether those that are relied on are among them.
    fn keys(&mut self, name: &'static str, answer: &Answer, rows: Option<Vec<Row>>, expected: &[&str]) {
        match rows {
            None => self.note(name, false, format!("answered {}", form(answer))),
            Some(rows) if rows.is_empty() => self.not_tried(name, &format!("there is none: answered {}", form(answer))),
            Some(rows) => self.note(name, missing(&rows, expected).is_empty(), keys_of(&rows)),
        }
    }

    /// The first page of each role, and what its rows and pages are like.
    async fn searches(&mut self) -> Result<Rows, ClientError> {
        let mut first: Rows = BTreeMap::new();
        for role in Role::all() {
            let answer = self.post(format!("User/Search/1/{LARGEST_PAGE}"), self.filter(role, &[])).await?;
            first.insert(role, rows(&answer).unwrap_or_default());
        }
        let (role, rows_of_most) = first
            .iter()
            .max_by_key(|(_, rows)| rows.len())
            .map_or((Role::Learner, 0), |(role, rows)| (*role, rows.len()));
        if rows_of_most == 0 {
            for name in ["briefRows", "pagedRows", "pageSize", "pastTheEnd"] {
                self.not_tried(name, "no account is shown");
            }
            return Ok(first);
        }
        let answer = self.post("User/Search", self.filter(role, &[])).await?;
        self.keys("briefRows", &answer, rows(&answer), BRIEF);
        let all: Vec<Row> = first.values().flatten().cloned().collect();
        self.note("pagedRows", missing(&all, BRIEF).is_empty(), keys_of(&all));
        let second = self.post(format!("User/Search/2/{LARGEST_PAGE}"), self.filter(role, &[])).await?;
        let second_rows = rows(&second).unwrap_or_default().len();
        let is_cut = second_rows > 0 && rows_of_most < LARGEST_PAGE;
        let says = if second_rows == 0 {
            format!("{rows_of_most} rows were all there are")
        } else {
            format!("asked for {LARGEST_PAGE}, got {rows_of_most}")
        };
        self.note("pageSize", !is_cut, says);
        let past = self.post(format!("User/Search/100000/{LARGEST_PAGE}"), self.filter(role, &[])).await?;
        let is_empty = rows(&past).is_some_and(|rows| rows.is_empty());
        self.note("pastTheEnd", is_empty, format!("answered {}", form(&past)));
        Ok(first)
    }

    fn filter(&self, role: Role, more: &[(&str, Value)]) -> Value {
        let mut filter = json!({ "OrganisationID": self.organisation, "Role": role.row().api });
        for (name, value) in more {
            filter[*name] = value.clone();
        }
        filter
    }

    async fn filters(&mut self, rows_by_role: &Rows) -> Result<(), ClientError> {
        let nobody = self
            .post("User/Search", self.filter(Role::Learner, &[("MISID", json!("rosterctl-doctor-nobody"))]))
            .await?;
        self.note(
            "nothingFound",
            nobody.status == 204 && nobody.body.is_empty(),
            format!("answered {}", form(&nobody)),
        );
        self.filter_role(rows_by_role);
        let with = |names: &[&str]| {
            let has = |row: &&Row| names.iter().all(|name| text(row, name).is_some());
            rows_by_role.iter().find_map(|(role, rows)| Some((*role, rows.iter().find(has)?.clone())))
        };
        for (name, keys) in [("filterMisId", &["MISID"][..]), ("filterName", &["FirstName", "LastName"][..])] {
            let Some((role, row)) = with(keys) else {
                self.not_tried(name, "no account shows what it would go by");
                continue;
            };
            let wanted: Vec<(&str, Value)> =
                keys.iter().map(|key| (*key, get(&row, key).cloned().unwrap_or_default())).collect();
            let answer = self.post("User/Search", self.filter(role, &wanted)).await?;
            let found = rows(&answer).unwrap_or_default();
            let fits = |row: &&Row| {
                wanted.iter().all(|(key, value)| {
                    text(row, key).map(str::to_lowercase) == value.as_str().map(|text| text.trim().to_lowercase())
                })
            };
            let fitting = found.iter().filter(fits).count();
            let says = format!("{fitting} of {} rows fit", found.len());
            self.note(name, fitting > 0 && fitting == found.len(), says);
        }
        self.filter_last_modified(rows_by_role).await?;
        self.other_forms(rows_by_role).await
    }

    /// The lists of two roles have nobody in common if the role counts.
    fn filter_role(&mut self, rows_by_role: &Rows) {
        let ids: Vec<BTreeSet<Id>> = rows_by_role
            .values()
            .map(|rows| rows.iter().filter_map(id).collect())
            .filter(|ids: &BTreeSet<Id>| !ids.is_empty())
            .collect();
        match ids.as_slice() {
            [] | [_] => self.not_tried("filterRole", "fewer than two roles have accounts"),
            [first, rest @ ..] => {
                let shared = rest.iter().map(|ids| ids.intersection(first).count()).sum::<usize>();
                self.note("filterRole", shared == 0, format!("{shared} accounts in the lists of two roles"));
            }
        }
    }

    async fn filter_last_modified(&mut self, rows_by_role: &Rows) -> Result<(), ClientError> {
        let Some(role) = fullest(rows_by_role) else {
            self.not_tried("filterLastModified", "no account is shown");
            return Ok(());
        };
        let tomorrow = self.now.checked_add(24.hours()).unwrap_or(self.now).to_string();
        let answer = self.post("User/Search", self.filter(role, &[("LastModified", json!(tomorrow))])).await?;
        let found = rows(&answer).unwrap_or_default().len();
        self.note(
            "filterLastModified",
            found == 0 && answer.status < 300,
            format!("{found} rows modified after tomorrow, answered {}", form(&answer)),
        );
        Ok(())
    }

    async fn other_forms(&mut self, rows_by_role: &Rows) -> Result<(), ClientError> {
        let Some(role) = fullest(rows_by_role) else {
            self.not_tried("keyCase", "no account is shown");
            self.not_tried("forms", "no account is shown");
            return Ok(());
        };
        let usual = rows(&self.post("User/Search", self.filter(role, &[])).await?).unwrap_or_default().len();
        let lower = json!({ "organisationID": self.organisation, "role": role.row().api });
        let (organisation, number) = (self.organisation.to_string(), role.row().api.to_string());
        let form = vec![("OrganisationID", organisation), ("Role", number)];
        for (name, path, body) in
            [("keyCase", "user/search", Body::Json(lower)), ("forms", "User/Search", Body::Form(form))]
        {
            let answer = self.ask(path, body, With::Session).await?;
            let found = rows(&answer).unwrap_or_default().len();
            self.note(name, found == usual, format!("{found} rows, {usual} in the usual way"));
        }
        Ok(())
    }

    /// What whole accounts show.
    async fn accounts(&mut self, rows_by_role: &Rows) -> Result<(), ClientError> {
        let (mut seen, mut lacking, mut learner) = (BTreeMap::new(), Vec::new(), None);
        for (role, rows) in rows_by_role {
            let mut whole = Vec::new();
            for id in rows.iter().filter_map(id).take(LOOKS) {
                whole.extend(object(&self.get(format!("User/{id}")).await?));
                learner = learner.or(Some(id).filter(|_| *role == Role::Learner));
            }
            let expected: Vec<&str> =
                RELIED_ON.iter().chain(OF_LEARNERS.iter().filter(|_| *role == Role::Learner)).copied().collect();
            let missing = if whole.is_empty() { Vec::new() } else { missing(&whole, &expected) };
            lacking.extend(missing.into_iter().map(|key| format!("{} lacks {key}", role.name())));
            seen.insert(*role, whole);
        }
        let all: Vec<Row> = seen.values().flatten().cloned().collect();
        if all.is_empty() {
            for name in ["wholeUser", "writableFields", "days", "assigned"] {
                self.not_tried(name, "no account is shown");
            }
            return Ok(());
        }
        let mut by_keys: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (role, rows) in seen.iter().filter(|(_, rows)| !rows.is_empty()) {
            by_keys.entry(keys_of(rows)).or_default().push(role.name());
        }
        let by_role = by_keys.into_iter().map(|(keys, roles)| format!("{} show {keys}", roles.join(", ")));
        let says = lacking.iter().cloned().chain(by_role).collect::<Vec<_>>().join("; ");
        self.note("wholeUser", lacking.is_empty(), says);
        let writable = FIELDS.iter().filter(|field| field.settable == Settable::Always).filter_map(|field| field.api);
        let hidden: Vec<&str> = writable.filter(|api| !all.iter().any(|row| get(row, api).is_some())).collect();
        self.note(
            "writableFields",
            hidden.is_empty(),
            if hidden.is_empty() { "all".to_owned() } else { format!("never: {}", hidden.join(", ")) },
        );
        self.days(&all);
        let Some(learner) = learner else {
            self.not_tried("assigned", "no learner is shown");
            return Ok(());
        };
        self.assigned(learner).await
    }

    fn days(&mut self, rows: &[Row]) {
        let days = FIELDS.iter().filter(|field| field.kind == Kind::Day).filter_map(|field| field.api);
        let forms: BTreeSet<&str> =
            days.flat_map(|api| rows.iter().filter_map(move |row| text(row, api))).map(form_of_day).collect();
        if forms.is_empty() {
            return self.not_tried("days", "no account that was looked at has one");
        }
        let holds = forms.iter().all(|form| *form == MIDNIGHT);
        self.note("days", holds, forms.into_iter().collect::<Vec<_>>().join("; "));
    }

    async fn assigned(&mut self, learner: Id) -> Result<(), ClientError> {
        let mut said = Vec::new();
        for what in ["LearningAim", "UnitSummary"] {
            let answer = self.post(format!("{what}/Search/1/50"), json!({ "UserID": learner })).await?;
            said.push((what, answer.status));
        }
        let holds = said.iter().all(|(_, status)| matches!(status, 200 | 204));
        self.note(
            "assigned",
            holds,
            said.into_iter().map(|(what, status)| format!("{what} {status}")).collect::<Vec<_>>().join(", "),
        );
        Ok(())
    }

    async fn errors(&mut self) -> Result<(), ClientError> {
        let answer = self.get("User/2147483647").await?;
        self.note("unknownId", answer.status == 404, format!("answered {}", form(&answer)));
        Ok(())
    }

    async fn archived(&mut self, archived: Option<Id>, rows_by_role: &Rows) -> Result<(), ClientError> {
        let Some(archived) = archived else {
            self.not_tried("archived", "`--archived ID` names an account that you know to be archived");
            return Ok(());
        };
        let answer = self.get(format!("User/{archived}")).await?;
        let role = object(&answer).and_then(|row| get(&row, "Role")?.as_i64()).and_then(Role::from_api);
        let Some(role) = role else {
            self.not_tried("archived", &format!("that account isn't shown: answered {}", form(&answer)));
            return Ok(());
        };
        let is_first = rows_by_role.get(&role).is_some_and(|rows| rows.iter().filter_map(id).any(|id| id == archived));
        let is_listed = is_first || self.is_on_later_page(role, archived).await?;
        self.note(
            "archived",
            true,
            if is_listed {
                "searches show it, if it is archived"
            } else {
                "searches don't show it: `archivedAccounts: hidden`"
            },
        );
        Ok(())
    }

    async fn is_on_later_page(&mut self, role: Role, wanted: Id) -> Result<bool, ClientError> {
        for page in 2..=PAGES {
            let answer = self.post(format!("User/Search/{page}/{LARGEST_PAGE}"), self.filter(role, &[])).await?;
            let found = rows(&answer).unwrap_or_default();
            if found.is_empty() {
                return Ok(false);
            }
            if found.iter().filter_map(id).any(|id| id == wanted) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// So many pages are looked through for one account.
const PAGES: usize = 200;

fn fullest(rows_by_role: &Rows) -> Option<Role> {
    rows_by_role.iter().filter(|(_, rows)| !rows.is_empty()).max_by_key(|(_, rows)| rows.len()).map(|(role, _)| *role)
}

fn object(answer: &Answer) -> Option<Row> {
    serde_json::from_slice::<Value>(&answer.body).ok()?.as_object().cloned()
}

/// The rows of an answer; none is what 204 says. `None` if it isn't a list.
fn rows(answer: &Answer) -> Option<Vec<Row>> {
    if answer.status == 204 {
        return Some(Vec::new());
    }
    let value: Value = serde_json::from_slice(&answer.body).ok()?;
    Some(value.as_array().filter(|_| answer.status == 200)?.iter().filter_map(|row| row.as_object().cloned()).collect())
}

/// What an answer is like, without a word of it.
fn form(answer: &Answer) -> String {
    let what = match answer.body.trim_ascii().first() {
        None => "nothing",
        Some(b'[') if rows(answer).is_some_and(|rows| rows.is_empty()) => "an empty list",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b'<') => "a web page",
        Some(_) => "something else",
    };
    format!("{} with {what}", answer.status)
}

fn get<'r>(row: &'r Row, name: &str) -> Option<&'r Value> {
    row.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text<'r>(row: &'r Row, name: &str) -> Option<&'r str> {
    get(row, name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn id(row: &Row) -> Option<Id> {
    get(row, "ID")?.as_i64()
}

/// Those that no row shows.
fn missing(rows: &[Row], expected: &[&str]) -> Vec<String> {
    let is_shown = |name: &str| rows.iter().any(|row| get(row, name).is_some());
    expected.iter().filter(|name| !is_shown(name)).map(|name| (*name).to_owned()).collect()
}

/// The keys of some rows, each once.
fn keys_of(rows: &[Row]) -> String {
    let keys: BTreeSet<String> = rows.iter().flat_map(Row::keys).map(|key| open(key)).collect();
    keys.into_iter().collect::<Vec<_>>().join(", ")
}

/// A name of a key or a header, if it looks like one.
fn open(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let is_name =
        name.len() <= LONGEST_NAME && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_plain);
    // `L16` is one; what is made of digits is somebody's.
    if is_name && digits <= 2 { name.to_owned() } else { "(an odd name)".to_owned() }
}

const LONGEST_NAME: usize = 48;
const MIDNIGHT: &str = "London midnights in UTC";

/// How a day is written, and what it is the instant of.
fn form_of_day(text: &str) -> &'static str {
    let zone = TimeZone::get("Europe/London").expect("the zone's rules are built in");
    match (text.parse::<Timestamp>(), text.parse::<DateTime>()) {
        (Ok(instant), _) => {
            let london = instant.to_zoned_datetime(zone).time() == jiff::civil::time(0, 0, 0, 0);
            let utc = instant.to_zoned_datetime(TimeZone::UTC).time() == jiff::civil::time(0, 0, 0, 0);
            match (text.ends_with('Z'), london, utc) {
                (true, true, _) => MIDNIGHT,
                (true, false, true) => "UTC midnights of summer days",
                (true, false, false) => "other instants in UTC",
                (false, ..) => "instants with an offset",
            }
        }
        (Err(_), Ok(_)) if text.len() == "2026-09-01".len() => "bare days",
        (Err(_), Ok(_)) => "times without a zone",
        (Err(_), Err(_)) => "another form",
    }
}
