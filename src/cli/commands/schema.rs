//! `schema`: what editors check manifests with.

use crate::cli::args::{SchemaArgs, SchemaName};
use crate::cli::commands::load_project::{find_project, given};
use crate::cli::commands::{CommandResult, Context};
use crate::cli::exit::Exit;
use crate::findings::source::Sources;
use crate::manifest::schema::{ProjectDefaults, pretty, project, users};
use crate::render::{events_schema, plan_schema};

pub(crate) fn run(context: &Context<'_>, args: &SchemaArgs) -> CommandResult {
    let schema = match args.name {
        SchemaName::Users => {
            let project = find_project(context.dir, &mut Sources::default())?;
            users(
                &project.map_or_else(ProjectDefaults::default, |project| given(context, &project)),
            )
        }
        SchemaName::Project => project(),
        SchemaName::Plan => plan_schema(),
        SchemaName::Events => events_schema(),
    };
    context.ui.print(&pretty(&schema))?;
    Ok(Exit::Done)
}
