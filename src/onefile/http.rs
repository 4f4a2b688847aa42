//! Sends one request when its turn comes. `client` decides what to do about a failure.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, redirect};
use tracing::debug;

use crate::domain::clock::Clock;
use crate::onefile::answer::RawAnswer;
use crate::onefile::call::{Call, CallBody};
use crate::onefile::error::ClientError;
use crate::onefile::pace::Pace;
use crate::onefile::rate_limit::Limiter;
use crate::onefile::retry::wait_report::WaitReporter;

/// The header that identifies the caller: a customer token or a session key.
pub(super) type AuthHeader = (HeaderName, HeaderValue);

/// The connection to one server. It has no session and never retries.
pub(super) struct Transport {
    http: reqwest::Client,
    base: String,
    clock: Clock,
    pub(super) limiter: Limiter,
    sent: AtomicUsize,
    /// Seconds that this clock is ahead of the server's, or `UNKNOWN_SKEW`.
    skew: AtomicI64,
}

const UNKNOWN_SKEW: i64 = i64::MIN;

impl Transport {
    pub(super) fn new(
        base: String,
        pace: &Pace,
        limiter: Limiter,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            http: http_client(&base, pace)?,
            base,
            clock,
            limiter,
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
    /// `TooLate` if the turn came after `Call::not_after`; `Unreachable` and `Broken` if no whole answer came.
    pub(super) async fn send(
        &self,
        call: &Call,
        auth: Option<AuthHeader>,
        waits: &WaitReporter,
    ) -> Result<RawAnswer, ClientError> {
        self.check_in_time(call)?;
        let _slot = self.limiter.acquire(waits).await;
        self.check_in_time(call)?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let begun = self.clock.now();
        let answer = exchange(call, self.request(call, auth)).await;
        self.log(call, begun, &answer);
        if let Some(date) = answer.as_ref().ok().and_then(RawAnswer::date) {
            let skew = self.clock.now().duration_since(date).as_secs();
            self.skew.store(skew, Ordering::Relaxed);
        }
        answer
    }

    fn check_in_time(&self, call: &Call) -> Result<(), ClientError> {
        match call.not_after {
            Some(moment) if self.clock.now() > moment => {
                Err(ClientError::TooLate { call: call.name() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn request(&self, call: &Call, auth: Option<AuthHeader>) -> RequestBuilder {
        let url = format!("{}/{}", self.base, call.path);
        let mut request = self.http.request(call.method.clone(), url);
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

    fn log(&self, call: &Call, begun: Timestamp, answer: &Result<RawAnswer, ClientError>) {
        let took = self.clock.now().duration_since(begun).as_millis();
        match answer {
            Ok(answer) => debug!("{}: answered {} in {took} ms", call.name(), answer.status),
            Err(error) => debug!("{error} after {took} ms"),
        }
    }
}

/// Redirects aren't followed, so that the token goes only to this server.
fn http_client(base: &str, pace: &Pace) -> Result<reqwest::Client, ClientError> {
    // This fails harmlessly if an earlier client has already installed a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rosterctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(pace.connect_timeout)
        .timeout(pace.answer_timeout)
        .redirect(redirect::Policy::none());
    if base.starts_with("http://") {
        // Plain HTTP is only allowed to this machine: no proxy serves it, and it needs no certificates.
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build().map_err(ClientError::Setup)
}

async fn exchange(call: &Call, request: RequestBuilder) -> Result<RawAnswer, ClientError> {
    let sent = request.send().await;
    let mut response = sent.map_err(|error| ClientError::Unreachable {
        call: call.name(),
        source: error.without_url(),
    })?;
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let read = response.bytes().await;
    let body = read.map_err(|error| ClientError::Broken {
        call: call.name(),
        source: error.without_url(),
    })?;
    Ok(RawAnswer {
        status,
        headers,
        body: body.to_vec(),
    })
}
