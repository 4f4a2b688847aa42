//! The client: sends a call with the session's key, and repeats it if that is safe (`retry::policy` says when).

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::domain::clock::{Clock, Moment};
use crate::onefile::answer::{RawAnswer, acknowledgement, json, sensitive, session_key};
use crate::onefile::bounds::AnswerBounds;
use crate::onefile::call::Call;
use crate::onefile::error::ClientError;
use crate::onefile::http::{AuthHeader, ServerAddress, Transport};
use crate::onefile::network::Network;
use crate::onefile::pace::Pace;
use crate::onefile::rate_limit::Limiter;
use crate::onefile::reading_progress::{ReadingCounter, ReadingProgress};
use crate::onefile::retry::budget::RetryBudget;
use crate::onefile::retry::outage::{Outage, Poller};
use crate::onefile::retry::policy::{
    FailureClass, LIMIT_GRACE, LONGEST_RETRY_AFTER, Remedy, WAIT_AFTER_429,
};
use crate::onefile::retry::wait_report::{WaitReason, WaitReporter, Waits};
use crate::onefile::row::JsonRow;
use crate::onefile::session::{ApiSession, SessionKey};

/// A server and the token for it.
pub struct Endpoint {
    /// The base URL, without a slash at its end.
    pub base: String,
    pub token: SecretString,
}

/// A session with a server.
pub struct Client {
    transport: Transport,
    token: SecretString,
    pub(super) clock: Clock,
    calls_per_minute: u32,
    concurrency: usize,
    bounds: AnswerBounds,
    pub(super) session: ApiSession,
    pub(super) outage: Outage,
    waits: WaitReporter,
    pub(super) progress: ReadingCounter,
    cancel: CancellationToken,
}

/// The result of one attempt at a call.
enum CallAttempt<T> {
    Answered(T),
    /// The server refused the session key, and another was fetched.
    KeyRenewed,
}

/// A call that failed, and when it began.
struct CallFailure {
    error: ClientError,
    begun: Moment,
}

const CUSTOMER_TOKEN: HeaderName = HeaderName::from_static("x-customertoken");
pub(super) const SESSION_KEY: HeaderName = HeaderName::from_static("x-tokenid");

impl Client {
    /// Opens a session.
    ///
    /// # Errors
    /// If authentication still fails after the retries of `retry::policy`.
    pub async fn connect(
        endpoint: &Endpoint,
        pace: Pace,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        Self::connect_over(Network::default(), endpoint, pace, clock).await
    }

    /// Opens a session over a network with a proxy or certificates of its own.
    ///
    /// # Errors
    /// As `connect`.
    pub async fn connect_over(
        network: Network,
        endpoint: &Endpoint,
        pace: Pace,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        let limiter = Limiter::new(pace.calls_per_minute, pace.concurrency, clock);
        let server = ServerAddress {
            base: endpoint.base.clone(),
            network,
        };
        let unopened = HeaderValue::from_static("");
        let cancel = CancellationToken::new();
        let mut client = Self {
            transport: Transport::new(server, &pace, limiter, clock, cancel.clone())?,
            token: endpoint.token.clone(),
            clock,
            calls_per_minute: pace.calls_per_minute,
            concurrency: pace.concurrency.max(1),
            bounds: pace.bounds,
            session: ApiSession::new(unopened, clock),
            outage: Outage::new(pace.opening, cancel.clone(), clock),
            waits: WaitReporter::new(),
            progress: ReadingCounter::default(),
            cancel: cancel.clone(),
        };
        let key = client.open_session().await?;
        client.session = ApiSession::new(key, clock);
        client.outage = Outage::new(pace.patience, cancel, clock);
        client.transport.answer_timeout = pace.timeout_within(pace.patience);
        Ok(client)
    }

    /// Reports what this client is waiting for, each time that changes.
    pub fn waits(&self) -> Waits {
        self.waits.subscribe()
    }

    /// How far this client has come with reading accounts.
    pub fn reading_progress(&self) -> ReadingProgress {
        self.progress.so_far()
    }

    /// How long this many calls take at least, because of the limit of calls. Zero without a limit.
    pub fn time_for(&self, calls: usize) -> Duration {
        self.transport.limiter.time_for(calls)
    }

    /// Cancel it to end the run early: calls under way are finished, and no other call is sent that changes something or has
    /// to wait.
    pub fn cancel_token(&self) -> &CancellationToken {
        &self.cancel
    }

    /// How many calls were made so far, including those that failed.
    pub fn calls(&self) -> usize {
        self.transport.sent()
    }

    /// This client's limit; 0 means none.
    pub fn calls_per_minute(&self) -> u32 {
        self.calls_per_minute
    }

    /// Seconds that this clock is ahead of the server's; `None` if the server hasn't told its time.
    pub fn skew(&self) -> Option<i64> {
        self.transport.skew()
    }

    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Waits for a created account to show.
    pub(crate) async fn sleep_until(&self, until: Moment) {
        let sleep = self
            .waits
            .sleep_until(self.clock, until, WaitReason::Create);
        // Nobody waits for an account after a stop.
        self.cancel.run_until_cancelled(sleep).await;
    }

    /// Waits until this many calls in a row needn't wait for the limit, or the run is stopped.
    pub(crate) async fn wait_for_calls(&self, calls: usize) {
        let wait = self.transport.limiter.wait_for(calls, &self.waits);
        self.cancel.run_until_cancelled(wait).await;
    }

    pub(super) fn bounds(&self) -> AnswerBounds {
        self.bounds
    }

    /// Reads an object. `None` for 204, which means that there is nothing, and for any other JSON.
    pub(super) async fn read(&self, call: &Call) -> Result<Option<JsonRow<'static>>, ClientError> {
        let object = |body: Option<Vec<u8>>| match body {
            Some(body) => self.object(call, &body),
            None => Ok(None),
        };
        self.call(call, object).await
    }

    fn object(&self, call: &Call, body: &[u8]) -> Result<Option<JsonRow<'static>>, ClientError> {
        let object = json(call, body, self.bounds)?.into_object();
        Ok(object.map(JsonRow::into_owned))
    }

    /// A write that may be sent more than once. The body of its answer isn't specified.
    pub(crate) async fn write(&self, call: &Call) -> Result<(), ClientError> {
        self.call(call, |body| {
            acknowledgement(call, &body.unwrap_or_default())
        })
        .await
    }

    /// A write that is sent once. To send it again, the caller first checks what the last attempt did.
    ///
    /// # Errors
    /// `NoSession` if it wasn't sent because there was no session key, but another call may get one.
    pub(super) async fn write_once(
        &self,
        call: &Call,
    ) -> Result<Option<JsonRow<'static>>, ClientError> {
        let answer = self.exchange_once(call).await?;
        self.object(call, &answer.unwrap_or_default())
    }

    /// The same for a call whose answer has no known body.
    pub(super) async fn write_unread(&self, call: &Call) -> Result<(), ClientError> {
        let answer = self.exchange_once(call).await?;
        acknowledgement(call, &answer.unwrap_or_default())
    }

    /// The same for a call that answers with a number: bare, or as the `ID` of an object. `None` if it has none.
    pub(super) async fn write_for_number(&self, call: &Call) -> Result<Option<i64>, ClientError> {
        let answer = self.exchange_once(call).await?.unwrap_or_default();
        acknowledgement(call, &answer)?;
        let Ok(answer) = json(call, &answer, self.bounds) else {
            return Ok(None);
        };
        let id = answer.object().and_then(JsonRow::id);
        Ok(answer.integer().or(id))
    }

    async fn exchange_once(&self, call: &Call) -> Result<Option<Vec<u8>>, ClientError> {
        let key = self.key().await.map_err(|error| {
            if error.ends_run() {
                error
            } else {
                ClientError::NoSession(Box::new(error))
            }
        })?;
        let answer = self.exchange(call, (SESSION_KEY, key.value.clone())).await;
        match &answer {
            Ok(_) => self.session.was_accepted(&key).await,
            Err(error) if error.class() == FailureClass::TooManyCalls => self.slow_down(error),
            Err(_) => {}
        }
        answer
    }

    /// A call that may be sent more than once. `understand` reads the body of a success. If it can't, the call has failed.
    pub(super) async fn call<T>(
        &self,
        call: &Call,
        understand: impl Fn(Option<Vec<u8>>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut budget = RetryBudget::new(self.clock);
        let mut poller = None;
        loop {
            if poller.is_none() {
                poller = self.outage.wait_while_away().await?;
            }
            let begun = self.clock.moment();
            match self.attempt(call, &understand, &mut budget).await {
                Ok(CallAttempt::Answered(answer)) => {
                    self.outage.end();
                    return Ok(answer);
                }
                Ok(CallAttempt::KeyRenewed) => {}
                Err(error) => {
                    let failure = CallFailure { error, begun };
                    self.recover(failure, &mut poller, &mut budget).await?;
                }
            }
        }
    }

    async fn attempt<T>(
        &self,
        call: &Call,
        understand: &impl Fn(Option<Vec<u8>>) -> Result<T, ClientError>,
        budget: &mut RetryBudget,
    ) -> Result<CallAttempt<T>, ClientError> {
        let key = self.key().await?;
        let answer = self.exchange(call, (SESSION_KEY, key.value.clone())).await;
        match answer.and_then(understand) {
            Ok(answer) => {
                self.session.was_accepted(&key).await;
                Ok(CallAttempt::Answered(answer))
            }
            Err(error) => {
                self.renew_key(error, &key, budget).await?;
                Ok(CallAttempt::KeyRenewed)
            }
        }
    }

    /// Fetches another session key, if the failure may be about this one.
    ///
    /// # Errors
    /// The failure itself, if it isn't about the key or no retries are left; or the failure of the authentication.
    async fn renew_key(
        &self,
        error: ClientError,
        key: &SessionKey,
        budget: &mut RetryBudget,
    ) -> Result<(), ClientError> {
        let class = error.class();
        let Remedy::NewKey { most } = class.rule().remedy else {
            return Err(error);
        };
        if class != FailureClass::Forbidden {
            if self.waits_for_fresh_key(key, budget).await {
                return Ok(());
            }
            if !budget.spend(class, most) {
                return Err(error);
            }
            return self.session.refused(key, || self.authenticate()).await;
        }
        // A 403 is about the key or about the call. If a second key is refused too, it is the call, here and later.
        if self.session.forbids_calls() || !budget.spend(class, most) {
            self.session.note_forbidden_call();
            return Err(error);
        }
        self.session.doubted(key, || self.authenticate()).await
    }

    /// Waits for a key that no call was accepted with yet: it may not be known to every server. `false` if this call has
    /// waited often enough.
    async fn waits_for_fresh_key(&self, key: &SessionKey, budget: &mut RetryBudget) -> bool {
        if !self.session.is_fresh(key).await {
            return false;
        }
        let Some(pause) = budget.next_try_of_fresh_key() else {
            return false;
        };
        let pause = self.clock.sleep(pause);
        self.cancel.run_until_cancelled(pause).await.is_some()
    }

    /// Waits until a call that failed may go through.
    ///
    /// # Errors
    /// The failure itself, if a retry can't help or none is left; `Away` if the client stopped waiting for the service.
    async fn recover<'c>(
        &'c self,
        failure: CallFailure,
        poller: &mut Option<Poller<'c>>,
        budget: &mut RetryBudget,
    ) -> Result<(), ClientError> {
        let CallFailure { error, begun } = failure;
        let class = error.class();
        if class == FailureClass::Silent && self.outage.gives_up_after_silence(begun) {
            return Err(ClientError::Away(Some(Box::new(error))));
        }
        if self.cancel.is_cancelled() {
            return Err(error);
        }
        match class.rule().remedy {
            // A call whose key could be renewed doesn't get here.
            Remedy::GiveUp | Remedy::NewKey { .. } => return Err(error),
            Remedy::SlowDown { most } => {
                budget.forget_failing();
                let longest = self.outage.time_limit().max(LIMIT_GRACE);
                let wait = wait_after(&error);
                if !budget.spend(class, most)
                    || budget.would_be_limited_for_longer_than(longest, wait)
                {
                    return Err(error);
                }
                self.slow_down(&error);
            }
            Remedy::BackOff { most, longest } => {
                if !budget.spend(class, most) || budget.fails_for_longer_than(longest) {
                    return Err(error);
                }
                if self
                    .cancel
                    .run_until_cancelled(budget.pause())
                    .await
                    .is_none()
                {
                    return Err(error);
                }
            }
            Remedy::Poll => {
                budget.forget_failing();
                self.outage.begin(begun);
                if poller.is_none() {
                    *poller = self.outage.wait_while_away().await?;
                }
                // If there is no poller, another call has found that the service is back.
                if let Some(poller) = poller {
                    poller.wait(&self.waits, error).await?;
                }
            }
        }
        Ok(())
    }

    /// After a 429, lowers the limit for all calls and holds them back for as long as the server asks.
    pub(super) fn slow_down(&self, error: &ClientError) {
        self.transport.limiter.slow_down(wait_after(error));
    }

    /// The first session key.
    async fn open_session(&self) -> Result<HeaderValue, ClientError> {
        let mut budget = RetryBudget::new(self.clock);
        let mut poller = None;
        loop {
            let begun = self.clock.moment();
            match self.authenticate().await {
                Ok(key) => return Ok(key),
                Err(error) => {
                    let failure = CallFailure { error, begun };
                    self.recover(failure, &mut poller, &mut budget).await?;
                }
            }
        }
    }

    async fn key(&self) -> Result<SessionKey, ClientError> {
        self.session.key(|| self.authenticate()).await
    }

    pub(super) async fn authenticate(&self) -> Result<HeaderValue, ClientError> {
        let call = Call::authentication();
        match self.exchange(&call, self.token_header()?).await {
            Ok(body) => {
                let key = session_key(&call, &body.unwrap_or_default())?;
                info!("a session is open");
                Ok(key)
            }
            Err(ClientError::Status {
                status: 401 | 403, ..
            }) => Err(ClientError::TokenRefused),
            Err(error) => Err(error),
        }
    }

    pub(super) fn token_header(&self) -> Result<AuthHeader, ClientError> {
        let token = sensitive(self.token.expose_secret()).ok_or(ClientError::TokenRefused)?;
        Ok((CUSTOMER_TOKEN, token))
    }

    async fn exchange(
        &self,
        call: &Call,
        auth: AuthHeader,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        self.send(call, Some(auth)).await?.success(call)
    }

    /// Sends a call once; an answer of any status is a success.
    pub(super) async fn send(
        &self,
        call: &Call,
        auth: Option<AuthHeader>,
    ) -> Result<RawAnswer, ClientError> {
        let answer = self.transport.send(call, auth, &self.waits).await;
        if answer.is_ok() {
            self.outage.answered();
        }
        answer
    }
}

/// How long a 429 holds calls back.
fn wait_after(error: &ClientError) -> Duration {
    let asked = error.retry_after().unwrap_or(WAIT_AFTER_429);
    asked.min(LONGEST_RETRY_AFTER)
}
