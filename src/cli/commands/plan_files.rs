//! The page and the table of a plan, for people who don't read diffs.

use std::path::Path;

use crate::cli::args::PlanArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::pipeline::PlannedRun;
use crate::domain::redact::Reveal;
use crate::plan::{GroupBy, UserGroups};
use crate::project::atomic_write::{write_private, write_private_with};
use crate::render::{self, AllGroups, PlanPage};

/// Refuses a page with names where a run is kept for everybody who may see it, and one with special data anywhere.
pub(super) fn refuse_names_to_keep(
    context: &Context<'_>,
    args: &PlanArgs,
) -> Result<(), CommandError> {
    let refused = match args.shown.class() {
        _ if args.html.is_none() => return Ok(()),
        None | Some(Reveal::Public) => return Ok(()),
        Some(Reveal::Personal) if context.environment.ci => NAMES_IN_CI,
        Some(Reveal::Personal) => return Ok(()),
        Some(Reveal::Special) => SPECIAL_PAGE,
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
    let by = args.by.map_or(GroupBy::Classroom, GroupBy::from);
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
    let (roster, snapshot) = (&run.basis.input.roster, &run.basis.snapshot);
    GroupBy::ALL.map(|by| UserGroups::of(by, roster, snapshot))
}
