//! Archives accounts and brings them back, one by one. Each is read just before, so that nothing is sent for an account that is
//! where it belongs already, or that has become somebody else's. The intent is on disk before the request. If the answer is
//! lost, the request isn't sent again in this run: the next plan reads what has become of the account.

use std::collections::BTreeSet;

use crate::apply::journal::{JournalEvent, JournalUser};
use crate::apply::update::{ALWAYS_CHANGED, FRESH_FOR, reason};
use crate::apply::{OperationError, OperationResult, Run, SkipReason, StopReason};
use crate::domain::clock::Moment;
use crate::domain::field::{FIELDS, Field, Key};
use crate::domain::role::Role;
use crate::domain::{Account, AccountId, ArchiveMove, RecordedUser, ShownArchive};
use crate::onefile::{ClientError, FullAccount, tells_archive};
use crate::plan::{Archive, Unarchive, UserLabel};

/// One account, and where it goes.
pub(super) struct AccountMove<'o> {
    step: ArchiveMove,
    user: &'o UserLabel,
    account: AccountId,
    /// Accounts whose operations have to be done first.
    after: Option<&'o BTreeSet<AccountId>>,
}

impl<'o> From<&'o Archive> for AccountMove<'o> {
    fn from(archive: &'o Archive) -> Self {
        Self {
            step: ArchiveMove::Archive,
            user: &archive.user,
            account: archive.account,
            after: Some(&archive.after),
        }
    }
}

impl<'o> From<&'o Unarchive> for AccountMove<'o> {
    fn from(unarchive: &'o Unarchive) -> Self {
        Self {
            step: ArchiveMove::Unarchive,
            user: &unarchive.user,
            account: unarchive.account,
            after: None,
        }
    }
}

impl AccountMove<'_> {
    /// What the account shows afterwards, if it shows anything.
    fn goal(&self) -> ShownArchive {
        match self.step {
            ArchiveMove::Archive => ShownArchive::Archived,
            ArchiveMove::Unarchive => ShownArchive::Current,
        }
    }

    /// The fields by which the account is no longer the one that was `planned`. Its MIS value may be another one than the
    /// manifest declares: an update of the same plan may set that.
    fn differences(&self, live: &FullAccount, planned: Option<&Account>) -> Vec<Key> {
        let mut keys = Vec::new();
        if live.account.role != self.user.role {
            keys.push(Key::Role);
        }
        let is_shown = |account: &&Account| account.shown.contains(Key::MisId);
        let planned = planned.filter(is_shown);
        let live = Some(&live.account).filter(is_shown);
        if planned
            .zip(live)
            .is_some_and(|(planned, live)| planned.mis_id() != live.mis_id())
        {
            keys.push(Key::MisId);
        }
        keys
    }

    fn journal_user(&self) -> Option<JournalUser> {
        let mis_id = self.user.mis_id.as_deref()?;
        Some(JournalUser(RecordedUser::new(self.user.role, mis_id)))
    }
}

/// How a move ended.
enum MoveEnd {
    /// It was sent. Holds the account as it was just before.
    Moved(FullAccount),
    Ended(OperationResult),
}

/// Why an attempt didn't succeed.
enum MoveFailure {
    /// The server can't have carried it out.
    NotMoved(ClientError),
    /// It may have.
    Unclear(ClientError),
    /// Nothing was sent.
    Skipped(SkipReason),
}

impl Run<'_> {
    /// Sends moves in the plan's order. The first of each role is read again at once, to check that it keeps the person's data.
    pub(super) async fn moves(
        &self,
        moves: &[(usize, AccountMove<'_>)],
        on_result: &mut impl FnMut(usize, OperationResult),
    ) {
        let mut proven: Vec<Role> = Vec::new();
        for (index, step) in moves {
            let role = step.user.role;
            let result = match self.move_account(step).await {
                MoveEnd::Ended(result) => result,
                MoveEnd::Moved(_) if proven.contains(&role) => OperationResult::Done(step.account),
                MoveEnd::Moved(before) => match self.touched_by_move(step, &before).await {
                    Some(touched) if !touched.is_empty() => self.damaged_by_move(step, touched),
                    seen => {
                        proven.extend(seen.map(|_| role));
                        OperationResult::Done(step.account)
                    }
                },
            };
            self.note_undone(step.account, &result);
            on_result(*index, result);
        }
    }

    async fn move_account(&self, step: &AccountMove<'_>) -> MoveEnd {
        if let Some(why) = self.why_not_to_move(step) {
            return MoveEnd::Ended(OperationResult::NotAttempted(why));
        }
        let mut attempts = 0;
        loop {
            attempts += 1;
            let read_at = self.setting.clock.moment();
            let before = match self.read_before_move(step).await {
                Ok(before) => before,
                Err(result) => return MoveEnd::Ended(result),
            };
            let until = self.setting.clock.moment_from(read_at, FRESH_FOR);
            let result = match self.attempt_move(step, until).await {
                Ok(()) => return MoveEnd::Moved(before),
                Err(MoveFailure::NotMoved(error)) if attempts < error.create_attempts() => continue,
                Err(MoveFailure::NotMoved(error)) => self.failed(error),
                Err(MoveFailure::Unclear(error)) => self.clear_up_move(step, error).await,
                Err(MoveFailure::Skipped(why)) => OperationResult::NotAttempted(why),
            };
            return MoveEnd::Ended(result);
        }
    }

    fn why_not_to_move(&self, step: &AccountMove<'_>) -> Option<SkipReason> {
        if let Some(halt) = self.halted() {
            return Some(SkipReason::Halted(halt));
        }
        let undone = self.undone();
        let waits_for = step.after.into_iter().flatten();
        let remaining = waits_for.filter(|learner| undone.contains(learner)).count();
        (remaining > 0).then_some(SkipReason::LearnersRemain(remaining))
    }

    /// Reads the account, which also waits out an outage. The error is the result if nothing is to be sent.
    async fn read_before_move(
        &self,
        step: &AccountMove<'_>,
    ) -> Result<FullAccount, OperationResult> {
        let read = self.client().whole(self.organisation, step.account).await;
        let error = match read {
            Ok(Some(live)) => {
                let planned = self.setting.snapshot.account(step.account);
                let differences = step.differences(&live, planned);
                if differences.is_empty() {
                    return self.may_move(step, live);
                }
                OperationError::ChangedMeanwhile(differences)
            }
            Ok(None) => OperationError::Gone,
            Err(error) => return Err(self.failed_before_write(error)),
        };
        self.note_not_moved(step, reason(&error));
        Err(OperationResult::Failed(error))
    }

    fn may_move(
        &self,
        step: &AccountMove<'_>,
        live: FullAccount,
    ) -> Result<FullAccount, OperationResult> {
        // Somebody has done it since the plan was made.
        if live.account.archive == step.goal() {
            return Err(OperationResult::Done(step.account));
        }
        // The reading may have waited, and somebody may have stopped the run.
        match self.halted() {
            Some(halt) => Err(OperationResult::NotAttempted(SkipReason::Halted(halt))),
            None => Ok(live),
        }
    }

    /// Sends one move, unless its turn comes after `until`.
    async fn attempt_move(&self, step: &AccountMove<'_>, until: Moment) -> Result<(), MoveFailure> {
        let intent = JournalEvent::MoveIntent {
            to: step.step.into(),
            id: step.account,
            user: step.journal_user(),
        };
        self.note(intent).map_err(MoveFailure::Skipped)?;
        let sent = self
            .client()
            .move_account(step.account, step.step, Some(until));
        match sent.await {
            Ok(()) => {
                self.brake.succeed();
                self.note_moved(step);
                Ok(())
            }
            Err(error) if error.means_not_created() => {
                self.note_not_moved(step, error.to_string());
                Err(MoveFailure::NotMoved(error))
            }
            Err(error) => Err(MoveFailure::Unclear(error)),
        }
    }

    /// Reads an account whose move wasn't answered. If it doesn't show that the move was done, the move stays unclear.
    async fn clear_up_move(&self, step: &AccountMove<'_>, error: ClientError) -> OperationResult {
        let read = self.client().account(self.organisation, step.account).await;
        let is_there = |account: Account| account.archive == step.goal();
        if read.is_ok_and(|account| account.is_some_and(is_there)) {
            self.note_moved(step);
            return OperationResult::Done(step.account);
        }
        // If this can't be written, the intent stays open.
        let _ = self.note(JournalEvent::MoveUnclear {
            to: step.step.into(),
            id: step.account,
            user: step.journal_user(),
            why: error.to_string(),
        });
        self.failed(error)
    }

    /// The account is where it belongs even if this can't be written. `note` stops the run.
    fn note_moved(&self, step: &AccountMove<'_>) {
        let _ = self.note(JournalEvent::Moved {
            to: step.step.into(),
            id: step.account,
            user: step.journal_user(),
        });
    }

    fn note_not_moved(&self, step: &AccountMove<'_>, why: String) {
        let _ = self.note(JournalEvent::NotMoved {
            to: step.step.into(),
            id: step.account,
            user: step.journal_user(),
            why,
        });
    }

    /// The fields of the person that differ after a move; `None` if the account can't be read.
    async fn touched_by_move(
        &self,
        step: &AccountMove<'_>,
        before: &FullAccount,
    ) -> Option<Vec<String>> {
        match self.client().whole(self.organisation, step.account).await {
            Ok(Some(after)) => {
                let mut touched = before.differing(&after);
                touched.retain(|name| is_of_the_person(name));
                Some(touched)
            }
            Ok(None) => None,
            Err(error) => {
                self.record_failure(&error);
                None
            }
        }
    }

    fn damaged_by_move(&self, step: &AccountMove<'_>, touched: Vec<String>) -> OperationResult {
        self.brake.halt(StopReason::MoveTouchedOthers);
        let _ = self.note(JournalEvent::Damaged {
            id: step.account,
            user: step.journal_user(),
        });
        OperationResult::Failed(OperationError::MoveTouchedOthers(touched))
    }
}

/// Whether a member of an account is the person's own. A move may let go of what links the account to others: one client sets
/// the classroom again after each unarchive (`docs/onefile-api.md`, Leavers).
fn is_of_the_person(name: &str) -> bool {
    let is_named = |field: &&Field| field.api.is_some_and(|api| api.eq_ignore_ascii_case(name));
    let is_expected = ALWAYS_CHANGED
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    let field = FIELDS.iter().find(is_named);
    !is_expected && !tells_archive(name) && field.is_some_and(|field| field.referent().is_none())
}
