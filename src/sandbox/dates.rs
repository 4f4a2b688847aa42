//! Days and instants, as the service reads and shows them. A day is a day in London, shown as the instant at which it begins.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

/// An instant in whole seconds, as answers show it.
pub(crate) fn instant_text(instant: Timestamp) -> String {
    instant.round(Unit::Second).unwrap_or(instant).to_string()
}

/// An instant; without a zone it counts as UTC, and a bare day as its beginning.
pub(crate) fn parse_instant(sent: &str) -> Option<Timestamp> {
    if let Ok(instant) = sent.parse() {
        return Some(instant);
    }
    let civil: DateTime = sent.parse().ok()?;
    let zoned = civil.to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

/// The London day of an instant, or a day as it is written.
pub(crate) fn parse_london_day(sent: &str) -> Option<Date> {
    if sent.len() == "2026-09-01".len() {
        return sent.parse().ok();
    }
    let instant = parse_instant(sent)?;
    Some(instant.to_zoned_datetime(london()).date())
}

/// The instant at which a London day begins. The last day of the calendar has none.
pub(crate) fn london_midnight(day: Date) -> Option<String> {
    let start = day.to_zoned_datetime(london()).ok()?;
    Some(start.timestamp().to_string())
}

/// The instant at which London's clocks show what an instant shows in UTC.
pub(crate) fn as_london_time(instant: Timestamp) -> Timestamp {
    let civil = TimeZone::UTC.to_datetime(instant);
    civil
        .to_zoned_datetime(london())
        .map_or(instant, |zoned| zoned.timestamp())
}

fn london() -> TimeZone {
    TimeZone::get("Europe/London").expect("the zone's rules are built in")
}

#[cfg(test)]
mod tests {
    use super::{as_london_time, london_midnight, parse_london_day};

    #[test]
    fn a_day_in_summer_begins_at_eleven_in_the_evening_of_utc() {
        let day = parse_london_day("2026-06-30T23:30:00Z").unwrap();
        assert_eq!(day.to_string(), "2026-07-01");
        assert_eq!(
            london_midnight(day).as_deref(),
            Some("2026-06-30T23:00:00Z")
        );
    }

    #[test]
    fn noon_in_london_is_eleven_of_utc_in_summer_and_noon_in_winter() {
        for (written, meant) in [
            ("2026-07-01T12:00:00Z", "2026-07-01T11:00:00Z"),
            ("2026-01-12T12:00:00Z", "2026-01-12T12:00:00Z"),
        ] {
            let instant = as_london_time(written.parse().unwrap());
            assert_eq!(instant.to_string(), meant);
        }
    }
}
