//! Updates: the first of each role alone, to see that nothing changes that wasn't sent; the others side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use crate::apply::journal::JournalEvent;
use crate::apply::{OperationError, OperationResult, Run, SkipReason, StopReason};
use crate::domain::Id;
use crate::domain::field::Key;
use crate::domain::redact::open_names;
use crate::onefile::{ClientError, FullAccount, Outgoing};
use crate::plan::{Action, Change, Operation, canonical, equal};

/// A reading that is older than this is read again before an update relies on it.
const STALE: Duration = Duration::from_mins(10);

impl Run<'_> {
    pub(super) async fn updates(
        &self,
        updates: &[&Operation],
        on_fate: &mut impl FnMut(&Operation, OperationResult),
    ) {
        let mut fates: BTreeMap<usize, OperationResult> = BTreeMap::new();
        let mut next = 0;
        let mut tell = |at: usize, fate: OperationResult| {
            fates.insert(at, fate);
            while let Some(fate) = fates.remove(&next) {
                on_fate(updates[next], fate);
                next += 1;
            }
        };
        let mut proven = Vec::new();
        let mut rest = Vec::new();
        for (at, operation) in updates.iter().enumerate() {
            let role = operation.who.role;
            if proven.contains(&role) {
                rest.push(at);
                continue;
            }
            let (fate, proof) = self.update(operation, UpdateMode::Canary).await;
            if proof == CanaryProof::Seen {
                proven.push(role);
            }
            tell(at, fate);
        }
        let mut others = stream::iter(rest)
            .map(|at| async move { (at, self.update(updates[at], UpdateMode::Usual).await.0) })
            .buffer_unordered(self.client().concurrency());
        while let Some((at, fate)) = others.next().await {
            tell(at, fate);
        }
    }

    async fn update(
        &self,
        operation: &Operation,
        care: UpdateMode,
    ) -> (OperationResult, CanaryProof) {
        let Action::Update(id) = operation.action else {
            unreachable!("creates were told apart");
        };
        let not_attempted = |why| (OperationResult::NotAttempted(why), CanaryProof::None);
        if let Some(halt) = self.halted() {
            return not_attempted(SkipReason::Halted(halt));
        }
        let fields = match self.fields(operation) {
            Ok(fields) => fields,
            Err(why) => return not_attempted(why),
        };
        let (fate, proof) = match self.send(operation, id, &fields, care).await {
            Ok(UpdateSent::Done(proof)) => {
                self.brake.succeed();
                (OperationResult::Done(id), proof)
            }
            Ok(UpdateSent::Not(failure)) => (OperationResult::Failed(failure), CanaryProof::None),
            Ok(UpdateSent::NotAny(why)) => (OperationResult::NotAttempted(why), CanaryProof::None),
            Err(error) => (self.failed(error), CanaryProof::None),
        };
        self.note_update(operation, id, &fate);
        (fate, proof)
    }

    async fn send(
        &self,
        operation: &Operation,
        id: Id,
        fields: &[(Key, Outgoing<'_>)],
        care: UpdateMode,
    ) -> Result<UpdateSent, ClientError> {
        let clock = self.setting.clock;
        if care == UpdateMode::Usual {
            match self
                .client()
                .update(id, fields, clock.from(self.setting.read_at, STALE))
                .await
            {
                // It had to wait, and the reading has grown old.
                Err(ClientError::TooLate { .. }) => {}
                sent => return sent.map(|()| UpdateSent::Done(CanaryProof::None)),
            }
        }
        let read_at = clock.now();
        let is_stale = read_at > clock.from(self.setting.read_at, STALE);
        let Some(before) = self.client().whole(self.organisation, id).await? else {
            return Ok(UpdateSent::Not(OperationError::Gone));
        };
        if is_stale {
            let changed = changed_meanwhile(operation, &before);
            if !changed.is_empty() {
                return Ok(UpdateSent::Not(OperationError::ChangedMeanwhile(changed)));
            }
        }
        // The look may have waited.
        if let Some(halt) = self.halted() {
            return Ok(UpdateSent::NotAny(SkipReason::Halted(halt)));
        }
        self.client()
            .update(id, fields, clock.from(read_at, STALE))
            .await?;
        if care == UpdateMode::Usual {
            return Ok(UpdateSent::Done(CanaryProof::None));
        }
        let after = match self.client().whole(self.organisation, id).await {
            Ok(Some(after)) => after,
            // It was sent. What came of it, the verification says; the next one of the role goes alone, too.
            Ok(None) => return Ok(UpdateSent::Done(CanaryProof::None)),
            Err(error) => {
                self.brake.fail(&error);
                return Ok(UpdateSent::Done(CanaryProof::None));
            }
        };
        let touched = touched(&before, &after, fields);
        if touched.is_empty() {
            return Ok(UpdateSent::Done(CanaryProof::Seen));
        }
        self.brake.halt(StopReason::TouchedOthers);
        Ok(UpdateSent::Not(OperationError::TouchedOthers(touched)))
    }

    /// A line that can't be written stops the run, and changes nothing of what was done.
    fn note_update(&self, operation: &Operation, id: Id, fate: &OperationResult) {
        let mis_id = operation.who.mis_id.clone();
        let event = match fate {
            OperationResult::Done(id) => JournalEvent::Updated {
                id: *id,
                mis_id,
                fields: public_names(operation),
            },
            OperationResult::Failed(OperationError::TouchedOthers(_)) => {
                JournalEvent::Damaged { id, mis_id }
            }
            OperationResult::Failed(failure) => JournalEvent::NotUpdated {
                id,
                mis_id,
                why: reason(failure),
            },
            OperationResult::Found(_)
            | OperationResult::NotAttempted(_)
            | OperationResult::Unclear(_) => return,
        };
        let _ = self.note(event);
    }
}

/// How an update is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UpdateMode {
    Usual,
    /// Looked at whole, before and after.
    Canary,
}

/// Whether an update was seen to change nothing but what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CanaryProof {
    None,
    Seen,
}

/// What came of sending an update.
enum UpdateSent {
    Done(CanaryProof),
    /// It was sent and did what it shouldn't, or wasn't sent for a reason of the account's.
    Not(OperationError),
    /// The run had stopped.
    NotAny(SkipReason),
}

/// The fields that are neither as they were when the plan was made nor as they should be.
fn changed_meanwhile(operation: &Operation, now: &FullAccount) -> Vec<Key> {
    let differs = |change: &&Change| {
        let live = now.account.shown.get(change.key);
        let former = change
            .from
            .as_ref()
            .and_then(|former| canonical(change.key, &former.live));
        let is_there = equal(change.key, &change.to, live);
        change.is_verifiable
            && !is_there
            && live.and_then(|live| canonical(change.key, live)) != former
    };
    operation
        .changes
        .iter()
        .filter(differs)
        .map(|change| change.key)
        .collect()
}

/// What the server changes by itself with every update.
const ALWAYS_CHANGED: &[&str] = &["LastModified", "Progress"];

/// What differs between two looks and wasn't sent, by the names of the API.
fn touched(before: &FullAccount, after: &FullAccount, sent: &[(Key, Outgoing<'_>)]) -> Vec<String> {
    let sent = sent.iter().filter_map(|(key, _)| key.row().api);
    let expected: Vec<&str> = sent.chain(ALWAYS_CHANGED.iter().copied()).collect();
    let is_expected = |name: &String| {
        expected
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    before
        .differing(after)
        .into_iter()
        .filter(|name| !is_expected(name))
        .collect()
}

/// The names of the fields that are set, as everybody may read them.
fn public_names(operation: &Operation) -> Vec<String> {
    open_names(operation.changes.iter().map(|change| change.key))
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn reason(failure: &OperationError) -> String {
    match failure {
        OperationError::Call(error) => error.to_string(),
        OperationError::ChangedMeanwhile(_) => {
            "changed on the server since the plan was made".to_owned()
        }
        OperationError::TouchedOthers(_) => "changed what wasn't sent".to_owned(),
        OperationError::Gone => "the account isn't there".to_owned(),
    }
}
