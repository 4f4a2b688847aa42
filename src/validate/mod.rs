//! The rules that a schema can't say, one a file, and the making of the roster. The only maker of a roster; talks to no
//! server.

mod candidate;
mod characters;
mod codes;
mod contradiction;
mod days;
mod default_use;
mod duplicate_users;
mod empty_users;
mod implausible_days;
mod personal_key;
mod quotes;
mod special_values;
mod twins;
mod uln_check_digit;
mod white_space;
mod written;
mod wrong_role;

pub use crate::validate::characters::hides_something;
pub use crate::validate::personal_key::{Person, held_by};

use std::collections::BTreeSet;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::diagnostic::{Finding, Severities};
use crate::field::{Field, Key};
use crate::manifest::tree::Node;
use crate::model::Roster;
use crate::source::Sources;
use crate::validate::candidate::Candidate;
use crate::validate::written::Written;

/// What the rules look at besides the documents.
pub struct Setting<'s> {
    pub sources: &'s Sources,
    /// The day by which births lie in the future.
    pub today: Date,
    pub severities: &'s Severities,
    /// The fields of overlays that aren't there.
    pub unmanaged: &'s BTreeSet<Key>,
}

/// What became of the documents: every finding, and the roster if none of them is an error.
#[derive(Debug)]
pub struct Checked {
    pub findings: Vec<Finding>,
    pub roster: Option<Roster>,
}

type ValueRule = fn(&Field, &Node) -> Option<Finding>;
type UserRule = fn(&Candidate<'_>, Date) -> Vec<Finding>;
type DocumentRule = fn(&Node, &[Candidate<'_>]) -> Vec<Finding>;
type RosterRule = fn(&[Candidate<'_>]) -> Vec<Finding>;

/// On a single value, of a user or among the defaults.
const VALUE_RULES: &[ValueRule] =
    &[quotes::check, days::check, white_space::check, characters::check, uln_check_digit::check, codes::check];
/// On a user, defaults filled in.
const USER_RULES: &[UserRule] = &[implausible_days::check, personal_key::check, contradiction::check];
/// On a document and the users that it declares.
const DOCUMENT_RULES: &[DocumentRule] = &[default_use::check, empty_users::check, special_values::check];
/// On all users together.
const ROSTER_RULES: &[RosterRule] = &[duplicate_users::check, twins::check, wrong_role::check];

/// The roster that the documents declare, and every finding: those that reading the documents gave and those of the rules.
pub fn roster(documents: &[Node], read: Vec<Finding>, setting: &Setting<'_>) -> Checked {
    let mut findings = read;
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    for (users, found) in documents.par_iter().map(|document| of_document(document, setting.today)).collect::<Vec<_>>()
    {
        candidates.extend(users);
        findings.extend(found);
    }
    let found = ROSTER_RULES.par_iter().map(|rule| rule(&candidates)).collect::<Vec<_>>();
    findings.extend(found.into_iter().flatten());
    let mut findings = setting.severities.apply(findings);
    if findings.iter().any(Finding::is_error) {
        return Checked { findings, roster: None };
    }
    let users = candidates.into_par_iter().map(|candidate| candidate.into_user(setting.sources));
    match users.collect::<Result<_, _>>() {
        Ok(users) => Checked { findings, roster: Some(Roster::new(users, setting.unmanaged.clone())) },
        Err(finding) => {
            findings.push(finding);
            Checked { findings, roster: None }
        }
    }
}

/// The users of a document, and what is found without looking at others.
fn of_document<'n>(document: &'n Node<'n>, today: Date) -> (Vec<Candidate<'n>>, Vec<Finding>) {
    let defaults = defaults(document);
    let filled = defaults.map_or_else(Written::nothing, Written::of);
    let mut findings: Vec<Finding> = of_values(&filled).collect();
    let mut candidates = Vec::new();
    for user in users(document) {
        let written = Written::of(user);
        findings.extend(of_values(&written));
        let candidate = Candidate::new((user, &written), (defaults, &filled));
        findings.extend(USER_RULES.iter().flat_map(|rule| rule(&candidate, today)));
        candidates.push(candidate);
    }
    findings.extend(DOCUMENT_RULES.iter().flat_map(|rule| rule(document, &candidates)));
    (candidates, findings)
}

fn of_values(written: &Written<'_>) -> impl Iterator<Item = Finding> {
    written.iter().flat_map(|(field, node)| VALUE_RULES.iter().filter_map(move |rule| rule(field, node)))
}

/// Every mapping of fields in a document: the defaults and each user.
fn groups_of_fields<'n>(document: &'n Node<'n>) -> impl Iterator<Item = &'n Node<'n>> {
    defaults(document).into_iter().chain(users(document))
}

fn defaults<'n>(document: &'n Node<'n>) -> Option<&'n Node<'n>> {
    document.get("defaults").map(|entry| &entry.value)
}

fn users<'n>(document: &'n Node<'n>) -> impl Iterator<Item = &'n Node<'n>> {
    document.get("users").into_iter().flat_map(|entry| entry.value.items())
}
