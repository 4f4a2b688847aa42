//! The text inside of a `sealed` cell: a CSV of two lines, filled up with blank lines. The first four columns say whose row it
//! is; the others are those of the overlay. `base64 -d | age -d` shows it to whoever holds a key.

use std::ops::Range;

use crate::domain::OrganisationId;
use crate::findings::source::FileId;
use crate::manifest::csv_reader::{Records, TableForm};
use crate::manifest::csv_writer::push_row;
use crate::manifest::sealed::LONGEST_ROW;

/// One row of an overlay, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SealedRow {
    pub(super) organisation: OrganisationId,
    /// The MIS value, as it stands outside, too: `S-1` or `assessor:S-1`.
    pub(super) name: String,
    /// For whom it is sealed.
    pub(super) recipients: String,
    pub(super) headers: Vec<String>,
    /// One for each header.
    pub(super) cells: Vec<String>,
}

/// The columns in front of those of the overlay. The value below the first is the version of this form.
const OWN_HEADERS: [&str; 4] = ["sealed", "organisation", "misId", "recipients"];
const VERSION: &str = "1";

/// Every row is filled up to a multiple of so many bytes, so that its length doesn't tell how much is known of somebody.
const BLOCK: usize = 512;

impl SealedRow {
    /// The text to seal; `None` if the row is too long.
    pub(super) fn text(&self) -> Option<String> {
        let organisation = self.organisation.to_string();
        let own = [VERSION, &organisation, &self.name, &self.recipients];
        let mut text = String::with_capacity(BLOCK);
        push_row(
            &mut text,
            OWN_HEADERS
                .into_iter()
                .chain(self.headers.iter().map(String::as_str)),
        );
        push_row(
            &mut text,
            own.into_iter().chain(self.cells.iter().map(String::as_str)),
        );
        let blanks = text.len().next_multiple_of(BLOCK) - text.len();
        text.extend(std::iter::repeat_n('\n', blanks));
        (text.len() <= LONGEST_ROW).then_some(text)
    }

    /// Whether no column has anything.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }

    /// Puts a text into a column, which the row gets if it hasn't got it.
    pub(super) fn set(&mut self, header: &str, text: String) {
        if let Some(column) = self.headers.iter().position(|own| own == header) {
            self.cells[column] = text;
        } else {
            self.headers.push(header.to_owned());
            self.cells.push(text);
        }
    }

    /// The row in a text that was sealed; `None` if it isn't of this form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut records = Records::new(FileId::default(), text, &TableForm::Csv);
        let mut next = || {
            let record = records.next().filter(|record| record.broken.is_none())?;
            let cells = record.cells.into_iter().map(|cell| cell.text);
            Some(cells.collect::<Vec<String>>())
        };
        let (mut headers, mut cells) = (next()?, next()?);
        if next().is_some() || headers.len() != cells.len() || headers.len() < OWN_HEADERS.len() {
            return None;
        }
        let own: Range<usize> = 0..OWN_HEADERS.len();
        if headers.drain(own.clone()).ne(OWN_HEADERS) {
            return None;
        }
        let mut known = std::collections::BTreeSet::new();
        if !headers.iter().all(|header| known.insert(header)) {
            return None;
        }
        let mut own = cells.drain(own);
        if own.next()? != VERSION {
            return None;
        }
        let (organisation, name, recipients) = (own.next()?, own.next()?, own.next()?);
        drop(own);
        Some(Self {
            organisation: OrganisationId::new(organisation.parse().ok()?),
            name,
            recipients,
            headers,
            cells,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(headers: Vec<String>, cells: Vec<String>) -> SealedRow {
        SealedRow {
            organisation: OrganisationId::new(5740),
            name: "L-1".to_owned(),
            recipients: "0f".to_owned(),
            headers,
            cells,
        }
    }

    #[test]
    fn a_row_has_the_length_of_whole_blocks_and_not_more_than_a_row_may_have() {
        for (length, size) in [(0, 512), (9, 512), (440, 512), (470, 1024), (3000, 3072)] {
            let cell = "x".repeat(length);
            let text = row(vec!["nino".to_owned()], vec![cell]).text();
            assert_eq!(text.map(|text| text.len()), Some(size), "{length}");
        }
        let cell = "x".repeat(LONGEST_ROW);
        assert_eq!(row(vec!["nino".to_owned()], vec![cell]).text(), None);
    }

    #[test]
    fn what_is_no_row_is_none() {
        for text in [
            "",
            "\n",
            "nino\nQQ000001C\n",
            "sealed,organisation,misId,recipients\n",
            "sealed,organisation,misId,recipients\n2,5740,L-1,0f\n",
            "sealed,organisation,misId,recipients\n1,x,L-1,0f\n",
            "sealed,organisation,misId,recipients,nino\n1,5740,L-1,0f\n",
            "sealed,organisation,misId,recipients\n1,5740,L-1,0f\n1,5740,L-2,0f\n",
            "sealed,organisation,misId,recipients,a,a\n1,5740,L-1,0f,x,y\n",
        ] {
            assert_eq!(SealedRow::parse(text), None, "{text}");
        }
    }

    proptest! {
        /// Whatever the cells hold, a row is read back as it was: quotes, line ends, formulas.
        #[test]
        fn a_row_is_read_back_as_it_was(cells in prop::collection::vec("[ -~éŁ\\n]{0,20}", 1..5)) {
            let cells: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
            let headers = (0..cells.len()).map(|at| format!("h{at}")).collect();
            let row = row(headers, cells);
            prop_assert_eq!(SealedRow::parse(&row.text().unwrap()), Some(row));
        }
    }
}
