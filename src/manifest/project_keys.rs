//! The keys of `rosterctl.yaml`, by the mapping that they stand in. The schema has the same keys, which a test checks.

/// At the top of the file.
pub const PROJECT_KEYS: &[&str] = &[
    "organisation",
    "target",
    "manifests",
    "defaults",
    "policy",
    "fields",
    "severity",
    "callsPerMinute",
    "maintenance",
    "seal",
];

/// Below `policy`.
pub const POLICY_KEYS: &[&str] = &[
    "creates",
    "archives",
    "maxCreates",
    "maxUpdates",
    "maxArchives",
    "maxRemovals",
    "maxAssignments",
    "maxEntries",
    "assignPath",
    "keepKnown",
    "archivedAccounts",
];

/// Below `seal`.
pub const SEAL_KEYS: &[&str] = &["recipients"];

/// How many recipients there are at least. With one alone, a lost key would lose every row.
pub const FEWEST_RECIPIENTS: usize = 2;

/// In a window of `maintenance`.
pub const WINDOW_KEYS: &[&str] = &["days", "date", "from", "to", "zone"];

/// Every key but the codes below `severity`, the fields below `defaults` and the names of recipients.
pub fn project_keys() -> impl Iterator<Item = &'static str> {
    [PROJECT_KEYS, POLICY_KEYS, WINDOW_KEYS, SEAL_KEYS]
        .into_iter()
        .flatten()
        .copied()
}

/// The help for a key that doesn't belong to a mapping: every key that does.
pub fn only_these(keys: &[&str]) -> String {
    let mut quoted = Vec::new();
    for key in keys {
        quoted.push(format!("`{key}`"));
    }
    let last = quoted.pop().expect("a mapping has a key");
    format!(
        "take it away; the keys here are {} and {last}",
        quoted.join(", ")
    )
}
