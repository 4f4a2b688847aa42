//! Manifests: YAML to a tree with a place for every node, checked against the very schema that editors use. Reading is
//! total: it gives a value and findings, whatever the text is. It opens no file and knows no rule beyond structure.

pub mod csv_format;
mod csv_reader;
mod csv_source;
mod csv_table;
mod duplicate_pairs;
mod join;
mod public_ranges;
pub mod rules;
pub mod schema;
pub mod schema_check;
mod schema_findings;
pub mod tree;
mod unchecked_user;
pub mod validate;
pub mod yaml;

use std::collections::BTreeSet;

use crate::findings::Finding;
use crate::findings::source::FileId;
use crate::manifest::schema_check::Structure;
use crate::manifest::tree::node::{Node, NodeData};

pub use crate::manifest::csv_source::{CsvSource, decode, may_need, needs};
pub use crate::manifest::csv_table::{CsvTable, headers, table};
pub use crate::manifest::join::{JoinedDocuments, join, with_defaults};
pub use crate::manifest::public_ranges::{visible, visible_cells};
pub use crate::manifest::tree::map_key::MapKey;

/// What to do about a key that manifests don't have.
pub const OF_USERS: &str = "take it away; `rosterctl explain` lists the keys, and those that begin with `x-` may stand at the top of a file";

/// Documents, and what was found on the way to them.
pub type ReadDocuments<'t> = (Vec<Node<'t>>, Vec<Finding>);

/// The documents of one text and every finding on its syntax. Empty documents are left out.
pub fn parse(file: FileId, text: &str) -> ReadDocuments<'_> {
    let (mut documents, findings) = yaml::parse(file, text);
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
