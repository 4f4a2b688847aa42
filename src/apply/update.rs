//! Sends updates. The first of each role is sent by itself, as a canary: the account is read before and after, to check that
//! only the fields that were sent have changed. The others are sent in parallel.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use crate::apply::journal::{JournalEvent, JournalUser};
use crate::apply::{OperationError, OperationResult, Run, SkipReason, StopReason};
use crate::domain::field::Key;
use crate::domain::redact::open_names;
use crate::domain::{ObservedFields, RecordedUser};
use crate::onefile::{ClientError, FullAccount, Outgoing};
use crate::plan::{Change, Update, equal, same_live};

/// How long an update may rely on a reading of the account. With less, most updates of a long run would cost a second call;
/// with more, an update could overwrite what somebody has just edited in OneFile.
pub(super) const FRESH_FOR: Duration = Duration::from_mins(10);

impl Run<'_> {
    pub(super) async fn updates(
        &self,
        updates: &[(usize, &Update)],
        on_result: &mut impl FnMut(usize, OperationResult),
    ) {
        let mut reports = OrderedReports::new(updates, on_result);
        let mut proven = Vec::new();
        let mut rest = Vec::new();
        for (position, (_, update)) in updates.iter().enumerate() {
            let role = update.user.role;
            if proven.contains(&role) {
                rest.push(position);
                continue;
            }
            let (result, proof) = self.update(update, UpdateMode::Canary).await;
            if proof == CanaryProof::Seen {
                proven.push(role);
            }
            self.note_undone(update.account, &result);
            reports.add(position, result);
        }
        let mut others = stream::iter(rest)
            .map(|position| async move {
                let (_, update) = updates[position];
                (position, self.update(update, UpdateMode::Plain).await.0)
            })
            .buffer_unordered(self.client().concurrency());
        while let Some((position, result)) = others.next().await {
            self.note_undone(updates[position].1.account, &result);
            reports.add(position, result);
        }
    }

    async fn update(&self, update: &Update, mode: UpdateMode) -> (OperationResult, CanaryProof) {
        let not_attempted = |why| (OperationResult::NotAttempted(why), CanaryProof::None);
        if let Some(halt) = self.halted() {
            return not_attempted(SkipReason::Halted(halt));
        }
        if self.undone().contains(&update.account) {
            return not_attempted(SkipReason::NotBroughtBack);
        }
        let fields = match self.fields(&update.changes) {
            Ok(fields) => fields,
            Err(why) => return not_attempted(why),
        };
        let (result, proof) = match self.send(update, &fields, mode).await {
            Ok(UpdateSent::Done(proof)) => {
                self.brake.succeed();
                (OperationResult::Done(update.account), proof)
            }
            Ok(UpdateSent::Failed(error)) => (OperationResult::Failed(error), CanaryProof::None),
            Ok(UpdateSent::NotAttempted(why)) => not_attempted(why),
            Err(error) => (self.failed(error), CanaryProof::None),
        };
        self.note_update(update, &result);
        (result, proof)
    }

    async fn send(
        &self,
        update: &Update,
        fields: &[(Key, Outgoing<'_>)],
        mode: UpdateMode,
    ) -> Result<UpdateSent, ClientError> {
        match mode {
            UpdateMode::Plain => self.send_plain(update, fields).await,
            UpdateMode::Canary => self.send_canary(update, fields).await,
        }
    }

    /// Relies on the reading that the plan was made from, while that is fresh.
    async fn send_plain(
        &self,
        update: &Update,
        fields: &[(Key, Outgoing<'_>)],
    ) -> Result<UpdateSent, ClientError> {
        let age = self.setting.clock.age(self.setting.read_at);
        let until = self
            .setting
            .clock
            .moment_after(FRESH_FOR.saturating_sub(age));
        let sent = self.client().update(update.account, fields, Some(until));
        match sent.await {
            // The call had to wait until the reading was too old.
            Err(ClientError::TooLate { .. }) => {}
            sent => return sent.map(|()| UpdateSent::Done(CanaryProof::None)),
        }
        match self.read_and_send(update, fields).await? {
            ReadAndSent::Sent(_) => Ok(UpdateSent::Done(CanaryProof::None)),
            ReadAndSent::Not(instead) => Ok(instead),
        }
    }

    async fn send_canary(
        &self,
        update: &Update,
        fields: &[(Key, Outgoing<'_>)],
    ) -> Result<UpdateSent, ClientError> {
        let before = match self.read_and_send(update, fields).await? {
            ReadAndSent::Sent(before) => before,
            ReadAndSent::Not(instead) => return Ok(instead),
        };
        let after = match self.client().whole(self.organisation, update.account).await {
            Ok(Some(after)) => after,
            // The update was sent, and verification says whether it holds. It proves nothing, so the next update of the
            // role is a canary, too.
            Ok(None) => return Ok(UpdateSent::Done(CanaryProof::None)),
            Err(error) => {
                self.record_failure(&error);
                return Ok(UpdateSent::Done(CanaryProof::None));
            }
        };
        let touched = unexpected(before.differing(&after), fields);
        if touched.is_empty() {
            return Ok(UpdateSent::Done(CanaryProof::Seen));
        }
        self.brake.halt(StopReason::TouchedOthers);
        Ok(UpdateSent::Failed(OperationError::TouchedOthers(touched)))
    }

    /// Reads the account in full just before the update. If the plan rests on an old reading, the account must not have
    /// changed since.
    async fn read_and_send(
        &self,
        update: &Update,
        fields: &[(Key, Outgoing<'_>)],
    ) -> Result<ReadAndSent, ClientError> {
        let clock = self.setting.clock;
        let is_stale = clock.age(self.setting.read_at) > FRESH_FOR;
        let read_at = clock.moment();
        let account = update.account;
        let before = match self.client().whole(self.organisation, account).await {
            Ok(Some(before)) => before,
            Ok(None) => return Ok(ReadAndSent::Not(UpdateSent::Failed(OperationError::Gone))),
            Err(error) if self.is_stopped() => {
                self.record_failure(&error);
                let why = SkipReason::Halted(StopReason::Asked);
                return Ok(ReadAndSent::Not(UpdateSent::NotAttempted(why)));
            }
            Err(error) => return Err(error),
        };
        if is_stale {
            let changed = changed_meanwhile(&update.changes, &before.account.shown);
            if !changed.is_empty() {
                let error = OperationError::ChangedMeanwhile(changed);
                return Ok(ReadAndSent::Not(UpdateSent::Failed(error)));
            }
        }
        // The reading may have waited, and somebody may have stopped the run.
        if let Some(halt) = self.halted() {
            let why = SkipReason::Halted(halt);
            return Ok(ReadAndSent::Not(UpdateSent::NotAttempted(why)));
        }
        let until = clock.moment_from(read_at, FRESH_FOR);
        self.client().update(account, fields, Some(until)).await?;
        Ok(ReadAndSent::Sent(before))
    }

    /// Writes the result to the journal. If that fails, the run stops, and the result stays as it is.
    fn note_update(&self, update: &Update, result: &OperationResult) {
        let id = update.account;
        let mis_id = update.user.mis_id.as_deref();
        let user = mis_id.map(|mis_id| JournalUser(RecordedUser::new(update.user.role, mis_id)));
        let event = match result {
            OperationResult::Done(id) => JournalEvent::Updated {
                id: *id,
                user,
                fields: public_names(&update.changes),
            },
            OperationResult::Failed(
                OperationError::TouchedOthers(_) | OperationError::MoveTouchedOthers(_),
            ) => JournalEvent::Damaged { id, user },
            OperationResult::Failed(error) => JournalEvent::NotUpdated {
                id,
                user,
                why: reason(error),
            },
            OperationResult::EntryDone(_)
            | OperationResult::Found(_)
            | OperationResult::NotAttempted(_)
            | OperationResult::Unclear(_) => return,
        };
        let _ = self.note(event);
    }
}

/// Reports results in the order of the plan, although updates end in a different order.
struct OrderedReports<'r, F> {
    updates: &'r [(usize, &'r Update)],
    on_result: &'r mut F,
    waiting: BTreeMap<usize, OperationResult>,
    next: usize,
}

impl<'r, F: FnMut(usize, OperationResult)> OrderedReports<'r, F> {
    fn new(updates: &'r [(usize, &'r Update)], on_result: &'r mut F) -> Self {
        Self {
            updates,
            on_result,
            waiting: BTreeMap::new(),
            next: 0,
        }
    }

    fn add(&mut self, position: usize, result: OperationResult) {
        self.waiting.insert(position, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            let (index, _) = self.updates[self.next];
            (self.on_result)(index, result);
            self.next += 1;
        }
    }
}

/// How an update is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UpdateMode {
    Plain,
    /// The account is read in full before and after.
    Canary,
}

/// Whether a canary has shown that an update changes only the fields that are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CanaryProof {
    None,
    Seen,
}

/// The result of sending an update.
enum UpdateSent {
    Done(CanaryProof),
    /// It changed other fields, or wasn't sent because of what the account shows.
    Failed(OperationError),
    /// The run had stopped.
    NotAttempted(SkipReason),
}

/// The result of reading an account and sending its update.
enum ReadAndSent {
    /// The update was sent. Holds the account as it was just before.
    Sent(FullAccount),
    Not(UpdateSent),
}

/// The fields whose live values are neither those of the plan's snapshot nor the declared ones.
pub(super) fn changed_meanwhile(changes: &[Change], now: &ObservedFields) -> Vec<Key> {
    let mut changed = Vec::new();
    for change in changes {
        let live = now.get(change.key);
        let former = change.from.as_ref().map(|former| &former.live);
        if change.is_verifiable && !equal(&change.to, live) && !same_live(live, former) {
            changed.push(change.key);
        }
    }
    changed
}

/// The fields that the server itself changes with every update.
pub(super) const ALWAYS_CHANGED: &[&str] = &["LastModified", "Progress"];

/// Of the API names of the fields that differ between two readings, those that weren't sent.
pub(super) fn unexpected(differing: Vec<String>, sent: &[(Key, Outgoing<'_>)]) -> Vec<String> {
    let mut expected: Vec<&str> = ALWAYS_CHANGED.to_vec();
    expected.extend(sent.iter().filter_map(|(key, _)| key.row().api));
    let mut touched = differing;
    touched.retain(|name| {
        !expected
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    });
    touched
}

/// The names of the changed fields, in the form that anybody may read.
pub(super) fn public_names(changes: &[Change]) -> Vec<String> {
    let names = open_names(changes.iter().map(|change| change.key));
    names.into_iter().map(str::to_owned).collect()
}

pub(super) fn reason(error: &OperationError) -> String {
    match error {
        OperationError::Call(error) => error.to_string(),
        OperationError::ChangedMeanwhile(_) => {
            "changed on the server since the plan was made".to_owned()
        }
        OperationError::TouchedOthers(_)
        | OperationError::MoveTouchedOthers(_)
        | OperationError::AssignedOtherwise { .. } => "changed what wasn't sent".to_owned(),
        OperationError::AimsUnreadable => "the learning aims can't be read".to_owned(),
        OperationError::Gone => "it isn't there".to_owned(),
    }
}
