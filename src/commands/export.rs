//! `export`: live accounts as manifests, checked and compared before a file is written.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::cli::{self, RevealClass};
use crate::client::lacking_any;
use crate::commands::draft::{JOINING, Place, put, valid};
use crate::commands::failure::Failure;
use crate::commands::loaded::load_project;
use crate::commands::session::io;
use crate::commands::{Context, Done, live};
use crate::exit::Exit;
use crate::export::{By, Choice, Draft, Where, export};
use crate::field::Class;
use crate::files::read_own;
use crate::model::Scope;
use crate::plan::plan;
use crate::source::Sources;
use crate::view;

pub(crate) async fn run(context: &Context<'_>, args: &cli::Export) -> Done {
    let project = load_project(context.dir, &mut Sources::default())?;
    let place = Place { folder: args.folder.as_deref(), force: args.force };
    let overlay = args.overlay.as_deref().map(|file| Overlay::of(context, file, &place)).transpose()?;
    let snapshot = live::read(context, &args.server, &project, lacking_any).await?;
    let reveals = matches!(args.reveal, Some(RevealClass::Special)) && !context.environment.ci;
    let by = if args.by == cli::By::Classroom { By::Classroom } else { By::Role };
    let highest = if reveals { Class::Special } else { Class::Personal };
    let personal = if overlay.is_some() { Where::Apart } else { Where::Manifests };
    let mut draft = export(&snapshot, Choice { by, highest, personal });
    if draft.files.is_empty() {
        context.ui.print("There is no account to export.\n")?;
        return Ok(Exit::Done);
    }
    let roster = valid(context, &project, &mut draft)?;
    let overlay = overlay.filter(|_| !draft.apart.is_empty());
    let others = overlay.as_ref().map(Overlay::files).unwrap_or_default();
    place.check(context, &project, &draft, &others)?;
    if let Some(overlay) = &overlay {
        overlay.write(context, &draft)?;
    }
    place.write(context, &draft)?;
    let compared = plan(&roster, &snapshot, &project.policy, &Scope::whole());
    let said = view::exported(&draft, &place.folder(context).display().to_string(), &compared);
    context.ui.print(&view::prose(&said, context.ui.width))?;
    let advice = match &overlay {
        Some(overlay) => format!("{} holds personal data; `.gitignore` names it.", overlay.csv.display()),
        None => "These files hold personal data: keep the repository private.".to_owned(),
    };
    context.ui.hint(&format!("\n{advice} `rosterctl plan` compares them."));
    Ok(Exit::Done)
}

/// A CSV beside the manifests, and how they get to it.
struct Overlay {
    csv: PathBuf,
    manifest: PathBuf,
    /// From the manifest's folder.
    from_manifest: String,
    /// From the project's folder.
    from_project: String,
}

impl Overlay {
    fn of(context: &Context<'_>, csv: &Path, place: &Place<'_>) -> Result<Self, Failure> {
        let folder = place.folder(context);
        let root = plain(context.dir)?;
        let (below, manifests) = (plain(csv)?, plain(&folder)?);
        let (Ok(own), Ok(manifests)) = (below.strip_prefix(&root), manifests.strip_prefix(&root)) else {
            let words = "`--overlay` and the manifests have to lie below the project's folder";
            return Err(Failure::Misused(words.to_owned()));
        };
        let from_project = own.to_string_lossy().replace('\\', "/");
        if from_project.is_empty() {
            return Err(Failure::Misused("`--overlay` names a file, such as private/personal.csv".to_owned()));
        }
        let from_manifest = "../".repeat(manifests.components().count()) + &from_project;
        Ok(Self { csv: csv.to_owned(), manifest: folder.join(JOINING), from_manifest, from_project })
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.csv.clone(), self.manifest.clone()]
    }

    /// Before the CSV is there, git is told to pass over it.
    fn write(&self, context: &Context<'_>, draft: &Draft) -> Result<(), Failure> {
        self.ignore(context)?;
        put(&self.csv, &draft.csv())?;
        put(&self.manifest, &draft.joining(&self.from_manifest))
    }

    fn ignore(&self, context: &Context<'_>) -> Result<(), Failure> {
        let path = context.dir.join(GITIGNORE);
        let text = read_own(context.dir, GITIGNORE).map_err(Failure::Misused)?.unwrap_or_default();
        if text.lines().any(|line| self.is_named_by(line.trim())) {
            return Ok(());
        }
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let more = format!("{text}{gap}/{}\n", self.from_project);
        fs::write(&path, more).map_err(|source| io(&format!("{} can't be written", path.display()), source))
    }

    /// Whether a line is this file, or a folder that it lies in.
    fn is_named_by(&self, line: &str) -> bool {
        let name = line.trim_start_matches('/');
        name == self.from_project || (name.ends_with('/') && name.len() > 1 && self.from_project.starts_with(name))
    }
}

const GITIGNORE: &str = ".gitignore";

/// A path from the root without `.` and `..`, whether it is there or not.
fn plain(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path).map_err(|source| io("the current folder can't be told", source))?;
    Ok(absolute.components().fold(PathBuf::new(), |mut plain, component| {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            component => plain.push(component),
        }
        plain
    }))
}
