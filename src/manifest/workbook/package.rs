//! The zip file that a workbook is. Everything in it is measured before anything is read: a small file may swell to
//! gigabytes.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;

use crate::findings::Unreadable;

/// A workbook of a college has some dozens of entries. Each costs memory before it is looked at.
const MOST_ENTRIES: usize = 10_000;

/// How large a sheet may be once it is unpacked, in bytes: five times what 50,000 learners with 30 columns take.
const LARGEST_SHEET: u64 = 256 << 20;

/// How large any other part may be: texts that cells share, styles, names of sheets.
const LARGEST_PART: u64 = 64 << 20;

/// How large all parts may be together. Unpacking them takes about a second.
const LARGEST_IN_ALL: u64 = 320 << 20;

/// The number of tags in a sheet: four for each cell of 50,000 rows and 100 columns.
const MOST_TAGS_OF_SHEET: usize = 20_000_000;

/// The number of tags in any other part. A text that cells share has four, and costs memory even if it is empty.
const MOST_TAGS_OF_PART: usize = 4_000_000;

/// The bytes from one tag to the next. A cell of a spreadsheet holds at most 32,767 characters.
const LONGEST_TEXT: usize = 1 << 20;

/// The last cell of a sheet is `XFD1048576`. The reader counts on references that aren't longer.
const LETTERS_OF_COLUMN: usize = 3;
const DIGITS_OF_ROW: usize = 7;

/// The first bytes of a zip file, and those of each entry in its list.
pub(super) const ZIP: &[u8] = b"PK\x03\x04";
const LISTED_ENTRY: &[u8] = b"PK\x01\x02";

/// A zip file whose parts are within the bounds.
pub(super) struct Package<'b> {
    pub(super) archive: ZipArchive<Cursor<&'b [u8]>>,
    /// Whether a sheet may have formulas, and merged cells. Each takes one more reading.
    pub(super) may_have_formulas: bool,
    pub(super) may_have_merged_cells: bool,
}

/// The format of a workbook, by the parts that its zip file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkbookFormat {
    Xlsx,
    Ods,
}

impl<'b> Package<'b> {
    /// Opens a workbook and measures its parts.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, Unreadable> {
        let entries = bytes
            .windows(LISTED_ENTRY.len())
            .filter(|window| *window == LISTED_ENTRY)
            .count();
        if entries > MOST_ENTRIES {
            return Err(swells());
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
        let mut package = Self {
            archive,
            may_have_formulas: false,
            may_have_merged_cells: false,
        };
        package.measure()?;
        Ok(package)
    }

    /// The format, or why this is no workbook that can be read.
    pub(super) fn format(&self) -> Result<WorkbookFormat, Unreadable> {
        let has = |name: &str| self.archive.index_for_name(name).is_some();
        if has("content.xml") {
            return Ok(WorkbookFormat::Ods);
        }
        if has("[Content_Types].xml") && self.has_binary_sheets() {
            return Err(Unreadable::new(
                "is a binary workbook (.xlsb)",
                "save it as Excel Workbook (.xlsx)",
            ));
        }
        if has("[Content_Types].xml") {
            return Ok(WorkbookFormat::Xlsx);
        }
        Err(Unreadable::new(
            "is a zip file without a workbook in it",
            "put the workbook itself there",
        ))
    }

    fn has_binary_sheets(&self) -> bool {
        let mut names = self.archive.file_names();
        names.any(|name| name.is_ok_and(|name| name.ends_with("workbook.bin")))
    }

    fn measure(&mut self) -> Result<(), Unreadable> {
        let mut left = LARGEST_IN_ALL;
        for index in 0..self.archive.len() {
            let mut part = self.archive.by_index(index).map_err(unopened)?;
            let bounds = Bounds::of(&part);
            if part.encrypted() {
                return Err(protected());
            }
            if !bounds.is_read {
                continue;
            }
            if part.size() > bounds.size.min(left) {
                return Err(swells());
            }
            // What the list says of a size may be a lie, so the bytes are counted.
            let mut measured = Measured::default();
            measured.read(&mut part, bounds.size.min(left))?;
            if bounds.is_sheet && measured.references.has_impossible {
                return Err(damaged());
            }
            if measured.tags > bounds.tags || measured.promised > MOST_TAGS_OF_PART {
                return Err(swells());
            }
            left -= measured.size;
            if bounds.is_sheet {
                self.may_have_formulas |= measured.has_formula;
                self.may_have_merged_cells |= measured.has_merged_cell;
            }
        }
        Ok(())
    }
}

/// What an entry may hold.
struct Bounds {
    size: u64,
    tags: usize,
    is_sheet: bool,
    /// Pictures and the like aren't read.
    is_read: bool,
}

impl Bounds {
    fn of(part: &ZipFile<'_, impl Read>) -> Self {
        let name = part.name().unwrap_or(Cow::Borrowed(".xml"));
        let is_sheet = *name == *"content.xml" || name.contains("/worksheets/sheet");
        let is_sheet = is_sheet || (name.contains("sheet") && !name.contains("sharedStrings"));
        let (size, tags) = if is_sheet {
            (LARGEST_SHEET, MOST_TAGS_OF_SHEET)
        } else {
            (LARGEST_PART, MOST_TAGS_OF_PART)
        };
        let ending = name.rsplit('.').next().unwrap_or_default();
        Self {
            size,
            tags,
            is_sheet,
            is_read: ["xml", "rels"]
                .iter()
                .any(|read| ending.eq_ignore_ascii_case(read)),
        }
    }
}

/// What was counted while a part was unpacked.
#[derive(Default)]
struct Measured {
    size: u64,
    tags: usize,
    has_formula: bool,
    has_merged_cell: bool,
    /// The number of texts that `uniqueCount` promises: the reader makes room for them.
    promised: usize,
    since_tag: usize,
    last: u8,
    references: MeasuredReferences,
}

/// The attributes `r` and `ref`, which name cells, rows and areas.
#[derive(Default)]
struct MeasuredReferences {
    has_impossible: bool,
    /// The four bytes before the next one.
    before: [u8; 4],
    /// The letters and the digits of the reference that is being read.
    read: Option<(usize, usize)>,
}

impl MeasuredReferences {
    fn count(&mut self, byte: u8) {
        let is_quote = matches!(byte, b'"' | b'\'');
        self.read = match (self.read, byte) {
            (Some(_), _) if is_quote => None,
            (Some((letters, digits)), b'a'..=b'z' | b'A'..=b'Z') => Some((letters + 1, digits)),
            (Some((letters, digits)), b'0'..=b'9') => Some((letters, digits + 1)),
            // An area has two references.
            (Some(_), _) => Some((0, 0)),
            (None, _) if is_quote && self.is_named() => Some((0, 0)),
            (None, _) => None,
        };
        if let Some((letters, digits)) = self.read {
            self.has_impossible |= letters > LETTERS_OF_COLUMN || digits > DIGITS_OF_ROW;
        }
        self.before.rotate_left(1);
        self.before[3] = byte;
    }

    /// Whether the attribute that begins is one of these.
    fn is_named(&self) -> bool {
        let [_, blank, b'r', b'='] = self.before else {
            return self.before == *b"ref=";
        };
        blank.is_ascii_whitespace()
    }
}

impl Measured {
    /// Reads a part to its end. Fails if it is larger than `most`.
    fn read(&mut self, part: &mut impl Read, most: u64) -> Result<(), Unreadable> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = part.read(&mut buffer).map_err(|_| damaged())?;
            if read == 0 {
                return Ok(());
            }
            if self.size == 0 {
                self.promised = promised(&buffer[..read]);
            }
            self.size += read as u64;
            if self.size > most {
                return Err(swells());
            }
            self.count(&buffer[..read])?;
        }
    }

    fn count(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        for byte in bytes {
            match (self.last, byte) {
                (_, b'<') => {
                    self.tags += 1;
                    self.since_tag = 0;
                }
                // A name space may stand before the name.
                (b'<' | b':', b'f') => self.has_formula = true,
                (b'<' | b':', b'm') => self.has_merged_cell = true,
                _ => {}
            }
            self.last = *byte;
            self.references.count(*byte);
            self.since_tag += 1;
            if self.since_tag > LONGEST_TEXT {
                return Err(swells());
            }
        }
        Ok(())
    }
}

/// The number that `uniqueCount` names at the beginning of a part; 0 if it names none.
fn promised(start: &[u8]) -> usize {
    const NAME: &[u8] = b"uniqueCount";
    let Some(at) = start.windows(NAME.len()).position(|window| window == NAME) else {
        return 0;
    };
    let mut number: usize = 0;
    let is_between = |byte: &&u8| !byte.is_ascii_digit();
    for digit in start[at + NAME.len()..].iter().skip_while(is_between) {
        if !digit.is_ascii_digit() {
            break;
        }
        number = number
            .saturating_mul(10)
            .saturating_add(usize::from(digit - b'0'));
    }
    number
}

/// A file that grows beyond the bounds when it is unpacked.
pub(super) fn swells() -> Unreadable {
    Unreadable::new(
        "holds far more than a list of users: it was not read",
        "copy the rows that you need into a new workbook, or save the sheet as CSV UTF-8",
    )
}

pub(super) fn damaged() -> Unreadable {
    Unreadable::new(
        "is damaged, or is no workbook",
        "open it in your spreadsheet program, and save it again as .xlsx, .ods or CSV UTF-8",
    )
}

pub(super) fn protected() -> Unreadable {
    Unreadable::new(
        "is protected by a password",
        "open it in your spreadsheet program, and save it without the password",
    )
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
fn unopened(error: zip::result::ZipError) -> Unreadable {
    match error {
        zip::result::ZipError::UnsupportedArchive(reason)
            if reason == zip::result::ZipError::PASSWORD_REQUIRED =>
        {
            protected()
        }
        _ => damaged(),
    }
}
