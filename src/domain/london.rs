//! Days as OneFile counts them: it stores a day as the moment of its midnight in London.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The name of London's zone, which is also the zone of maintenance windows that name none.
pub const NAME: &str = "Europe/London";

/// London's time zone.
pub fn zone() -> TimeZone {
    static ZONE: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get(NAME).expect("the zone's rules are built in"));
    ZONE.clone()
}

/// The day that a text of the API stands for; `None` if the text is no time. A bare day is itself. A time without a zone
/// counts as UTC: whether UTC or London was meant, the day is the same.
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

/// Clocks, and the zone rules of old systems, are off by this much at most.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(1);

/// The day whose London midnight is within an hour of the instant, or else the day that London has at the instant.
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

/// A day as it is sent: as noon UTC, which is the same day wherever it is read.
pub fn noon_utc(day: Date) -> String {
    format!("{day}T12:00:00Z")
}
