//! `schema`: what editors check manifests with.

use crate::cli::{SchemaArgs, SchemaName};
use crate::commands::loaded::{find_project, given};
use crate::commands::{CommandResult, Context};
use crate::exit::Exit;
use crate::schema::{ProjectDefaults, events, plan, pretty, project, users};
use crate::source::Sources;

pub(crate) fn run(context: &Context<'_>, args: &SchemaArgs) -> CommandResult {
    let schema = match args.name {
        SchemaName::Users => {
            let project = find_project(context.dir, &mut Sources::default())?;
            users(
                &project.map_or_else(ProjectDefaults::default, |project| given(context, &project)),
            )
        }
        SchemaName::Project => project(),
        SchemaName::Plan => plan(),
        SchemaName::Events => events(),
    };
    context.ui.print(&pretty(&schema))?;
    Ok(Exit::Done)
}
