//! `adopt`: which live account is whose, by a MIS extract; manifests for what is sure, and a list for a person of what isn't.

use std::path::{Path, PathBuf};

use crate::cli::args;
use crate::cli::commands::atomic_write::put;
use crate::cli::commands::draft::{OutputFolder, OverwriteAdvice, below, keep_out_of_git, valid};
use crate::cli::commands::error::CommandError;
use crate::cli::commands::load_project::load_project;
use crate::cli::commands::{CommandResult, Context, fetch_complete};
use crate::cli::exit::Exit;
use crate::domain::Scope;
use crate::domain::field::{Key, Role};
use crate::findings::source::Sources;
use crate::manifest::csv_format::{CsvSettings, DATE_FORMATS, ENCODINGS, Encoding};
use crate::manifest::{CsvSource, decode, headers, table};
use crate::onboarding::adopt::{ExtractRow, adopt, draft, rows, to_look_at};
use crate::plan::plan;
use crate::project::files::read_bytes;
use crate::render::{self, ExtractNames, RowName};
use crate::review::{Allowance, past_limits};

pub(crate) async fn run(context: &Context<'_>, args: &args::AdoptArgs) -> CommandResult {
    let project = load_project(context.dir, &mut Sources::default())?;
    let mut sources = Sources::default();
    let rows = extract(args, &mut sources)?;
    let snapshot = fetch_complete::read(context, &args.server, &project, |snapshot| {
        to_look_at(&rows, &args.fields, snapshot)
    })
    .await?;
    let adoption = adopt(&rows, &snapshot);
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
    let numbered = |row: usize| {
        sources
            .cell(rows[row].span)
            .map_or(row + 2, |(number, _)| number)
    };
    let named = |row: usize| RowName {
        number: numbered(row),
        mis_id: rows[row].open_mis_id(),
    };
    let extract = ExtractNames {
        name: &name,
        rows: &rows,
        named: &named,
    };
    let mut draft = draft(&rows, &adoption, &args.fields, render::evidence);
    if draft.files.is_empty() {
        context.ui.print(&render::prose(
            &render::adopted(&adoption, &extract, &snapshot, None),
            context.ui.width,
        ))?;
        return Err(CommandError::Refused(NOBODY.to_owned()));
    }
    let list = render::doubtful(&adoption.doubtful, named);
    let place =
        OutputFolder::of(context, &project, args.folder.as_deref(), ADOPTING)?.forced(args.force);
    let others: Vec<PathBuf> = list.iter().map(|_| doubtful.clone()).collect();
    refuse_to_write_over(&args.file, &others)?;
    place.check(context, &project, &draft, &others)?;
    let roster = valid(context, &project, &mut draft)?.roster;
    keep_out_of_git(context.dir, &args.file)?;
    if let Some(list) = &list {
        keep_out_of_git(context.dir, &doubtful)?;
        put(&doubtful, list)?;
    }
    let said = render::adopted(
        &adoption,
        &extract,
        &snapshot,
        Some(&doubtful.display().to_string()),
    );
    context.ui.print(&render::prose(&said, context.ui.width))?;
    place.write(context, &draft)?;
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

/// The rows of the extract, if nothing is wrong with it.
fn extract(args: &args::AdoptArgs, sources: &mut Sources) -> Result<Vec<ExtractRow>, CommandError> {
    let misused = |words: String| CommandError::Misused(format!("{} {words}", args.file.display()));
    let encoding = ENCODINGS
        .iter()
        .find(|(name, _)| *name == args.encoding)
        .map_or(Encoding::Utf8, |(_, known)| *known);
    let date_format = DATE_FORMATS
        .iter()
        .find(|form| form.name == args.date_format)
        .unwrap_or(&DATE_FORMATS[0]);
    let role = Role::named(&args.role).unwrap_or(Role::Learner);
    let read = read_bytes(&args.file).and_then(|bytes| decode(bytes, encoding, CsvSettings::Flags));
    let text = read.map_err(|error| misused(format!("{}; {}", error.why, error.help)))?;
    let file = sources.add(name(&args.file), text);
    let text = &sources.file(file).text;
    let headers = headers(file, text);
    let columns = if args.column.is_empty() {
        named_after_fields(&headers)
    } else {
        args.column.clone()
    };
    if !columns.iter().any(|(key, _)| *key == Key::MisId) {
        return Err(misused(
            "has no column `misId`: say which it is, `--column misId=HEADER`".to_owned(),
        ));
    }
    if let Some(key) = args
        .fields
        .iter()
        .find(|key| !columns.iter().any(|(known, _)| known == *key))
    {
        let key = key.name();
        return Err(misused(format!(
            "has no column `{key}`, which `--fields` asks for: `--column {key}=HEADER`"
        )));
    }
    let missing: Vec<String> = columns
        .iter()
        .filter_map(|(key, header)| missing(*key, header, &headers))
        .collect();
    if !missing.is_empty() {
        return Err(misused(format!(
            "has no column {}, as `--column` names them",
            missing.join(", ")
        )));
    }
    let mut table = table(
        file,
        text,
        &CsvSource::from_flags(file, &columns, encoding, date_format),
    );
    sources.set_grid(file, std::mem::take(&mut table.grid));
    let mut findings = table.findings;
    let read = rows(&table.rows, role).map_err(|found| findings.extend(found));
    match read {
        Ok(rows) if findings.is_empty() => Ok(rows),
        _ => Err(CommandError::Invalid {
            findings,
            sources: std::mem::take(sources),
        }),
    }
}

/// A header that isn't there, with one that is nearly the same.
fn missing(key: Key, header: &str, headers: &[String]) -> Option<String> {
    if headers.iter().any(|known| known == header) {
        return None;
    }
    // Only what is the same but for case and blanks: what isn't a header may be somebody's data.
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
    let near = headers.iter().find(|known| plain(known) == plain(header));
    let near = near
        .map(|near| format!("; is `{near}` meant?"))
        .unwrap_or_default();
    Some(format!("`{header}` (`{}`{near})", key.name()))
}

fn name(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn named_after_fields(headers: &[String]) -> Vec<(Key, String)> {
    headers
        .iter()
        .filter_map(|header| Some((args::of_extract(header).ok()?, header.clone())))
        .collect()
}
