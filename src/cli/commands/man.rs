//! `completions`: prints a completion script for a shell. `man`: prints or writes manual pages.

use crate::cli::args::{
    CompletionsArgs, ManualArgs, completion_script, manual_page, write_manual_pages,
};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;

pub(crate) fn completions(context: &Context<'_>, args: &CompletionsArgs) -> CommandResult {
    context.ui.print(&completion_script(args.shell))?;
    Ok(Exit::Done)
}

/// Prints the program's page, or writes a folder with one page for each command.
pub(crate) fn manual(context: &Context<'_>, args: &ManualArgs) -> CommandResult {
    match &args.out {
        None => context.ui.print(&manual_page()?)?,
        Some(folder) => write_manual_pages(folder).map_err(|source| {
            CommandError::io(format!("{} can't be written", folder.display()), source)
        })?,
    }
    Ok(Exit::Done)
}
