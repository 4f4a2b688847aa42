//! What a manifest needs besides its own text: the CSV that `fromCsv` names, and how to read it.

use encoding_rs::WINDOWS_1252;

use crate::domain::field::Key;
use crate::findings::Unreadable;
use crate::findings::source::{FileId, Span, Spanned};
use crate::manifest::csv_format::{DATE_FORMATS, DateFormat, ENCODINGS, Encoding, FromCsvKey};
use crate::manifest::tree::node::Node;

/// A CSV that a document reads users or fields from.
#[derive(Clone, Debug)]
pub struct CsvSource {
    /// The index of the document.
    pub document: usize,
    /// Where `fromCsv` stands.
    pub key: Span,
    /// From the folder of the manifest.
    pub path: Spanned<String>,
    pub encoding: Encoding,
    pub is_optional: bool,
    pub(crate) is_overlay: bool,
    pub(crate) columns: Option<Vec<CsvColumn>>,
    pub(crate) date_format: &'static DateFormat,
}

/// A field and the header of the column that it comes from.
#[derive(Clone, Debug)]
pub(crate) struct CsvColumn {
    pub(crate) key: Key,
    pub(crate) header: Spanned<String>,
}

/// Whether a text may name a CSV. The key that does is in it, unless it is written with an escape.
pub fn may_need(text: &str) -> bool {
    text.contains(FromCsvKey::FROM_CSV) || text.contains('\\')
}

/// Every CSV that the documents name.
pub fn needs(documents: &[Node]) -> Vec<CsvSource> {
    documents
        .iter()
        .enumerate()
        .filter_map(|(at, document)| need(at, document))
        .collect()
}

/// What isn't as the schema has it is left out here; the schema finds it.
fn need(document: usize, root: &Node) -> Option<CsvSource> {
    let from = root.get(FromCsvKey::FROM_CSV)?;
    let text = |key: &str| from.value.get(key).and_then(|entry| entry.value.text());
    let flag = |key: &str| from.value.get(key).and_then(|entry| entry.value.flag()) == Some(true);
    let path = &from.value.get("path")?.value;
    let encoding =
        text("encoding").and_then(|name| ENCODINGS.iter().find(|(known, _)| *known == name));
    let date_format =
        text("dateFormat").and_then(|name| DATE_FORMATS.iter().find(|known| known.name == name));
    Some(CsvSource {
        document,
        key: from.key.span,
        path: Spanned {
            value: path.text()?.to_owned(),
            span: path.span,
        },
        encoding: encoding.map_or(Encoding::Utf8, |(_, encoding)| *encoding),
        is_optional: flag("optional"),
        is_overlay: flag("overlay"),
        columns: from
            .value
            .get("columns")
            .map(|columns| columns_of(&columns.value)),
        date_format: date_format.unwrap_or(&DATE_FORMATS[0]),
    })
}

fn columns_of(columns: &Node) -> Vec<CsvColumn> {
    let column = |key: &str, header: &Node| {
        let header = Spanned {
            value: header.text()?.trim().to_owned(),
            span: header.span,
        };
        Some(CsvColumn {
            key: Key::named(key)?,
            header,
        })
    };
    columns
        .entries()
        .iter()
        .filter_map(|entry| column(&entry.key.value, &entry.value))
        .collect()
}

impl CsvSource {
    /// What a CSV is read for that the command line names. Columns that aren't there are found at its beginning.
    pub fn of_named(
        file: FileId,
        columns: &[(Key, String)],
        encoding: Encoding,
        date_format: &'static DateFormat,
    ) -> Self {
        let span = Span::new(file, 0, 0);
        let column = |(key, header): &(Key, String)| CsvColumn {
            key: *key,
            header: Spanned {
                value: header.clone(),
                span,
            },
        };
        Self {
            document: 0,
            key: span,
            path: Spanned {
                value: String::new(),
                span,
            },
            encoding,
            is_optional: false,
            is_overlay: false,
            columns: Some(columns.iter().map(column).collect()),
            date_format,
        }
    }

    /// The fields that an overlay names, which users needn't have in their manifests.
    pub fn overlaid(&self) -> impl Iterator<Item = Key> {
        let columns = self
            .columns
            .iter()
            .flatten()
            .filter(|_| self.is_overlay)
            .map(|column| column.key);
        columns.filter(|key| !matches!(key, Key::Id | Key::MisId | Key::Role))
    }
}

/// What people take for a CSV, by its first bytes.
const NOT_CSV: &[(&[u8], &str, &str)] = &[
    (
        b"PK\x03\x04",
        "is an Excel workbook",
        "save it as CSV UTF-8",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Excel workbook",
        "save it as CSV UTF-8",
    ),
    (b"\xff\xfe", "is UTF-16", "save it as CSV UTF-8"),
    (b"\xfe\xff", "is UTF-16", "save it as CSV UTF-8"),
];

/// The bytes of a CSV as text; or why they aren't, and what to do.
pub fn decode(bytes: Vec<u8>, encoding: Encoding) -> Result<String, Unreadable> {
    if let Some((_, why, help)) = NOT_CSV
        .iter()
        .find(|(begins, ..)| bytes.starts_with(begins))
    {
        return Err(Unreadable::new(*why, help));
    }
    match encoding {
        Encoding::Utf8 => {
            let text = String::from_utf8(bytes);
            let help = "save it as UTF-8, or write `encoding: windows-1252`";
            let text = text.map_err(|_| Unreadable::new("isn't UTF-8", help))?;
            Ok(text
                .strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text))
        }
        // Text in UTF-8 read as Windows-1252 would make `ZoÃ«` of `Zoë`, and send it.
        Encoding::Windows1252 if !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok() => Err(
            Unreadable::new("is UTF-8, not Windows-1252", "take `encoding` away"),
        ),
        Encoding::Windows1252 => Ok(WINDOWS_1252
            .decode_without_bom_handling(&bytes)
            .0
            .into_owned()),
    }
}
