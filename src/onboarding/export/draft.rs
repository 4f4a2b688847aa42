//! Manifests that are being written. Each field has its own line, so that values that `validate` rejects can be removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::AccountId;
use crate::domain::field::{FIELDS, Key};
use crate::domain::role::Role;
use crate::manifest::csv_writer::csv;
use crate::manifest::sealed::{PlainRow, PlainTable};
use crate::onboarding::export::{EntryFile, scalar};

#[derive(Debug, Default)]
pub struct Draft {
    /// Files by path.
    pub files: BTreeMap<String, DraftFile>,
    /// The manifests of placements and classrooms, by path.
    pub(crate) entries: BTreeMap<String, EntryFile>,
    /// Placements and classrooms that were left out, because `validate` rejects them.
    pub entries_left_out: usize,
    /// Fields left out of each account, because their values aren't valid.
    pub left_out: BTreeMap<AccountId, Vec<Key>>,
    /// Number of values left out because their class isn't written.
    pub withheld: usize,
    /// Values for a CSV next to the manifests, joined by MIS value.
    pub apart: Vec<OverlayValues>,
    /// Number of users with values for the CSV but no MIS value of their own to join them by.
    pub unjoined: usize,
}

/// How the values that don't stand in manifests are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlayKind {
    /// In a CSV that git ignores.
    Plain,
    /// In a sealed file, for git.
    Sealed,
}

/// The values of one user in the CSV.
#[derive(Debug)]
pub struct OverlayValues {
    pub(crate) id: AccountId,
    /// By which the row finds its user: `S-1` or `assessor:S-1`.
    pub(crate) name: String,
    pub(crate) cells: Vec<(Key, String)>,
}

impl OverlayValues {
    /// The MIS value, then the cell of each column; empty if the user has no such value.
    fn row(&self, columns: &[Key]) -> Vec<String> {
        let mut row = vec![self.name.clone()];
        for column in columns {
            let cell = self.cells.iter().find(|(key, _)| key == column);
            row.push(cell.map(|(_, text)| text.clone()).unwrap_or_default());
        }
        row
    }
}

/// The places in a draft that `validate` rejects.
#[derive(Debug, Default)]
pub struct RejectedValue {
    /// Line numbers by file, counted from 1.
    pub lines: BTreeMap<String, BTreeSet<usize>>,
    /// Cells of the CSV: the row number, with the header as row 1, and the field of the column.
    pub cells: BTreeSet<(usize, Key)>,
}

#[derive(Debug)]
pub struct DraftFile {
    /// Relative to the folder that is written to.
    pub path: String,
    role: Role,
    /// What every user has, behind the role.
    shared: Vec<String>,
    users: Vec<DraftUser>,
}

#[derive(Debug)]
pub(crate) struct DraftUser {
    id: AccountId,
    role: Role,
    is_pinned: bool,
    /// Comment after the pin, for reviewers.
    remark: String,
    lines: Vec<Line>,
    /// Fields whose values are in the CSV.
    apart: Vec<Key>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) key: Key,
    pub(crate) text: String,
}

/// Number of lines before the first user: `defaults:` and `users:`.
const HEAD: usize = 2;
/// Row number of the CSV's header.
const HEADER: usize = 1;

impl Draft {
    /// Adds a user to the file of its role, or of a part of that role, such as a classroom.
    pub(crate) fn add(&mut self, role: Role, part: Option<&str>, user: DraftUser) {
        let path = path(role, part);
        self.files
            .entry(path.clone())
            .or_insert_with(|| DraftFile::new(path, role))
            .users
            .push(user);
    }

    pub(crate) fn add_entries(&mut self, file: Option<EntryFile>) {
        if let Some(file) = file {
            self.entries.insert(file.path(), file);
        }
    }

    /// Moves what all users of a file have to the file's defaults.
    pub(crate) fn share(&mut self, key: Key) {
        for file in self.files.values_mut() {
            file.share(key);
        }
    }

    /// Every manifest by path.
    pub fn manifests(&self) -> BTreeMap<&str, String> {
        let users = self
            .files
            .iter()
            .map(|(path, file)| (path.as_str(), file.text()));
        let entries = self
            .entries
            .iter()
            .map(|(path, file)| (path.as_str(), file.text()));
        users.chain(entries).collect()
    }

    pub fn users(&self) -> usize {
        self.files.values().map(DraftFile::users).sum()
    }

    /// Removes the rejected values. Returns whether any were removed.
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
        let mut entries_taken = 0;
        for (path, file) in &mut self.entries {
            let lines = wrong.lines.get(path);
            entries_taken += lines.map_or(0, |lines| file.without(lines));
        }
        self.entries_left_out += entries_taken;
        // Without a MIS value a user can't be joined to a row of the CSV.
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
        let is_any = !taken.is_empty() || entries_taken > 0;
        for (id, key) in taken {
            self.left_out.entry(id).or_default().push(key);
        }
        is_any
    }

    /// The text of the CSV: a header of field names, then a row for each user.
    pub fn csv(&self) -> String {
        let keys = self.keys_apart();
        let mut header = vec![Key::MisId.name().to_owned()];
        header.extend(keys.iter().map(|key| key.name().to_owned()));
        let rows = self.apart.iter().map(|values| values.row(&keys));
        csv(std::iter::once(header).chain(rows))
    }

    /// The rows of the CSV, to be sealed.
    pub fn plain(&self) -> PlainTable {
        let keys = self.keys_apart();
        let mut plain = PlainTable::default();
        plain
            .headers
            .extend(keys.iter().map(|key| key.name().to_owned()));
        for values in &self.apart {
            let cells = values.row(&keys).split_off(1);
            let name = values.name.clone();
            plain.rows.push(PlainRow { name, cells });
        }
        plain
    }

    /// The manifest that joins the CSV. It stays valid if the CSV is missing, or if no key opens it.
    pub fn joining(&self, csv: &str, kind: OverlayKind) -> String {
        let keys: Vec<&str> = std::iter::once(Key::MisId)
            .chain(self.keys_apart())
            .map(Key::name)
            .collect();
        let columns: Vec<String> = keys.iter().map(|key| format!("{key}: {key}")).collect();
        let (path, columns) = (scalar(csv), columns.join(", "));
        let word = match kind {
            OverlayKind::Plain => "optional",
            OverlayKind::Sealed => "sealed",
        };
        format!(
            "fromTable:\n  path: {path}\n  columns: {{ {columns} }}\n  overlay: true\n  {word}: true\n"
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

    /// Number of users that are pinned by account id.
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
            shared: Vec::new(),
            users: Vec::new(),
        }
    }

    pub fn users(&self) -> usize {
        self.users.len()
    }

    pub fn text(&self) -> String {
        let mut defaults = vec![format!("role: {}", self.role.name())];
        defaults.extend_from_slice(&self.shared);
        let mut text = format!("defaults: {{ {} }}\nusers:\n", defaults.join(", "));
        for line in self.users.iter().flat_map(DraftUser::written) {
            let _ = writeln!(text, "{line}");
        }
        text
    }

    fn share(&mut self, key: Key) {
        let lines: BTreeSet<Option<&str>> = self.users.iter().map(|user| user.line(key)).collect();
        let lines: Vec<Option<&str>> = lines.into_iter().collect();
        let [Some(shared)] = lines.as_slice() else {
            return;
        };
        self.shared.push((*shared).to_owned());
        for user in &mut self.users {
            user.lines.retain(|line| line.key != key);
        }
    }

    /// Removes the fields at these lines, counted from 1, and returns each with its account. A user who then lacks the MIS
    /// value or a field that a create needs is pinned by account id.
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

    /// As `new`, for a user with the fields `apart` in the CSV.
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

    /// Pins the user by account id in every case.
    pub(crate) fn pinned(self) -> Self {
        Self {
            is_pinned: true,
            ..self
        }
    }

    /// Adds a comment to the first line.
    pub(crate) fn remarked(self, remark: String) -> Self {
        Self { remark, ..self }
    }

    fn line(&self, key: Key) -> Option<&str> {
        let line = self.lines.iter().find(|line| line.key == key)?;
        Some(&line.text)
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
        let pin = self.is_pinned.then(|| format!("id: {}", self.id));
        let lines = pin
            .into_iter()
            .chain(self.lines.iter().map(|line| line.text.clone()));
        lines
            .enumerate()
            .map(|(at, line)| {
                if at == 0 {
                    format!("  - {line}{remark}")
                } else {
                    format!("    {line}")
                }
            })
            .collect()
    }
}
