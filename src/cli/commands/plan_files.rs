//! What a plan leaves for people who don't read diffs: a page, a table, and a line of how much it found.

use std::io;
use std::path::Path;

use crate::apply::checked_plans::{CheckedPlan, note_checked};
use crate::cli::args::PlanArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::pipeline::PlannedRun;
use crate::domain::redact::Reveal;
use crate::onefile::in_words;
use crate::plan::{GroupedBy, UserGroups};
use crate::project::atomic_write::{write_private, write_private_with};
use crate::project::error::ProjectError;
use crate::project::files::head;
use crate::project::journal_folder::make_journal_folder;
use crate::render::{self, AllGroups, PlanPage};

/// Refuses a page with names where a run is kept for everybody who may see it, and one with special data anywhere.
pub(super) fn refuse_names_to_keep(
    context: &Context<'_>,
    args: &PlanArgs,
) -> Result<(), CommandError> {
    let class = args.shown.class().filter(|_| args.html.is_some());
    let refused = match class {
        Some(Reveal::Personal) if context.environment.ci => NAMES_IN_CI,
        Some(Reveal::Special) => SPECIAL_PAGE,
        Some(Reveal::Public | Reveal::Personal) | None => return Ok(()),
    };
    Err(CommandError::Misused(refused.to_owned()))
}

const NAMES_IN_CI: &str = "`CI` is set, and a page with names doesn't belong into what CI keeps; leave `--reveal` out, or run this on your own machine";
const SPECIAL_PAGE: &str =
    "a page never holds special data; write `--reveal personal` for one with names";

/// Writes the page. Only `--reveal` puts names into it, not a terminal: it may be passed on.
pub(super) fn write_page(
    path: &Path,
    run: &PlannedRun,
    args: &PlanArgs,
) -> Result<(), CommandError> {
    let basis = &run.basis;
    let by = args.by.map_or(GroupedBy::Classroom, GroupedBy::from);
    let groups = UserGroups::of(by, &basis.input.roster, &basis.snapshot);
    let page = PlanPage {
        plan: &run.plan,
        by,
        groups: &groups,
        heading: &basis.heading(),
        notes: &basis.notes,
        read_at: basis.read_at.at,
        reveal: args.shown.class().unwrap_or_default(),
    };
    write_private_with(path, |out| render::plan_page(&page, out))?;
    Ok(())
}

/// Writes the table, with the classroom, the assessor and the placement of each user.
pub(super) fn write_table(path: &Path, run: &PlannedRun) -> Result<(), CommandError> {
    write_private(path, &render::plan_csv(&run.plan, &all_groups(run)))?;
    Ok(())
}

/// The classroom, the assessor and the placement of each user.
pub(super) fn all_groups(run: &PlannedRun) -> AllGroups {
    UserGroups::of_all(&run.basis.input.roster, &run.basis.snapshot)
}

/// Notes how much a plan found, for `history --html`: the nightly one, of everybody, and of what is merged. Somebody at a terminal
/// tries things out, so that doesn't count.
pub(super) fn note_totals(context: &Context<'_>, args: &PlanArgs, run: &PlannedRun) {
    let Some(folder) = &args.journal.journal else {
        return;
    };
    let is_of_everybody = args.base.base.is_none() && run.plan.selection.is_everybody();
    if context.ui.prints_on_terminal || !is_of_everybody {
        return;
    }
    // Without a commit the numbers say as much.
    let commit = head(context.dir).ok().flatten();
    let place = run.basis.input.journal_scope();
    let checked = CheckedPlan::of(&run.plan, &place, run.basis.read_at.at, commit);
    let noted = make_journal_folder(context.dir, Some(folder))
        .map_err(CommandError::from)
        .and_then(|folder| {
            note_checked(&folder, checked).map_err(|source| not_noted(&folder, source))
        });
    if let Err(error) = noted {
        let error = render::shown(&in_words(&error));
        context.ui.say(&format!("note: {error}"));
    }
}

fn not_noted(folder: &Path, source: io::Error) -> CommandError {
    let what = format!(
        "how much this plan found can't be noted in {}",
        folder.display()
    );
    ProjectError::io(what, source).into()
}
