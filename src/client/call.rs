//! One call: sent with the session's key, read to its end, and repeated where that is safe.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::client::error::ClientError;
use crate::client::wire;
use crate::clock::Clock;

/// A server and the token for it.
pub struct Endpoint {
    /// The base URL, without a slash at its end.
    pub base: String,
    pub token: SecretString,
}

/// A session with a server.
pub struct Client {
    http: reqwest::Client,
    base: String,
    session: HeaderValue,
    clock: Clock,
    connections: Semaphore,
}

/// How many calls are under way at once.
pub(crate) const CONCURRENCY: usize = 8;
const CUSTOMER_TOKEN: HeaderName = HeaderName::from_static("x-customertoken");
const SESSION_KEY: HeaderName = HeaderName::from_static("x-tokenid");
/// The limit counts by the minute, so that five waits of this length outlast it.
const WAIT_AFTER_429: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// What is asked of the server.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: None }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body: Some(body) }
    }

    /// The call as messages name it.
    pub(crate) fn name(&self) -> String {
        format!("{} /{}", self.method, self.path)
    }
}

impl Client {
    /// Opens a session. The token is sent to this server and to no other: redirects aren't followed.
    pub async fn connect(endpoint: &Endpoint, clock: Clock) -> Result<Self, ClientError> {
        let http = http_client(endpoint)?;
        let mut client = Self {
            http,
            base: endpoint.base.clone(),
            session: HeaderValue::from_static(""),
            clock,
            connections: Semaphore::new(CONCURRENCY),
        };
        client.session = client.authenticate(&endpoint.token).await?;
        Ok(client)
    }

    async fn authenticate(&self, token: &SecretString) -> Result<HeaderValue, ClientError> {
        let call = Call { body: None, ..Call::post("Authentication", Value::Null) };
        let token = sensitive(token.expose_secret()).ok_or(ClientError::TokenRefused)?;
        let attempt = || async {
            let request = self.request(&call).header(CUSTOMER_TOKEN, token.clone());
            match exchange(&call, request).await {
                Err(ClientError::Status { status: 401 | 403, .. }) => Err(ClientError::TokenRefused),
                answer => session_key(&call, &answer?.unwrap_or_default()),
            }
        };
        self.retrying(attempt, ClientError::is_passing).await
    }

    /// A read: may be sent more than once. `None` for 204, which is how the server says that there is nothing.
    pub(crate) async fn read(&self, call: &Call) -> Result<Option<Value>, ClientError> {
        let attempt = || async { self.send(call).await?.map(|body| json(call, &body)).transpose() };
        self.retrying(attempt, ClientError::is_passing).await
    }

    /// A write that may be sent more than once, and whose answer holds nothing that is promised.
    pub(crate) async fn write(&self, call: &Call) -> Result<(), ClientError> {
        let acknowledged = |body: &[u8]| if is_html(body) { Err(not_json(call)) } else { Ok(()) };
        let attempt = || async { acknowledged(&self.send(call).await?.unwrap_or_default()) };
        self.retrying(attempt, ClientError::is_passing).await
    }

    /// A write that is sent again only where the server said that there were too many calls, and so did nothing.
    pub(crate) async fn write_once(&self, call: &Call) -> Result<Value, ClientError> {
        let attempt = || async { json(call, &self.send(call).await?.unwrap_or_default()) };
        self.retrying(attempt, ClientError::is_limit).await
    }

    async fn send(&self, call: &Call) -> Result<Option<Vec<u8>>, ClientError> {
        let _turn = self.connections.acquire().await.expect("the semaphore is never closed");
        exchange(call, self.request(call).header(SESSION_KEY, self.session.clone())).await
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let request = self.http.request(call.method.clone(), format!("{}/{}", self.base, call.path));
        match &call.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    async fn retrying<T, Attempt, Answer>(
        &self,
        attempt: Attempt,
        when: fn(&ClientError) -> bool,
    ) -> Result<T, ClientError>
    where
        Attempt: FnMut() -> Answer,
        Answer: Future<Output = Result<T, ClientError>>,
    {
        let backoff =
            ExponentialBuilder::new().with_min_delay(Duration::from_millis(250)).with_max_times(5).with_jitter();
        let clock = self.clock;
        attempt
            .retry(backoff)
            .sleep(move |wait| clock.sleep(wait))
            .when(when)
            .adjust(|error, wait| wait.map(|wait| wait_for(error, wait)))
            .await
    }
}

fn http_client(endpoint: &Endpoint) -> Result<reqwest::Client, ClientError> {
    // A second call answers with an error that says that a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rosterctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_mins(1))
        .redirect(redirect::Policy::none());
    if endpoint.base.starts_with("http://") {
        // Plain HTTP is for loopback alone, which no proxy serves.
        builder = builder.no_proxy();
    }
    builder.build().map_err(ClientError::Setup)
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The body of a success, `None` for 204.
async fn exchange(call: &Call, request: RequestBuilder) -> Result<Option<Vec<u8>>, ClientError> {
    let sent = request.send().await;
    let response = sent.map_err(|error| ClientError::Unreachable { call: call.name(), source: error.without_url() })?;
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
    serde_json::from_slice(body).map_err(|_| not_json(call))
}

/// The key in the body of an authentication, bare or in quotes (`onefile-api.md`, Hosts and session).
fn session_key(call: &Call, body: &[u8]) -> Result<HeaderValue, ClientError> {
    if is_html(body) {
        return Err(not_json(call));
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

fn wait_for(error: &ClientError, backoff: Duration) -> Duration {
    match error {
        ClientError::Status { retry_after: Some(asked), .. } => backoff.max(*asked),
        ClientError::Status { status: 429, .. } => backoff.max(WAIT_AFTER_429),
        _ => backoff,
    }
}
