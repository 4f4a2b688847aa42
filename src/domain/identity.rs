//! Declared users who look like one person: by MIS value, by e-mail address, by ULN, or by name and day of birth.

use std::hash::BuildHasher;

use foldhash::HashSet;
use foldhash::fast::FixedState;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::domain::Value;
use crate::domain::field::Key;
use crate::domain::fields::Fields;
use crate::domain::normalise::{Normalisation, fingerprint};

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
    groups(
        all.flat_map_iter(|(at, values)| marks(values).map(move |mark| (mark, at)))
            .collect(),
    )
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
    keep_repeated(&mut marked);
    marked.sort_unstable();
    let shared = marked
        .chunk_by(|(one, _), (other, _)| one == other)
        .filter(|group| group.len() > 1);
    let mut shared: Vec<_> = shared
        .map(|group| {
            (
                group[0].0.0,
                group.iter().map(|(_, at)| *at).collect::<Vec<_>>(),
            )
        })
        .collect();
    shared.sort_unstable();
    shared
}

/// Drops nearly all marks that one user alone has, which nearly all are: what is left is soon sorted.
fn keep_repeated(marked: &mut Vec<((Sameness, u64), usize)>) {
    let size = marked.len() * 16;
    let (mut once, mut again) = (Bits::new(size), Bits::new(size));
    for ((_, mark), _) in marked.iter().filter(|((_, mark), _)| once.set(*mark)) {
        again.set(*mark);
    }
    marked.retain(|((_, mark), _)| again.has(*mark));
}

/// A set that may hold more than was put in: numbers that begin with the same bits are one to it.
struct Bits {
    words: Vec<u64>,
    shift: u32,
}

impl Bits {
    /// With room for so many numbers, or some more.
    fn new(size: usize) -> Self {
        let size = size.next_power_of_two().max(64);
        Self {
            words: vec![0; size / 64],
            shift: 64 - size.trailing_zeros(),
        }
    }

    fn place(&self, number: u64) -> (usize, u64) {
        let at = number >> self.shift;
        ((at / 64) as usize, 1 << (at % 64))
    }

    fn has(&self, number: u64) -> bool {
        let (word, bit) = self.place(number);
        self.words[word] & bit != 0
    }

    /// Puts a number in, and says whether it was in already.
    fn set(&mut self, number: u64) -> bool {
        let (word, bit) = self.place(number);
        let was = self.words[word] & bit != 0;
        self.words[word] |= bit;
        was
    }
}

/// What tells a person from others.
fn marks(values: &Values) -> impl Iterator<Item = (Sameness, u64)> {
    let text = |key: Key| match values.get(key) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let print = |fold: Normalisation, texts: &[&str]| fingerprint(0, fold, texts);
    let mis_id = text(Key::MisId).and_then(|mis_id| print(Normalisation::Key, &[mis_id]));
    let email = text(Key::Email).and_then(|email| print(Normalisation::Address, &[email]));
    let uln = text(Key::Uln)
        .filter(|uln| *uln != UNKNOWN_ULN)
        .and_then(|uln| print(Normalisation::Number, &[uln]));
    let nino = text(Key::Nino).and_then(|nino| print(Normalisation::Number, &[nino]));
    let born = match values.get(Key::Dob) {
        Some(Value::Day(day)) => Some(day),
        _ => None,
    };
    let name = text(Key::FirstName).zip(text(Key::LastName));
    let name = name.and_then(|(first, last)| print(Normalisation::Name, &[first, last]));
    let person = name
        .zip(born)
        .map(|(name, born)| FixedState::default().hash_one((name, born)));
    let marks = [
        (Sameness::MisId, mis_id),
        (Sameness::Email, email),
        (Sameness::Uln, uln),
        (Sameness::Nino, nino),
        (Sameness::NameAndBirth, person),
    ];
    marks
        .into_iter()
        .filter_map(|(same, print)| Some((same, print?)))
}

#[cfg(test)]
mod tests {
    use super::{Sameness, groups};

    /// The set of bits takes some numbers for one: that keeps some too many, and loses none.
    #[test]
    fn what_repeats_is_kept() {
        let spread = |at: usize| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut marked: Vec<_> = (0..5_000)
            .map(|at| ((Sameness::Email, spread(at)), at))
            .collect();
        marked.extend(
            (0..5_000)
                .step_by(1_000)
                .map(|at| ((Sameness::Email, spread(at)), 5_000 + at)),
        );
        marked.push(((Sameness::Uln, spread(1)), 1));
        let expected: Vec<_> = (0..5_000)
            .step_by(1_000)
            .map(|at| (Sameness::Email, vec![at, 5_000 + at]))
            .collect();
        assert_eq!(groups(marked), expected);
        assert_eq!(groups(Vec::new()), []);
    }
}
