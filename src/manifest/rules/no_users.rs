//! `no-users`: manifests that declare nobody. The reader of the project finds it.

use crate::findings::{Rule, Severity};

pub static RULE: Rule = Rule {
    name: "no-users",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "The manifests declare nothing: emptied, moved or misnamed files, as a rule.",
    explanation: "Manifests are *.yaml and *.yml files below `users/`, or below the paths that `manifests` in rosterctl.yaml lists.",
};
