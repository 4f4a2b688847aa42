//! Sealed overlays: a CSV `misId,sealed` with a line for each person. Each `sealed` cell is an age file in base64, which
//! holds one row of an overlay. Nothing of a row can be read without a key, and git still merges line by line.
//!
//! The files are in the order of their use: `recipients` and `keys` say who can open a row, `age_file` is the only one that
//! knows the age crate, `row` is the text inside of a cell, `lines` the text around the cells, `table` what a manifest reads,
//! `plain` the table that people edit, and `update` what `rosterctl seal` makes of it.

mod age_file;
mod keys;
mod lines;
mod plain;
mod recipients;
mod row;
mod table;
mod update;

use crate::domain::OrganisationId;

pub use crate::manifest::sealed::keys::{AgeKeys, NewKey};
pub(crate) use crate::manifest::sealed::lines::looks_sealed;
pub use crate::manifest::sealed::plain::PlainTable;
pub use crate::manifest::sealed::recipients::{RecipientChanges, Recipients, canonical_recipient};
pub(crate) use crate::manifest::sealed::table::SealedRecords;
pub use crate::manifest::sealed::table::SealedTable;
pub use crate::manifest::sealed::update::{PlainRow, SealCounts, SealError, SealedFile, SealedFor};

/// Whose rows are read, for whom they have to be sealed, and with what they are opened.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'s> {
    pub organisation: OrganisationId,
    /// `None` for a commit of the past: it doesn't matter who could read it.
    pub recipients: Option<&'s Recipients>,
    /// Without a key nothing is opened, and the fields of sealed overlays aren't managed.
    pub keys: Option<&'s AgeKeys>,
}

/// The most bytes that a row may have before it is sealed. The longest of 30 columns has about 4,000.
const LONGEST_ROW: usize = 64 << 10;
