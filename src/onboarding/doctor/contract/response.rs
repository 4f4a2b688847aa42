//! Describes answers by their form, their known field names and the way they write days. Repeats none of their content.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::domain::field::FIELDS;
use crate::domain::{AccountId, london};
use crate::onefile::{Json, JsonRow, RawAnswer};

pub(super) type AnswerRow = JsonRow<'static>;

/// The JSON object of an answer with status 200. `None` for anything else.
pub(super) fn object(answer: &RawAnswer) -> Option<AnswerRow> {
    let value = answer.json().filter(|_| answer.status == 200)?;
    value.into_object().map(JsonRow::into_owned)
}

/// The rows of an answer with status 200, or no rows for 204. `None` for any other status, and if the answer isn't a list.
pub(super) fn rows(answer: &RawAnswer) -> Option<Vec<AnswerRow>> {
    if answer.status == 204 {
        return Some(Vec::new());
    }
    answer.rows().filter(|_| answer.status == 200)
}

/// Status and form of an answer, in words.
pub(super) fn form(answer: &RawAnswer) -> String {
    let what = match answer.body.trim_ascii().first() {
        None => "nothing",
        Some(b'[') if rows(answer).is_some_and(|rows| rows.is_empty()) => "an empty list",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b'<') => "a web page",
        Some(_) => "something else",
    };
    format!("answered {} with {what}", answer.status)
}

/// A member that is text; numbers don't count.
pub(super) fn text<'r>(row: &'r AnswerRow, name: &str) -> Option<&'r str> {
    let Some(Json::Text(text)) = row.get(name) else {
        return None;
    };
    Some(text.trim()).filter(|text| !text.is_empty())
}

pub(super) fn id(row: &AnswerRow) -> Option<AccountId> {
    row.id()
}

/// The expected names that no row shows.
pub(super) fn missing(rows: &[AnswerRow], expected: &[&str]) -> Vec<String> {
    let is_shown = |name: &str| rows.iter().any(|row| row.get(name).is_some());
    expected
        .iter()
        .filter(|name| !is_shown(name))
        .map(|name| (*name).to_owned())
        .collect()
}

/// The known keys of some rows, each once. Unknown keys are only counted, because they may be personal data.
pub(super) fn keys_of(rows: &[AnswerRow]) -> String {
    let keys: BTreeSet<&str> = rows
        .iter()
        .flat_map(AnswerRow::members)
        .map(|(name, _)| name.as_ref())
        .collect();
    let (known, others): (Vec<&str>, Vec<&str>) = keys.into_iter().partition(|key| is_known(key));
    let others = match others.len() {
        0 => None,
        1 => Some("1 other".to_owned()),
        number => Some(format!("{number} others")),
    };
    match (known.is_empty(), others) {
        (true, None) => "no fields".to_owned(),
        (true, Some(others)) => others,
        (false, None) => known.join(", "),
        (false, Some(others)) => format!("{}, and {others}", known.join(", ")),
    }
}

/// Whether the API is known to have a field of this name.
fn is_known(key: &str) -> bool {
    let fields = FIELDS.iter().filter_map(|field| field.api);
    fields
        .chain(OTHERS.iter().copied())
        .any(|known| known.eq_ignore_ascii_case(key))
}

/// Names in `docs/onefile-api.md` that aren't in the table of fields.
const OTHERS: &[&str] = &[
    "ID",
    "Name",
    "MISID",
    "Role",
    "CustomerID",
    "OrganisationID",
    "UserID",
    "KeychainCreationForNewUserActive",
    "KeychainEmailSuppression",
    "Username",
    "Progress",
    "LastModified",
    "Level",
    "Title",
    "NDAQCode",
    "Display",
    "StandardID",
    "UnitID",
    "Status",
    "message",
];

/// The name of a header, or a stand-in if it doesn't look like one.
pub(super) fn open(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let is_name = name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_plain);
    // A name with more than two digits may identify a person.
    if is_name && digits <= 2 {
        name.to_owned()
    } else {
        "(an odd name)".to_owned()
    }
}

const LONGEST_NAME: usize = 48;
/// The form that rosterctl expects.
pub(super) const LONDON: &str = "London midnights in UTC";
/// In winter, London midnights and UTC midnights are the same instants.
pub(super) const WINTER: &str = "midnights of winter days";

/// Describes how a day is written and which instant it stands for.
pub(super) fn form_of_day(text: &str) -> &'static str {
    let zone = london::zone();
    let is_midnight = |instant: Timestamp, zone: TimeZone| {
        instant.to_zoned_datetime(zone).time() == Time::midnight()
    };
    match (text.parse::<Timestamp>(), text.parse::<DateTime>()) {
        (Ok(instant), _) => {
            match (
                text.ends_with('Z'),
                is_midnight(instant, zone),
                is_midnight(instant, TimeZone::UTC),
            ) {
                (true, true, false) => LONDON,
                (true, true, true) => WINTER,
                (true, false, true) => "UTC midnights of summer days",
                (true, false, false) => "other instants in UTC",
                (false, ..) => "instants with an offset",
            }
        }
        (Err(_), Ok(_)) if text.len() == "2026-09-01".len() => "bare days",
        (Err(_), Ok(_)) => "times without a zone",
        (Err(_), Err(_)) => "another form",
    }
}

#[cfg(test)]
mod tests {
    use super::{LONDON, WINTER, form_of_day, keys_of};
    use crate::onefile::{AnswerBounds, json};

    #[test]
    fn a_summer_day_tells_midnights_of_london_from_those_of_utc() {
        let forms = [
            "2026-06-30T23:00:00Z",
            "2026-01-12T00:00:00Z",
            "2026-07-01T00:00:00Z",
        ]
        .map(form_of_day);
        assert_eq!(forms, [LONDON, WINTER, "UTC midnights of summer days"]);
        let forms = [
            "2026-07-01",
            "2026-07-01T00:00:00",
            "2026-07-01T00:00:00+01:00",
            "1 July",
        ]
        .map(form_of_day);
        assert_eq!(
            forms,
            [
                "bare days",
                "times without a zone",
                "instants with an offset",
                "another form"
            ]
        );
    }

    #[test]
    fn keys_are_named_where_they_are_known_and_counted_else() {
        let row = |keys: &[&str]| {
            let members: Vec<String> = keys.iter().map(|key| format!("\"{key}\":1")).collect();
            let object = format!("{{{}}}", members.join(","));
            let read = json(object.as_bytes(), AnswerBounds::default()).unwrap();
            read.into_object().unwrap().into_owned()
        };
        assert_eq!(
            keys_of(&[row(&["ID", "Smith"]), row(&["misId", "Émile"])]),
            "ID, misId, and 2 others"
        );
        assert_eq!(
            [keys_of(&[row(&["Smith"])]), keys_of(&[])],
            ["1 other", "no fields"]
        );
    }
}
