//! Calls as they are asked, to see how a server answers. They only read.

use std::sync::atomic::Ordering;

use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::client::call::{CUSTOMER_TOKEN, Client, SESSION_KEY, sensitive};
use crate::client::error::ClientError;

/// What is asked, and with which key.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub body: Body,
    pub key: With,
}

#[derive(Clone, Debug)]
pub enum Body {
    /// A GET.
    None,
    Empty,
    Json(Value),
    Form(Vec<(&'static str, String)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    Session,
    Nothing,
    CustomerToken,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The names of its headers, in lower case.
    pub headers: Vec<String>,
    pub body: Vec<u8>,
}

impl Client {
    /// How the server answers this. A service that is away is an error, whatever is asked.
    pub async fn probe(&self, asked: &Asked) -> Result<Answer, ClientError> {
        let answer = self.ask(asked).await?;
        if answer.status != TOO_MANY {
            return Ok(answer);
        }
        self.slow_down(&status(asked, answer.status));
        self.ask(asked).await
    }

    async fn ask(&self, asked: &Asked) -> Result<Answer, ClientError> {
        let key = match asked.key {
            With::Nothing => None,
            With::CustomerToken => sensitive(self.token.expose_secret()).map(|token| (CUSTOMER_TOKEN, token)),
            With::Session => Some((SESSION_KEY, self.session_key().await?)),
        };
        let _turn = self.limiter.turn(&self.waits).await;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let method = if matches!(asked.body, Body::None) { Method::GET } else { Method::POST };
        let request = self.http.request(method, format!("{}/{}", self.base, asked.path));
        let request = key.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = match &asked.body {
            Body::None => request,
            Body::Empty => request.body(String::new()),
            Body::Json(body) => request.json(body),
            Body::Form(pairs) => {
                let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                request.header("content-type", "application/x-www-form-urlencoded").body(form)
            }
        };
        let call = || name(asked);
        let unreachable =
            |error: reqwest::Error| ClientError::Unreachable { call: call(), source: error.without_url() };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let headers = response.headers().keys().map(|name| name.as_str().to_owned()).collect();
        let broken = |error: reqwest::Error| ClientError::Broken { call: call(), source: error.without_url() };
        let body = response.bytes().await.map_err(broken)?.to_vec();
        if status == AWAY { Err(self::status(asked, status)) } else { Ok(Answer { status, headers, body }) }
    }

    async fn session_key(&self) -> Result<HeaderValue, ClientError> {
        Ok(self.session.key(|| self.authenticate()).await?.value.clone())
    }
}

const TOO_MANY: u16 = 429;
const AWAY: u16 = 503;

fn name(asked: &Asked) -> String {
    let method = if matches!(asked.body, Body::None) { "GET" } else { "POST" };
    format!("{method} /{}", asked.path)
}

fn status(asked: &Asked, status: u16) -> ClientError {
    ClientError::Status { call: name(asked), status, names: Vec::new(), retry_after: None }
}
