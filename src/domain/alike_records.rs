//! Records that share a mark, found by what doesn't speak against their being one person's. A search takes the same time
//! however many records share the mark.

use std::borrow::Cow;

use foldhash::HashMap;
use smol_str::SmolStr;

use crate::domain::field::Key;
use crate::domain::{MarkValue, SPEAKS_AGAINST, identifying};

/// What a record has of the fields that tell namesakes apart, normalised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Particulars([Option<SmolStr>; SPEAKS_AGAINST.len()]);

/// One bit for each field of [`Particulars`].
type Known = usize;

const EVERY_FIELD: Known = (1 << SPEAKS_AGAINST.len()) - 1;

impl Particulars {
    pub fn of<'t>(text: impl Fn(Key) -> Option<Cow<'t, str>>) -> Self {
        let value = |key: Key| identifying(key, &text(key)?);
        Self(std::array::from_fn(|index| value(SPEAKS_AGAINST[index])))
    }

    /// The fields among these that both records have and in which they differ.
    pub fn differing(&self, other: &Self, among: &[Key]) -> Vec<Key> {
        let mut differing = Vec::new();
        for (index, key) in SPEAKS_AGAINST.iter().enumerate() {
            let both = self.0[index].as_ref().zip(other.0[index].as_ref());
            if among.contains(key) && both.is_some_and(|(one, other)| one != other) {
                differing.push(*key);
            }
        }
        differing
    }

    fn known(&self, among: &[Key]) -> Known {
        let mut known = 0;
        for (index, key) in SPEAKS_AGAINST.iter().enumerate() {
            if among.contains(key) && self.0[index].is_some() {
                known |= 1 << index;
            }
        }
        known
    }

    fn only(&self, fields: Known) -> Self {
        let value = |index: usize| self.0[index].clone();
        Self(std::array::from_fn(|index| {
            value(index).filter(|_| fields & (1 << index) != 0)
        }))
    }
}

/// Records by their marks.
pub struct AlikeRecords<T> {
    sharing: HashMap<MarkValue, Vec<T>>,
    /// By mark, the fields that a record has, and its values in some of them.
    compatible: HashMap<(MarkValue, Known, Particulars), Vec<T>>,
}

impl<T> Default for AlikeRecords<T> {
    fn default() -> Self {
        Self {
            sharing: HashMap::default(),
            compatible: HashMap::default(),
        }
    }
}

impl<T: Copy> AlikeRecords<T> {
    pub fn insert(&mut self, mark: &MarkValue, particulars: &Particulars, record: T) {
        self.sharing.entry(mark.clone()).or_default().push(record);
        let known = particulars.known(mark.mark.against());
        for fields in (0..=known).filter(|fields| fields & known == *fields) {
            let key = (mark.clone(), known, particulars.only(fields));
            self.compatible.entry(key).or_default().push(record);
        }
    }

    /// The records with this mark.
    pub fn sharing(&self, mark: &MarkValue) -> &[T] {
        self.sharing.get(mark).map_or(&[], Vec::as_slice)
    }

    /// Those of them of which nothing known speaks against one person.
    pub fn perhaps_one_person(
        &self,
        mark: &MarkValue,
        particulars: &Particulars,
    ) -> impl Iterator<Item = T> {
        let own = particulars.known(mark.mark.against());
        (0..=EVERY_FIELD).flat_map(move |known| {
            let key = (mark.clone(), known, particulars.only(known & own));
            let found = self.compatible.get(&key).map_or(&[][..], Vec::as_slice);
            found.iter().copied()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{AlikeRecords, Particulars};
    use crate::domain::field::Key;
    use crate::domain::{IdentityMark, MarkValue};

    fn particulars(uln: &'static str, dob: &'static str) -> Particulars {
        let text = |key: Key| match key {
            Key::Uln => Some(Cow::Borrowed(uln)),
            Key::Dob => Some(Cow::Borrowed(dob)),
            _ => None,
        };
        Particulars::of(text)
    }

    #[test]
    fn a_record_is_found_unless_something_known_on_both_sides_differs() {
        let mark = MarkValue {
            mark: IdentityMark::Name,
            value: "a".into(),
        };
        let records = [
            particulars("1000000001", "2006-01-02"),
            particulars("9999999999", "2006-01-02"),
            particulars("", "2006-01-03"),
            particulars("1000000001", ""),
            particulars("", ""),
        ];
        let mut alike = AlikeRecords::default();
        for (index, record) in records.iter().enumerate() {
            alike.insert(&mark, record, index);
        }
        for wanted in &records {
            let mut found: Vec<usize> = alike.perhaps_one_person(&mark, wanted).collect();
            found.sort_unstable();
            let against = mark.mark.against();
            let expected: Vec<usize> = (0..records.len())
                .filter(|index| wanted.differing(&records[*index], against).is_empty())
                .collect();
            assert_eq!(found, expected, "{wanted:?}");
        }
    }
}
