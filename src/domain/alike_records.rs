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

    use super::{AlikeRecords, EVERY_FIELD, Particulars};
    use crate::domain::field::Key;
    use crate::domain::{IdentityMark, MarkValue, SPEAKS_AGAINST};

    fn particulars([uln, nino, dob]: [&'static str; 3]) -> Particulars {
        let text = |key: Key| match key {
            Key::Uln => Some(Cow::Borrowed(uln)),
            Key::Nino => Some(Cow::Borrowed(nino)),
            Key::Dob => Some(Cow::Borrowed(dob)),
            _ => None,
        };
        Particulars::of(text)
    }

    /// With a placeholder among them, which says nothing.
    const ULNS: [&str; 4] = ["1000000001", "1000000002", "9999999999", ""];
    const NINOS: [&str; 3] = ["QQ123456C", "QQ123457C", ""];
    const DOBS: [&str; 3] = ["2006-01-02", "2006-01-03", ""];

    fn every_record() -> Vec<Particulars> {
        let mut records = Vec::new();
        for uln in ULNS {
            for nino in NINOS {
                for dob in DOBS {
                    records.push(particulars([uln, nino, dob]));
                }
            }
        }
        records
    }

    #[test]
    fn a_record_is_found_unless_something_known_on_both_sides_speaks_against_it() {
        let records = every_record();
        let is_whole = |index: &usize| records[*index].known(SPEAKS_AGAINST) == EVERY_FIELD;
        let wholes = (0..records.len()).filter(is_whole).count();
        // Of those that have all three fields, so many are like the first: all three speak against a shared name, only the
        // numbers against a name with its date of birth, nothing against an address.
        for (mark, like_first) in [
            (IdentityMark::Name, 1),
            (IdentityMark::NameAndBirth, 2),
            (IdentityMark::Email, wholes),
        ] {
            let mark = MarkValue {
                mark,
                value: "a".into(),
            };
            let mut alike = AlikeRecords::default();
            for (index, record) in records.iter().enumerate() {
                alike.insert(&mark, record, index);
            }
            let against = mark.mark.against();
            for wanted in &records {
                let mut found: Vec<usize> = alike.perhaps_one_person(&mark, wanted).collect();
                found.sort_unstable();
                let speaks_against = |index: &usize| {
                    let differing = wanted.differing(&records[*index], against);
                    !differing.is_empty()
                };
                let mut expected: Vec<usize> = (0..records.len()).collect();
                assert_eq!(alike.sharing(&mark), expected);
                expected.retain(|index| !speaks_against(index));
                assert_eq!(found, expected, "{mark:?} {wanted:?}");
            }
            let found = alike.perhaps_one_person(&mark, &records[0]);
            assert_eq!(found.filter(is_whole).count(), like_first, "{mark:?}");
        }
    }

    #[test]
    fn records_differ_in_the_fields_that_both_have_and_that_are_asked_about() {
        let one = particulars(["1000000001", "QQ123456C", "2006-01-02"]);
        let other = particulars(["1000000002", "", "2006-01-03"]);
        for (among, differing) in [
            (SPEAKS_AGAINST, &[Key::Uln, Key::Dob][..]),
            (&[Key::Uln, Key::Nino], &[Key::Uln]),
            (&[Key::Nino], &[]),
            (&[], &[]),
        ] {
            assert_eq!(one.differing(&other, among), differing, "{among:?}");
        }
        let placeholder = particulars(["9999999999", "QQ123456C", "2006-01-02"]);
        assert_eq!(one.differing(&placeholder, SPEAKS_AGAINST), []);
    }
}
