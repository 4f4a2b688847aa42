//! A finding as data: what is wrong in a text, where, and what to type instead. How a finding looks is `ui`'s and
//! `view`'s. Messages and helps hold no value that isn't of class `public`.

pub mod source;
pub mod suggest;

mod code;

pub use crate::findings::code::{CODES, Code, CodeRow};

use std::collections::BTreeMap;

use crate::findings::source::Span;

/// Whether a finding keeps a roster from being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong in what people wrote. The first label is its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub labels: Vec<Label>,
    pub help: String,
}

/// A place with a word on what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

impl Finding {
    pub fn new(code: Code, at: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        let severity = code.row().severity;
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            help: help.into(),
        }
        .label(at, "")
    }

    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        self.labels.push(Label { span, text });
        self
    }

    /// The place of the finding.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Why a file can't be read, as in `users.yaml isn't UTF-8`, and what to do about it.
#[derive(Debug)]
pub struct Unreadable {
    pub why: String,
    pub help: &'static str,
}

impl Unreadable {
    pub fn new(why: impl Into<String>, help: &'static str) -> Self {
        Self {
            why: why.into(),
            help,
        }
    }
}

/// Puts findings in the order of their places and drops those said twice.
pub fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
    findings.dedup();
    findings
}

/// What a project makes of codes: `None` silences one. Codes that aren't named keep their own severity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Severities(pub BTreeMap<Code, Option<Severity>>);

impl Severities {
    /// The findings as the project wants them, in the order of their places.
    pub fn apply(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let adjusted = findings.into_iter().filter_map(|finding| {
            let severity = self
                .0
                .get(&finding.code)
                .copied()
                .unwrap_or(Some(finding.severity))?;
            Some(Finding {
                severity,
                ..finding
            })
        });
        in_order(adjusted.collect())
    }
}

/// How many of the findings are errors, and how many are warnings.
pub fn tally(findings: &[Finding]) -> (usize, usize) {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    (errors, findings.len() - errors)
}
