//! Whether what the server shows is what is declared, in canonical form: ends trimmed, CRLF as LF, empty as absent,
//! e-mail without case, numbers and flags by value, days as London counts them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::field::{Key, Shape, ValueKind};
use crate::domain::{EntryId, RawValue, Value};
use crate::plan::operation::{ReferenceTarget, ResolvedValue};

/// Whether a declared value is what is live already.
pub fn equal(key: Key, declared: &ResolvedValue, live: Option<&RawValue>) -> bool {
    match declared {
        ResolvedValue::Value(value) => equal_value(key, value, live),
        ResolvedValue::Reference {
            target: ReferenceTarget::Known(id),
            ..
        } => is_number(key, *id, live),
        ResolvedValue::Reference { .. } => false,
    }
}

/// The same of a value that refers to nothing.
pub(crate) fn equal_value(key: Key, value: &Value, live: Option<&RawValue>) -> bool {
    // Most are equal as they stand, which takes no canonical form to see.
    match (value, live) {
        (Value::Text(text), Some(RawValue::Text(live))) if text == live => return true,
        (Value::Flag(flag), Some(RawValue::Flag(live))) => return flag == live,
        (Value::Day(day), Some(RawValue::Text(live))) => return day_of(live.trim()) == Some(*day),
        _ => {}
    }
    of_value(key, value) == live.and_then(|live| canonical(key, live))
}

fn is_number(key: Key, id: EntryId, live: Option<&RawValue>) -> bool {
    match live {
        Some(RawValue::Number(live)) => *live == id.get(),
        live => live.and_then(|live| canonical(key, live)) == Some(id.to_string()),
    }
}

/// The canonical form of a live value; `None` for what counts as empty. What can't be read as its kind stays as it is.
pub fn canonical(key: Key, live: &RawValue) -> Option<String> {
    let text = trimmed(&live.text());
    Some(read(key, &text).unwrap_or(text)).filter(|text| !text.is_empty())
}

/// Whether a live value is empty or of the kind of its field. What isn't can't be compared, and so isn't sent for ever.
pub fn is_readable(key: Key, live: &RawValue) -> bool {
    let text = trimmed(&live.text());
    text.is_empty() || read(key, &text).is_some()
}

fn read(key: Key, text: &str) -> Option<String> {
    match key.row().kind {
        ValueKind::Text(Shape::Email) => Some(text.to_lowercase()),
        ValueKind::Day => day_of(text).map(|day| day.to_string()),
        ValueKind::Instant => text
            .parse::<Timestamp>()
            .ok()
            .map(|instant| instant.to_string()),
        ValueKind::Flag => flag(text).map(|flag| flag.to_string()),
        ValueKind::Text(_)
        | ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Role
        | ValueKind::Reference(_) => Some(text.to_owned()),
    }
}

fn of_value(key: Key, value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => canonical(key, &RawValue::Text(text.clone())),
        Value::Day(day) => Some(day.to_string()),
        Value::Instant(instant) => Some(instant.to_string()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Reference(_) => None,
    }
}

fn trimmed(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The day that a time of the API stands for: that of the London midnight within an hour of it (clocks and old zone
/// rules are off by so much), else the London day that it falls in. A time without a zone counts as UTC, by which both
/// readings of it come to one day; a bare day is itself.
pub fn day_of(text: &str) -> Option<Date> {
    if text.len() == "2026-09-01".len() {
        return text.parse().ok();
    }
    let utc = || {
        text.parse::<DateTime>()
            .ok()?
            .to_zoned_datetime(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    let instant = text.parse::<Timestamp>().ok().or_else(utc)?;
    let london = TimeZone::get("Europe/London").expect("the zone's rules are built in");
    let day = instant.to_zoned_datetime(london.clone()).date();
    let next = day
        .tomorrow()
        .ok()
        .and_then(|next| Some((next, next.to_zoned_datetime(london).ok()?.timestamp())));
    let is_just_before =
        |midnight: Timestamp| midnight.duration_since(instant) <= SignedDuration::from_hours(1);
    Some(
        next.filter(|(_, midnight)| is_just_before(*midnight))
            .map_or(day, |(next, _)| next),
    )
}
