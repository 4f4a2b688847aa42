//! The facts of the API that are tried, and what was found of one.

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
pub(super) const FACTS: &[(&str, &str, Rests)] = &[
    (
        "session",
        "POST /Authentication answers 200 with the session key as its body",
        Rests::On,
    ),
    (
        "noKey",
        "a call without a session key is refused with 401",
        Rests::Not,
    ),
    ("customer", "GET /Customer shows ID and Name", Rests::Not),
    (
        "organisations",
        "POST /Organisation/Search lists ID, Name and the two keychain settings",
        Rests::Not,
    ),
    (
        "organisation",
        "GET /Organisation/{id} shows the same",
        Rests::On,
    ),
    (
        "learnerStatuses",
        "GET /Organisation/{id}/LearnerStatuses lists ID and Name",
        Rests::Not,
    ),
    (
        "classrooms",
        "POST /Classroom/Search lists ID, Name and MISID",
        Rests::On,
    ),
    (
        "placements",
        "POST /Placement/Search lists ID, Name and MISID",
        Rests::On,
    ),
    (
        "providers",
        "POST /Provider/Search lists ID and Name",
        Rests::Not,
    ),
    (
        "pagedDirectory",
        "these searches exist paged, too",
        Rests::On,
    ),
    (
        "briefRows",
        "rows of POST /User/Search hold ID, FirstName, LastName and MISID",
        Rests::Not,
    ),
    (
        "pagedRows",
        "rows of POST /User/Search/{page}/{size} hold these at least",
        Rests::On,
    ),
    (
        "pageSize",
        "a page holds as many rows as it was asked for, up to 500",
        Rests::Not,
    ),
    (
        "pastTheEnd",
        "a page past the last one holds nothing",
        Rests::On,
    ),
    (
        "nothingFound",
        "a search that finds nothing answers 204 without a body",
        Rests::Not,
    ),
    ("filterRole", "searches go by Role", Rests::On),
    ("filterMisId", "searches go by MISID", Rests::On),
    (
        "filterName",
        "searches go by FirstName and LastName",
        Rests::Not,
    ),
    (
        "filterLastModified",
        "searches go by LastModified",
        Rests::Not,
    ),
    (
        "keyCase",
        "paths and keys are matched whatever their case",
        Rests::Not,
    ),
    ("forms", "bodies may be forms", Rests::Not),
    (
        "wholeUser",
        "GET /User/{id} shows the fields that clients rely on",
        Rests::On,
    ),
    (
        "writableFields",
        "every field that can be written is shown by some account",
        Rests::Not,
    ),
    (
        "days",
        "days are the instants of London midnights, in UTC",
        Rests::On,
    ),
    ("unknownId", "an unknown id answers 404", Rests::On),
    (
        "assigned",
        "LearningAim/Search and UnitSummary/Search go by UserID",
        Rests::Not,
    ),
    (
        "archived",
        "searches show archived accounts, or don't",
        Rests::Not,
    ),
    (
        "limitHeaders",
        "no header tells the limit of calls",
        Rests::Not,
    ),
];
