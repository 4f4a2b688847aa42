//! The client: sends a call with the session's key, and repeats it if that is safe (`retry::policy` says when).

use jiff::Timestamp;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::domain::clock::Clock;
use crate::onefile::answer::{RawAnswer, acknowledgement, json, sensitive, session_key};
use crate::onefile::call::Call;
use crate::onefile::error::ClientError;
use crate::onefile::http::{AuthHeader, Transport};
use crate::onefile::pace::Pace;
use crate::onefile::rate_limit::Limiter;
use crate::onefile::retry::budget::RetryBudget;
use crate::onefile::retry::outage::{Outage, Poller};
use crate::onefile::retry::policy::{FailureClass, LONGEST_RETRY_AFTER, Remedy, WAIT_AFTER_429};
use crate::onefile::retry::wait_report::{WaitReason, WaitReporter, Waits};
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
    pub(super) session: ApiSession,
    outage: Outage,
    waits: WaitReporter,
    cancel: CancellationToken,
}

/// The result of one attempt at a call.
enum CallAttempt<T> {
    Answered(T),
    /// The server refused the session key, and another was fetched.
    KeyRenewed,
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
        let limiter = Limiter::new(pace.calls_per_minute, pace.concurrency, clock);
        let unopened = HeaderValue::from_static("");
        let cancel = CancellationToken::new();
        let mut client = Self {
            transport: Transport::new(endpoint.base.clone(), &pace, limiter, clock)?,
            token: endpoint.token.clone(),
            clock,
            calls_per_minute: pace.calls_per_minute,
            concurrency: pace.concurrency.max(1),
            session: ApiSession::new(unopened, clock),
            outage: Outage::new(pace.opening, cancel.clone(), clock),
            waits: WaitReporter::new(),
            cancel: cancel.clone(),
        };
        let key = client.open_session().await?;
        client.session = ApiSession::new(key, clock);
        client.outage = Outage::new(pace.patience, cancel, clock);
        Ok(client)
    }

    /// Reports what this client is waiting for, each time that changes.
    pub fn waits(&self) -> Waits {
        self.waits.subscribe()
    }

    /// Cancel it to end the run early: the client stops waiting for a service that is away, and `apply` begins nothing
    /// more. Calls under way are finished.
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
    pub(crate) async fn sleep_until(&self, until: Timestamp) {
        self.waits
            .sleep_until(self.clock, until, WaitReason::Create)
            .await;
    }

    /// A read. `None` for 204, which means that there is nothing.
    pub(crate) async fn read(&self, call: &Call) -> Result<Option<Value>, ClientError> {
        self.call(call, |body| body.map(|body| json(call, &body)).transpose())
            .await
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
    pub(crate) async fn write_once(&self, call: &Call) -> Result<Value, ClientError> {
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
        json(call, &answer?.unwrap_or_default())
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
            match self.attempt(call, &understand, &mut budget).await {
                Ok(CallAttempt::Answered(answer)) => {
                    self.outage.end();
                    return Ok(answer);
                }
                Ok(CallAttempt::KeyRenewed) => {}
                Err(error) => self.recover(error, &mut poller, &mut budget).await?,
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

    /// Waits until a call that failed may go through.
    ///
    /// # Errors
    /// The failure itself, if a retry can't help or none is left; `Away` if the client stopped waiting for the service.
    async fn recover<'c>(
        &'c self,
        error: ClientError,
        poller: &mut Option<Poller<'c>>,
        budget: &mut RetryBudget,
    ) -> Result<(), ClientError> {
        let class = error.class();
        match class.rule().remedy {
            // A call whose key could be renewed doesn't get here.
            Remedy::GiveUp | Remedy::NewKey { .. } => return Err(error),
            Remedy::SlowDown { most } => {
                self.slow_down(&error);
                budget.forget_failing();
                if !budget.spend(class, most) {
                    return Err(error);
                }
            }
            Remedy::BackOff { most, longest } => {
                if !budget.spend(class, most) || budget.fails_for_longer_than(longest) {
                    return Err(error);
                }
                budget.pause().await;
            }
            Remedy::Poll => {
                budget.forget_failing();
                self.outage.begin();
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
        let wait = error.retry_after().unwrap_or(WAIT_AFTER_429);
        self.transport
            .limiter
            .slow_down(wait.min(LONGEST_RETRY_AFTER));
    }

    /// The first session key.
    async fn open_session(&self) -> Result<HeaderValue, ClientError> {
        let mut budget = RetryBudget::new(self.clock);
        let mut poller = None;
        loop {
            match self.authenticate().await {
                Ok(key) => return Ok(key),
                Err(error) => self.recover(error, &mut poller, &mut budget).await?,
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
        self.transport.send(call, auth, &self.waits).await
    }
}
