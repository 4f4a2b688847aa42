//! The first standard of a run goes alone, as a canary: nobody has promised what assigning one does, and nothing takes it away
//! again. The learner's aims and account are read before and after.

use std::collections::BTreeSet;

use crate::apply::assign::{AssignProgress, Given};
use crate::apply::journal::JournalEvent;
use crate::apply::update::ALWAYS_CHANGED;
use crate::apply::{OperationError, OperationResult, Run, SkipReason, StopReason};
use crate::domain::{AccountId, AimId, LearningAim, StandardId};
use crate::onefile::{FullAccount, SEARCH_AFTER_CREATE};

impl Run<'_> {
    /// Checks that exactly one aim has come, of that standard, and that nothing else has changed. If not, the run stops.
    pub(super) async fn check_canary(
        &self,
        given: &Given<'_>,
        (account, aims): (FullAccount, Vec<LearningAim>),
        progress: &mut AssignProgress,
    ) -> OperationResult {
        let learner = given.learner();
        let Some(now) = self.aims_after(learner, &aims).await else {
            // Verification says so of this one. Without readings the next one might be assigned twice.
            progress.end = Some(SkipReason::AimsNotShown);
            return OperationResult::Done(learner);
        };
        let new = new_standards(&aims, &now);
        let is_as_sent = new == [given.sent.what.standard()] && now.len() == aims.len() + 1;
        let touched = self.touched_by_assign(learner, &account).await;
        if is_as_sent && touched.as_ref().is_none_or(Vec::is_empty) {
            // An account that can't be read proves nothing, so the next standard is a canary, too.
            progress.is_proven = touched.is_some();
            return OperationResult::Done(learner);
        }
        self.assigned_otherwise(given, new, touched.unwrap_or_default())
    }

    fn assigned_otherwise(
        &self,
        given: &Given<'_>,
        new: Vec<StandardId>,
        touched: Vec<String>,
    ) -> OperationResult {
        self.brake.halt(StopReason::AssignedOtherwise);
        if !touched.is_empty() {
            let _ = self.note(JournalEvent::Damaged {
                id: given.learner(),
                user: given.journal_user(),
            });
        }
        let error = OperationError::AssignedOtherwise { new, touched };
        OperationResult::Failed(error)
    }

    /// The aims of a learner once they differ from what they were; `None` if they don't within the times of `SEARCH_AFTER_CREATE`.
    async fn aims_after(
        &self,
        learner: AccountId,
        before: &[LearningAim],
    ) -> Option<Vec<LearningAim>> {
        let called = self.setting.clock.moment();
        for after in std::iter::once(&0).chain(SEARCH_AFTER_CREATE) {
            self.wait_until(called, *after).await;
            match self.client().aims(learner).await {
                Ok(Some(aims)) if ids(&aims) != ids(before) => return Some(aims),
                Err(error) if error.ends_run() => {
                    self.record_failure(&error);
                    return None;
                }
                Ok(_) | Err(_) => {}
            }
            if self.is_stopped() {
                return None;
            }
        }
        None
    }

    /// The members of the account that differ from what they were; `None` if it can't be read.
    async fn touched_by_assign(
        &self,
        learner: AccountId,
        before: &FullAccount,
    ) -> Option<Vec<String>> {
        match self.client().whole(self.organisation, learner).await {
            Ok(Some(after)) => {
                let mut touched = before.differing(&after);
                touched.retain(|name| {
                    let mut known = ALWAYS_CHANGED.iter();
                    !known.any(|known| known.eq_ignore_ascii_case(name))
                });
                Some(touched)
            }
            Ok(None) => None,
            Err(error) => {
                self.record_failure(&error);
                None
            }
        }
    }
}

fn ids(aims: &[LearningAim]) -> BTreeSet<AimId> {
    aims.iter().map(|aim| aim.id).collect()
}

/// The standards of the aims that weren't there before.
fn new_standards(before: &[LearningAim], now: &[LearningAim]) -> Vec<StandardId> {
    let known = ids(before);
    let new = now.iter().filter(|aim| !known.contains(&aim.id));
    new.map(|aim| aim.standard).collect()
}
