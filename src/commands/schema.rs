//! `schema`: what editors check manifests with.

use crate::cli::{Schema, SchemaName};
use crate::commands::{Context, Done};
use crate::exit::Exit;
use crate::schema::{pretty, project, users};

pub(crate) fn run(context: &Context<'_>, args: &Schema) -> Done {
    let schema = match args.name {
        SchemaName::Users => users(),
        SchemaName::Project => project(),
    };
    context.ui.print(&pretty(&schema))?;
    Ok(Exit::Done)
}
