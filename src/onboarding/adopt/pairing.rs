//! Pairs rows and accounts, one to one. Rows and accounts connected by evidence form a group. A group is settled as a whole, or
//! left to a person.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use crate::domain::role::Role;
use crate::domain::{Account, AccountId, IdentityMark, MarkUse, MarkValue, Snapshot};
use crate::onboarding::adopt::evidence::{PairEvidence, PairVerdict, Rank, RecordMarks};
use crate::onboarding::adopt::{
    Adoption, DoubtReason, DoubtfulRow, ExtractKeys, ExtractRow, Pair, PossibleAccount,
};

/// A row and an account that may belong to the same person, both by index.
struct PossiblePair {
    row: usize,
    account: usize,
    verdict: PairVerdict,
    evidence: PairEvidence,
}

/// A mark that more accounts than this share is no evidence, such as a placeholder e-mail address.
const MOST: usize = 20;

pub(crate) fn pair(rows: &[ExtractRow], snapshot: &Snapshot, keys: ExtractKeys) -> Adoption {
    let accounts: Vec<&Account> = snapshot.accounts().collect();
    let mut adoption = Adoption::default();
    let (mut edges, crowded) = edges(rows, &accounts, snapshot, keys);
    adoption.of_other_mis_ids = of_other_mis_ids(&edges);
    let repeated = repeated(rows);
    // If two rows have the same MIS value, it is unclear which of them is right.
    for edge in edges.iter_mut().filter(|edge| repeated.contains(&edge.row)) {
        edge.verdict = PairVerdict::Contradicted;
    }
    let (strong, weak): (Vec<PossiblePair>, Vec<PossiblePair>) = edges
        .into_iter()
        .partition(|edge| edge.verdict != PairVerdict::TooLittle);
    for group in groups(rows.len(), accounts.len(), strong) {
        let pairs = settled(&group);
        let paired: BTreeSet<usize> = pairs.iter().map(|(edge, _)| edge.row).collect();
        let pairs = pairs.into_iter().map(|(edge, rank)| Pair {
            row: edge.row,
            id: accounts[edge.account].id,
            rank,
            evidence: edge.evidence.clone(),
            former: former(&rows[edge.row], accounts[edge.account]),
        });
        adoption.pairs.extend(pairs);
        let left: Vec<&PossiblePair> = group
            .iter()
            .filter(|edge| !paired.contains(&edge.row))
            .collect();
        adoption.doubtful.extend(doubtful(&left, &accounts));
    }
    let told = adoption.told();
    let paired: BTreeSet<_> = adoption.pairs.iter().map(|pair| pair.id).collect();
    // If the account already belongs to another row and the e-mail address doesn't agree, this row belongs to a namesake.
    let is_namesake = |edge: &PossiblePair| {
        paired.contains(&accounts[edge.account].id)
            && !edge.evidence.agree.contains(&IdentityMark::Email)
    };
    let is_open = |edge: &&PossiblePair| !told.contains(&edge.row) && !is_namesake(edge);
    adoption.doubtful.extend(doubtful(
        &weak.iter().filter(is_open).collect::<Vec<_>>(),
        &accounts,
    ));
    // Too many accounts have the row's name to list them; any of them may fit.
    let told = adoption.told();
    let crowded = crowded.into_iter().filter(|row| !told.contains(row));
    adoption.doubtful.extend(crowded.map(|row| DoubtfulRow {
        row,
        why: DoubtReason::Crowded,
        candidates: Vec::new(),
    }));
    let told = adoption.told();
    adoption.without = (0..rows.len()).filter(|row| !told.contains(row)).collect();
    for doubt in adoption
        .doubtful
        .iter_mut()
        .filter(|doubt| repeated.contains(&doubt.row))
    {
        doubt.why = DoubtReason::Repeated;
    }
    adoption.pairs.sort_by_key(|pair| pair.row);
    adoption.doubtful.sort_by_key(|doubt| doubt.row);
    adoption
}

/// The MIS value of the account, if the row has another one.
fn former(row: &ExtractRow, account: &Account) -> Option<String> {
    let live = account.mis_id().filter(|live| *live != row.mis_id);
    live.map(str::to_owned)
}

/// The accounts that need no full GET to match: only one row fits, by MIS value and name.
pub(crate) fn known(rows: &[ExtractRow], snapshot: &Snapshot) -> BTreeSet<AccountId> {
    let accounts: Vec<&Account> = snapshot.accounts().collect();
    let mut claims: BTreeMap<usize, Vec<PossiblePair>> = BTreeMap::new();
    for edge in edges(rows, &accounts, snapshot, ExtractKeys::AsInOneFile).0 {
        claims.entry(edge.account).or_default().push(edge);
    }
    let is_known = |claims: &[PossiblePair]| {
        let [edge] = claims else { return false };
        edge.verdict == PairVerdict::Enough(Rank::MisId)
            && edge.evidence.agree.contains(&IdentityMark::Name)
    };
    claims
        .into_iter()
        .filter(|(_, claims)| is_known(claims))
        .map(|(at, _)| accounts[at].id)
        .collect()
}

/// Number of rows whose person seems to have an account with a different MIS value. If it is high, a column has shifted.
fn of_other_mis_ids(edges: &[PossiblePair]) -> usize {
    let is_other = |edge: &&PossiblePair| {
        edge.verdict == PairVerdict::Contradicted
            && edge.evidence.differ.contains(&IdentityMark::MisId)
    };
    edges
        .iter()
        .filter(is_other)
        .map(|edge| edge.row)
        .collect::<BTreeSet<_>>()
        .len()
}

/// All possible pairs, and the rows whose name too many accounts have.
fn edges(
    rows: &[ExtractRow],
    accounts: &[&Account],
    snapshot: &Snapshot,
    keys: ExtractKeys,
) -> (Vec<PossiblePair>, BTreeSet<usize>) {
    let mut of_accounts: Vec<RecordMarks> = accounts
        .iter()
        .map(|account| RecordMarks::of_account(account))
        .collect();
    let mut of_rows: Vec<RecordMarks> = rows.iter().map(RecordMarks::of_row).collect();
    let finder = Finder::new(accounts, &of_accounts, snapshot);
    let found: Vec<FoundAccounts> = rows
        .iter()
        .zip(&of_rows)
        .map(|(row, marks)| finder.find(row, marks))
        .collect();
    // A shared ULN finds possible accounts but is no evidence, so it is removed only after the search.
    forget_shared_ulns(&mut of_accounts);
    forget_shared_ulns(&mut of_rows);
    let (mut edges, mut crowded) = (Vec::new(), BTreeSet::new());
    for (index, found) in found.into_iter().enumerate() {
        let row = &rows[index];
        for account in found.accounts {
            let evidence = PairEvidence::of(
                row,
                &of_rows[index],
                accounts[account],
                &of_accounts[account],
            );
            if evidence.is_of_two_people() {
                continue;
            }
            let verdict = if accounts[account].role == row.role {
                evidence.verdict(keys)
            } else {
                PairVerdict::Contradicted
            };
            edges.push(PossiblePair {
                row: index,
                account,
                verdict,
                evidence,
            });
        }
        if found.is_crowded {
            crowded.insert(index);
        }
    }
    (edges, crowded)
}

/// Finds the accounts that a row may belong to, by MIS value and by mark.
struct Finder<'a> {
    accounts: &'a [&'a Account],
    snapshot: &'a Snapshot,
    by_id: HashMap<AccountId, usize>,
    by_mark: HashMap<MarkValue, Vec<usize>>,
}

/// The indexes of the accounts that a row may belong to.
struct FoundAccounts {
    accounts: BTreeSet<usize>,
    /// Whether too many accounts have the row's name to list them.
    is_crowded: bool,
}

impl<'a> Finder<'a> {
    fn new(accounts: &'a [&'a Account], marks: &[RecordMarks], snapshot: &'a Snapshot) -> Self {
        let mut finder = Self {
            accounts,
            snapshot,
            by_id: HashMap::default(),
            by_mark: HashMap::default(),
        };
        for (index, account) in accounts.iter().enumerate() {
            finder.by_id.insert(account.id, index);
            for mark in finding(&marks[index]) {
                finder.by_mark.entry(mark.clone()).or_default().push(index);
            }
        }
        finder
    }

    fn find(&self, row: &ExtractRow, marks: &RecordMarks) -> FoundAccounts {
        let mut with_mis_id: Vec<&Account> =
            self.snapshot.with_mis_id(&row.mis_id).take(MOST).collect();
        // A member of staff may have an account for each role.
        if with_mis_id.iter().any(|account| account.role == row.role) {
            with_mis_id.retain(|account| account.role == row.role);
        }
        let indexes = with_mis_id.iter().map(|account| self.by_id[&account.id]);
        let mut found = FoundAccounts {
            accounts: indexes.collect(),
            is_crowded: false,
        };
        for mark in finding(marks) {
            let alike = self.by_mark.get(mark).map_or(&[][..], Vec::as_slice);
            if alike.len() <= MOST {
                // A person may have a second account with another role, so only accounts with the row's role count.
                let of_role = alike
                    .iter()
                    .filter(|index| self.accounts[**index].role == row.role);
                found.accounts.extend(of_role);
            } else {
                let names = [IdentityMark::Name, IdentityMark::NameAndBirth];
                found.is_crowded |= names.contains(&mark.mark);
            }
        }
        found
    }
}

fn finding(marks: &RecordMarks) -> impl Iterator<Item = &MarkValue> {
    IdentityMark::used(MarkUse::ToAdopt).filter_map(|mark| marks.get(mark))
}

/// Removes shared ULNs. A ULN belongs to one person, so a shared one is a placeholder or wrong for one of them.
fn forget_shared_ulns(all: &mut [RecordMarks]) {
    let mut numbers: HashMap<MarkValue, usize> = HashMap::default();
    for uln in all.iter().filter_map(|marks| marks.get(IdentityMark::Uln)) {
        *numbers.entry(uln.clone()).or_default() += 1;
    }
    for marks in all {
        let uln = marks.get(IdentityMark::Uln);
        if uln.is_some_and(|uln| numbers[uln] > 1) {
            marks.forget(IdentityMark::Uln);
        }
    }
}

/// The rows that share role and MIS value with another one.
fn repeated(rows: &[ExtractRow]) -> BTreeSet<usize> {
    let mut by_user: HashMap<(Role, &str), Vec<usize>> = HashMap::default();
    for (at, row) in rows.iter().enumerate() {
        let user = (row.role, row.mis_id.as_str());
        by_user.entry(user).or_default().push(at);
    }
    by_user
        .into_values()
        .filter(|rows| rows.len() > 1)
        .flatten()
        .collect()
}

/// Groups of possible pairs that are connected through shared rows or accounts, in the order of their first rows.
fn groups(rows: usize, accounts: usize, edges: Vec<PossiblePair>) -> Vec<Vec<PossiblePair>> {
    let mut sets = DisjointSets((0..rows + accounts).collect());
    for edge in &edges {
        sets.join(edge.row, rows + edge.account);
    }
    let mut groups: BTreeMap<usize, Vec<PossiblePair>> = BTreeMap::new();
    for edge in edges {
        groups.entry(sets.find(edge.row)).or_default().push(edge);
    }
    groups.into_values().collect()
}

/// Disjoint sets: each member points to another member of its set, and the root to itself.
struct DisjointSets(Vec<usize>);

impl DisjointSets {
    fn find(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// The pairs of a group, best evidence first. Empty if a person has to decide, because two possible pairs are equally good.
/// Also empty if an account, or a row with enough evidence, is left over. An account left over may be someone's second one.
fn settled(group: &[PossiblePair]) -> Vec<(&PossiblePair, Rank)> {
    let mut pairs: Vec<(&PossiblePair, Rank)> = Vec::new();
    let (mut rows, mut accounts): (BTreeSet<usize>, BTreeSet<usize>) =
        (BTreeSet::new(), BTreeSet::new());
    let mut ranked: Vec<(Rank, &PossiblePair)> = group
        .iter()
        .filter_map(|edge| match edge.verdict {
            PairVerdict::Enough(rank) => Some((rank, edge)),
            PairVerdict::Contradicted | PairVerdict::TooLittle => None,
        })
        .collect();
    ranked.sort_by_key(|(rank, edge)| (*rank, edge.row, edge.account));
    for of_rank in ranked.chunk_by(|(one, _), (other, _)| one == other) {
        let free: Vec<_> = of_rank
            .iter()
            .filter(|(_, edge)| !rows.contains(&edge.row) && !accounts.contains(&edge.account))
            .collect();
        for (rank, edge) in free {
            if !rows.insert(edge.row) | !accounts.insert(edge.account) {
                return Vec::new();
            }
            pairs.push((edge, *rank));
        }
    }
    let is_left = |edge: &PossiblePair| {
        let has_enough = matches!(edge.verdict, PairVerdict::Enough(_));
        !accounts.contains(&edge.account) || (has_enough && !rows.contains(&edge.row))
    };
    if group.iter().any(is_left) {
        Vec::new()
    } else {
        pairs
    }
}

/// The rows of these possible pairs, each with its candidate accounts and the reason for the doubt.
fn doubtful(edges: &[&PossiblePair], accounts: &[&Account]) -> Vec<DoubtfulRow> {
    let mut rows: BTreeMap<usize, Vec<&PossiblePair>> = BTreeMap::new();
    for edge in edges {
        rows.entry(edge.row).or_default().push(edge);
    }
    let candidate = |edge: &&PossiblePair| {
        let account = accounts[edge.account];
        PossibleAccount {
            id: account.id,
            role: account.role,
            evidence: edge.evidence.clone(),
        }
    };
    let why = |edges: &[&PossiblePair]| match edges
        .iter()
        .map(|edge| edge.verdict)
        .min_by_key(|verdict| order(*verdict))
    {
        Some(PairVerdict::Enough(_)) => DoubtReason::Several,
        Some(PairVerdict::Contradicted) => DoubtReason::Contradicted,
        Some(PairVerdict::TooLittle) | None => DoubtReason::TooLittle,
    };
    rows.into_iter()
        .map(|(row, edges)| DoubtfulRow {
            row,
            why: why(&edges),
            candidates: edges.iter().map(candidate).collect(),
        })
        .collect()
}

fn order(verdict: PairVerdict) -> usize {
    match verdict {
        PairVerdict::Enough(_) => 0,
        PairVerdict::Contradicted => 1,
        PairVerdict::TooLittle => 2,
    }
}
