//! Manifests: YAML and CSV to a tree with a place for every node, the schema that editors use too, the rules, and the
//! roster. Whatever a text is, reading it gives a value and findings, and no error. Nothing here opens a file.

pub mod csv_format;
mod csv_reader;
mod csv_source;
mod csv_table;
pub mod csv_writer;
mod declared_assignments;
pub mod declared_lookup;
mod duplicate_pairs;
pub mod edit;
pub mod header_guess;
mod join;
mod node_value;
pub mod project_keys;
mod public_ranges;
mod repeated_rows;
pub mod rules;
pub mod schema;
pub mod schema_check;
mod schema_findings;
pub mod sealed;
pub(crate) mod sealed_fault;
pub mod tree;
mod unchecked_entry;
mod unchecked_user;
mod user_references;
pub mod validate;
pub mod workbook;
pub mod yaml;

use std::collections::BTreeSet;

use crate::findings::Finding;
use crate::findings::source::FileId;
use crate::manifest::rules::{conflict_marker, lfs_pointer};
use crate::manifest::schema_check::Structure;
use crate::manifest::tree::node::{Node, NodeData};

pub use crate::manifest::csv_reader::TableForm;
pub use crate::manifest::csv_source::{
    CsvSource, SealedFormat, TableFlags, TableFormat, TableText, csv_sources, decode, may_name_csv,
};
pub use crate::manifest::csv_table::{CsvTable, headers, table};
pub use crate::manifest::join::{JoinedDocuments, join, with_defaults};
pub(crate) use crate::manifest::node_value::reference;
pub use crate::manifest::public_ranges::{public_cells, public_ranges};
pub(crate) use crate::manifest::sealed::looks_sealed;
pub(crate) use crate::manifest::tree::document::users as declared_users;
pub use crate::manifest::tree::map_key::MapKey;

/// The help for a key that manifests don't have.
pub const UNKNOWN_KEY_HELP: &str = "take it away; `rosterctl explain` lists the keys, and those that begin with `x-` may stand at the top of a file";

/// Documents, and the findings of reading them.
pub type ReadDocuments<'t> = (Vec<Node<'t>>, Vec<Finding>);

/// The documents of one text and every finding on its syntax, without empty documents.
pub fn parse(file: FileId, text: &str) -> ReadDocuments<'_> {
    let not_yaml = not_content(file, text);
    if !not_yaml.is_empty() {
        return (Vec::new(), not_yaml);
    }
    let (mut documents, findings) = yaml::parse(file, text);
    documents.retain(|document| document.data != NodeData::Null);
    (documents, findings)
}

/// What git has left in the place of the text that people wrote. If there is anything, nothing else in it counts.
pub(crate) fn not_content(file: FileId, text: &str) -> Vec<Finding> {
    let mut findings = conflict_marker::check(file, text);
    findings.extend(lfs_pointer::check(file, text));
    findings
}

/// The documents of a text that is checked by itself, with every finding on its syntax and structure.
pub fn read<'t>(file: FileId, text: &'t str, structure: &Structure) -> ReadDocuments<'t> {
    let (documents, mut findings) = parse(file, text);
    findings.extend(
        documents
            .iter()
            .flat_map(|document| structure.check(document, &BTreeSet::new())),
    );
    (documents, findings)
}
