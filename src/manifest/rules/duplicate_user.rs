//! `duplicate-user`: no two users have one `misId`, unless they are two roles of one member of staff, and no two have one `id`.

use std::collections::BTreeSet;

use foldhash::HashMap;
use foldhash::fast::RandomState;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{AccountId, may_share_mis_id};
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::csv_format::CsvSettings;
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "duplicate-user",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "Two declared users with one `misId` in one role, or with one `id`.",
    explanation: "Both are the same account, and it can't be as both say. Keep one of them, or fix the key of one. A member of staff \
may be declared once for each role, with one `misId`. A learner can't share a `misId`. Equal rows of a table are one user. An extract with a \
row for each learning aim may be read if no column that differs between the rows of a person is named.",
};

pub(crate) fn check(users: &[&UncheckedUser]) -> Vec<Finding> {
    // Nearly every user has a MIS value, and few have an `id`.
    let mut mis_ids = FirstUsers::with_capacity(users.len());
    let mut ids: HashMap<AccountId, Span> = HashMap::default();
    let mut findings = Vec::new();
    for user in users {
        if let Some(first) = mis_ids.duplicate_of(user) {
            findings.push(two_users("misId", first, user.span(Key::MisId)));
        }
    }
    for user in users {
        if let Some(id) = &user.id {
            let first = *ids.entry(id.value).or_insert(id.span);
            if first != id.span {
                findings.push(two_users("id", first, id.span));
            }
        }
    }
    findings
}

/// The second row of an overlay for one user.
pub(crate) fn second_row(row: Span) -> Finding {
    Finding::new(&RULE, row, "two rows with one `misId`", "keep one of them")
}

/// People who stand in several rows of a table that differ in these fields, none of which is about the person. `rows` are the
/// first ones that differ. `None` if there are none.
pub(crate) fn several_rows(
    rows: &[Span],
    fields: &BTreeSet<Key>,
    settings: CsvSettings,
) -> Option<Finding> {
    let first = rows.first()?;
    let names: Vec<String> = fields
        .iter()
        .map(|key| format!("`{}`", key.name()))
        .collect();
    let people = match rows.len() {
        1 => "1 person stands in several rows that differ".to_owned(),
        number => format!("{number} people stand in several rows that differ"),
    };
    let message = format!(
        "{people} in {}: the table seems to have a row for each learning aim",
        names.join(", ")
    );
    let mut finding = Finding::new(&RULE, *first, message, settings.several_rows_help());
    for row in rows.iter().skip(1).take(MOST_ROWS) {
        finding = finding.label(*row, "and here");
    }
    Some(finding)
}

/// How many rows of other people a finding shows.
const MOST_ROWS: usize = 4;

fn two_users(key: &str, first: Span, later: Span) -> Finding {
    let message = format!("two users with one `{key}`");
    let help = "keep one of the two, or fix the key of one of them";
    Finding::new(&RULE, later, message, help).label(first, "first here")
}

/// The users who have each MIS value, as they were met first.
struct FirstUsers<'u> {
    first: HashMap<&'u str, (Option<Role>, Span)>,
    /// Those who share the MIS value of somebody in `first`, in another role.
    in_other_roles: HashMap<(&'u str, Role), Span>,
}

impl<'u> FirstUsers<'u> {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            first: HashMap::with_capacity_and_hasher(capacity, RandomState::default()),
            in_other_roles: HashMap::default(),
        }
    }

    /// Where the user stands who keeps this one from having their MIS value.
    fn duplicate_of(&mut self, user: &'u UncheckedUser) -> Option<Span> {
        let mis_id = user.mis_id()?;
        let span = user.span(Key::MisId);
        let Some((first_role, first)) = self.first.get(mis_id) else {
            self.first.insert(mis_id, (user.role, span));
            return None;
        };
        let roles = user.role.zip(*first_role);
        match roles.filter(|(role, first)| may_share_mis_id(*role, *first)) {
            Some((role, _)) => {
                let other = *self.in_other_roles.entry((mis_id, role)).or_insert(span);
                (other != span).then_some(other)
            }
            None => Some(*first),
        }
    }
}
