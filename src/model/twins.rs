//! Declared users who look like one person: by MIS value, by e-mail address, by ULN, or by name and day of birth.

use std::hash::BuildHasher;

use foldhash::HashSet;
use foldhash::fast::FixedState;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::field::Key;
use crate::model::Value;
use crate::model::fields::Fields;
use crate::model::fingerprint::{Fold, fingerprint};

/// What users have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sameness {
    /// The MIS value, up to case, blanks and leading zeros.
    MisId,
    Email,
    Uln,
    Nino,
    NameAndBirth,
}

/// The learner record's ULN for one that isn't known yet: nobody's.
pub const UNKNOWN_ULN: &str = "9999999999";

type Values = Fields<Value>;

/// Groups of two or more users who have something in common, as their indexes, in order.
pub fn twins(users: &[&Values]) -> Vec<(Sameness, Vec<usize>)> {
    let all = users.par_iter().enumerate();
    groups(all.flat_map_iter(|(at, values)| marks(values).map(move |mark| (mark, at))).collect())
}

/// The same, of those groups alone that hold one of these users.
pub fn twins_of(users: &[&Values], these: &[usize]) -> Vec<(Sameness, Vec<usize>)> {
    let wanted: HashSet<_> = these.iter().flat_map(|at| marks(users[*at])).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let all = users.iter().enumerate();
    let marked = all.flat_map(|(at, values)| marks(values).map(move |mark| (mark, at)));
    groups(marked.filter(|(mark, _)| wanted.contains(mark)).collect())
}

fn groups(mut marked: Vec<((Sameness, u64), usize)>) -> Vec<(Sameness, Vec<usize>)> {
    marked.par_sort_unstable();
    let shared = marked.chunk_by(|(one, _), (other, _)| one == other).filter(|group| group.len() > 1);
    let mut shared: Vec<_> =
        shared.map(|group| (group[0].0.0, group.iter().map(|(_, at)| *at).collect::<Vec<_>>())).collect();
    shared.sort_unstable();
    shared
}

/// What tells a person from others.
fn marks(values: &Values) -> impl Iterator<Item = (Sameness, u64)> {
    let text = |key: Key| match values.get(key) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let print = |fold: Fold, texts: &[&str]| fingerprint(0, fold, texts);
    let mis_id = text(Key::MisId).and_then(|mis_id| print(Fold::Key, &[mis_id]));
    let email = text(Key::Email).and_then(|email| print(Fold::Address, &[email]));
    let uln = text(Key::Uln).filter(|uln| *uln != UNKNOWN_ULN).and_then(|uln| print(Fold::Number, &[uln]));
    let nino = text(Key::Nino).and_then(|nino| print(Fold::Number, &[nino]));
    let born = match values.get(Key::Dob) {
        Some(Value::Day(day)) => Some(day),
        _ => None,
    };
    let name = text(Key::FirstName).zip(text(Key::LastName));
    let name = name.and_then(|(first, last)| print(Fold::Name, &[first, last]));
    let person = name.zip(born).map(|(name, born)| FixedState::default().hash_one((name, born)));
    let marks = [
        (Sameness::MisId, mis_id),
        (Sameness::Email, email),
        (Sameness::Uln, uln),
        (Sameness::Nino, nino),
        (Sameness::NameAndBirth, person),
    ];
    marks.into_iter().filter_map(|(same, print)| Some((same, print?)))
}
