//! What YAML and CSV are read into: nodes that know their place in the text. The readers below make them; the rules
//! look at them.

pub mod node;
pub mod scalar;

pub(crate) mod document;
pub(crate) mod fault_place;
pub(crate) mod field_nodes;
pub(crate) mod map_key;
