//! Days that the calendar has and nobody can mean.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::domain::field::Key;
use crate::findings::{Code, Finding};
use crate::manifest::unchecked_user::UncheckedUser;

/// Older people aren't, either; a spreadsheet's day 0, in 1900, makes some.
const OLDEST: i16 = 110;
/// Younger people aren't in further education; a birth year that slipped makes some.
const YOUNGEST: i16 = 10;

pub(crate) fn check(user: &UncheckedUser, today: Date) -> Vec<Finding> {
    let day = |key: Key| user.day(key);
    let (born, start, end) = (day(Key::Dob), day(Key::StartOn), day(Key::PlannedEndDate));
    // The calendar years alone tell it of nearly everybody.
    let is_usual = |born: Date| (YOUNGEST + 1..OLDEST).contains(&(today.year() - born.year()));
    let alone = born
        .filter(|born| !is_usual(*born))
        .and_then(|born| match born {
            _ if born > today => Some("lies in the future"),
            _ if born > today.saturating_sub(YOUNGEST.years()) => {
                Some("is less than ten years ago")
            }
            _ if born < today.saturating_sub(OLDEST.years()) => Some("is more than 110 years ago"),
            _ => None,
        });
    let birth = alone.map(|what| {
        let message = format!("`dob` {what}");
        Finding::new(
            Code::ImplausibleDay,
            user.span(Key::Dob),
            message,
            "mend the year",
        )
    });
    let before = |(early, early_key): (Option<Date>, Key),
                  (late, late_key): (Option<Date>, Key)| {
        early
            .zip(late)
            .filter(|(early, late)| late < early)
            .map(|_| {
                let message = format!("`{}` is before `{}`", late_key.name(), early_key.name());
                Finding::new(
                    Code::ImplausibleDay,
                    user.span(late_key),
                    message,
                    "mend one of the two",
                )
                .label(user.span(early_key), "this is later")
            })
    };
    let start_of_life = before((born, Key::Dob), (start, Key::StartOn)).filter(|_| birth.is_none());
    let end_of_episode = before((start, Key::StartOn), (end, Key::PlannedEndDate));
    birth
        .into_iter()
        .chain(start_of_life)
        .chain(end_of_episode)
        .collect()
}
