//! A request, before it is sent.

use reqwest::Method;
use serde_json::Value;

use crate::domain::clock::Moment;

/// A request to the API. The path is relative to the base URL.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: CallBody,
    /// The call isn't sent after this moment, even if it had to wait until then.
    pub(super) not_after: Option<Moment>,
    pub(super) after_stop: AfterStop,
}

/// Whether a call is still sent after somebody has stopped the run, if it needn't wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterStop {
    /// Reads are: they show what the run has done.
    Sent,
    /// Changes aren't.
    NotSent,
}

#[derive(Clone, Debug)]
pub(super) enum CallBody {
    None,
    Json(Value),
    /// `application/x-www-form-urlencoded`
    Form(String),
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into(), CallBody::None)
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path.into(), CallBody::Json(body))
    }

    pub(crate) fn form(path: impl Into<String>, pairs: &[(&str, String)]) -> Self {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Self::new(Method::POST, path.into(), CallBody::Form(form))
    }

    pub(crate) fn authentication() -> Self {
        Self::new(Method::POST, "Authentication".to_owned(), CallBody::None)
    }

    fn new(method: Method, path: String, body: CallBody) -> Self {
        Self {
            method,
            path,
            body,
            not_after: None,
            after_stop: AfterStop::Sent,
        }
    }

    /// Marks a call that changes something. It isn't sent after this moment, nor after somebody has stopped the run.
    pub(super) fn change_until(self, moment: Option<Moment>) -> Self {
        Self {
            not_after: moment,
            after_stop: AfterStop::NotSent,
            ..self
        }
    }

    /// The name of the call in messages.
    pub(crate) fn name(&self) -> String {
        format!("{} /{}", self.method, self.path)
    }
}
