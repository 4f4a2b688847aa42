//! `explain`: describes a field, a role, the code of a finding, or why a user is on hold.

use crate::cli::args::ExplainArgs;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &ExplainArgs) -> CommandResult {
    let Some(word) = &args.word else {
        context.ui.print(&render::everything())?;
        return Ok(Exit::Done);
    };
    let explained = render::explanation(word).map_err(|near| {
        let help = near.map_or_else(
            || "`rosterctl explain` lists the words".to_owned(),
            |near| format!("is `{near}` meant?"),
        );
        CommandError::Misused(format!("nothing is called `{word}`; {help}"))
    })?;
    context.ui.print(&explained)?;
    Ok(Exit::Done)
}
