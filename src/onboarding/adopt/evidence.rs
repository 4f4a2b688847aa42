//! What speaks for a row and an account being one person's, and what against it.

use std::borrow::Cow;

use crate::domain::field::{Key, UNKNOWN_ULN};
use crate::domain::{Account, IdentityMark, MarkUse, MarkValue, marks};
use crate::onboarding::adopt::ExtractRow;

/// The marks that a row and an account are compared by, in the order in which people read them. The MIS value is compared as it stands.
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
        // A number that stands for a missing ULN says nothing.
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

    /// Takes out a mark that says nothing.
    pub(crate) fn forget(&mut self, mark: IdentityMark) {
        self.0.retain(|known| known.mark != mark);
    }
}

/// Ten digits as the record service gives them: none of them begins with 0, and those of placeholders are all alike.
fn is_uln(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_plain = digits.len() == UNKNOWN_ULN.len()
        && digits.iter().all(char::is_ascii_digit)
        && digits[0] != '0';
    is_plain && digits.iter().any(|digit| *digit != digits[0])
}

/// What agrees and what differs, of what both sides have.
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

    pub(crate) fn verdict(&self) -> PairVerdict {
        let mut verdict = PairVerdict::TooLittle;
        for enough in ENOUGH {
            if !enough.agree.iter().all(|mark| self.agree.contains(mark)) {
                continue;
            }
            if !enough
                .none_differs
                .iter()
                .any(|mark| self.differ.contains(mark))
            {
                return PairVerdict::Enough(enough.rank);
            }
            verdict = PairVerdict::Contradicted;
        }
        verdict
    }
}

/// How good evidence is; the best first.
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
    /// What would be enough agrees, and something else speaks against it.
    Contradicted,
    TooLittle,
}

/// What is enough for a pair.
struct EnoughToPair {
    rank: Rank,
    agree: &'static [IdentityMark],
    none_differs: &'static [IdentityMark],
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

/// One mark is enough if nothing else differs. Two marks are enough unless something differs that they can't explain: siblings share
/// an address and a last name, twins also a date of birth, and there are always namesakes.
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
