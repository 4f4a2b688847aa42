//! Why a user is on hold because of the archive: the text of each reason.

use std::fmt::Write;

use crate::domain::ArchiveMove;
use crate::domain::field::Key;
use crate::domain::redact::Reveal;
use crate::plan::{ArchiveHold, RemainingLearner};
use crate::render::plan::holds::reference;
use crate::render::words::{count, key_words, listed};

/// The reason in a few words, by which users are counted.
pub(crate) fn archive_hold_in_brief(hold: &ArchiveHold) -> &'static str {
    match hold {
        ArchiveHold::IsArchived(_) | ArchiveHold::WasArchivedHere(_) => "the account is archived",
        ArchiveHold::NothingToBringBack => "no account to bring back",
        ArchiveHold::Off { .. } => "archives aren't allowed",
        ArchiveHold::NamesLeaver { .. } => "names somebody who leaves",
        ArchiveHold::LearnersRemain { .. } => "learners remain",
        ArchiveHold::LearnersUnread(_) | ArchiveHold::LearnersUnseen => "learners may remain",
    }
}

/// The reason in full, with what to write to decide it on lines of their own.
pub(crate) fn archive_hold_words(hold: &ArchiveHold, reveal: Reveal) -> String {
    match hold {
        ArchiveHold::IsArchived(id) => format!(
            "account {id} is archived in OneFile, and this user is declared as present\n      write `archived: false` here to bring it back, or `archived: true` if the person has left"
        ),
        ArchiveHold::WasArchivedHere(id) => format!(
            "rosterctl archived account {id}, OneFile doesn't show whether it still is, and this user is declared as present\n      write `archived: false` here to bring it back, or `archived: true` if the person has left"
        ),
        ArchiveHold::NothingToBringBack => {
            "`archived: false` brings an account back, and OneFile shows none of this user\n      write `id: NUMBER`, the number of the account in OneFile; delete `archived: false` to create a new account"
                .to_owned()
        }
        ArchiveHold::Off { step, line } => archives_off(*step, *line),
        ArchiveHold::NamesLeaver {
            key,
            reference: named,
        } => format!(
            "{} {} is declared with `archived: true`\n      name somebody else",
            key.name(),
            reference(named)
        ),
        ArchiveHold::LearnersRemain { key, learners } => learners_remain(*key, learners, reveal),
        ArchiveHold::LearnersUnread(number) => learners_unread(*number),
        ArchiveHold::LearnersUnseen => {
            "the list of learners couldn't be read to its end: some may still have this assessor\n      plan again"
                .to_owned()
        }
    }
}

fn archives_off(step: ArchiveMove, line: Option<usize>) -> String {
    let what = match step {
        ArchiveMove::Archive => "archived",
        ArchiveMove::Unarchive => "brought back from the archive",
    };
    match line {
        Some(line) => format!(
            "the account would be {what}, and rosterctl.yaml line {line} says `archives: never`\n      write `archives: allowed` there"
        ),
        None => format!(
            "the account would be {what}, and rosterctl.yaml doesn't allow that\n      write `archives: allowed` below `policy:` in rosterctl.yaml"
        ),
    }
}

/// How many learners are named whom an archive would leave without somebody.
const REMAINING_NAMED: usize = 12;

fn learners_remain(key: Key, learners: &[RemainingLearner], reveal: Reveal) -> String {
    let mut names = Vec::new();
    for learner in learners.iter().take(REMAINING_NAMED) {
        names.push(match &learner.mis_id {
            Some(mis_id) => key_words(mis_id, reveal),
            None => format!("account {}", learner.id),
        });
    }
    let more = learners.len().saturating_sub(REMAINING_NAMED);
    let mut names = listed(&names);
    if more > 0 {
        let _ = write!(names, " and {more} more");
    }
    let have = if learners.len() == 1 { "has" } else { "have" };
    let what = match key {
        Key::DefaultEmployer => "employer",
        _ => "assessor",
    };
    format!(
        "{names} still {have} this {what}\n      give them another `{}` first, in this plan or an earlier one",
        key.name()
    )
}

fn learners_unread(number: usize) -> String {
    let learners = count(number, "learner", "learners");
    format!(
        "nobody knows who the assessor of {learners} is: it may be this one\n      declare them, and plan without `--only` and `--only-changed`"
    )
}
