//! Users with the same change or the same reason are shown together.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::Hash;

use crate::domain::redact::Reveal;
use crate::findings::source::Place;
use crate::plan::{OperationSubject, UserLabel};
use crate::render::block::row;
use crate::render::options::{RenderOptions, TextLength};
use crate::render::words::{count, key_words, listed, plural, role, shown};

/// Users are shown together if they are at least this many: two are as quick to read one by one.
const MANY: usize = 3;
/// This many users of a group are listed by name; they take about two lines.
pub(crate) const NAMED: usize = 12;

/// An entry about one user, which may be grouped.
pub(crate) trait Groupable {
    fn who(&self) -> OperationSubject<'_>;
    fn place(&self) -> &Place;
}

/// The entries in groups, in the order of their places. Entries of one file and role with the same key are one group if
/// they are many. An entry without a key is a group of its own.
pub(crate) fn alike<'e, E: Groupable, K: Eq + Hash>(
    entries: &[&'e E],
    key: impl Fn(&E) -> Option<K>,
) -> Vec<Vec<&'e E>> {
    let mut groups = Vec::new();
    for group in with_same_key(entries, key) {
        if group.len() < MANY {
            groups.extend(group.into_iter().map(|entry| vec![entry]));
        } else {
            groups.push(group);
        }
    }
    groups.sort_by_key(|group| group[0].place());
    groups
}

fn with_same_key<'e, E: Groupable, K: Eq + Hash>(
    entries: &[&'e E],
    key: impl Fn(&E) -> Option<K>,
) -> Vec<Vec<&'e E>> {
    let mut groups: Vec<Vec<&E>> = Vec::new();
    let mut indices: HashMap<(&str, &str, K), usize> = HashMap::new();
    for entry in entries {
        let index = match key(entry) {
            Some(key) => {
                let key = (entry.place().file.as_ref(), kind_of(entry.who()), key);
                *indices.entry(key).or_insert(groups.len())
            }
            None => groups.len(),
        };
        match groups.get_mut(index) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

/// The MIS values, or else the account numbers, of the first `most` entries, and how many more there are.
pub(crate) fn named<E: Groupable>(
    entries: &[&E],
    most: usize,
    reveal: Reveal,
) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    for entry in entries.iter().take(most) {
        names.push(label(entry.who(), reveal));
    }
    (names, entries.len().saturating_sub(most))
}

/// What entries of one group have in common: the role, or the kind.
fn kind_of(subject: OperationSubject<'_>) -> &'static str {
    match subject {
        OperationSubject::User(user) => role(user.role),
        OperationSubject::Entry(entry) => entry.kind.word(),
    }
}

/// The label of a user, or the name of a placement or a classroom.
pub(crate) fn label(subject: OperationSubject<'_>, reveal: Reveal) -> String {
    match subject {
        OperationSubject::User(user) => user_label(user, reveal),
        OperationSubject::Entry(entry) => key_words(&entry.name, reveal),
    }
}

/// The MIS value of a user, or else the number of the pinned account.
pub(crate) fn user_label(user: &UserLabel, reveal: Reveal) -> String {
    match (&user.mis_id, user.id) {
        (Some(mis_id), _) => key_words(mis_id, reveal),
        (None, Some(id)) => id.to_string(),
        (None, None) => String::new(),
    }
}

/// The head of a group: the text of `only` for a single user, or else the number of users.
pub(crate) fn group_head<E: Groupable>(group: &[&E], only: impl Fn() -> String) -> String {
    if group.len() == 1 {
        return only();
    }
    let kind = kind_of(group[0].who());
    count(group.len(), kind, &plural(kind))
}

/// The lines that name the users of a group of several.
pub(crate) fn group_names<E: Groupable>(group: &[&E], options: RenderOptions) -> Vec<String> {
    if group.len() == 1 {
        return Vec::new();
    }
    let most = match options.length {
        TextLength::Full => group.len(),
        TextLength::Folded => NAMED,
    };
    let (names, more) = named(group, most, options.reveal);
    let mut names = shown(&listed(&names));
    if more > 0 {
        let _ = write!(names, " and {more} more (`--full`)");
    }
    row("of", &names, options.width)
}
