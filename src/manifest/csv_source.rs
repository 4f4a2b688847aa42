//! The table that a manifest names with `fromTable`, a CSV or a sheet of a workbook, and how to read it.

use encoding_rs::WINDOWS_1252;

use crate::domain::field::Key;
use crate::findings::Unreadable;
use crate::findings::source::{FileId, Span, Spanned};
use crate::manifest::csv_format::{
    CsvSettings, DATE_FORMATS, DateFormat, ENCODINGS, Encoding, FromCsvKey,
};
use crate::manifest::csv_reader::TableForm;
use crate::manifest::sealed::{SealedTable, Sealing};
use crate::manifest::tree::node::{MapEntry, Node};
use crate::manifest::workbook::{self, ReadSheet, is_workbook};

/// A table that users or fields come from.
#[derive(Clone, Debug)]
pub struct CsvSource {
    /// The index of the document that names it.
    pub document: usize,
    /// Where `fromTable` stands.
    pub key: Span,
    /// From the folder of the manifest.
    pub path: Spanned<String>,
    pub encoding: Encoding,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row that names the columns, if it isn't the first one.
    pub header_row: Option<usize>,
    pub is_optional: bool,
    pub(crate) is_overlay: bool,
    /// Whether `rosterctl seal` writes it.
    pub is_sealed: bool,
    /// `None` if columns are named after fields.
    pub(crate) columns: Option<Vec<CsvColumn>>,
    pub(crate) date_format: &'static DateFormat,
    pub settings: CsvSettings,
}

/// A field and the headers of the columns that it comes from. Several make one text, a line for each cell that isn't
/// empty.
#[derive(Clone, Debug)]
pub(crate) struct CsvColumn {
    pub(crate) key: Key,
    /// At least one.
    pub(crate) headers: Vec<Spanned<String>>,
}

impl CsvColumn {
    /// Where the manifest names the first column.
    pub(crate) fn named_at(&self) -> Span {
        self.headers[0].span
    }
}

/// Whether a text may name a table. If it does, the key is in it, perhaps written with an escape.
pub fn may_name_csv(text: &str) -> bool {
    FromCsvKey::WORDS.iter().any(|word| text.contains(word)) || text.contains('\\')
}

/// Every table that the documents name.
pub fn csv_sources(documents: &[Node]) -> Vec<CsvSource> {
    let mut sources = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        for word in FromCsvKey::WORDS {
            let entry = document.get(word);
            sources.extend(entry.and_then(|entry| csv_source(index, entry)));
        }
    }
    sources
}

/// The table of one document. What the schema refuses is left out here, and the schema finds it.
fn csv_source(index: usize, from_table: &MapEntry) -> Option<CsvSource> {
    let value = |key: FromCsvKey| {
        let entry = from_table.value.get(key.name())?;
        Some(&entry.value)
    };
    let path = value(FromCsvKey::Path)?;
    let is_sealed = value(FromCsvKey::Sealed).and_then(Node::flag) == Some(true);
    // The first line of a sealed file is its header.
    let header_row = value(FromCsvKey::HeaderRow).filter(|_| !is_sealed);
    let header_row = header_row.and_then(Node::integer);
    Some(CsvSource {
        document: index,
        key: from_table.key.span,
        path: Spanned {
            value: path.text()?.to_owned(),
            span: path.span,
        },
        encoding: encoding(value(FromCsvKey::Encoding)),
        sheet: value(FromCsvKey::Sheet).and_then(sheet_name),
        header_row: header_row.and_then(|row| usize::try_from(row).ok()),
        is_optional: value(FromCsvKey::Optional).and_then(Node::flag) == Some(true),
        is_overlay: value(FromCsvKey::Overlay).and_then(Node::flag) == Some(true),
        is_sealed,
        columns: value(FromCsvKey::Columns).map(columns),
        date_format: date_format(value(FromCsvKey::DateFormat)),
        settings: CsvSettings::Manifest,
    })
}

/// A sheet may be called `2026`.
fn sheet_name(node: &Node) -> Option<String> {
    let number = || node.integer().map(|number| number.to_string());
    node.text().map(str::to_owned).or_else(number)
}

fn encoding(node: Option<&Node>) -> Encoding {
    let name = node.and_then(Node::text);
    let known = ENCODINGS.iter().find(|(known, _)| name == Some(*known));
    known.map_or(Encoding::Utf8, |(_, encoding)| *encoding)
}

fn date_format(node: Option<&Node>) -> &'static DateFormat {
    let name = node.and_then(Node::text);
    let known = DATE_FORMATS.iter().find(|known| name == Some(known.name));
    known.unwrap_or(&DATE_FORMATS[0])
}

fn columns(node: &Node) -> Vec<CsvColumn> {
    let mut columns = Vec::new();
    for entry in node.entries() {
        let key = Key::named(&entry.key.value);
        let Some(key) = key.filter(|key| key.row().may_be_column()) else {
            continue;
        };
        let one = header(&entry.value);
        let headers: Vec<_> = match one {
            Some(header) => vec![header],
            None => entry.value.items().iter().filter_map(header).collect(),
        };
        if !headers.is_empty() {
            columns.push(CsvColumn { key, headers });
        }
    }
    columns
}

fn header(node: &Node) -> Option<Spanned<String>> {
    node.text().map(|text| Spanned {
        value: text.trim().to_owned(),
        span: node.span,
    })
}

impl CsvSource {
    /// A table that the command line names. A column that isn't there has its finding at the beginning of the table.
    pub fn from_flags(file: FileId, columns: &[(Key, String)], flags: TableFlags<'_>) -> Self {
        let span = Span::new(file, 0, 0);
        let column = |(key, header): &(Key, String)| CsvColumn {
            key: *key,
            headers: vec![Spanned {
                value: header.clone(),
                span,
            }],
        };
        Self {
            document: 0,
            key: span,
            path: Spanned {
                value: String::new(),
                span,
            },
            encoding: flags.encoding,
            sheet: flags.sheet.map(str::to_owned),
            header_row: flags.header_row,
            is_optional: false,
            is_overlay: false,
            is_sealed: false,
            columns: Some(columns.iter().map(column).collect()),
            date_format: flags.date_format,
            settings: CsvSettings::Flags,
        }
    }

    /// Whether its rows add to users that manifests declare, rather than being users.
    pub fn is_overlay(&self) -> bool {
        self.is_overlay
    }

    /// Every header that it names.
    pub fn headers(&self) -> impl Iterator<Item = String> {
        let columns = self.columns.iter().flatten();
        let headers = columns.flat_map(|column| &column.headers);
        headers.map(|header| header.value.clone())
    }

    /// The header of the column of MIS values.
    fn mis_id_title(&self) -> &str {
        let mut columns = self.columns.iter().flatten();
        let named = columns.find(|column| column.key == Key::MisId);
        named.map_or(Key::MisId.name(), |column| &column.headers[0].value)
    }

    /// The fields that an overlay names. Users needn't have them in their manifests.
    pub fn overlaid(&self) -> impl Iterator<Item = Key> {
        let columns = self.columns.iter().flatten();
        columns
            .map(|column| column.key)
            .filter(|key| self.is_overlay && !matches!(key, Key::Id | Key::MisId | Key::Role))
    }
}

/// How the command line says that a table is to be read.
#[derive(Clone, Copy, Debug)]
pub struct TableFlags<'f> {
    pub encoding: Encoding,
    pub date_format: &'static DateFormat,
    pub sheet: Option<&'f str>,
    pub header_row: Option<usize>,
}

/// A table as its file holds it.
pub struct TableText {
    /// What is shown of it. That of a workbook has a line for each row.
    pub text: String,
    pub form: TableForm,
}

/// How to read the bytes of a file.
#[derive(Clone, Copy, Debug)]
pub struct TableFormat<'f> {
    /// Its ending says whether it is a workbook.
    pub file_name: &'f str,
    pub encoding: Encoding,
    pub sheet: Option<&'f str>,
    pub settings: CsvSettings,
    pub sealed: Option<SealedFormat<'f>>,
}

/// How to read a sealed file.
#[derive(Clone, Copy, Debug)]
pub struct SealedFormat<'f> {
    /// `None` if `rosterctl.yaml` names no recipients, or isn't there.
    pub sealing: Option<Sealing<'f>>,
    /// What the manifest calls the column of MIS values.
    pub title: &'f str,
}

impl<'f> TableFormat<'f> {
    /// As a manifest names the file.
    pub fn of(source: &'f CsvSource, sealing: Option<Sealing<'f>>) -> Self {
        let title = source.mis_id_title();
        Self {
            file_name: &source.path.value,
            encoding: source.encoding,
            sheet: source.sheet.as_deref(),
            settings: source.settings,
            sealed: source.is_sealed.then_some(SealedFormat { sealing, title }),
        }
    }

    /// The table, or why there is none in these bytes, and what to do.
    pub fn read(self, bytes: Vec<u8>) -> Result<TableText, Unreadable> {
        if is_workbook(self.file_name) {
            let ReadSheet { sheet, text } = workbook::read(&bytes, self.sheet, self.settings)?;
            let form = TableForm::Sheet(sheet);
            return Ok(TableText { text, form });
        }
        if self.sheet.is_some() {
            return Err(Unreadable::new(
                "is a CSV by its name, and a CSV has no sheets",
                self.settings.no_sheet_help(),
            ));
        }
        let text = decode(bytes, self.encoding, self.settings)?;
        let form = match self.sealed {
            None => TableForm::Csv,
            Some(SealedFormat { sealing, title }) => {
                let sealing = sealing.ok_or_else(without_recipients)?;
                TableForm::Sealed(SealedTable::read(&text, sealing, title))
            }
        };
        Ok(TableText { text, form })
    }
}

fn without_recipients() -> Unreadable {
    Unreadable::new(
        "is sealed, and rosterctl.yaml doesn't say for whom",
        "add `seal: { recipients: { NAME: age1…, NAME: age1… } }` there; `rosterctl seal --keygen` makes a key",
    )
}

/// The first bytes of files that people save in the place of a CSV, what those files are, and what to do.
const NOT_CSV: &[(&[u8], &str, &str)] = &[
    (
        b"PK\x03\x04",
        "is a workbook",
        "end its name with .xlsx (Excel) or .ods (LibreOffice), or save it as CSV UTF-8",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Excel workbook",
        "save it as Excel Workbook (.xlsx), or as CSV UTF-8",
    ),
    (b"\xff\xfe", "is UTF-16", SAVE_AS_CSV),
    (b"\xfe\xff", "is UTF-16", SAVE_AS_CSV),
    (
        b"\0GITCRYPT\0",
        "is encrypted by git-crypt",
        "run `git-crypt unlock` in this clone",
    ),
];
const SAVE_AS_CSV: &str = "save it as CSV UTF-8";

/// The bytes of a CSV as text; or why they aren't text, and what to do.
pub fn decode(
    bytes: Vec<u8>,
    encoding: Encoding,
    settings: CsvSettings,
) -> Result<String, Unreadable> {
    for (first_bytes, why, help) in NOT_CSV {
        if bytes.starts_with(first_bytes) {
            return Err(Unreadable::new(*why, *help));
        }
    }
    match encoding {
        Encoding::Utf8 => {
            let Ok(text) = String::from_utf8(bytes) else {
                return Err(Unreadable::new("isn't UTF-8", settings.not_utf8_help()));
            };
            let without_mark = text.strip_prefix('\u{feff}').map(str::to_owned);
            Ok(without_mark.unwrap_or(text))
        }
        // Text in UTF-8 read as Windows-1252 would make `ZoÃ«` of `Zoë`, and send it.
        Encoding::Windows1252 if !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok() => {
            let why = "is UTF-8, not Windows-1252";
            Err(Unreadable::new(why, "take `encoding` away"))
        }
        Encoding::Windows1252 => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
            Ok(text.into_owned())
        }
    }
}
