//! `reassign`: moves the learners of one assessor to another, in the files. Sends no request; the next plan shows the updates.

use crate::cli::args::ReassignArgs;
use crate::cli::commands::edit::{EditWords, ReadFiles, show_and_write};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::selection::RunSelection;
use crate::domain::field::Key;
use crate::domain::redact::Reveal;
use crate::domain::{Roster, Selection, Selector};
use crate::onboarding::reassign::{NoSuccessor, Reassignment, perhaps_of, successor};
use crate::project::rewrite::{PlaceEdit, Wanted};
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &ReassignArgs) -> CommandResult {
    let loaded = context.load_project()?;
    let roster = &loaded.roster;
    refuse_unknown(roster, &args.from)?;
    let to = successor(roster, &args.to).map_err(|why| no_successor(&args.to, &why))?;
    if successor(roster, &args.from) == Ok(to) {
        let same = "FROM and TO are the same user; name another one";
        return Err(CommandError::Misused(same.to_owned()));
    }
    let selection = Selection {
        only: args.only.clone(),
        exclude: args.exclude.clone(),
    };
    let is_everybody = selection.is_everybody();
    let chosen = RunSelection::typed(selection).selected(roster, None)?.users;
    let moved = Reassignment::of(roster, (&args.from, to), &chosen);
    let values = moved.values();
    let from = render::key_words(&args.from, Reveal::Public);
    let perhaps = perhaps_of(roster, &args.from, &chosen);
    let places = perhaps.iter().map(|index| &roster.users()[*index].place);
    context.ui.print(&render::perhaps_of(&from, places))?;
    if values.is_empty() {
        context.ui.print(&format!(
            "Nothing to change: none of these users has {from} as assessor.\n"
        ))?;
        return Ok(Exit::Done);
    }
    let files = ReadFiles::of(context, &loaded.project, roster)?;
    // A default is also that of learners who stay.
    let places = if is_everybody {
        shared_places(&files, &moved)
    } else {
        Vec::new()
    };
    let number = values.len();
    let rewrite = files.rewrite(Wanted { values, places })?;
    let left = rewrite.left.len();
    if left > 0 {
        context.ui.print(&render::places_left(
            rewrite
                .left
                .iter()
                .map(|((index, _), why)| (&roster.users()[*index].place, why)),
        ))?;
    }
    if rewrite.files.is_empty() {
        return Err(CommandError::Refused("Nothing was written.".to_owned()));
    }
    let learners = render::count(number - left, "learner", "learners");
    let to = render::key_words(&args.to, Reveal::Public);
    show_and_write(
        context,
        &files,
        &rewrite,
        &EditWords {
            what: &format!("move {learners} from {from} to {to} in"),
            auto_approve: args.auto_approve,
        },
    )?;
    context
        .ui
        .hint("`rosterctl plan` shows what this changes in OneFile.");
    Ok(if left == 0 { Exit::Done } else { Exit::Partly })
}

/// Refuses the name of an assessor whom no user and no reference has.
fn refuse_unknown(roster: &Roster, from: &str) -> Result<(), CommandError> {
    let why = match successor(roster, from) {
        Ok(_) | Err(NoSuccessor::HasLeft) => return Ok(()),
        Err(why) => why,
    };
    let selector = Selector::of(&format!("assessor:{from}")).map_err(CommandError::Misused)?;
    let selection = Selection {
        only: vec![selector],
        exclude: Vec::new(),
    };
    if selection.select(roster, None).idle.is_empty() {
        return Ok(());
    }
    Err(match why {
        NoSuccessor::Unknown(None) => {
            let name = render::key_words(from, Reveal::Public);
            CommandError::Misused(format!(
                "no declared assessor is called {name}, and no learner names one"
            ))
        }
        why => no_successor(from, &why),
    })
}

fn no_successor(to: &str, why: &NoSuccessor) -> CommandError {
    let name = render::key_words(to, Reveal::Public);
    CommandError::Misused(match why {
        NoSuccessor::Unknown(Some(near)) => {
            format!("no declared assessor is called {name}; is `{near}` meant?")
        }
        NoSuccessor::Unknown(None) => {
            format!("no declared assessor is called {name}; declare this user in a manifest first")
        }
        NoSuccessor::HasLeft => {
            format!("{name} is declared as archived; name somebody who is still there")
        }
        NoSuccessor::CannotServe(role) => format!(
            "{name} has the role `{}`, which has no learners; name an assessor, a trainee assessor or an IQA",
            role.name()
        ),
    })
}

/// The defaults and shared mappings that give the former assessor.
fn shared_places(files: &ReadFiles<'_>, moved: &Reassignment<'_>) -> Vec<PlaceEdit> {
    let mut places = Vec::new();
    for (spot, reference) in files.places.shared_references(Key::DefaultAssessor) {
        places.extend(moved.replacement(&reference).map(|to| PlaceEdit {
            spot,
            key: Key::DefaultAssessor,
            to,
        }));
    }
    places
}
