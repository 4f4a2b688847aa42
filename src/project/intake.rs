//! Reads a table of new users for `init --from`: which row names the columns, what they seem to be, and how days are written.

use std::path::{Path, PathBuf};

use crate::domain::field::{Key, ValueKind};
use crate::findings::Unreadable;
use crate::findings::source::{FileId, Sources};
use crate::manifest::csv_format::{CsvSettings, DATE_FORMATS, DateFormat, ENCODINGS};
use crate::manifest::header_guess::{OF_INTAKES, guessed_columns};
use crate::manifest::rules::bad_day;
use crate::manifest::{CsvSource, TableFlags, TableForm, TableFormat, TableText, headers, table};
use crate::onboarding::init::Intake;
use crate::project::error::ProjectError;
use crate::project::files::read_bytes;

/// How many rows are looked at for the header.
const FIRST_ROWS: usize = 20;

/// Fewer known headers than this may be chance: then the first row may be a person's data.
const FEWEST_HEADERS: usize = 2;

/// The table of a file below the folder of a project, for a manifest in `manifests`.
pub fn intake(
    root: &Path,
    manifests: &str,
    (file, sheet): (&Path, Option<&str>),
) -> Result<Intake, ProjectError> {
    let said = |words: &str| ProjectError::Misused(format!("{} {words}", file.display()));
    let name = name_below(root, file).ok_or_else(|| {
        said(
            "isn't a file below the folder of the project; put it there, for instance into `users`",
        )
    })?;
    let (TableText { text, form }, encoding) =
        read(file, sheet).map_err(|error| said(&format!("{}; {}", error.why, error.help)))?;
    let mut sources = Sources::default();
    let id = sources.add(name.as_str(), text);
    let opened = OpenIntake {
        file: id,
        text: &sources.file(id).text,
        form: &form,
    };
    let (header_row, headers) = opened.header();
    let columns = guessed_columns(&headers, OF_INTAKES, &[]);
    if columns.len() < FEWEST_HEADERS {
        return Err(said(
            "has no row whose headers say what they are; write the manifest by hand, with `columns`",
        ));
    }
    let date_format = opened.date_format(&columns, header_row);
    Ok(Intake {
        path: path_from(manifests, &name),
        name,
        sheet: sheet.map(str::to_owned),
        header_row,
        encoding,
        date_format: date_format.map(|format| format.name),
        unread: unread(&headers, &columns),
        columns,
    })
}

/// The name of a file from the folder of the project; `None` if it isn't in it.
fn name_below(root: &Path, file: &Path) -> Option<String> {
    let root: PathBuf = root.canonicalize().ok()?;
    let file = file.canonicalize().ok()?;
    let below = file.strip_prefix(root).ok()?;
    Some(below.to_string_lossy().replace('\\', "/"))
}

/// The path of a file from a folder, both from the root.
fn path_from(folder: &str, name: &str) -> String {
    match name
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(below) => below.to_owned(),
        None => "../".repeat(folder.split('/').count()) + name,
    }
}

/// The table, and its encoding if that isn't the usual one.
fn read(file: &Path, sheet: Option<&str>) -> Result<(TableText, Option<&'static str>), Unreadable> {
    let bytes = read_bytes(file)?;
    let name = file.to_string_lossy();
    let mut failed = None;
    for (index, (word, encoding)) in ENCODINGS.iter().enumerate() {
        let format = TableFormat {
            file_name: &name,
            encoding: *encoding,
            sheet,
            settings: CsvSettings::Flags,
            sealed: None,
        };
        match format.read(bytes.clone()) {
            Ok(table) => return Ok((table, (index > 0).then_some(*word))),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.expect("there is an encoding"))
}

struct OpenIntake<'s> {
    file: FileId,
    text: &'s str,
    form: &'s TableForm,
}

impl OpenIntake<'_> {
    /// The row with the most known headers, unless that is the first one, and its headers.
    fn header(&self) -> (Option<usize>, Vec<String>) {
        let first = headers(self.file, self.text, self.form, None);
        let mut best = (guessed_columns(&first, OF_INTAKES, &[]).len(), None, first);
        for row in 1..=FIRST_ROWS {
            let named = headers(self.file, self.text, self.form, Some(row));
            let known = guessed_columns(&named, OF_INTAKES, &[]).len();
            // A blank row gives the headers of the next one, which comes later.
            let is_same = best.1.is_some() && named == best.2;
            if known > best.0 || is_same {
                best = (known, Some(row), named);
            }
        }
        (best.1, best.2)
    }

    /// The form of all days, if they aren't in the usual one and can be in no other.
    fn date_format(
        &self,
        columns: &[(Key, String)],
        header_row: Option<usize>,
    ) -> Option<&'static DateFormat> {
        let mut days = columns.to_vec();
        days.retain(|(key, _)| key.row().kind == ValueKind::Day);
        let fits = |date_format: &&'static DateFormat| {
            let flags = TableFlags {
                encoding: ENCODINGS[0].1,
                date_format,
                sheet: None,
                header_row,
            };
            let source = CsvSource::from_flags(self.file, &days, flags);
            let findings = table(self.file, self.text, self.form, &source).findings;
            findings
                .iter()
                .all(|finding| *finding.rule != bad_day::RULE)
        };
        let mut fitting = DATE_FORMATS.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) if only.name != DATE_FORMATS[0].name => Some(only),
            _ => None,
        }
    }
}

/// The headers of columns that aren't read, each on one line.
fn unread(headers: &[String], columns: &[(Key, String)]) -> Vec<String> {
    let mut unread = Vec::new();
    for header in headers {
        let words: Vec<&str> = header.split_whitespace().collect();
        let is_read = columns.iter().any(|(_, read)| read == header);
        if !is_read && !words.is_empty() {
            unread.push(words.join(" "));
        }
    }
    unread
}
