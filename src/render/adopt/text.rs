//! Which row of an extract is which account, in numbers for people.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::field::Key;
use crate::domain::redact::Reveal;
use crate::domain::role::Role;
use crate::domain::{IdentityMark, Snapshot};
use crate::onboarding::adopt::{Adoption, DoubtReason, ExtractRow, PairEvidence, Rank};
use crate::onboarding::export::Draft;
use crate::plan::Plan;
use crate::render::export::{left_out, wrote};
use crate::render::plan::totals::totals;
use crate::render::words::{count, listed, mark_words, plural, role, shown};

/// What speaks for a pair, and what against it: `agree: ULN; differ: name`.
pub fn evidence(evidence: &PairEvidence) -> String {
    let mut parts = Vec::new();
    for (what, marks) in [
        ("agree", agreeing(evidence)),
        ("differ", differing(evidence)),
    ] {
        if !marks.is_empty() {
            parts.push(format!("{what}: {}", listed(&marks)));
        }
    }
    parts.join("; ")
}

fn mark_name(mark: IdentityMark) -> &'static str {
    mark_words(mark, Reveal::Public)
}

/// The marks that agree. If the name agrees, the first name goes without saying.
pub(super) fn agreeing(evidence: &PairEvidence) -> Vec<&'static str> {
    let has_name = evidence.agree.contains(&IdentityMark::Name);
    let mut words = Vec::new();
    for mark in &evidence.agree {
        if !(has_name && *mark == IdentityMark::FirstName) {
            words.push(mark_name(*mark));
        }
    }
    words
}

/// The marks that differ. If only the first name agrees, it is the last name that differs.
pub(super) fn differing(evidence: &PairEvidence) -> Vec<&'static str> {
    let has_first_name = evidence.agree.contains(&IdentityMark::FirstName);
    let mut words = Vec::new();
    for mark in &evidence.differ {
        match mark {
            IdentityMark::FirstName => {}
            IdentityMark::Name if has_first_name => words.push("last name"),
            mark => words.push(mark_name(*mark)),
        }
    }
    words
}

fn rank_words(rank: Rank) -> &'static str {
    match rank {
        Rank::MisId => "by MIS value",
        Rank::Uln => "by ULN",
        Rank::Email => "by e-mail address",
        Rank::NameAndBirth => "by name and date of birth",
    }
}

/// An extract and the names of its rows.
pub struct ExtractNames<'e> {
    pub name: &'e str,
    pub rows: &'e [ExtractRow],
    pub named: &'e dyn Fn(usize) -> RowName<'e>,
}

/// A row as people find it in their file.
pub struct RowName<'e> {
    /// As spreadsheets count: the header is row 1.
    pub number: usize,
    /// `None` if it may not be shown.
    pub mis_id: Option<&'e str>,
}

impl RowName<'_> {
    fn words(&self) -> String {
        self.mis_id
            .map_or_else(|| format!("row {}", self.number), shown)
    }
}

/// This many rows are listed; they take a few lines.
const NAMED: usize = 20;

/// The result of pairing the rows of an extract with accounts. `list` is the file with the doubtful rows, if one is written.
pub fn adopted(
    adoption: &Adoption,
    extract: &ExtractNames<'_>,
    snapshot: &Snapshot,
    list: Option<&str>,
) -> String {
    paired(adoption, extract)
        + &renumbered(adoption)
        + &differing_pairs(adoption)
        + &doubtful_rows(adoption, list)
        + &without_account(adoption, extract)
        + &accounts_without_row(adoption, extract.rows, snapshot)
}

fn paired(adoption: &Adoption, extract: &ExtractNames<'_>) -> String {
    let mut numbers: BTreeMap<Rank, usize> = BTreeMap::new();
    for pair in &adoption.pairs {
        *numbers.entry(pair.rank).or_default() += 1;
    }
    let mut ranks = Vec::new();
    for (rank, number) in numbers {
        ranks.push(format!("{number} {}", rank_words(rank)));
    }
    format!(
        "Paired {} of {} of {} with an account{}{}.\n",
        adoption.pairs.len(),
        count(extract.rows.len(), "row", "rows"),
        extract.name,
        if ranks.is_empty() { "" } else { ": " },
        listed(&ranks)
    )
}

/// The accounts that have another MIS value than the extract.
fn renumbered(adoption: &Adoption) -> String {
    match adoption.renumbered() {
        0 => String::new(),
        number => {
            let accounts = count(number, "account gets", "accounts get");
            format!("{accounts} another MIS value: `formerMisId` names the one that it has now.\n")
        }
    }
}

fn differing_pairs(adoption: &Adoption) -> String {
    let mut differing = Vec::new();
    for mark in [
        IdentityMark::Email,
        IdentityMark::Name,
        IdentityMark::Birth,
        IdentityMark::Uln,
    ] {
        let number = adoption.differing(mark);
        if number > 0 {
            differing.push(format!("{} in {number}", mark_name(mark)));
        }
    }
    if differing.is_empty() {
        return String::new();
    }
    format!(
        "What differs in pairs all the same: {}.\n",
        listed(&differing)
    )
}

fn doubtful_rows(adoption: &Adoption, list: Option<&str>) -> String {
    if adoption.doubtful.is_empty() {
        return String::new();
    }
    let doubtful = count(adoption.doubtful.len(), "row is", "rows are");
    match list {
        Some(list) => format!(
            "{doubtful} doubtful: {}. {} has their accounts, and what speaks for and against each. To decide one, declare `id: NUMBER` with its `misId` and `role` in a manifest.\n",
            listed(&doubts(adoption)),
            shown(list)
        ),
        None => format!("{doubtful} doubtful: {}.\n", listed(&doubts(adoption))),
    }
}

/// Why rows are doubtful, and how many for each reason, the most frequent one first.
fn doubts(adoption: &Adoption) -> Vec<String> {
    let mut numbers: BTreeMap<DoubtReason, usize> = BTreeMap::new();
    for doubt in &adoption.doubtful {
        *numbers.entry(doubt.why).or_default() += 1;
    }
    let mut numbers: Vec<_> = numbers.into_iter().collect();
    numbers.sort_by_key(|(_, number)| Reverse(*number));
    let mut words = Vec::new();
    for (reason, number) in numbers {
        words.push(format!("{} ({number})", doubt_words(reason)));
    }
    words
}

fn without_account(adoption: &Adoption, extract: &ExtractNames<'_>) -> String {
    if adoption.without.is_empty() {
        return String::new();
    }
    let (one, many) = if extract.rows.iter().any(tells_a_person) {
        (
            "row has no account that could be theirs, and so isn't declared",
            "rows have no account that could be theirs, and so aren't declared",
        )
    } else {
        (
            "row has a MIS value that no account has, and nothing else to tell by, and so isn't declared",
            "rows have MIS values that no account has, and nothing else to tell by, and so aren't declared",
        )
    };
    let mut names = Vec::new();
    for row in adoption.without.iter().take(NAMED) {
        names.push((extract.named)(*row).words());
    }
    let more = adoption.without.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("… {more} more"));
    }
    let without = count(adoption.without.len(), one, many);
    format!("{without}: {}.\n", listed(&names))
}

/// Whether a row has more than a MIS value to find its person by.
fn tells_a_person(row: &ExtractRow) -> bool {
    [Key::Uln, Key::Email, Key::LastName]
        .iter()
        .any(|key| row.text(*key).is_some())
}

/// The accounts of the extract's roles that no row can be.
fn accounts_without_row(adoption: &Adoption, rows: &[ExtractRow], snapshot: &Snapshot) -> String {
    let mut met: BTreeSet<_> = adoption.pairs.iter().map(|pair| pair.id).collect();
    for doubt in &adoption.doubtful {
        met.extend(doubt.candidates.iter().map(|candidate| candidate.id));
    }
    let roles: BTreeSet<Role> = rows.iter().map(|row| row.role).collect();
    let mut numbers: BTreeMap<Role, usize> = BTreeMap::new();
    for account in snapshot.accounts() {
        if roles.contains(&account.role) && !met.contains(&account.id) {
            *numbers.entry(account.role).or_default() += 1;
        }
    }
    let mut text = String::new();
    for (account_role, number) in numbers {
        let words = role(account_role);
        let verb = if number == 1 { "is" } else { "are" };
        let accounts = count(number, words, &plural(words));
        let _ = writeln!(text, "{accounts} {verb} in no row.");
    }
    text
}

/// What was written, and the totals of a plan of it.
pub fn drafted(draft: &Draft, folder: &str, compared: &Plan) -> String {
    wrote(draft, folder)
        + &left_out(draft, "the extract holds")
        + "A plan of them says:\n\n"
        + &totals(compared)
}

/// Why a row is doubtful.
pub(super) fn doubt_words(reason: DoubtReason) -> &'static str {
    match reason {
        DoubtReason::Several => "several accounts or rows may be this person's",
        DoubtReason::Contradicted => "something speaks against it",
        DoubtReason::TooLittle => "too little agrees",
        DoubtReason::Repeated => "another row has the same MIS value",
        DoubtReason::KeyInUse => {
            "another account still has the new or the former MIS value: adopt again once it has its own"
        }
        DoubtReason::Crowded => "more than 20 accounts have this name",
    }
}
