//! `accept`: takes live values into the files that declare others. It is the one way back from OneFile to the files, and a
//! person asks for it. Changes no account.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::args::{AcceptArgs, BaseArgs, SETTLE_AFTER};
use crate::cli::commands::edit::{EditWords, ReadFiles, show_and_write};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::pipeline::{PlanBasis, PlanInput, PlanRequest, PlannedRun, base_scope};
use crate::cli::selection::RunSelection;
use crate::domain::field::{Class, Key};
use crate::domain::{Selection, Value};
use crate::onboarding::accept::{Drift, DriftChoice, NotTaken, drift};
use crate::plan::{Plan, UserLabel, plan, values_of_others};
use crate::project::rewrite::{Rewrite, UserField, Wanted};
use crate::render::{self, FieldLeft};

pub(crate) async fn run(context: &Context<'_>, args: &AcceptArgs) -> CommandResult {
    let selection = Selection {
        only: args.who.clone(),
        exclude: args.exclude.clone(),
    };
    let base = base_scope(&BaseArgs {
        base: args.base.clone(),
        only_changed: false,
    });
    let request = PlanRequest {
        server: &args.server,
        base: base.as_ref(),
        journal: &args.journal,
        selection: RunSelection::typed(selection),
        is_fresh: false,
    };
    let input = PlanInput::load(context, request)?;
    let PlannedRun { plan, basis } = input.plan(context, SETTLE_AFTER).await?;
    if plan.locked > 0 {
        let fields = render::count(plan.locked, "field", "fields");
        context.ui.say(&format!(
            "note: {fields} of a sealed overlay can't be compared: no key is set (ROSTERCTL_AGE_KEY)"
        ));
    }
    let answer = accept(context, args, &plan, &basis);
    basis.session.close().await;
    answer
}

fn accept(
    context: &Context<'_>,
    args: &AcceptArgs,
    plan: &Plan,
    basis: &PlanBasis,
) -> CommandResult {
    let keys: BTreeSet<Key> = args.field.iter().copied().collect();
    let choice = DriftChoice {
        keys: (!keys.is_empty()).then_some(&keys),
        highest: if context.environment.ci {
            Class::Public
        } else {
            Class::Special
        },
        scope: &basis.input.scope,
    };
    let found = drift(plan, (&basis.input.roster, &basis.snapshot), &choice);
    let number = found.iter().filter(|drift| drift.to.is_ok()).count();
    if number > args.max {
        let values = render::count(number, "value differs", "values differ");
        return Err(CommandError::Refused(format!(
            "Nothing was written.\n{values}, and `--max` is {}. Look at `rosterctl plan`; if OneFile is right, give `--max {number}`.",
            args.max
        )));
    }
    let files = ReadFiles::read(context, &basis.input)?;
    let rewrite = rewritten(&files, basis, &found)?;
    let left = left(&found, &rewrite);
    let reveal = context.ui.reveal;
    let taken = taken(&found, &rewrite);
    context.ui.print(&render::fields_changed(&taken, reveal))?;
    context.ui.print(&not_compared(plan, &taken))?;
    context.ui.print(&render::fields_left(&left, reveal))?;
    context.ui.print(&render::held_left(plan, reveal))?;
    let is_held = !args.all && !plan.held.is_empty();
    let is_all = !is_held && left.iter().all(|field| field.why.is_asked_for());
    if rewrite.files.is_empty() {
        return nothing_taken(context, found.is_empty(), is_all);
    }
    let values = render::count(taken.len(), "value", "values");
    show_and_write(
        context,
        &files,
        &rewrite,
        &EditWords {
            what: &format!("take {values} of OneFile into"),
            auto_approve: args.auto_approve,
        },
    )?;
    Ok(if is_all { Exit::Done } else { Exit::Partly })
}

/// The new texts. A value that a plan would still change, or that somebody else has, is left as it is.
fn rewritten(
    files: &ReadFiles<'_>,
    basis: &PlanBasis,
    found: &[Drift],
) -> Result<Rewrite, CommandError> {
    let mut values: BTreeMap<UserField, Value> = BTreeMap::new();
    for drift in found {
        if let Ok(to) = &drift.to {
            values.insert((drift.user, drift.key), to.clone());
        }
    }
    let mut left = BTreeMap::new();
    loop {
        let mut rewrite = files.rewrite(Wanted {
            values: values.clone(),
            places: Vec::new(),
        })?;
        let unfit = unfit(&rewrite, basis, &values);
        if unfit.is_empty() {
            rewrite.left.extend(left);
            return Ok(rewrite);
        }
        values.retain(|field, _| !unfit.contains_key(field));
        left.extend(rewrite.left);
        left.extend(unfit);
    }
}

/// The fields that can't stay as the new texts declare them, and why.
fn unfit(
    rewrite: &Rewrite,
    basis: &PlanBasis,
    values: &BTreeMap<UserField, Value>,
) -> BTreeMap<UserField, NotTaken> {
    let mut taken: BTreeSet<UserField> = values.keys().copied().collect();
    taken.retain(|field| !rewrite.left.contains_key(field));
    let mut unfit = BTreeMap::new();
    for field in still_changed(rewrite, basis) {
        unfit.extend(
            taken
                .contains(&field)
                .then_some((field, NotTaken::NotReadBack)),
        );
    }
    for field in values_of_others(&rewrite.roster, &basis.snapshot, &taken) {
        unfit.insert(field, NotTaken::SomebodyElses);
    }
    unfit
}

/// The fields that a plan of the new texts would change.
fn still_changed(rewrite: &Rewrite, basis: &PlanBasis) -> BTreeSet<UserField> {
    let policy = &basis.input.project.policy;
    let after = plan(&rewrite.roster, &basis.snapshot, policy, &basis.input.scope);
    let choice = DriftChoice {
        keys: None,
        highest: Class::Special,
        scope: &basis.input.scope,
    };
    let drift = drift(&after, (&rewrite.roster, &basis.snapshot), &choice);
    drift.iter().map(|drift| (drift.user, drift.key)).collect()
}

/// The fields whose live values the new texts have.
fn taken<'d>(found: &'d [Drift], rewrite: &Rewrite) -> Vec<(&'d UserLabel, Key)> {
    let mut taken = Vec::new();
    for drift in found.iter().filter(|drift| drift.to.is_ok()) {
        if !rewrite.left.contains_key(&(drift.user, drift.key)) {
            taken.push((&drift.who, drift.key));
        }
    }
    taken
}

/// What isn't taken: because of the value, or because of the files.
fn left<'l>(found: &'l [Drift], rewrite: &'l Rewrite) -> Vec<FieldLeft<'l>> {
    let mut left = Vec::new();
    for drift in found {
        let why = match &drift.to {
            Err(why) => Some(why),
            Ok(_) => rewrite.left.get(&(drift.user, drift.key)),
        };
        left.extend(why.map(|why| FieldLeft {
            who: &drift.who,
            key: drift.key,
            why,
        }));
    }
    left
}

/// The accounts that may have one of these values, too, and don't show it.
fn not_compared(plan: &Plan, taken: &[(&UserLabel, Key)]) -> String {
    let keys: BTreeSet<Key> = taken.iter().map(|(_, key)| *key).collect();
    render::accounts_not_showing(plan, keys.into_iter(), "the values weren't compared there")
}

fn nothing_taken(context: &Context<'_>, is_equal: bool, is_all: bool) -> CommandResult {
    if is_equal && is_all {
        context
            .ui
            .print("Nothing to take over: OneFile and the files agree in these fields.\n")?;
    } else {
        context.ui.print("\nNothing was written.\n")?;
    }
    Ok(if is_all { Exit::Done } else { Exit::Partly })
}
