//! What `fromCsv` may say of a CSV: its keys, and the words for encodings and forms of days.

use jiff::civil::Date;
use jiff::fmt::strtime;

/// A key below `fromCsv`. Nothing personal stands under any of them: paths, headers and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FromCsvKey {
    Path,
    Columns,
    Encoding,
    DateFormat,
    Overlay,
    Optional,
}

impl FromCsvKey {
    /// The key of a document that says which CSV it reads.
    pub(crate) const FROM_CSV: &str = "fromCsv";

    pub(crate) const ALL: [Self; 6] = [
        Self::Path,
        Self::Columns,
        Self::Encoding,
        Self::DateFormat,
        Self::Overlay,
        Self::Optional,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Columns => "columns",
            Self::Encoding => "encoding",
            Self::DateFormat => "dateFormat",
            Self::Overlay => "overlay",
            Self::Optional => "optional",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// Who says how a CSV is read, so that a help names what people can change: keys of a manifest, or flags.
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
                "fill it, or take `fromCsv` away: users who leave the manifests stop being managed"
            }
            Self::Flags => "look whether the export has gone wrong",
        }
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

/// Databases write the midnight that a day begins with behind it.
const MIDNIGHTS: &[&str] = &[" 00:00:00", " 00:00"];

impl DateFormat {
    /// The day that a text is in this form, with or without midnight behind it.
    pub(crate) fn parse(&self, text: &str) -> Option<Date> {
        let without_midnight = MIDNIGHTS
            .iter()
            .find_map(|midnight| text.strip_suffix(midnight));
        let day = without_midnight.unwrap_or(text);
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
