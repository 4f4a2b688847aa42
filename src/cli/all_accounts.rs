//! Reads the live accounts that a command needs.

use std::collections::BTreeSet;

use crate::apply::journal::JournalScope;
use crate::cli::args::ServerArgs;
use crate::cli::connection::Connection;
use crate::cli::connection::pace;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::known_users;
use crate::domain::role::Role;
use crate::domain::{AccountId, Organisation, Snapshot};
use crate::onefile::{Pace, fetch_lists, look_closer};
use crate::project::settings::{ChosenServer, Project, choose};
use crate::render;

/// Reads the lists of all roles, and the full details of the wanted accounts. Refuses an incomplete snapshot, because
/// missing accounts would look as if they didn't exist.
pub(crate) async fn read(
    context: &Context<'_>,
    args: &ServerArgs,
    project: &Project,
    wanted: impl FnOnce(&Snapshot) -> BTreeSet<AccountId>,
) -> Result<Snapshot, CommandError> {
    let server = choose(
        &args.into(),
        &context.environment,
        project.target.as_deref(),
    )?;
    let pace = pace(args, Some(project), &server);
    let session = Connection::open(context, &server, pace).await?;
    let client = &session.client;
    let reading = fetch_lists(client, project.organisation);
    let mut snapshot = context
        .ui
        .reading(context.clock, "Reading the lists", client, reading)
        .await?;
    context.ui.say(&format!(
        "{}\n",
        render::place(&snapshot.organisation, &session.server)
    ));
    refuse_unless_whole(&snapshot)?;
    let wanted = wanted(&snapshot);
    let looking = look_closer(client, wanted, &mut snapshot);
    context
        .ui
        .reading(context.clock, "Reading the accounts", client, looking)
        .await?;
    session.close().await;
    let place = JournalScope {
        target: server.identity(),
        organisation: project.organisation,
    };
    known_users::keep_reading(context, &place, &snapshot).await;
    refuse_unless_whole(&snapshot)?;
    Ok(snapshot)
}

/// Lists the organisations that the token can see, and prints them.
pub(crate) async fn organisations(
    context: &Context<'_>,
    server: ChosenServer,
) -> Result<Vec<Organisation>, CommandError> {
    let session = Connection::open(context, &server, Pace::default()).await?;
    let seen = session.client.organisations().await;
    session.close().await;
    let seen = seen?;
    let line = |one: &Organisation| format!("\n  {}  {}", one.id, render::shown(&one.name));
    context.ui.say(&format!(
        "This token sees:{}",
        seen.iter().map(line).collect::<String>()
    ));
    Ok(seen)
}

fn refuse_unless_whole(snapshot: &Snapshot) -> Result<(), CommandError> {
    let odd = snapshot.unreadable.len() + snapshot.unlisted.len();
    if odd == 0 && Role::all().all(|role| snapshot.whole.contains(&role)) {
        return Ok(());
    }
    let words = "Nothing was written.\nThe lists of accounts couldn't be read to their ends, or contradict what accounts show; run this again.";
    Err(CommandError::Refused(words.to_owned()))
}
