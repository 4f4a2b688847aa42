//! Small workbooks for tests, written as spreadsheet programs write them. The program itself writes none.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A cell of a workbook.
#[derive(Clone, Debug)]
pub enum WrittenCell {
    Empty,
    Text(String),
    Number(f64),
    /// A number that is shown with at least eight digits.
    Padded(f64),
    /// A number that is shown with letters before it: `L-0102`.
    Prefixed(f64),
    /// The number that a spreadsheet has for a day since 1900.
    Day(f64),
    Flag(bool),
    Error(&'static str),
    /// A formula with its last value, or with none.
    Formula(Option<&'static str>),
}

pub fn text(text: &str) -> WrittenCell {
    if text.is_empty() {
        WrittenCell::Empty
    } else {
        WrittenCell::Text(text.to_owned())
    }
}

/// A sheet: its name, its rows, and what the tests say of it besides.
#[derive(Clone, Debug, Default)]
pub struct WrittenSheet {
    pub name: &'static str,
    pub rows: Vec<Vec<WrittenCell>>,
    pub is_hidden: bool,
    /// Merged cells, such as `B2:B3`.
    pub merged: Vec<&'static str>,
}

/// A sheet of this name with texts.
pub fn sheet(name: &'static str, rows: &[&[&str]]) -> WrittenSheet {
    let cells = |row: &&[&str]| row.iter().map(|cell| text(cell)).collect();
    WrittenSheet {
        name,
        rows: rows.iter().map(cells).collect(),
        ..WrittenSheet::default()
    }
}

/// A zip file of these parts. The first isn't compressed, as `.ods` wants it.
pub fn zip(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, (name, bytes)) in parts.iter().enumerate() {
        let method = if index == 0 {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An Excel workbook whose days count from 1900.
pub fn xlsx(sheets: &[WrittenSheet]) -> Vec<u8> {
    xlsx_since(sheets, "")
}

/// An Excel workbook with these attributes of `workbookPr`.
pub fn xlsx_since(sheets: &[WrittenSheet], attributes: &str) -> Vec<u8> {
    let bodies: Vec<String> = sheets.iter().map(xlsx_sheet).collect();
    let mut list = String::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let state = if sheet.is_hidden { "hidden" } else { "visible" };
        let number = index + 1;
        list += &format!(
            r#"<sheet name="{}" sheetId="{number}" state="{state}" r:id="rId{number}"/>"#,
            escaped(sheet.name)
        );
    }
    let workbook = format!(
        r#"<workbook xmlns:r="r"><workbookPr {attributes}/><sheets>{list}</sheets></workbook>"#
    );
    xlsx_of(&workbook, &bodies)
}

/// An Excel workbook of these parts.
pub fn xlsx_of(workbook: &str, sheets: &[String]) -> Vec<u8> {
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut relations =
        format!(r#"<Relationship Id="s" Type="{RELATIONS}/styles" Target="styles.xml"/>"#);
    for number in 1..=sheets.len() {
        relations += &format!(
            r#"<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        );
    }
    let mut parts: Vec<(String, String)> = vec![
        ("[Content_Types].xml".to_owned(), "<Types/>".to_owned()),
        (
            "_rels/.rels".to_owned(),
            format!(
                r#"<Relationships><Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        ("xl/workbook.xml".to_owned(), workbook.to_owned()),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!("<Relationships>{relations}</Relationships>"),
        ),
        ("xl/styles.xml".to_owned(), STYLES.to_owned()),
    ];
    for (index, body) in sheets.iter().enumerate() {
        parts.push((
            format!("xl/worksheets/sheet{}.xml", index + 1),
            body.clone(),
        ));
    }
    let parts: Vec<(&str, Vec<u8>)> = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone().into_bytes()))
        .collect();
    zip(&parts)
}

/// Style 1 is a day, 2 shows eight digits, 3 shows letters before a number.
const STYLES: &str = r#"<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="00000000"/><numFmt numFmtId="165" formatCode="&quot;L-&quot;0000"/></numFmts>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs></styleSheet>"#;

fn xlsx_sheet(sheet: &WrittenSheet) -> String {
    let mut rows = String::new();
    for (row, cells) in sheet.rows.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate() {
            line += &xlsx_cell(&address(row, column), cell);
        }
        rows += &format!(r#"<row r="{}">{line}</row>"#, row + 1);
    }
    let mut merged = String::new();
    for area in &sheet.merged {
        merged += &format!(r#"<mergeCell ref="{area}"/>"#);
    }
    if !merged.is_empty() {
        merged = format!("<mergeCells>{merged}</mergeCells>");
    }
    format!("<worksheet><sheetData>{rows}</sheetData>{merged}</worksheet>")
}

fn xlsx_cell(at: &str, cell: &WrittenCell) -> String {
    match cell {
        WrittenCell::Empty => String::new(),
        WrittenCell::Text(text) => format!(
            r#"<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
            escaped(text)
        ),
        WrittenCell::Number(value) => format!(r#"<c r="{at}"><v>{value}</v></c>"#),
        WrittenCell::Day(value) => format!(r#"<c r="{at}" s="1"><v>{value}</v></c>"#),
        WrittenCell::Padded(value) => format!(r#"<c r="{at}" s="2"><v>{value}</v></c>"#),
        WrittenCell::Prefixed(value) => format!(r#"<c r="{at}" s="3"><v>{value}</v></c>"#),
        WrittenCell::Flag(flag) => {
            format!(r#"<c r="{at}" t="b"><v>{}</v></c>"#, u8::from(*flag))
        }
        WrittenCell::Error(error) => format!(r#"<c r="{at}" t="e"><v>{error}</v></c>"#),
        WrittenCell::Formula(Some(value)) => {
            format!(r#"<c r="{at}" t="str"><f>A1&amp;""</f><v>{value}</v></c>"#)
        }
        WrittenCell::Formula(None) => format!(r#"<c r="{at}"><f>A1&amp;""</f></c>"#),
    }
}

/// The day that a spreadsheet has this number for.
pub fn day_of(value: f64) -> jiff::civil::Date {
    let days: i64 = value.trunc().to_string().parse().unwrap();
    let first = jiff::civil::date(1899, 12, 30);
    first.checked_add(jiff::Span::new().days(days)).unwrap()
}

/// `A1` for the first cell.
pub fn address(row: usize, column: usize) -> String {
    assert!(column < 26, "a small table");
    let letter = char::from(b'A' + u8::try_from(column).unwrap());
    format!("{letter}{}", row + 1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// A workbook of `LibreOffice`.
pub fn ods(sheets: &[WrittenSheet]) -> Vec<u8> {
    let tables: String = sheets.iter().map(ods_table).collect();
    ods_of(&tables)
}

/// A workbook of `LibreOffice` with these tables.
pub fn ods_of(tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content><office:automatic-styles><style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = r#"<manifest:manifest><manifest:file-entry manifest:full-path="content.xml"/></manifest:manifest>"#;
    zip(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet".to_vec(),
        ),
        ("META-INF/manifest.xml", manifest.as_bytes().to_vec()),
        ("content.xml", content.into_bytes()),
    ])
}

/// The table of a sheet, with the rows and columns behind it that `LibreOffice` writes.
fn ods_table(sheet: &WrittenSheet) -> String {
    let mut rows = String::new();
    for (row, cells) in sheet.rows.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate() {
            let spans = sheet
                .merged
                .iter()
                .find(|area| area.starts_with(&format!("{}:", address(row, column))))
                .map_or(String::new(), |area| ods_spans(area));
            line += &ods_cell(&spans, cell);
        }
        rows += &format!(
            r#"<table:table-row>{line}<table:table-cell table:number-columns-repeated="16000"/></table:table-row>"#
        );
    }
    let style = if sheet.is_hidden {
        r#" table:style-name="hidden""#
    } else {
        ""
    };
    format!(
        r#"<table:table table:name="{}"{style}>{rows}<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>"#,
        escaped(sheet.name)
    )
}

/// The attributes for an area such as `B2:B3`.
fn ods_spans(area: &str) -> String {
    let (first, last) = area.split_once(':').unwrap();
    let place = |address: &str| {
        let column = usize::from(address.as_bytes()[0] - b'A');
        (address[1..].parse::<usize>().unwrap(), column)
    };
    let (first, last) = (place(first), place(last));
    format!(
        r#" table:number-rows-spanned="{}" table:number-columns-spanned="{}""#,
        last.0 - first.0 + 1,
        last.1 - first.1 + 1
    )
}

fn ods_cell(spans: &str, cell: &WrittenCell) -> String {
    let (attributes, shown) = match cell {
        WrittenCell::Empty => (String::new(), String::new()),
        WrittenCell::Text(text) => (of_type("string", ""), text.clone()),
        WrittenCell::Number(value) => (of_float(*value), value.to_string()),
        WrittenCell::Padded(value) => (of_float(*value), format!("{value:08}")),
        WrittenCell::Prefixed(value) => (of_float(*value), format!("L-{value:04}")),
        WrittenCell::Day(value) => {
            let day = day_of(*value);
            let time = if value.fract() == 0.0 { "" } else { "T12:00:00" };
            let value = format!(r#" office:date-value="{day}{time}""#);
            (of_type("date", &value), day.strftime("%d/%m/%y").to_string())
        }
        WrittenCell::Flag(flag) => (
            of_type("boolean", &format!(r#" office:boolean-value="{flag}""#)),
            flag.to_string().to_uppercase(),
        ),
        WrittenCell::Error(error) => (
            r#" table:formula="of:=NA()" office:value-type="string" office:string-value="" calcext:value-type="error""#.to_owned(),
            (*error).to_owned(),
        ),
        WrittenCell::Formula(Some(value)) => (
            of_type("string", r#" table:formula="of:=[.A1]""#),
            (*value).to_owned(),
        ),
        WrittenCell::Formula(None) => (r#" table:formula="of:=[.A1]""#.to_owned(), String::new()),
    };
    let mut paragraphs = String::new();
    if !shown.is_empty() {
        for line in shown.replace("\r\n", "\n").split('\n') {
            paragraphs += &format!("<text:p>{}</text:p>", escaped(line));
        }
    }
    format!("<table:table-cell{spans}{attributes}>{paragraphs}</table:table-cell>")
}

fn of_type(kind: &str, attributes: &str) -> String {
    format!(r#" office:value-type="{kind}"{attributes}"#)
}

fn of_float(value: f64) -> String {
    of_type("float", &format!(r#" office:value="{value}""#))
}
