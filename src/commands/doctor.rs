//! `doctor`: what would stop a plan, and what the accounts are like. It only reads, and needs no project.

use crate::cli::{self, DoctorFormat};
use crate::client::{ClientError, Pace, fetch_all, fetch_lists, in_words};
use crate::commands::failure::Failure;
use crate::commands::loaded::find_project;
use crate::commands::plan::pace;
use crate::commands::session::Session;
use crate::commands::{Context, Done, live};
use crate::doctor::{self, Check, Level, accounts, clock, emails};
use crate::exit::Exit;
use crate::model::{Creates, Id};
use crate::settings::{Server, choose};
use crate::source::Sources;
use crate::view;

pub(crate) async fn run(context: &Context<'_>, args: &cli::Doctor) -> Done {
    let project = find_project(context.dir, &mut Sources::default())?;
    let target = project.as_ref().and_then(|project| project.target.as_deref());
    let server = choose(&(&args.server).into(), &context.environment, target)?;
    let organisation = args.organisation.or(project.as_ref().map(|project| project.organisation));
    let Some(organisation) = organisation else {
        live::organisations(context, server).await?;
        return Err(Failure::Misused(
            "no organisation is named: `--organisation ID`, or rosterctl.yaml in `-C DIR`".to_owned(),
        ));
    };
    let pace = pace(&args.server, project.as_ref(), &server);
    let creates = project.as_ref().map_or(Creates::Allowed, |project| project.policy.creates);
    if args.contract {
        return contract(context, args, server, pace, organisation).await;
    }
    let mut checks = Vec::new();
    let outage = match Session::open(context, server, pace).await {
        Ok(session) => {
            checks.push(Check::ok("server", format!("reached {}", session.server)));
            checks.push(Check::ok("token", "the token is accepted"));
            let outage = examine(context, args, &session, (organisation, creates), &mut checks).await;
            session.close().await;
            outage
        }
        Err(Failure::Client(error)) => failed(&error, &mut checks),
        Err(other) => return Err(other),
    };
    context.ui.print(&match args.format {
        DoctorFormat::Text => view::diagnosis(&checks, context.ui.width),
        DoctorFormat::Json => view::diagnosis_json(&checks),
    })?;
    Ok(match checks.iter().map(|check| check.level).max() {
        _ if outage => Exit::Unreachable,
        Some(Level::Fail) => Exit::Failed,
        _ => Exit::Done,
    })
}

/// Tries what is known of the API.
async fn contract(context: &Context<'_>, args: &cli::Doctor, server: Server, pace: Pace, organisation: Id) -> Done {
    let session = Session::open(context, server, pace).await?;
    let trying = doctor::contract(&session.client, organisation, args.archived, context.clock.now());
    let waits = Some(session.client.waits());
    let facts = context.ui.waiting(context.clock, "Trying", waits, trying).await;
    let heading = format!("rosterctl {}, {}", env!("ROSTERCTL_VERSION"), session.server);
    session.close().await;
    let facts = facts?;
    context.ui.print(&match args.format {
        DoctorFormat::Text => view::contract(&facts, &heading, context.ui.width),
        DoctorFormat::Json => view::contract_json(&facts, &heading),
    })?;
    Ok(Exit::Done)
}

/// Looks at what a session shows. Whether the service went away meanwhile.
async fn examine(
    context: &Context<'_>,
    args: &cli::Doctor,
    session: &Session,
    (organisation, creates): (Id, Creates),
    checks: &mut Vec<Check>,
) -> bool {
    let reading = async {
        if args.whole {
            fetch_all(&session.client, organisation).await
        } else {
            fetch_lists(&session.client, organisation).await
        }
    };
    let waits = Some(session.client.waits());
    let read = context.ui.waiting(context.clock, "Reading the lists", waits, reading).await;
    checks.push(clock(session.client.skew()));
    match read {
        Ok(snapshot) => {
            let name = view::shown(&snapshot.organisation.name);
            checks.push(Check::ok("organisation", format!("organisation {organisation} is {name}")));
            checks.push(emails(&snapshot.organisation, creates));
            checks.extend(accounts(&snapshot, session.client.calls_per_minute()));
            false
        }
        Err(error) => failed(&error, checks),
    }
}

/// Notes what a call has failed at. Whether the service is away.
fn failed(error: &ClientError, checks: &mut Vec<Check>) -> bool {
    let (name, help) = match error {
        ClientError::TokenRefused | ClientError::FreshKeyRefused | ClientError::TokenShared => (
            "token",
            "look at ONEFILE_CUSTOMER_TOKEN (no quotes, no blanks in it) and at the server; else ask OneFile's support for a token of this server",
        ),
        ClientError::NoOrganisation(_) => {
            ("organisation", "`doctor` without `--organisation`, away from a project, lists those that this token sees")
        }
        error if error.is_outage() => ("server", "check the address and the network, or come back after maintenance"),
        ClientError::Status { status: 404, .. } => ("server", "look at the address: OneFile's end in /api/v2.1"),
        _ => ("server", "run this again with `-vv`, and ask OneFile's support"),
    };
    checks.push(Check::fail(name, in_words(error), help));
    error.is_outage()
}
