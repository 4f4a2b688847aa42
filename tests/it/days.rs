//! Days as London counts them: what is shown for a day, an hour off it, and what is sent.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use rosterctl::domain::london::parse_day;

use crate::harness::checked;

/// Every day from 1930 to 2037: `docs/onefile-api.md`, Traps.
#[test]
fn a_day_is_read_from_its_london_midnight_from_an_hour_off_it_and_from_what_is_sent() {
    let london = TimeZone::get("Europe/London").unwrap();
    let mut day: Date = date(1930, 1, 1);
    while day.year() < 2038 {
        let midnight = day.to_zoned_datetime(london.clone()).unwrap().timestamp();
        for off in [-1, 0, 1] {
            let shown = midnight + SignedDuration::from_hours(off);
            assert_eq!(parse_day(&shown.to_string()), Some(day), "{shown}");
        }
        assert_eq!(parse_day(&format!("{day}T12:00:00Z")), Some(day));
        day = day.checked_add(1.day()).unwrap();
    }
}

#[test]
fn a_day_in_british_summer_time_comes_as_an_hour_before_its_utc_midnight() {
    assert_eq!(parse_day("2026-06-30T23:00:00Z"), Some(date(2026, 7, 1)));
    assert_eq!(parse_day("2026-12-01T00:00:00Z"), Some(date(2026, 12, 1)));
}

#[test]
fn times_without_a_zone_and_bare_days_are_the_day_that_they_name() {
    // Without a zone, a midnight of London and one of UTC come to the same day.
    for text in [
        "2026-07-01",
        "2026-07-01T00:00:00",
        "2026-07-01T00:00:00.0000000",
        "2026-06-30T23:00:00",
    ] {
        assert_eq!(parse_day(text), Some(date(2026, 7, 1)), "{text}");
    }
    for text in [
        "",
        "soon",
        "01/07/2026",
        "01/07/2026 00:00:00",
        "2026-02-30",
    ] {
        assert_eq!(parse_day(text), None, "{text}");
    }
}

#[test]
fn an_episode_may_be_one_day_long() {
    let learner = |end: &str| {
        format!(
            "users:\n  - {{ id: 7, role: learner, startOn: 2026-09-01, plannedEndDate: {end} }}\n"
        )
    };
    assert_eq!(checked(&[&learner("2026-09-01")]).0.findings.len(), 0);
    assert_eq!(checked(&[&learner("2026-08-31")]).0.findings.len(), 1);
}
