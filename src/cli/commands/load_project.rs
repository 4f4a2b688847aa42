//! A project as it was read: `rosterctl.yaml`, the manifests with what they need besides, and the roster that they declare.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use tracing::info;

use crate::cli::commands::Context;
use crate::cli::commands::error::CommandError;
use crate::domain::clock::Clock;
use crate::domain::{Policy, Roster, Scope, london};
use crate::findings::source::{FileId, Sources, Span};
use crate::findings::{Finding, Severities, Unreadable, tally};
use crate::manifest::rules::{empty_file, no_users, unreadable_file};
use crate::manifest::schema::{self, ProjectDefaults};
use crate::manifest::schema_check::Structure;
use crate::manifest::tree::node::Node;
use crate::manifest::validate::{self, Checked, RuleContext};
use crate::manifest::{self, CsvSource, CsvTable, JoinedDocuments, ReadDocuments};
use crate::project::files::{
    Manifests, Revision, name_beside, read_beside, read_own, read_project,
};
use crate::project::settings::{PROJECT_FILE, Project, project};
use crate::render::count;

/// The schema of manifests, compiled once: that takes as long as reading a thousand users.
static USERS: LazyLock<Structure> = LazyLock::new(|| {
    Structure::new(
        &schema::users(&ProjectDefaults::default()),
        manifest::UNKNOWN_KEY_HELP,
    )
});

/// Reads `rosterctl.yaml`; `None` if there is none.
pub(crate) fn find_project(
    dir: &Path,
    sources: &mut Sources,
) -> Result<Option<Project>, CommandError> {
    let Some(text) = read_own(dir, PROJECT_FILE).map_err(CommandError::Misused)? else {
        return Ok(None);
    };
    let file = sources.add(PROJECT_FILE, text);
    let read = project(file, &sources.file(file).text);
    read.map(Some).map_err(|findings| CommandError::Invalid {
        findings,
        sources: std::mem::take(sources),
    })
}

/// Reads `rosterctl.yaml`, which has to be there.
pub(crate) fn load_project(dir: &Path, sources: &mut Sources) -> Result<Project, CommandError> {
    let none = || {
        CommandError::Misused(format!(
            "{} has no {PROJECT_FILE}; `-C DIR` names the project's folder",
            shown_dir(dir)
        ))
    };
    find_project(dir, sources)?.ok_or_else(none)
}

/// Reads the project and all its manifests. Warnings stop nothing, and are counted on stderr.
pub(crate) fn load(context: &Context<'_>) -> Result<(Project, Roster), CommandError> {
    let mut sources = Sources::default();
    let project = load_project(context.dir, &mut sources)?;
    let manifests = read_project(context.dir, &project.manifests, &mut sources);
    let wanted = project.manifests.join(", ");
    let checked = check(context, Some(&project), manifests, &mut sources, &wanted);
    let (_, warnings) = tally(&checked.findings);
    match checked
        .declared
        .map(|declared| declared.into_roster(&sources))
    {
        Some(roster) => {
            info!("declared users: {}", roster.users().len());
            if warnings > 0 {
                let warnings = count(warnings, "warning", "warnings");
                context.ui.say(&format!(
                    "note: {warnings} on the manifests; `rosterctl validate` shows what"
                ));
            }
            Ok((project, roster))
        }
        None => Err(CommandError::Invalid {
            findings: checked.findings,
            sources,
        }),
    }
}

/// The roster of these files and every finding. `wanted` is where users were looked for.
pub(crate) fn check(
    context: &Context<'_>,
    project: Option<&Project>,
    manifests: Manifests,
    sources: &mut Sources,
    wanted: &str,
) -> Checked {
    let root = context.dir;
    check_with(
        today(context.clock),
        project,
        manifests,
        sources,
        wanted,
        &|manifest, name| {
            let root = if is_below(root, manifest) {
                root
            } else {
                manifest.parent().unwrap_or(root)
            };
            read_beside(root, manifest, name)
        },
    )
}

/// The same of manifests that are drafted, and of the one CSV that they name.
pub(crate) fn check_drafted(
    context: &Context<'_>,
    project: &Project,
    manifests: Manifests,
    sources: &mut Sources,
    csv: &[u8],
) -> Checked {
    check_with(
        today(context.clock),
        Some(project),
        manifests,
        sources,
        "users",
        &|_, _| Ok(Some(csv.to_vec())),
    )
}

/// Reads what a manifest names: the path of the manifest, and the name from its folder.
type ReadBeside<'r> = &'r dyn Fn(&Path, &str) -> Result<Option<Vec<u8>>, Unreadable>;

fn check_with(
    today: Date,
    project: Option<&Project>,
    manifests: Manifests,
    sources: &mut Sources,
    wanted: &str,
    read_beside: ReadBeside<'_>,
) -> Checked {
    let Manifests { files, findings } = manifests;
    let texts: Vec<_> = files
        .iter()
        .map(|(file, _)| (*file, Arc::clone(&sources.file(*file).text)))
        .collect();
    let read = texts
        .par_iter()
        .map(|(file, text)| match manifest::parse(*file, text) {
            (documents, findings) if documents.is_empty() && findings.is_empty() => {
                (documents, vec![empty(*file)])
            }
            read => read,
        });
    let defaults = project.and_then(|project| project.defaults.as_ref());
    let none = Severities::default();
    let severities = project.map_or(&none, |project| &project.severities);
    let setting = |unmanaged| RuleContext {
        structure: &USERS,
        today,
        severities,
        unmanaged,
    };
    let checked = if texts.iter().any(|(_, text)| manifest::may_name_csv(text)) {
        let JoinedDocuments {
            documents,
            findings,
            unmanaged,
        } = joined(
            (read.collect(), findings),
            files,
            defaults,
            sources,
            read_beside,
        );
        let alone = documents
            .into_par_iter()
            .map(|document| (vec![document], Vec::new()));
        validate::check(alone, findings, &setting(&unmanaged))
    } else {
        // Nobody needs a second look at a document, so that none is kept.
        let whole = read
            .map(|(documents, findings)| (manifest::with_defaults(documents, defaults), findings));
        validate::check(whole, findings, &setting(&BTreeSet::new()))
    };
    match checked.declared {
        Some(declared) if declared.is_empty() => {
            let mut findings = checked.findings;
            findings.push(nobody(sources.add(wanted, String::new())));
            Checked {
                findings,
                declared: None,
            }
        }
        _ => checked,
    }
}

/// The documents with what their CSVs hold, and all that is found on the way.
fn joined<'t>(
    (read, mut findings): (Vec<ReadDocuments<'t>>, Vec<Finding>),
    files: Vec<(FileId, PathBuf)>,
    defaults: Option<&Node<'t>>,
    sources: &mut Sources,
    read_beside: ReadBeside<'_>,
) -> JoinedDocuments<'t> {
    let mut documents = Vec::new();
    for (of_file, found) in read {
        documents.extend(of_file);
        findings.extend(found);
    }
    let paths: HashMap<FileId, PathBuf> = files.into_iter().collect();
    let mut room = MOST_CSV;
    let read = |need: CsvSource| {
        let manifest = paths
            .get(&need.path.span.file)
            .map_or(Path::new(""), PathBuf::as_path);
        let bytes = read_beside(manifest, &need.path.value);
        with_table(need, bytes, sources, &mut room, &mut findings)
    };
    let tables: Vec<_> = manifest::csv_sources(&documents)
        .into_iter()
        .map(read)
        .collect();
    let joined = manifest::join(manifest::with_defaults(documents, defaults), tables);
    findings.extend(joined.findings);
    JoinedDocuments { findings, ..joined }
}

/// The most bytes of CSV that one run reads.
const MOST_CSV: usize = 64 << 20;

/// Whether a manifest lies in the project. One that was named on the command line may lie elsewhere, and is a root of its own.
fn is_below(root: &Path, manifest: &Path) -> bool {
    match (manifest.canonicalize(), root.canonicalize()) {
        (Ok(manifest), Ok(root)) => manifest.starts_with(root),
        _ => false,
    }
}

/// The table that a manifest needs; a finding if it can't be read.
fn with_table(
    need: CsvSource,
    bytes: Result<Option<Vec<u8>>, Unreadable>,
    sources: &mut Sources,
    room: &mut usize,
    findings: &mut Vec<Finding>,
) -> (CsvSource, Option<CsvTable>) {
    let read = match bytes {
        Ok(None) if need.is_optional => return (need, None),
        Ok(None) => Err(Unreadable::new(
            "isn't there",
            "mend `path`, which counts from this file's folder",
        )),
        Ok(Some(bytes)) if bytes.len() > *room => Err(Unreadable::new(
            "is too much: more than 64 MiB of CSV in all",
            "name each CSV once, or split the project",
        )),
        Ok(Some(bytes)) => {
            *room -= bytes.len();
            let name = name_beside(&sources.file(need.path.span.file).name, &need.path.value);
            manifest::decode(bytes, need.encoding, need.settings)
                .map(|text| sources.add(name, text))
        }
        Err(error) => Err(error),
    };
    match read {
        Ok(file) => {
            let mut table = manifest::table(file, &sources.file(file).text, &need);
            sources.set_grid(file, std::mem::take(&mut table.grid));
            (need, Some(table))
        }
        Err(Unreadable { why, help }) => {
            let message = format!("the CSV {why}");
            findings.push(Finding::new(
                &unreadable_file::RULE,
                need.path.span,
                message,
                help,
            ));
            (need, None)
        }
    }
}

/// What the defaults and overlays of a project give its users, as far as its files say so: for the schema that editors use.
pub(crate) fn given(context: &Context<'_>, project: &Project) -> ProjectDefaults {
    let mut sources = Sources::default();
    let files = read_project(context.dir, &project.manifests, &mut sources).files;
    let documents = files
        .iter()
        .flat_map(|(file, _)| manifest::parse(*file, &sources.file(*file).text).0);
    let documents: Vec<_> = documents.collect();
    let mut given = project.given();
    given.keys.extend(
        manifest::csv_sources(&documents)
            .iter()
            .flat_map(CsvSource::overlaid),
    );
    given
}

/// What a change to the manifests edits: the roster compared with that of the commit that it stems from.
pub(crate) struct BaseChanges {
    pub(crate) scope: Scope,
    /// The policy of that commit, if `rosterctl.yaml` could be read there.
    pub(crate) policy: Option<Policy>,
    pub(crate) commit: String,
}

/// What a roster is compared with, and what of it is planned.
pub(crate) struct BaseScope {
    pub(crate) since: BaseCommit,
    pub(crate) changed: ChangedUsers,
}

pub(crate) enum BaseCommit {
    /// The commit that this reference and HEAD stem from.
    MergeBase(String),
    Commit(String),
}

/// Compares the roster with the base of a reference. Where the base doesn't validate, everybody counts as edited.
pub(crate) fn since(
    context: &Context<'_>,
    project: &Project,
    roster: &Roster,
    base: &BaseScope,
) -> Result<BaseChanges, CommandError> {
    let revision = match &base.since {
        BaseCommit::MergeBase(reference) => Revision::merge_base(context.dir, reference)?,
        BaseCommit::Commit(commit) => Revision::at(context.dir, commit)?,
    };
    let mut sources = Sources::default();
    let former = base_project(&revision, &mut sources)?;
    let of_base = former.as_ref().unwrap_or(project);
    let manifests = revision.read_project(&of_base.manifests, &mut sources)?;
    // What isn't in git is the same before and after the change.
    let checked = check_with(
        today(context.clock),
        Some(of_base),
        manifests,
        &mut sources,
        "",
        &|manifest, name| {
            let below = manifest.strip_prefix(context.dir).unwrap_or(manifest);
            let name = name_beside(&below.to_string_lossy().replace('\\', "/"), name);
            match revision.bytes(&name) {
                Ok(Some(bytes)) => Ok(Some(bytes)),
                // From the root: the folder of a manifest that has moved since isn't there any more.
                Ok(None) => read_beside(context.dir, &context.dir.join(PROJECT_FILE), &name),
                Err(_) => Err(Unreadable::new(
                    "can't be read by git",
                    "look at the repository",
                )),
            }
        },
    );
    let former_roster = checked
        .declared
        .map(|declared| declared.into_roster(&sources));
    if former_roster.is_none() {
        let commit = revision.commit().get(..12).unwrap_or_default();
        context.ui.say(&format!(
            "note: the manifests of {commit} aren't valid, so that everybody counts as changed"
        ));
    }
    let scope = Scope::since(
        roster,
        former_roster.as_ref(),
        base.changed == ChangedUsers::Alone,
    );
    Ok(BaseChanges {
        scope,
        policy: former.map(|former| former.policy),
        commit: revision.commit().to_owned(),
    })
}

/// Whether users that a change doesn't edit are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangedUsers {
    WithTheRest,
    Alone,
}

/// `rosterctl.yaml` of a revision, if it is there and valid.
fn base_project(
    revision: &Revision,
    sources: &mut Sources,
) -> Result<Option<Project>, CommandError> {
    let text = revision
        .bytes(PROJECT_FILE)?
        .and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text.and_then(|text| {
        let file = sources.add(PROJECT_FILE, text);
        project(file, &sources.file(file).text).ok()
    }))
}

/// The day that it is where the learners are.
fn today(clock: Clock) -> Date {
    let london = london::zone();
    clock.now().to_zoned_datetime(london).date()
}

fn empty(file: FileId) -> Finding {
    let help = "delete it, or write `users:` and below it a list";
    Finding::new(
        &empty_file::RULE,
        Span::new(file, 0, 0),
        "a manifest that holds nothing",
        help,
    )
}

fn nobody(place: FileId) -> Finding {
    let help = "manifests are *.yaml and *.yml files with `users:` in them";
    Finding::new(
        &no_users::RULE,
        Span::new(place, 0, 0),
        "no users are declared",
        help,
    )
}

fn shown_dir(dir: &Path) -> String {
    if dir == Path::new(".") {
        "this folder".to_owned()
    } else {
        dir.display().to_string()
    }
}
