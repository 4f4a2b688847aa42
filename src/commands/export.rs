//! `export`: live accounts as manifests, checked and compared before a file is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::{self, RevealClass};
use crate::client::fetch_all;
use crate::commands::failure::Failure;
use crate::commands::loaded::{check, load_project};
use crate::commands::plan::{pace, write};
use crate::commands::session::{Session, io};
use crate::commands::{Context, Done};
use crate::exit::Exit;
use crate::export::{By, Choice, Draft, export};
use crate::field::{Class, Key, Role};
use crate::files::{Manifests, read_project};
use crate::model::{Id, Roster, Scope, Snapshot};
use crate::plan::plan;
use crate::settings::{Project, choose};
use crate::source::Sources;
use crate::view;

/// How often what `validate` doesn't take is taken out: what is left then isn't about single values.
const TRIES: usize = 4;

pub(crate) async fn run(context: &Context<'_>, args: &cli::Export) -> Done {
    let project = load_project(context.dir, &mut Sources::default())?;
    let snapshot = read(context, args, &project).await?;
    let reveals = matches!(args.reveal, Some(RevealClass::Special)) && !context.environment.ci;
    let by = if args.by == cli::By::Classroom { By::Classroom } else { By::Role };
    let highest = if reveals { Class::Special } else { Class::Personal };
    let mut draft = export(&snapshot, Choice { by, highest });
    if draft.files.is_empty() {
        context.ui.print("There is no account to export.\n")?;
        return Ok(Exit::Done);
    }
    let roster = valid(context, &project, &mut draft)?;
    let folder = args.folder.clone().unwrap_or_else(|| context.dir.join("users"));
    let files: Vec<(PathBuf, String)> = draft.files.iter().map(|file| (folder.join(&file.path), file.text())).collect();
    refuse_to_overwrite(&files, args.force)?;
    if args.folder.is_none() {
        refuse_to_declare_twice(context, &project, &files)?;
    }
    for (path, text) in &files {
        let parent = path.parent().unwrap_or(&folder);
        fs::create_dir_all(parent).map_err(|source| io(&format!("{} can't be made", parent.display()), source))?;
        write(text, path)?;
    }
    let compared = plan(&roster, &snapshot, &project.policy, &Scope::whole());
    context.ui.print(&view::exported(&draft, &folder.display().to_string(), &compared))?;
    context.ui.hint("\nThese files hold personal data: keep the repository private. `rosterctl plan` compares them.");
    Ok(Exit::Done)
}

/// All that is live. A picture that isn't whole would declare the rest to be nobody's.
async fn read(context: &Context<'_>, args: &cli::Export, project: &Project) -> Result<Snapshot, Failure> {
    let server = choose(&(&args.server).into(), &context.environment, project.target.as_deref())?;
    let pace = pace(&args.server, Some(project), &server);
    let session = Session::open(context, server, pace).await?;
    let reading = fetch_all(&session.client, project.organisation);
    let waits = Some(session.client.waits());
    let snapshot = context.ui.waiting(context.clock, "Reading the accounts", waits, reading).await?;
    context.ui.say(&format!("{}\n", view::place(&snapshot.organisation, &session.server)));
    session.close().await;
    let odd = snapshot.unreadable.len() + snapshot.unlisted.len();
    if odd > 0 || !Role::all().all(|role| snapshot.whole.contains(&role)) {
        let words = "Nothing was written.\nThe lists of accounts couldn't be read to their ends, or contradict what accounts show; run this again.";
        return Err(Failure::Refused(words.to_owned()));
    }
    Ok(snapshot)
}

/// Takes what `validate` doesn't take out of a draft, until it is a roster.
fn valid(context: &Context<'_>, project: &Project, draft: &mut Draft) -> Result<Roster, Failure> {
    let mut left = TRIES;
    loop {
        let mut sources = Sources::default();
        let files =
            draft.files.iter().map(|file| (sources.add(file.path.clone(), file.text()), file.path.clone().into()));
        let manifests = Manifests { files: files.collect(), findings: Vec::new() };
        let checked = check(context, Some(project), manifests, &mut sources, "users");
        if let Some(roster) = checked.roster {
            return Ok(roster);
        }
        let mut wrong: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for finding in checked.findings.iter().filter(|finding| finding.is_error()) {
            let place = sources.place(finding.span());
            wrong.entry(place.file).or_default().insert(place.line);
        }
        let taken: Vec<(Id, Key)> = draft
            .files
            .iter_mut()
            .filter_map(|file| wrong.get(&file.path).map(|lines| file.without(lines)))
            .flatten()
            .collect();
        let is_stuck = taken.is_empty();
        for (id, key) in taken {
            draft.left_out.entry(id).or_default().push(key);
        }
        left -= 1;
        if is_stuck || left == 0 {
            return Err(Failure::Invalid { findings: checked.findings, sources });
        }
    }
}

/// Other manifests of the project would declare the same people a second time.
fn refuse_to_declare_twice(
    context: &Context<'_>,
    project: &Project,
    files: &[(PathBuf, String)],
) -> Result<(), Failure> {
    let Manifests { files: there, .. } = read_project(context.dir, &project.manifests, &mut Sources::default());
    let others: Vec<&PathBuf> =
        there.iter().map(|(_, path)| path).filter(|path| files.iter().all(|(own, _)| own != *path)).collect();
    let [first, ..] = others.as_slice() else { return Ok(()) };
    let manifests = view::count(others.len(), "manifest declares", "manifests declare");
    Err(Failure::Refused(format!(
        "Nothing was written.\n{manifests} users of this project already: {}. `--dir` writes elsewhere, to be compared.",
        view::shown(&first.display().to_string())
    )))
}

fn refuse_to_overwrite(files: &[(PathBuf, String)], force: bool) -> Result<(), Failure> {
    let there: Vec<&Path> =
        files.iter().map(|(path, _)| path.as_path()).filter(|path| path.symlink_metadata().is_ok()).collect();
    match there.as_slice() {
        [] => Ok(()),
        _ if force => Ok(()),
        [first, ..] => {
            let files = view::count(there.len(), "file is", "files are");
            Err(Failure::Refused(format!(
                "Nothing was written.\n{files} there already: {}. `--force` overwrites, `--dir` writes elsewhere.",
                view::shown(&first.display().to_string())
            )))
        }
    }
}
