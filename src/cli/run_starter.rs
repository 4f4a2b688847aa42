//! Who runs a command, for the journal.

use crate::apply::journal::RunStarter;
use crate::cli::context::Context;
use crate::project::files::committer;

/// Who runs this: in CI the login that the forge gives, elsewhere the name that git has. Nothing else about the person.
pub(crate) fn starter(context: &Context<'_>) -> RunStarter {
    let login = context.environment.ci_login.clone();
    let is_ci = context.environment.ci || login.is_some();
    let person = if is_ci { None } else { committer(context.dir) };
    RunStarter {
        login: login.as_deref().map(in_short),
        person: person.as_deref().map(in_short),
    }
}

/// A name is a few words; what is longer would only fill the journal.
fn in_short(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

const LONGEST_NAME: usize = 100;
