//! Sends one request when its turn comes. `client` decides what to do about a failure.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Response, redirect};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::domain::clock::{Clock, Moment};
use crate::onefile::answer::RawAnswer;
use crate::onefile::bounds::{AnswerBounds, PassedBound};
use crate::onefile::call::{AfterStop, Call, CallBody};
use crate::onefile::error::ClientError;
use crate::onefile::network::Network;
use crate::onefile::pace::Pace;
use crate::onefile::rate_limit::{CallSlot, Limiter};
use crate::onefile::retry::wait_report::WaitReporter;

/// The header that identifies the caller: a customer token or a session key.
pub(super) type AuthHeader = (HeaderName, HeaderValue);

/// The connection to one server. It has no session and never retries.
pub(super) struct Transport {
    http: reqwest::Client,
    server: ServerAddress,
    clock: Clock,
    pub(super) limiter: Limiter,
    pub(super) answer_timeout: Duration,
    bounds: AnswerBounds,
    /// Cancelled if somebody stops the run.
    stop: CancellationToken,
    sent: AtomicUsize,
    /// Seconds that this clock is ahead of the server's, or `UNKNOWN_SKEW`.
    skew: AtomicI64,
}

/// The base URL of a server and the way to it.
pub(super) struct ServerAddress {
    pub(super) base: String,
    pub(super) network: Network,
}

const UNKNOWN_SKEW: i64 = i64::MIN;

impl Transport {
    pub(super) fn new(
        server: ServerAddress,
        pace: &Pace,
        limiter: Limiter,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            http: http_client(&server, pace)?,
            server,
            clock,
            limiter,
            answer_timeout: pace.timeout_within(pace.opening),
            bounds: pace.bounds,
            stop,
            sent: AtomicUsize::new(0),
            skew: AtomicI64::new(UNKNOWN_SKEW),
        })
    }

    /// How many requests were sent so far, including those that failed.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Seconds that this clock is ahead of the server's; `None` if no answer had a `Date`.
    pub(super) fn skew(&self) -> Option<i64> {
        let skew = self.skew.load(Ordering::Relaxed);
        (skew != UNKNOWN_SKEW).then_some(skew)
    }

    /// Waits for its turn, sends the call, and reads the answer to its end.
    ///
    /// # Errors
    /// `TooLate` if the turn came after `Call::not_after`, and `Stopped` if the run was stopped before; then nothing was sent.
    /// `Unreachable` and `Broken` if no whole answer came, and `TooLarge` if it was longer than it may be.
    pub(super) async fn send(
        &self,
        call: &Call,
        auth: Option<AuthHeader>,
        waits: &WaitReporter,
    ) -> Result<RawAnswer, ClientError> {
        let _slot = self.turn(call, waits).await?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let begun = self.clock.moment();
        let answer = self.exchange(call, self.request(call, auth)).await;
        self.log(call, begun, &answer);
        if let Some(date) = answer.as_ref().ok().and_then(RawAnswer::date) {
            let skew = self.clock.now().duration_since(date).as_secs();
            self.skew.store(skew, Ordering::Relaxed);
        }
        answer
    }

    /// Waits until the call may be sent. After a stop nothing waits any longer.
    async fn turn(&self, call: &Call, waits: &WaitReporter) -> Result<CallSlot<'_>, ClientError> {
        self.check(call)?;
        let slot = tokio::select! {
            biased;
            slot = self.limiter.acquire(waits) => slot,
            () = self.stop.cancelled() => return Err(ClientError::Stopped { call: call.name() }),
        };
        self.check(call)?;
        Ok(slot)
    }

    fn check(&self, call: &Call) -> Result<(), ClientError> {
        if call.after_stop == AfterStop::NotSent && self.stop.is_cancelled() {
            return Err(ClientError::Stopped { call: call.name() });
        }
        match call.not_after {
            Some(moment) if self.clock.moment() > moment => {
                Err(ClientError::TooLate { call: call.name() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn request(&self, call: &Call, auth: Option<AuthHeader>) -> RequestBuilder {
        let url = format!("{}/{}", self.server.base, call.path);
        let request = self.http.request(call.method.clone(), url);
        let mut request = request.timeout(self.answer_timeout);
        if let Some((name, value)) = auth {
            request = request.header(name, value);
        }
        match &call.body {
            CallBody::None => request,
            CallBody::Json(body) => request.json(body),
            CallBody::Form(form) => request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone()),
        }
    }

    async fn exchange(
        &self,
        call: &Call,
        request: RequestBuilder,
    ) -> Result<RawAnswer, ClientError> {
        let sent = request.send().await;
        let mut response = sent.map_err(|error| self.not_answered(call, error))?;
        Ok(RawAnswer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: self.body(call, response).await?,
            bounds: self.bounds,
        })
    }

    fn not_answered(&self, call: &Call, error: reqwest::Error) -> ClientError {
        let call = call.name();
        match self.server.network.problem(&error) {
            Some(problem) => ClientError::Network { call, problem },
            None => ClientError::Unreachable {
                call,
                source: error.without_url(),
            },
        }
    }

    /// Reads and unpacks the body, piece by piece, so that a small answer can't unpack to more than the memory.
    async fn body(&self, call: &Call, mut response: Response) -> Result<Vec<u8>, ClientError> {
        let mut body = Vec::new();
        loop {
            let piece = response
                .chunk()
                .await
                .map_err(|error| ClientError::Broken {
                    call: call.name(),
                    source: error.without_url(),
                })?;
            let Some(piece) = piece else {
                return Ok(body);
            };
            if body.len() + piece.len() > self.bounds.bytes {
                return Err(ClientError::TooLarge {
                    call: call.name(),
                    bound: PassedBound::Bytes(self.bounds.bytes),
                });
            }
            body.extend_from_slice(&piece);
        }
    }

    fn log(&self, call: &Call, begun: Moment, answer: &Result<RawAnswer, ClientError>) {
        let took = self.clock.elapsed(begun).as_millis();
        match answer {
            Ok(answer) => debug!("{}: answered {} in {took} ms", call.name(), answer.status),
            Err(error) => debug!("{error} after {took} ms"),
        }
    }
}

/// Redirects aren't followed, so that the token goes only to this server.
fn http_client(server: &ServerAddress, pace: &Pace) -> Result<reqwest::Client, ClientError> {
    // This fails harmlessly if an earlier client has already installed a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("rosterctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(pace.connect_timeout)
        .timeout(pace.answer_timeout)
        .redirect(redirect::Policy::none());
    let builder = server.network.set_up(builder, &server.base);
    builder.build().map_err(ClientError::Setup)
}
