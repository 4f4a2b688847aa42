//! Which account is whose, in numbers, and the list of what a person has to decide. No personal value is in either.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::field::{Key, Role};
use crate::domain::redact::Reveal;
use crate::domain::{IdentityMark, Snapshot};
use crate::onboarding::adopt::{
    Adoption, DoubtReason, DoubtfulRow, ExtractRow, PairEvidence, PossibleAccount, Rank,
};
use crate::onboarding::export::{Draft, record};
use crate::plan::Plan;
use crate::render::export::{left_out, wrote};
use crate::render::plan::totals::totals;
use crate::render::words::{count, listed, mark_words, plural, role, shown};

/// What speaks for a pair, and what against it.
pub fn evidence(evidence: &PairEvidence) -> String {
    let agree = said("agree", &agreeing(evidence));
    let differ = said("differ", &differing(evidence));
    [agree, differ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

fn said(what: &str, signs: &[&str]) -> Option<String> {
    (!signs.is_empty()).then(|| format!("{what}: {}", listed(signs)))
}

fn words(mark: IdentityMark) -> &'static str {
    mark_words(mark, Reveal::Public)
}

/// A first name is part of the name.
fn agreeing(evidence: &PairEvidence) -> Vec<&'static str> {
    let has_name = evidence.agree.contains(&IdentityMark::Name);
    evidence
        .agree
        .iter()
        .filter(|sign| !(has_name && **sign == IdentityMark::FirstName))
        .map(|sign| words(*sign))
        .collect()
}

fn differing(evidence: &PairEvidence) -> Vec<&'static str> {
    let is_last_name = evidence.agree.contains(&IdentityMark::FirstName);
    let word = |sign: &IdentityMark| {
        if *sign == IdentityMark::Name && is_last_name {
            "last name"
        } else {
            words(*sign)
        }
    };
    evidence
        .differ
        .iter()
        .filter(|sign| **sign != IdentityMark::FirstName)
        .map(word)
        .collect()
}

fn by(rank: Rank) -> &'static str {
    match rank {
        Rank::MisId => "by MIS value",
        Rank::Uln => "by ULN",
        Rank::Email => "by e-mail address",
        Rank::NameAndBirth => "by name and day of birth",
    }
}

/// An extract, and how its rows are named.
pub struct ExtractNames<'e> {
    pub name: &'e str,
    pub rows: &'e [ExtractRow],
    pub named: &'e dyn Fn(usize) -> RowName<'e>,
}

/// A row, as people find it.
pub struct RowName<'e> {
    /// As spreadsheets count.
    pub number: usize,
    /// `None` if it is personal.
    pub mis_id: Option<&'e str>,
}

impl RowName<'_> {
    fn words(&self) -> String {
        self.mis_id
            .map_or_else(|| format!("row {}", self.number), shown)
    }
}

/// So many rows are named.
const NAMED: usize = 20;

/// What became of the rows of an extract.
/// `list` is the file of what is doubtful, if one is written.
pub fn adopted(
    adoption: &Adoption,
    extract: &ExtractNames<'_>,
    snapshot: &Snapshot,
    list: Option<&str>,
) -> String {
    let ExtractNames { name, rows, named } = extract;
    let mut text = format!(
        "Paired {} of {} of {name} with an account",
        adoption.pairs.len(),
        count(rows.len(), "row", "rows")
    );
    let mut ranks: BTreeMap<Rank, usize> = BTreeMap::new();
    for pair in &adoption.pairs {
        *ranks.entry(pair.rank).or_default() += 1;
    }
    let ranks: Vec<String> = ranks
        .into_iter()
        .map(|(rank, number)| format!("{number} {}", by(rank)))
        .collect();
    let _ = writeln!(
        text,
        "{}{}.",
        if ranks.is_empty() { "" } else { ": " },
        listed(&ranks)
    );
    let differing = [
        IdentityMark::Email,
        IdentityMark::Name,
        IdentityMark::Birth,
        IdentityMark::Uln,
    ]
    .map(|sign| (sign, adoption.differing(sign)));
    let differing = differing.into_iter().filter(|(_, number)| *number > 0);
    let differing: Vec<String> = differing
        .map(|(sign, number)| format!("{} in {number}", words(sign)))
        .collect();
    if !differing.is_empty() {
        let _ = writeln!(
            text,
            "What differs in pairs all the same: {}.",
            listed(&differing)
        );
    }
    if !adoption.doubtful.is_empty() {
        let doubtful = count(adoption.doubtful.len(), "row is", "rows are");
        let _ = match list {
            Some(list) => writeln!(
                text,
                "{doubtful} doubtful: {} has their accounts, and what speaks for and against each. To decide one, declare `id: NUMBER` with its `misId` and `role` in a manifest.",
                shown(list)
            ),
            None => writeln!(
                text,
                "{doubtful} doubtful: {}.",
                listed(&whys(&adoption.doubtful))
            ),
        };
    }
    if !adoption.without.is_empty() {
        // Of rows that say no more than a MIS value, no more is known.
        let says_more = rows.iter().any(|row| {
            [Key::Uln, Key::Email, Key::LastName]
                .iter()
                .any(|key| row.text(*key).is_some())
        });
        let (one, many) = if says_more {
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
        let without = count(adoption.without.len(), one, many);
        let mut names: Vec<String> = adoption
            .without
            .iter()
            .take(NAMED)
            .map(|row| named(*row).words())
            .collect();
        let more = adoption.without.len().saturating_sub(NAMED);
        names.extend((more > 0).then(|| format!("… {more} more")));
        let _ = writeln!(text, "{without}: {}.", listed(&names));
    }
    text + &others(adoption, rows, snapshot)
}

/// Why rows are doubtful, and how many for each reason.
fn whys(doubtful: &[DoubtfulRow]) -> Vec<String> {
    let mut numbers: BTreeMap<DoubtReason, usize> = BTreeMap::new();
    for doubt in doubtful {
        *numbers.entry(doubt.why).or_default() += 1;
    }
    numbers
        .into_iter()
        .map(|(reason, number)| format!("{} ({number})", why(reason)))
        .collect()
}

/// The accounts of the extract's roles that no row could be.
fn others(adoption: &Adoption, rows: &[ExtractRow], snapshot: &Snapshot) -> String {
    let candidates = adoption
        .doubtful
        .iter()
        .flat_map(|doubt| &doubt.candidates)
        .map(|candidate| candidate.id);
    let met: BTreeSet<_> = adoption
        .pairs
        .iter()
        .map(|pair| pair.id)
        .chain(candidates)
        .collect();
    let mut numbers: BTreeMap<Role, usize> = BTreeMap::new();
    for account in snapshot
        .accounts()
        .filter(|account| !met.contains(&account.id))
    {
        *numbers.entry(account.role).or_default() += 1;
    }
    let roles: BTreeSet<Role> = rows.iter().map(|row| row.role).collect();
    let of_roles = numbers.into_iter().filter(|(role, _)| roles.contains(role));
    let line = |(of, number): (Role, usize)| {
        let verb = if number == 1 { "is" } else { "are" };
        format!(
            "{} {verb} in no row.\n",
            count(number, role(of), &plural(role(of)))
        )
    };
    of_roles.map(line).collect()
}

/// What was written, and what a plan of it says.
pub fn drafted(draft: &Draft, folder: &str, compared: &Plan) -> String {
    wrote(draft, folder)
        + &left_out(draft, "the extract holds")
        + "A plan of them says:\n\n"
        + &totals(compared)
}

/// A line for each account that a doubtful row may be; `None` if there is nothing to decide.
pub fn doubtful<'r>(
    doubtful: &[DoubtfulRow],
    named: impl Fn(usize) -> RowName<'r>,
) -> Option<String> {
    if doubtful.is_empty() {
        return None;
    }
    let mut text = "row,misId,why,id,role,agree,differ\n".to_owned();
    for doubt in doubtful {
        let RowName { number, mis_id } = named(doubt.row);
        let mis_id = in_a_sheet(mis_id.unwrap_or_default());
        if doubt.candidates.is_empty() {
            let cells = [
                number.to_string(),
                mis_id.clone(),
                why(doubt.why).to_owned(),
            ];
            text += &record(
                cells
                    .into_iter()
                    .chain(std::iter::repeat_n(String::new(), 4)),
            );
        }
        for PossibleAccount { id, role, evidence } in &doubt.candidates {
            let id = id.to_string();
            let cells = [
                &number.to_string(),
                &mis_id,
                why(doubt.why),
                &id,
                role.name(),
            ]
            .map(str::to_owned);
            text += &record(
                cells
                    .into_iter()
                    .chain([listed(&agreeing(evidence)), listed(&differing(evidence))]),
            );
        }
    }
    Some(text)
}

/// Spreadsheets compute what begins so.
fn in_a_sheet(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn why(why: DoubtReason) -> &'static str {
    match why {
        DoubtReason::Several => "several accounts or rows may be this person's",
        DoubtReason::Contradicted => "something speaks against it",
        DoubtReason::TooLittle => "too little agrees",
        DoubtReason::Repeated => "another row has the same MIS value",
        DoubtReason::Crowded => "more than 20 accounts have this name",
    }
}
