//! Updates: the first of each role alone, to see that nothing changes that wasn't sent; the others side by side.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use jiff::SignedDuration;

use crate::apply::{Failure, Fate, Halt, Run, Why};
use crate::client::{ClientError, Outgoing, Whole};
use crate::field::{Class, Key};
use crate::journal::Event;
use crate::model::Id;
use crate::plan::{Action, Change, Operation, canonical, equal};

/// A reading that is older than this is read again before an update relies on it.
const STALE: SignedDuration = SignedDuration::from_mins(10);

impl Run<'_> {
    pub(super) async fn updates(&self, updates: &[&Operation], on_fate: &mut impl FnMut(&Operation, Fate)) {
        let mut fates: BTreeMap<usize, Fate> = BTreeMap::new();
        let mut next = 0;
        let mut tell = |at: usize, fate: Fate| {
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
            let fate = self.update(operation, Care::Canary).await;
            if matches!(fate, Fate::Done(_)) {
                proven.push(role);
            }
            tell(at, fate);
        }
        let mut others = stream::iter(rest)
            .map(|at| async move { (at, self.update(updates[at], Care::Usual).await) })
            .buffer_unordered(self.client().concurrency());
        while let Some((at, fate)) = others.next().await {
            tell(at, fate);
        }
    }

    async fn update(&self, operation: &Operation, care: Care) -> Fate {
        let Action::Update(id) = operation.action else {
            unreachable!("creates were told apart");
        };
        if let Some(halt) = self.halted() {
            return Fate::NotAttempted(Why::Halted(halt));
        }
        let fields = match self.fields(operation) {
            Ok(fields) => fields,
            Err(why) => return Fate::NotAttempted(why),
        };
        let fate = match self.send(operation, id, &fields, care).await {
            Ok(None) => {
                self.brake.succeed();
                Fate::Done(id)
            }
            Ok(Some(failure)) => Fate::Failed(failure),
            Err(error) => self.failed(error),
        };
        self.note_update(operation, id, &fate);
        fate
    }

    /// `Some`: why it didn't do what it should, although the server answered.
    async fn send(
        &self,
        operation: &Operation,
        id: Id,
        fields: &[(Key, Outgoing<'_>)],
        care: Care,
    ) -> Result<Option<Failure>, ClientError> {
        let is_stale = self.setting.clock.since(self.setting.read_at) > STALE;
        if care == Care::Usual && !is_stale {
            self.client().update(id, fields).await?;
            return Ok(None);
        }
        let Some(before) = self.client().whole(self.organisation, id).await? else {
            return Ok(Some(Failure::Gone));
        };
        if is_stale {
            let changed = changed_meanwhile(operation, &before);
            if !changed.is_empty() {
                return Ok(Some(Failure::ChangedMeanwhile(changed)));
            }
        }
        self.client().update(id, fields).await?;
        if care == Care::Usual {
            return Ok(None);
        }
        let Some(after) = self.client().whole(self.organisation, id).await? else {
            return Ok(Some(Failure::Gone));
        };
        let touched = touched(&before, &after, fields);
        if touched.is_empty() {
            return Ok(None);
        }
        self.brake.halt(Halt::TouchedOthers);
        Ok(Some(Failure::TouchedOthers(touched)))
    }

    /// A line that can't be written stops the run, and changes nothing of what was done.
    fn note_update(&self, operation: &Operation, id: Id, fate: &Fate) {
        let mis_id = operation.who.mis_id.clone();
        let event = match fate {
            Fate::Done(id) => Event::Updated { id: *id, mis_id, fields: public_names(operation) },
            Fate::Failed(failure) => Event::NotUpdated { id, mis_id, why: reason(failure) },
            Fate::Found(_) | Fate::NotAttempted(_) | Fate::Unclear(_) => return,
        };
        let _ = self.note(event);
    }
}

/// How an update is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    Usual,
    /// Looked at whole, before and after.
    Canary,
}

/// The fields that are neither as they were when the plan was made nor as they should be.
fn changed_meanwhile(operation: &Operation, now: &Whole) -> Vec<Key> {
    let differs = |change: &&Change| {
        let live = now.account.shown.get(change.key).and_then(Option::as_ref);
        let former = change.from.as_ref().and_then(|former| canonical(change.key, &former.live));
        let is_there = equal(change.key, &change.to, live);
        change.is_verifiable && !is_there && live.and_then(|live| canonical(change.key, live)) != former
    };
    operation.changes.iter().filter(differs).map(|change| change.key).collect()
}

/// What the server changes by itself with every update.
const ALWAYS_CHANGED: &[&str] = &["LastModified", "Progress"];

/// What differs between two looks and wasn't sent, by the names of the API.
fn touched(before: &Whole, after: &Whole, sent: &[(Key, Outgoing<'_>)]) -> Vec<String> {
    let sent = sent.iter().filter_map(|(key, _)| key.row().api);
    let expected: Vec<&str> = sent.chain(ALWAYS_CHANGED.iter().copied()).collect();
    let is_expected = |name: &String| expected.iter().any(|known| known.eq_ignore_ascii_case(name));
    before.differing(after).into_iter().filter(|name| !is_expected(name)).collect()
}

/// The names of the fields that are set; the special ones without their names.
fn public_names(operation: &Operation) -> Vec<String> {
    let name = |key: Key| if key.row().class == Class::Special { "special" } else { key.name() };
    let mut names: Vec<String> = operation.changes.iter().map(|change| name(change.key).to_owned()).collect();
    names.dedup();
    names
}

fn reason(failure: &Failure) -> String {
    match failure {
        Failure::Call(error) => error.to_string(),
        Failure::ChangedMeanwhile(_) => "changed on the server since the plan was made".to_owned(),
        Failure::TouchedOthers(_) => "changed what wasn't sent".to_owned(),
        Failure::Gone => "the account isn't there".to_owned(),
    }
}
