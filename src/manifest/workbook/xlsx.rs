//! Excel workbooks, read by `calamine`, a cell at a time: a table of all cells would be as large as the farthest cell says.

use std::io::Cursor;

use calamine::{Cell, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};

use crate::findings::Unreadable;
use crate::manifest::csv_format::{CellArea, CellForm};
use crate::manifest::workbook::number::{Shown, number};
use crate::manifest::workbook::package::Package;
use crate::manifest::workbook::sheet::Sheet;
use crate::manifest::workbook::{Sheets, not_read};

type Workbook<'b> = Xlsx<Cursor<&'b [u8]>>;

/// The sheets of a workbook whose parts were measured.
pub(super) fn sheets(
    bytes: &[u8],
    package: &Package<'_>,
    wanted: Option<&str>,
) -> Result<Sheets, Unreadable> {
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(not_read)?;
    let mut sheets = Sheets::default();
    for listed in workbook.sheets_metadata().to_vec() {
        if listed.typ != SheetType::WorkSheet {
            continue;
        }
        let is_hidden = listed.visible != SheetVisible::Visible;
        let mut sheet = Sheet::new(listed.name);
        if sheets.is_due(&sheet.name, is_hidden, wanted) {
            read_cells(&mut workbook, package, &mut sheet)?;
        }
        sheets.add(sheet, is_hidden);
    }
    Ok(sheets)
}

fn read_cells(
    workbook: &mut Workbook<'_>,
    package: &Package<'_>,
    sheet: &mut Sheet,
) -> Result<(), Unreadable> {
    let name = sheet.name.clone();
    let uncalculated = if package.may_have_formulas {
        uncalculated(workbook, &name)?
    } else {
        Vec::new()
    };
    let mut uncalculated = uncalculated.into_iter().peekable();
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(not_read)?;
    let shown: Vec<Shown> = cells.styles().iter().map(shown_by).collect();
    let mut last = None;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(not_read)? {
        let shown = shown.get(style).copied().unwrap_or(Shown::Digits);
        let place = place_of(&cell);
        // A cell that stands there twice counts once.
        if last == Some(place) {
            continue;
        }
        last = Some(place);
        if uncalculated.peek() == Some(&place) {
            uncalculated.next();
            sheet.push(place, "=", CellForm::Uncalculated)?;
        } else if let Some((text, form)) = value(cell.get_value(), shown) {
            sheet.push(place, &text, form)?;
        }
    }
    drop(cells);
    if package.may_have_merged_cells {
        let merged = workbook
            .merge_cells_by_sheet_name(&name)
            .map_err(not_read)?;
        for area in merged {
            let (start, end) = (area.start, area.end);
            sheet.merge(CellArea {
                rows: (start.0 as usize, end.0 as usize),
                columns: (start.1 as usize, end.1 as usize),
            });
        }
    }
    Ok(())
}

/// The cells with a formula and no value: some programs write formulas and don't calculate them.
fn uncalculated(
    workbook: &mut Workbook<'_>,
    name: &str,
) -> Result<Vec<(usize, usize)>, Unreadable> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(not_read)?;
    let mut found = Vec::new();
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(not_read)? {
        if cell.formula.is_some() && cell.value == DataRef::Empty {
            found.push((cell.pos.0 as usize, cell.pos.1 as usize));
        }
    }
    Ok(found)
}

fn place_of(cell: &Cell<DataRef<'_>>) -> (usize, usize) {
    let (row, column) = cell.get_position();
    (row as usize, column as usize)
}

fn shown_by(style: &calamine::Style) -> Shown {
    let format = style.number_format.as_ref();
    format.map_or(Shown::Digits, |format| Shown::by(&format.format_code))
}

/// The text of a cell; `None` if it is empty.
fn value(value: &DataRef<'_>, shown: Shown) -> Option<(String, CellForm)> {
    let of_number = |value: f64| match shown {
        Shown::Digits => number(value, 0),
        Shown::Padded(digits) => number(value, digits),
        Shown::Otherwise => match number(value, 0) {
            (text, CellForm::Number) => (text, CellForm::Formatted),
            other => other,
        },
    };
    let (text, form) = match value {
        DataRef::Empty => return None,
        DataRef::Float(value) => of_number(*value),
        #[expect(clippy::cast_precision_loss, reason = "larger ones count as rounded")]
        DataRef::Int(value) => of_number(*value as f64),
        DataRef::String(text) => (text.clone(), CellForm::Text),
        DataRef::SharedString(text) => ((*text).to_owned(), CellForm::Text),
        DataRef::Bool(true) => ("TRUE".to_owned(), CellForm::Text),
        DataRef::Bool(false) => ("FALSE".to_owned(), CellForm::Text),
        DataRef::DateTime(time) => (day(*time), CellForm::Day),
        DataRef::DateTimeIso(text) => (iso_day(text).to_owned(), CellForm::Day),
        DataRef::DurationIso(text) => (text.clone(), CellForm::Day),
        DataRef::Error(error) => (error.to_string(), CellForm::Text),
    };
    (!text.trim().is_empty()).then_some((text, form))
}

/// `2007-06-14`, with the time behind it unless that is midnight.
fn day(time: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    if time.as_f64() < 1.0 || time.is_duration() {
        return clock;
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    if clock == "00:00:00" {
        day
    } else {
        format!("{day} {clock}")
    }
}

/// The day alone, if its time is midnight.
pub(super) fn iso_day(text: &str) -> &str {
    text.strip_suffix("T00:00:00").unwrap_or(text)
}
