//! Days as OneFile counts them. It stores a day as the time of its midnight in London.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The name of London's time zone. Maintenance windows that name no zone use it too.
pub const NAME: &str = "Europe/London";

/// London's time zone.
pub fn zone() -> TimeZone {
    static ZONE: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get(NAME).expect("the zone's rules are built in"));
    ZONE.clone()
}

/// The day that a text from the API means; `None` if the text isn't a time. The text may also be just a day. A time without a
/// zone counts as UTC: whether UTC or London was meant, the day is the same.
pub fn parse_day(text: &str) -> Option<Date> {
    if text.len() == "2026-09-01".len() {
        return text.parse().ok();
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(day_of_instant(instant));
    }
    let time: DateTime = text.parse().ok()?;
    let zoned = time.to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(day_of_instant(zoned.timestamp()))
}

/// The day in London at a time.
pub fn day_at(time: Timestamp) -> Date {
    time.to_zoned_datetime(zone()).date()
}

/// The same within a sentence: 3 November 2026.
pub fn day_in_words(time: Timestamp) -> String {
    day_at(time).strftime("%-d %B %Y").to_string()
}

/// Clocks, and the time zone rules of old systems, are wrong by at most this much.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(1);

/// The day whose London midnight is within an hour of the instant, or else the day in London at the instant.
fn day_of_instant(instant: Timestamp) -> Date {
    let zone = zone();
    let today = instant.to_zoned_datetime(zone.clone()).date();
    let Ok(tomorrow) = today.tomorrow() else {
        return today;
    };
    match tomorrow.to_zoned_datetime(zone) {
        Ok(midnight) if midnight.timestamp().duration_since(instant) <= TOLERANCE => tomorrow,
        Ok(_) | Err(_) => today,
    }
}

/// The form in which a day is sent: noon UTC, so that it is the same day wherever it is read.
pub fn noon_utc(day: Date) -> String {
    format!("{day}T12:00:00Z")
}

/// Whether a text is the empty date of .NET or the zero date of other databases, with any time behind it. Both stand for no date.
pub fn is_empty_date(text: &str) -> bool {
    const EMPTY: &[&str] = &[
        "0001-01-01",
        "01/01/0001",
        "1/1/0001",
        "01-01-0001",
        "01.01.0001",
        "01-Jan-0001",
        "0000-00-00",
        "00/00/0000",
    ];
    let day = text.trim().split(['T', ' ']).next().unwrap_or_default();
    EMPTY.contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_empty_date;

    #[test]
    fn the_empty_dates_of_databases_are_known() {
        for text in [
            "0001-01-01",
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00Z",
            "0001-01-01 00:00:00.000",
            "01/01/0001",
            "01/01/0001 00:00:00",
            "1/1/0001 12:00:00 AM",
            "0000-00-00",
            "0000-00-00 00:00:00",
        ] {
            assert!(is_empty_date(text), "{text}");
        }
        for text in [
            "2000-01-01",
            "1000-01-01",
            "01/01/2001",
            "0001-01-02",
            "0010-01-01",
        ] {
            assert!(!is_empty_date(text), "{text}");
        }
    }
}
