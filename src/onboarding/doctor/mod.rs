//! Checks of a provider's accounts and of obstacles to a plan, over a snapshot of the lists. Each check gives numbers and never
//! identifies a person, so its text may be shown to anyone.

mod contract;
mod known_accounts;
mod program_age;
mod remembered_readings;
mod sealing_key;

pub use crate::onboarding::doctor::contract::{Contract, Fact, FactResult, Reliance, contract};
pub use crate::onboarding::doctor::known_accounts::known_accounts;
pub use crate::onboarding::doctor::program_age::program_age;
pub use crate::onboarding::doctor::remembered_readings::ReadingsState;
pub use crate::onboarding::doctor::sealing_key::sealing_key;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::domain::field::{Key, ReferenceForm, Referent};
use crate::domain::role::Role;
use crate::domain::{
    Account, Creates, Normalisation, Organisation, Snapshot, identifying, normalise,
};
use crate::plan::{Effect, Service, email_effect};

/// What `doctor` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    pub checks: Vec<Check>,
    /// `None` without a project, and for the sandbox of this process.
    pub readings: Option<ReadingsState>,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The name in machine-readable output.
    pub name: &'static str,
    pub level: CheckLevel,
    pub says: String,
    /// What the reader can do about it, in one line.
    pub help: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckLevel {
    Ok,
    Warn,
    /// A plan or an apply would fail.
    Fail,
}

impl Check {
    pub fn ok(name: &'static str, says: impl Into<String>) -> Self {
        Self {
            name,
            level: CheckLevel::Ok,
            says: says.into(),
            help: None,
        }
    }

    pub fn warn(name: &'static str, says: impl Into<String>, help: &'static str) -> Self {
        Self {
            name,
            level: CheckLevel::Warn,
            says: says.into(),
            help: Some(help),
        }
    }

    pub fn fail(name: &'static str, says: impl Into<String>, help: &'static str) -> Self {
        Self {
            name,
            level: CheckLevel::Fail,
            says: says.into(),
            help: Some(help),
        }
    }

    /// A warning that the lists don't show the field to check.
    fn unseen(name: &'static str, says: &str) -> Self {
        Self::warn(
            name,
            says,
            "`rosterctl doctor --whole` reads each account: slow",
        )
    }

    /// Passes if the number is 0, otherwise warns.
    fn count(name: &'static str, number: usize, what: &str, help: &'static str) -> Self {
        let says = format!("{what}: {number}");
        if number == 0 {
            Self::ok(name, says)
        } else {
            Self::warn(name, says, help)
        }
    }
}

/// Largest difference between two clocks that counts as right, in seconds.
const SKEW: i64 = 120;

/// Compares this machine's clock with the server's. `skew` is in seconds, or `None` if the server gives no time.
pub fn clock(skew: Option<i64>) -> Check {
    match skew {
        None => Check::warn(
            "clock",
            "the server doesn't say what time it is",
            "nothing to do; days may be off by one if this clock is wrong",
        ),
        Some(skew) if skew.abs() <= SKEW => Check::ok("clock", "this clock and the server's agree"),
        Some(skew) => Check::warn(
            "clock",
            format!("this clock is {} s off the server's", skew.abs()),
            "set this machine's clock: times of the journal and rules about days follow it",
        ),
    }
}

/// Whether OneFile e-mails people whose accounts are created. The organisation's settings and the policy for creates decide.
pub fn emails(organisation: &Organisation, creates: Creates, service: Service) -> Check {
    match email_effect(organisation) {
        effect if service == Service::Sandbox => Check::ok(
            "emails",
            match effect {
                Some(_) => {
                    "the sandbox e-mails nobody; OneFile would e-mail people who are created"
                }
                None => "the sandbox e-mails nobody; neither would OneFile",
            },
        ),
        Some(Effect::EmailsPerson) if creates == Creates::Never => Check::ok(
            "emails",
            "OneFile e-mails everybody who is created; `creates: never` in rosterctl.yaml keeps that from happening",
        ),
        Some(Effect::EmailsPerson) => Check::warn(
            "emails",
            "OneFile e-mails everybody who is created",
            "that can't be undone; begin with `creates: never` below `policy:` in rosterctl.yaml",
        ),
        None => Check::ok("emails", "OneFile e-mails nobody who is created"),
        Some(_) => Check::warn(
            "emails",
            "whether OneFile e-mails people who are created isn't shown",
            "take it that it does; ask a centre manager for the keychain settings",
        ),
    }
}

/// Checks the accounts of a snapshot, and the lists that they refer to.
pub fn accounts(snapshot: &Snapshot, calls_per_minute: u32) -> Vec<Check> {
    let mut checks = vec![
        lists(snapshot),
        by_role(snapshot),
        by_status(snapshot),
        budget(snapshot, calls_per_minute),
    ];
    checks.push(without_mis_id(snapshot));
    checks.push(shared_mis_ids(snapshot));
    checks.push(shared_emails(snapshot));
    for (name, referent, what) in SHARED_NAMES {
        checks.extend(names(snapshot, name, *referent, what));
    }
    checks.push(without_assessor(snapshot));
    checks.extend(
        snapshot
            .unread
            .iter()
            .map(|(referent, why)| unread(*referent, why)),
    );
    checks
}

fn lists(snapshot: &Snapshot) -> Check {
    if Role::all().all(|role| snapshot.whole.contains(&role)) {
        return Check::ok("lists", "all lists were read to the end");
    }
    Check::fail(
        "lists",
        "a list shifts while it is read",
        "run this again; a plan creates nobody meanwhile",
    )
}

fn by_role(snapshot: &Snapshot) -> Check {
    let mut numbers: BTreeMap<Role, usize> = BTreeMap::new();
    for account in snapshot.accounts() {
        *numbers.entry(account.role).or_default() += 1;
    }
    let numbers: Vec<String> = numbers
        .iter()
        .map(|(role, number)| format!("{} {number}", role.name()))
        .collect();
    if numbers.is_empty() {
        return Check::warn(
            "accounts",
            "no account is shown",
            "check `organisation` and what the token may see",
        );
    }
    Check::ok(
        "accounts",
        format!("accounts by role: {}", numbers.join(", ")),
    )
}

/// Counts learners by status. Accounts are known to show no other state; the statuses come from the centre's own list.
fn by_status(snapshot: &Snapshot) -> Check {
    let learners = || {
        snapshot
            .accounts()
            .filter(|account| account.role == Role::Learner)
    };
    if learners().next().is_some()
        && !learners().any(|account| account.shown.contains(Key::LearnerStatus))
    {
        return Check::unseen(
            "learnerStatus",
            "learner statuses aren't in the list of learners",
        );
    }
    let names: HashMap<String, &str> = snapshot
        .directory
        .of(Referent::LearnerStatus)
        .iter()
        .map(|entry| (entry.id.to_string(), entry.name.as_str()))
        .collect();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for learner in learners() {
        let status = learner.text(Key::LearnerStatus).filter(|id| id != "0");
        let name = status.map_or_else(
            || "none".to_owned(),
            |id| names.get(&id).map_or(id.clone(), |name| (*name).to_owned()),
        );
        *numbers.entry(name).or_default() += 1;
    }
    let numbers: Vec<String> = numbers
        .iter()
        .map(|(name, number)| format!("{name} {number}"))
        .collect();
    if numbers.is_empty() {
        return Check::ok("learnerStatus", "there are no learners");
    }
    let numbers = numbers.join(", ");
    Check::ok(
        "learnerStatus",
        format!("learners by status: {numbers}; whether accounts are archived isn't shown"),
    )
}

/// The longest time that a plan of all accounts takes. It makes at most one call for each account.
fn budget(snapshot: &Snapshot, calls_per_minute: u32) -> Check {
    let number = snapshot.accounts().len();
    let minutes = |limit: u32| number.div_ceil(usize::try_from(limit).unwrap_or(usize::MAX).max(1));
    let says = match calls_per_minute {
        0 => "there is no limit on calls here".to_owned(),
        limit => format!(
            "at {limit} calls a minute a plan of all accounts takes up to {} min",
            minutes(limit)
        ),
    };
    Check::ok("budget", says)
}

fn without_mis_id(snapshot: &Snapshot) -> Check {
    let number = snapshot
        .accounts()
        .filter(|account| account.mis_id().is_none())
        .count();
    let help =
        "`rosterctl adopt FILE` gives them those of the MIS; `rosterctl export` pins them by `id`";
    Check::count("withoutMisId", number, "accounts without a MIS value", help)
}

fn shared_mis_ids(snapshot: &Snapshot) -> Check {
    let number =
        sharing(snapshot.accounts().filter_map(|account| {
            Some((account.role, identifying(Key::MisId, account.mis_id()?)?))
        }));
    let help = "give each its own in OneFile, or pin them by `id`";
    Check::count(
        "sharedMisId",
        number,
        "accounts with the same or almost the same MIS value as another",
        help,
    )
}

fn shared_emails(snapshot: &Snapshot) -> Check {
    let shows = |account: &Account| account.shown.contains(Key::Email);
    if snapshot.accounts().len() > 0 && !snapshot.accounts().any(shows) {
        return Check::unseen(
            "sharedEmail",
            "e-mail addresses aren't in the lists, and so weren't compared",
        );
    }
    let number = sharing(
        snapshot
            .accounts()
            .filter_map(|account| identifying(Key::Email, &account.value(Key::Email)?)),
    );
    let help = "that is as it should be for one person's accounts; two people want an address each";
    Check::count(
        "sharedEmail",
        number,
        "accounts with the e-mail address of another one",
        help,
    )
}

/// The lists whose names are compared.
const SHARED_NAMES: &[(&str, Referent, &str)] = &[
    (
        "classrooms",
        Referent::Classroom,
        "classrooms with the name of another one",
    ),
    (
        "placements",
        Referent::Placement,
        "placements with the name of another one",
    ),
    (
        "standards",
        Referent::Standard,
        "standards with the title of another one",
    ),
    (
        "frameworkTemplates",
        Referent::FrameworkTemplate,
        "framework templates with the title of another one",
    ),
];

/// Counts entries that share a name. `None` if the list can't be read, because `unread` reports that.
fn names(snapshot: &Snapshot, name: &'static str, referent: Referent, what: &str) -> Option<Check> {
    if snapshot.unread.contains_key(&referent) {
        return None;
    }
    let entries = snapshot.directory.of(referent).iter();
    let number = sharing(entries.filter_map(|entry| normalise(Normalisation::Name, &entry.name)));
    let help = if referent.forms().contains(&ReferenceForm::MisId) {
        "refer to them by MIS value or `{ id: … }`"
    } else {
        "refer to them by `{ id: … }`"
    };
    Some(Check::count(name, number, what, help))
}

/// Reports a list that can't be read. Every learner has a classroom and a placement; providers and statuses are optional.
fn unread(referent: Referent, why: &str) -> Check {
    let says = |what: &str| format!("the list of {what} can't be read: {why}");
    let needed =
        "a plan whose users have one fails; ask OneFile's support to let this token read it";
    let spare = "nothing to do, unless manifests are to name one; ask OneFile's support then";
    match referent {
        Referent::Classroom => Check::fail("classrooms", says("classrooms"), needed),
        Referent::Placement => Check::fail("placements", says("placements"), needed),
        Referent::Provider => Check::warn("providers", says("providers"), spare),
        Referent::LearnerStatus => Check::warn("learnerStatuses", says("learner statuses"), spare),
        Referent::Standard => Check::warn("standards", says("standards"), spare),
        Referent::FrameworkTemplate => {
            Check::warn("frameworkTemplates", says("framework templates"), spare)
        }
        Referent::User(_) => Check::fail("lists", says("accounts"), needed),
    }
}

fn without_assessor(snapshot: &Snapshot) -> Check {
    let learners = || {
        snapshot
            .accounts()
            .filter(|account| account.role == Role::Learner)
    };
    if learners().next().is_some()
        && !learners().any(|account| account.shown.contains(Key::DefaultAssessor))
    {
        return Check::unseen(
            "withoutAssessor",
            "assessors aren't in the list of learners",
        );
    }
    let number = learners()
        .filter(|account| {
            account
                .text(Key::DefaultAssessor)
                .is_none_or(|id| id == "0")
        })
        .count();
    let help = "a learner can't be created without one; those who are there can be pinned by `id`";
    Check::count(
        "withoutAssessor",
        number,
        "learners without an assessor",
        help,
    )
}

/// Number of entries whose value another entry also has.
fn sharing<T: Eq + Hash>(values: impl Iterator<Item = T>) -> usize {
    let mut numbers: HashMap<T, usize> = HashMap::new();
    for value in values {
        *numbers.entry(value).or_default() += 1;
    }
    numbers.into_values().filter(|number| *number > 1).sum()
}

#[cfg(test)]
mod tests {
    use super::{CheckLevel, clock};

    #[test]
    fn a_clock_is_right_within_two_minutes() {
        let level = |skew| clock(skew).level;
        assert_eq!(
            [
                level(Some(0)),
                level(Some(-120)),
                level(Some(121)),
                level(None)
            ],
            [
                CheckLevel::Ok,
                CheckLevel::Ok,
                CheckLevel::Warn,
                CheckLevel::Warn
            ]
        );
    }
}
