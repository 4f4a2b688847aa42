//! Manifests: YAML to a tree with a place for every node, checked against the very schema that editors use. Reading is
//! total: it gives a value and findings, whatever the text is. It opens no file and knows no rule beyond structure.

mod fault;
pub mod scalar;
pub mod structure;
pub mod tree;
mod visible;

use crate::diagnostic::Finding;
use crate::manifest::structure::Structure;
use crate::manifest::tree::{Data, Node};
use crate::source::FileId;

pub use crate::manifest::fault::{quote_it, unknown_key};
pub use crate::manifest::visible::visible;

/// What to do about a key that manifests don't have.
pub const OF_USERS: &str =
    "take it away; the README lists the keys, and keys that begin with `x-` may stand at the top of a file";

/// The documents of one text and every finding on its syntax and structure. Empty documents are left out.
pub fn read(file: FileId, text: &str, structure: &Structure) -> (Vec<Node>, Vec<Finding>) {
    let (mut documents, mut findings) = tree::parse(file, text);
    documents.retain(|document| document.data != Data::Null);
    findings.extend(documents.iter().flat_map(|document| structure.check(document)));
    (documents, findings)
}
