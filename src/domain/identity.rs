//! The table of marks that identify a person. The planner, `adopt`, `rehearse`, `doctor` and `--base` all read it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use foldhash::{HashMap, HashSet};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use smol_str::{SmolStr, SmolStrBuilder};

use crate::domain::Fields;
use crate::domain::field::Key;
use crate::domain::normalise::{Normalisation, normalise};
use crate::domain::{DeclaredUser, FoldedName, Value};

/// Something that two records of one person have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityMark {
    MisId,
    /// First and last name, in either order: they are easily swapped. A name of one word counts.
    Name,
    Email,
    Uln,
    Nino,
    NameAndBirth,
    FirstNameBirthAndMobile,
    FirstNameBirthAndAddress,
    /// Of the e-mail address, only what stands before the `@`.
    FirstNameBirthAndMailbox,
    FirstNameAndBirth,
    LastNameAndBirth,
    FirstName,
    Birth,
}

/// The use of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkUse {
    /// Two users who share it in the files look like one person.
    InFiles,
    /// Two declared users who share it are not both created.
    AmongDeclared,
    /// A create is compared by it with every live account.
    AgainstLive,
    /// It finds a person who has another last name now, among the accounts that no other declared user has.
    OfTheRenamed,
    /// It stays with a person whose MIS value is edited.
    AcrossEdits,
    /// It finds the accounts that a row of an extract may belong to.
    ToAdopt,
}

/// What follows from a shared mark alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkWeight {
    /// The plan says so, and goes on.
    Note,
    /// A create is on hold.
    Hold,
}

/// One mark, with its fields and its uses.
struct MarkRow {
    mark: IdentityMark,
    fields: &'static [Key],
    weight: MarkWeight,
    /// The fields that speak against one person if both records have them and they differ. A hold becomes a note, and a note
    /// isn't worth saying.
    against: &'static [Key],
    uses: &'static [MarkUse],
}

use MarkUse::{AcrossEdits, AgainstLive, AmongDeclared, InFiles, OfTheRenamed, ToAdopt};
use MarkWeight::{Hold, Note};

/// What no second person has. A date of birth speaks against the namesake, too, but a shared one proves nothing.
const NUMBERS: &[Key] = &[Key::Uln, Key::Nino];

/// In the order in which messages name the marks.
const MARKS: &[MarkRow] = &[
    MarkRow {
        mark: IdentityMark::MisId,
        fields: &[Key::MisId],
        weight: Hold,
        against: &[],
        uses: &[InFiles, AmongDeclared, AgainstLive, ToAdopt],
    },
    MarkRow {
        mark: IdentityMark::Name,
        fields: &[Key::FirstName, Key::LastName],
        weight: Hold,
        against: SPEAKS_AGAINST,
        uses: &[AmongDeclared, AgainstLive, AcrossEdits, ToAdopt],
    },
    MarkRow {
        mark: IdentityMark::Email,
        fields: &[Key::Email],
        weight: Hold,
        against: &[],
        uses: &[InFiles, AmongDeclared, AgainstLive, AcrossEdits, ToAdopt],
    },
    MarkRow {
        mark: IdentityMark::Uln,
        fields: &[Key::Uln],
        weight: Hold,
        against: &[],
        uses: &[InFiles, AmongDeclared, AgainstLive, AcrossEdits, ToAdopt],
    },
    MarkRow {
        mark: IdentityMark::Nino,
        fields: &[Key::Nino],
        weight: Hold,
        against: &[],
        uses: &[InFiles, AmongDeclared, AgainstLive, AcrossEdits],
    },
    MarkRow {
        mark: IdentityMark::NameAndBirth,
        fields: &[Key::FirstName, Key::LastName, Key::Dob],
        weight: Hold,
        against: NUMBERS,
        uses: &[InFiles, ToAdopt],
    },
    MarkRow {
        mark: IdentityMark::FirstNameBirthAndMobile,
        fields: &[Key::FirstName, Key::Dob, Key::MobileNumber],
        weight: Hold,
        against: NUMBERS,
        uses: &[AmongDeclared, OfTheRenamed],
    },
    MarkRow {
        mark: IdentityMark::FirstNameBirthAndAddress,
        fields: &[Key::FirstName, Key::Dob, Key::HomeAddress],
        weight: Hold,
        against: NUMBERS,
        uses: &[AmongDeclared, OfTheRenamed],
    },
    MarkRow {
        mark: IdentityMark::FirstNameBirthAndMailbox,
        fields: &[Key::FirstName, Key::Dob, Key::Email],
        weight: Hold,
        against: NUMBERS,
        uses: &[AmongDeclared, OfTheRenamed],
    },
    MarkRow {
        mark: IdentityMark::FirstNameAndBirth,
        fields: &[Key::FirstName, Key::Dob],
        weight: Note,
        against: NUMBERS,
        uses: &[OfTheRenamed, AcrossEdits, ToAdopt],
    },
    MarkRow {
        mark: IdentityMark::LastNameAndBirth,
        fields: &[Key::LastName, Key::Dob],
        weight: Note,
        against: NUMBERS,
        uses: &[AcrossEdits],
    },
    MarkRow {
        mark: IdentityMark::FirstName,
        fields: &[Key::FirstName],
        weight: Note,
        against: SPEAKS_AGAINST,
        uses: &[],
    },
    MarkRow {
        mark: IdentityMark::Birth,
        fields: &[Key::Dob],
        weight: Note,
        against: NUMBERS,
        uses: &[],
    },
];

/// The fields that show that two people with one name are two, if both records have them and they differ.
pub const SPEAKS_AGAINST: &[Key] = &[Key::Uln, Key::Nino, Key::Dob];

/// The fields that usually differ between two people with the same name.
pub const TELLS_NAMESAKES_APART: &[Key] = &[Key::Email, Key::Dob, Key::Uln, Key::Nino];

/// The fields that a create needs before it can be told from other people's accounts. NINO isn't among them: few rosters have it,
/// and those that do keep it in an overlay that pull requests never see.
pub const TELLS_DUPLICATES: &[Key] = &[
    Key::FirstName,
    Key::LastName,
    Key::Email,
    Key::Dob,
    Key::Uln,
];

/// The fields that rarely change for one person. If two of them change at once, the update looks like a shifted column.
pub const STAYS_WITH_A_PERSON: &[Key] =
    &[Key::FirstName, Key::LastName, Key::Dob, Key::Uln, Key::Nino];

/// The fields that identify people and that stand in columns of a spreadsheet, which may be sorted or shifted on their own.
pub const MOVES_IN_COLUMNS: &[Key] = &[
    Key::FirstName,
    Key::LastName,
    Key::Email,
    Key::Dob,
    Key::Uln,
    Key::Nino,
];

/// The fields, in addition to the name, that `adopt` reads of an account before it pairs it.
pub const TELLS_PAIRS: &[Key] = &[Key::Uln, Key::Email, Key::Dob];

/// How each identifying field is compared.
const NORMALISED: &[(Key, Normalisation)] = &[
    (Key::MisId, Normalisation::Key),
    (Key::FirstName, Normalisation::Name),
    (Key::LastName, Normalisation::Name),
    (Key::Email, Normalisation::Address),
    (Key::Uln, Normalisation::Number),
    (Key::Nino, Normalisation::Number),
    (Key::Dob, Normalisation::Number),
    (Key::MobileNumber, Normalisation::Phone),
    (Key::HomeAddress, Normalisation::Name),
];

/// How a field is compared between two records; `None` if it identifies nobody.
pub fn normalisation(key: Key) -> Option<Normalisation> {
    NORMALISED
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, normalisation)| *normalisation)
}

/// The normalised value of an identifying field; `None` if the value identifies nobody, such as the placeholder ULN.
pub fn identifying(key: Key, text: &str) -> Option<SmolStr> {
    let normal = normalise(normalisation(key)?, text)?;
    let is_placeholder = match key {
        Key::Uln => repeats_one_digit(&normal),
        Key::Nino => normal.get(2..8).is_some_and(repeats_one_digit),
        _ => false,
    };
    (!is_placeholder).then_some(normal)
}

/// Placeholders repeat one digit: the ULN 9999999999, the national insurance number `QQ000000A`.
fn repeats_one_digit(text: &str) -> bool {
    let first = text.as_bytes()[0];
    first.is_ascii_digit() && text.bytes().all(|byte| byte == first)
}

/// A mark with its normalised value. Two records that share one may belong to the same person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkValue {
    pub mark: IdentityMark,
    pub value: SmolStr,
}

impl IdentityMark {
    /// The marks for one use, in the order in which messages name them.
    pub fn used(of: MarkUse) -> impl Iterator<Item = Self> {
        MARKS
            .iter()
            .filter(move |row| row.uses.contains(&of))
            .map(|row| row.mark)
    }

    fn row(self) -> &'static MarkRow {
        &MARKS[self as usize]
    }

    /// The fields that a record needs to have this mark.
    pub fn fields(self) -> &'static [Key] {
        self.row().fields
    }

    /// What follows from it alone.
    pub fn weight(self) -> MarkWeight {
        self.row().weight
    }

    /// The fields that speak against one person although two records share this mark.
    pub fn against(self) -> &'static [Key] {
        self.row().against
    }

    /// The normalised mark of a record; `None` if one of its fields is missing or identifies nobody. Of a name, one of both
    /// parts is enough.
    pub fn of<'t>(self, text: impl Fn(Key) -> Option<Cow<'t, str>>) -> Option<SmolStr> {
        let fields = self.fields();
        if let [only] = fields {
            return identifying(*only, &text(*only)?);
        }
        let mut parts = Vec::with_capacity(3);
        let rest = match fields {
            [Key::FirstName, Key::LastName, rest @ ..] => {
                parts.extend(FoldedName::of(&text)?.into_parts());
                rest
            }
            fields => fields,
        };
        for key in rest {
            parts.push(self.part(*key, &text(*key)?)?);
        }
        Some(joined(&parts))
    }

    fn part(self, key: Key, text: &str) -> Option<SmolStr> {
        match (self, key) {
            (Self::FirstNameBirthAndMailbox, Key::Email) => {
                identifying(key, text.rsplit_once('@')?.0)
            }
            _ => identifying(key, text),
        }
    }

    /// The normalised mark of a declared user.
    pub fn of_declared(self, values: &Fields<Value>) -> Option<SmolStr> {
        self.of(|key| declared_text(values, key))
    }
}

/// The marks of a record for one use.
pub fn marks<'t>(
    of: MarkUse,
    text: impl Fn(Key) -> Option<Cow<'t, str>>,
) -> impl Iterator<Item = MarkValue> {
    IdentityMark::used(of).filter_map(move |mark| {
        Some(MarkValue {
            mark,
            value: mark.of(&text)?,
        })
    })
}

/// The marks of a declared user for one use.
pub fn marks_of_declared(of: MarkUse, user: &DeclaredUser) -> impl Iterator<Item = MarkValue> {
    marks(of, |key| declared_text(&user.values, key))
}

/// A declared value as text; `None` if it identifies nobody by its kind, such as a flag.
pub fn declared_text(values: &Fields<Value>, key: Key) -> Option<Cow<'_, str>> {
    match values.get(key)? {
        Value::Text(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Day(day) => Some(Cow::Owned(day.to_string())),
        Value::Instant(_) | Value::Flag(_) | Value::Reference(_) => None,
    }
}

/// Joins parts with a control character. Normalised names have none, so the parts can't run into each other.
fn joined(parts: &[SmolStr]) -> SmolStr {
    let mut text = SmolStrBuilder::new();
    for part in parts {
        text.push_str(part);
        text.push('\u{1f}');
    }
    text.finish()
}

/// Declared users who share a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedMark {
    pub mark: IdentityMark,
    /// Their indexes, two or more, in order.
    pub users: Vec<usize>,
}

/// Every mark that two or more users of the files share.
pub fn shared_marks(users: &[&Fields<Value>]) -> Vec<SharedMark> {
    by_mark(InFiles, |mark| {
        let values = users.iter().enumerate();
        groups(
            mark,
            values.filter_map(|(index, user)| Some((index, mark.of_declared(user)?))),
        )
    })
}

/// Every mark that keeps two declared users from being created both, for groups that include one of `these` users.
pub fn shared_marks_of(users: &[&Fields<Value>], these: &[usize]) -> Vec<SharedMark> {
    if these.is_empty() {
        return Vec::new();
    }
    by_mark(AmongDeclared, |mark| {
        let values = these
            .iter()
            .filter_map(|index| mark.of_declared(users[*index]));
        let wanted: HashSet<SmolStr> = values.collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let values = users.iter().enumerate();
        let marked = values.filter_map(|(index, user)| Some((index, mark.of_declared(user)?)));
        groups(mark, marked.filter(|(_, value)| wanted.contains(value)))
    })
}

fn by_mark(
    of: MarkUse,
    groups: impl Fn(IdentityMark) -> Vec<SharedMark> + Sync,
) -> Vec<SharedMark> {
    let marks: Vec<IdentityMark> = IdentityMark::used(of).collect();
    marks
        .par_iter()
        .flat_map_iter(|mark| groups(*mark))
        .collect()
}

/// Groups of two or more users with the same value of a mark, in the order of their first users.
fn groups(mark: IdentityMark, values: impl Iterator<Item = (usize, SmolStr)>) -> Vec<SharedMark> {
    let most = values.size_hint().1.unwrap_or_default();
    let mut first: HashMap<SmolStr, usize> =
        HashMap::with_capacity_and_hasher(most, RandomState::default());
    let mut shared: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, value) in values {
        let earliest = *first.entry(value).or_insert(index);
        if earliest != index {
            shared
                .entry(earliest)
                .or_insert_with(|| vec![earliest])
                .push(index);
        }
    }
    shared
        .into_values()
        .map(|users| SharedMark { mark, users })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{IdentityMark, MARKS, identifying, shared_marks, shared_marks_of};
    use crate::domain::Fields;
    use crate::domain::field::Key;
    use crate::domain::{FieldText, Value};

    fn user(values: &[(Key, &str)]) -> Fields<Value> {
        let values = values
            .iter()
            .map(|(key, text)| (*key, Value::Text(FieldText::new(key.row().kind, text))));
        values.collect()
    }

    #[test]
    fn the_table_has_each_mark_in_its_own_row() {
        for (index, row) in MARKS.iter().enumerate() {
            assert_eq!(row.mark as usize, index);
        }
    }

    #[test]
    fn users_who_share_a_mark_are_grouped_however_many_there_are() {
        let mut users: Vec<_> = (0..5_000)
            .map(|n| user(&[(Key::Email, &format!("{n}@example.ac.uk"))]))
            .collect();
        users.push(user(&[
            (Key::Email, "17@EXAMPLE.ac.uk"),
            (Key::Uln, "9999999999"),
        ]));
        users.push(user(&[
            (Key::Email, "17@example.ac.uk"),
            (Key::Uln, "9999999999"),
        ]));
        let shared = shared_marks(&users.iter().collect::<Vec<_>>());
        assert_eq!(
            shared.len(),
            1,
            "the ULN of those who have none is nobody's: {shared:?}"
        );
        assert_eq!(
            (shared[0].mark, shared[0].users.as_slice()),
            (IdentityMark::Email, &[17, 5_000, 5_001][..])
        );
    }

    #[test]
    fn only_groups_that_include_one_of_these_users_are_named() {
        let mail = |name: &str| user(&[(Key::Email, &format!("{name}@example.ac.uk"))]);
        let users = ["a", "b", "a", "b", "c", "b"].map(mail);
        let users: Vec<_> = users.iter().collect();
        let grouped = |these: &[usize]| -> Vec<Vec<usize>> {
            let shared = shared_marks_of(&users, these);
            shared.into_iter().map(|group| group.users).collect()
        };
        assert_eq!(grouped(&[0]), [vec![0, 2]]);
        assert_eq!(grouped(&[3, 4]), [vec![1, 3, 5]]);
        assert_eq!(grouped(&[2, 5]), [vec![0, 2], vec![1, 3, 5]]);
        assert_eq!(grouped(&[4]), [[0; 0]; 0]);
        assert_eq!(grouped(&[]), [[0; 0]; 0]);
    }

    #[test]
    fn a_mailbox_is_the_same_at_any_host() {
        let person = |email| {
            let shown = [
                (Key::FirstName, "Ann"),
                (Key::Dob, "2006-01-02"),
                (Key::Email, email),
            ];
            IdentityMark::FirstNameBirthAndMailbox.of_declared(&user(&shown))
        };
        assert_eq!(person("ann.b@example.ac.uk"), person("Ann.B@example.com"));
        assert_ne!(person("ann.b@example.ac.uk"), person("ann.c@example.ac.uk"));
        assert_eq!(person("ann.b"), None);
    }

    #[test]
    fn placeholders_of_numbers_identify_nobody() {
        for (key, text) in [
            (Key::Uln, "9999999999"),
            (Key::Uln, " 0000000000 "),
            (Key::Nino, "QQ000000A"),
            (Key::Nino, "qq 99 99 99 a"),
        ] {
            assert_eq!(identifying(key, text), None, "{text}");
        }
        for (key, text) in [
            (Key::Uln, "1000000001"),
            (Key::Uln, "nnnnnnnnnn"),
            (Key::Nino, "QQ123456C"),
            (Key::Nino, "QQ111112A"),
            (Key::MisId, "1111"),
        ] {
            assert!(identifying(key, text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_name_counts_in_either_order_and_its_parts_stay_apart() {
        let name = |first, last| {
            let values = user(&[(Key::FirstName, first), (Key::LastName, last)]);
            IdentityMark::Name.of_declared(&values)
        };
        assert_eq!(name("Ian", "McDonald"), name("McDonald", "ian"));
        assert_ne!(name("Ian", "McDonald"), name("Ian", "Ian"));
        assert_ne!(name("AnnB", "ea"), name("Ann", "Bea"));
        assert_eq!(
            name("Ann", " - "),
            name(".", "ann"),
            "a name of one word counts"
        );
        assert_eq!(
            name("Ann", "Ann"),
            name("Ann", "-"),
            "some systems want it twice"
        );
        assert_eq!(name("-", " . "), None);
    }
}
