//! The facts of the API that `doctor` checks, and their results.

/// A fact of the API and the result of its check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The name in machine-readable output.
    pub name: &'static str,
    /// The statement that is checked.
    pub claim: &'static str,
    pub found: FactResult,
    pub rests: Reliance,
    /// The observation, or the reason why the fact wasn't checked.
    pub says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactResult {
    Holds,
    Differs,
    NotTried,
}

/// Whether rosterctl relies on a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reliance {
    On,
    Not,
}

/// The facts in the order of the output: name, claim, and whether rosterctl relies on it. If not, rosterctl works either way.
pub(super) const FACTS: &[(&str, &str, Reliance)] = &[
    (
        "session",
        "POST /Authentication answers 200 with the session key as its body",
        Reliance::On,
    ),
    (
        "noKey",
        "a call without a session key is refused with 401",
        Reliance::Not,
    ),
    ("customer", "GET /Customer shows ID and Name", Reliance::Not),
    (
        "organisations",
        "POST /Organisation/Search lists ID, Name and the two keychain settings",
        Reliance::Not,
    ),
    (
        "organisation",
        "GET /Organisation/{id} shows the same",
        Reliance::On,
    ),
    (
        "learnerStatuses",
        "GET /Organisation/{id}/LearnerStatuses lists ID and Name",
        Reliance::Not,
    ),
    (
        "classrooms",
        "POST /Classroom/Search lists ID, Name and MISID",
        Reliance::On,
    ),
    (
        "placements",
        "POST /Placement/Search lists ID, Name and MISID",
        Reliance::On,
    ),
    (
        "providers",
        "POST /Provider/Search lists ID and Name",
        Reliance::Not,
    ),
    (
        "pagedDirectory",
        "these searches exist paged, too",
        Reliance::On,
    ),
    (
        "briefRows",
        "rows of POST /User/Search hold ID, FirstName, LastName and MISID",
        Reliance::Not,
    ),
    (
        "pagedRows",
        "rows of POST /User/Search/{page}/{size} hold these at least",
        Reliance::On,
    ),
    (
        "pageSize",
        "a page holds as many rows as it was asked for, up to 500",
        Reliance::Not,
    ),
    (
        "pastTheEnd",
        "a page past the last one holds nothing",
        Reliance::On,
    ),
    (
        "nothingFound",
        "a search that finds nothing answers 204 without a body",
        Reliance::Not,
    ),
    ("filterRole", "searches go by Role", Reliance::On),
    ("filterMisId", "searches go by MISID", Reliance::On),
    (
        "filterName",
        "searches go by FirstName and LastName",
        Reliance::Not,
    ),
    (
        "filterLastModified",
        "searches go by LastModified",
        Reliance::Not,
    ),
    (
        "filterLastModifiedSince",
        "a search since the LastModified of an account lists it, and since later it doesn't",
        Reliance::Not,
    ),
    (
        "filterLastModifiedUtc",
        "searches read LastModified as UTC",
        Reliance::Not,
    ),
    (
        "keyCase",
        "paths and keys are matched whatever their case",
        Reliance::Not,
    ),
    ("forms", "bodies may be forms", Reliance::Not),
    (
        "wholeUser",
        "GET /User/{id} shows the fields that clients rely on",
        Reliance::On,
    ),
    (
        "writableFields",
        "every field that can be written is shown by some account",
        Reliance::Not,
    ),
    (
        "days",
        "days are the instants of London midnights, in UTC",
        Reliance::On,
    ),
    ("unknownId", "an unknown id answers 404", Reliance::On),
    (
        "standards",
        "POST /Standard/Search lists ID and Title",
        Reliance::Not,
    ),
    (
        "frameworkTemplates",
        "POST /FrameworkTemplate/Search lists ID and Title",
        Reliance::Not,
    ),
    (
        "units",
        "POST /Unit/Search lists ID and Title of a standard's units",
        Reliance::Not,
    ),
    (
        "aims",
        "LearningAim/Search goes by UserID, and its rows hold ID, StandardID and UserID",
        Reliance::Not,
    ),
    (
        "unitSummaries",
        "GET /User/{id}/UnitSummary lists StandardID and UnitID",
        Reliance::Not,
    ),
    (
        "aimsInBulk",
        "LearningAim/Search goes by OrganisationID alone",
        Reliance::Not,
    ),
    (
        "assessorKeys",
        "no key but DefaultAssessorID ends in AssessorID",
        Reliance::Not,
    ),
    (
        "archived",
        "searches show archived accounts, or don't",
        Reliance::Not,
    ),
    (
        "limitHeaders",
        "no header tells the limit of calls",
        Reliance::Not,
    ),
];
