//! What speaks for a row and an account being one person's, and what against it.

use std::borrow::Cow;

use crate::adopt::Row;
use crate::field::Key;
use crate::model::{Account, Fold, UNKNOWN_ULN, fingerprint, print_of};
use crate::plan::canonical;

/// What rows and accounts are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    MisId,
    Uln,
    Email,
    /// First and last name, in either order.
    Name,
    FirstName,
    Dob,
}

/// The fields of each sign but the MIS value, which is compared as it stands, and how these are compared.
const SIGNS: &[(Sign, &[Key], Fold)] = &[
    (Sign::Uln, &[Key::Uln], Fold::Number),
    (Sign::Email, &[Key::Email], Fold::Address),
    (Sign::Name, &[Key::FirstName, Key::LastName], Fold::Name),
    (Sign::FirstName, &[Key::FirstName], Fold::Name),
    (Sign::Dob, &[Key::Dob], Fold::Number),
];

/// The fields that pairs are told by.
pub(crate) const TELLING: &[Key] = &[Key::Uln, Key::Email, Key::Dob];

/// A row or an account, as numbers that are equal where what they stand for is.
#[derive(Debug, Default)]
pub(crate) struct Prints(Vec<(Sign, u64)>);

impl Prints {
    pub(crate) fn of_row(row: &Row) -> Self {
        Self::of(|key| row.text(key).map(Cow::Borrowed))
    }

    pub(crate) fn of_account(account: &Account) -> Self {
        let text = |key: Key| canonical(key, account.shown.get(key)?).map(Cow::Owned);
        Self::of(text)
    }

    fn of<'t>(text: impl Fn(Key) -> Option<Cow<'t, str>>) -> Self {
        // What stands for a ULN that nobody has says nothing.
        let text = |key: Key| text(key).filter(|text| key != Key::Uln || is_uln(text));
        let print =
            |(sign, keys, fold): &(Sign, &[Key], Fold)| Some((*sign, print_of(keys, *fold, text)?));
        Self(SIGNS.iter().filter_map(print).collect())
    }

    pub(crate) fn get(&self, sign: Sign) -> Option<u64> {
        self.0
            .iter()
            .find(|(known, _)| *known == sign)
            .map(|(_, print)| *print)
    }

    /// Takes out a sign that says nothing.
    pub(crate) fn forget(&mut self, sign: Sign) {
        self.0.retain(|(known, _)| *known != sign);
    }

    /// Name and day of birth together: what many people have in part, and hardly two have both of.
    pub(crate) fn born(&self) -> Option<u64> {
        let (name, dob) = (
            self.get(Sign::Name)?.to_string(),
            self.get(Sign::Dob)?.to_string(),
        );
        fingerprint(1, Fold::Number, &[&name, &dob])
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
pub struct Evidence {
    pub agree: Vec<Sign>,
    pub differ: Vec<Sign>,
}

impl Evidence {
    pub(crate) fn of(row: (&Row, &Prints), account: (&Account, &Prints)) -> Self {
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
        for (sign, agrees) in std::iter::once((Sign::MisId, mis_id)).chain(compared) {
            match agrees {
                Some(true) => evidence.agree.push(sign),
                Some(false) => evidence.differ.push(sign),
                None => {}
            }
        }
        evidence
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let has = |list: &[Sign], signs: &[Sign]| signs.iter().all(|sign| list.contains(sign));
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
            (Some(enough), _) => Verdict::Enough(enough.rank),
            (None, Some(_)) => Verdict::Contradicted,
            (None, None) => Verdict::TooLittle,
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
pub(crate) enum Verdict {
    Enough(Rank),
    /// What would be enough agrees, and something else speaks against it.
    Contradicted,
    TooLittle,
}

/// What is enough for a pair.
struct Enough {
    rank: Rank,
    agree: &'static [Sign],
    none_differs: &'static [Sign],
}

const fn enough(rank: Rank, agree: &'static [Sign], none_differs: &'static [Sign]) -> Enough {
    Enough {
        rank,
        agree,
        none_differs,
    }
}

use Sign::{Dob, Email, FirstName, MisId, Name, Uln};

/// One sign alone is enough where nothing else can be compared, or nothing speaks against it; two are, unless what they can't
/// explain differs: siblings share an address and a last name, twins a day of birth besides, and namesakes there always are.
const ENOUGH: &[Enough] = &[
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
