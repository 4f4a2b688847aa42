//! The lines of a sealed file: a MIS value and the sealed cell of each person. What stands here can be checked without a key.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use foldhash::{HashSet, HashSetExt};

use crate::findings::source::{FileId, Span};
use crate::manifest::csv_reader::{Records, TableForm, TableRecord};
use crate::manifest::csv_writer::push_row;
use crate::manifest::sealed::LONGEST_ROW;
use crate::manifest::sealed_fault::SealedFault;

/// The columns of a sealed file.
pub(super) const HEADERS: [&str; 2] = ["misId", "sealed"];

/// How every age file begins.
const AGE: &[u8] = b"age-encryption.org/";

/// How the line of a recipient begins in the header of an age file.
const RECIPIENT: &[u8] = b"-> X25519 ";

/// The end of the header of an age file.
const HEADER_END: &[u8] = b"\n---";

/// The most characters of a sealed cell: what the longest row takes with 40 recipients, in base64.
const LONGEST_CELL: usize = 2 * (LONGEST_ROW + (8 << 10));

/// What is wrong with a line, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) range: Range<usize>,
    pub(super) kind: SealedFault,
}

/// A line with a sealed cell.
pub(super) struct SealedLine {
    /// From 1, as spreadsheets count.
    pub(super) row: usize,
    pub(super) name: String,
    pub(super) name_at: Range<usize>,
    pub(super) sealed_at: Range<usize>,
    /// The age file; `None` if there is a fault about it.
    pub(super) sealed: Option<Vec<u8>>,
}

/// The lines of a sealed file, with what is wrong with them.
pub(super) struct SealedLines {
    pub(super) header_at: [Range<usize>; 2],
    pub(super) lines: Vec<SealedLine>,
    pub(super) faults: Vec<Fault>,
}

impl SealedLines {
    /// Reads a text as far as it goes. A file with other columns has no lines: nobody knows what stands in them.
    pub(super) fn read(text: &str) -> Self {
        let mut records = Records::new(FileId::default(), text, &TableForm::Csv);
        let mut read = Self {
            header_at: [0..0, 0..0],
            lines: Vec::new(),
            faults: Vec::new(),
        };
        let Some(header) = records.header(None) else {
            read.fault(0..0, SealedFault::Empty);
            return read;
        };
        let titles = header.cells.iter().map(|cell| cell.text.as_str());
        if titles.ne(HEADERS) || header.broken.is_some() {
            let range = range(header.span());
            read.fault(range, SealedFault::PlainColumns);
            return read;
        }
        read.header_at = [0, 1].map(|at| range(header.cells[at].span));
        let mut seen: HashSet<String> = HashSet::new();
        for record in records {
            read.line(record, &mut seen);
        }
        read
    }

    fn line(&mut self, record: TableRecord, seen: &mut HashSet<String>) {
        let whole = range(record.span());
        let row = record.row;
        let cells = <[_; 2]>::try_from(record.cells);
        let (Ok([name, sealed]), None) = (cells, record.broken) else {
            return self.fault(whole, SealedFault::NotTwoCells);
        };
        let (name_at, sealed_at) = (range(name.span), range(sealed.span));
        if name.text.is_empty() {
            return self.fault(whole, SealedFault::WithoutName);
        }
        if !seen.insert(name.text.clone()) {
            return self.fault(name_at, SealedFault::Repeated);
        }
        if self.lines.last().is_some_and(|last| last.name > name.text) {
            self.fault(name_at.clone(), SealedFault::Unsorted);
        }
        let decoded = decoded(&sealed.text);
        if let Err(kind) = decoded {
            self.fault(sealed_at.clone(), kind);
        }
        self.lines.push(SealedLine {
            row,
            name: name.text,
            name_at,
            sealed_at,
            sealed: decoded.ok(),
        });
    }

    fn fault(&mut self, range: Range<usize>, kind: SealedFault) {
        self.faults.push(Fault { range, kind });
    }
}

/// The text of a sealed file with these lines, in the order of their names, which is that of their bytes.
pub(super) fn written<'l>(lines: impl Iterator<Item = (&'l str, &'l str)>) -> String {
    let mut text = String::new();
    push_row(&mut text, HEADERS);
    for (name, sealed) in lines {
        // No spreadsheet opens this file, so that a key that looks like a formula needs no guard.
        if name.contains([',', ';', '\t', '"', '\n', '\r']) {
            text.push('"');
            text.push_str(&name.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(name);
        }
        text.push(',');
        text.push_str(sealed);
        text.push('\n');
    }
    text
}

/// An age file as a cell has it.
pub(super) fn encoded(sealed: &[u8]) -> String {
    BASE64.encode(sealed)
}

/// The age file in a cell.
fn decoded(cell: &str) -> Result<Vec<u8>, SealedFault> {
    if cell.len() > LONGEST_CELL {
        return Err(SealedFault::TooLong);
    }
    let begins_sealed = cell.starts_with(BASE64_AGE);
    match BASE64.decode(cell) {
        Ok(bytes) if bytes.starts_with(AGE) => Ok(bytes),
        Err(_) if begins_sealed => Err(SealedFault::Damaged),
        Ok(_) | Err(_) => Err(SealedFault::PlainCell),
    }
}

/// How the base64 of an age file begins.
const BASE64_AGE: &str = "YWdlLWVuY3J5cHRpb24ub3Jn";

/// For how many public keys an age file is sealed.
pub(super) fn recipients(sealed: &[u8]) -> usize {
    let end = sealed
        .windows(HEADER_END.len())
        .position(|four| four == HEADER_END);
    let header = &sealed[..end.unwrap_or_default()];
    header
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(RECIPIENT))
        .count()
}

/// Whether a text is a sealed file, by its first line and its first cell.
pub(crate) fn looks_sealed(text: &str) -> bool {
    let mut lines = text.lines();
    let header = lines
        .next()
        .is_some_and(|line| line.trim() == HEADERS.join(","));
    header && lines.next().is_none_or(|line| line.contains(BASE64_AGE))
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
