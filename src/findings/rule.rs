//! What a finding is an instance of.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::findings::Severity;

/// A kind of finding: what `severity` in `rosterctl.yaml` names, reports show and `explain` explains. Its name tells it
/// from others.
#[derive(Debug)]
pub struct Rule {
    /// In lower case, with hyphens: `uln-check-digit`.
    pub name: &'static str,
    /// Unless `rosterctl.yaml` says otherwise.
    pub severity: Severity,
    /// Whether `severity` in `rosterctl.yaml` may change it. If a roster can't be made in spite of a finding, that finding
    /// is always an error.
    pub is_adjustable: bool,
    /// In one line.
    pub meaning: &'static str,
    /// Why it matters and what to do, with an example where one helps.
    pub explanation: &'static str,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

impl PartialOrd for Rule {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rule {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl Hash for Rule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
