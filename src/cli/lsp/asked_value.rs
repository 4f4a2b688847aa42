//! The field and the value that an editor asks about: at a place of a manifest, or in a cell of a table.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::cli::lsp::cursor::Cursor;
use crate::cli::lsp::diagnostics::is_yaml;
use crate::cli::lsp::messages::AskedPlace;
use crate::cli::lsp::text_lines::TextLines;
use crate::cli::lsp::workspace::{CheckedProject, Workspace};
use crate::domain::EntryKind;
use crate::domain::field::{Key, Referent, ValueKind};
use crate::domain::role::EVERYONE;
use crate::findings::source::{FileId, Span};
use crate::manifest::declared_lookup::serving_roles;

/// A project with the file that is asked about.
pub(super) struct AskedFile<'w> {
    pub(super) root: &'w Path,
    pub(super) path: PathBuf,
    pub(super) checked: &'w CheckedProject,
    pub(super) file: FileId,
    /// Where it is asked.
    pub(super) byte: usize,
}

impl<'w> AskedFile<'w> {
    /// `None` if the place isn't in a file of a project.
    pub(super) fn of(workspace: &'w Workspace, asked: &AskedPlace) -> Option<Self> {
        let path = workspace.buffers.path(&asked.uri)?;
        let (root, project) = workspace.project_of(&path)?;
        let checked = project.checked.as_ref()?;
        let file = checked.file(root, &path)?;
        let text = &checked.sources.file(file).text;
        Some(Self {
            root,
            path,
            checked,
            file,
            byte: TextLines::new(text, workspace.setup.unit).byte(asked.position),
        })
    }

    pub(super) fn text(&self) -> &'w str {
        &self.checked.sources.file(self.file).text
    }

    /// The place as spans name it.
    pub(super) fn offset(&self) -> u32 {
        u32::try_from(self.byte).unwrap_or(u32::MAX)
    }
}

/// What stands at the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AskedValue {
    pub(super) key: Key,
    /// What the mapping declares, if it isn't a user.
    pub(super) entry: Option<EntryKind>,
    /// Whether it is among the defaults.
    pub(super) is_default: bool,
    /// Whether the key is asked about, and not its value.
    pub(super) is_key: bool,
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

impl AskedValue {
    pub(super) fn of(asked: &AskedFile<'_>) -> Option<Self> {
        let source = asked.checked.sources.file(asked.file);
        if is_yaml(&source.name) {
            return Self::in_yaml(&Cursor::at(&source.text, asked.byte)?);
        }
        let (_, cell) = source.grid()?.cell_with(asked.offset())?;
        let (row, column) = asked.checked.sources.cell(cell)?;
        let header = source.grid()?.sound_rows().next()?.next()?;
        let is_key = row == asked.checked.sources.cell(header.0)?.0;
        let range = cell.start as usize..cell.end as usize;
        Some(Self {
            key: Key::named(&column?.key)?,
            entry: None,
            is_default: false,
            is_key,
            text: source.text[range.clone()]
                .trim()
                .trim_matches('"')
                .to_owned(),
            range,
        })
    }

    /// The field is the key below the list or the defaults; keys further in are forms of its value.
    pub(super) fn in_yaml(cursor: &Cursor) -> Option<Self> {
        let (list, name) = (cursor.keys.first()?, cursor.keys.get(1)?);
        let entry = EntryKind::of_list(list);
        let key = match entry {
            Some(kind) => kind.key(name)?,
            None if list == "users" || list == "defaults" => Key::named(name)?,
            None => return None,
        };
        Some(Self {
            key,
            entry,
            is_default: list == "defaults",
            is_key: cursor.is_key,
            text: cursor.text.clone(),
            range: cursor.range.clone(),
        })
    }

    /// Whether the value is the name of a person: a MIS value, perhaps with a role.
    pub(super) fn names_person(&self) -> bool {
        let names =
            self.key == Key::MisId || self.key == Key::AlsoHas || serving_roles(self.key).is_some();
        names && self.entry.is_none() && !self.is_key && !self.text.is_empty()
    }
}

/// What the value at a place of a manifest refers to.
pub(super) fn referent_at(cursor: &Cursor) -> Option<Referent> {
    let value = AskedValue::in_yaml(cursor)?;
    if value.entry.is_some() || cursor.is_key {
        return None;
    }
    let kind = value.key.row().kind;
    match (kind, cursor.keys.get(2).map(String::as_str)) {
        (ValueKind::Accounts, None) => Some(Referent::User(EVERYONE)),
        (ValueKind::Units, Some("standard")) => Some(Referent::Standard),
        (ValueKind::Units, _) => None,
        (_, None) => value.key.row().refers_to(),
        (_, Some("name")) => value
            .key
            .row()
            .refers_to()
            .filter(|referent| !referent.is_user()),
        (_, Some("misId")) => value
            .key
            .row()
            .refers_to()
            .filter(|referent| referent.is_user()),
        (_, Some(_)) => None,
    }
}

/// The part of a span that is a word, such as an item of a list; the whole span if the word isn't in it.
pub(super) fn narrowed(text: &str, span: Span, word: &str) -> Span {
    let range = span.start as usize..span.end as usize;
    let whole = text.get(range).unwrap_or_default();
    let is_letter = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    for (at, _) in whole.match_indices(word) {
        let before = whole[..at].chars().next_back();
        let after = whole[at + word.len()..].chars().next();
        if !before.is_some_and(is_letter) && !after.is_some_and(is_letter) {
            return Span::new(
                span.file,
                span.start as usize + at,
                span.start as usize + at + word.len(),
            );
        }
    }
    span
}
