//! Creates placements and classrooms and updates them, one by one, before anything that refers to them. The list is read just before
//! a create, and its intent is on disk. If the answer is lost, the create isn't sent again in this run.

use crate::apply::journal::{EntryStep, JournalEntry, JournalEvent};
use crate::apply::update::{FRESH_FOR, changed_meanwhile, public_names, reason, unexpected};
use crate::apply::{OperationError, OperationResult, Run, SkipReason, StopReason};
use crate::domain::field::Key;
use crate::domain::{DirectoryEntry, EntryId, EntryKind, plain_name};
use crate::onefile::{ClientError, FullEntry, Outgoing, SEARCH_AFTER_CREATE, WriteFailure};
use crate::plan::{CreateEntry, EntryLabel, UpdateEntry};

/// A create or an update of a placement or classroom.
#[derive(Clone, Copy)]
pub(super) enum EntryOperation<'o> {
    Create(&'o CreateEntry),
    Update(&'o UpdateEntry),
}

impl Run<'_> {
    /// Sends them in the plan's order. The first update of each kind is read again at once, to check that it changes only what
    /// was sent.
    pub(super) async fn entries(
        &mut self,
        entries: &[(usize, EntryOperation<'_>)],
        on_result: &mut impl FnMut(usize, OperationResult),
    ) {
        let mut proven: Vec<EntryKind> = Vec::new();
        for (index, operation) in entries {
            let result = match operation {
                EntryOperation::Create(create) => {
                    let result = self.create_entry(create).await;
                    if let OperationResult::EntryDone(id) = result {
                        self.new_entries.insert(create.new_entry(), id);
                    }
                    result
                }
                EntryOperation::Update(update) => {
                    let result = self.update_entry(update, &mut proven).await;
                    self.note_entry_update(update, &result);
                    result
                }
            };
            on_result(*index, result);
        }
    }

    async fn create_entry(&self, operation: &CreateEntry) -> OperationResult {
        if let Some(halt) = self.halted() {
            return OperationResult::NotAttempted(SkipReason::Halted(halt));
        }
        let fields = match self.fields(&operation.changes) {
            Ok(fields) => fields,
            Err(why) => return OperationResult::NotAttempted(why),
        };
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.find_entry(&operation.entry).await {
                Ok(None) => {}
                Ok(Some(id)) => return OperationResult::NotAttempted(SkipReason::EntryExists(id)),
                Err(error) => return self.failed_before_write(error),
            }
            // The reading may have waited, and somebody may have stopped the run.
            if let Some(halt) = self.halted() {
                return OperationResult::NotAttempted(SkipReason::Halted(halt));
            }
            match self.attempt_entry(operation, &fields).await {
                Ok(Ok(id)) => return OperationResult::EntryDone(id),
                Ok(Err(WriteFailure::NotDone(error))) if attempts < error.create_attempts() => {}
                Ok(Err(WriteFailure::NotDone(error))) => return self.failed(error),
                Ok(Err(WriteFailure::Unclear(error))) => {
                    return self.clear_up_entry(operation, error).await;
                }
                Err(why) => return OperationResult::NotAttempted(why),
            }
        }
    }

    /// Sends one create. `Err` if the intent couldn't be written to the journal; then nothing was sent.
    async fn attempt_entry(
        &self,
        operation: &CreateEntry,
        fields: &[(Key, Outgoing<'_>)],
    ) -> Result<Result<EntryId, WriteFailure>, SkipReason> {
        self.note(entry_event(&operation.entry, EntryStep::Intent))?;
        let until = self.setting.clock.moment_after(FRESH_FOR);
        let kind = operation.entry.kind;
        let sent = self
            .client()
            .create_entry(self.organisation, kind, fields, Some(until));
        let sent = sent.await;
        let step = match &sent {
            Ok(id) => {
                self.brake.succeed();
                EntryStep::Created { id: *id }
            }
            Err(WriteFailure::NotDone(error)) => EntryStep::NotCreated {
                why: error.to_string(),
            },
            Err(WriteFailure::Unclear(_)) => return Ok(sent),
        };
        // It exists even if this can't be written. `note` stops the run.
        let _ = self.note(entry_event(&operation.entry, step));
        Ok(sent)
    }

    /// Searches for the placement or classroom of a create whose answer was lost.
    async fn clear_up_entry(&self, operation: &CreateEntry, error: ClientError) -> OperationResult {
        let called = self.setting.clock.moment();
        for after in SEARCH_AFTER_CREATE {
            self.wait_until(called, *after).await;
            if let Ok(Some(id)) = self.find_entry(&operation.entry).await {
                let _ = self.note(entry_event(&operation.entry, EntryStep::Found { id }));
                return OperationResult::EntryDone(id);
            }
            // The next run searches again.
            if self.is_stopped() {
                break;
            }
        }
        self.record_failure(&error);
        // If this can't be written, nothing is lost: the intent is on disk and stays open.
        let why = error.to_string();
        let _ = self.note(entry_event(&operation.entry, EntryStep::Unclear { why }));
        OperationResult::Unclear(error)
    }

    /// The one that the list shows under this MIS value or under a name that people take for this one.
    async fn find_entry(&self, wanted: &EntryLabel) -> Result<Option<EntryId>, ClientError> {
        let listed = self
            .client()
            .listed_entries(self.organisation, wanted.kind)
            .await?;
        let found = listed.iter().find(|entry| is_it(entry, wanted));
        Ok(found.map(|entry| entry.id))
    }

    async fn update_entry(
        &self,
        update: &UpdateEntry,
        proven: &mut Vec<EntryKind>,
    ) -> OperationResult {
        if let Some(halt) = self.halted() {
            return OperationResult::NotAttempted(SkipReason::Halted(halt));
        }
        let fields = match self.fields(&update.changes) {
            Ok(fields) => fields,
            Err(why) => return OperationResult::NotAttempted(why),
        };
        let before = match self.read_entry(update).await {
            Ok(before) => before,
            Err(result) => return result,
        };
        let kind = update.entry.kind;
        let until = self.setting.clock.moment_after(FRESH_FOR);
        let sent = self
            .client()
            .update_entry(kind, update.id, &fields, Some(until));
        if let Err(error) = sent.await {
            return self.failed(error);
        }
        self.brake.succeed();
        if proven.contains(&kind) {
            return OperationResult::EntryDone(update.id);
        }
        match self.touched_entry(update, &before, &fields).await {
            Some(touched) if !touched.is_empty() => {
                self.brake.halt(StopReason::TouchedOthers);
                OperationResult::Failed(OperationError::TouchedOthers(touched))
            }
            seen => {
                proven.extend(seen.map(|_| kind));
                OperationResult::EntryDone(update.id)
            }
        }
    }

    /// Reads it just before its update. The error is the result if nothing is to be sent.
    async fn read_entry(&self, update: &UpdateEntry) -> Result<FullEntry, OperationResult> {
        let kind = update.entry.kind;
        let read = self
            .client()
            .whole_entry(self.organisation, kind, update.id);
        let before = match read.await {
            Ok(Some(before)) => before,
            Ok(None) => return Err(OperationResult::Failed(OperationError::Gone)),
            Err(error) => return Err(self.failed_before_write(error)),
        };
        let changed = changed_meanwhile(&update.changes, &before.entry.shown);
        if !changed.is_empty() {
            let error = OperationError::ChangedMeanwhile(changed);
            return Err(OperationResult::Failed(error));
        }
        match self.halted() {
            Some(halt) => Err(OperationResult::NotAttempted(SkipReason::Halted(halt))),
            None => Ok(before),
        }
    }

    /// What an update changed and wasn't sent; `None` if that can't be read.
    async fn touched_entry(
        &self,
        update: &UpdateEntry,
        before: &FullEntry,
        fields: &[(Key, Outgoing<'_>)],
    ) -> Option<Vec<String>> {
        let kind = update.entry.kind;
        let read = self
            .client()
            .whole_entry(self.organisation, kind, update.id);
        match read.await {
            Ok(after) => Some(unexpected(before.differing(&after?), fields)),
            Err(error) => {
                self.record_failure(&error);
                None
            }
        }
    }

    /// Writes the result to the journal. If that fails, the run stops, and the result stays as it is.
    fn note_entry_update(&self, update: &UpdateEntry, result: &OperationResult) {
        let id = update.id;
        let step = match result {
            OperationResult::EntryDone(_) => EntryStep::Updated {
                id,
                fields: public_names(&update.changes),
            },
            OperationResult::Failed(OperationError::TouchedOthers(_)) => EntryStep::Damaged { id },
            OperationResult::Failed(error) => EntryStep::NotUpdated {
                id,
                why: reason(error),
            },
            OperationResult::Done(_)
            | OperationResult::Found(_)
            | OperationResult::NotAttempted(_)
            | OperationResult::Unclear(_) => return,
        };
        let _ = self.note(entry_event(&update.entry, step));
    }
}

fn is_it(entry: &DirectoryEntry, wanted: &EntryLabel) -> bool {
    let has_mis_id = wanted.mis_id.is_some() && entry.mis_id == wanted.mis_id;
    has_mis_id || plain_name(&entry.name) == plain_name(&wanted.name)
}

fn entry_event(label: &EntryLabel, step: EntryStep) -> JournalEvent {
    let entry = JournalEntry::of(label.to_new());
    JournalEvent::Entry { entry, step }
}
