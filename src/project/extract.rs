//! Reads the MIS extract for `adopt`: a CSV or a sheet of a workbook, with columns that the command line names.

use std::path::Path;

use crate::domain::field::{FIELDS, Field, Key};
use crate::domain::role::Role;
use crate::findings::source::{FileId, Sources};
use crate::findings::suggest::nearest;
use crate::manifest::csv_format::{CsvSettings, DATE_FORMATS, DateFormat, ENCODINGS, Encoding};
use crate::manifest::header_guess::{OF_PEOPLE, guessed_columns};
use crate::manifest::{CsvSource, TableFlags, TableForm, TableFormat, TableText, headers, table};
use crate::onboarding::adopt::{ExtractRow, rows};
use crate::project::error::ProjectError;
use crate::project::files::read_bytes;

/// How to read an extract.
pub struct ExtractOptions<'o> {
    pub file: &'o Path,
    /// The fields and the headers of their columns. If empty, the columns are named after the fields.
    pub columns: &'o [(Key, String)],
    /// The role of rows that don't give one.
    pub role: &'o str,
    pub date_format: &'o str,
    pub encoding: &'o str,
    pub sheet: Option<&'o str>,
    pub header_row: Option<usize>,
    /// Fields that the extract must have.
    pub required: &'o [Key],
}

/// An extract whose header was read.
pub struct OpenExtract<'o> {
    options: ExtractOptions<'o>,
    sources: Sources,
    file: FileId,
    form: TableForm,
    /// Empty headers are blank columns.
    pub headers: Vec<String>,
}

/// The rows of an extract without errors.
pub struct Extract {
    pub rows: Vec<ExtractRow>,
    sources: Sources,
}

impl Extract {
    /// The number of a row in the file, as spreadsheets count: from 1, including the header.
    pub fn row_number(&self, row: usize) -> usize {
        // Row 0 of `rows` is line 2 of the file, after the header.
        let number = self.sources.cell(self.rows[row].span);
        number.map_or(row + 2, |(number, _)| number)
    }
}

impl OpenExtract<'_> {
    /// The columns that were named, or if none were, those that are named after fields.
    pub fn named_columns(&self) -> Vec<(Key, String)> {
        if self.options.columns.is_empty() {
            named_after_fields(&self.headers)
        } else {
            self.options.columns.to_vec()
        }
    }

    /// Columns that nobody named, and that seem to tell who people are.
    pub fn guessed_columns(&self) -> Vec<(Key, String)> {
        guessed_columns(&self.headers, OF_PEOPLE, &self.named_columns())
    }

    /// The rows, or everything that is wrong with the file.
    pub fn read(self, columns: &[(Key, String)]) -> Result<Extract, ProjectError> {
        self.options.check_columns(columns, &self.headers)?;
        let Self {
            options,
            mut sources,
            file,
            form,
            ..
        } = self;
        let source = CsvSource::from_flags(file, columns, options.flags());
        let mut table = table(file, &sources.file(file).text, &form, &source);
        sources.set_grid(file, std::mem::take(&mut table.grid));
        let mut findings = table.findings;
        let role = Role::named(options.role).unwrap_or(Role::Learner);
        match rows(&table.rows, role) {
            Ok(rows) if findings.is_empty() => return Ok(Extract { rows, sources }),
            Ok(_) => {}
            Err(of_rows) => findings.extend(of_rows),
        }
        Err(ProjectError::Invalid { findings, sources })
    }
}

impl<'o> ExtractOptions<'o> {
    /// Reads the file as far as its header.
    pub fn open(self) -> Result<OpenExtract<'o>, ProjectError> {
        let TableText { text, form } = self.table_text()?;
        let mut sources = Sources::default();
        let file = sources.add(self.name(), text);
        let headers = headers(file, &sources.file(file).text, &form, self.header_row);
        Ok(OpenExtract {
            options: self,
            sources,
            file,
            form,
            headers,
        })
    }

    fn flags(&self) -> TableFlags<'o> {
        TableFlags {
            encoding: self.encoding(),
            date_format: self.date_format(),
            sheet: self.sheet,
            header_row: self.header_row,
        }
    }

    fn table_text(&self) -> Result<TableText, ProjectError> {
        let name = self.name();
        let format = TableFormat {
            file_name: &name,
            encoding: self.encoding(),
            sheet: self.sheet,
            settings: CsvSettings::Flags,
            sealed: None,
        };
        let read = read_bytes(self.file).and_then(|bytes| format.read(bytes));
        read.map_err(|error| self.misused(&format!("{}; {}", error.why, error.help)))
    }

    /// Fails if the header lacks one of the columns, or if a column that is needed isn't among them.
    fn check_columns(
        &self,
        columns: &[(Key, String)],
        headers: &[String],
    ) -> Result<(), ProjectError> {
        let has = |key: Key| columns.iter().any(|(known, _)| *known == key);
        if !has(Key::MisId) {
            return Err(
                self.misused("has no column `misId`: say which it is, `--column misId=HEADER`")
            );
        }
        if let Some(key) = self.required.iter().find(|key| !has(**key)) {
            let key = key.name();
            return Err(self.misused(&format!(
                "has no column `{key}`, which `--fields` asks for: `--column {key}=HEADER`"
            )));
        }
        let missing: Vec<String> = columns
            .iter()
            .filter_map(|(key, header)| missing_header(*key, header, headers))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(self.misused(&format!(
            "has no column {}, as `--column` names them",
            missing.join(", ")
        )))
    }

    fn encoding(&self) -> Encoding {
        let known = ENCODINGS.iter().find(|(name, _)| *name == self.encoding);
        known.map_or(Encoding::Utf8, |(_, encoding)| *encoding)
    }

    fn date_format(&self) -> &'static DateFormat {
        let known = DATE_FORMATS
            .iter()
            .find(|form| form.name == self.date_format);
        known.unwrap_or(&DATE_FORMATS[0])
    }

    fn name(&self) -> String {
        self.file.to_string_lossy().replace('\\', "/")
    }

    fn misused(&self, words: &str) -> ProjectError {
        ProjectError::Misused(format!("{} {words}", self.file.display()))
    }
}

/// The field of this name, if an extract can contain it. Otherwise a message, which suggests a similar name.
pub fn extract_field(name: &str) -> Result<Key, String> {
    let can_be_given =
        |field: &&Field| field.api.is_some() && !matches!(field.key, Key::Id | Key::CreatedOn);
    let fields: Vec<&Field> = FIELDS.iter().filter(can_be_given).collect();
    if let Some(field) = fields.iter().find(|field| field.name == name.trim()) {
        return Ok(field.key);
    }
    let suggestion = match nearest(name, fields.iter().map(|field| field.name)) {
        Some(near) => format!("; is `{near}` meant?"),
        None => String::new(),
    };
    Err(format!("no field of an extract{suggestion}"))
}

fn named_after_fields(headers: &[String]) -> Vec<(Key, String)> {
    let mut columns = Vec::new();
    for header in headers {
        if let Ok(key) = extract_field(header) {
            columns.push((key, header.clone()));
        }
    }
    columns
}

/// The name of a missing header for a message, with a similar header. `None` if the file has the header.
fn missing_header(key: Key, header: &str, headers: &[String]) -> Option<String> {
    if headers.iter().any(|known| known == header) {
        return None;
    }
    // Suggests only a header that differs in case, spaces, hyphens or underscores. If a file has no header, its first line
    // holds personal data.
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
    let near = headers.iter().find(|known| plain(known) == plain(header));
    let suggestion = match near {
        Some(near) => format!("; is `{near}` meant?"),
        None => String::new(),
    };
    Some(format!("`{header}` (`{}`{suggestion})", key.name()))
}
