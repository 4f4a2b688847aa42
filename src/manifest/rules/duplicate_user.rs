//! `duplicate-user`: no two users have one `misId`, and no two have one `id`.

use std::hash::Hash;

use foldhash::HashMap;
use foldhash::fast::RandomState;

use crate::domain::field::Key;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "duplicate-user",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "Two declared users with one `misId` or one `id`.",
    explanation: "Both are the same account, and it can't be as both say. Keep one of them, or fix the key of one.",
};

pub(crate) fn check(users: &[&UncheckedUser]) -> Vec<Finding> {
    // Nearly every user has a MIS value, and few have an `id`.
    let mut mis_ids = FirstPlaces::with_capacity("misId", users.len());
    let mut ids = FirstPlaces::with_capacity("id", 0);
    let mut findings = Vec::new();
    for user in users {
        if let Some(mis_id) = user.mis_id() {
            findings.extend(mis_ids.note(mis_id, user.span(Key::MisId)));
        }
    }
    for user in users {
        if let Some(id) = &user.id {
            findings.extend(ids.note(id.value, id.span));
        }
    }
    findings
}

/// The second row of an overlay for one user.
pub(crate) fn second_row(row: Span) -> Finding {
    Finding::new(&RULE, row, "two rows with one `misId`", "keep one of them")
}

/// Where each value of a key was met first.
struct FirstPlaces<T> {
    key: &'static str,
    places: HashMap<T, Span>,
}

impl<T: Eq + Hash> FirstPlaces<T> {
    fn with_capacity(key: &'static str, capacity: usize) -> Self {
        let places = HashMap::with_capacity_and_hasher(capacity, RandomState::default());
        Self { key, places }
    }

    /// A finding if the value was met before.
    fn note(&mut self, value: T, span: Span) -> Option<Finding> {
        let Some(first) = self.places.get(&value) else {
            self.places.insert(value, span);
            return None;
        };
        let message = format!("two users with one `{}`", self.key);
        let help = "keep one of the two, or fix the key of one of them";
        Some(Finding::new(&RULE, span, message, help).label(*first, "first here"))
    }
}
