//! The reviewed plan that `apply --plan` is given.

use std::path::Path;

use crate::cli::args::ApplyArgs;
use crate::cli::commands::apply::output::ApplyOutput;
use crate::cli::commands::apply::refused;
use crate::cli::error::CommandError;
use crate::cli::pipeline::{PlanInput, base_scope};
use crate::cli::selection::{IdleWords, RunSelection};
use crate::domain::{Policy, Selection, Selector};
use crate::findings::source::Place;
use crate::plan::Plan;
use crate::project::base::{BaseCommit, BaseScope, ChangedUsers};
use crate::project::files::read_named_text;
use crate::render;
use crate::review::{Objection, PlanFile, Review, reviewed_part};

/// The file that `--plan` names, if it is a plan.
pub(crate) fn read_plan_file(args: &ApplyArgs) -> Result<Option<PlanFile>, CommandError> {
    let Some(path) = &args.plan else {
        return Ok(None);
    };
    let text = read_named_text(path).map_err(CommandError::Misused)?;
    let file = PlanFile::from_text(&text);
    file.map(Some).map_err(|error| {
        CommandError::Refused(format!("{} can't be applied: {error}", path.display()))
    })
}

/// What the users are compared with: as the flags ask, or as the reviewed plan was made. That names the very commit, since
/// its branch may have moved on.
pub(crate) fn base_of(args: &ApplyArgs, file: Option<&PlanFile>) -> Option<BaseScope> {
    let Some(file) = file else {
        return base_scope(&args.base);
    };
    let commit = file.bound.base.clone()?;
    Some(BaseScope {
        since: BaseCommit::Commit(commit),
        changed: if file.bound.only_changed {
            ChangedUsers::Alone
        } else {
            ChangedUsers::WithTheRest
        },
    })
}

/// The users that are planned: as the flags ask, or as the reviewed plan was made.
pub(crate) fn selection_of(
    args: &ApplyArgs,
    file: Option<&PlanFile>,
) -> Result<RunSelection, CommandError> {
    let Some(file) = file else {
        return Ok(RunSelection::typed(args.selection.selection()));
    };
    let selectors = |words: &[String]| -> Result<Vec<Selector>, String> {
        words.iter().map(|word| Selector::of(word)).collect()
    };
    let selection = selectors(&file.bound.only).and_then(|only| {
        let exclude = selectors(&file.bound.exclude)?;
        Ok(Selection { only, exclude })
    });
    match selection {
        Ok(selection) => Ok(RunSelection {
            selection,
            idle: IdleWords::Passed,
        }),
        Err(_) => Err(CommandError::Refused(format!(
            "Nothing was applied.\n{} was made for a selection that this program can't read; plan again",
            render::shown(&shown_path(args))
        ))),
    }
}

fn shown_path(args: &ApplyArgs) -> String {
    let path = args.plan.as_deref().unwrap_or(Path::new(""));
    path.display().to_string()
}

/// The review, if the plan was made for this server and organisation with this token.
pub(crate) fn check_plan_file(
    args: &ApplyArgs,
    file: &PlanFile,
    input: &PlanInput,
) -> Result<Review, CommandError> {
    let review = file.check(&input.target, input.token());
    review.map_err(|error| {
        let path = args.plan.as_deref().unwrap_or(Path::new("")).display();
        CommandError::Refused(format!(
            "Nothing was applied.\n{path} can't be applied: {error}"
        ))
    })
}

/// The part of a plan that was reviewed.
pub(crate) struct ReviewedPart {
    pub(crate) plan: Plan,
    /// Where the users are declared whose operations weren't reviewed.
    pub(crate) skipped: Vec<Place>,
}

/// Refuses operations that weren't reviewed, unless `--skip-unreviewed` is given. A plan that is refused is shown whole.
pub(crate) fn select_reviewed(
    output: &ApplyOutput<'_>,
    args: &ApplyArgs,
    (plan, policy): (Plan, &Policy),
    review: &Review,
) -> Result<ReviewedPart, CommandError> {
    let whole = output.context.shown(&plan, args.shown.length());
    let (plan, skipped) = reviewed_part(plan, review, policy);
    if !skipped.is_empty() && !args.skip_unreviewed {
        output.text(&whole)?;
        return Err(refused(&[Objection::Unreviewed(skipped)]));
    }
    Ok(ReviewedPart { plan, skipped })
}
