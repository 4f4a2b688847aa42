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
