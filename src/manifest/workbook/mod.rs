//! Workbooks, `.xlsx` and `.ods`: the sheet that is meant, as the same kind of rows that a CSV has. Reading only; nothing
//! here writes a workbook.

mod number;
mod ods;
mod package;
mod sheet;
mod xlsx;

use std::path::Path;

use crate::findings::Unreadable;
use crate::findings::suggest::nearest;
use crate::manifest::csv_format::CsvSettings;
use crate::manifest::workbook::package::{Package, WorkbookFormat, ZIP, damaged, protected};

pub use crate::manifest::workbook::sheet::Sheet;
pub(crate) use crate::manifest::workbook::sheet::SheetRecords;

/// The endings of the names of workbooks.
const ENDINGS: [&str; 2] = ["xlsx", "ods"];

/// Whether a file is read as a workbook, by its name. What it holds must agree.
pub fn is_workbook(name: &str) -> bool {
    let ending = Path::new(name).extension();
    ending.is_some_and(|ending| {
        ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

/// A sheet with the text that shows it.
pub(crate) struct ReadSheet {
    pub(crate) sheet: Sheet,
    pub(crate) text: String,
}

/// Reads the sheet of this name, or the only one that holds something. Hidden rows and columns are read like others. A
/// hidden sheet is read only by its name.
pub(crate) fn read(
    bytes: &[u8],
    wanted: Option<&str>,
    settings: CsvSettings,
) -> Result<ReadSheet, Unreadable> {
    refuse_others(bytes)?;
    let package = Package::open(bytes)?;
    let sheets = match package.format()? {
        WorkbookFormat::Xlsx => xlsx::sheets(bytes, &package, wanted)?,
        WorkbookFormat::Ods => ods::sheets(package, wanted)?,
    };
    let mut sheet = sheets.chosen(wanted, settings)?;
    let text = sheet.take_text();
    Ok(ReadSheet { sheet, text })
}

/// The first bytes of old workbooks, and of new ones with a password.
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0";

fn refuse_others(bytes: &[u8]) -> Result<(), Unreadable> {
    if bytes.starts_with(ZIP) {
        return Ok(());
    }
    if bytes.is_empty() {
        return Err(Unreadable::new(
            "is empty",
            "look whether saving it has gone wrong",
        ));
    }
    if !bytes.starts_with(COMPOUND_FILE) {
        return Err(Unreadable::new(
            "is no workbook, whatever its name says",
            "if it is a CSV, end its name with .csv; if not, save it again as .xlsx or .ods",
        ));
    }
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        return Err(protected());
    }
    Err(Unreadable::new(
        "is an old Excel workbook (.xls)",
        "save it as Excel Workbook (.xlsx)",
    ))
}

/// The sheets of a workbook, as far as they were read.
#[derive(Default)]
struct Sheets {
    listed: Vec<ListedSheet>,
    /// The sheet that was asked for; or the first one that can be seen and holds something.
    sheet: Option<Sheet>,
}

struct ListedSheet {
    name: String,
    is_hidden: bool,
    is_filled: bool,
}

impl Sheets {
    /// Whether the cells of this sheet are to be read now.
    fn is_due(&self, name: &str, is_hidden: bool, wanted: Option<&str>) -> bool {
        match wanted {
            Some(wanted) => self.sheet.is_none() && name == wanted,
            None => !is_hidden,
        }
    }

    /// Lists a sheet, and keeps its cells if no other sheet was kept.
    fn add(&mut self, sheet: Sheet, is_hidden: bool) {
        self.listed.push(ListedSheet {
            name: sheet.name.clone(),
            is_hidden,
            is_filled: !sheet.is_empty(),
        });
        if !sheet.is_empty() && self.sheet.is_none() {
            self.sheet = Some(sheet);
        }
    }

    fn chosen(self, wanted: Option<&str>, settings: CsvSettings) -> Result<Sheet, Unreadable> {
        let Some(wanted) = wanted else {
            let mut filled = self.listed.iter().filter(|sheet| sheet.is_filled);
            if let (Some(first), Some(_)) = (filled.next(), filled.next()) {
                return Err(Unreadable::new(
                    format!("has several sheets that hold something: {}", self.names()),
                    settings.sheet_help(&first.name),
                ));
            }
            return self.sheet.ok_or_else(nothing_in_it);
        };
        if let Some(sheet) = self.sheet {
            return Ok(sheet);
        }
        if self.listed.iter().any(|sheet| sheet.name == wanted) {
            return Err(Unreadable::new(
                format!("has nothing in its sheet \"{wanted}\""),
                "look whether another sheet is meant",
            ));
        }
        let names = self.listed.iter().map(|sheet| sheet.name.as_str());
        let help = match nearest(wanted, names) {
            Some(near) => settings.sheet_help(near),
            None => "write the name that its tab shows".to_owned(),
        };
        Err(Unreadable::new(
            format!("has no sheet \"{wanted}\"; its sheets are {}", self.names()),
            help,
        ))
    }

    /// The names of the sheets that can be seen, for a message.
    fn names(&self) -> String {
        let seen = self.listed.iter().filter(|sheet| !sheet.is_hidden);
        let names: Vec<String> = seen.map(|sheet| format!("\"{}\"", sheet.name)).collect();
        names.join(", ")
    }
}

fn nothing_in_it() -> Unreadable {
    Unreadable::new(
        "holds nothing in any sheet that can be seen",
        "look whether the export has gone wrong, or whether the sheet is hidden",
    )
}

/// Any error of the readers of workbooks: the file isn't as such files are.
fn not_read<E>(_: E) -> Unreadable {
    damaged()
}
