//! `export`: live accounts as manifests, checked and compared before a file is written.

use crate::cli::{self, RevealClass};
use crate::client::lacking_any;
use crate::commands::draft::{Place, valid};
use crate::commands::loaded::load_project;
use crate::commands::{Context, Done, live};
use crate::exit::Exit;
use crate::export::{By, Choice, export};
use crate::field::Class;
use crate::model::Scope;
use crate::plan::plan;
use crate::source::Sources;
use crate::view;

pub(crate) async fn run(context: &Context<'_>, args: &cli::Export) -> Done {
    let project = load_project(context.dir, &mut Sources::default())?;
    let snapshot = live::read(context, &args.server, &project, lacking_any).await?;
    let reveals = matches!(args.reveal, Some(RevealClass::Special)) && !context.environment.ci;
    let by = if args.by == cli::By::Classroom { By::Classroom } else { By::Role };
    let highest = if reveals { Class::Special } else { Class::Personal };
    let mut draft = export(&snapshot, Choice { by, highest });
    if draft.files.is_empty() {
        context.ui.print("There is no account to export.\n")?;
        return Ok(Exit::Done);
    }
    let roster = valid(context, &project, &mut draft)?;
    let place = Place { folder: args.folder.as_deref(), force: args.force };
    place.check(context, &project, &draft, &[])?;
    place.write(context, &draft)?;
    let compared = plan(&roster, &snapshot, &project.policy, &Scope::whole());
    context.ui.print(&view::exported(&draft, &place.folder(context).display().to_string(), &compared))?;
    context.ui.hint("\nThese files hold personal data: keep the repository private. `rosterctl plan` compares them.");
    Ok(Exit::Done)
}
