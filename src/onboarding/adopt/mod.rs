//! Matches the rows of a MIS extract to live accounts, one to one. A person decides the unclear cases. Sends no requests,
//! writes no file and prints nothing.

mod evidence;
mod new_keys;
mod pairing;

pub use crate::onboarding::adopt::evidence::{PairEvidence, Rank};
pub use crate::onboarding::adopt::new_keys::ExtractKeys;

use crate::findings::Finding;
use std::collections::BTreeSet;

use crate::domain::field::{Key, Shape, ValueKind};
use crate::domain::role::{ROLES, Role};
use crate::domain::{Account, AccountId, CODE_SEPARATOR, IdentityMark, Snapshot, TELLS_PAIRS, nfc};
use crate::findings::source::Span;
use crate::manifest::rules::personal_key::{PersonalValues, personal_part};
use crate::manifest::rules::{missing_field, unknown_word};
use crate::manifest::tree::node::{Node, NodeData};
use crate::manifest::tree::scalar::code_list;
use crate::onboarding::adopt::new_keys::leave_taken;
use crate::onboarding::export::{Draft, DraftUser, Line, scalar};

/// A row of an extract.
#[derive(Clone, Debug)]
pub struct ExtractRow {
    /// The row's place in the extract.
    pub span: Span,
    pub mis_id: String,
    pub role: Role,
    values: Vec<(Key, String)>,
}

/// The result of matching rows to accounts.
#[derive(Clone, Debug, Default)]
pub struct Adoption {
    pub pairs: Vec<Pair>,
    /// Rows that a person has to check.
    pub doubtful: Vec<DoubtfulRow>,
    /// Indexes of the rows without any possible account.
    pub without: Vec<usize>,
    /// Number of rows whose person seems to have an account with a different MIS value.
    pub of_other_mis_ids: usize,
}

/// A row, by its index, and the account of the same person.
#[derive(Clone, Debug)]
pub struct Pair {
    pub row: usize,
    pub id: AccountId,
    pub rank: Rank,
    pub evidence: PairEvidence,
    /// The MIS value that the account has, if it is to get the row's in its place.
    pub former: Option<String>,
}

/// A row whose account is uncertain.
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
    /// Several accounts fit the row, or several rows fit the account.
    Several,
    /// Some marks support the match and others contradict it.
    Contradicted,
    /// Only a name or an e-mail address agrees.
    TooLittle,
    /// Another row has the same MIS value.
    Repeated,
    /// Too many accounts have this name to list them.
    Crowded,
    /// Another account still has the new MIS value, or the former one.
    KeyInUse,
}

impl ExtractRow {
    /// The MIS value, or `None` if it may be personal data. If a column of the extract has shifted, the MIS column holds names,
    /// numbers or dates.
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

/// The forms of a ULN, a date and a National Insurance number.
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

/// Up to this many different MIS values can be individual changes; they don't put the extract in doubt.
const FEW: usize = 5;
/// More different MIS values than one in this many pairs put the extract in doubt.
const MANY: usize = 10;

impl Adoption {
    /// Whether too many accounts have a different MIS value from their row. This puts the MIS values of the extract in doubt.
    pub fn has_other_keys(&self) -> bool {
        self.of_other_mis_ids > FEW && self.of_other_mis_ids * MANY > self.pairs.len()
    }

    /// Number of pairs whose account gets another MIS value than it has.
    pub fn renumbered(&self) -> usize {
        let mut renumbered = self.pairs.clone();
        renumbered.retain(|pair| pair.former.is_some());
        renumbered.len()
    }

    /// Number of pairs that differ in this mark.
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

/// The rows of a table as `manifest` reads it. A row without a role gets the given one.
/// The error holds a finding for each row without a MIS value or with an unknown role.
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
            NodeData::Text(text) => nfc(text).into_owned(),
            NodeData::Integer(number) => number.to_string(),
            NodeData::Flag(flag) => flag.to_string(),
            NodeData::List(items) => {
                let texts: Vec<&str> = items.iter().filter_map(Node::text).collect();
                texts.join(CODE_SEPARATOR)
            }
            NodeData::Null | NodeData::Map(_) => return None,
        };
        Some((Key::named(&entry.key.value)?, text))
    });
    Ok(ExtractRow {
        span: node.span,
        mis_id: nfc(mis_id).into_owned(),
        role,
        values: values.collect(),
    })
}

/// The accounts that need a full GET. Their search rows lack a field that is to be declared, or one that helps to match them.
/// If only one row fits, by MIS value and name, the match is certain and only declared fields count.
pub fn to_look_at(
    rows: &[ExtractRow],
    declared: &[Key],
    snapshot: &Snapshot,
) -> BTreeSet<AccountId> {
    let roles: BTreeSet<Role> = rows.iter().map(|row| row.role).collect();
    let known = pairing::known(rows, snapshot);
    // A field that no row has can't help to match.
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

/// Matches rows to the accounts of a snapshot.
pub fn adopt(rows: &[ExtractRow], snapshot: &Snapshot, keys: ExtractKeys) -> Adoption {
    let mut adoption = pairing::pair(rows, snapshot, keys);
    leave_taken(&mut adoption, rows, snapshot);
    adoption
}

/// The manifests of the pairs: each user's MIS value, with the account's number or its former MIS value, and the declared fields
/// of the extract. `said` words the comment on the first line.
pub fn draft(
    rows: &[ExtractRow],
    adoption: &Adoption,
    declared: &[Key],
    said: impl Fn(&PairEvidence) -> String,
) -> Draft {
    let mut draft = Draft::default();
    for pair in &adoption.pairs {
        let row = &rows[pair.row];
        let mut lines = Vec::new();
        for key in written_keys(pair, row, declared) {
            let text = match key {
                Key::FormerMisId => pair.former.as_deref(),
                key => row.text(key),
            };
            let Some(text) = text else {
                continue;
            };
            let value = match key.row().kind {
                ValueKind::Text(Shape::Codes) => code_list(text),
                ValueKind::Text(_) | ValueKind::Reference(_) => scalar(text),
                ValueKind::Day
                | ValueKind::Instant
                | ValueKind::Flag
                | ValueKind::Number
                | ValueKind::Ids
                | ValueKind::Accounts
                | ValueKind::Role
                | ValueKind::Word(_)
                | ValueKind::References(_)
                | ValueKind::Units => text.to_owned(),
            };
            lines.push(Line {
                key,
                text: format!("{}: {value}", key.name()),
            });
        }
        let user = DraftUser::new(pair.id, row.role, lines).remarked(said(&pair.evidence));
        let user = match pair.former {
            Some(_) => user,
            None => user.pinned(),
        };
        draft.add(row.role, None, user);
    }
    draft
}

/// The fields to write, in the order of the table. An account gets another MIS value only if the manifest declares what shows
/// whose it is.
fn written_keys(pair: &Pair, row: &ExtractRow, declared: &[Key]) -> Vec<Key> {
    let proof: &[Key] = match (&pair.former, pair.rank) {
        (None, _) => &[],
        (Some(_), Rank::Uln) => IdentityMark::Uln.fields(),
        (Some(_), Rank::MisId | Rank::Email | Rank::NameAndBirth) => {
            IdentityMark::NameAndBirth.fields()
        }
    };
    let mut keys = vec![Key::MisId, Key::FormerMisId];
    keys.extend(proof);
    keys.extend(declared.iter().filter(|key| key.row().is_of(row.role)));
    keys.sort_unstable();
    keys.dedup();
    keys
}
