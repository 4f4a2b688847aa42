//! Finds the users that `--only` and `--exclude` name.

use crate::cli::error::CommandError;
use crate::domain::redact::Reveal;
use crate::domain::{Roster, SelectedUsers, Selection, Snapshot};
use crate::render;

/// Which users a run is about, and what to do about a word that names nobody.
#[derive(Clone, Debug)]
pub(crate) struct RunSelection {
    pub(crate) selection: Selection,
    pub(crate) idle: IdleWords,
}

/// What a word that names no declared user means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdleWords {
    /// Somebody has just typed it: a slip.
    Slip,
    /// It was reviewed: the user has left the manifests since.
    Passed,
}

impl RunSelection {
    pub(crate) fn typed(selection: Selection) -> Self {
        Self {
            selection,
            idle: IdleWords::Slip,
        }
    }

    /// Refuses a slip that needs no lists of the server to be seen.
    pub(crate) fn check(&self, roster: &Roster) -> Result<(), CommandError> {
        let mut selected = self.selection.select(roster, None);
        if self.selection.needs_lists() {
            selected.idle.retain(|idle| !idle.selector.needs_lists());
            return self.refuse_idle(&selected);
        }
        self.refuse_slips(&selected)
    }

    /// Whom and what of the roster the selection names. Without `live`, what the manifests write counts.
    pub(crate) fn selected(
        &self,
        roster: &Roster,
        live: Option<&Snapshot>,
    ) -> Result<SelectedUsers, CommandError> {
        let selected = self.selection.select(roster, live);
        self.refuse_slips(&selected)?;
        Ok(selected)
    }

    fn refuse_slips(&self, selected: &SelectedUsers) -> Result<(), CommandError> {
        self.refuse_idle(selected)?;
        if self.idle == IdleWords::Slip && selected.is_empty() {
            return Err(CommandError::Misused(NOBODY.to_owned()));
        }
        Ok(())
    }

    fn refuse_idle(&self, selected: &SelectedUsers) -> Result<(), CommandError> {
        match (self.idle, selected.idle.first()) {
            (IdleWords::Slip, Some(idle)) => Err(CommandError::Misused(render::idle_selector(
                idle,
                Reveal::Public,
            ))),
            (IdleWords::Slip, None) | (IdleWords::Passed, _) => Ok(()),
        }
    }
}

const NOBODY: &str = "`--exclude` leaves out everybody whom `--only` names; take one of them away";
