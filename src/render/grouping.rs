//! Users to whom the same happens, who are shown as one.

use std::collections::HashMap;
use std::hash::Hash;

use crate::findings::source::Place;
use crate::plan::UserLabel;

/// So many users are shown as one.
const MANY: usize = 3;
/// How many of them are named.
pub(crate) const NAMED: usize = 12;

/// What is known of a user by all the kinds of entries.
pub(crate) trait Groupable {
    fn who(&self) -> &UserLabel;
    fn place(&self) -> &Place;
}

/// The entries in the order of their places, those of one file and role with the same key together where they are many.
/// What has no key stands alone.
pub(crate) fn alike<'e, E: Groupable, K: Eq + Hash>(
    entries: &[&'e E],
    key: impl Fn(&E) -> Option<K>,
) -> Vec<Vec<&'e E>> {
    let mut groups: Vec<Vec<&E>> = Vec::new();
    let mut seen: HashMap<(&str, &str, K), usize> = HashMap::new();
    for entry in entries {
        let known =
            key(entry).map(|key| (entry.place().file.as_ref(), entry.who().role.name(), key));
        let at = known.map_or(groups.len(), |key| *seen.entry(key).or_insert(groups.len()));
        match groups.get_mut(at) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    let few = |group: Vec<&'e E>| {
        if group.len() < MANY {
            group.into_iter().map(|one| vec![one]).collect()
        } else {
            vec![group]
        }
    };
    let mut groups: Vec<Vec<&E>> = groups.into_iter().flat_map(few).collect();
    groups.sort_by_key(|group| group[0].place());
    groups
}

/// The MIS values of so many of them, or the numbers of their accounts, and how many more there are.
pub(crate) fn named<E: Groupable>(entries: &[&E], most: usize) -> (Vec<String>, usize) {
    let name = |entry: &&E| match (&entry.who().mis_id, entry.who().id) {
        (Some(mis_id), _) => mis_id.clone(),
        (None, id) => id.map(|id| id.to_string()).unwrap_or_default(),
    };
    (
        entries.iter().take(most).map(name).collect(),
        entries.len().saturating_sub(most),
    )
}
