//! `adopt`: matches live accounts with a MIS extract. Writes manifests for the sure matches, and a list of the doubtful ones
//! for a person.

use std::path::{Path, PathBuf};

use crate::cli::all_accounts;
use crate::cli::args;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::Scope;
use crate::onboarding::adopt::{adopt, draft, to_look_at};
use crate::plan::plan;
use crate::project::atomic_write::write_in_new_folder;
use crate::project::draft::ValidDraft;
use crate::project::extract::ExtractOptions;
use crate::project::git_ignore::keep_out_of_git;
use crate::project::output_folder::{OutputFolder, OutputRequest, Overwrite, OverwriteAdvice};
use crate::project::paths::below;
use crate::render::{self, ExtractNames, RowName};
use crate::review::{Allowance, past_limits};

pub(crate) async fn run(context: &Context<'_>, args: &args::AdoptArgs) -> CommandResult {
    let project = context.project_folder().settings()?;
    let extract = options(args).read()?;
    let rows = &extract.rows;
    let snapshot = all_accounts::read(context, &args.server, &project, |snapshot| {
        to_look_at(rows, &args.fields, snapshot)
    })
    .await?;
    let adoption = adopt(rows, &snapshot);
    if adoption.has_other_keys() && !args.renumbered {
        let rows = render::count(adoption.of_other_mis_ids, "row is", "rows are");
        return Err(CommandError::Refused(format!(
            "Nothing was written.\n{rows} of people whose accounts have another MIS value in OneFile: has a column of the extract shifted, or is\n`--column misId=` another one? If people have been given new keys, `--renumbered` goes on."
        )));
    }
    let name = render::shown(&args.file.display().to_string());
    let doubtful = args
        .doubtful
        .clone()
        .unwrap_or_else(|| below(context.dir, "doubtful.csv"));
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
    let list = render::doubtful(&adoption.doubtful, named);
    let place = OutputFolder::of(
        context.dir,
        &project,
        &OutputRequest {
            folder: args.folder.as_deref(),
            overwrite: if args.force {
                Overwrite::Force
            } else {
                Overwrite::Refuse
            },
            advice: ADOPTING,
        },
    )?;
    let others: Vec<PathBuf> = list.iter().map(|_| doubtful.clone()).collect();
    refuse_to_write_over(&args.file, &others)?;
    place.check(&draft, &others)?;
    let roster = ValidDraft::of(&mut draft, context.project_folder(), &project)?.roster;
    keep_out_of_git(context.dir, &args.file)?;
    if let Some(list) = &list {
        keep_out_of_git(context.dir, &doubtful)?;
        write_in_new_folder(&doubtful, list)?;
    }
    let said = render::adopted(
        &adoption,
        &names,
        &snapshot,
        Some(&doubtful.display().to_string()),
    );
    context.ui.print(&render::prose(&said, context.ui.width))?;
    place.write(&draft)?;
    let compared = plan(&roster, &snapshot, &project.policy, &Scope::whole());
    let said = render::drafted(&draft, &place.folder.display().to_string(), &compared);
    let limits = render::objections(&past_limits(&compared, Allowance::default()));
    context
        .ui
        .print(&render::prose(&(said + &limits), context.ui.width))?;
    if !compared.operations.is_empty() {
        context
            .ui
            .hint("\nNothing is set in OneFile yet: `rosterctl plan` shows what would be, `rosterctl apply` does it.");
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
        required: &args.fields,
    }
}

fn refuse_to_write_over(extract: &Path, outputs: &[PathBuf]) -> Result<(), CommandError> {
    let is_extract = |output: &PathBuf| {
        extract
            .canonicalize()
            .is_ok_and(|own| output.canonicalize().is_ok_and(|other| own == other))
    };
    if outputs.iter().any(is_extract) {
        return Err(CommandError::Misused(
            "`--doubtful` is the extract itself; name another file".to_owned(),
        ));
    }
    Ok(())
}

const ADOPTING: OverwriteAdvice = OverwriteAdvice {
    elsewhere: "`--dir` writes manifests elsewhere, `--doubtful` the list",
    first: "Take them away (git keeps them), adopt, and apply; then `rosterctl export` writes them anew, MIS values and all.",
};
const NOBODY: &str = "Nothing was written: no row could be paired.\nCheck `organisation`, `--role`, and that `--column` names the columns of ULN, e-mail address, names and day of birth.";
