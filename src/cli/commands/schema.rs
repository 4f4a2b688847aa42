//! `schema`: prints the JSON schemas of manifests, `rosterctl.yaml`, plans and events.

use crate::cli::args::{SchemaArgs, SchemaName};
use crate::cli::context::{CommandResult, Context};
use crate::cli::exit::Exit;
use crate::manifest::schema::{ProjectDefaults, pretty, project, users};
use crate::render::{events_schema, plan_schema};

pub(crate) fn run(context: &Context<'_>, args: &SchemaArgs) -> CommandResult {
    let schema = match args.name {
        SchemaName::Users => {
            let folder = context.project_folder();
            let defaults = match folder.find_settings()? {
                Some(project) => folder.defaults(&project),
                None => ProjectDefaults::default(),
            };
            users(&defaults)
        }
        SchemaName::Project => project(),
        SchemaName::Plan => plan_schema(),
        SchemaName::Events => events_schema(),
    };
    context.ui.print(&pretty(&schema))?;
    Ok(Exit::Done)
}
