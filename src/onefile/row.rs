//! JSON of answers. It is the only reader of objects that the API sends: their keys are found in any case. Texts aren't
//! copied, because lists can have 100,000 rows, and most of each row isn't kept.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::domain::OrganisationId;
use crate::onefile::bounds::{AnswerBounds, PassedBound};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Flag(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(JsonRow<'a>),
}

/// A JSON object whose keys are found in any case (`docs/onefile-api.md`, Hosts and session). If several members have the
/// same name, the last one counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct JsonRow<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

/// Why a body isn't what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// It isn't JSON.
    Malformed,
    /// It is JSON of another kind.
    Kind,
    Passed(PassedBound),
}

/// Reads a body as one value.
pub(crate) fn json(body: &[u8], bounds: AnswerBounds) -> Result<Json<'_>, JsonError> {
    let state = ReadState::new(bounds);
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let seed = AnyJson {
        state: &state,
        depth: 0,
    };
    let value = seed.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| state.error(&error))
}

/// Reads a body as a list of rows, one after the other. `read` gets each row; what it refuses ends the reading.
///
/// # Errors
/// The outer error is about the body, the inner one is that of `read`.
pub(crate) fn rows<T, E>(
    body: &[u8],
    bounds: AnswerBounds,
    read: impl FnMut(Json<'_>) -> Result<T, E>,
) -> Result<Result<Vec<T>, E>, JsonError> {
    let state = ReadState::new(bounds);
    let mut refused = None;
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let list = ListOfRows {
        state: &state,
        read,
        refused: &mut refused,
    };
    let rows = deserializer.deserialize_seq(list);
    let rows = rows.and_then(|rows| deserializer.end().map(|()| rows));
    match (rows, refused) {
        (_, Some(error)) => Ok(Err(error)),
        (Ok(rows), None) => Ok(Ok(rows)),
        (Err(error), None) => Err(state.error(&error)),
    }
}

impl<'a> JsonRow<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn id<I: From<i64>>(&self) -> Option<I> {
        self.integer("ID").map(I::from)
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.get(name)?.integer()
    }

    /// Whether the row may belong to this organisation. `false` only if it shows the number of another one.
    pub(crate) fn may_be_of(&self, organisation: OrganisationId) -> bool {
        self.integer("OrganisationID")
            .is_none_or(|shown| shown == organisation.get())
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = match self.get(name)? {
            Json::Text(text) => text.trim().to_owned(),
            Json::Number(number) => number.to_string(),
            Json::Null | Json::Flag(_) | Json::List(_) | Json::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.flag()
    }

    pub(crate) fn members(&self) -> &[(Cow<'a, str>, Json<'a>)] {
        &self.0
    }

    /// The names of the members that differ between two readings.
    pub(super) fn differing(&self, other: &Self) -> Vec<String> {
        let mut changed: Vec<String> = Vec::new();
        let mut added: Vec<String> = Vec::new();
        for (name, _) in &self.0 {
            if self.get(name) != other.get(name) {
                changed.push(name.as_ref().to_owned());
            }
        }
        for (name, _) in &other.0 {
            if self.get(name).is_none() {
                added.push(name.as_ref().to_owned());
            }
        }
        changed.sort_unstable();
        added.sort_unstable();
        changed.append(&mut added);
        changed.dedup();
        changed
    }

    /// The same, without a hold on the body.
    pub(crate) fn into_owned(self) -> JsonRow<'static> {
        let own = |(name, value): (Cow<'a, str>, Json<'a>)| {
            (Cow::Owned(name.into_owned()), value.into_owned())
        };
        JsonRow(self.0.into_iter().map(own).collect())
    }
}

/// Equal if each member of one is in the other, whatever the order and the case of their names.
impl PartialEq for JsonRow<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.differing(other).is_empty()
    }
}

impl<'a> Json<'a> {
    pub(super) fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Text(text) => text.to_ascii_lowercase().parse().ok(),
            Self::Null | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Flag(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn object(&self) -> Option<&JsonRow<'a>> {
        match self {
            Self::Object(object) => Some(object),
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    pub(crate) fn into_object(self) -> Option<JsonRow<'a>> {
        match self {
            Self::Object(object) => Some(object),
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The value to send in a filter. Nested values can't be.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        match self {
            Self::Flag(flag) => (*flag).into(),
            Self::Number(number) => number.clone().into(),
            Self::Text(text) => text.as_ref().into(),
            Self::Null | Self::List(_) | Self::Object(_) => serde_json::Value::Null,
        }
    }

    fn into_owned(self) -> Json<'static> {
        match self {
            Self::Null => Json::Null,
            Self::Flag(flag) => Json::Flag(flag),
            Self::Number(number) => Json::Number(number),
            Self::Text(text) => Json::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Json::List(items.into_iter().map(Json::into_owned).collect()),
            Self::Object(object) => Json::Object(object.into_owned()),
        }
    }
}

/// What a reading has used up of its bounds.
struct ReadState {
    bounds: AnswerBounds,
    values: Cell<usize>,
    passed: Cell<Option<PassedBound>>,
}

impl ReadState {
    fn new(bounds: AnswerBounds) -> Self {
        Self {
            bounds,
            values: Cell::new(0),
            passed: Cell::new(None),
        }
    }

    fn error(&self, error: &serde_json::Error) -> JsonError {
        match self.passed.get() {
            Some(bound) => JsonError::Passed(bound),
            None if error.is_data() => JsonError::Kind,
            None => JsonError::Malformed,
        }
    }

    fn pass<E: Error>(&self, bound: PassedBound) -> E {
        self.passed.set(Some(bound));
        E::custom(bound)
    }

    fn count_value<E: Error>(&self) -> Result<(), E> {
        let values = self.values.get() + 1;
        self.values.set(values);
        if values > self.bounds.values {
            return Err(self.pass(PassedBound::Values(self.bounds.values)));
        }
        Ok(())
    }

    /// Checks that something may stand inside what stands at this depth.
    fn check_depth<E: Error>(&self, depth: usize) -> Result<(), E> {
        if depth >= self.bounds.depth {
            return Err(self.pass(PassedBound::Depth(self.bounds.depth)));
        }
        Ok(())
    }
}

struct ListOfRows<'s, 'r, F, E> {
    state: &'s ReadState,
    read: F,
    refused: &'r mut Option<E>,
}

impl<'de, T, E, F: FnMut(Json<'_>) -> Result<T, E>> Visitor<'de> for ListOfRows<'_, '_, F, E> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut rows = Vec::new();
        loop {
            self.state.values.set(0);
            let seed = AnyJson {
                state: self.state,
                depth: 0,
            };
            let Some(row) = items.next_element_seed(seed)? else {
                return Ok(rows);
            };
            if rows.len() >= self.state.bounds.rows {
                return Err(self.state.pass(PassedBound::Rows(self.state.bounds.rows)));
            }
            match (self.read)(row) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    *self.refused = Some(error);
                    return Err(A::Error::custom("a row was refused"));
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct AnyJson<'s> {
    state: &'s ReadState,
    depth: usize,
}

impl AnyJson<'_> {
    fn inside<E: Error>(self) -> Result<Self, E> {
        self.state.check_depth(self.depth)?;
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for AnyJson<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        self.state.count_value()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyJson<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(text.to_owned().into()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let inside = self.inside()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json<'de>, A::Error> {
        let inside = self.inside()?;
        let mut members = Vec::new();
        while let Some(name) = entries.next_key_seed(JsonKey)? {
            members.push((name, entries.next_value_seed(inside)?));
        }
        Ok(Json::Object(JsonRow(members)))
    }
}

/// A key, borrowed from the body if it has no escapes.
struct JsonKey;

impl<'de> DeserializeSeed<'de> for JsonKey {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for JsonKey {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Json, JsonError, JsonRow, json, rows};
    use crate::onefile::bounds::{AnswerBounds, PassedBound};

    fn read(text: &str) -> Result<Json<'_>, JsonError> {
        json(text.as_bytes(), AnswerBounds::default())
    }

    fn object(text: &str) -> JsonRow<'_> {
        read(text).unwrap().into_object().unwrap()
    }

    #[test]
    fn an_object_is_read_as_servers_write_it() {
        for (text, expected) in [
            (r#"{"ID":5}"#, Some(5)),
            (r#"{"id":" 5 ","Name":"a\u00e9\n"}"#, Some(5)),
            (r#"{"ID":4,"ID":5}"#, Some(5)),
            (r#"{"\u0049d":5}"#, Some(5)),
            (r#"{"Rows":[{"ID":4}],"ID":5,"Of":{"ID":6}}"#, Some(5)),
            (r#"{"ID":18446744073709551615}"#, None),
            (r#"{"ID":5.5}"#, None),
            (r#"{"ID":null}"#, None),
            (r#"[{"ID":5}]"#, None),
            (r#""ID""#, None),
        ] {
            let id = read(text).unwrap().object().and_then(JsonRow::id::<i64>);
            assert_eq!(id, expected, "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_text_is_lent_where_it_stands_as_it_is_meant() {
        let object = object(r#"{"a":"Zoë","b":"Zo\u00eb"}"#);
        let [(_, Json::Text(plain)), (_, Json::Text(escaped))] = object.members() else {
            panic!("two texts")
        };
        assert!(matches!(plain, Cow::Borrowed("Zoë")) && *escaped == "Zoë");
    }

    #[test]
    fn members_are_compared_whatever_the_case_and_order_of_their_names() {
        let before = object(r#"{"ID":5,"Town":"Bath","Gone":1,"Same":2,"Of":{"Id":1,"No":[1]}}"#);
        let after = object(r#"{"of":{"NO":[1],"ID":1},"id":5,"TOWN":"Ely","New":3,"same":2}"#);
        assert_eq!(before.differing(&after), ["Gone", "Town", "New"]);
        let nested = object(r#"{"ID":5,"Town":"Bath","Gone":1,"Same":2,"Of":{"Id":1,"No":[2]}}"#);
        assert_eq!(before.differing(&nested), ["Of"]);
        let twice = object(r#"{"ID":4,"id":5}"#);
        assert!(twice.differing(&object(r#"{"Id":5}"#)).is_empty());
    }

    #[test]
    fn an_answer_that_passes_a_bound_is_refused_by_its_name() {
        let bounds = AnswerBounds {
            rows: 2,
            values: 4,
            depth: 2,
            ..AnswerBounds::default()
        };
        let read = |text: &str| {
            rows(text.as_bytes(), bounds, |row| match row {
                Json::Null => Err("null"),
                _ => Ok(()),
            })
            .map(|rows| rows.map(|rows| rows.len()))
        };
        assert_eq!(read("[1,2]"), Ok(Ok(2)));
        assert_eq!(
            read("[1,2,3]"),
            Err(JsonError::Passed(PassedBound::Rows(2)))
        );
        assert_eq!(read("[[1,2,3]]"), Ok(Ok(1)));
        assert_eq!(
            read("[[1,2,3,4]]"),
            Err(JsonError::Passed(PassedBound::Values(4)))
        );
        assert_eq!(read("[[[1]]]"), Ok(Ok(1)));
        assert_eq!(
            read("[[[[1]]]]"),
            Err(JsonError::Passed(PassedBound::Depth(2)))
        );
        assert_eq!(read("[null]"), Ok(Err("null")));
        assert_eq!(read("{}"), Err(JsonError::Kind));
        assert_eq!(read("[1"), Err(JsonError::Malformed));
        assert_eq!(read("[1] x"), Err(JsonError::Malformed));
    }
}
