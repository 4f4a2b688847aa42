//! Documents to a roster: the schema, then every rule. The only maker of a roster; it opens no file and asks no server.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::domain::field::Key;
use crate::domain::{DeclaredUser, Roster};
use crate::findings::source::Sources;
use crate::findings::{Finding, Severities};
use crate::manifest::ReadDocuments;
use crate::manifest::duplicate_pairs::duplicate_pairs;
use crate::manifest::rules::{
    DOCUMENT_CHECKS, PAIR_CHECKS, ROSTER_CHECKS, USER_CHECKS, VALUE_CHECKS, missing_field,
};
use crate::manifest::schema_check::Structure;
use crate::manifest::tree::document::{defaults, users};
use crate::manifest::tree::field_nodes::FieldNodes;
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_user::UncheckedUser;

/// What the rules look at besides the documents.
pub struct RuleContext<'s> {
    pub structure: &'s Structure,
    /// The day by which births lie in the future.
    pub today: Date,
    pub severities: &'s Severities,
    /// The fields of overlays that aren't there.
    pub unmanaged: &'s BTreeSet<Key>,
}

/// What became of the documents: every finding, and what they declare if none of them is an error.
pub struct Checked {
    pub findings: Vec<Finding>,
    pub declared: Option<Declarations>,
}

/// What valid documents declare.
pub struct Declarations {
    /// The users of what was read together.
    users: Vec<Vec<UncheckedUser>>,
    unmanaged: BTreeSet<Key>,
}

/// What is declared and every finding: `findings`, those of reading, and those of the schema and the rules. One thread
/// checks what is read together and drops it before it takes the next, which keeps memory low.
pub fn check<'t>(
    read: impl IntoParallelIterator<Item = ReadDocuments<'t>>,
    mut findings: Vec<Finding>,
    context: &RuleContext<'_>,
) -> Checked {
    let files: Vec<FileFindings> = read
        .into_par_iter()
        .map(|(documents, found)| FileFindings::of(&documents, found, context))
        .collect();
    let mut users = Vec::with_capacity(files.len());
    let mut without_role = Vec::new();
    for file in files {
        users.push(file.users);
        findings.extend(file.findings);
        without_role.extend(file.without_role);
    }
    findings.extend(roster_findings(&users));
    let mut adjusted = context.severities.apply(findings);
    let has_error = adjusted.iter().any(Finding::is_error);
    // The schema asks for the role. If a severity silences that, a user without one still keeps a roster from being made.
    if has_error || !without_role.is_empty() {
        if !has_error {
            adjusted.extend(without_role);
        }
        return Checked {
            findings: adjusted,
            declared: None,
        };
    }
    Checked {
        findings: adjusted,
        declared: Some(Declarations {
            users,
            unmanaged: context.unmanaged.clone(),
        }),
    }
}

/// What is found by looking at all users together.
fn roster_findings(users: &[Vec<UncheckedUser>]) -> Vec<Finding> {
    let everybody: Vec<&UncheckedUser> = users.iter().flatten().collect();
    let of_roster = || -> Vec<Vec<Finding>> {
        ROSTER_CHECKS
            .par_iter()
            .map(|check| check(&everybody))
            .collect()
    };
    let (of_roster, of_pairs) = rayon::join(of_roster, || pair_findings(&everybody));
    of_roster.into_iter().flatten().chain(of_pairs).collect()
}

fn pair_findings(users: &[&UncheckedUser]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pair in duplicate_pairs(users) {
        findings.extend(PAIR_CHECKS.iter().filter_map(|check| check(&pair)));
    }
    findings
}

/// What is found in what is read together, without looking at other files.
#[derive(Default)]
struct FileFindings {
    users: Vec<UncheckedUser>,
    findings: Vec<Finding>,
    /// A finding for each user whose role nobody gives.
    without_role: Vec<Finding>,
}

impl FileFindings {
    fn of(documents: &[Node], findings: Vec<Finding>, context: &RuleContext<'_>) -> Self {
        let mut file = Self {
            findings,
            ..Self::default()
        };
        for document in documents {
            file.add_document(document, context);
        }
        file
    }

    fn add_document(&mut self, document: &Node, context: &RuleContext<'_>) {
        let faults = context.structure.check(document, context.unmanaged);
        self.findings.extend(faults);
        let filled = defaults(document).map_or_else(FieldNodes::nothing, FieldNodes::of);
        self.check_values(&filled);
        let first = self.users.len();
        self.users.reserve_exact(users(document).len());
        for node in users(document) {
            self.add_user(node, &filled, context.today);
        }
        let declared = &self.users[first..];
        for check in DOCUMENT_CHECKS {
            self.findings.extend(check(document, declared));
        }
    }

    /// `filled` is what the defaults give.
    fn add_user(&mut self, node: &Node, filled: &FieldNodes<'_>, today: Date) {
        let written = FieldNodes::of(node);
        self.check_values(&written);
        let user = UncheckedUser::new(node, &written, filled);
        for check in USER_CHECKS {
            self.findings.extend(check(&user, today));
        }
        if user.role.is_none() {
            self.without_role.push(missing_field::without_role(&user));
        }
        self.users.push(user);
    }

    fn check_values(&mut self, fields: &FieldNodes<'_>) {
        for (field, node) in fields.iter() {
            let found = VALUE_CHECKS.iter().filter_map(|check| check(field, node));
            self.findings.extend(found);
        }
    }
}

impl Declarations {
    /// How many users they are.
    pub fn len(&self) -> usize {
        self.users.iter().map(Vec::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn into_roster(self, sources: &Sources) -> Roster {
        let files: Vec<Vec<DeclaredUser>> = self
            .users
            .into_par_iter()
            .map(|users| declared_users(users, sources))
            .collect();
        Roster::new(files.into_iter().flatten().collect(), self.unmanaged)
    }
}

/// Only users with a role: what lacks one doesn't become [`Declarations`].
fn declared_users(users: Vec<UncheckedUser>, sources: &Sources) -> Vec<DeclaredUser> {
    users
        .into_iter()
        .filter_map(|user| user.into_user(sources))
        .collect()
}
