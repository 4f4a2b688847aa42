//! Gives learners standards, units, a framework template and further staff, one call after another. No call takes any of it away,
//! and what a repeat does isn't known. So each intent is on disk before its call, what a learner has is read before, and a call
//! that may have been carried out isn't sent again in this run.

use std::collections::HashSet;

use crate::apply::aim_readings::AimReadings;
use crate::apply::earlier_assignments::shows;
use crate::apply::journal::{AssignStep, JournalAssignment, JournalDue, JournalEvent, JournalUser};
use crate::apply::{OperationError, OperationResult, Run, SkipReason};
use crate::domain::clock::Moment;
use crate::domain::field::{Key, Referent, ValueKind};
use crate::domain::role::Role;
use crate::domain::{
    AccountId, AssignPath, RecordedUser, SentAssignment, ShownAssignments, StandardId,
};
use crate::onefile::{
    AdditionalStaff, ClientError, FullAccount, SEARCH_AFTER_CREATE, WriteFailure,
};
use crate::plan::{Assign, AssignedLearner, Change, ReferenceTarget, ResolvedValue, UserLabel};

/// The fields of learners that are assigned, in the order of assigning: a template may bring a standard, and a unit comes after
/// its standard.
fn rank(key: Key) -> usize {
    match key {
        Key::FrameworkTemplate => 0,
        Key::Standards => 1,
        Key::Units => 2,
        _ => 3,
    }
}

/// What this run has learnt from its assignments so far.
#[derive(Default)]
pub(super) struct AssignProgress {
    pub(super) readings: AimReadings,
    /// Whether a canary has shown that a standard makes one learning aim and changes nothing else.
    pub(super) is_proven: bool,
    /// Why no more standards are assigned.
    pub(super) end: Option<SkipReason>,
    /// Standards that learners didn't get, so that they don't get units of them.
    missing: HashSet<(AccountId, StandardId)>,
}

/// One assignment that can be sent.
pub(super) struct Given<'o> {
    user: &'o UserLabel,
    pub(super) sent: SentAssignment,
}

impl Given<'_> {
    pub(super) fn learner(&self) -> AccountId {
        self.sent.learner
    }

    /// The standard that it gives, or of which it gives a unit.
    fn standard(&self) -> Option<StandardId> {
        match self.sent.key {
            Key::Standards => Some(self.sent.what.standard()),
            _ => self.sent.standard,
        }
    }

    pub(super) fn event(&self, step: AssignStep) -> JournalEvent {
        JournalEvent::Assign {
            what: JournalAssignment::new(self.sent, self.journal_user()),
            step,
        }
    }

    pub(super) fn journal_user(&self) -> Option<JournalUser> {
        let mis_id = self.user.mis_id.as_deref()?;
        Some(JournalUser(RecordedUser::new(self.user.role, mis_id)))
    }
}

/// What was seen just before an assignment.
pub(super) struct SeenBefore {
    /// `None` if nothing shows what the learner has.
    pub(super) shown: Option<ShownAssignments>,
    /// The account, if this is a canary.
    pub(super) account: Option<FullAccount>,
    /// The assignment isn't sent after this moment.
    until: Option<Moment>,
}

/// The end of an attempt that wasn't confirmed.
enum AssignFailure {
    Write(WriteFailure),
    /// Nothing was sent.
    Skipped(SkipReason),
}

impl Run<'_> {
    /// Notes what learners are to get and no later plan could know to be missing. It is on disk before the first call, because
    /// the intent of that call is.
    pub(super) fn note_due(&self, assigns: &[(usize, &Assign)]) {
        for (_, operation) in assigns {
            for change in &operation.changes {
                let due = due(operation, change).filter(|_| change.key != Key::Standards);
                if let Some(due) = due {
                    // If this can't be written, `note` stops the run.
                    let _ = self.note(JournalEvent::AssignDue { due });
                }
            }
        }
    }

    /// Sends assignments: templates, then standards, units and further staff, each in the plan's order.
    pub(super) async fn assigns(
        &self,
        assigns: &[(usize, &Assign)],
        on_result: &mut impl FnMut(usize, OperationResult),
    ) {
        let mut ordered = assigns.to_vec();
        ordered.sort_by_key(|(_, operation)| operation.changes.first().map(|one| rank(one.key)));
        let mut progress = AssignProgress {
            readings: AimReadings::of_plan(self),
            ..AssignProgress::default()
        };
        for (index, operation) in ordered {
            let result = match self.given(operation) {
                Ok(given) => {
                    let result = self.assign(&given, &mut progress).await;
                    if result.account().is_none() {
                        progress.note_missing(&given);
                    }
                    result
                }
                Err(why) => OperationResult::NotAttempted(why),
            };
            on_result(index, result);
        }
    }

    /// The numbers that an assignment needs.
    fn given<'o>(&self, operation: &'o Assign) -> Result<Given<'o>, SkipReason> {
        let needs = |label: &str| SkipReason::Needs(label.to_owned());
        let learner = match &operation.learner {
            AssignedLearner::Known(account) => *account,
            AssignedLearner::AfterApply(user) => {
                let created = self.created.get(user).copied();
                created.ok_or(SkipReason::LearnerNotDone)?
            }
        };
        if self.undone().contains(&learner) {
            return Err(SkipReason::LearnerNotDone);
        }
        let Some(change) = operation.changes.first() else {
            return Err(SkipReason::LearnerNotDone);
        };
        let (what, standard) = match &change.to {
            ResolvedValue::Reference { label, target } => match target {
                ReferenceTarget::Known(id) => (*id, None),
                ReferenceTarget::Unit { unit, standard } => ((*unit).into(), Some(*standard)),
                ReferenceTarget::AfterApply(user) => {
                    let created = self.created.get(user).copied();
                    (created.ok_or_else(|| needs(label))?.into(), None)
                }
                ReferenceTarget::AfterEntry(_) => {
                    return Err(SkipReason::NeedsEntry(label.clone()));
                }
            },
            ResolvedValue::Value(_) => return Err(SkipReason::LearnerNotDone),
        };
        Ok(Given {
            user: &operation.user,
            sent: SentAssignment {
                learner,
                key: change.key,
                what,
                standard,
            },
        })
    }

    async fn assign(&self, given: &Given<'_>, progress: &mut AssignProgress) -> OperationResult {
        if let Some(why) = self.why_not_to_assign(given, progress) {
            return OperationResult::NotAttempted(why);
        }
        let mut attempts = 0;
        loop {
            attempts += 1;
            let before = match self.see_before_assign(given, progress).await {
                Ok(before) => before,
                Err(result) => return result,
            };
            match self.attempt_assign(given, before.until).await {
                Ok(()) => return self.after_assign(given, before, progress).await,
                Err(AssignFailure::Write(WriteFailure::NotDone(error)))
                    if attempts < error.create_attempts() => {}
                Err(AssignFailure::Write(WriteFailure::NotDone(error))) => {
                    return self.failed(error);
                }
                Err(AssignFailure::Write(WriteFailure::Unclear(error))) => {
                    return self.clear_up_assign(given, before, error, progress).await;
                }
                Err(AssignFailure::Skipped(why)) => return OperationResult::NotAttempted(why),
            }
        }
    }

    fn why_not_to_assign(
        &self,
        given: &Given<'_>,
        progress: &AssignProgress,
    ) -> Option<SkipReason> {
        if let Some(halt) = self.halted() {
            return Some(SkipReason::Halted(halt));
        }
        let lacks_standard = given.standard().is_some_and(|standard| {
            given.sent.key == Key::Units && progress.missing.contains(&(given.learner(), standard))
        });
        if lacks_standard {
            return Some(SkipReason::StandardNotAssigned);
        }
        let is_standard = given.sent.key == Key::Standards;
        progress.end.clone().filter(|_| is_standard)
    }

    /// Reads what the learner has, unless that was read a short while ago. The error is the result if nothing is to be sent.
    async fn see_before_assign(
        &self,
        given: &Given<'_>,
        progress: &mut AssignProgress,
    ) -> Result<SeenBefore, OperationResult> {
        let is_canary = given.sent.key == Key::Standards && !progress.is_proven;
        if is_canary {
            // Somebody may have assigned something since the last reading, which isn't this call's doing.
            progress.readings.forget(&given.sent);
        }
        let read = self.read_shown(&given.sent, &mut progress.readings).await;
        let (shown, until) = read.map_err(|error| self.failed_before_write(error))?;
        let is_there = shown.as_ref().and_then(|shown| shows(shown, &given.sent));
        match (given.sent.key, is_there) {
            (Key::FrameworkTemplate, Some(true)) => {
                let error = OperationError::ChangedMeanwhile(vec![Key::FrameworkTemplate]);
                return Err(OperationResult::Failed(error));
            }
            // Somebody has assigned it since the plan was made, or a template of this run has brought it.
            (_, Some(true)) => return Err(OperationResult::Done(given.learner())),
            (Key::FrameworkTemplate | Key::Standards, None) => {
                return Err(OperationResult::Failed(OperationError::AimsUnreadable));
            }
            (Key::Standards, Some(false)) if progress.readings.lacks_template(given.learner()) => {
                return Err(OperationResult::NotAttempted(SkipReason::AimsNotShown));
            }
            (_, Some(false) | None) => {}
        }
        let account = if is_canary {
            Some(self.read_canary(given).await?)
        } else {
            None
        };
        // A reading may have waited, and somebody may have stopped the run.
        match self.halted() {
            Some(halt) => Err(OperationResult::NotAttempted(SkipReason::Halted(halt))),
            None => Ok(SeenBefore {
                shown,
                account,
                until,
            }),
        }
    }

    async fn read_canary(&self, given: &Given<'_>) -> Result<FullAccount, OperationResult> {
        match self
            .client()
            .whole(self.organisation, given.learner())
            .await
        {
            Ok(Some(account)) => Ok(account),
            Ok(None) => Err(OperationResult::Failed(OperationError::Gone)),
            Err(error) => Err(self.failed_before_write(error)),
        }
    }

    /// Sends one assignment, unless its turn comes after `until`.
    async fn attempt_assign(
        &self,
        given: &Given<'_>,
        until: Option<Moment>,
    ) -> Result<(), AssignFailure> {
        self.note(given.event(AssignStep::Intent))
            .map_err(AssignFailure::Skipped)?;
        let sent = self.send_assign(&given.sent, until).await;
        match &sent {
            Ok(()) => {
                self.brake.succeed();
                self.note_assigned(given);
            }
            Err(WriteFailure::NotDone(error)) => {
                let why = error.to_string();
                let _ = self.note(given.event(AssignStep::NotDone { why }));
            }
            Err(WriteFailure::Unclear(_)) => {}
        }
        sent.map_err(AssignFailure::Write)
    }

    async fn send_assign(
        &self,
        sent: &SentAssignment,
        until: Option<Moment>,
    ) -> Result<(), WriteFailure> {
        let client = self.client();
        let SentAssignment { learner, what, .. } = *sent;
        match (sent.key, sent.standard) {
            (Key::Standards, _) => {
                let aim = client.assign_standard(what.standard(), learner, until);
                aim.await.map(drop)
            }
            (Key::Units, Some(standard)) => {
                let unit = (standard, what.unit());
                client.assign_unit(unit, learner, until).await
            }
            (Key::FrameworkTemplate, _) => {
                let template = what.template();
                client.assign_template(template, learner, until).await
            }
            (_, _) => client.assign_staff(self.staff(sent), until).await,
        }
    }

    fn staff(&self, sent: &SentAssignment) -> AdditionalStaff {
        let (learner, assignee) = (sent.learner, sent.what.account());
        let (in_path, in_body) = match self.setting.assign_path {
            // A plan has no further staff while the path isn't known.
            AssignPath::Assignee | AssignPath::Unknown => (assignee, learner),
            AssignPath::Learner => (learner, assignee),
        };
        let live = self.setting.snapshot.account(assignee);
        AdditionalStaff {
            in_path,
            in_body,
            role: live.map_or_else(|| serving_role(sent.key), |account| account.role),
        }
    }

    /// The learner has it even if this can't be written. `note` stops the run.
    pub(super) fn note_assigned(&self, given: &Given<'_>) {
        let _ = self.note(given.event(AssignStep::Done));
    }

    async fn after_assign(
        &self,
        given: &Given<'_>,
        before: SeenBefore,
        progress: &mut AssignProgress,
    ) -> OperationResult {
        if given.sent.key == Key::FrameworkTemplate {
            progress.readings.note_template(given.learner());
        }
        let Some(account) = before.account else {
            return OperationResult::Done(given.learner());
        };
        let aims = before.shown.and_then(|shown| shown.aims);
        let aims = aims.unwrap_or_default();
        self.check_canary(given, (account, aims), progress).await
    }

    /// Reads what a learner has whose assignment wasn't answered. If that doesn't show it, the assignment stays unclear.
    async fn clear_up_assign(
        &self,
        given: &Given<'_>,
        before: SeenBefore,
        error: ClientError,
        progress: &mut AssignProgress,
    ) -> OperationResult {
        progress.readings.forget(&given.sent);
        let can_show = before.shown.as_ref();
        let can_show = can_show
            .and_then(|shown| shows(shown, &given.sent))
            .is_some();
        if can_show && self.becomes_shown(&given.sent).await {
            self.note_assigned(given);
            return self.after_assign(given, before, progress).await;
        }
        self.record_failure(&error);
        // If this can't be written, nothing is lost: the intent is on disk and stays open.
        let why = error.to_string();
        let _ = self.note(given.event(AssignStep::Unclear { why }));
        OperationResult::Unclear(error)
    }

    /// Whether readings show an assignment within the times of `SEARCH_AFTER_CREATE`.
    async fn becomes_shown(&self, sent: &SentAssignment) -> bool {
        let called = self.setting.clock.moment();
        for after in std::iter::once(&0).chain(SEARCH_AFTER_CREATE) {
            self.wait_until(called, *after).await;
            match self.read_anew(sent).await {
                Ok(shown) if shows(&shown, sent) == Some(true) => return true,
                Err(error) if error.ends_run() => {
                    self.record_failure(&error);
                    return false;
                }
                Ok(_) | Err(_) => {}
            }
            // The next run reads again.
            if self.client().cancel_token().is_cancelled() {
                return false;
            }
        }
        false
    }
}

impl AssignProgress {
    fn note_missing(&mut self, given: &Given<'_>) {
        let standard = given
            .standard()
            .filter(|_| given.sent.key == Key::Standards);
        self.missing
            .extend(standard.map(|standard| (given.learner(), standard)));
    }
}

/// What an operation means to give, as the journal has it.
fn due(operation: &Assign, change: &Change) -> Option<JournalDue> {
    let ResolvedValue::Reference { target, .. } = &change.to else {
        return None;
    };
    let (what, whom, standard) = match target {
        ReferenceTarget::Known(id) => (Some(*id), None, None),
        ReferenceTarget::Unit { unit, standard } => (Some((*unit).into()), None, Some(*standard)),
        ReferenceTarget::AfterApply(user) => (None, Some(JournalUser::of(user)), None),
        ReferenceTarget::AfterEntry(_) => return None,
    };
    let label = &operation.user;
    let recorded = |mis_id: &str| JournalUser(RecordedUser::new(label.role, mis_id));
    let (learner, user) = match &operation.learner {
        AssignedLearner::Known(id) => (Some(*id), label.mis_id.as_deref().map(recorded)),
        AssignedLearner::AfterApply(user) => (None, Some(JournalUser::of(user))),
    };
    Some(JournalDue {
        field: change.key.name().to_owned(),
        learner,
        what,
        whom,
        standard,
        user,
    })
}

/// The role in which staff of a field serve, if their account was created by this run.
fn serving_role(key: Key) -> Role {
    let roles: &[Role] = match key.row().kind {
        ValueKind::References(Referent::User(roles)) => roles,
        _ => &[],
    };
    *roles.first().unwrap_or(&Role::Assessor)
}
