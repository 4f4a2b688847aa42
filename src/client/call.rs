//! One call: sent with the session's key, read to its end, and repeated where that is safe.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::watch;
use tracing::{debug, info};

use crate::client::error::{ClientError, Remedy};
use crate::client::limiter::Limiter;
use crate::client::outage::{Asking, Outage};
use crate::client::session::Session;
use crate::client::tries::Tries;
use crate::client::wait::{Board, Wait, Why};
use crate::client::wire;
use crate::clock::Clock;

/// A server and the token for it.
pub struct Endpoint {
    /// The base URL, without a slash at its end.
    pub base: String,
    pub token: SecretString,
}

/// How a client spends its calls and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// 0: no limit.
    pub calls_per_minute: u32,
    /// How many calls are under way at once.
    pub concurrency: usize,
    /// How long a service that is away is waited for before there is a session.
    pub opening: Duration,
    /// The same once there is one.
    pub patience: Duration,
}

impl Default for Pace {
    /// A fifth of the service's 300 calls a minute is left for the vendor's other integrations.
    fn default() -> Self {
        Self {
            calls_per_minute: 240,
            concurrency: 8,
            opening: Duration::from_secs(10),
            patience: Duration::from_mins(10),
        }
    }
}

/// A session with a server.
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    pub(super) token: SecretString,
    clock: Clock,
    calls_per_minute: u32,
    concurrency: usize,
    pub(super) limiter: Limiter,
    pub(super) session: Session,
    outage: Outage,
    pub(super) waits: Board,
    pub(super) calls: AtomicUsize,
    /// How many seconds this clock is before the server's.
    skew: AtomicI64,
}

pub(super) const CUSTOMER_TOKEN: HeaderName = HeaderName::from_static("x-customertoken");
pub(super) const SESSION_KEY: HeaderName = HeaderName::from_static("x-tokenid");
/// How long to wait after a 429 that doesn't say: the limit counts by the minute.
const WAIT_AFTER_429: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// What stands for a skew that isn't known.
const UNKNOWN: i64 = i64::MIN;

/// What is asked of the server.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
    /// Waits and all, it isn't sent after this.
    not_after: Option<Timestamp>,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: None, not_after: None }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body: Some(body), not_after: None }
    }

    pub(crate) fn not_after(self, moment: Timestamp) -> Self {
        Self { not_after: Some(moment), ..self }
    }

    /// The call as messages name it.
    pub(crate) fn name(&self) -> String {
        format!("{} /{}", self.method, self.path)
    }
}

impl Client {
    /// Opens a session. The token is sent to this server and to no other: redirects aren't followed.
    pub async fn connect(endpoint: &Endpoint, pace: Pace, clock: Clock) -> Result<Self, ClientError> {
        let unopened = HeaderValue::from_static("");
        let mut client = Self {
            http: http_client(endpoint, clock)?,
            base: endpoint.base.clone(),
            token: endpoint.token.clone(),
            clock,
            calls_per_minute: pace.calls_per_minute,
            concurrency: pace.concurrency.max(1),
            limiter: Limiter::new(pace.calls_per_minute, pace.concurrency, clock),
            session: Session::new(unopened, clock),
            outage: Outage::new(pace.opening, clock),
            waits: Board::new(),
            calls: AtomicUsize::new(0),
            skew: AtomicI64::new(UNKNOWN),
        };
        let key = client.open().await?;
        client.session = Session::new(key, clock);
        client.outage = Outage::new(pace.patience, clock);
        Ok(client)
    }

    /// Where this client tells what it waits for.
    pub fn waits(&self) -> watch::Receiver<Option<Wait>> {
        self.waits.subscribe()
    }

    /// How many calls were made so far, those that failed among them.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// The limit that is kept to; 0: none.
    pub fn calls_per_minute(&self) -> u32 {
        self.calls_per_minute
    }

    /// How many seconds this clock is before the server's, as far as that says what time it is.
    pub fn skew(&self) -> Option<i64> {
        Some(self.skew.load(Ordering::Relaxed)).filter(|skew| *skew != UNKNOWN)
    }

    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    pub(crate) async fn sleep_until(&self, until: Timestamp) {
        self.waits.sleep_until(self.clock, until, Why::Create).await;
    }

    /// The first session key.
    async fn open(&self) -> Result<HeaderValue, ClientError> {
        let mut tries = Tries::new(self.clock);
        let mut asking = None;
        loop {
            match self.authenticate().await {
                Ok(key) => return Ok(key),
                Err(error) => self.recover(error, &mut asking, &mut tries).await?,
            }
        }
    }

    pub(super) async fn authenticate(&self) -> Result<HeaderValue, ClientError> {
        let call = Call { body: None, ..Call::post("Authentication", Value::Null) };
        let token = sensitive(self.token.expose_secret()).ok_or(ClientError::TokenRefused)?;
        match self.exchange(&call, (CUSTOMER_TOKEN, token)).await {
            Err(ClientError::Status { status: 401 | 403, .. }) => Err(ClientError::TokenRefused),
            answer => session_key(&call, &answer?.unwrap_or_default()).inspect(|_| info!("a session is open")),
        }
    }

    /// A read: may be sent more than once. `None` for 204, which is how the server says that there is nothing.
    pub(crate) async fn read(&self, call: &Call) -> Result<Option<Value>, ClientError> {
        self.call(call, |answer| answer.map(|body| json(call, &body)).transpose()).await
    }

    /// A write that may be sent more than once, and whose answer holds nothing that is promised.
    pub(crate) async fn write(&self, call: &Call) -> Result<(), ClientError> {
        let acknowledged = |body: &[u8]| if is_html(body) { Err(page(call)) } else { Ok(()) };
        self.call(call, |answer| acknowledged(&answer.unwrap_or_default())).await
    }

    /// A write that is sent once, whatever comes of it: who sends it again looks first what there is by then.
    pub(crate) async fn write_once(&self, call: &Call) -> Result<Value, ClientError> {
        let key = self.session.key(|| self.authenticate()).await;
        let key =
            key.map_err(|error| if error.ends_run() { error } else { ClientError::NoSession(Box::new(error)) })?;
        let answer = self.exchange(call, (SESSION_KEY, key.value.clone())).await;
        match &answer {
            Ok(_) => self.session.was_good(&key).await,
            Err(error) if error.is_limit() => self.slow_down(error),
            Err(_) => {}
        }
        json(call, &answer?.unwrap_or_default())
    }

    /// Doesn't wait for a service that is away any more.
    pub fn hurry(&self) {
        self.outage.hurry();
    }

    async fn call<T>(
        &self,
        call: &Call,
        understand: impl Fn(Option<Vec<u8>>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut tries = Tries::new(self.clock);
        let mut asking = None;
        loop {
            if asking.is_none() {
                asking = self.outage.pass().await?;
            }
            let key = match self.session.key(|| self.authenticate()).await {
                Ok(key) => key,
                Err(error) => {
                    self.recover(error, &mut asking, &mut tries).await?;
                    continue;
                }
            };
            let answer = self.exchange(call, (SESSION_KEY, key.value.clone())).await.and_then(&understand);
            let renewed = match answer {
                Ok(answer) => {
                    self.session.was_good(&key).await;
                    self.outage.end();
                    return Ok(answer);
                }
                Err(error @ ClientError::Status { status: 401, .. }) => {
                    tries.count_refusal(error)?;
                    self.session.refused(&key, || self.authenticate()).await
                }
                Err(error @ ClientError::Status { status: 403, .. }) => {
                    // It may be about the key or about the call, which is known once another key is refused, too.
                    if tries.was_forbidden || self.session.forbids_calls() {
                        self.session.knows_that_calls_are_forbidden();
                        return Err(error);
                    }
                    tries.was_forbidden = true;
                    self.session.doubted(&key, || self.authenticate()).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = renewed {
                self.recover(error, &mut asking, &mut tries).await?;
            }
        }
    }

    /// Waits until a call that failed so may go through, or says that it won't.
    async fn recover<'c>(
        &'c self,
        error: ClientError,
        asking: &mut Option<Asking<'c>>,
        tries: &mut Tries,
    ) -> Result<(), ClientError> {
        match error.remedy() {
            Remedy::None => Err(error),
            Remedy::FewerCalls => {
                self.slow_down(&error);
                tries.count_limit(error)
            }
            Remedy::Later => tries.wait(error).await,
            Remedy::Patience => {
                tries.since = None;
                self.outage.begin();
                if asking.is_none() {
                    *asking = self.outage.pass().await?;
                }
                match asking {
                    Some(asking) => asking.wait(&self.waits, error).await,
                    // It is back by now.
                    None => Ok(()),
                }
            }
        }
    }

    fn in_time(&self, call: &Call) -> Result<(), ClientError> {
        let is_late = call.not_after.is_some_and(|moment| self.clock.now() > moment);
        if is_late { Err(ClientError::TooLate { call: call.name() }) } else { Ok(()) }
    }

    pub(super) fn slow_down(&self, error: &ClientError) {
        self.limiter.slow_down(error.retry_after().unwrap_or(WAIT_AFTER_429).min(LONGEST_WAIT));
    }

    async fn exchange(&self, call: &Call, key: (HeaderName, HeaderValue)) -> Result<Option<Vec<u8>>, ClientError> {
        self.in_time(call)?;
        let _turn = self.limiter.turn(&self.waits).await;
        self.in_time(call)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let begun = self.clock.now();
        let request =
            self.http.request(call.method.clone(), format!("{}/{}", self.base, call.path)).header(key.0, key.1);
        let request = match &call.body {
            Some(body) => request.json(body),
            None => request,
        };
        let (answer, date) = exchange(call, request).await;
        if let Some(date) = date {
            self.skew.store(self.clock.now().duration_since(date).as_secs(), Ordering::Relaxed);
        }
        let took = self.clock.now().duration_since(begun).as_millis();
        match &answer {
            Ok(_) => debug!("{}: answered in {took} ms", call.name()),
            Err(error) => debug!("{error} after {took} ms"),
        }
        answer
    }
}

fn http_client(endpoint: &Endpoint, clock: Clock) -> Result<reqwest::Client, ClientError> {
    // A second call answers with an error that says that a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rosterctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(clock.scaled(Duration::from_secs(10)))
        .timeout(clock.scaled(Duration::from_mins(1)))
        .redirect(redirect::Policy::none());
    if endpoint.base.starts_with("http://") {
        // Plain HTTP is for loopback alone, which no proxy serves.
        builder = builder.no_proxy();
    }
    builder.build().map_err(ClientError::Setup)
}

pub(super) fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The body of a success, `None` for 204; and the server's time.
async fn exchange(call: &Call, request: RequestBuilder) -> (Result<Option<Vec<u8>>, ClientError>, Option<Timestamp>) {
    match request.send().await {
        Ok(response) => {
            let date = date(&response);
            (body(call, response).await, date)
        }
        Err(error) => (Err(ClientError::Unreachable { call: call.name(), source: error.without_url() }), None),
    }
}

/// `Date`, as HTTP writes it.
fn date(response: &Response) -> Option<Timestamp> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

async fn body(call: &Call, response: Response) -> Result<Option<Vec<u8>>, ClientError> {
    let (status, retry_after) = (response.status(), retry_after(&response));
    let body = response
        .bytes()
        .await
        .map_err(|error| ClientError::Broken { call: call.name(), source: error.without_url() })?;
    match status {
        StatusCode::NO_CONTENT => return Ok(None),
        StatusCode::OK | StatusCode::CREATED => return Ok(Some(body.to_vec())),
        _ => {}
    }
    Err(ClientError::Status {
        call: call.name(),
        status: status.as_u16(),
        names: wire::fields_named(&body),
        retry_after,
    })
}

fn json(call: &Call, body: &[u8]) -> Result<Value, ClientError> {
    serde_json::from_slice(body).map_err(|_| if is_html(body) { page(call) } else { not_json(call) })
}

fn page(call: &Call) -> ClientError {
    ClientError::Page { call: call.name() }
}

/// The key in the body of an authentication, bare or in quotes (`onefile-api.md`, Hosts and session).
fn session_key(call: &Call, body: &[u8]) -> Result<HeaderValue, ClientError> {
    if is_html(body) {
        return Err(page(call));
    }
    let text = String::from_utf8_lossy(body);
    let key = text.trim().trim_matches('"').trim();
    let key = Some(key).filter(|key| !key.is_empty()).and_then(sensitive);
    key.ok_or_else(|| ClientError::Misshapen { call: call.name(), what: "session key" })
}

/// A page where an answer is due: the service is down for maintenance, as a rule.
fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn not_json(call: &Call) -> ClientError {
    ClientError::NotJson { call: call.name() }
}

/// `Retry-After` in seconds; the form with a date isn't known of this server.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}
