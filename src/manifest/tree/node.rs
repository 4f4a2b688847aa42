//! A tree with a place for every node.

use std::borrow::Cow;

use crate::findings::source::{Span, Spanned};
use crate::manifest::tree::map_key::MapKey;

/// A node of YAML. A text is borrowed from what was read, unless quotes or escapes change it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'t> {
    pub span: Span,
    /// Whether it is a text without quotes.
    pub is_plain: bool,
    pub data: NodeData<'t>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeData<'t> {
    Null,
    Flag(bool),
    Integer(i64),
    Text(Cow<'t, str>),
    List(Box<[Node<'t>]>),
    Map(Box<[MapEntry<'t>]>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct MapEntry<'t> {
    pub key: Spanned<MapKey>,
    pub value: Node<'t>,
}

/// A copied text costs one node more for so many bytes, about what a node itself takes.
const BYTES_A_NODE: usize = 64;

impl<'t> Node<'t> {
    pub fn new(span: Span, data: NodeData<'t>) -> Self {
        Self {
            span,
            is_plain: false,
            data,
        }
    }

    /// The same node with texts of its own, which outlives the text that it was read from.
    pub fn into_owned(self) -> Node<'static> {
        let data = match self.data {
            NodeData::Null => NodeData::Null,
            NodeData::Flag(flag) => NodeData::Flag(flag),
            NodeData::Integer(number) => NodeData::Integer(number),
            NodeData::Text(text) => NodeData::Text(Cow::Owned(text.into_owned())),
            NodeData::List(items) => {
                NodeData::List(items.into_iter().map(Node::into_owned).collect())
            }
            NodeData::Map(entries) => {
                let entry = |entry: MapEntry<'t>| MapEntry {
                    key: entry.key,
                    value: entry.value.into_owned(),
                };
                NodeData::Map(entries.into_iter().map(entry).collect())
            }
        };
        Node {
            span: self.span,
            is_plain: self.is_plain,
            data,
        }
    }

    /// The entries of a mapping; none if it is something else.
    pub fn entries(&self) -> &[MapEntry<'t>] {
        let NodeData::Map(entries) = &self.data else {
            return &[];
        };
        entries
    }

    /// The items of a list; none if it is something else.
    pub fn items(&self) -> &[Node<'t>] {
        let NodeData::List(items) = &self.data else {
            return &[];
        };
        items
    }

    /// The entry of a mapping under this key.
    pub fn get(&self, key: &str) -> Option<&MapEntry<'t>> {
        self.entries().iter().find(|entry| entry.key.value == key)
    }

    pub fn text(&self) -> Option<&str> {
        let NodeData::Text(text) = &self.data else {
            return None;
        };
        Some(text)
    }

    pub fn integer(&self) -> Option<i64> {
        let NodeData::Integer(number) = self.data else {
            return None;
        };
        Some(number)
    }

    pub fn flag(&self) -> Option<bool> {
        let NodeData::Flag(flag) = self.data else {
            return None;
        };
        Some(flag)
    }

    /// What a copy costs: one for each node and key, and one more for every [`BYTES_A_NODE`] bytes of text.
    pub(crate) fn copy_cost(&self) -> usize {
        let text_cost = |text: &str| text.len() / BYTES_A_NODE;
        let below: usize = match &self.data {
            NodeData::List(items) => items.iter().map(Node::copy_cost).sum(),
            NodeData::Map(entries) => entries
                .iter()
                .map(|entry| 1 + text_cost(&entry.key.value) + entry.value.copy_cost())
                .sum(),
            NodeData::Text(text) => text_cost(text),
            NodeData::Null | NodeData::Flag(_) | NodeData::Integer(_) => 0,
        };
        1 + below
    }
}
