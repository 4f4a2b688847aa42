//! What a fault of structure means to the person who wrote it: the message, the place and what to type instead.

use std::collections::HashSet;

use crate::domain::field::{Class, Key, Referent, Shape, ValueKind};
use crate::findings::source::{Span, Spanned};
use crate::findings::suggest::{distance, nearest};
use crate::findings::{Code, Finding};
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};

/// A way in which a node isn't of the structure that is due.
pub(crate) enum SchemaFault {
    UnknownKeys(Vec<String>),
    Missing(String),
    WrongKind,
    UnknownWord(Vec<String>),
    BadText,
    TooSmall(String),
}

/// Where a fault lies: the node, the key that it stands under, and the mapping that holds that key.
#[derive(Clone, Copy)]
pub(crate) struct FaultPlace<'n> {
    node: &'n Node<'n>,
    under: Option<&'n Spanned<MapKey>>,
    is_item: bool,
}

impl<'n> FaultPlace<'n> {
    pub(crate) fn root(node: &'n Node<'n>) -> Self {
        Self {
            node,
            under: None,
            is_item: false,
        }
    }

    pub(crate) fn member(self, name: &str) -> Self {
        self.node.get(name).map_or(self, |entry| Self {
            node: &entry.value,
            under: Some(&entry.key),
            is_item: false,
        })
    }

    pub(crate) fn item(self, at: usize) -> Self {
        self.node.items().get(at).map_or(self, |node| Self {
            node,
            is_item: true,
            ..self
        })
    }

    fn field(&self) -> Option<Key> {
        Key::named(&self.under?.value)
    }

    fn is_default(&self) -> bool {
        self.under.is_some_and(|key| key.value == "defaults")
    }

    fn is_user(&self) -> bool {
        self.is_item && self.under.is_some_and(|key| key.value == "users")
    }

    /// The key in backticks: values aren't for messages.
    fn name(&self) -> String {
        let item = if self.is_item { "an item of " } else { "" };
        self.under.map_or_else(
            || "the file".to_owned(),
            |key| format!("{item}`{}`", key.value),
        )
    }

    /// The value, or its key where the value is empty.
    fn span(&self) -> Span {
        let is_blank = self.node.span.start == self.node.span.end;
        self.under
            .filter(|_| is_blank)
            .map_or(self.node.span, |key| key.span)
    }
}

impl SchemaFault {
    pub(crate) fn findings(
        self,
        spot: &FaultPlace<'_>,
        known: &[String],
        otherwise: &str,
    ) -> Vec<Finding> {
        match self {
            Self::UnknownKeys(keys) => unknown_keys(spot, &keys, known, otherwise),
            Self::Missing(key) if is_misspelt(spot.node, &key, known) => Vec::new(),
            Self::Missing(key) => vec![missing(spot, &key)],
            Self::WrongKind | Self::UnknownWord(_) if spot.node.data == NodeData::Null => {
                vec![empty(spot)]
            }
            Self::WrongKind => vec![wrong_kind(spot)],
            Self::UnknownWord(words) => vec![unknown_word(spot, &words)],
            Self::BadText if spot.node.text().is_some_and(|text| text.trim().is_empty()) => {
                vec![empty(spot)]
            }
            Self::BadText => vec![bad_text(spot)],
            Self::TooSmall(limit) => {
                let message = format!("{} is too small", spot.name());
                let help = format!("write a whole number from {limit} up");
                vec![Finding::new(Code::BadNumber, spot.span(), message, help)]
            }
        }
    }
}

fn unknown_keys(
    spot: &FaultPlace<'_>,
    keys: &[String],
    known: &[String],
    otherwise: &str,
) -> Vec<Finding> {
    let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
    let entries = spot
        .node
        .entries()
        .iter()
        .filter(|entry| keys.contains(entry.key.value.as_str()));
    let here = spot.under.and_then(|key| {
        KEYS_OF
            .iter()
            .find(|(container, _)| key.value == **container)
    });
    let otherwise = here.map_or(otherwise, |(_, keys)| keys);
    let finding = |entry: &MapEntry| match Key::named(&entry.key.value) {
        Some(key) if spot.is_default() => own_alone(key, entry.key.span),
        Some(key) if spot.is_user() => not_in_role(key, entry.key.span, spot.node),
        _ => unknown_key(&entry.key, known.iter().map(String::as_str), otherwise),
    };
    entries.map(finding).collect()
}

/// What may stand in a mapping, by the key that it stands under.
const KEYS_OF: &[(&str, &str)] = &[
    (
        "severity",
        "take it away; `rosterctl explain` lists the codes",
    ),
    (
        "policy",
        "take it away; the keys here are `creates`, `maxCreates`, `maxUpdates` and `archivedAccounts`",
    ),
    (
        "fromCsv",
        "take it away; the keys here are `path`, `columns`, `encoding`, `dateFormat`, `overlay` and `optional`",
    ),
    (
        "columns",
        "write `field: header`, as in `lastName: Surname`; `rosterctl explain` lists the fields",
    ),
];

/// What other systems call our fields.
const ALSO_CALLED: &[(&str, Key)] = &[
    ("surname", Key::LastName),
    ("familyName", Key::LastName),
    ("forename", Key::FirstName),
    ("givenName", Key::FirstName),
    ("mail", Key::Email),
    ("emailAddress", Key::Email),
    ("phone", Key::Telephone),
    ("mobile", Key::MobileNumber),
    ("mobilePhone", Key::MobileNumber),
    ("address", Key::HomeAddress),
    ("dateOfBirth", Key::Dob),
    ("birthday", Key::Dob),
    ("gender", Key::Sex),
    ("ni", Key::Nino),
    ("niNumber", Key::Nino),
    ("nationalInsuranceNumber", Key::Nino),
    ("tutor", Key::DefaultAssessor),
    ("assessor", Key::DefaultAssessor),
    ("employer", Key::DefaultEmployer),
    ("company", Key::CompanyName),
    ("class", Key::Classroom),
    ("course", Key::EpisodeName),
    ("startDate", Key::StartOn),
    ("endDate", Key::PlannedEndDate),
];

/// The field that a word of another system stands for.
pub(crate) fn also_called(word: &str) -> Option<&'static str> {
    ALSO_CALLED
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(word))
        .map(|(_, key)| key.name())
}

/// Whether a key that isn't there stands there misspelt, which is found by itself.
fn is_misspelt(node: &Node, key: &str, known: &[String]) -> bool {
    let meant = |written: &str| {
        also_called(written).or_else(|| nearest(written, known.iter().map(String::as_str)))
    };
    let strangers = node
        .entries()
        .iter()
        .filter(|entry| !known.iter().any(|name| entry.key.value == **name));
    strangers
        .into_iter()
        .any(|entry| meant(&entry.key.value) == Some(key))
}

/// A key that nobody knows, with the one that was probably meant.
pub fn unknown_key<'w>(
    key: &Spanned<MapKey>,
    known: impl Iterator<Item = &'w str>,
    otherwise: &str,
) -> Finding {
    let finding =
        |message: String, help: &str| Finding::new(Code::UnknownKey, key.span, message, help);
    if let Some(word) = also_called(&key.value) {
        return finding(
            format!("unknown key `{}`", key.value),
            &format!("write `{word}`"),
        );
    }
    match nearest(&key.value, known) {
        None => finding("unknown key".to_owned(), otherwise),
        Some(word) if key.value == *word => finding(
            format!("`{word}` has no place here"),
            "indent it as in the README, or take it away",
        ),
        Some(word) if is_misspelling(&key.value, word) => finding(
            format!("unknown key `{}`", key.value),
            &format!("write `{word}`"),
        ),
        Some(word) => finding(
            "unknown key".to_owned(),
            &format!("write `{word}`, if that is meant"),
        ),
    }
}

/// Whether what was written is so near to a known word that it can be shown: a key that is nobody's name that slipped.
pub(crate) fn is_misspelling(written: &str, word: &str) -> bool {
    let case_of = |text: &str| text.chars().next().map(char::is_lowercase);
    let letters = distance(written, word);
    letters == 0 || (case_of(word) == case_of(written) && letters * 4 <= word.chars().count())
}

fn missing(spot: &FaultPlace<'_>, key: &str) -> Finding {
    let at = spot
        .node
        .entries()
        .first()
        .map_or(spot.node.span, |entry| entry.key.span);
    let field = Key::named(key);
    if field == Some(Key::MisId) {
        let help =
            "add `misId`, the person's key in the MIS; `id: NUMBER` pins an account that has none";
        return Finding::new(
            Code::MissingField,
            at,
            "this user has neither `misId` nor `id`",
            help,
        );
    }
    let help = match field {
        Some(_) => format!("add `{key}` here, or to `defaults` if the users of this file share it"),
        None if key == "overlay" => {
            "add `overlay: true`: only an overlay may be missing".to_owned()
        }
        None => format!("add `{key}`"),
    };
    Finding::new(Code::MissingField, at, format!("`{key}` is missing"), help)
}

/// Identity among the defaults.
fn own_alone(key: Key, at: Span) -> Finding {
    let help = "take it away, and give each user its own";
    Finding::new(
        Code::FieldNotInRole,
        at,
        format!("`{}` can't be a default", key.name()),
        help,
    )
}

fn not_in_role(key: Key, at: Span, user: &Node) -> Finding {
    let role = user
        .get(Key::Role.name())
        .and_then(|role| role.value.text());
    let whose = role.map_or_else(
        || "the role of `defaults`".to_owned(),
        |role| format!("role `{role}`"),
    );
    let roles: Vec<_> = key.row().roles.iter().map(|role| role.name()).collect();
    let help = format!("take it away; the field is for {}", listed(&roles));
    Finding::new(
        Code::FieldNotInRole,
        at,
        format!("users of {whose} have no `{}`", key.name()),
        help,
    )
}

fn empty(spot: &FaultPlace<'_>) -> Finding {
    let span = spot.span();
    let is_word = spot.node.data == NodeData::Null && span == spot.node.span;
    let help = match spot.field() {
        _ if is_word => "quote it if it is text; YAML takes the plain word for nothing",
        Some(_) => {
            "write a value, or take the key away: what isn't declared isn't managed, and nothing is ever cleared"
        }
        None => "write a value, or take the key away",
    };
    Finding::new(
        Code::EmptyValue,
        span,
        format!("{} is empty", spot.name()),
        help,
    )
}

fn wrong_kind(spot: &FaultPlace<'_>) -> Finding {
    let what = match spot.node.data {
        NodeData::Null => "nothing",
        NodeData::Flag(_) => "a flag",
        NodeData::Integer(_) => "a number",
        NodeData::Text(_) => "text",
        NodeData::List(_) => "a list",
        NodeData::Map(_) => "a mapping",
    };
    let Some(key) = spot.field() else {
        let message = format!("{} can't be {what}", spot.name());
        return Finding::new(Code::WrongKind, spot.span(), message, form_help(spot));
    };
    let kind = key.row().kind;
    let is_scalar = matches!(spot.node.data, NodeData::Flag(_) | NodeData::Integer(_));
    let help = match kind {
        ValueKind::Text(_) if is_scalar => quote_it(key, spot.node),
        ValueKind::Reference(_) if is_scalar => {
            let by_id = spot
                .node
                .integer()
                .map(|id| format!("; `{{ id: {id} }}` is the one with that number in OneFile"));
            quote_it(key, spot.node) + &by_id.unwrap_or_default()
        }
        _ => format!("write it as in `{}: {}`", key.name(), example(kind)),
    };
    let message = format!("{} takes {}, and this is {what}", spot.name(), words(kind));
    Finding::new(Code::WrongKind, spot.span(), message, help)
}

fn form_help(spot: &FaultPlace<'_>) -> &'static str {
    if spot
        .node
        .text()
        .is_some_and(|text| text.parse::<i64>().is_ok())
    {
        return "write it without quotes";
    }
    match spot.under.map(|key| key.value.as_str()) {
        Some("overlay" | "optional") => "write `true` or `false`, without quotes",
        Some("users") if spot.is_item => "write a mapping: a user begins with `- misId:`",
        Some("users") => "write a list: each user begins with `- misId:`",
        Some("organisation") => "write the number that OneFile knows the organisation by",
        Some(_) => {
            "`rosterctl schema users` and `rosterctl schema project` say what each key takes"
        }
        None => "write `users:` and below it a list, in which each user begins with `- misId:`",
    }
}

fn unknown_word(spot: &FaultPlace<'_>, words: &[String]) -> Finding {
    let known = words.iter().map(String::as_str);
    let near = spot
        .node
        .text()
        .and_then(|text| nearest(text, known.clone()));
    let all: Vec<_> = known.collect();
    let help = match near {
        Some(word) => format!("write `{word}`; the words are {}", listed(&all)),
        None if all.len() == 1 => format!("only {} may stand here", listed(&all)),
        None => format!("write one of {}", listed(&all)),
    };
    Finding::new(
        Code::UnknownWord,
        spot.span(),
        format!("{} takes one of a few words", spot.name()),
        help,
    )
}

fn bad_text(spot: &FaultPlace<'_>) -> Finding {
    let kind = spot
        .field()
        .map_or(ValueKind::Text(Shape::Free), |key| key.row().kind);
    let (code, what) = match kind {
        ValueKind::Text(Shape::Email) => (Code::BadEmail, "isn't an e-mail address"),
        ValueKind::Text(Shape::Uln) => (Code::BadUln, "isn't a ULN of ten digits"),
        ValueKind::Text(Shape::Nino) => (Code::BadNino, "isn't a national insurance number"),
        ValueKind::Day => (Code::BadDay, "isn't a day"),
        ValueKind::Instant => (Code::BadInstant, "isn't a point in time"),
        _ => (Code::WrongKind, "isn't of a form that is read"),
    };
    let of_project = spot
        .under
        .and_then(|under| PROJECT_FORMS.iter().find(|(key, _)| under.value == **key));
    let help = format!(
        "write it as in `{}`",
        of_project.map_or_else(|| example(kind), |(_, example)| example)
    );
    Finding::new(code, spot.span(), format!("{} {what}", spot.name()), help)
}

/// How the keys of `rosterctl.yaml` whose values have a form are written.
const PROJECT_FORMS: &[(&str, &str)] = &[
    ("maxCreates", "30 %"),
    ("maxUpdates", "30 %"),
    ("from", "\"09:00\""),
    ("to", "\"21:30\""),
    ("date", "2026-12-24"),
];

/// What to type where a plain scalar isn't the text that is due; a value that isn't public shows as `…`.
pub fn quote_it(key: Key, node: &Node) -> String {
    let value = match &node.data {
        _ if key.row().class != Class::Public => "…".to_owned(),
        NodeData::Text(text) => text.to_string(),
        NodeData::Integer(number) => number.to_string(),
        NodeData::Flag(flag) => flag.to_string(),
        NodeData::Null | NodeData::List(_) | NodeData::Map(_) => "…".to_owned(),
    };
    format!("quote it: `{}: \"{value}\"`", key.name())
}

fn words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text(_) | ValueKind::Role => "text",
        ValueKind::Day => "a day",
        ValueKind::Instant => "a point in time",
        ValueKind::Flag => "`true` or `false`",
        ValueKind::Number => "a number",
        ValueKind::Ids => "a list of account numbers",
        ValueKind::Reference(_) => "a name, a MIS value or a mapping of one such as `{ id: … }`",
    }
}

fn example(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text(Shape::Free) => "\"text\"",
        ValueKind::Text(Shape::Email) => "first.last@example.ac.uk",
        ValueKind::Text(Shape::Uln) => "\"9999999999\"",
        ValueKind::Text(Shape::Nino) => "QQ123456C",
        ValueKind::Text(Shape::Code(_)) => "\"99\"",
        ValueKind::Role => "learner",
        ValueKind::Day => "2026-09-01",
        ValueKind::Instant => "2026-09-01T09:00:00Z",
        ValueKind::Flag => "true",
        ValueKind::Number => "137945",
        ValueKind::Ids => "[137945]",
        ValueKind::Reference(Referent::User(_)) => "A-001",
        ValueKind::Reference(_) => "Business Admin L3",
    }
}

fn listed(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
