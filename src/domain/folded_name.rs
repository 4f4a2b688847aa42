//! A person's name without what people write in different ways: case, accents, apostrophes, hyphens, blanks and order.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::domain::field::Key;
use crate::domain::identifying;

/// The parts of a name, folded and sorted. A part that says nothing, such as `-`, is left out, so a person with one name has
/// one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedName(Vec<SmolStr>);

impl FoldedName {
    /// The name of a record; `None` if it doesn't have both fields, or neither of them says anything.
    pub fn of<'t>(text: impl Fn(Key) -> Option<Cow<'t, str>>) -> Option<Self> {
        let (first, last) = (text(Key::FirstName)?, text(Key::LastName)?);
        let mut parts = Vec::with_capacity(2);
        parts.extend(identifying(Key::FirstName, &first));
        parts.extend(identifying(Key::LastName, &last));
        parts.sort_unstable();
        // Some systems want two names, so a person with one name has it twice.
        parts.dedup();
        (!parts.is_empty()).then_some(Self(parts))
    }

    pub fn parts(&self) -> &[SmolStr] {
        &self.0
    }

    pub fn into_parts(self) -> Vec<SmolStr> {
        self.0
    }

    /// The parts that another name lacks. None are lost if a middle name only moves from one field to the other.
    pub fn lost_in(&self, other: &Self) -> Vec<SmolStr> {
        if self.is_written_as(other) {
            return Vec::new();
        }
        let mut left = other.0.clone();
        let mut lost = Vec::new();
        for part in &self.0 {
            match left.iter().position(|known| known == part) {
                Some(index) => drop(left.swap_remove(index)),
                None => lost.push(part.clone()),
            }
        }
        lost
    }

    /// Whether both are the same letters, in either order of the fields.
    fn is_written_as(&self, other: &Self) -> bool {
        let letters = self.0.concat();
        let backwards = |parts: &[SmolStr]| parts.iter().rev().map(SmolStr::as_str).collect();
        let turned: String = backwards(&self.0);
        [other.0.concat(), backwards(&other.0)]
            .iter()
            .any(|written| *written == letters || *written == turned)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::FoldedName;
    use crate::domain::field::Key;

    fn name(first: &str, last: &str) -> FoldedName {
        let text = |key| {
            let text = if key == Key::FirstName { first } else { last };
            Some(Cow::Borrowed(text))
        };
        FoldedName::of(text).unwrap()
    }

    fn lost(was: (&str, &str), is: (&str, &str)) -> usize {
        name(was.0, was.1).lost_in(&name(is.0, is.1)).len()
    }

    #[test]
    fn nothing_is_lost_by_another_way_to_write_a_name() {
        for (was, is) in [
            (("AISHA", "KHAN"), ("Aisha", "Khan")),
            (("Zoe", "Muller"), ("Zoë", "Müller")),
            (("Sean", "O'Neill"), ("Seán", "O’Neill")),
            (("Ann-Marie", "Lee"), ("Ann Marie", "Lee")),
            (("Chen", "Li"), ("Li", "Chen")),
            (("Mary Ann", "Smith"), ("Mary", "Ann Smith")),
            (("-", "Sukarno"), ("Sukarno", ".")),
            (("-", "Sukarno"), ("Ahmad", "Sukarno")),
            (("Sukarno", "Sukarno"), ("-", "Sukarno")),
        ] {
            assert_eq!(lost(was, is), 0, "{was:?} {is:?}");
        }
    }

    #[test]
    fn each_name_that_is_replaced_is_lost() {
        assert_eq!(lost(("Aisha", "Khan"), ("Aisha", "Patel")), 1);
        assert_eq!(lost(("Chen", "Li"), ("Li", "Wang")), 1);
        assert_eq!(lost(("Aisha", "Khan"), ("Ben", "Patel")), 2);
        assert_eq!(lost(("Ian", "Khan"), ("Ian", "Ian")), 1);
    }
}
