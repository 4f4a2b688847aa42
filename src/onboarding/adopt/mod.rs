//! The rows of a MIS extract and the live accounts: which account is whose. Pairs one to one, or leaves it to a person; reads no
//! server, writes no file and prints nothing.

mod evidence;
mod pairing;

pub use crate::onboarding::adopt::evidence::{PairEvidence, Rank};

use crate::findings::Finding;
use std::collections::BTreeSet;

use crate::domain::field::{Key, ValueKind};
use crate::domain::role::{ROLES, Role};
use crate::domain::{Account, AccountId, IdentityMark, Snapshot, TELLS_PAIRS};
use crate::findings::source::Span;
use crate::manifest::rules::personal_key::{PersonalValues, personal_part};
use crate::manifest::rules::{missing_field, unknown_word};
use crate::manifest::tree::node::{Node, NodeData};
use crate::onboarding::export::{Draft, DraftUser, Line, scalar};

/// A row of an extract.
#[derive(Clone, Debug)]
pub struct ExtractRow {
    /// Where it stands.
    pub span: Span,
    pub mis_id: String,
    pub role: Role,
    values: Vec<(Key, String)>,
}

/// Which account is whose.
#[derive(Clone, Debug, Default)]
pub struct Adoption {
    pub pairs: Vec<Pair>,
    /// What a person has to look at.
    pub doubtful: Vec<DoubtfulRow>,
    /// The rows that no account could be.
    pub without: Vec<usize>,
    /// How many rows are of somebody whose account has another MIS value.
    pub of_other_mis_ids: usize,
}

/// A row, by its index, and the account that is this person's.
#[derive(Clone, Debug)]
pub struct Pair {
    pub row: usize,
    pub id: AccountId,
    pub rank: Rank,
    pub evidence: PairEvidence,
}

/// A row whose account isn't known for sure.
#[derive(Clone, Debug)]
pub struct DoubtfulRow {
    pub row: usize,
    pub why: DoubtReason,
    pub candidates: Vec<PossibleAccount>,
}

#[derive(Clone, Debug)]
pub struct PossibleAccount {
    pub id: AccountId,
    pub role: Role,
    pub evidence: PairEvidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoubtReason {
    /// Several accounts may be this person's, or several rows this account's.
    Several,
    /// Something speaks for it, and something against it.
    Contradicted,
    /// A name or an address alone.
    TooLittle,
    /// Another row has the same MIS value.
    Repeated,
    /// So many accounts have this name that none is named.
    Crowded,
}

impl ExtractRow {
    /// The MIS value, unless it may be something personal: where a column has shifted, names, numbers and days stand in its
    /// place.
    pub fn open_mis_id(&self) -> Option<&str> {
        let person = PersonalValues {
            first: self.text(Key::FirstName),
            last: self.text(Key::LastName),
            uln: self.text(Key::Uln),
        };
        let is_key = |mis_id: &&str| {
            mis_id.chars().any(|c| c.is_ascii_digit()) && !PERSONAL.iter().any(|is| is(mis_id))
        };
        Some(self.mis_id.as_str())
            .filter(is_key)
            .filter(|mis_id| personal_part(mis_id, &person).is_none())
    }

    pub fn text(&self, key: Key) -> Option<&str> {
        self.values
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, text)| text.as_str())
    }
}

/// The forms of ULN, day and national insurance number.
const PERSONAL: &[fn(&str) -> bool] = &[
    |text| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()),
    |text| {
        !text.bytes().any(|byte| byte.is_ascii_alphabetic())
            && text.split(['-', '/', '.']).count() == 3
    },
    |text| {
        let is_letter = |at: usize| text.as_bytes()[at].is_ascii_alphabetic();
        let is_long = text.len() == 9 && text.is_ascii();
        is_long
            && is_letter(0)
            && is_letter(1)
            && is_letter(8)
            && text[2..8].bytes().all(|byte| byte.is_ascii_digit())
    },
];

/// So many people may have got another MIS value one by one.
const FEW: usize = 5;
/// One in so many.
const MANY: usize = 10;

impl Adoption {
    /// Whether so many accounts have other MIS values than their people's rows that the keys of the extract are in doubt.
    pub fn has_other_keys(&self) -> bool {
        self.of_other_mis_ids > FEW && self.of_other_mis_ids * MANY > self.pairs.len()
    }

    /// How many pairs differ in a sign.
    pub fn differing(&self, sign: IdentityMark) -> usize {
        self.pairs
            .iter()
            .filter(|pair| pair.evidence.differ.contains(&sign))
            .count()
    }

    fn told(&self) -> BTreeSet<usize> {
        let doubtful = self.doubtful.iter().map(|doubt| doubt.row);
        self.pairs
            .iter()
            .map(|pair| pair.row)
            .chain(doubtful)
            .collect()
    }
}

/// The rows of a table as `manifest` reads it; those without a role of their own are of the given one.
pub fn rows(nodes: &[Node], role: Role) -> Result<Vec<ExtractRow>, Vec<Finding>> {
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    for node in nodes {
        match row(node, role) {
            Ok(row) => rows.push(row),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() {
        Ok(rows)
    } else {
        Err(findings)
    }
}

fn row(node: &Node, role: Role) -> Result<ExtractRow, Finding> {
    let value = |key: Key| node.get(key.name()).map(|entry| &entry.value);
    let Some(mis_id) = value(Key::MisId).and_then(Node::text) else {
        return Err(missing_field::row_without_mis_id(node.span));
    };
    let role = match value(Key::Role) {
        None => role,
        Some(node) => node.text().and_then(Role::named).ok_or_else(|| {
            let names: Vec<&str> = ROLES.iter().map(|row| row.name).collect();
            let help = format!(
                "write one of {}; or name no column for `role`, and give `--role`",
                names.join(", ")
            );
            Finding::new(
                &unknown_word::RULE,
                node.span,
                "a role that isn't known",
                help,
            )
        })?,
    };
    let values = node.entries().iter().filter_map(|entry| {
        let text = match &entry.value.data {
            NodeData::Text(text) => text.to_string(),
            NodeData::Integer(number) => number.to_string(),
            NodeData::Flag(flag) => flag.to_string(),
            NodeData::Null | NodeData::List(_) | NodeData::Map(_) => return None,
        };
        Some((Key::named(&entry.key.value)?, text))
    });
    Ok(ExtractRow {
        span: node.span,
        mis_id: mis_id.to_owned(),
        role,
        values: values.collect(),
    })
}

/// The accounts whose lists' rows don't show what pairs are told by, or what is to be declared. Who has the MIS value and the
/// name of a row needs no look to be told.
pub fn to_look_at(
    rows: &[ExtractRow],
    declared: &[Key],
    snapshot: &Snapshot,
) -> BTreeSet<AccountId> {
    let roles: BTreeSet<Role> = rows.iter().map(|row| row.role).collect();
    let known = pairing::known(rows, snapshot);
    // What no row has tells nobody.
    let telling: Vec<Key> = TELLS_PAIRS
        .iter()
        .copied()
        .filter(|key| rows.iter().any(|row| row.text(*key).is_some()))
        .collect();
    let lacks = |account: &Account| {
        let telling: &[Key] = if known.contains(&account.id) {
            &[]
        } else {
            &telling
        };
        let mut keys = telling
            .iter()
            .chain(declared)
            .filter(|key| key.row().is_of(account.role));
        keys.any(|key| !account.shown.contains(*key))
    };
    let of_roles = snapshot
        .accounts()
        .filter(|account| roles.contains(&account.role));
    of_roles
        .filter(|account| lacks(account))
        .map(|account| account.id)
        .collect()
}

/// Which account is whose.
pub fn adopt(rows: &[ExtractRow], snapshot: &Snapshot) -> Adoption {
    pairing::pair(rows, snapshot)
}

/// The manifests of the pairs: who each is, and these fields of the extract besides.
pub fn draft(
    rows: &[ExtractRow],
    adoption: &Adoption,
    declared: &[Key],
    said: impl Fn(&PairEvidence) -> String,
) -> Draft {
    let mut draft = Draft::default();
    for pair in &adoption.pairs {
        let row = &rows[pair.row];
        let keys = [Key::MisId].into_iter().chain(
            declared
                .iter()
                .copied()
                .filter(|key| key.row().is_of(row.role)),
        );
        let lines = keys.filter_map(|key| {
            let text = row.text(key)?;
            let value = match key.row().kind {
                ValueKind::Text(_) | ValueKind::Reference(_) => scalar(text),
                _ => text.to_owned(),
            };
            Some(Line {
                key,
                text: format!("{}: {value}", key.name()),
            })
        });
        let user = DraftUser::new(pair.id, row.role, lines.collect()).pinned(said(&pair.evidence));
        draft.add(row.role, None, user);
    }
    draft
}
