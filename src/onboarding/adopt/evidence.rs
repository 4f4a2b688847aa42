//! Evidence for and against a row and an account belonging to the same person.

use std::borrow::Cow;

use crate::domain::field::{Key, UNKNOWN_ULN};
use crate::domain::{Account, IdentityMark, MarkUse, MarkValue, marks};
use crate::onboarding::adopt::{ExtractKeys, ExtractRow};

/// The marks compared after normalisation, in the order in which people read them. The MIS value is compared as written.
const COMPARED: &[IdentityMark] = &[Uln, Email, Name, FirstName, Birth];

/// The normalised marks of a row or an account.
#[derive(Debug, Default)]
pub(crate) struct RecordMarks(Vec<MarkValue>);

impl RecordMarks {
    pub(crate) fn of_row(row: &ExtractRow) -> Self {
        Self::of(|key| match key {
            Key::MisId => Some(Cow::Borrowed(row.mis_id.as_str())),
            key => row.text(key).map(Cow::Borrowed),
        })
    }

    pub(crate) fn of_account(account: &Account) -> Self {
        Self::of(|key| match key {
            Key::MisId => account.mis_id().map(Cow::Borrowed),
            key => account.shown.get(key)?.canonical(),
        })
    }

    fn of<'t>(text: impl Fn(Key) -> Option<Cow<'t, str>>) -> Self {
        // A placeholder for a missing ULN is no evidence.
        let telling = |key: Key| text(key).filter(|text| key != Key::Uln || is_uln(text));
        let mut marks: Vec<MarkValue> = marks(MarkUse::ToAdopt, telling).collect();
        for mark in [FirstName, Birth] {
            let value = mark.of(telling);
            marks.extend(value.map(|value| MarkValue { mark, value }));
        }
        Self(marks)
    }

    pub(crate) fn get(&self, mark: IdentityMark) -> Option<&MarkValue> {
        self.0.iter().find(|known| known.mark == mark)
    }

    /// Removes a mark that is no evidence.
    pub(crate) fn forget(&mut self, mark: IdentityMark) {
        self.0.retain(|known| known.mark != mark);
    }
}

/// Whether this can be a real ULN. The Learning Records Service issues ten digits that don't begin with 0. Placeholders repeat
/// one digit.
fn is_uln(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_plain = digits.len() == UNKNOWN_ULN.len()
        && digits.iter().all(char::is_ascii_digit)
        && digits[0] != '0';
    is_plain && digits.iter().any(|digit| *digit != digits[0])
}

/// The marks that agree and those that differ. A mark that one side lacks is in neither list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairEvidence {
    pub agree: Vec<IdentityMark>,
    pub differ: Vec<IdentityMark>,
}

impl PairEvidence {
    pub(crate) fn of(
        row: &ExtractRow,
        row_marks: &RecordMarks,
        account: &Account,
        account_marks: &RecordMarks,
    ) -> Self {
        let mut evidence = Self::default();
        if let Some(mis_id) = account.mis_id() {
            evidence.note(MisId, mis_id == row.mis_id);
        }
        for mark in COMPARED {
            if let (Some(of_row), Some(of_account)) =
                (row_marks.get(*mark), account_marks.get(*mark))
            {
                evidence.note(*mark, of_row == of_account);
            }
        }
        evidence
    }

    fn note(&mut self, mark: IdentityMark, agrees: bool) {
        if agrees {
            self.agree.push(mark);
        } else {
            self.differ.push(mark);
        }
    }

    /// Whether only the first name and the date of birth agree, and the ULN shows that these are two people.
    pub(crate) fn is_of_two_people(&self) -> bool {
        self.agree == [FirstName, Birth] && self.differ.contains(&Uln)
    }

    pub(crate) fn verdict(&self, keys: ExtractKeys) -> PairVerdict {
        let is_renumbered = keys == ExtractKeys::Renumbered;
        let mut verdict = PairVerdict::TooLittle;
        for enough in ENOUGH {
            if !enough.agree.iter().all(|mark| self.agree.contains(mark)) {
                continue;
            }
            let is_excused =
                |mark: IdentityMark| mark == MisId && enough.proves_person() && is_renumbered;
            let mut against = enough.none_differs.iter();
            if !against.any(|mark| self.differ.contains(mark) && !is_excused(*mark)) {
                return PairVerdict::Enough(enough.rank);
            }
            verdict = PairVerdict::Contradicted;
        }
        verdict
    }
}

/// The strength of evidence, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    MisId,
    Uln,
    Email,
    NameAndBirth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PairVerdict {
    Enough(Rank),
    /// Enough marks agree, but another mark contradicts them.
    Contradicted,
    TooLittle,
}

/// A combination of marks that is enough for a pair, unless one of `none_differs` differs.
struct EnoughToPair {
    rank: Rank,
    agree: &'static [IdentityMark],
    none_differs: &'static [IdentityMark],
}

impl EnoughToPair {
    /// Whether it is enough for the planner, too, to give the account another MIS value.
    fn proves_person(&self) -> bool {
        match self.rank {
            Rank::Uln | Rank::NameAndBirth => true,
            Rank::MisId | Rank::Email => false,
        }
    }
}

const fn enough(
    rank: Rank,
    agree: &'static [IdentityMark],
    none_differs: &'static [IdentityMark],
) -> EnoughToPair {
    EnoughToPair {
        rank,
        agree,
        none_differs,
    }
}

use IdentityMark::{Birth, Email, FirstName, MisId, Name, Uln};

/// One mark is enough if nothing else differs. Two marks are enough unless a mark differs that they can't explain. Siblings
/// share an e-mail address and a last name, and twins also a date of birth. Strangers can share a name.
const ENOUGH: &[EnoughToPair] = &[
    enough(Rank::MisId, &[MisId, Uln], &[]),
    enough(Rank::MisId, &[MisId, Email], &[Uln, FirstName, Birth]),
    enough(Rank::MisId, &[MisId, Name], &[]),
    enough(Rank::MisId, &[MisId, Birth], &[Uln, FirstName]),
    enough(Rank::MisId, &[MisId], &[Uln, Email, Name, Birth]),
    enough(Rank::Uln, &[Uln, Name], &[MisId]),
    enough(Rank::Uln, &[Uln, Birth], &[MisId, FirstName]),
    enough(Rank::Uln, &[Uln], &[MisId, FirstName, Birth]),
    enough(Rank::Email, &[Email, Name], &[MisId, Uln, Birth]),
    enough(Rank::Email, &[Email, FirstName, Birth], &[MisId, Uln]),
    enough(Rank::NameAndBirth, &[Name, Birth], &[MisId, Uln]),
];
