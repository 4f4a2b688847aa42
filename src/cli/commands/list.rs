//! `list`: what exists in OneFile that manifests can refer to. Only reads.

use crate::cli::args::ListArgs;
use crate::cli::connection::{Connection, pace};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::Snapshot;
use crate::domain::redact::Reveal;
use crate::domain::role::Role;
use crate::onboarding::listing::Listing;
use crate::onefile::fetch_part;
use crate::project::settings::choose;
use crate::render;

pub(crate) async fn run(context: &Context<'_>, args: &ListArgs) -> CommandResult {
    let listing = Listing::from(args.what);
    let (snapshot, place) = read(context, args, listing).await?;
    let entries = listing.entries(&snapshot);
    let reveal = context.ui.reveal;
    let text = if args.csv {
        render::listing_csv(listing, &entries, reveal)
    } else {
        render::listing(listing, &entries, &place, reveal)
    };
    context.ui.print(&text)?;
    if listing.is_of_people() && reveal == Reveal::Public {
        context
            .ui
            .say("note: names of people are shown on a terminal only");
    }
    let mut shifting = listing
        .roles()
        .iter()
        .filter(|role| !snapshot.whole.contains(role));
    if let Some(role) = shifting.next() {
        context.ui.say(&unsteady(*role));
    }
    Ok(Exit::Done)
}

fn unsteady(role: Role) -> String {
    let words = role.row().words;
    format!(
        "note: the list of {words}s changed while it was read, so somebody may be missing; run this again"
    )
}

/// The lists that are needed, and the names of the organisation and the server.
async fn read(
    context: &Context<'_>,
    args: &ListArgs,
    listing: Listing,
) -> Result<(Snapshot, String), CommandError> {
    let project = context.project_folder().settings()?;
    let server = choose(
        &(&args.server).into(),
        &context.environment,
        project.target.as_deref(),
    )?;
    let pace = pace(&args.server, Some(&project), &server);
    let session = Connection::open(context, &server, pace).await?;
    let client = &session.client;
    let referents = listing.referents();
    let reading = fetch_part(client, project.organisation, &referents, listing.roles());
    let snapshot = context
        .ui
        .reading(context.clock, "Reading the list", client, reading)
        .await?;
    let place = render::place(&snapshot.organisation, &session.server);
    session.close().await;
    Ok((snapshot, place))
}
