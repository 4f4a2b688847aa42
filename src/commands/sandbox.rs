//! `sandbox reset`: forgets the data that the sandbox keeps between runs.

use crate::cli::Sandbox;
use crate::commands::loaded::load_project;
use crate::commands::session::{SEED_FILE, data_dir};
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
    let removed = Store::reset(&data_dir(context.dir)?)?;
    let refill = if context.dir.join(SEED_FILE).exists() {
        "the next run fills it from sandbox.yaml"
    } else {
        "write a sandbox.yaml to fill it from"
    };
    let was = if removed { "is empty now" } else { "was empty" };
    context.ui.print(&format!("The sandbox {was}; {refill}.\n"))?;
    Ok(Exit::Done)
}
