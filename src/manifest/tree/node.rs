//! A tree with a place for every node.

use std::borrow::Cow;

use crate::findings::source::{Span, Spanned};
use crate::manifest::tree::map_key::MapKey;

/// A node of YAML. Its texts are lent by what was read, as far as they stand there as they are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'t> {
    pub span: Span,
    /// Whether it is a text that stands there without quotes.
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

    pub fn entries(&self) -> &[MapEntry<'t>] {
        match &self.data {
            NodeData::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Node<'t>] {
        match &self.data {
            NodeData::List(items) => items,
            _ => &[],
        }
    }

    pub fn get(&self, key: &str) -> Option<&MapEntry<'t>> {
        self.entries().iter().find(|entry| entry.key.value == key)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.data {
            NodeData::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn integer(&self) -> Option<i64> {
        match self.data {
            NodeData::Integer(number) => Some(number),
            _ => None,
        }
    }

    pub fn flag(&self) -> Option<bool> {
        match self.data {
            NodeData::Flag(flag) => Some(flag),
            _ => None,
        }
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
