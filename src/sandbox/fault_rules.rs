//! Reading rules of faults: from a file of their own, or from `faults:` in `sandbox.yaml`.

use crate::manifest::rules::{missing_field, wrong_kind};
use std::time::Duration;

use axum::http::Method;

use crate::findings::source::{FileId, Span};
use crate::findings::{Finding, in_order};
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::yaml;
use crate::sandbox::fault::{CallPattern, FaultRule, FaultTrigger, Faults, InjectedFault};
use crate::sandbox::random::Random;
use crate::sandbox::table::TABLES;
use crate::sandbox::yaml_args::{choice, count, fraction, text, unknown_keys, wrong};

impl Faults {
    /// The rules of a file of its own: a list, or a mapping with `faults`.
    pub fn parse(file: FileId, text: &str) -> Result<Self, Vec<Finding>> {
        let (documents, mut findings) = yaml::parse(file, text);
        let mut faults = Self::default();
        if documents.is_empty() && findings.is_empty() {
            let help = "write a list of rules, or `[]` for none";
            let start = Span::new(file, 0, 0);
            findings.push(Finding::new(
                &missing_field::RULE,
                start,
                "no list of faults",
                help,
            ));
        }
        for document in &documents {
            match document.get("faults") {
                Some(entry) => {
                    findings.extend(unknown_keys(document, &["faults"]));
                    findings.extend(faults.read(&entry.value));
                }
                None => findings.extend(faults.read(document)),
            }
        }
        if findings.is_empty() {
            Ok(faults)
        } else {
            Err(in_order(findings))
        }
    }

    /// Adds the rules of a list, and returns what is wrong with the others.
    pub(crate) fn read(&mut self, list: &Node) -> Vec<Finding> {
        let NodeData::List(items) = &list.data else {
            let message = "faults are a list of rules";
            let help = "write a list of `- on: POST /User` with `do:` below it";
            return vec![Finding::new(&wrong_kind::RULE, list.span, message, help)];
        };
        let mut findings = Vec::new();
        for item in items {
            match rule(item) {
                Ok(rule) => self.rules.push(rule),
                Err(wrong) => findings.extend(wrong),
            }
        }
        findings
    }
}

fn rule(node: &Node) -> Result<FaultRule, Vec<Finding>> {
    let mut findings = unknown_keys(node, &["on", "when", "do"]);
    let on = required(node, "on", "POST /User").and_then(pattern);
    let when = node.get("when").map_or(Ok(FaultTrigger::Always), trigger);
    let what = required(node, "do", "html").and_then(fault);
    match (on, when, what) {
        (Ok(on), Ok(when), Ok(what)) if findings.is_empty() => Ok(FaultRule {
            on,
            when,
            what,
            met: 0,
        }),
        (on, when, what) => {
            findings.extend([on.err(), when.err(), what.err()].into_iter().flatten());
            Err(findings)
        }
    }
}

fn required<'n>(node: &'n Node<'n>, key: &str, example: &str) -> Result<&'n MapEntry<'n>, Finding> {
    node.get(key).ok_or_else(|| {
        let message = format!("a fault without `{key}`");
        let help = format!("add `{key}: {example}`");
        Finding::new(&missing_field::RULE, node.span, message, help)
    })
}

fn pattern(entry: &MapEntry) -> Result<CallPattern, Finding> {
    let words: Vec<&str> = text(entry)?.split_whitespace().collect();
    let (method, path) = match words.as_slice() {
        [path] => (None, *path),
        [method, path] => (Some(method.to_ascii_uppercase()), *path),
        _ => {
            let help = "write it as in `POST /User/*`";
            return Err(wrong(entry, "a method and a path", help));
        }
    };
    let help = "write it as in `POST /User/*`, below the base URL; `**` is the last segment";
    let method = match method.as_deref() {
        None => None,
        Some("GET") => Some(Method::GET),
        Some("POST") => Some(Method::POST),
        Some(_) => return Err(wrong(entry, "a method and a path", help)),
    };
    let lower_case = path.to_ascii_lowercase();
    if !is_below_base(&lower_case) {
        return Err(wrong(entry, "a method and a path", help));
    }
    let segments = lower_case.split('/').filter(|segment| !segment.is_empty());
    Ok(CallPattern {
        method,
        segments: segments.map(str::to_owned).collect(),
    })
}

/// Whether a path is one below the base URL, with `**` at its end if at all.
fn is_below_base(path: &str) -> bool {
    let mut before_last = path.split('/').rev().skip(1);
    path.starts_with('/')
        && !path.starts_with("/api/")
        && before_last.all(|segment| segment != "**")
}

fn trigger(entry: &MapEntry) -> Result<FaultTrigger, Finding> {
    let node = &entry.value;
    let help = "write `{ nth: 3 }`, `{ every: 5 }` or `{ chance: 0.1, seed: 7 }`";
    let wrong_time = || wrong(entry, "a time", help);
    if !unknown_keys(node, &["nth", "every", "chance", "seed"]).is_empty() {
        return Err(wrong_time());
    }
    let keys = (
        node.get("nth"),
        node.get("every"),
        node.get("chance"),
        node.get("seed"),
    );
    match keys {
        (Some(nth), None, None, None) => match count(nth)? {
            0 => Err(wrong_time()),
            nth => Ok(FaultTrigger::Nth(nth)),
        },
        (None, Some(every), None, None) => match count(every)? {
            0 => Err(wrong_time()),
            every => Ok(FaultTrigger::Every(every)),
        },
        (None, None, Some(chance), seed) => {
            let random = Random::new(seed.map_or(Ok(0), count)? as u64);
            let probability = fraction(chance)?;
            if probability > 1.0 {
                return Err(wrong(chance, "a number up to 1", "write it as in `0.1`"));
            }
            Ok(FaultTrigger::Chance {
                probability,
                random,
            })
        }
        _ => Err(wrong_time()),
    }
}

/// The faults that are one word.
const WORDS: &[(&str, InjectedFault)] = &[
    ("html", InjectedFault::Html),
    ("resetBefore", InjectedFault::ResetBefore),
    ("resetAfter", InjectedFault::ResetAfter),
    ("failAfter", InjectedFault::FailAfter),
    ("cut", InjectedFault::Cut),
    ("brokenJson", InjectedFault::BrokenJson),
    ("endSession", InjectedFault::EndSession),
    ("loseWrite", InjectedFault::LoseWrite),
    ("repeatRow", InjectedFault::RepeatRow),
    ("skipRow", InjectedFault::SkipRow),
    ("blankUnsent", InjectedFault::BlankUnsent),
];

fn fault(entry: &MapEntry) -> Result<InjectedFault, Finding> {
    if entry.value.text().is_some() {
        return choice(entry, WORDS);
    }
    let help = "write one of the words, or `{ status: 500 }`, `{ delayMs: 500 }`, `{ ignoreField: Email }`, `{ hideCreatedMs: 500 }`";
    let node = &entry.value;
    let known = ["status", "body", "delayMs", "ignoreField", "hideCreatedMs"];
    if !unknown_keys(node, &known).is_empty() {
        return Err(wrong(entry, "a fault", help));
    }
    let keys = (
        node.get("status"),
        node.get("body"),
        node.get("delayMs"),
        node.get("ignoreField"),
        node.get("hideCreatedMs"),
    );
    match keys {
        (Some(status), body, None, None, None) => status_fault(status, body),
        (None, None, Some(delay), None, None) => Ok(InjectedFault::Delay(milliseconds(delay)?)),
        (None, None, None, Some(field), None) => ignored_field(field),
        (None, None, None, None, Some(hidden)) => {
            Ok(InjectedFault::HideCreated(milliseconds(hidden)?))
        }
        _ => Err(wrong(entry, "a fault", help)),
    }
}

fn status_fault(status: &MapEntry, body: Option<&MapEntry>) -> Result<InjectedFault, Finding> {
    let number = count(status)?;
    let body = body.map(text).transpose()?;
    match u16::try_from(number) {
        Ok(code @ 200..600) => Ok(InjectedFault::Status {
            code,
            body: body.map(str::to_owned),
        }),
        Ok(_) | Err(_) => Err(wrong(status, "a status", "write it as in `503`")),
    }
}

fn ignored_field(field: &MapEntry) -> Result<InjectedFault, Finding> {
    let name = text(field)?;
    let mut columns = TABLES.iter().flat_map(|row| row.columns);
    if columns.any(|column| column.name.eq_ignore_ascii_case(name)) {
        Ok(InjectedFault::IgnoreField(name.to_owned()))
    } else {
        Err(wrong(field, "a field of the API", "write it as in `Email`"))
    }
}

fn milliseconds(entry: &MapEntry) -> Result<Duration, Finding> {
    Ok(Duration::from_millis(count(entry)? as u64))
}
