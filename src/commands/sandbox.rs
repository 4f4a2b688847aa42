//! `sandbox reset`: forgets the data that the sandbox keeps between runs.

use crate::cli::Sandbox;
use crate::commands::loaded::load_project;
use crate::commands::session::{data_dir, io};
use crate::commands::{Context, Done};
use crate::exit::Exit;
use crate::sandbox::Store;
use crate::source::Sources;

pub(crate) fn run(context: &Context<'_>, command: &Sandbox) -> Done {
    match command {
        Sandbox::Reset => reset(context),
    }
}

fn reset(context: &Context<'_>) -> Done {
    load_project(context.dir, &mut Sources::default())?;
    let removed =
        Store::reset(&data_dir(context.dir)?).map_err(|source| io("the sandbox's data can't be removed", source))?;
    let said = if removed {
        "The sandbox is empty; the next run fills it from sandbox.yaml.\n"
    } else {
        "The sandbox was empty.\n"
    };
    context.ui.print(said)?;
    Ok(Exit::Done)
}
