//! The schema, the rules that it can't say, one a file, and the making of the roster. The only maker of a roster; talks to
//! no server.

mod characters;
mod codes;
mod contradiction;
mod days;
mod declared_duplicates;
mod default_use;
mod duplicate_users;
mod empty_users;
mod implausible_days;
mod personal_key;
mod quotes;
mod special_values;
mod uln_check_digit;
mod white_space;
mod wrong_role;

pub use crate::manifest::rules::characters::hides_something;
pub use crate::manifest::rules::personal_key::{PersonalValues, held_by};

use std::collections::BTreeSet;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::domain::Roster;
use crate::domain::field::{Field, Key};
use crate::findings::source::Sources;
use crate::findings::{Code, Finding, Severities};
use crate::manifest::ReadDocuments;
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

type ValueRule = fn(&Field, &Node) -> Option<Finding>;
type UserRule = fn(&UncheckedUser, Date) -> Vec<Finding>;
type DocumentRule = fn(&Node, &[UncheckedUser]) -> Vec<Finding>;
type RosterRule = fn(&[&UncheckedUser]) -> Vec<Finding>;

/// On a single value, of a user or among the defaults.
const VALUE_RULES: &[ValueRule] = &[
    quotes::check,
    days::check,
    white_space::check,
    characters::check,
    uln_check_digit::check,
    codes::check,
];
/// On a user, defaults filled in.
const USER_RULES: &[UserRule] = &[
    implausible_days::check,
    personal_key::check,
    contradiction::check,
];
/// On a document and the users that it declares.
const DOCUMENT_RULES: &[DocumentRule] = &[
    default_use::check,
    empty_users::check,
    special_values::check,
];
/// On all users together.
const ROSTER_RULES: &[RosterRule] = &[
    duplicate_users::check,
    declared_duplicates::check,
    wrong_role::check,
];

/// What is declared and every finding: those that there are already, those of reading, and those of the schema and the
/// rules. What is read together is looked at by one thread, start to end, and given back before the next.
pub fn check<'t>(
    read: impl IntoParallelIterator<Item = ReadDocuments<'t>>,
    mut findings: Vec<Finding>,
    setting: &RuleContext<'_>,
) -> Checked {
    let looked_at = read.into_par_iter().map(|(documents, found)| {
        let mut part = FileFindings {
            findings: found,
            ..FileFindings::default()
        };
        for document in &documents {
            part.add(document, setting);
        }
        part
    });
    let (mut users, mut without_role) = (Vec::new(), Vec::new());
    for part in looked_at.collect::<Vec<_>>() {
        users.push(part.users);
        findings.extend(part.findings);
        without_role.extend(part.without_role);
    }
    let everybody: Vec<&UncheckedUser> = users.iter().flatten().collect();
    let found = ROSTER_RULES
        .par_iter()
        .map(|rule| rule(&everybody))
        .collect::<Vec<_>>();
    findings.extend(found.into_iter().flatten());
    let mut findings = setting.severities.apply(findings);
    let is_error = findings.iter().any(Finding::is_error);
    if !is_error && without_role.is_empty() {
        let declared = Declarations {
            users,
            unmanaged: setting.unmanaged.clone(),
        };
        return Checked {
            findings,
            declared: Some(declared),
        };
    }
    // The schema asks for the role; a user without one is never passed over in silence all the same.
    findings.extend(without_role.into_iter().filter(|_| !is_error));
    Checked {
        findings,
        declared: None,
    }
}

/// What is found of what is read together.
#[derive(Default)]
struct FileFindings {
    users: Vec<UncheckedUser>,
    findings: Vec<Finding>,
    /// What there is to say of users whose role nobody knows.
    without_role: Vec<Finding>,
}

impl FileFindings {
    /// The users of a document, and what is found without looking at others.
    fn add(&mut self, document: &Node, setting: &RuleContext<'_>) {
        self.findings
            .extend(setting.structure.check(document, setting.unmanaged));
        let filled = defaults(document).map_or_else(FieldNodes::nothing, FieldNodes::of);
        self.findings.extend(of_values(&filled));
        let first = self.users.len();
        self.users.reserve_exact(users(document).len());
        for user in users(document) {
            let written = FieldNodes::of(user);
            self.findings.extend(of_values(&written));
            let candidate = UncheckedUser::new(user, &written, &filled);
            self.findings.extend(
                USER_RULES
                    .iter()
                    .flat_map(|rule| rule(&candidate, setting.today)),
            );
            self.without_role
                .extend(candidate.role.is_none().then(|| without_role(&candidate)));
            self.users.push(candidate);
        }
        let of_document = &self.users[first..];
        self.findings.extend(
            DOCUMENT_RULES
                .iter()
                .flat_map(|rule| rule(document, of_document)),
        );
    }
}

fn without_role(user: &UncheckedUser) -> Finding {
    Finding::new(
        Code::MissingField,
        user.place,
        "a user without a role",
        "add `role`",
    )
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
        let into_users = |users: Vec<UncheckedUser>| {
            users
                .into_iter()
                .filter_map(|user| user.into_user(sources))
                .collect()
        };
        let users: Vec<Vec<_>> = self.users.into_par_iter().map(into_users).collect();
        Roster::new(users.into_iter().flatten().collect(), self.unmanaged)
    }
}

fn of_values(written: &FieldNodes<'_>) -> impl Iterator<Item = Finding> {
    written
        .iter()
        .flat_map(|(field, node)| VALUE_RULES.iter().filter_map(move |rule| rule(field, node)))
}
