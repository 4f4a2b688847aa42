//! A file of the journal, read to its last byte. Whatever isn't a record may hide a create, so it is never passed over in
//! silence. Only the beginning of a last record may be dropped: nothing was done before that record was whole.

use std::io::ErrorKind;
use std::path::Path;

use serde_json::Deserializer;

use crate::apply::journal::{AssignStep, EntryStep, JournalError, JournalEvent, JournalRecord};
use crate::apply::private_files;

/// The records of a file, and how it ends.
pub(super) struct JournalFile {
    pub(super) records: Vec<JournalRecord>,
    pub(super) end: FileEnd,
}

/// The end of a file, which decides how the next record is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileEnd {
    /// A line end, or nothing at all.
    Line,
    /// A record without a line end: an editor or a copy took it away.
    Record,
    /// The beginning of a record, from this byte on. If it already names whom it was going to create, that intent counts.
    Beginning(u64, Option<Box<JournalRecord>>),
}

/// Some editors put this before a text that they save.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl JournalFile {
    /// Reads a file. A missing one has no records.
    ///
    /// # Errors
    /// `Damaged` names the first line that is neither records nor, at the end, the beginning of one.
    pub(super) fn read(path: &Path) -> Result<Self, JournalError> {
        let bytes = match private_files::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(source) => {
                return Err(JournalError::Unreadable {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        Self::of(&bytes).map_err(|line| JournalError::Damaged {
            path: path.to_owned(),
            line,
        })
    }

    /// The records in these bytes, or the number of the line that is damaged.
    fn of(bytes: &[u8]) -> Result<Self, usize> {
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let mut start = bytes.len() - text.len();
        let mut file = Self {
            records: Vec::new(),
            end: FileEnd::Line,
        };
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let rest = file.take_records(line);
            if let Some(at) = rest {
                let has_end = line.ends_with(b"\n");
                let is_beginning = !has_end && is_beginning(&line[at..]);
                if !is_beginning {
                    return Err(index + 1);
                }
                file.end_in_beginning(start + at, &line[at..]);
            } else if !line.ends_with(b"\n") {
                file.end = FileEnd::Record;
            }
            start += line.len();
        }
        Ok(file)
    }

    /// Adds the records of a line; after a crash there may be several. Returns where something else begins.
    fn take_records(&mut self, line: &[u8]) -> Option<usize> {
        let mut records = Deserializer::from_slice(line).into_iter();
        loop {
            let at = records.byte_offset();
            match records.next() {
                Some(Ok(record)) => self.records.push(record),
                Some(Err(_)) => return Some(at),
                None => return None,
            }
        }
    }

    fn end_in_beginning(&mut self, at: usize, text: &[u8]) {
        let intent = intent_in(text);
        self.records.extend(intent.clone());
        self.end = FileEnd::Beginning(at as u64, intent.map(Box::new));
    }
}

/// Whether a text would be a record if it went on.
fn is_beginning(text: &[u8]) -> bool {
    let is_object = text.trim_ascii_start().starts_with(b"{");
    let parsed = serde_json::from_slice::<JournalRecord>(text);
    is_object && parsed.is_err_and(|error| error.is_eof())
}

/// An intent that lacks only its end, perhaps with the end of the MIS value or name. A copy that was cut short may end like this, and
/// the create may have been sent.
fn intent_in(text: &[u8]) -> Option<JournalRecord> {
    let last_comma = text.iter().rposition(|byte| *byte == b',');
    let members = &text[..last_comma.unwrap_or_default()];
    for (rest, end) in [(text, &b"}"[..]), (text, b"\"}"), (members, b"}")] {
        let whole = [rest, end].concat();
        let Ok(record) = serde_json::from_slice::<JournalRecord>(&whole) else {
            continue;
        };
        if is_intent(&record.event) {
            return Some(record);
        }
    }
    None
}

/// Whether it says what was about to be sent.
fn is_intent(event: &JournalEvent) -> bool {
    match event {
        JournalEvent::Intent { user } => !user.0.mis_id.is_empty(),
        JournalEvent::Assign { step, .. } => *step == AssignStep::Intent,
        JournalEvent::Entry { step, .. } => *step == EntryStep::Intent,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{FileEnd, JournalFile};

    fn intent(mis_id: &str) -> String {
        format!(
            r#"{{"at":"2026-01-05T12:00:00Z","run":"r","target":"sandbox","organisation":5740,"event":"intent","misId":"{mis_id}"}}"#
        )
    }

    /// The MIS values of the records, and the end.
    fn read(text: impl AsRef<[u8]>) -> Result<(Vec<String>, FileEnd), usize> {
        let file = JournalFile::of(text.as_ref())?;
        let mis_ids = file.records.iter().filter_map(|record| record.event.user());
        Ok((mis_ids.map(|user| user.mis_id.clone()).collect(), file.end))
    }

    #[test]
    fn records_count_however_their_lines_end() {
        let (one, two) = (intent("L-1"), intent("L-2"));
        let both = vec!["L-1".to_owned(), "L-2".to_owned()];
        for (text, end) in [
            (format!("{one}\n{two}\n"), FileEnd::Line),
            (format!("{one}\n{two}"), FileEnd::Record),
            (format!("{one}\r\n{two}\r\n"), FileEnd::Line),
            (format!("{one}\r\n{two}\r"), FileEnd::Record),
            (format!("{one}\r{two}\r"), FileEnd::Record),
            (format!("\u{feff}{one}\n{two}\n"), FileEnd::Line),
            (format!("{one}{two}\n"), FileEnd::Line),
            (format!("{one} {two}"), FileEnd::Record),
            (format!("\n\n{one}\n  \n{two}  \n\t"), FileEnd::Record),
        ] {
            assert_eq!(read(&text), Ok((both.clone(), end)), "{text:?}");
        }
        assert_eq!(read(""), Ok((Vec::new(), FileEnd::Line)));
        assert_eq!(read("\u{feff}"), Ok((Vec::new(), FileEnd::Line)));
    }

    #[test]
    fn what_is_no_record_is_named_by_its_line() {
        let one = intent("L-1");
        for (text, line) in [
            ("\0".repeat(4096), 1),
            (format!("{one}\n{}", "\0".repeat(512)), 2),
            (format!("{one}\nnonsense"), 2),
            (format!("{one}\n{{\"at\":1}}"), 2),
            (format!("{one}\n{{\"at\":\n{one}\n"), 2),
            (format!("{one}\n{one} and more\n{one}"), 2),
            (format!("{}\n", &one[..40]), 1),
            (format!("{}{}", &one[..40], "\0".repeat(9)), 1),
            (format!("[{one}"), 1),
            (one.replace("intent", "newer") + "\n", 1),
            ("no line end at all, and no record".to_owned(), 1),
        ] {
            assert_eq!(read(&text), Err(line), "{text:?}");
        }
        let utf_16: Vec<u8> = one.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(utf_16), Err(1));
    }

    #[test]
    fn a_role_that_is_cut_leaves_the_mis_value() {
        let whole = intent("L-27").replace("\"}", "\",\"role\":\"learner\"}");
        let from = whole.find(",\"role\"").unwrap();
        for cut in from..whole.len() {
            assert_eq!(
                read(&whole[..cut]).unwrap().0,
                ["L-27"],
                "{}",
                &whole[..cut]
            );
        }
    }

    #[test]
    fn the_beginning_of_a_last_record_is_dropped_but_for_an_intent_that_says_whom() {
        let (one, two) = (intent("L-1"), intent("L-27"));
        for cut in 1..two.len() {
            let text = format!("{one}\n{}", &two[..cut]);
            let (mis_ids, end) = read(&text).unwrap();
            let at = one.len() as u64 + 1;
            assert!(
                matches!(end, FileEnd::Beginning(from, _) if from == at),
                "{text}"
            );
            let whom = [
                Some("L-27"),
                Some("L-27"),
                Some("L-2"),
                Some("L-"),
                Some("L"),
            ];
            let whom = whom.get(two.len() - 1 - cut).copied().flatten();
            assert_eq!(mis_ids.get(1).map(String::as_str), whom, "{text}");
        }
    }
}
