//! `schema`: prints the JSON schemas of manifests, `rosterctl.yaml`, plans and events.

use serde_json::Value;

use crate::cli::args::{SchemaArgs, SchemaName};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::manifest::schema::{ProjectDefaults, add_examples, pretty, project, users};
use crate::project::atomic_write::write_in_new_folder;
use crate::project::known_names::known_names;
use crate::render::{events_schema, plan_schema};

pub(crate) fn run(context: &Context<'_>, args: &SchemaArgs) -> CommandResult {
    let schema = match args.name {
        SchemaName::Users => {
            let folder = context.project_folder();
            let defaults = match folder.find_settings()? {
                Some(project) => folder.defaults(&project),
                None => ProjectDefaults::default(),
            };
            let mut schema = users(&defaults);
            if args.directory {
                offer_names(context, &mut schema)?;
            }
            schema
        }
        _ if args.directory => {
            let words = "`--directory` belongs to `rosterctl schema users`";
            return Err(CommandError::Misused(words.to_owned()));
        }
        SchemaName::Project => project(),
        SchemaName::Plan => plan_schema(),
        SchemaName::Events => events_schema(),
    };
    match &args.out {
        Some(path) => write_in_new_folder(path, &pretty(&schema))?,
        None => context.ui.print(&pretty(&schema))?,
    }
    Ok(Exit::Done)
}

/// Lets editors offer the names that OneFile has.
fn offer_names(context: &Context<'_>, schema: &mut Value) -> Result<(), CommandError> {
    let project = context.project_folder().settings()?;
    let Some(known) = known_names(context.dir, project.organisation) else {
        let words = "no names are known yet; `rosterctl plan` and `rosterctl export` keep them in .rosterctl/directory.json, but not in CI";
        return Err(CommandError::Misused(words.to_owned()));
    };
    add_examples(schema, |referent| known.of_referent(referent));
    let age = known.age(context.clock.now());
    context
        .ui
        .say(&format!("note: these names were read {age}"));
    Ok(())
}
