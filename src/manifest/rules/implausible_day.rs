//! `implausible-day`: a day that the calendar has, but that can't be meant.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::domain::field::Key;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "implausible-day",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "A day that can't be meant: a birth in the future or less than ten years ago, say, or an end before its start.",
    explanation: "Days are checked against each other and against today: who is born in the future, less than ten or more than 110 \
years ago; who begins before being born; an episode that ends before it begins. `severity` in rosterctl.yaml can make it \
a warning.",
};

/// Older people aren't users. A spreadsheet's day 0, in 1900, makes some.
const OLDEST: i16 = 110;
/// Younger people aren't in further education. A slip in the year of birth makes some.
const YOUNGEST: i16 = 10;

pub(crate) fn check(user: &UncheckedUser, today: Date) -> Vec<Finding> {
    let birth = implausible_birth(user, today);
    // A birth that can't be meant says nothing of the days after it.
    let before_birth = if birth.is_none() {
        out_of_order(user, Key::Dob, Key::StartOn)
    } else {
        None
    };
    let before_start = out_of_order(user, Key::StartOn, Key::PlannedEndDate);
    [birth, before_birth, before_start]
        .into_iter()
        .flatten()
        .collect()
}

fn implausible_birth(user: &UncheckedUser, today: Date) -> Option<Finding> {
    let born = user.day(Key::Dob)?;
    // The years are enough to tell that nearly all births are fine.
    if (YOUNGEST + 1..OLDEST).contains(&(today.year() - born.year())) {
        return None;
    }
    let what = if born > today {
        "lies in the future"
    } else if born > today.saturating_sub(YOUNGEST.years()) {
        "is less than ten years ago"
    } else if born < today.saturating_sub(OLDEST.years()) {
        "is more than 110 years ago"
    } else {
        return None;
    };
    let message = format!("`dob` {what}");
    let span = user.span(Key::Dob);
    Some(Finding::new(&RULE, span, message, "fix the year"))
}

/// A finding if the day that should come later comes first.
fn out_of_order(user: &UncheckedUser, earlier: Key, later: Key) -> Option<Finding> {
    if user.day(later)? >= user.day(earlier)? {
        return None;
    }
    let message = format!("`{}` is before `{}`", later.name(), earlier.name());
    let finding = Finding::new(&RULE, user.span(later), message, "fix one of the two");
    Some(finding.label(user.span(earlier), "this is later"))
}
