//! Findings as data: what is wrong in a text, where, and what to type instead. `render` and `cli::terminal` show them.
//! Messages and helps hold no value that isn't of class `public`.

pub mod source;
pub mod suggest;

mod fix;
mod rule;

pub use crate::findings::fix::{Certainty, Fix, FixKind, added_keys};
pub use crate::findings::rule::Rule;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::findings::source::Span;

/// An error keeps a roster from being made; a warning doesn't.
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

/// One thing that is wrong in what people wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    /// Whether an editor that has the JSON Schema shows it, too.
    pub is_of_schema: bool,
    pub message: String,
    /// The first is the place of the finding.
    pub labels: Vec<Label>,
    /// What to type.
    pub help: String,
    /// What answers it, if a change of the text does.
    pub fix: Option<Box<Fix>>,
}

/// A place, and in a few words what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

impl Finding {
    pub fn new(
        rule: &'static Rule,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity,
            is_of_schema: false,
            message: message.into(),
            labels: Vec::new(),
            help: help.into(),
            fix: None,
        }
        .label(span, "")
    }

    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        self.labels.push(Label { span, text });
        self
    }

    /// The one right answer, at the place of the finding.
    #[must_use]
    pub fn fixed_by(self, kind: FixKind) -> Self {
        let span = self.span();
        self.fixed_at(span, kind)
    }

    /// The one right answer, at another place.
    #[must_use]
    pub fn fixed_at(self, span: Span, kind: FixKind) -> Self {
        self.with_fix(span, kind, Certainty::OneAnswer)
    }

    /// An answer among others, at another place. Editors offer it, and `validate --fix` leaves it alone.
    #[must_use]
    pub fn suggests(self, span: Span, kind: FixKind) -> Self {
        self.with_fix(span, kind, Certainty::Suggestion)
    }

    fn with_fix(self, span: Span, kind: FixKind, certainty: Certainty) -> Self {
        let fix = Fix {
            span,
            kind,
            certainty,
        };
        Self {
            fix: Some(Box::new(fix)),
            ..self
        }
    }

    /// The place of the finding.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Why a file can't be read, and what to do about it. `why` comes after the name of the file: `isn't UTF-8`.
#[derive(Debug)]
pub struct Unreadable {
    pub why: String,
    pub help: Cow<'static, str>,
}

impl Unreadable {
    pub fn new(why: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self {
            why: why.into(),
            help: help.into(),
        }
    }
}

/// The findings in the order of their places, each of them once.
pub fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.span(), a.rule, &a.message).cmp(&(b.span(), b.rule, &b.message)));
    findings.dedup();
    findings
}

/// How serious a project takes findings to be, by rule: `None` silences a rule. A rule that isn't named keeps its own
/// severity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Severities(pub BTreeMap<&'static Rule, Option<Severity>>);

impl Severities {
    /// How serious the project takes a rule to be; `None` if it silences the rule.
    pub fn of(&self, rule: &'static Rule) -> Option<Severity> {
        self.0.get(rule).copied().unwrap_or(Some(rule.severity))
    }

    /// The findings as the project wants them, in the order of their places.
    pub fn apply(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let mut adjusted = Vec::with_capacity(findings.len());
        for mut finding in findings {
            match self.0.get(finding.rule) {
                Some(None) => continue,
                Some(Some(severity)) => finding.severity = *severity,
                None => {}
            }
            adjusted.push(finding);
        }
        in_order(adjusted)
    }
}

/// How many errors there are, and how many warnings.
pub fn tally(findings: &[Finding]) -> (usize, usize) {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    (errors, findings.len() - errors)
}
