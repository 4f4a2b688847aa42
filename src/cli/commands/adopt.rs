//! `adopt`: matches live accounts with a MIS extract. Writes manifests for the sure matches, and a list of the doubtful ones
//! for a person.

use std::path::{Path, PathBuf};
use std::slice;

use crate::cli::all_accounts::{self, MoreToRead};
use crate::cli::args;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::field::Key;
use crate::domain::{Scope, Snapshot};
use crate::onboarding::adopt::{Adoption, ExtractKeys, adopt, draft, to_look_at};
use crate::plan::plan;
use crate::project::atomic_write::write_private_in_new_folder;
use crate::project::draft::ValidDraft;
use crate::project::extract::{ExtractOptions, OpenExtract};
use crate::project::git_ignore::keep_out_of_git;
use crate::project::output_folder::{OutputFolder, OverwriteAdvice};
use crate::project::paths::below;
use crate::render::{self, ExtractNames, FoundColumns, RowName};
use crate::review::{Allowance, past_limits};

pub(crate) async fn run(context: &Context<'_>, args: &args::AdoptArgs) -> CommandResult {
    let project = context.project_folder().settings()?;
    let opened = options(args).open()?;
    let columns = columns(context, &opened, &args.file)?;
    let extract = opened.read(&columns)?;
    let rows = &extract.rows;
    let wanted = |snapshot: &Snapshot| to_look_at(rows, &args.fields, snapshot);
    let server = (&args.server, &project);
    let snapshot = all_accounts::read(context, server, MoreToRead::default(), wanted).await?;
    let keys = if args.renumbered {
        ExtractKeys::Renumbered
    } else {
        ExtractKeys::AsInOneFile
    };
    let adoption = adopt(rows, &snapshot, keys);
    if keys == ExtractKeys::AsInOneFile {
        refuse_other_keys(&adoption)?;
    }
    let name = render::shown(&args.file.display().to_string());
    let named = |row: usize| RowName {
        number: extract.row_number(row),
        mis_id: rows[row].open_mis_id(),
    };
    let names = ExtractNames {
        name: &name,
        rows,
        named: &named,
    };
    let mut draft = draft(rows, &adoption, &args.fields, render::evidence);
    if draft.files.is_empty() {
        context.ui.print(&render::prose(
            &render::adopted(&adoption, &names, &snapshot, None),
            context.ui.width,
        ))?;
        return Err(CommandError::Refused(NOBODY.to_owned()));
    }
    let place = OutputFolder::of(context.dir, &project, &args.output.request(ADOPTING))?;
    let list = DoubtfulList {
        file: args
            .doubtful
            .clone()
            .unwrap_or_else(|| below(context.dir, "doubtful.csv")),
        text: render::doubtful(&adoption.doubtful, named),
    };
    list.refuse_to_write_over(&args.file)?;
    place.check(&draft, list.files())?;
    let roster = ValidDraft::of(&mut draft, context.project_folder(), &project)?.roster;
    keep_out_of_git(context.dir, &args.file)?;
    list.write(context)?;
    let list_name = list.file.display().to_string();
    context.ui.print(&render::prose(
        &render::adopted(&adoption, &names, &snapshot, Some(&list_name)),
        context.ui.width,
    ))?;
    let replaced = place.write(&draft)?;
    let compared = plan(&roster, &snapshot, &project.policy, &Scope::whole());
    let said = render::example_replaced(replaced)
        + &render::drafted(&draft, &place.folder.display().to_string(), &compared)
        + &render::objections(&past_limits(&compared, Allowance::default()));
    context.ui.print(&render::prose(&said, context.ui.width))?;
    if !compared.operations.is_empty() {
        context.ui.hint(NEXT_STEP);
    }
    Ok(Exit::Done)
}

fn options(args: &args::AdoptArgs) -> ExtractOptions<'_> {
    ExtractOptions {
        file: &args.file,
        columns: &args.column,
        role: &args.role,
        date_format: &args.date_format,
        encoding: &args.encoding,
        sheet: args.sheet.as_deref(),
        header_row: args.header_row.and_then(|row| usize::try_from(row).ok()),
        required: &args.fields,
    }
}

/// The columns to read: those that were named, and on a terminal those that a person agrees to.
fn columns(
    context: &Context<'_>,
    opened: &OpenExtract<'_>,
    file: &Path,
) -> Result<Vec<(Key, String)>, CommandError> {
    let named = opened.named_columns();
    let guessed = opened.guessed_columns();
    if guessed.is_empty() {
        return Ok(named);
    }
    let has_key = named.iter().any(|(key, _)| *key == Key::MisId);
    let all = [named.clone(), guessed].concat();
    let found = FoundColumns {
        file: &file.display().to_string(),
        headers: &opened.headers,
        columns: &all,
    };
    if context.ui.asks() && context.ui.confirm(&found.question()) {
        return Ok(all);
    }
    if !has_key {
        return Err(CommandError::Misused(found.refusal()));
    }
    if !context.ui.asks() {
        context.ui.say(&found.note());
    }
    Ok(named)
}

/// A shifted column of keys looks like this, so a person has to say that the keys really changed.
fn refuse_other_keys(adoption: &Adoption) -> Result<(), CommandError> {
    if !adoption.has_other_keys() {
        return Ok(());
    }
    let rows = render::count(adoption.of_other_mis_ids, "row is", "rows are");
    Err(CommandError::Refused(format!(
        "Nothing was written.\n{rows} of people whose accounts have another MIS value in OneFile: has a column of the extract shifted, or is\n`--column misId=` another one? If the MIS has given people new keys, `--renumbered` writes them with `formerMisId`."
    )))
}

/// The rows that a person has to check, and the file to list them in.
struct DoubtfulList {
    file: PathBuf,
    /// `None` if no row is doubtful. Then no file is written.
    text: Option<String>,
}

impl DoubtfulList {
    /// The files that will be written: one or none.
    fn files(&self) -> &[PathBuf] {
        match self.text {
            Some(_) => slice::from_ref(&self.file),
            None => &[],
        }
    }

    fn refuse_to_write_over(&self, extract: &Path) -> Result<(), CommandError> {
        let is_extract = |output: &PathBuf| {
            extract
                .canonicalize()
                .is_ok_and(|own| output.canonicalize().is_ok_and(|other| own == other))
        };
        if self.files().iter().any(is_extract) {
            return Err(CommandError::Misused(
                "`--doubtful` is the extract itself; name another file".to_owned(),
            ));
        }
        Ok(())
    }

    fn write(&self, context: &Context<'_>) -> Result<(), CommandError> {
        if let Some(text) = &self.text {
            keep_out_of_git(context.dir, &self.file)?;
            write_private_in_new_folder(&self.file, text)?;
        }
        Ok(())
    }
}

const NEXT_STEP: &str = "\nNothing is set in OneFile yet: `rosterctl plan` shows what would be, `rosterctl apply` does it.";
const ADOPTING: OverwriteAdvice = OverwriteAdvice {
    elsewhere: "`--dir` writes manifests elsewhere, `--doubtful` the list",
    first: "Take them away (git keeps them), adopt, and apply; then `rosterctl export` writes them anew, MIS values and all.",
};
const NOBODY: &str = "Nothing was written: no row could be paired.\nCheck `organisation`, `--role`, and that `--column` names the columns of ULN, e-mail address, names and date of birth.";
