//! What `fromTable` may say of a table: its keys, and the words for encodings and forms of days. A table is a CSV or a sheet
//! of a workbook.

use std::fmt;

use jiff::civil::Date;
use jiff::fmt::strtime;

use crate::findings::source::column_letters;
use crate::manifest::tree::node::Node;

/// A key below `fromTable`. Nothing personal stands under any of them: paths, headers and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FromCsvKey {
    Path,
    Sheet,
    HeaderRow,
    Columns,
    Encoding,
    DateFormat,
    Overlay,
    Optional,
    Sealed,
}

impl FromCsvKey {
    /// The key of a document that says which table it reads.
    pub(crate) const FROM_TABLE: &str = "fromTable";

    /// The same key as it was called when every table was a CSV. It stays valid.
    pub(crate) const FROM_CSV: &str = "fromCsv";

    /// Both words for the key.
    pub(crate) const WORDS: [&str; 2] = [Self::FROM_TABLE, Self::FROM_CSV];

    pub(crate) const ALL: [Self; 9] = [
        Self::Path,
        Self::Sheet,
        Self::HeaderRow,
        Self::Columns,
        Self::Encoding,
        Self::DateFormat,
        Self::Overlay,
        Self::Optional,
        Self::Sealed,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Sheet => "sheet",
            Self::HeaderRow => "headerRow",
            Self::Columns => "columns",
            Self::Encoding => "encoding",
            Self::DateFormat => "dateFormat",
            Self::Overlay => "overlay",
            Self::Optional => "optional",
            Self::Sealed => "sealed",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// Whether a document names a table.
pub(crate) fn names_table(document: &Node) -> bool {
    FromCsvKey::WORDS
        .iter()
        .any(|word| document.get(word).is_some())
}

/// Who says how a table is read, so that a help names what people can change: keys of a manifest, or flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvSettings {
    Manifest,
    Flags,
}

impl CsvSettings {
    pub(crate) fn not_utf8_help(self) -> &'static str {
        match self {
            Self::Manifest => "save it as UTF-8, or write `encoding: windows-1252`",
            Self::Flags => "save it as UTF-8, or give `--encoding windows-1252`",
        }
    }

    /// How to say that days are written in this format.
    pub(crate) fn date_format_help(self, format: &DateFormat) -> String {
        match self {
            Self::Manifest => format!("say `dateFormat: {}`", format.name),
            Self::Flags => format!("give `--date-format {}`", format.name),
        }
    }

    pub(crate) fn no_rows_help(self) -> &'static str {
        match self {
            Self::Manifest => {
                "fill it, or delete the lines that name it: users who leave the manifests stop being managed"
            }
            Self::Flags => "look whether the export has gone wrong",
        }
    }

    /// How to say which sheet is meant.
    pub(crate) fn sheet_help(self, sheet: &str) -> String {
        match self {
            Self::Manifest => format!("write `sheet: {}`", yaml_word(sheet)),
            Self::Flags => format!("give `--sheet \"{sheet}\"`"),
        }
    }

    pub(crate) fn several_rows_help(self) -> &'static str {
        match self {
            Self::Manifest => {
                "export one row for each person, or take the columns that differ out of `columns`"
            }
            Self::Flags => "export one row for each person, or give no `--column` for what differs",
        }
    }

    pub(crate) fn no_sheet_help(self) -> &'static str {
        match self {
            Self::Manifest => "take `sheet` away",
            Self::Flags => "take `--sheet` away",
        }
    }

    /// How to say which row names the columns.
    pub(crate) fn header_row_help(self, row: usize) -> String {
        match self {
            Self::Manifest => format!("write `headerRow: {row}`"),
            Self::Flags => format!("give `--header-row {row}`"),
        }
    }
}

/// A name as YAML takes it: in quotes, unless it is a plain word.
fn yaml_word(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
    if is_plain && !name.ends_with(' ') {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// What a cell holds, as far as its text doesn't say. Cells of a CSV are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellForm {
    Text,
    /// A whole number with all its digits.
    Number,
    /// A number with decimals.
    Fraction,
    /// A number with more digits than a spreadsheet keeps.
    Rounded,
    /// A number that the spreadsheet shows with more than its digits, such as `L-0102` for 102.
    Formatted,
    /// A day as `2007-06-14`, or with a time behind it.
    Day,
    /// A formula that was never calculated.
    Uncalculated,
}

/// A rectangle of cells. Rows and columns count from 0, and the last ones are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellArea {
    pub(crate) rows: (usize, usize),
    pub(crate) columns: (usize, usize),
}

impl fmt::Display for CellArea {
    /// As spreadsheets write it: `C17:C20`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (
            column_letters(self.columns.0),
            column_letters(self.columns.1),
        );
        write!(f, "{first}{}:{last}{}", self.rows.0 + 1, self.rows.1 + 1)
    }
}

/// How the bytes of a CSV are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Windows1252,
}

/// The encodings by their names in manifests. The first is meant unless another is given.
pub const ENCODINGS: &[(&str, Encoding)] = &[
    ("utf-8", Encoding::Utf8),
    ("windows-1252", Encoding::Windows1252),
];

/// How days are written in a CSV.
#[derive(Debug)]
pub struct DateFormat {
    pub name: &'static str,
    /// In the notation of `strptime`.
    pub pattern: &'static str,
}

/// The forms of days that spreadsheets write. A year always has four digits: of two, nobody knows the century. The first
/// is meant unless another is given.
pub const DATE_FORMATS: &[DateFormat] = &[
    DateFormat {
        name: "YYYY-MM-DD",
        pattern: "%Y-%m-%d",
    },
    DateFormat {
        name: "DD/MM/YYYY",
        pattern: "%d/%m/%Y",
    },
    DateFormat {
        name: "DD-MM-YYYY",
        pattern: "%d-%m-%Y",
    },
    DateFormat {
        name: "DD.MM.YYYY",
        pattern: "%d.%m.%Y",
    },
    DateFormat {
        name: "MM/DD/YYYY",
        pattern: "%m/%d/%Y",
    },
    DateFormat {
        name: "DD MMM YYYY",
        pattern: "%d %b %Y",
    },
    DateFormat {
        name: "DD-MMM-YYYY",
        pattern: "%d-%b-%Y",
    },
];

impl DateFormat {
    /// The day that a text is in this form, with or without midnight behind it.
    pub(crate) fn parse(&self, text: &str) -> Option<Date> {
        let day = without_midnight(text);
        let parsed = strtime::parse(self.pattern, day).ok()?.to_date().ok()?;
        // jiff reads years of other lengths, too, and those are other forms.
        let year_length = if self.name.starts_with('Y') {
            day.find('-')?
        } else {
            day.len() - day.rfind(['/', '-', '.', ' '])? - 1
        };
        (year_length == 4).then_some(parsed)
    }
}

/// The day without the midnight that databases and spreadsheets write behind it: `00:00`, `00:00:00.000`, `T00:00:00Z`,
/// `12:00:00 AM`. Any other time stays, and makes the text no day.
fn without_midnight(text: &str) -> &str {
    // Nearly every cell is a day and nothing else.
    let Some((before, _)) = text.split_once(':') else {
        return text;
    };
    let Some(at) = before.rfind([' ', 'T']) else {
        return text;
    };
    if is_midnight(&text[at + 1..]) {
        text[..at].trim_end()
    } else {
        text
    }
}

fn is_midnight(time: &str) -> bool {
    const ZONES: &[&str] = &[
        "Z", "+00:00", "-00:00", "+0000", "+00", " UTC", " GMT", " +00:00",
    ];
    let zone = ZONES.iter().find_map(|zone| time.strip_suffix(*zone));
    let lower = zone.unwrap_or(time).to_ascii_lowercase();
    let half = lower
        .strip_suffix("am")
        .or_else(|| lower.strip_suffix("a.m."));
    let clock = half.unwrap_or(&lower).trim_end();
    let (hour, rest) = clock.split_once(':').unwrap_or((clock, ""));
    let is_first_hour = matches!(hour, "0" | "00") || (hour == "12" && half.is_some());
    let is_form =
        rest.starts_with("00") && rest.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'));
    is_first_hour && is_form
}

#[cfg(test)]
mod tests {
    use super::without_midnight;

    #[test]
    fn midnights_behind_a_day_are_passed_over() {
        for time in [
            "",
            " 00:00",
            " 00:00:00",
            " 00:00:00.000",
            " 00:00:00.0000000",
            "T00:00:00",
            "T00:00:00.000",
            "T00:00:00Z",
            "T00:00:00+00:00",
            "T00:00:00.000Z",
            " 00:00:00 +00:00",
            " 00:00:00 UTC",
            " 12:00:00 AM",
            " 12:00 AM",
            " 12:00:00 am",
            " 0:00",
            " 0:00:00",
            "  00:00:00",
        ] {
            let text = format!("2007-06-14{time}");
            assert_eq!(without_midnight(&text), "2007-06-14", "{text}");
        }
        assert_eq!(without_midnight("14 Jun 2007 00:00"), "14 Jun 2007");
        for time in [
            " 09:30",
            " 12:00:00",
            " 12:00:00 PM",
            " 00:00:01",
            " 00:30",
            "T23:00:00Z",
            "T00:00:00+01:00",
            " 00:",
            " 00",
        ] {
            let text = format!("2007-06-14{time}");
            assert_eq!(without_midnight(&text), text, "{text}");
        }
    }
}
