//! JSON of answers, read without copying texts: lists can have 100,000 rows, and most of each row isn't kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::domain::OrganisationId;

/// A JSON answer, or a part of one.
pub(crate) enum Json<'a> {
    Object(JsonRow<'a>),
    List(Vec<Json<'a>>),
    Scalar(Scalar<'a>),
}

/// A JSON object whose keys are found in any case (`docs/onefile-api.md`, Hosts and session). Its texts are borrowed from
/// the answer.
pub(crate) struct JsonRow<'a>(Vec<(Cow<'a, str>, Scalar<'a>)>);

/// A value of an object. Nested values aren't kept.
pub(crate) enum Scalar<'a> {
    Flag(bool),
    Number(Number),
    Text(Cow<'a, str>),
    /// Null, an array or an object.
    Nothing,
}

impl<'a> JsonRow<'a> {
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        let scalar = |value: &'a Value| match value {
            Value::Bool(flag) => Scalar::Flag(*flag),
            Value::Number(number) => Scalar::Number(number.clone()),
            Value::String(text) => Scalar::Text(Cow::Borrowed(text)),
            Value::Null | Value::Array(_) | Value::Object(_) => Scalar::Nothing,
        };
        let members = value.as_object()?.iter();
        Some(Self(
            members
                .map(|(name, value)| (Cow::Borrowed(name.as_str()), scalar(value)))
                .collect(),
        ))
    }

    /// If several members have the same name, the last one counts.
    pub(super) fn get(&self, name: &str) -> Option<&Scalar<'a>> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn id<I: From<i64>>(&self) -> Option<I> {
        self.get("ID")?.integer().map(I::from)
    }

    /// Whether the row may belong to this organisation. `false` only if it shows the number of another one.
    pub(crate) fn may_be_of(&self, organisation: OrganisationId) -> bool {
        self.get("OrganisationID")
            .and_then(Scalar::integer)
            .is_none_or(|shown| shown == organisation.get())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.get(name)? {
            Scalar::Text(text) => text.trim().to_owned(),
            Scalar::Number(number) => number.to_string(),
            Scalar::Flag(_) | Scalar::Nothing => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Scalar::Flag(flag) => Some(*flag),
            Scalar::Text(text) => text.to_ascii_lowercase().parse().ok(),
            Scalar::Number(_) | Scalar::Nothing => None,
        }
    }

    pub(super) fn members(&self) -> &[(Cow<'a, str>, Scalar<'a>)] {
        &self.0
    }
}

impl Scalar<'_> {
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Flag(_) | Self::Nothing => None,
        }
    }
}

impl<'a> Json<'a> {
    pub(crate) fn object(&self) -> Option<&JsonRow<'a>> {
        match self {
            Self::Object(object) => Some(object),
            Self::List(_) | Self::Scalar(_) => None,
        }
    }

    fn into_scalar(self) -> Scalar<'a> {
        match self {
            Self::Scalar(scalar) => scalar,
            Self::Object(_) | Self::List(_) => Scalar::Nothing,
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Scalar(Scalar::Flag(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Scalar(Scalar::Number(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Scalar(Scalar::Number(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json<'de>, E> {
        Ok(Json::Scalar(
            Number::from_f64(number).map_or(Scalar::Nothing, Scalar::Number),
        ))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Scalar(Scalar::Text(text.to_owned().into())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Scalar(Scalar::Text(text.into())))
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Scalar(Scalar::Nothing))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json<'de>, A::Error> {
        let mut members: Vec<(Cow<'_, str>, Scalar<'_>)> = Vec::new();
        while let Some((name, value)) = entries.next_entry::<Json<'_>, Json<'_>>()? {
            let (Json::Scalar(Scalar::Text(name)), value) = (name, value.into_scalar()) else {
                continue;
            };
            members.push((name, value));
        }
        Ok(Json::Object(JsonRow(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, JsonRow, Scalar};

    fn id_of(text: &str) -> Option<i64> {
        serde_json::from_str::<Json<'_>>(text)
            .unwrap()
            .object()
            .and_then(JsonRow::id::<i64>)
    }

    #[test]
    fn an_object_is_read_as_servers_write_it() {
        for (text, expected) in [
            (r#"{"ID":5}"#, Some(5)),
            (r#"{"id":" 5 ","Name":"a\u00e9\n"}"#, Some(5)),
            (r#"{"ID":4,"ID":5}"#, Some(5)),
            (r#"{"Rows":[{"ID":4}],"ID":5,"Of":{"ID":6}}"#, Some(5)),
            (r#"{"ID":18446744073709551615}"#, None),
            (r#"{"ID":5.5}"#, None),
            (r#"{"ID":null}"#, None),
            (r#"[{"ID":5}]"#, None),
            (r#""ID""#, None),
        ] {
            assert_eq!(id_of(text), expected, "{text}");
        }
        assert!(serde_json::from_str::<Json<'_>>(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_text_is_lent_where_it_stands_as_it_is_meant() {
        let text = r#"{"a":"Zoë","b":"Zo\u00eb"}"#;
        let Json::Object(object) = serde_json::from_str(text).unwrap() else {
            panic!("an object")
        };
        let [(_, Scalar::Text(plain)), (_, Scalar::Text(escaped))] = object.members() else {
            panic!("two texts")
        };
        assert!(matches!(plain, std::borrow::Cow::Borrowed("Zoë")) && *escaped == "Zoë");
    }
}
