//! Values of fields. Each is parsed once, when it is read, into a form that `==` can compare. Manifests give a `Value`, the
//! server an `ObservedValue`.

use std::borrow::Cow;
use std::ops::Deref;

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::domain::field::{Shape, ValueKind};
use crate::domain::{EntryId, london, nfc};

/// A value of a field. Short texts need no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(FieldText),
    Day(Date),
    Instant(Timestamp),
    Flag(bool),
    Reference(Reference),
}

impl Value {
    /// The value as people would write it. A reference has no text of its own unless it is a number.
    pub fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text.as_str()),
            Self::Day(day) => Cow::Owned(day.to_string()),
            Self::Instant(instant) => Cow::Owned(instant.to_string()),
            Self::Flag(flag) => Cow::Owned(flag.to_string()),
            Self::Reference(Reference::Id(id)) => Cow::Owned(id.to_string()),
            Self::Reference(
                Reference::Named(_)
                | Reference::MisId(_)
                | Reference::Name(_)
                | Reference::Email(_),
            ) => Cow::Borrowed(""),
        }
    }

    /// Whether both are written in the same way. Equal values can be written differently, such as e-mail addresses with
    /// capitals.
    pub fn is_written_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(text), Self::Text(other)) => text.as_str() == other.as_str(),
            _ => self == other,
        }
    }
}

/// A text that is compared without white space at its ends, with plain line ends and, for e-mail addresses, without case. A
/// national insurance number is compared without blanks, too.
/// The text as it was written is kept, in NFC.
#[derive(Clone, Debug)]
pub struct FieldText(TextForms);

/// Most texts are written as they are compared, and there are a dozen for each user and each account.
#[derive(Clone, Debug)]
enum TextForms {
    Same(SmolStr),
    Differing(Box<DifferingForms>),
}

#[derive(Clone, Debug)]
struct DifferingForms {
    canonical: SmolStr,
    written: SmolStr,
}

const _: () = assert!(size_of::<ObservedValue>() <= 32 && size_of::<Value>() <= 32);

impl FieldText {
    /// A text of a field of this kind.
    pub fn new(kind: ValueKind, text: &str) -> Self {
        let written = nfc(text);
        let canonical = canonical_text(kind, &written);
        if canonical == *written {
            return Self(TextForms::Same(canonical));
        }
        let written = SmolStr::from(written);
        Self(TextForms::Differing(Box::new(DifferingForms {
            canonical,
            written,
        })))
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            TextForms::Same(text) => text,
            TextForms::Differing(forms) => &forms.written,
        }
    }

    /// The text as it is compared.
    pub fn canonical(&self) -> &SmolStr {
        match &self.0 {
            TextForms::Same(text) => text,
            TextForms::Differing(forms) => &forms.canonical,
        }
    }
}

impl PartialEq for FieldText {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for FieldText {}

impl Deref for FieldText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

fn canonical_text(kind: ValueKind, written: &str) -> SmolStr {
    let trimmed = with_plain_line_ends(written.trim());
    match kind {
        ValueKind::Text(Shape::Email) => trimmed.to_lowercase().into(),
        // People write it with blanks, and OneFile may keep them.
        ValueKind::Text(Shape::Nino) => {
            let kept = trimmed.chars().filter(|c| !c.is_whitespace());
            kept.flat_map(char::to_uppercase).collect()
        }
        ValueKind::Text(Shape::Codes) => sorted_codes(&trimmed),
        _ => trimmed.into(),
    }
}

/// Codes in any order and with any blanks or separators between them.
fn sorted_codes(text: &str) -> SmolStr {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ';' | ',');
    let mut codes: Vec<&str> = text.split(is_between).collect();
    codes.retain(|code| !code.is_empty());
    codes.sort_unstable();
    codes.dedup();
    codes.join(CODE_SEPARATOR).into()
}

/// What stands between codes in a text of several.
pub(crate) const CODE_SEPARATOR: &str = ";";

/// Lines may end in CRLF on one side and in LF on the other.
fn with_plain_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The form in which a manifest names something that it refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// Plain text: a MIS value, or else a name.
    Named(SmolStr),
    /// The number of an entry, or of an account if the field refers to users. Servers show only this form.
    Id(EntryId),
    MisId(SmolStr),
    Name(SmolStr),
    /// A user's e-mail address, which is personal.
    Email(SmolStr),
}

/// A value that the server returned for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedValue {
    Value(Value),
    /// A text of white space only, or the empty date of a database, which count as no value.
    Empty,
    /// A text that isn't a value of the field's kind, without white space at its ends. It can't be compared.
    Unreadable(SmolStr),
}

impl ObservedValue {
    /// Reads a text as the value of a field of this kind.
    pub fn of_text(kind: ValueKind, text: &str) -> Self {
        let trimmed = text.trim();
        let is_time = matches!(kind, ValueKind::Day | ValueKind::Instant);
        if trimmed.is_empty() || (is_time && london::is_empty_date(trimmed)) {
            return Self::Empty;
        }
        let value = match kind {
            ValueKind::Text(_)
            | ValueKind::Number
            | ValueKind::Ids
            | ValueKind::Accounts
            | ValueKind::Role
            | ValueKind::Word(_)
            | ValueKind::References(_)
            | ValueKind::Units => Some(Value::Text(FieldText::new(kind, text))),
            ValueKind::Day => london::parse_day(trimmed).map(Value::Day),
            ValueKind::Instant => trimmed.parse().ok().map(Value::Instant),
            ValueKind::Flag => flag(trimmed).map(Value::Flag),
            // A text that isn't a number refers to nothing that a manifest can declare, so it differs from every declared
            // value.
            ValueKind::Reference(_) => Some(number(trimmed).map_or_else(
                || Value::Text(FieldText::new(kind, text)),
                |id| Value::Reference(Reference::Id(id)),
            )),
        };
        value.map_or_else(
            || Self::Unreadable(with_plain_line_ends(trimmed).into()),
            Self::Value,
        )
    }

    /// Reads a number as the value of a field of this kind.
    pub fn of_number(kind: ValueKind, number: i64) -> Self {
        match kind {
            ValueKind::Reference(_) => Self::Value(Value::Reference(Reference::Id(number.into()))),
            _ => Self::of_text(kind, &number.to_string()),
        }
    }

    /// Reads a flag as the value of a field of this kind.
    pub fn of_flag(kind: ValueKind, flag: bool) -> Self {
        match kind {
            ValueKind::Flag => Self::Value(Value::Flag(flag)),
            _ => Self::of_text(kind, &flag.to_string()),
        }
    }

    /// The value, unless it is empty or can't be read.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Empty | Self::Unreadable(_) => None,
        }
    }

    /// The number that a reference field holds.
    pub fn reference(&self) -> Option<EntryId> {
        match self.value()? {
            Value::Reference(Reference::Id(id)) => Some(*id),
            _ => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// Whether it can be compared with a declared value.
    pub fn is_readable(&self) -> bool {
        !matches!(self, Self::Unreadable(_))
    }

    /// The value as it is compared, or the text that can't be read; `None` if it is empty.
    pub fn canonical(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Value(Value::Text(text)) => Some(Cow::Borrowed(text.canonical())),
            Self::Value(value) => Some(value.written()),
            Self::Empty => None,
            Self::Unreadable(text) => Some(Cow::Borrowed(text)),
        }
    }

    /// A text as the server wrote it, anything else as people would write it.
    pub fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Value(value) => value.written(),
            Self::Empty => Cow::Borrowed(""),
            Self::Unreadable(text) => Cow::Borrowed(text),
        }
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A number; `None` if the text isn't the usual form of one, as with a leading zero.
fn number(text: &str) -> Option<EntryId> {
    let id: EntryId = text.parse().ok()?;
    (id.to_string() == text).then_some(id)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{FieldText, ObservedValue, Reference, Value};
    use crate::domain::field::{Key, ValueKind};

    fn kind(key: Key) -> ValueKind {
        key.row().kind
    }

    fn observed(key: Key, text: &str) -> ObservedValue {
        ObservedValue::of_text(kind(key), text)
    }

    fn text(key: Key, written: &str) -> FieldText {
        FieldText::new(kind(key), written)
    }

    #[test]
    fn texts_are_equal_whatever_their_ends_and_line_ends() {
        assert_eq!(text(Key::LastName, " a\r\nb "), text(Key::LastName, "a\nb"));
        assert_ne!(text(Key::LastName, "A"), text(Key::LastName, "a"));
    }

    #[test]
    fn texts_are_equal_however_their_accents_were_typed() {
        for (one, two) in [
            ("Zélie", "Ze\u{301}lie"),
            ("Ó Móráin", "O\u{301} Mo\u{301}ra\u{301}in"),
            ("Ångström", "A\u{30a}ngstro\u{308}m"),
            ("Nguyễn", "Nguye\u{302}\u{303}n"),
        ] {
            let composed = text(Key::LastName, two);
            assert_eq!(text(Key::LastName, one), composed);
            assert_eq!(composed.as_str(), one, "it is sent as one character");
        }
        assert_ne!(text(Key::LastName, "Zélie"), text(Key::LastName, "Zelie"));
    }

    #[test]
    fn an_email_address_is_compared_without_case_and_kept_as_it_was_written() {
        let written = text(Key::Email, "Ann@Example.ac.uk");
        assert_eq!(written, text(Key::Email, "ann@example.ac.uk"));
        assert_eq!(written.as_str(), "Ann@Example.ac.uk");
        let lower = Value::Text(text(Key::Email, "ann@example.ac.uk"));
        assert!(!Value::Text(written).is_written_as(&lower));
    }

    #[test]
    fn a_national_insurance_number_is_compared_without_blanks_and_case() {
        let written = text(Key::Nino, "QQ 12 34 56 C");
        assert_eq!(written, text(Key::Nino, "qq123456c"));
        assert_eq!(written.canonical(), "QQ123456C");
    }

    #[test]
    fn a_value_is_read_by_the_kind_of_its_field() {
        let day = Value::Day(date(2026, 7, 1));
        assert_eq!(
            observed(Key::Dob, " 2026-06-30T23:00:00Z ").value(),
            Some(&day)
        );
        assert_eq!(
            observed(Key::Dob, " soon "),
            ObservedValue::Unreadable("soon".into())
        );
        assert_eq!(observed(Key::Dob, "  "), ObservedValue::Empty);
        for empty in [
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00Z",
            "01/01/0001 00:00:00",
        ] {
            assert_eq!(observed(Key::Dob, empty), ObservedValue::Empty, "{empty}");
            assert_eq!(
                observed(Key::CreatedOn, empty),
                ObservedValue::Empty,
                "{empty}"
            );
        }
        let reference = Value::Reference(Reference::Id(7.into()));
        let number = ObservedValue::of_number(kind(Key::Classroom), 7);
        assert_eq!(observed(Key::Classroom, " 7 "), number);
        assert_eq!(number.value(), Some(&reference));
        assert_eq!(observed(Key::Classroom, "room 7").reference(), None);
        assert_eq!(
            ObservedValue::of_number(kind(Key::MisId), 7),
            observed(Key::MisId, "7")
        );
    }

    #[test]
    fn a_flag_is_read_as_a_word_and_as_a_number() {
        let flag = Key::SamePerson.row().kind;
        for (text, expected) in [("1", true), ("True", true), ("0", false), ("false", false)] {
            let expected = ObservedValue::of_flag(flag, expected);
            assert_eq!(ObservedValue::of_text(flag, text), expected, "{text}");
        }
        assert!(!ObservedValue::of_text(flag, "yes").is_readable());
    }
}
