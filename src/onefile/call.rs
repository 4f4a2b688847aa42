//! A request, before it is sent.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

/// A request to the API. The path is relative to the base URL.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: CallBody,
    /// The call isn't sent after this time, even if it had to wait until then.
    pub(super) not_after: Option<Timestamp>,
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
        }
    }

    pub(crate) fn not_after(self, moment: Timestamp) -> Self {
        Self {
            not_after: Some(moment),
            ..self
        }
    }

    /// The name of the call in messages.
    pub(crate) fn name(&self) -> String {
        format!("{} /{}", self.method, self.path)
    }
}
