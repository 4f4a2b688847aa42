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
