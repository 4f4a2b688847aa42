//! `plan`: what would be done, and nothing done.

use std::fs;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use crate::cli::{self, BaseArgs, ServerArgs};
use crate::client::fetch;
use crate::commands::failure::Failure;
use crate::commands::loaded::{Ancestor, Base, Changed, load, since};
use crate::commands::session::{Session, io};
use crate::commands::{Context, Done};
use crate::exit::Exit;
use crate::model::{Declared, Policy, Roster, Scope, Snapshot};
use crate::plan::{Plan, explain, plan};
use crate::review::{Allowance, Bound, PlanFile, past_limits};
use crate::sandbox::TOKEN;
use crate::settings::{Server, choose};
use crate::suggest::nearest;
use crate::view;

pub(crate) async fn run(context: &Context<'_>, args: &cli::Plan) -> Done {
    let made = prepare(context, &args.server, base(&args.base))?.read(context).await?;
    if let Some(path) = &args.out {
        write(&made, path)?;
    }
    let Made { session, plan, roster, snapshot, scope, .. } = made;
    session.close().await;
    if let Some(whom) = &args.explain {
        let explanation = explain(&roster, &snapshot, &scope, &plan, whom).ok_or_else(|| nobody(&roster, whom))?;
        context.ui.print(&view::explained(&explanation, context.ui.reveal))?;
        return Ok(exit(args, explanation.is_settled()));
    }
    context.ui.print(&view::plan(&plan, context.ui.reveal))?;
    context.ui.print(&view::objections(&past_limits(&plan, Allowance::default())))?;
    if !plan.operations.is_empty() {
        context.ui.hint("\n`rosterctl apply` makes these changes, after asking.");
    }
    Ok(exit(args, plan.is_settled()))
}

fn exit(args: &cli::Plan, is_settled: bool) -> Exit {
    if args.detailed_exitcode && !is_settled { Exit::Pending } else { Exit::Done }
}

/// All that a plan needs of this machine: the same path for `plan` and `apply`.
pub(crate) fn prepare(context: &Context<'_>, server: &ServerArgs, base: Option<Base>) -> Result<Prepared, Failure> {
    let (project, roster) = load(context)?;
    let server = choose(&server.into(), &context.environment, project.target.as_deref())?;
    let since = base.as_ref().map(|base| since(context, &project, &roster, base)).transpose()?;
    let bound = Bound {
        target: server.identity().to_owned(),
        organisation: project.organisation,
        base: since.as_ref().map(|since| since.commit.clone()),
        only_changed: base.is_some_and(|base| base.changed == Changed::Alone),
    };
    let (scope, former) = since.map_or_else(|| (Scope::whole(), None), |since| (since.scope, since.policy));
    Ok(Prepared { token: token(&server), server, roster, scope, former, bound, policy: project.policy })
}

/// What is to be planned, on which server.
pub(crate) struct Prepared {
    server: Server,
    roster: Roster,
    scope: Scope,
    /// The policy of the base.
    former: Option<Policy>,
    policy: Policy,
    pub(crate) bound: Bound,
    /// What seals a plan for review.
    pub(crate) token: SecretString,
}

impl Prepared {
    /// Reads the accounts and makes the plan.
    pub(crate) async fn read(self, context: &Context<'_>) -> Result<Made, Failure> {
        let Self { server, roster, scope, former, policy, bound, token } = self;
        let session = Session::open(context, server).await?;
        let reading = fetch(&session.client, bound.organisation, &roster, &scope);
        let snapshot = context.ui.waiting(context.clock, "Reading the accounts", reading).await?;
        context.ui.say(&format!("{}\n", view::place(&snapshot.organisation, &session.server)));
        context.ui.print(&former.map(|former| view::policy_edits(&former, &policy)).unwrap_or_default())?;
        let plan = plan(&roster, &snapshot, &policy, &scope);
        Ok(Made { session, plan, roster, snapshot, scope, policy, bound, token })
    }
}

/// A plan, with what it was made of and for, and the session that it was made in.
pub(crate) struct Made {
    pub(crate) session: Session,
    pub(crate) plan: Plan,
    pub(crate) roster: Roster,
    pub(crate) snapshot: Snapshot,
    pub(crate) scope: Scope,
    pub(crate) policy: Policy,
    bound: Bound,
    token: SecretString,
}

/// What the flags compare with.
pub(crate) fn base(args: &BaseArgs) -> Option<Base> {
    let changed = if args.only_changed { Changed::Alone } else { Changed::WithTheRest };
    args.base.clone().map(|reference| Base { since: Ancestor::MergeBase(reference), changed })
}

fn token(server: &Server) -> SecretString {
    match server {
        Server::Sandbox => SecretString::from(TOKEN),
        Server::Remote { token, .. } => token.clone(),
    }
}

/// Puts the plan where the next step of a pipeline finds it, whole or not at all.
fn write(made: &Made, path: &Path) -> Result<(), Failure> {
    let text = PlanFile::of(&made.plan, made.bound.clone(), made.token.expose_secret()).to_text();
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // What is left of it is of no use to anybody.
        let _ = fs::remove_file(&partial);
    }
    written.map_err(|source| io(&format!("{} can't be written", path.display()), source))
}

fn nobody(roster: &Roster, whom: &str) -> Failure {
    let near = nearest(whom, roster.users().iter().filter_map(Declared::mis_id));
    let help = near.map(|near| format!("; is `{near}` meant?")).unwrap_or_default();
    Failure::Misused(format!("no declared user has the MIS value or the `id` {whom}{help}"))
}
