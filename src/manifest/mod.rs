//! Manifests: YAML to a tree with a place for every node, checked against the very schema that editors use. Reading is
//! total: it gives a value and findings, whatever the text is. It opens no file and knows no rule beyond structure.

mod fault;
mod join;
mod name;
mod need;
mod records;
pub mod scalar;
pub mod structure;
mod table;
pub mod tree;
mod visible;

use std::collections::BTreeSet;

use crate::diagnostic::Finding;
use crate::manifest::structure::Structure;
use crate::manifest::tree::{Node, NodeData};
use crate::source::FileId;

pub use crate::manifest::fault::{quote_it, unknown_key};
pub use crate::manifest::join::{JoinedDocuments, join, with_defaults};
pub use crate::manifest::name::MapKey;
pub use crate::manifest::need::{CsvSource, decode, may_need, needs};
pub use crate::manifest::table::{CsvTable, headers, table};
pub use crate::manifest::visible::{visible, visible_cells};

/// What to do about a key that manifests don't have.
pub const OF_USERS: &str = "take it away; `rosterctl explain` lists the keys, and those that begin with `x-` may stand at the top of a file";

/// Documents, and what was found on the way to them.
pub type ReadDocuments<'t> = (Vec<Node<'t>>, Vec<Finding>);

/// The documents of one text and every finding on its syntax. Empty documents are left out.
pub fn parse(file: FileId, text: &str) -> ReadDocuments<'_> {
    let (mut documents, findings) = tree::parse(file, text);
    documents.retain(|document| document.data != NodeData::Null);
    (documents, findings)
}

/// The documents of a text that stands alone, with every finding on its syntax and structure.
pub fn read<'t>(file: FileId, text: &'t str, structure: &Structure) -> ReadDocuments<'t> {
    let (documents, mut findings) = parse(file, text);
    findings.extend(
        documents
            .iter()
            .flat_map(|document| structure.check(document, &BTreeSet::new())),
    );
    (documents, findings)
}
