//! `plan`: shows what would be created and updated. Changes no account.

use std::path::Path;

use crate::cli::args::{PlanArgs, PlanFormat, SETTLE_AFTER};
use crate::cli::commands::plan_files::{
    all_groups, note_totals, refuse_names_to_keep, write_page, write_table,
};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::pipeline::{PlanBasis, PlanInput, PlanRequest, PlannedRun, base_scope};
use crate::cli::selection::RunSelection;
use crate::domain::redact::{Reveal, open_text};
use crate::domain::{DeclaredUser, Roster, UserIdentity};
use crate::findings::suggest::nearest_key;
use crate::plan::{Plan, declared_as, explain};
use crate::project::atomic_write::{refuse_unwritable, write_private};
use crate::render::{self, PlanComment};
use crate::review::{Allowance, past_limits};

pub(crate) async fn run(context: &Context<'_>, args: &PlanArgs) -> CommandResult {
    let base = base_scope(&args.base);
    refuse_hidden_selection(args)?;
    refuse_names_to_keep(context, args)?;
    let files = [&args.out, &args.markdown, &args.html, &args.csv];
    for file in files.into_iter().flatten() {
        refuse_unwritable(file)?;
    }
    let request = PlanRequest {
        server: &args.server,
        base: base.as_ref(),
        journal: &args.journal,
        selection: RunSelection::typed(args.selection.selection()),
        // An explanation has each value.
        is_fresh: args.reading.fresh || args.explain.is_some(),
    };
    let input = PlanInput::load(context, request)?;
    let run = input.plan(context, SETTLE_AFTER).await?;
    if let Some(path) = &args.out {
        write_private(path, &json(&run))?;
    }
    if let Some(path) = &args.markdown {
        write_private(path, &comment(&run, args))?;
    }
    if let Some(path) = &args.html {
        write_page(path, &run, args)?;
    }
    if let Some(path) = &args.csv {
        write_table(path, &run)?;
    }
    note_totals(context, args, &run);
    let answer = answer(context, args, &run);
    let PlannedRun { plan, basis } = run;
    basis.session.close().await;
    let Answer { text, is_settled } = answer?;
    context.ui.print(&text)?;
    if let Some(command) = next_command(context.named_dir, args, &plan) {
        context
            .ui
            .hint(&format!("\n`{command}` makes these changes, after asking."));
    }
    Ok(if args.detailed_exitcode && !is_settled {
        Exit::Pending
    } else {
        Exit::Done
    })
}

/// Refuses a selection by an e-mail address in a file that everybody may read: `apply --plan` would need it there.
fn refuse_hidden_selection(args: &PlanArgs) -> Result<(), CommandError> {
    let is_kept = args.out.is_some() || args.format == PlanFormat::Json;
    if is_kept && render::selection_flags(&args.selection.selection()).is_none() {
        let words = "a plan file holds no e-mail addresses, so it can't keep this selection; select by `role:`, `classroom:` or `file:`, or by a MIS value that isn't an e-mail address";
        return Err(CommandError::Misused(words.to_owned()));
    }
    Ok(())
}

/// The text to print, and whether nothing is left to do.
struct Answer {
    text: String,
    is_settled: bool,
}

fn answer(
    context: &Context<'_>,
    args: &PlanArgs,
    run: &PlannedRun,
) -> Result<Answer, CommandError> {
    if let Some(user) = &args.explain {
        return explanation(context, run, user);
    }
    let text = match args.format {
        PlanFormat::Text => text(context, args, run),
        PlanFormat::Json => json(run),
        PlanFormat::Markdown => comment(run, args),
    };
    Ok(Answer {
        text,
        is_settled: run.plan.is_quiet(),
    })
}

fn text(context: &Context<'_>, args: &PlanArgs, run: &PlannedRun) -> String {
    let plan = context.shown(&run.plan, args.shown.length());
    let objections = past_limits(&run.plan, Allowance::default());
    format!(
        "{}{plan}{}",
        run.basis.notes,
        render::objections(&objections)
    )
}

/// The plan as JSON, to keep for review.
fn json(run: &PlannedRun) -> String {
    let input = &run.basis.input;
    render::plan_json(&run.plan, input.target.clone(), input.token())
}

/// The plan as Markdown, for a comment on a pull request.
fn comment(run: &PlannedRun, args: &PlanArgs) -> String {
    let comment = PlanComment {
        plan: &run.plan,
        groups: &all_groups(run),
        heading: &run.basis.heading(),
        notes: &run.basis.notes,
    };
    render::markdown(&comment, args.max_bytes as usize)
}

/// How one user was matched, and each field on both sides.
fn explanation(
    context: &Context<'_>,
    run: &PlannedRun,
    user: &str,
) -> Result<Answer, CommandError> {
    let PlanBasis {
        input, snapshot, ..
    } = &run.basis;
    let index = match declared_as(&input.roster, user)[..] {
        [index] => index,
        [] => return Err(no_such_user(&input.roster, user)),
        ref several => return Err(several_users(&input.roster, user, several)),
    };
    let explained = explain(&input.roster, snapshot, &input.scope, &run.plan, index);
    let explanation = render::explained(&explained, context.ui.reveal);
    Ok(Answer {
        text: format!("{}{explanation}", run.basis.notes),
        is_settled: explained.is_settled(),
    })
}

fn several_users(roster: &Roster, wanted: &str, several: &[usize]) -> CommandError {
    let mut names = Vec::new();
    for index in several {
        let user = &roster.users()[*index];
        let mis_id = user.mis_id().unwrap_or_default();
        let name = UserIdentity::new(user.role, mis_id).to_string();
        names.push(format!("`{}`", render::key_to_type(&name, Reveal::Public)));
    }
    let wanted = render::key_words(wanted, Reveal::Public);
    CommandError::Misused(format!(
        "{wanted} is the MIS value of several users; write {}",
        names.join(" or ")
    ))
}

fn no_such_user(roster: &Roster, user: &str) -> CommandError {
    let mis_ids = roster.users().iter().filter_map(DeclaredUser::mis_id);
    let suggestion = match nearest_key(user, mis_ids.filter(|other| open_text(other).is_some())) {
        Some(near) => format!("; is `{near}` meant?"),
        None => String::new(),
    };
    let user = render::key_words(user, Reveal::Public);
    CommandError::Misused(format!(
        "no declared user has the MIS value or the `id` {user}{suggestion}"
    ))
}

/// The command that applies exactly the plan that was shown. `None` if there is nothing to do, if no flag allows it, or if
/// the output isn't for people.
fn next_command(dir: Option<&Path>, args: &PlanArgs, plan: &Plan) -> Option<String> {
    let is_for_people = args.explain.is_none() && args.format == PlanFormat::Text;
    if plan.operations.is_empty() || !is_for_people {
        return None;
    }
    let mut words = vec!["rosterctl apply".to_owned()];
    if let Some(dir) = dir {
        words.push(format!("-C {}", render::shown(&dir.display().to_string())));
    }
    // Without these flags, the changes would be made on the server that rosterctl.yaml names.
    if args.server.sandbox {
        words.push("--sandbox".to_owned());
    } else if let Some(target) = &args.server.target {
        words.push(format!("--target {target}"));
    }
    if let Some(base) = &args.base.base {
        words.push(format!("--base {base}"));
    }
    if args.base.only_changed {
        words.push("--only-changed".to_owned());
    }
    words.extend(render::selection_flags(&plan.selection)?);
    for excess in &plan.excesses {
        words.push(render::limit_flag(excess)?);
    }
    Some(words.join(" "))
}
