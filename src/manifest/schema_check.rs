//! The JSON Schema at work on our tree. The only file that knows the jsonschema crate; what its errors mean to people
//! is in `schema_findings`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jsonschema::error::ValidationErrorKind;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use jsonschema::paths::LocationSegment;
use jsonschema::{JsonType, PatternOptions, ValidationError, Validator};
use serde_json::{Number, Value};

use crate::domain::field::Key;
use crate::findings::Finding;
use crate::findings::source::Span;
use crate::manifest::schema_findings::{KeyHelp, SchemaFault};
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};

/// A compiled schema.
pub struct Structure {
    validator: Validator<Tree>,
    /// Every key that the schema knows somewhere, for suggestions.
    known: Vec<String>,
    /// What to type in the place of a key that is near to none of them.
    otherwise: Cow<'static, str>,
}

impl Structure {
    /// `otherwise` is the help for a key that is near to no known one. Panics if the schema doesn't compile: it has to be one
    /// of ours, which tests compile.
    pub fn new(schema: &Value, otherwise: impl Into<Cow<'static, str>>) -> Self {
        let mut known = Vec::new();
        collect_keys(schema, &mut known);
        known.sort_unstable();
        known.dedup();
        let options = jsonschema::options_for::<Tree>().offline();
        let options = options.with_pattern_options(PatternOptions::regex());
        let validator = options.build(schema).expect("our own schema compiles");
        Self {
            validator,
            known,
            otherwise: otherwise.into(),
        }
    }

    /// Every way in which a document isn't of this structure. The fields in `optional` may be missing.
    pub fn check(&self, document: &Node, optional: &BTreeSet<Key>) -> Vec<Finding> {
        let keys = KeyHelp {
            known: &self.known,
            otherwise: &self.otherwise,
        };
        let mut findings = Vec::new();
        for error in self.validator.iter_errors(document) {
            let fault = fault_of(&error);
            if !is_optional(&fault, optional) {
                let found = fault.findings(&fault_place(document, &error), &keys);
                findings.extend(found.into_iter().map(|finding| Finding {
                    is_of_schema: true,
                    ..finding
                }));
            }
        }
        findings
    }
}

fn is_optional(fault: &SchemaFault, optional: &BTreeSet<Key>) -> bool {
    match fault {
        SchemaFault::Missing(key) => Key::named(key).is_some_and(|key| optional.contains(&key)),
        SchemaFault::UnknownKeys(_)
        | SchemaFault::WrongKind
        | SchemaFault::UnknownWord(_)
        | SchemaFault::BadText
        | SchemaFault::EmptyList
        | SchemaFault::TooSmall(_) => false,
    }
}

fn collect_keys(schema: &Value, known: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                known.extend(properties.keys().cloned());
            }
            members
                .values()
                .for_each(|member| collect_keys(member, known));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, known)),
        _ => {}
    }
}

fn fault_of(error: &ValidationError<'_>) -> SchemaFault {
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            SchemaFault::UnknownKeys(unexpected.clone())
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().expect("a key of a schema is text");
            SchemaFault::Missing(key.to_owned())
        }
        ValidationErrorKind::Enum { options } => SchemaFault::UnknownWord(words(options)),
        ValidationErrorKind::Pattern { .. } => SchemaFault::BadText,
        ValidationErrorKind::MinItems { .. } => SchemaFault::EmptyList,
        ValidationErrorKind::Minimum { limit } => SchemaFault::TooSmall(limit.to_string()),
        _ => SchemaFault::WrongKind,
    }
}

fn words(options: &Value) -> Vec<String> {
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    options
        .iter()
        .filter_map(|word| word.as_str().map(str::to_owned))
        .collect()
}

fn fault_place<'n>(document: &'n Node<'n>, error: &ValidationError<'_>) -> FaultPlace<'n> {
    let mut place = FaultPlace::root(document);
    for segment in error.instance_path().segments() {
        place = match segment {
            LocationSegment::Property(name) => place.member(&name),
            LocationSegment::Index(index) => place.item(index),
        };
    }
    place
}

/// Our tree, as the validator reads it.
pub struct Tree;

impl Json for Tree {
    type Node<'a> = &'a Node<'a>;
    type PreparedKey = MapKey;
    type StringBuffer = ();
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> MapKey {
        MapKey::from(key)
    }

    /// Only `propertyNames` asks for this, and our schemas don't use it.
    fn with_string_node<T>(
        (): &mut (),
        string: &str,
        f: impl for<'a> FnOnce(&'a Node<'a>) -> T,
    ) -> T {
        f(&Node::new(Span::default(), NodeData::Text(string.into())))
    }
}

/// An integer, as the validator reads it.
pub struct Integer(i64);

impl JsonNumber for Integer {
    fn as_u64(&self) -> Option<u64> {
        u64::try_from(self.0).ok()
    }

    fn as_i64(&self) -> Option<i64> {
        Some(self.0)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a bound of our schemas is far below 2^52"
    )]
    fn as_f64(&self) -> Option<f64> {
        Some(self.0 as f64)
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.to_string())
    }

    fn to_number(&self) -> Cow<'_, Number> {
        Cow::Owned(Number::from(self.0))
    }

    fn is_integer(&self) -> bool {
        true
    }
}

impl<'a> JsonNode<'a, Tree> for &'a Node<'a> {
    type Object = &'a [MapEntry<'a>];
    type Array = &'a [Node<'a>];
    type Number = Integer;

    fn as_object(&self) -> Option<&'a [MapEntry<'a>]> {
        matches!(self.data, NodeData::Map(_)).then(|| self.entries())
    }

    fn as_array(&self) -> Option<&'a [Node<'a>]> {
        matches!(self.data, NodeData::List(_)).then(|| self.items())
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.text().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<Integer> {
        self.integer().map(Integer)
    }

    fn as_boolean(&self) -> Option<bool> {
        self.flag()
    }

    fn is_null(&self) -> bool {
        self.data == NodeData::Null
    }

    fn json_type(&self) -> JsonType {
        match self.data {
            NodeData::Null => JsonType::Null,
            NodeData::Flag(_) => JsonType::Boolean,
            NodeData::Integer(_) => JsonType::Number,
            NodeData::Text(_) => JsonType::String,
            NodeData::List(_) => JsonType::Array,
            NodeData::Map(_) => JsonType::Object,
        }
    }

    /// Only what `const` and `enum` compare. Nothing else goes into errors, where it might be shown.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match &self.data {
            NodeData::Null | NodeData::List(_) | NodeData::Map(_) => Value::Null,
            NodeData::Flag(flag) => Value::from(*flag),
            NodeData::Integer(number) => Value::from(*number),
            NodeData::Text(text) => Value::from(&**text),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(
            std::ptr::from_ref::<Node<'_>>(self) as usize
        ))
    }
}

impl<'a> Object<'a, Tree> for &'a [MapEntry<'a>] {
    type Node = &'a Node<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        <[MapEntry<'_>]>::len(self)
    }

    fn get(&self, key: &MapKey) -> Option<&'a Node<'a>> {
        let found = match key.key() {
            // Schemas mostly ask for fields, and a user has few of them: comparing fields is quicker than names.
            Some(known) => self
                .iter()
                .find(|entry| entry.key.value.key() == Some(known)),
            None => self.iter().find(|entry| entry.key.value == *key),
        };
        found.map(|entry| &entry.value)
    }

    fn members(&self) -> Members<'a> {
        Members(self.iter())
    }
}

/// The members of a mapping, in the order of the text.
pub struct Members<'a>(std::slice::Iter<'a, MapEntry<'a>>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0
            .next()
            .map(|entry| (entry.key.value.as_str(), &entry.value))
    }
}

impl<'a> Array<'a, Tree> for &'a [Node<'a>] {
    type Node = &'a Node<'a>;
    type ElementsIter = std::slice::Iter<'a, Node<'a>>;

    fn len(&self) -> usize {
        <[Node<'_>]>::len(self)
    }

    fn elements(&self) -> std::slice::Iter<'a, Node<'a>> {
        self.iter()
    }
}
