//! One call: sent with the session's key, read to its end, and repeated where that is safe.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use tracing::{debug, info};

use crate::domain::clock::Clock;
use crate::onefile::error::{ClientError, Remedy};
use crate::onefile::outage::{Outage, Poller};
use crate::onefile::rate_limit::Limiter;
use crate::onefile::retry_budget::RetryBudget;
use crate::onefile::session::ApiSession;
use crate::onefile::wait_report::{Wait, WaitReason, WaitReporter};
use crate::onefile::wire;

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
    /// How long a connection may take, in real time: a faster clock makes no network faster.
    pub connect_timeout: Duration,
    /// How long a call may take until its answer is read, in real time.
    pub answer_timeout: Duration,
}

impl Default for Pace {
    /// A fifth of the service's 300 calls a minute is left for the vendor's other integrations.
    fn default() -> Self {
        Self {
            calls_per_minute: 240,
            concurrency: 8,
            opening: Duration::from_secs(10),
            patience: Duration::from_mins(10),
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_mins(1),
        }
    }
}

/// A session with a server.
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: SecretString,
    pub(super) clock: Clock,
    calls_per_minute: u32,
    concurrency: usize,
    limiter: Limiter,
    pub(super) session: ApiSession,
    outage: Outage,
    waits: WaitReporter,
    calls: AtomicUsize,
    /// How many seconds this clock is before the server's.
    skew: AtomicI64,
}

const CUSTOMER_TOKEN: HeaderName = HeaderName::from_static("x-customertoken");
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
    body: Body,
    /// Waits and all, it isn't sent after this.
    not_after: Option<Timestamp>,
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Json(Value),
    /// `application/x-www-form-urlencoded`
    Form(String),
}

/// A header that opens a door.
pub(super) type AuthHeader = (HeaderName, HeaderValue);

/// What a call is answered, whatever it says.
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: Body::None,
            not_after: None,
        }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            body: Body::Json(body),
            not_after: None,
        }
    }

    pub(crate) fn form(path: impl Into<String>, pairs: &[(&str, String)]) -> Self {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Self {
            body: Body::Form(form),
            ..Self::post(path, Value::Null)
        }
    }

    pub(crate) fn authentication() -> Self {
        Self {
            body: Body::None,
            ..Self::post("Authentication", Value::Null)
        }
    }

    pub(crate) fn not_after(self, moment: Timestamp) -> Self {
        Self {
            not_after: Some(moment),
            ..self
        }
    }

    /// The call as messages name it.
    pub(crate) fn name(&self) -> String {
        format!("{} /{}", self.method, self.path)
    }
}

impl Client {
    /// Opens a session. The token is sent to this server and to no other: redirects aren't followed.
    pub async fn connect(
        endpoint: &Endpoint,
        pace: Pace,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        let unopened = HeaderValue::from_static("");
        let mut client = Self {
            http: http_client(endpoint, &pace)?,
            base: endpoint.base.clone(),
            token: endpoint.token.clone(),
            clock,
            calls_per_minute: pace.calls_per_minute,
            concurrency: pace.concurrency.max(1),
            limiter: Limiter::new(pace.calls_per_minute, pace.concurrency, clock),
            session: ApiSession::new(unopened, clock),
            outage: Outage::new(pace.opening, clock),
            waits: WaitReporter::new(),
            calls: AtomicUsize::new(0),
            skew: AtomicI64::new(UNKNOWN),
        };
        let key = client.open().await?;
        client.session = ApiSession::new(key, clock);
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
        self.waits
            .sleep_until(self.clock, until, WaitReason::Create)
            .await;
    }

    /// The first session key.
    async fn open(&self) -> Result<HeaderValue, ClientError> {
        let mut tries = RetryBudget::new(self.clock);
        let mut asking = None;
        loop {
            match self.authenticate().await {
                Ok(key) => return Ok(key),
                Err(error) => self.recover(error, &mut asking, &mut tries).await?,
            }
        }
    }

    pub(super) async fn authenticate(&self) -> Result<HeaderValue, ClientError> {
        let call = Call::authentication();
        match self.exchange(&call, self.token()?).await {
            Err(ClientError::Status {
                status: 401 | 403, ..
            }) => Err(ClientError::TokenRefused),
            answer => session_key(&call, &answer?.unwrap_or_default())
                .inspect(|_| info!("a session is open")),
        }
    }

    pub(super) fn token(&self) -> Result<AuthHeader, ClientError> {
        let token = sensitive(self.token.expose_secret()).ok_or(ClientError::TokenRefused)?;
        Ok((CUSTOMER_TOKEN, token))
    }

    /// A read: may be sent more than once. `None` for 204, which is how the server says that there is nothing.
    pub(crate) async fn read(&self, call: &Call) -> Result<Option<Value>, ClientError> {
        self.call(call, |answer| {
            answer.map(|body| json(call, &body)).transpose()
        })
        .await
    }

    /// A write that may be sent more than once, and whose answer holds nothing that is promised.
    pub(crate) async fn write(&self, call: &Call) -> Result<(), ClientError> {
        let acknowledged = |body: &[u8]| {
            if is_html(body) {
                Err(page(call))
            } else {
                Ok(())
            }
        };
        self.call(call, |answer| acknowledged(&answer.unwrap_or_default()))
            .await
    }

    /// A write that is sent once, whatever comes of it: who sends it again looks first what there is by then.
    pub(crate) async fn write_once(&self, call: &Call) -> Result<Value, ClientError> {
        let key = self.session.key(|| self.authenticate()).await;
        let key = key.map_err(|error| {
            if error.ends_run() {
                error
            } else {
                ClientError::NoSession(Box::new(error))
            }
        })?;
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

    /// A call that may be sent more than once, and whose answer is understood at once. What can't be understood counts as a
    /// failure of the call.
    pub(super) async fn call<T>(
        &self,
        call: &Call,
        understand: impl Fn(Option<Vec<u8>>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut tries = RetryBudget::new(self.clock);
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
            let answer = self
                .exchange(call, (SESSION_KEY, key.value.clone()))
                .await
                .and_then(&understand);
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
        asking: &mut Option<Poller<'c>>,
        tries: &mut RetryBudget,
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
        let is_late = call
            .not_after
            .is_some_and(|moment| self.clock.now() > moment);
        if is_late {
            Err(ClientError::TooLate { call: call.name() })
        } else {
            Ok(())
        }
    }

    pub(super) fn slow_down(&self, error: &ClientError) {
        self.limiter.slow_down(
            error
                .retry_after()
                .unwrap_or(WAIT_AFTER_429)
                .min(LONGEST_WAIT),
        );
    }

    async fn exchange(
        &self,
        call: &Call,
        pass: AuthHeader,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        success(call, self.ask(call, Some(pass)).await?)
    }

    /// Sends a call once its turn has come.
    pub(super) async fn ask(
        &self,
        call: &Call,
        pass: Option<AuthHeader>,
    ) -> Result<RawAnswer, ClientError> {
        self.in_time(call)?;
        let _turn = self.limiter.turn(&self.waits).await;
        self.in_time(call)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let begun = self.clock.now();
        let answer = answer(call, self.request(call, pass)).await;
        let took = self.clock.now().duration_since(begun).as_millis();
        match &answer {
            Ok(answer) => debug!("{}: answered {} in {took} ms", call.name(), answer.status),
            Err(error) => debug!("{error} after {took} ms"),
        }
        if let Some(date) = answer
            .as_ref()
            .ok()
            .and_then(|answer| date(&answer.headers))
        {
            self.skew.store(
                self.clock.now().duration_since(date).as_secs(),
                Ordering::Relaxed,
            );
        }
        answer
    }

    fn request(&self, call: &Call, pass: Option<AuthHeader>) -> RequestBuilder {
        let request = self
            .http
            .request(call.method.clone(), format!("{}/{}", self.base, call.path));
        let request = pass.into_iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        match &call.body {
            Body::None => request,
            Body::Json(body) => request.json(body),
            Body::Form(form) => request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone()),
        }
    }
}

fn http_client(endpoint: &Endpoint, pace: &Pace) -> Result<reqwest::Client, ClientError> {
    // A second call answers with an error that says that a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rosterctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(pace.connect_timeout)
        .timeout(pace.answer_timeout)
        .redirect(redirect::Policy::none());
    if endpoint.base.starts_with("http://") {
        // Plain HTTP is for loopback alone, which no proxy serves, and asks for none of the machine's certificates.
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build().map_err(ClientError::Setup)
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

async fn answer(call: &Call, request: RequestBuilder) -> Result<RawAnswer, ClientError> {
    let unreachable = |error: reqwest::Error| ClientError::Unreachable {
        call: call.name(),
        source: error.without_url(),
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let (status, headers) = (
        response.status().as_u16(),
        std::mem::take(response.headers_mut()),
    );
    let broken = |error: reqwest::Error| ClientError::Broken {
        call: call.name(),
        source: error.without_url(),
    };
    let body = response.bytes().await.map_err(broken)?.to_vec();
    Ok(RawAnswer {
        status,
        headers,
        body,
    })
}

/// `Date`, as HTTP writes it.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// The body of a success, `None` for 204.
fn success(call: &Call, answer: RawAnswer) -> Result<Option<Vec<u8>>, ClientError> {
    match answer.status {
        204 => Ok(None),
        200 | 201 => Ok(Some(answer.body)),
        _ => Err(status(call, &answer)),
    }
}

pub(super) fn status(call: &Call, answer: &RawAnswer) -> ClientError {
    ClientError::Status {
        call: call.name(),
        status: answer.status,
        names: wire::fields_named(&answer.body),
        retry_after: retry_after(&answer.headers),
    }
}

pub(super) fn json<'b, T: Deserialize<'b>>(call: &Call, body: &'b [u8]) -> Result<T, ClientError> {
    serde_json::from_slice(body).map_err(|_| {
        if is_html(body) {
            page(call)
        } else {
            not_json(call)
        }
    })
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
    key.ok_or_else(|| ClientError::Misshapen {
        call: call.name(),
        what: "session key",
    })
}

/// A page where an answer is due: the service is down for maintenance, as a rule.
fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn not_json(call: &Call) -> ClientError {
    ClientError::NotJson { call: call.name() }
}

/// `Retry-After` in seconds; the form with a date isn't known of this server.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}
