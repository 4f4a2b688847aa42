//! `explain`: a field, a role or a finding's code, in words.

use crate::cli::ExplainArgs;
use crate::commands::failure::CommandError;
use crate::commands::{CommandResult, Context};
use crate::exit::Exit;
use crate::view;

pub(crate) fn run(context: &Context<'_>, args: &ExplainArgs) -> CommandResult {
    let Some(word) = &args.word else {
        context.ui.print(&view::everything())?;
        return Ok(Exit::Done);
    };
    let explained = view::explanation(word).map_err(|near| {
        let help = near.map_or_else(
            || "`rosterctl explain` lists the fields, roles and codes".to_owned(),
            |near| format!("is `{near}` meant?"),
        );
        CommandError::Misused(format!("nothing is called `{word}`; {help}"))
    })?;
    context.ui.print(&explained)?;
    Ok(Exit::Done)
}
