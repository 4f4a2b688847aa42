//! Manifests that are being written: a line a field, so that what `validate` doesn't take can be taken out again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::field::{FIELDS, Key, Role};
use crate::model::Id;

#[derive(Debug, Default)]
pub struct Draft {
    /// By their paths.
    pub files: BTreeMap<String, DraftFile>,
    /// The fields of each account that were left out, since what they hold isn't what they take.
    pub left_out: BTreeMap<Id, Vec<Key>>,
    /// Values of a class that isn't written.
    pub withheld: usize,
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
    id: Id,
    role: Role,
    is_pinned: bool,
    /// What a reviewer reads behind the pin.
    remark: String,
    lines: Vec<Line>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) key: Key,
    pub(crate) text: String,
}

/// What stands before the first user.
const HEAD: usize = 2;

impl Draft {
    /// Puts a user into the file of its role, or of a part of it.
    pub(crate) fn add(&mut self, role: Role, part: Option<&str>, user: DraftUser) {
        let path = path(role, part);
        self.files.entry(path.clone()).or_insert_with(|| DraftFile::new(path, role)).users.push(user);
    }

    pub fn users(&self) -> usize {
        self.files.values().map(DraftFile::users).sum()
    }

    /// How many users are found by the number of their account.
    pub fn pinned(&self) -> usize {
        self.files.values().flat_map(|file| &file.users).filter(|user| user.is_pinned).count()
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
        Self { path, role, users: Vec::new() }
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
    pub fn without(&mut self, wrong: &BTreeSet<usize>) -> Vec<(Id, Key)> {
        let (mut at, mut taken) = (HEAD, Vec::new());
        for user in &mut self.users {
            let first = at + 1 + usize::from(user.is_pinned);
            at += user.written().len();
            let lines = std::mem::take(&mut user.lines).into_iter().enumerate();
            let (out, kept): (Vec<_>, Vec<_>) = lines.partition(|(number, _)| wrong.contains(&(first + number)));
            user.lines = kept.into_iter().map(|(_, line)| line).collect();
            taken.extend(out.into_iter().map(|(_, line)| (user.id, line.key)));
            user.pin_if_due();
        }
        taken
    }
}

impl DraftUser {
    pub(crate) fn new(id: Id, role: Role, lines: Vec<Line>) -> Self {
        let mut user = Self { id, role, is_pinned: false, remark: String::new(), lines };
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
        let has = |key: Key| self.lines.iter().any(|line| line.key == key);
        let lacks = |key: Key| key != Key::Role && !has(key);
        let mandatory = FIELDS.iter().filter(|field| field.mandatory.contains(&self.role));
        self.is_pinned |= !has(Key::MisId) || mandatory.map(|field| field.key).any(lacks);
    }

    fn written(&self) -> Vec<String> {
        let remark = if self.remark.is_empty() { String::new() } else { format!(" # {}", self.remark) };
        let pin = self.is_pinned.then(|| format!("id: {}{remark}", self.id));
        let lines = pin.into_iter().chain(self.lines.iter().map(|line| line.text.clone()));
        lines
            .enumerate()
            .map(|(at, line)| if at == 0 { format!("  - {line}") } else { format!("    {line}") })
            .collect()
    }
}
