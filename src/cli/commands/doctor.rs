//! `doctor`: shows what would stop a plan, and the state of the accounts. It only reads, and needs no project.

use std::collections::BTreeSet;

use crate::apply::journal::JournalScope;
use crate::apply::ledger::Ledger;
use crate::cli::args::{self, DoctorFormat};
use crate::cli::connection::Connection;
use crate::cli::connection::pace;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::{CommandError, advice};
use crate::cli::exit::Exit;
use crate::cli::known_users::keep_reading;
use crate::cli::readings;
use crate::domain::london::day_at;
use crate::domain::{AccountId, Creates, Organisation, OrganisationId, Snapshot};
use crate::onboarding::doctor::{
    self, Check, CheckLevel, Diagnosis, ReadingsState, accounts, clock, emails, known_accounts,
    program_age, sealing_key,
};
use crate::onefile::{ClientError, in_words, lacking_any, look_closer, survey};
use crate::project::journal_folder::journal_folder;
use crate::project::settings::choose;
use crate::render;

pub(crate) async fn run(context: &Context<'_>, args: &args::DoctorArgs) -> CommandResult {
    let project = context.project_folder().find_settings()?;
    let target = project
        .as_ref()
        .and_then(|project| project.target.as_deref());
    let server = choose(&(&args.server).into(), &context.environment, target)?;
    let named = args
        .organisation
        .map(OrganisationId::new)
        .or(project.as_ref().map(|project| project.organisation));
    let pace = pace(&args.server, project.as_ref(), &server);
    let creates = project
        .as_ref()
        .map_or(Creates::Allowed, |project| project.policy.creates);
    // What other organisations have is no concern of this project.
    let place = project.as_ref().map(|project| JournalScope {
        target: server.identity(),
        organisation: project.organisation,
    });
    let place = place.filter(|place| named == Some(place.organisation));
    let mut diagnosis = Diagnosis {
        checks: Vec::new(),
        readings: place
            .as_ref()
            .and_then(|place| readings::state(context, &server, place)),
    };
    let checks = &mut diagnosis.checks;
    let today = day_at(context.clock.now());
    checks.extend(program_age(env!("ROSTERCTL_DAY"), today));
    if let Some(project) = &project {
        let now = context.clock.now();
        checks.extend(sealing_key(
            &project.recipients,
            context.keyring.keys(),
            now,
        ));
    }
    let session = match Connection::open(context, &server, pace).await {
        Ok(session) => session,
        Err(CommandError::Client(error)) => {
            let exit = failed(&error, checks);
            return told(context, args, &diagnosis, exit);
        }
        Err(other) => return Err(other),
    };
    checks.push(Check::ok("server", format!("reached {}", session.server)));
    checks.push(Check::ok("token", "the token is accepted"));
    let organisation = match named {
        Some(organisation) => Ok(organisation),
        None => sole_organisation(context, &session, checks).await,
    };
    let done = match organisation {
        Ok(organisation) if args.contract => contract(context, args, &session, organisation).await,
        Ok(organisation) => {
            let exit = examine(
                context,
                args,
                &session,
                (organisation, creates, place.as_ref()),
                &mut diagnosis,
            )
            .await;
            told(context, args, &diagnosis, exit)
        }
        Err(exit) => told(context, args, &diagnosis, exit),
    };
    session.close().await;
    done
}

/// Prints the checks. Returns `exit`, or `Failed` if a check failed.
fn told(
    context: &Context<'_>,
    args: &args::DoctorArgs,
    diagnosis: &Diagnosis,
    exit: Exit,
) -> CommandResult {
    context.ui.print(&match args.format {
        DoctorFormat::Text => render::diagnosis(diagnosis, context.ui.width),
        DoctorFormat::Json => render::diagnosis_json(diagnosis),
    })?;
    let has_failed = diagnosis
        .checks
        .iter()
        .any(|check| check.level == CheckLevel::Fail);
    Ok(if exit == Exit::Done && has_failed {
        Exit::Failed
    } else {
        exit
    })
}

/// The only organisation that the token can see, for a run without `--organisation` or a project. Fails if there are several
/// or none.
async fn sole_organisation(
    context: &Context<'_>,
    session: &Connection,
    checks: &mut Vec<Check>,
) -> Result<OrganisationId, Exit> {
    let seen = session
        .client
        .organisations()
        .await
        .map_err(|error| match error {
            error if error.is_about_call() => {
                let says = format!(
                    "which organisations this token sees can't be read: {}",
                    in_words(&error)
                );
                let help = "name one with `--organisation ID`; OneFile's support knows its number";
                checks.push(Check::fail("organisation", says, help));
                Exit::Failed
            }
            error => failed(&error, checks),
        })?;
    if let [one] = seen.as_slice() {
        let name = render::shown(&one.name);
        context.ui.say(&format!(
            "note: organisation {} ({name}) is the only one that this token sees",
            one.id
        ));
        return Ok(one.id);
    }
    let name = |one: &Organisation| format!("{} ({})", one.id, render::shown(&one.name));
    let names = if seen.is_empty() {
        "none".to_owned()
    } else {
        seen.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let says = format!("no organisation is named; this token sees {names}");
    checks.push(Check::fail(
        "organisation",
        says,
        "`--organisation ID`, or rosterctl.yaml in `-C DIR`",
    ));
    Err(Exit::Usage)
}

/// Tests the known facts of the API against the server.
async fn contract(
    context: &Context<'_>,
    args: &args::DoctorArgs,
    session: &Connection,
    organisation: OrganisationId,
) -> CommandResult {
    let trying = doctor::contract(
        &session.client,
        organisation,
        args.archived.map(AccountId::new),
        context.clock.now(),
    );
    let waits = Some(session.client.waits());
    let doctor::Contract { facts, is_away } = context
        .ui
        .waiting(context.clock, "Trying", waits, trying)
        .await;
    let heading = format!(
        "rosterctl {}, {}",
        env!("ROSTERCTL_VERSION"),
        session.server
    );
    context.ui.print(&match args.format {
        DoctorFormat::Text => render::contract(&facts, &heading, context.ui.width),
        DoctorFormat::Json => render::contract_json(&facts, &heading),
    })?;
    Ok(if is_away {
        Exit::Unreachable
    } else {
        Exit::Done
    })
}

/// Checks the clock, the organisation and its accounts. If reading single accounts fails, the lists are still checked.
async fn examine(
    context: &Context<'_>,
    args: &args::DoctorArgs,
    session: &Connection,
    (organisation, creates, place): (OrganisationId, Creates, Option<&JournalScope>),
    diagnosis: &mut Diagnosis,
) -> Exit {
    let Diagnosis { checks, readings } = diagnosis;
    let client = &session.client;
    let settings = client.organisation(organisation).await;
    checks.push(clock(client.skew()));
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return failed(&error, checks),
    };
    checks.push(Check::ok(
        "organisation",
        format!(
            "organisation {organisation} is {}",
            render::shown(&settings.name)
        ),
    ));
    checks.push(emails(&settings, creates, session.service()));
    let reading = context.ui.reading(
        context.clock,
        "Reading the lists",
        client,
        survey(client, settings),
    );
    let mut snapshot = match reading.await {
        Ok(snapshot) => snapshot,
        Err(error) => return failed(&error, checks),
    };
    if let Some(place) = place {
        take_to_ledger(context, place, &snapshot, checks).await;
    }
    checks.extend(readings.as_ref().map(ReadingsState::check));
    let wanted = if args.whole {
        lacking_any(&snapshot)
    } else {
        BTreeSet::new()
    };
    let looking = look_closer(client, wanted, &mut snapshot);
    let looked = context
        .ui
        .reading(context.clock, "Reading the accounts", client, looking)
        .await;
    let exit = looked
        .err()
        .map_or(Exit::Done, |error| failed(&error, checks));
    checks.extend(accounts(&snapshot, client.calls_per_minute()));
    exit
}

/// Counts what the ledger knows and no list shows, and then adds the reading. A ledger that can't be read stops every plan.
async fn take_to_ledger(
    context: &Context<'_>,
    place: &JournalScope,
    snapshot: &Snapshot,
    checks: &mut Vec<Check>,
) {
    match Ledger::read(&journal_folder(context.dir, None)) {
        Ok(ledger) => {
            checks.extend(known_accounts(&ledger.known(place), snapshot));
            keep_reading(context, place, snapshot).await;
        }
        Err(error) => checks.push(Check::fail(
            "ledger",
            render::shown(&in_words(&error)),
            "`plan` and `apply` stop until the ledger can be read",
        )),
    }
}

/// Adds a check for a failed request, and returns the exit code.
fn failed(error: &ClientError, checks: &mut Vec<Check>) -> Exit {
    let (name, help) = match error {
        ClientError::TokenRefused | ClientError::FreshKeyRefused | ClientError::TokenShared => (
            "token",
            "look at ONEFILE_CUSTOMER_TOKEN (no quotes, no blanks in it) and at the server; else ask OneFile's support for a token of this server",
        ),
        ClientError::NoOrganisation(_) => (
            "organisation",
            "`doctor` without `--organisation`, away from a project, lists those that this token sees",
        ),
        ClientError::NoId { .. } => (
            "lists",
            "send this line to OneFile's support; running this again won't help",
        ),
        error => (
            "server",
            advice(error).unwrap_or("run this again with `-vv`, and ask OneFile's support"),
        ),
    };
    checks.push(Check::fail(name, in_words(error), help));
    if error.is_outage() {
        Exit::Unreachable
    } else {
        Exit::Failed
    }
}
