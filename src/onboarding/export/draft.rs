//! Manifests that are being written: a line a field, so that what `validate` doesn't take can be taken out again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::AccountId;
use crate::domain::field::{FIELDS, Key};
use crate::domain::role::Role;
use crate::onboarding::export::scalar;

#[derive(Debug, Default)]
pub struct Draft {
    /// By their paths.
    pub files: BTreeMap<String, DraftFile>,
    /// The fields of each account that were left out, since what they hold isn't what they take.
    pub left_out: BTreeMap<AccountId, Vec<Key>>,
    /// Values of a class that isn't written.
    pub withheld: usize,
    /// What goes into a CSV beside the manifests, by MIS value.
    pub apart: Vec<OverlayValues>,
    /// Users whose values would go there, and who have no MIS value to be joined by.
    pub unjoined: usize,
}

/// The values of a user that stand in a CSV.
#[derive(Debug)]
pub struct OverlayValues {
    pub(crate) id: AccountId,
    pub(crate) mis_id: String,
    pub(crate) cells: Vec<(Key, String)>,
}

/// What `validate` doesn't take of a draft.
#[derive(Debug, Default)]
pub struct RejectedValue {
    /// By file, counted from 1.
    pub lines: BTreeMap<String, BTreeSet<usize>>,
    /// Of the CSV: row, as spreadsheets count, and the field of the column.
    pub cells: BTreeSet<(usize, Key)>,
}

#[derive(Debug)]
pub struct DraftFile {
    /// From the folder that is written to.
    pub path: String,
    role: Role,
    users: Vec<DraftUser>,
}

#[derive(Debug)]
pub(crate) struct DraftUser {
    id: AccountId,
    role: Role,
    is_pinned: bool,
    /// What a reviewer reads behind the pin.
    remark: String,
    lines: Vec<Line>,
    /// The fields that stand in the CSV.
    apart: Vec<Key>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) key: Key,
    pub(crate) text: String,
}

/// What stands before the first user.
const HEAD: usize = 2;
/// The row of the CSV that names its columns.
const HEADER: usize = 1;

impl Draft {
    /// Puts a user into the file of its role, or of a part of it.
    pub(crate) fn add(&mut self, role: Role, part: Option<&str>, user: DraftUser) {
        let path = path(role, part);
        self.files
            .entry(path.clone())
            .or_insert_with(|| DraftFile::new(path, role))
            .users
            .push(user);
    }

    pub fn users(&self) -> usize {
        self.files.values().map(DraftFile::users).sum()
    }

    /// Takes out what is wrong. Whether that was anything.
    pub fn without(&mut self, wrong: &RejectedValue) -> bool {
        let mut taken: Vec<(AccountId, Key)> = Vec::new();
        for (number, apart) in (HEADER + 1..).zip(&mut self.apart) {
            let of_row = |key: Key| wrong.cells.contains(&(number, key));
            taken.extend(
                apart
                    .cells
                    .iter()
                    .map(|(key, _)| *key)
                    .filter(|key| of_row(*key))
                    .map(|key| (apart.id, key)),
            );
            apart.cells.retain(|(key, _)| !of_row(*key));
        }
        let gone: BTreeSet<(AccountId, Key)> = taken.iter().copied().collect();
        for (path, file) in &mut self.files {
            taken.extend(
                wrong
                    .lines
                    .get(path)
                    .map(|lines| file.without(lines))
                    .unwrap_or_default(),
            );
            for user in &mut file.users {
                user.apart.retain(|key| !gone.contains(&(user.id, *key)));
                user.pin_if_due();
            }
        }
        // Who has lost the MIS value can't be joined by it.
        let unnamed: BTreeSet<AccountId> = taken
            .iter()
            .filter(|(_, key)| *key == Key::MisId)
            .map(|(id, _)| *id)
            .collect();
        self.unjoined += self
            .apart
            .iter()
            .filter(|apart| unnamed.contains(&apart.id))
            .count();
        self.apart.retain(|apart| !unnamed.contains(&apart.id));
        let is_any = !taken.is_empty();
        for (id, key) in taken {
            self.left_out.entry(id).or_default().push(key);
        }
        is_any
    }

    /// The CSV, with a header: what its columns are called, and its rows.
    pub fn csv(&self) -> String {
        let keys = self.keys_apart();
        let header = std::iter::once(Key::MisId)
            .chain(keys.iter().copied())
            .map(|key| key.name().to_owned());
        let row = |apart: &OverlayValues| {
            let cell = |key: &Key| {
                apart
                    .cells
                    .iter()
                    .find(|(of, _)| of == key)
                    .map(|(_, text)| text.clone())
            };
            record(
                std::iter::once(apart.mis_id.clone())
                    .chain(keys.iter().map(|key| cell(key).unwrap_or_default())),
            )
        };
        record(header) + &self.apart.iter().map(row).collect::<String>()
    }

    /// The manifest that joins the CSV, which is there or not.
    pub fn joining(&self, csv: &str) -> String {
        let keys: Vec<&str> = std::iter::once(Key::MisId)
            .chain(self.keys_apart())
            .map(Key::name)
            .collect();
        let columns: Vec<String> = keys.iter().map(|key| format!("{key}: {key}")).collect();
        let (path, columns) = (scalar(csv), columns.join(", "));
        format!(
            "fromCsv:\n  path: {path}\n  columns: {{ {columns} }}\n  overlay: true\n  optional: true\n"
        )
    }

    fn keys_apart(&self) -> Vec<Key> {
        let keys: BTreeSet<Key> = self
            .apart
            .iter()
            .flat_map(|apart| apart.cells.iter().map(|(key, _)| *key))
            .collect();
        keys.into_iter().collect()
    }

    /// How many users are found by the number of their account.
    pub fn pinned(&self) -> usize {
        self.files
            .values()
            .flat_map(|file| &file.users)
            .filter(|user| user.is_pinned)
            .count()
    }
}

/// `learners.yaml`, or `learners/business-admin-l3.yaml`.
fn path(role: Role, part: Option<&str>) -> String {
    let plural = format!("{}s", role.row().words.replace(' ', "-").to_lowercase());
    match part {
        Some(part) => format!("{plural}/{part}.yaml"),
        None => format!("{plural}.yaml"),
    }
}

impl DraftFile {
    fn new(path: String, role: Role) -> Self {
        Self {
            path,
            role,
            users: Vec::new(),
        }
    }

    pub fn users(&self) -> usize {
        self.users.len()
    }

    pub fn text(&self) -> String {
        let mut text = format!("defaults: {{ role: {} }}\nusers:\n", self.role.name());
        for line in self.users.iter().flat_map(DraftUser::written) {
            let _ = writeln!(text, "{line}");
        }
        text
    }

    /// Takes the fields out that stand at these lines, counted from 1, and says whose and which. Who can't be told by a MIS value
    /// any more, or lacks what a create needs, is pinned.
    fn without(&mut self, wrong: &BTreeSet<usize>) -> Vec<(AccountId, Key)> {
        let (mut at, mut taken) = (HEAD, Vec::new());
        for user in &mut self.users {
            let first = at + 1 + usize::from(user.is_pinned);
            at += user.written().len();
            let lines = std::mem::take(&mut user.lines).into_iter().enumerate();
            let (out, kept): (Vec<_>, Vec<_>) =
                lines.partition(|(number, _)| wrong.contains(&(first + number)));
            user.lines = kept.into_iter().map(|(_, line)| line).collect();
            taken.extend(out.into_iter().map(|(_, line)| (user.id, line.key)));
            user.pin_if_due();
        }
        taken
    }
}

impl DraftUser {
    pub(crate) fn new(id: AccountId, role: Role, lines: Vec<Line>) -> Self {
        Self::with_apart(id, role, lines, Vec::new())
    }

    /// The same, of whom these fields stand in the CSV.
    pub(crate) fn with_apart(id: AccountId, role: Role, lines: Vec<Line>, apart: Vec<Key>) -> Self {
        let mut user = Self {
            id,
            role,
            is_pinned: false,
            remark: String::new(),
            lines,
            apart,
        };
        user.pin_if_due();
        user
    }

    /// The user, found by the number of the account whatever else is known.
    pub(crate) fn pinned(mut self, remark: String) -> Self {
        self.is_pinned = true;
        self.remark = remark;
        self
    }

    fn pin_if_due(&mut self) {
        let has =
            |key: Key| self.lines.iter().any(|line| line.key == key) || self.apart.contains(&key);
        let lacks = |key: Key| key != Key::Role && !has(key);
        let mandatory = FIELDS
            .iter()
            .filter(|field| field.mandatory.contains(&self.role));
        self.is_pinned |= !has(Key::MisId) || mandatory.map(|field| field.key).any(lacks);
    }

    fn written(&self) -> Vec<String> {
        let remark = if self.remark.is_empty() {
            String::new()
        } else {
            format!(" # {}", self.remark)
        };
        let pin = self.is_pinned.then(|| format!("id: {}{remark}", self.id));
        let lines = pin
            .into_iter()
            .chain(self.lines.iter().map(|line| line.text.clone()));
        lines
            .enumerate()
            .map(|(at, line)| {
                if at == 0 {
                    format!("  - {line}")
                } else {
                    format!("    {line}")
                }
            })
            .collect()
    }
}

/// A line of a CSV.
pub(crate) fn record(cells: impl Iterator<Item = String>) -> String {
    let quoted = |cell: String| {
        let is_plain = cell
            .chars()
            .all(|c| c.is_alphanumeric() || " -_./'@+()".contains(c));
        if is_plain {
            cell
        } else {
            format!("\"{}\"", cell.replace('"', "\"\""))
        }
    };
    cells.map(quoted).collect::<Vec<_>>().join(",") + "\n"
}
