//! Creates accounts one by one, and never twice. Each intent is on disk before its request is sent. If the answer is lost, the
//! run searches for the account; if it can't find it, a person has to look. A search can't prove that an account doesn't
//! exist: of two accounts created a minute ago, one may show and the other not. So a run never repeats a create that may have
//! worked.

use std::time::Duration;

use crate::apply::journal::{JournalEvent, JournalUser};
use crate::apply::{OperationResult, Run, SkipReason, StopReason};
use crate::domain::clock::{Clock, Moment};
use crate::domain::field::Key;
use crate::domain::{Account, AccountId, ObservedValue, Organisation, Value};
use crate::onefile::{ClientError, CreateFailure, Outgoing, SEARCH_AFTER_CREATE};
use crate::plan::{Create, ResolvedValue, equal};

/// How long a search is taken as true, in real time, because a test's faster clock doesn't speed up the network. A create
/// that isn't sent by then waits for another search.
const SEARCH_HOLDS_FOR: Duration = Duration::from_secs(5);
/// How often the searches before one create are sent, if something holds them back each time.
const MOST_SEARCHES: usize = 4;
/// A search by MIS value, one by name, and the create.
const CALLS_OF_A_CREATE: usize = 3;
/// More calls than this mean that a search had several pages. Two searches have a page each, and each may be sent twice.
const MOST_CALLS_OF_A_SEARCH: usize = 4;

/// What this run has learnt from its creates so far.
#[derive(Default)]
struct CreateProgress {
    /// Whether a search has found an account that this run created.
    finds: bool,
    /// Why no more accounts are created.
    end: Option<SkipReason>,
}

impl Run<'_> {
    pub(super) async fn creates(
        &mut self,
        creates: &[(usize, &Create)],
        organisation: &Organisation,
        on_result: &mut impl FnMut(usize, OperationResult),
    ) {
        let mut shown = CreateProgress::default();
        for (at, (index, operation)) in creates.iter().enumerate() {
            if at == 0 && self.halted().is_none() {
                shown.end = self.settings_changed(organisation).await;
            }
            let fate = self.create(operation, &mut shown).await;
            match fate {
                OperationResult::Done(id) | OperationResult::Found(id) => {
                    if !shown.finds && at + 1 < creates.len() {
                        shown.finds = self.becomes_findable(operation).await;
                        shown.end = (!shown.finds).then_some(SkipReason::NotFindable);
                    }
                    self.created.insert(operation.identity(), id);
                }
                OperationResult::EntryDone(_)
                | OperationResult::Failed(_)
                | OperationResult::NotAttempted(_)
                | OperationResult::Unclear(_) => {}
            }
            on_result(*index, fate);
        }
    }

    /// Why nobody should be created now: the settings that decide who gets an e-mail differ from the plan's, or can't be read.
    async fn settings_changed(&self, planned: &Organisation) -> Option<SkipReason> {
        match self.client().organisation(self.organisation).await {
            Ok(now) => {
                let emails = |of: &Organisation| (of.keychain_creation, of.email_suppression);
                (emails(&now) != emails(planned)).then_some(SkipReason::SettingsChanged)
            }
            Err(error) => {
                // If somebody has stopped the run, that reason stays.
                self.halted();
                let halt = self.brake.halt(StopReason::of(&error));
                Some(SkipReason::Halted(halt))
            }
        }
    }

    async fn create(&self, operation: &Create, shown: &mut CreateProgress) -> OperationResult {
        if let Some(why) = self
            .halted()
            .map(SkipReason::Halted)
            .or_else(|| shown.end.clone())
        {
            return OperationResult::NotAttempted(why);
        }
        let fields = match self.fields(&operation.changes) {
            Ok(fields) => fields,
            Err(why) => return OperationResult::NotAttempted(why),
        };
        let mut attempts = 0;
        loop {
            attempts += 1;
            // Somebody else may have created the account meanwhile, or a list may have left it out. The search also waits out
            // an outage, so that the create isn't sent during one.
            match self.search_just_now(operation).await {
                Ok(None) => {}
                Ok(Some(why)) => return OperationResult::NotAttempted(why),
                Err(error) => return self.failed_before_write(error),
            }
            if let Some(halt) = self.halted() {
                return OperationResult::NotAttempted(SkipReason::Halted(halt));
            }
            let until = Clock::REAL.moment_after(SEARCH_HOLDS_FOR);
            match self.attempt(operation, &fields, until).await {
                Ok(Attempt::Created(id)) => {
                    self.brake.succeed();
                    return OperationResult::Done(id);
                }
                Ok(Attempt::NotCreated(error)) if attempts < error.create_attempts() => {}
                Ok(Attempt::NotCreated(error)) => return self.failed(error),
                Ok(Attempt::Unclear(error, called)) => {
                    return self.clear_up(operation, error, called, shown).await;
                }
                Err(why) => return OperationResult::NotAttempted(why),
            }
        }
    }

    /// Searches for the account of a create whose answer was lost. If none is found, the create stays unclear.
    async fn clear_up(
        &self,
        operation: &Create,
        error: ClientError,
        called: Moment,
        shown: &mut CreateProgress,
    ) -> OperationResult {
        if let Some((id, by)) = self.search(operation, called).await {
            self.complete(operation, id).await;
            shown.finds |= by == FoundBy::MisValue;
            return OperationResult::Found(id);
        }
        // Until a search has found a created account, every further create could stay unclear in the same way.
        shown.end = (!shown.finds).then_some(SkipReason::UnclearCreate);
        self.record_failure(&error);
        // If this can't be written, nothing is lost: the intent is on disk and stays open.
        let _ = self.note(JournalEvent::Unclear {
            user: JournalUser::of(&operation.identity()),
            why: error.to_string(),
        });
        OperationResult::Unclear(error)
    }

    /// Searches when the searches and the create after them needn't wait for the limit. If the service held a search back all
    /// the same, such as with a 429, the first of them is out of date, and they are sent again.
    async fn search_just_now(&self, operation: &Create) -> Result<Option<SkipReason>, ClientError> {
        let clock = Clock::REAL;
        for _ in 1..MOST_SEARCHES {
            self.client().wait_for_calls(CALLS_OF_A_CREATE).await;
            let (begun, before) = (clock.moment(), self.client().calls());
            let found = self.existing(operation).await?;
            // A server that ignores the filter gives all its pages, which takes its time, too.
            let reads_pages = self.client().calls() - before > MOST_CALLS_OF_A_SEARCH;
            if found.is_some() || reads_pages || clock.elapsed(begun) <= SEARCH_HOLDS_FOR {
                return Ok(found);
            }
        }
        self.existing(operation).await
    }

    /// Sends one create, unless its turn comes after `until`. `Err` if the intent couldn't be written to the journal; then nothing was sent.
    async fn attempt(
        &self,
        operation: &Create,
        fields: &[(Key, Outgoing<'_>)],
        until: Moment,
    ) -> Result<Attempt, SkipReason> {
        let user = JournalUser::of(&operation.identity());
        self.note(JournalEvent::Intent { user: user.clone() })?;
        let answer = self
            .client()
            .create(self.organisation, operation.user.role, fields, Some(until))
            .await;
        let called = self.setting.clock.moment();
        Ok(match answer {
            Ok(id) => {
                // The account exists even if this can't be written, so the create is a success. `note` stops the run.
                let _ = self.note(JournalEvent::Created { user, id });
                Attempt::Created(id)
            }
            Err(CreateFailure::NotCreated(error)) => {
                let _ = self.note(JournalEvent::NotCreated {
                    user,
                    why: error.to_string(),
                });
                Attempt::NotCreated(error)
            }
            Err(CreateFailure::Unclear(error)) => Attempt::Unclear(error, called),
        })
    }

    /// Searches for an account that the plan didn't know and that may be this person's, by MIS value and then by name.
    async fn existing(&self, operation: &Create) -> Result<Option<SkipReason>, ClientError> {
        if let Some(id) = self.find(operation).await? {
            return Ok(Some(SkipReason::Exists(id)));
        }
        let named = self.new_namesakes(operation).await?;
        // An account that this run has created belongs to another declared user.
        let is_ours = |id: &AccountId| self.created.values().any(|created| created == id);
        Ok(named
            .into_iter()
            .find(|id| !is_ours(id))
            .map(SkipReason::SameName))
    }

    /// The account with the operation's MIS value.
    async fn find(&self, operation: &Create) -> Result<Option<AccountId>, ClientError> {
        self.client()
            .find(
                self.organisation,
                operation.user.role,
                &operation.mis_id,
                &operation.replaces,
            )
            .await
    }

    /// Whether searches find a created account within the times of `SEARCH_AFTER_CREATE`. If they don't, they couldn't find the
    /// account of an unclear create either.
    async fn becomes_findable(&self, operation: &Create) -> bool {
        self.seek(
            operation,
            self.setting.clock.moment(),
            std::iter::once(&0).chain(SEARCH_AFTER_CREATE),
        )
        .await
        .is_some()
    }

    /// Searches for the account of an unclear create, by MIS value and finally by name.
    async fn search(&self, operation: &Create, called: Moment) -> Option<(AccountId, FoundBy)> {
        let (id, by) = match self
            .seek(operation, called, SEARCH_AFTER_CREATE.iter())
            .await
        {
            Some(id) => (id, FoundBy::MisValue),
            None => (
                self.find_by_name(operation).await.unwrap_or_default()?,
                FoundBy::Name,
            ),
        };
        // If this can't be written, the intent stays open and the next run finds the account.
        let _ = self.note(JournalEvent::Found {
            user: JournalUser::of(&operation.identity()),
            id,
        });
        Some((id, by))
    }

    /// Searches by MIS value at each of `times`, in seconds after `called`.
    async fn seek<'t>(
        &self,
        operation: &Create,
        called: Moment,
        times: impl Iterator<Item = &'t u64>,
    ) -> Option<AccountId> {
        for after in times {
            self.wait_until(called, *after).await;
            match self.find(operation).await {
                Ok(Some(id)) => return Some(id),
                Err(error) if error.ends_run() => {
                    self.record_failure(&error);
                    return None;
                }
                Ok(None) | Err(_) => {}
            }
            // The next run searches again.
            if self.client().cancel_token().is_cancelled() {
                return None;
            }
        }
        None
    }

    /// The account that has the user's name and e-mail address, no other MIS value, and wasn't in the snapshot.
    async fn find_by_name(&self, operation: &Create) -> Result<Option<AccountId>, ClientError> {
        let mis_id = &operation.mis_id;
        let mut fitting = Vec::new();
        for id in self.new_namesakes(operation).await? {
            let account = self.client().account(self.organisation, id).await?;
            let fits = |account: &Account| {
                let is_other = account.text(Key::MisId).is_some_and(|live| live != *mis_id);
                !is_other && is_equal(operation, Key::Email, account)
            };
            fitting.extend(account.filter(fits).map(|account| account.id));
        }
        // If several accounts fit, it isn't clear which of them this run created.
        Ok(if let [id] = fitting[..] {
            Some(id)
        } else {
            None
        })
    }

    /// The accounts with the user's name that aren't in the snapshot and that `distinctFrom` doesn't name.
    async fn new_namesakes(&self, operation: &Create) -> Result<Vec<AccountId>, ClientError> {
        let (Some(first), Some(last)) = (
            text(operation, Key::FirstName),
            text(operation, Key::LastName),
        ) else {
            return Ok(Vec::new());
        };
        let mut named = self
            .client()
            .find_by_name(self.organisation, operation.user.role, first, last)
            .await?;
        named.retain(|id| {
            self.setting.snapshot.account(*id).is_none()
                && !operation.distinct_from.contains(id)
                && !operation.replaces.contains(id)
        });
        Ok(named)
    }

    /// Sends the fields that a found account shows as empty. Verification reports those with other values.
    async fn complete(&self, operation: &Create, id: AccountId) {
        let Ok(Some(account)) = self.client().account(self.organisation, id).await else {
            return;
        };
        let is_empty = |key: Key| {
            account.shown.contains(key)
                && account.shown.get(key).is_none_or(ObservedValue::is_empty)
        };
        let Ok(mut fields) = self.fields(&operation.changes) else {
            return;
        };
        fields.retain(|(key, _)| is_empty(*key));
        if !fields.is_empty() {
            // If this fails, verification reports the missing values.
            let _ = self.client().update(id, &fields, None).await;
        }
    }

    pub(super) async fn wait_until(&self, since: Moment, seconds: u64) {
        let clock = self.setting.clock;
        let at = clock.moment_from(since, Duration::from_secs(seconds));
        if at > clock.moment() {
            self.client().sleep_until(at).await;
        }
    }
}

/// How an account was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FoundBy {
    MisValue,
    Name,
}

/// The result of sending one create.
enum Attempt {
    Created(AccountId),
    NotCreated(ClientError),
    /// The account may exist. Holds the time when the call ended.
    Unclear(ClientError, Moment),
}

fn text(operation: &Create, key: Key) -> Option<&str> {
    operation
        .changes
        .iter()
        .find(|change| change.key == key)
        .and_then(|change| match &change.to {
            ResolvedValue::Value(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        })
}

fn is_equal(operation: &Create, key: Key, account: &Account) -> bool {
    let change = operation.changes.iter().find(|change| change.key == key);
    change.is_some_and(|change| equal(&change.to, account.shown.get(key)))
}
