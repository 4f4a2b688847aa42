//! `find`: where somebody is declared, and which account they have. Only reads.

use crate::cli::args::FindArgs;
use crate::cli::connection::{Connection, pace};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::redact::Reveal;
use crate::domain::role::Role;
use crate::domain::{Selector, Snapshot};
use crate::onefile::{MoreLists, fetch_lists};
use crate::plan::{SearchBy, find};
use crate::project::load::LoadedProject;
use crate::project::settings::{ChosenServer, UsageError, choose};
use crate::render::{self, FoundLength};

pub(crate) async fn run(context: &Context<'_>, args: &FindArgs) -> CommandResult {
    let reveal = context.ui.reveal;
    let by = search_by(args, reveal)?;
    let text = args.words.join(" ");
    let selector = Selector::of(&text).map_err(CommandError::Misused)?;
    let loaded = context.load_project()?;
    let server = server(context, args, &loaded)?;
    let live = match &server {
        Some(server) => Some(lists(context, args, &loaded, server).await?),
        None => None,
    };
    let found = find(&selector, by, &loaded.roster, live.as_ref());
    // A caseload is wanted whole; a name that many have is too short.
    let length = match selector.user() {
        Some(_) => FoundLength::First,
        None => FoundLength::All,
    };
    let text = render::found(&found, selector.written(), length, reveal);
    context.ui.print(&text)?;
    if live.is_none() {
        context.ui.print(FILES_ALONE)?;
    }
    if found.users.is_empty() && by == SearchBy::Keys && selector.user().is_some() {
        context.ui.say(KEYS_ALONE);
    }
    Ok(if found.users.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    })
}

const FILES_ALONE: &str = "Only the files were searched, not OneFile.\n";
const KEYS_ALONE: &str = "note: names and e-mail addresses are searched on a terminal only";

/// What a search may go by. Where everybody may read, a search by name would tell strangers who is here.
fn search_by(args: &FindArgs, reveal: Reveal) -> Result<SearchBy, CommandError> {
    if reveal >= Reveal::Personal {
        return Ok(SearchBy::Anything);
    }
    if args.words.len() > 1 || args.words.iter().any(|word| word.contains('@')) {
        let words = "off a terminal, `find` takes one MIS value, an account number, or a word of `--only` such as `assessor:MISID`; it searches names and e-mail addresses on a terminal only";
        return Err(CommandError::Misused(words.to_owned()));
    }
    Ok(SearchBy::Keys)
}

/// The server to ask; `None` if nobody named one that can be asked.
fn server(
    context: &Context<'_>,
    args: &FindArgs,
    loaded: &LoadedProject,
) -> Result<Option<ChosenServer>, CommandError> {
    if args.offline {
        return Ok(None);
    }
    let flags = (&args.server).into();
    let target = loaded.project.target.as_deref();
    let is_asked_for = args.server.sandbox || args.server.target.is_some();
    match choose(&flags, &context.environment, target) {
        Ok(server) => Ok(Some(server)),
        Err(UsageError::NoServer | UsageError::NoToken(_)) if !is_asked_for => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// All lists of the organisation.
async fn lists(
    context: &Context<'_>,
    args: &FindArgs,
    loaded: &LoadedProject,
    server: &ChosenServer,
) -> Result<Snapshot, CommandError> {
    let pace = pace(&args.server, Some(&loaded.project), server);
    let session = Connection::open(context, server, pace).await?;
    let client = &session.client;
    let reading = fetch_lists(client, loaded.project.organisation, MoreLists::default());
    let snapshot = context
        .ui
        .reading(context.clock, "Reading the lists", client, reading)
        .await?;
    let place = render::place(&snapshot.organisation, &session.server);
    context.ui.say(&format!("{place}\n"));
    session.close().await;
    if Role::all().any(|role| !snapshot.whole.contains(&role)) {
        context.ui.say(UNSTEADY);
    }
    Ok(snapshot)
}

const UNSTEADY: &str = "note: a list of accounts changed while it was read, so somebody may be missing; run this again";
