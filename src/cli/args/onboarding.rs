//! Flags of `init`, `doctor`, `export` and `adopt`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::shared::{RevealClass, ServerArgs};
use crate::domain::EntryKind;
use crate::domain::field::{Class, Key};
use crate::domain::role::ROLES;
use crate::manifest::csv_format::{DATE_FORMATS, ENCODINGS};
use crate::manifest::schema::TARGETS;
use crate::project::extract::extract_field;
use crate::project::output_folder::{OutputRequest, Overwrite, OverwriteAdvice};

#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder of the project [default: the current folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// The organisation's ID in OneFile
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub organisation: Option<i64>,
    /// The server that the project is for
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    pub target: Option<String>,
    /// Also write the workflows of `examples/ci`
    #[arg(long, value_name = "WHOSE", value_enum)]
    pub ci: Option<CiName>,
    /// With a token in the environment: write manifests for the live accounts instead of the example
    #[arg(long)]
    pub export: bool,
    /// Write a manifest for the new users in this CSV or workbook, with its columns filled in
    #[arg(long, value_name = "FILE", conflicts_with = "export")]
    pub from: Option<PathBuf>,
    /// The sheet of the workbook [default: the only one with something in it]
    #[arg(long, value_name = "NAME", requires = "from")]
    pub sheet: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CiName {
    Github,
    Gitlab,
}

#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// The organisation's ID in OneFile [default: that of rosterctl.yaml]
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub organisation: Option<i64>,
    /// Also read each account if lists don't show all of it: one request each
    #[arg(long)]
    pub whole: bool,
    /// Test what is known about the API instead, fact by fact; the report holds no personal values
    #[arg(long, conflicts_with = "whole")]
    pub contract: bool,
    /// An account that you know is archived, to test whether searches show it
    #[arg(long, value_name = "ID", requires = "contract", value_parser = clap::value_parser!(i64).range(1..))]
    pub archived: Option<i64>,
    /// Output format
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub format: DoctorFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    Text,
    Json,
}

#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct ExportArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to group into one file: a role, or for learners a classroom
    #[arg(long, value_name = "WHAT", value_enum, default_value = "role")]
    pub by: GroupFlag,
    /// Also write values of class `special`; has no effect if `CI` is set
    #[arg(long, value_name = "CLASS", value_enum)]
    pub reveal: Option<RevealClass>,
    /// Write personal and special values to a CSV that git ignores, and join it
    #[arg(long, value_name = "FILE")]
    pub overlay: Option<PathBuf>,
    /// Seal that CSV for the recipients that rosterctl.yaml names, so that it may lie in git
    #[arg(long, requires = "overlay")]
    pub sealed: bool,
    /// Also write the standards of learners: up to one request for each learner
    #[arg(long)]
    pub with_standards: bool,
    /// Also write the placements, to placements.yaml
    #[arg(long)]
    pub with_placements: bool,
    /// Also write the classrooms, to classrooms.yaml
    #[arg(long)]
    pub with_classrooms: bool,
}

impl ExportArgs {
    /// What else gets a manifest.
    pub fn entries(&self) -> &'static [EntryKind] {
        match (self.with_placements, self.with_classrooms) {
            (false, false) => &[],
            (true, false) => &[EntryKind::Placement],
            (false, true) => &[EntryKind::Classroom],
            (true, true) => &EntryKind::ALL,
        }
    }
}

#[derive(Args, Debug)]
pub struct AdoptArgs {
    /// The extract: a CSV, or a workbook (.xlsx, .ods)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub server: ServerArgs,
    /// The column of a field; repeat it for each field [default: columns are named after fields]
    #[arg(long, value_name = "FIELD=HEADER", value_parser = column)]
    pub column: Vec<(Key, String)>,
    /// The role of the people in the extract, unless it has a column for `role`
    #[arg(long, value_name = "ROLE", default_value = "learner", value_parser = clap::builder::PossibleValuesParser::new(ROLES.iter().map(|row| row.name)))]
    pub role: String,
    /// How dates are written in the extract
    #[arg(long, value_name = "FORM", default_value = DATE_FORMATS[0].name, value_parser = clap::builder::PossibleValuesParser::new(DATE_FORMATS.iter().map(|form| form.name)))]
    pub date_format: String,
    /// The character encoding of a CSV
    #[arg(long, value_name = "NAME", default_value = ENCODINGS[0].0, value_parser = clap::builder::PossibleValuesParser::new(ENCODINGS.iter().map(|(name, _)| *name)))]
    pub encoding: String,
    /// The sheet of a workbook [default: the only one with something in it]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// The row that names the columns [default: the first one that isn't blank]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub header_row: Option<u32>,
    /// Fields of the extract to declare in the manifests, as well as `misId`
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', value_parser = declarable)]
    pub fields: Vec<Key>,
    #[command(flatten)]
    pub output: OutputArgs,
    /// The MIS has given people new keys: write `formerMisId` for accounts that have other ones
    #[arg(long)]
    pub renumbered: bool,
    /// Where to write rows that a person has to check [default: doubtful.csv of the project]
    #[arg(long, value_name = "FILE")]
    pub doubtful: Option<PathBuf>,
}

/// Where `export` and `adopt` write manifests.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// The folder to write to [default: users of the project]
    #[arg(long = "dir", value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long)]
    pub force: bool,
}

impl OutputArgs {
    pub fn request(&self, advice: OverwriteAdvice) -> OutputRequest<'_> {
        OutputRequest {
            folder: self.folder.as_deref(),
            overwrite: if self.force {
                Overwrite::Force
            } else {
                Overwrite::Refuse
            },
            advice,
        }
    }
}

/// `misId=Student Ref`
fn column(text: &str) -> Result<(Key, String), String> {
    let (name, header) = text
        .split_once('=')
        .ok_or("write it as in `misId=Student Ref`")?;
    let header = header.trim();
    if header.is_empty() {
        return Err("write the header behind the `=`, as it stands in the first row".to_owned());
    }
    Ok((extract_field(name)?, header.to_owned()))
}

fn declarable(name: &str) -> Result<Key, String> {
    let key = extract_field(name)?;
    match (key, key.row().class) {
        (Key::Role, _) => Err("the role is that of the account".to_owned()),
        (_, Class::Special) => {
            Err("of class special: join it by `fromTable` with `overlay: true`, from a CSV that git doesn't know"
                .to_owned())
        }
        _ => Ok(key),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GroupFlag {
    Role,
    Classroom,
}
