//! Reads the live accounts that a command needs.

use std::collections::BTreeSet;

use crate::apply::journal::JournalScope;
use crate::cli::args::ServerArgs;
use crate::cli::connection::Connection;
use crate::cli::connection::pace;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::known_users;
use crate::domain::field::Referent;
use crate::domain::role::Role;
use crate::domain::{AccountId, EntryKind, Organisation, Snapshot};
use crate::onefile::{Client, MoreLists, Pace, fetch_all_standards, fetch_lists, look_closer};
use crate::project::settings::{ChosenServer, Project, choose};
use crate::render;

/// What a command reads besides accounts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MoreToRead {
    pub(crate) standards: LearnerStandards,
    /// The kinds that get a manifest of their own.
    pub(crate) entries: &'static [EntryKind],
}

/// Whether the standards of learners are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LearnerStandards {
    Read,
    #[default]
    LeftOut,
}

impl MoreToRead {
    fn lists(self) -> MoreLists {
        let referents: &[Referent] = match self.standards {
            LearnerStandards::Read => &[Referent::Standard],
            LearnerStandards::LeftOut => &[],
        };
        MoreLists {
            referents,
            entries: self.entries,
        }
    }
}

/// Reads the lists of all roles, and the full details of the wanted accounts. Refuses an incomplete snapshot, because
/// missing accounts would look as if they didn't exist.
pub(crate) async fn read(
    context: &Context<'_>,
    (args, project): (&ServerArgs, &Project),
    more: MoreToRead,
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
    let reading = fetch_lists(client, project.organisation, more.lists());
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
    if more.standards == LearnerStandards::Read {
        read_standards(context, client, &mut snapshot).await?;
    }
    session.close().await;
    let place = JournalScope {
        target: server.identity(),
        organisation: project.organisation,
    };
    known_users::keep_reading(context, &place, &snapshot).await;
    known_users::keep_names_for_editors(context, project, (&server, &snapshot));
    refuse_unless_whole(&snapshot)?;
    Ok(snapshot)
}

async fn read_standards(
    context: &Context<'_>,
    client: &Client,
    snapshot: &mut Snapshot,
) -> Result<(), CommandError> {
    let learners = snapshot.accounts();
    let number = learners
        .filter(|account| account.role == Role::Learner)
        .count();
    context.ui.say(&format!(
        "Reading the standards of {}: up to {}.",
        render::count(number, "learner", "learners"),
        render::count(number, "request", "requests")
    ));
    let reading = fetch_all_standards(client, snapshot);
    let title = "Reading the standards";
    Ok(context
        .ui
        .reading(context.clock, title, client, reading)
        .await?)
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
