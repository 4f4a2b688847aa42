//! What speaks for a row and an account being one person's, and what against it.

use std::borrow::Cow;

use crate::domain::field::Key;
use crate::domain::{Account, Normalisation, UNKNOWN_ULN, fingerprint, print_of};
use crate::onboarding::adopt::ExtractRow;
use crate::plan::canonical;

/// What rows and accounts are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComparedMark {
    MisId,
    Uln,
    Email,
    /// First and last name, in either order.
    Name,
    FirstName,
    Dob,
}

/// The fields of each sign but the MIS value, which is compared as it stands, and how these are compared.
const SIGNS: &[(ComparedMark, &[Key], Normalisation)] = &[
    (ComparedMark::Uln, &[Key::Uln], Normalisation::Number),
    (ComparedMark::Email, &[Key::Email], Normalisation::Address),
    (
        ComparedMark::Name,
        &[Key::FirstName, Key::LastName],
        Normalisation::Name,
    ),
    (
        ComparedMark::FirstName,
        &[Key::FirstName],
        Normalisation::Name,
    ),
    (ComparedMark::Dob, &[Key::Dob], Normalisation::Number),
];

/// The fields that pairs are told by.
pub(crate) const TELLING: &[Key] = &[Key::Uln, Key::Email, Key::Dob];

/// A row or an account, as numbers that are equal where what they stand for is.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints(Vec<(ComparedMark, u64)>);

impl Fingerprints {
    pub(crate) fn of_row(row: &ExtractRow) -> Self {
        Self::of(|key| row.text(key).map(Cow::Borrowed))
    }

    pub(crate) fn of_account(account: &Account) -> Self {
        let text = |key: Key| canonical(key, account.shown.get(key)?).map(Cow::Owned);
        Self::of(text)
    }

    fn of<'t>(text: impl Fn(Key) -> Option<Cow<'t, str>>) -> Self {
        // What stands for a ULN that nobody has says nothing.
        let text = |key: Key| text(key).filter(|text| key != Key::Uln || is_uln(text));
        let print = |(sign, keys, fold): &(ComparedMark, &[Key], Normalisation)| {
            Some((*sign, print_of(keys, *fold, text)?))
        };
        Self(SIGNS.iter().filter_map(print).collect())
    }

    pub(crate) fn get(&self, sign: ComparedMark) -> Option<u64> {
        self.0
            .iter()
            .find(|(known, _)| *known == sign)
            .map(|(_, print)| *print)
    }

    /// Takes out a sign that says nothing.
    pub(crate) fn forget(&mut self, sign: ComparedMark) {
        self.0.retain(|(known, _)| *known != sign);
    }

    /// Name and day of birth together: what many people have in part, and hardly two have both of.
    pub(crate) fn born(&self) -> Option<u64> {
        let (name, dob) = (
            self.get(ComparedMark::Name)?.to_string(),
            self.get(ComparedMark::Dob)?.to_string(),
        );
        fingerprint(1, Normalisation::Number, &[&name, &dob])
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
    pub agree: Vec<ComparedMark>,
    pub differ: Vec<ComparedMark>,
}

impl PairEvidence {
    pub(crate) fn of(
        row: (&ExtractRow, &Fingerprints),
        account: (&Account, &Fingerprints),
    ) -> Self {
        let mut evidence = Self::default();
        let mis_id = account.0.mis_id().map(|mis_id| mis_id == row.0.mis_id);
        let signs = SIGNS.iter().map(|(sign, ..)| *sign);
        let compared = signs.map(|sign| {
            (
                sign,
                row.1
                    .get(sign)
                    .zip(account.1.get(sign))
                    .map(|(one, other)| one == other),
            )
        });
        for (sign, agrees) in std::iter::once((ComparedMark::MisId, mis_id)).chain(compared) {
            match agrees {
                Some(true) => evidence.agree.push(sign),
                Some(false) => evidence.differ.push(sign),
                None => {}
            }
        }
        evidence
    }

    pub(crate) fn verdict(&self) -> PairVerdict {
        let has = |list: &[ComparedMark], signs: &[ComparedMark]| {
            signs.iter().all(|sign| list.contains(sign))
        };
        let speaking = || {
            ENOUGH
                .iter()
                .filter(|enough| has(&self.agree, enough.agree))
        };
        let enough = speaking().find(|enough| {
            !enough
                .none_differs
                .iter()
                .any(|sign| self.differ.contains(sign))
        });
        match (enough, speaking().next()) {
            (Some(enough), _) => PairVerdict::Enough(enough.rank),
            (None, Some(_)) => PairVerdict::Contradicted,
            (None, None) => PairVerdict::TooLittle,
        }
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
    agree: &'static [ComparedMark],
    none_differs: &'static [ComparedMark],
}

const fn enough(
    rank: Rank,
    agree: &'static [ComparedMark],
    none_differs: &'static [ComparedMark],
) -> EnoughToPair {
    EnoughToPair {
        rank,
        agree,
        none_differs,
    }
}

use ComparedMark::{Dob, Email, FirstName, MisId, Name, Uln};

/// One sign alone is enough where nothing else can be compared, or nothing speaks against it; two are, unless what they can't
/// explain differs: siblings share an address and a last name, twins a day of birth besides, and namesakes there always are.
const ENOUGH: &[EnoughToPair] = &[
    enough(Rank::MisId, &[MisId, Uln], &[]),
    enough(Rank::MisId, &[MisId, Email], &[Uln, FirstName, Dob]),
    enough(Rank::MisId, &[MisId, Name], &[]),
    enough(Rank::MisId, &[MisId, Dob], &[Uln, FirstName]),
    enough(Rank::MisId, &[MisId], &[Uln, Email, Name, Dob]),
    enough(Rank::Uln, &[Uln, Name], &[MisId]),
    enough(Rank::Uln, &[Uln, Dob], &[MisId, FirstName]),
    enough(Rank::Uln, &[Uln], &[MisId, FirstName, Dob]),
    enough(Rank::Email, &[Email, Name], &[MisId, Uln, Dob]),
    enough(Rank::Email, &[Email, FirstName, Dob], &[MisId, Uln]),
    enough(Rank::NameAndBirth, &[Name, Dob], &[MisId, Uln]),
];
