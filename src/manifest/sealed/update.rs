//! What `rosterctl seal` writes. A row whose values and recipients are as before keeps its bytes, so that a change in git
//! shows for whom something changed.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::domain::OrganisationId;
use crate::manifest::sealed::lines::{encoded, written};
use crate::manifest::sealed::row::SealedRow;
use crate::manifest::sealed::table::{OpenedLine, SealedTable};
use crate::manifest::sealed::{Recipients, age_file};

/// The rows of a sealed file, all of them open, in the order of their names.
#[derive(Default)]
pub struct SealedFile {
    rows: BTreeMap<String, KeptRow>,
}

struct KeptRow {
    row: SealedRow,
    /// The cell as it stands in the file.
    sealed: String,
}

/// A row before it is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainRow {
    /// The MIS value: `S-1` or `assessor:S-1`.
    pub name: String,
    /// One for each header.
    pub cells: Vec<String>,
}

/// How many rows a seal added, changed and left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealCounts {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Rows in which nothing is left.
    pub removed: usize,
    /// Those of people whom the plain rows don't have.
    pub others: usize,
}

/// Whose rows are sealed, and who is to open them.
pub type SealedFor<'s> = (OrganisationId, &'s Recipients);

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("a row has more than 64 KiB")]
    TooLong,
    #[error("age can't seal: {0}")]
    Failed(#[from] std::io::Error),
}

impl SealedFile {
    /// The rows of a table; `None` if a row isn't open.
    pub fn of(table: SealedTable) -> Option<Self> {
        let mut rows = BTreeMap::new();
        for OpenedLine { line, row } in table.into_rows() {
            let sealed = encoded(&line.sealed?);
            rows.insert(line.name, KeptRow { row: row?, sealed });
        }
        Some(Self { rows })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let lines = self.rows.iter();
        written(lines.map(|(name, kept)| (name.as_str(), kept.sealed.as_str())))
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The header and the cell of each column in a row.
    pub fn row(&self, name: &str) -> Option<impl Iterator<Item = (&str, &str)>> {
        let row = &self.rows.get(name)?.row;
        let cells = row.cells.iter().map(String::as_str);
        Some(row.headers.iter().map(String::as_str).zip(cells))
    }

    /// Puts plain rows in. A column that they don't have stays as it is in each row.
    pub fn update(
        &mut self,
        headers: &[String],
        plain: Vec<PlainRow>,
        (organisation, recipients): SealedFor<'_>,
    ) -> Result<SealCounts, SealError> {
        let fingerprint = recipients.fingerprint();
        let mut update = SealCounts::default();
        let mut due = Vec::new();
        let before = self.rows.len();
        for plain in plain {
            let row = SealedRow {
                organisation,
                recipients: fingerprint.clone(),
                name: plain.name,
                headers: headers.to_vec(),
                cells: plain.cells,
            };
            match self.rows.get(&row.name) {
                None if row.is_empty() => {}
                None => {
                    update.added += 1;
                    due.push(row);
                }
                Some(kept) => {
                    let row = merged(&kept.row, row);
                    if row.is_empty() {
                        update.removed += 1;
                        self.rows.remove(&row.name);
                    } else if row == kept.row {
                        update.unchanged += 1;
                    } else {
                        update.changed += 1;
                        due.push(row);
                    }
                }
            }
        }
        update.others = before - update.changed - update.unchanged - update.removed;
        self.seal(due, recipients)?;
        Ok(update)
    }

    /// Takes out the rows of people whose names aren't among these. Returns how many.
    pub fn keep_only(&mut self, names: &BTreeSet<String>) -> usize {
        let before = self.rows.len();
        self.rows.retain(|name, _| names.contains(name));
        before - self.rows.len()
    }

    /// Seals every row again, for the recipients of today.
    pub fn rotate(&mut self, recipients: &Recipients) -> Result<(), SealError> {
        let fingerprint = recipients.fingerprint();
        let rows = self.rows.values().map(|kept| SealedRow {
            recipients: fingerprint.clone(),
            ..kept.row.clone()
        });
        self.seal(rows.collect(), recipients)
    }

    fn seal(&mut self, rows: Vec<SealedRow>, recipients: &Recipients) -> Result<(), SealError> {
        let keys = recipients.public_keys();
        let sealed: Result<Vec<KeptRow>, SealError> = rows
            .into_par_iter()
            .map(|row| {
                let text = row.text().ok_or(SealError::TooLong)?;
                let sealed = encoded(&age_file::seal(&text, &keys)?);
                Ok(KeptRow { row, sealed })
            })
            .collect();
        for kept in sealed? {
            self.rows.insert(kept.row.name.clone(), kept);
        }
        Ok(())
    }
}

/// A row with the cells of another over its own.
fn merged(kept: &SealedRow, new: SealedRow) -> SealedRow {
    let mut row = kept.clone();
    for (header, cell) in new.headers.into_iter().zip(new.cells) {
        row.set(&header, cell);
    }
    row.recipients = new.recipients;
    row
}
