//! Workbooks of `LibreOffice`. Their cells and rows may say that they repeat a million times, so they are read here, one row
//! at a time and within bounds; `calamine` makes all of them first, and doesn't say how a number is shown.

use std::collections::BTreeSet;
use std::io::{BufReader, Cursor};

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::read::ZipFile;

use crate::findings::Unreadable;
use crate::manifest::csv_format::{CellArea, CellForm};
use crate::manifest::workbook::number::number;
use crate::manifest::workbook::package::{Package, damaged, protected, swells};
use crate::manifest::workbook::sheet::{MOST_COLUMNS, MOST_ROWS, Sheet};
use crate::manifest::workbook::xlsx::iso_day;
use crate::manifest::workbook::{Sheets, not_read};

/// The longest run of blanks that one tag may stand for: what a cell holds at most.
const MOST_BLANKS: usize = 32_767;

type Xml<'z, 'b> = Reader<BufReader<ZipFile<'z, Cursor<&'b [u8]>>>>;

/// The sheets of a workbook whose parts were measured.
pub(super) fn sheets(mut package: Package<'_>, wanted: Option<&str>) -> Result<Sheets, Unreadable> {
    refuse_encrypted(&mut package)?;
    let content = package.archive.by_name("content.xml").map_err(not_read)?;
    let mut reader = OdsReader::new(content);
    let mut sheets = Sheets::default();
    let mut hidden_styles = BTreeSet::new();
    let mut style = None;
    loop {
        let table = match reader.next()? {
            XmlPart::Start(tag) if tag.is("style:style") => {
                style = tag.text("style:name");
                continue;
            }
            XmlPart::Start(tag) if tag.is("style:table-properties") => {
                let is_hidden = tag.text("table:display").as_deref() == Some("false");
                hidden_styles.extend(style.take().filter(|_| is_hidden));
                continue;
            }
            XmlPart::Start(tag) if tag.is("table:table") => tag,
            XmlPart::Start(_) | XmlPart::End(_) | XmlPart::Text(_) => continue,
            XmlPart::Eof => return Ok(sheets),
        };
        let table_style = table.text("table:style-name");
        let is_hidden = table_style.is_some_and(|style| hidden_styles.contains(&style));
        let mut sheet = Sheet::new(table.text("table:name").unwrap_or_default());
        if sheets.is_due(&sheet.name, is_hidden, wanted) {
            reader.read_table(&mut sheet)?;
        } else {
            reader.skip("table:table")?;
        }
        sheets.add(sheet, is_hidden);
    }
}

/// The list of parts says whether they are encrypted.
fn refuse_encrypted(package: &mut Package<'_>) -> Result<(), Unreadable> {
    let Ok(list) = package.archive.by_name("META-INF/manifest.xml") else {
        return Ok(());
    };
    let mut reader = OdsReader::new(list);
    loop {
        match reader.next()? {
            XmlPart::Start(tag) if tag.is("manifest:encryption-data") => return Err(protected()),
            XmlPart::Start(_) | XmlPart::End(_) | XmlPart::Text(_) => {}
            XmlPart::Eof => return Ok(()),
        }
    }
}

struct OdsReader<'z, 'b> {
    xml: Xml<'z, 'b>,
    buffer: Vec<u8>,
}

/// What the reader of XML comes to next.
enum XmlPart {
    Start(Tag),
    End(String),
    Text(String),
    Eof,
}

struct Tag(BytesStart<'static>);

impl Tag {
    fn is(&self, name: &str) -> bool {
        self.0.name().as_ref() == name
    }

    fn text(&self, attribute: &str) -> Option<String> {
        let attribute = self.0.try_get_attribute(attribute).ok()??;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
        value.ok().map(std::borrow::Cow::into_owned)
    }

    /// How often something repeats: once, unless the tag says more.
    fn count(&self, attribute: &str) -> usize {
        let text = self.text(attribute);
        let number = text.and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
        usize::try_from(number).unwrap_or(usize::MAX).max(1)
    }
}

/// A cell as the file has it.
struct OdsCell {
    repeats: usize,
    /// `None` if it is empty.
    value: Option<(String, CellForm)>,
    /// How many rows and columns it covers.
    spans: (usize, usize),
}

impl<'z, 'b> OdsReader<'z, 'b> {
    fn new(part: ZipFile<'z, Cursor<&'b [u8]>>) -> Self {
        let mut xml = Reader::from_reader(BufReader::new(part));
        let config = xml.config_mut();
        config.expand_empty_elements = true;
        config.trim_text(false);
        Self {
            xml,
            buffer: Vec::new(),
        }
    }

    fn next(&mut self) -> Result<XmlPart, Unreadable> {
        loop {
            self.buffer.clear();
            return Ok(match self.xml.read_event_into(&mut self.buffer) {
                Ok(Event::Start(tag)) => XmlPart::Start(Tag(tag.into_owned())),
                Ok(Event::End(tag)) => XmlPart::End(tag.name().as_ref().to_owned()),
                Ok(Event::Text(text)) => XmlPart::Text(text.xml10_content().into_owned()),
                Ok(Event::CData(text)) => XmlPart::Text(text.xml10_content().into_owned()),
                Ok(Event::GeneralRef(entity)) => XmlPart::Text(resolved(&entity)?),
                Ok(Event::Eof) => XmlPart::Eof,
                Ok(Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => continue,
                // A document type could name texts that hold texts that hold texts.
                Ok(Event::DocType(_)) | Err(_) => return Err(damaged()),
            });
        }
    }

    /// Reads on to the end of the element that has begun, and of those of its name in it.
    fn skip(&mut self, name: &str) -> Result<(), Unreadable> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                XmlPart::Start(tag) if tag.is(name) => depth += 1,
                XmlPart::End(end) if end == name => depth -= 1,
                XmlPart::Start(_) | XmlPart::End(_) | XmlPart::Text(_) => {}
                XmlPart::Eof => return Err(damaged()),
            }
        }
        Ok(())
    }

    fn read_table(&mut self, sheet: &mut Sheet) -> Result<(), Unreadable> {
        let mut row: usize = 0;
        loop {
            match self.next()? {
                XmlPart::Start(tag) if tag.is("table:table-row") => {
                    let repeats = tag.count("table:number-rows-repeated");
                    let cells = self.row()?;
                    let is_filled = cells.iter().any(|cell| cell.value.is_some());
                    if is_filled && row.saturating_add(repeats) > MOST_ROWS {
                        return Err(swells());
                    }
                    if is_filled {
                        for number in row..row + repeats {
                            push_row(sheet, number, &cells)?;
                        }
                    }
                    row = row.saturating_add(repeats);
                }
                // Pictures, charts and comments hold texts of their own, and perhaps tables.
                XmlPart::Start(tag) if tag.is("table:shapes") => self.skip("table:shapes")?,
                XmlPart::End(name) if name == "table:table" => return Ok(()),
                XmlPart::Start(_) | XmlPart::End(_) | XmlPart::Text(_) => {}
                XmlPart::Eof => return Err(damaged()),
            }
        }
    }

    fn row(&mut self) -> Result<Vec<OdsCell>, Unreadable> {
        let mut cells = Vec::new();
        loop {
            match self.next()? {
                XmlPart::Start(tag) if tag.is("table:table-cell") => {
                    let shown = self.shown("table:table-cell")?;
                    cells.push(OdsCell {
                        repeats: tag.count("table:number-columns-repeated"),
                        value: value(&tag, shown),
                        spans: (
                            tag.count("table:number-rows-spanned"),
                            tag.count("table:number-columns-spanned"),
                        ),
                    });
                }
                // What a merged cell covers isn't seen.
                XmlPart::Start(tag) if tag.is("table:covered-table-cell") => {
                    self.skip("table:covered-table-cell")?;
                    cells.push(OdsCell {
                        repeats: tag.count("table:number-columns-repeated"),
                        value: None,
                        spans: (1, 1),
                    });
                }
                XmlPart::End(name) if name == "table:table-row" => return Ok(cells),
                XmlPart::Start(_) | XmlPart::End(_) | XmlPart::Text(_) => {}
                XmlPart::Eof => return Err(damaged()),
            }
        }
    }

    /// The text that a cell shows: its paragraphs, a line each.
    fn shown(&mut self, cell: &str) -> Result<String, Unreadable> {
        let mut text = String::new();
        let mut paragraphs = 0;
        loop {
            match self.next()? {
                XmlPart::Start(tag) if tag.is("text:p") => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                    self.paragraph(&mut text)?;
                }
                // A comment or a picture.
                XmlPart::Start(tag) => {
                    let name = tag.0.name().as_ref().to_owned();
                    self.skip(&name)?;
                }
                XmlPart::End(name) if name == cell => return Ok(text),
                XmlPart::End(_) | XmlPart::Text(_) => {}
                XmlPart::Eof => return Err(damaged()),
            }
        }
    }

    fn paragraph(&mut self, text: &mut String) -> Result<(), Unreadable> {
        loop {
            match self.next()? {
                XmlPart::Text(part) => text.push_str(&part),
                XmlPart::Start(tag) if tag.is("text:s") => {
                    let blanks = tag.count("text:c");
                    if blanks > MOST_BLANKS || text.len() > MOST_BLANKS * 4 {
                        return Err(swells());
                    }
                    text.extend(std::iter::repeat_n(' ', blanks));
                }
                XmlPart::Start(tag) if tag.is("text:tab") => text.push('\t'),
                XmlPart::Start(tag) if tag.is("text:line-break") => text.push('\n'),
                XmlPart::Start(tag) if tag.is("office:annotation") => {
                    self.skip("office:annotation")?;
                }
                XmlPart::End(name) if name == "text:p" => return Ok(()),
                XmlPart::Start(_) | XmlPart::End(_) => {}
                XmlPart::Eof => return Err(damaged()),
            }
        }
    }
}

fn push_row(sheet: &mut Sheet, row: usize, cells: &[OdsCell]) -> Result<(), Unreadable> {
    let mut column: usize = 0;
    for cell in cells {
        let end = column.saturating_add(cell.repeats);
        if let Some((text, form)) = &cell.value {
            if end > MOST_COLUMNS {
                return Err(swells());
            }
            for column in column..end {
                sheet.push((row, column), text, *form)?;
            }
            sheet.merge(CellArea {
                rows: (row, row.saturating_add(cell.spans.0 - 1)),
                columns: (column, column.saturating_add(cell.spans.1 - 1)),
            });
        }
        column = end;
    }
    Ok(())
}

/// The value of a cell, by its type; `None` if it is empty.
fn value(tag: &Tag, shown: String) -> Option<(String, CellForm)> {
    let kind = tag.text("office:value-type").unwrap_or_default();
    let is_error = tag.text("calcext:value-type").as_deref() == Some("error");
    let (text, form) = match kind.as_str() {
        _ if is_error => (shown, CellForm::Text),
        "string" => (
            tag.text("office:string-value").unwrap_or(shown),
            CellForm::Text,
        ),
        "float" | "percentage" | "currency" => {
            let value = tag.text("office:value")?.parse().ok()?;
            of_number(value, &shown, kind == "float")
        }
        "date" => {
            let date = tag.text("office:date-value")?;
            (iso_day(&date).replace('T', " "), CellForm::Day)
        }
        "time" => (shown, CellForm::Day),
        "boolean" => {
            let is_true = tag.text("office:boolean-value").as_deref() == Some("true");
            let word = if is_true { "TRUE" } else { "FALSE" };
            (word.to_owned(), CellForm::Text)
        }
        // A formula without a type was never calculated.
        _ if tag.text("table:formula").is_some() => ("=".to_owned(), CellForm::Uncalculated),
        _ => (shown, CellForm::Text),
    };
    (!text.trim().is_empty()).then_some((text, form))
}

/// A number by its value and what the cell shows. Zeros that it shows at its front belong to it.
fn of_number(value: f64, shown: &str, is_plain: bool) -> (String, CellForm) {
    let is_digits = !shown.is_empty() && shown.bytes().all(|byte| byte.is_ascii_digit());
    let zeros = if is_digits { shown.len() } else { 0 };
    match number(value, zeros) {
        (text, CellForm::Number) if !is_plain || is_shown_otherwise(shown, &text) => {
            (text, CellForm::Formatted)
        }
        other => other,
    }
}

/// Whether a whole number is shown with more than its digits. Blanks, commas and decimals are no more, and neither are the
/// `###` of a narrow column.
fn is_shown_otherwise(shown: &str, digits: &str) -> bool {
    let whole = shown.split_once('.').map_or(shown, |(whole, _)| whole);
    let plain: String = whole
        .chars()
        .filter(|c| !" ,\u{a0}\u{202f}".contains(*c))
        .collect();
    let is_hidden = shown.is_empty() || shown.bytes().all(|byte| byte == b'#');
    !is_hidden && plain != digits
}

/// The character that an entity stands for. Entities that a file defines itself aren't taken.
fn resolved(entity: &BytesRef<'_>) -> Result<String, Unreadable> {
    if let Some(text) = resolve_xml_entity(entity.as_ref()) {
        return Ok(text.to_owned());
    }
    match entity.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.to_string()),
        Ok(None) | Err(_) => Err(damaged()),
    }
}
