//! Scripted faults: which call, when, and what goes wrong. The same rules and the same calls give the same faults.

use std::time::Duration;

use axum::http::Method;

use crate::findings::source::{FileId, Span};
use crate::findings::{Code, Finding, in_order};
use crate::manifest::yaml::{self, MapEntry, Node, NodeData};
use crate::sandbox::random::Random;
use crate::sandbox::table::TABLES;
use crate::sandbox::yaml_args::{choice, count, fraction, text, unknown_keys, wrong};

/// A list of rules, with what each has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Vec<FaultRule>,
    /// How often something went wrong.
    struck: usize,
}

#[derive(Clone, Debug)]
struct FaultRule {
    on: Pattern,
    when: FaultTrigger,
    what: InjectedFault,
    /// How many calls of its pattern there were.
    seen: usize,
}

/// A method and a path below the base URL, in which `*` stands for one segment and a last `**` for any more.
#[derive(Clone, Debug)]
struct Pattern {
    method: Option<Method>,
    segments: Vec<String>,
}

#[derive(Clone, Debug)]
enum FaultTrigger {
    Always,
    Nth(usize),
    Every(usize),
    /// With this probability, by a generator that a seed starts.
    Chance {
        probability: f64,
        random: Random,
    },
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InjectedFault {
    Status {
        code: u16,
        body: Option<String>,
    },
    /// An HTML page where JSON is due.
    Html,
    /// The connection closes before the work is done.
    ResetBefore,
    /// The work is done and kept, and the connection closes without an answer.
    ResetAfter,
    /// The work is done and kept, and the answer is a 500.
    FailAfter,
    Delay(Duration),
    /// The body breaks off in its middle.
    Cut,
    BrokenJson,
    /// The session key of the call isn't good any more.
    EndSession,
    /// A write is acknowledged and not done.
    LoseWrite,
    IgnoreField(String),
    /// Searches don't show the created user for a while.
    HideCreated(Duration),
    /// A page shows its first row twice.
    RepeatRow,
    /// A page lacks its first row.
    SkipRow,
    /// An update empties the fields that weren't sent.
    BlankUnsent,
}

/// Faults that are one word.
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

impl Faults {
    /// The rules of a file of its own: a list, or a mapping with `faults`.
    pub fn parse(file: FileId, text: &str) -> Result<Self, Vec<Finding>> {
        let (documents, mut findings) = yaml::parse(file, text);
        let mut faults = Self::default();
        if documents.is_empty() && findings.is_empty() {
            let help = "write a list of rules, or `[]` for none";
            findings.push(Finding::new(
                Code::MissingField,
                Span::new(file, 0, 0),
                "no list of faults",
                help,
            ));
        }
        for document in &documents {
            let named = document.get("faults");
            findings.extend(
                named
                    .iter()
                    .flat_map(|_| unknown_keys(document, &["faults"])),
            );
            findings.extend(faults.read(named.map_or(document, |entry| &entry.value)));
        }
        if findings.is_empty() {
            Ok(faults)
        } else {
            Err(in_order(findings))
        }
    }

    /// Adds the rules of a list.
    pub(crate) fn read(&mut self, list: &Node) -> Vec<Finding> {
        let NodeData::List(items) = &list.data else {
            let help = "write a list of `- on: POST /User` with `do:` below it";
            return vec![Finding::new(
                Code::WrongKind,
                list.span,
                "faults are a list of rules",
                help,
            )];
        };
        let (rules, findings): (Vec<_>, Vec<_>) = items.iter().map(rule).partition(Result::is_ok);
        self.rules.extend(rules.into_iter().flatten());
        findings
            .into_iter()
            .filter_map(Result::err)
            .flatten()
            .collect()
    }

    pub(crate) fn longest_delay(&self) -> Duration {
        let delay = |rule: &FaultRule| {
            if let InjectedFault::Delay(wait) = rule.what {
                wait
            } else {
                Duration::ZERO
            }
        };
        self.rules.iter().map(delay).max().unwrap_or_default()
    }

    /// What goes wrong with this call. Counts it.
    pub(crate) fn strike(&mut self, method: &Method, path: &[&str]) -> Vec<InjectedFault> {
        let fitting = self
            .rules
            .iter_mut()
            .filter(|rule| rule.on.fits(method, path));
        let faults: Vec<InjectedFault> = fitting
            .filter_map(|rule| rule.strikes().then(|| rule.what.clone()))
            .collect();
        self.struck += faults.len();
        faults
    }

    pub(crate) fn struck(&self) -> usize {
        self.struck
    }
}

impl FaultRule {
    fn strikes(&mut self) -> bool {
        self.seen += 1;
        match &mut self.when {
            FaultTrigger::Always => true,
            FaultTrigger::Nth(nth) => self.seen == *nth,
            FaultTrigger::Every(nth) => self.seen.is_multiple_of(*nth),
            FaultTrigger::Chance {
                probability,
                random,
            } => random.share() < *probability,
        }
    }
}

impl Pattern {
    fn fits(&self, method: &Method, path: &[&str]) -> bool {
        let is_open = self.segments.last().is_some_and(|last| last == "**");
        let fixed = if is_open {
            &self.segments[..self.segments.len() - 1]
        } else {
            &self.segments[..]
        };
        let has_length = if is_open {
            path.len() >= fixed.len()
        } else {
            path.len() == fixed.len()
        };
        let alike = || {
            fixed
                .iter()
                .zip(path)
                .all(|(pattern, segment)| pattern == "*" || pattern == segment)
        };
        self.method.as_ref().is_none_or(|wanted| wanted == method) && has_length && alike()
    }
}

fn rule(node: &Node) -> Result<FaultRule, Vec<Finding>> {
    let mut findings = unknown_keys(node, &["on", "when", "do"]);
    let on = required(node, "on", "POST /User").and_then(pattern);
    let when = node.get("when").map_or(Ok(FaultTrigger::Always), when);
    let what = required(node, "do", "html").and_then(fault);
    match (on, when, what) {
        (Ok(on), Ok(when), Ok(what)) if findings.is_empty() => Ok(FaultRule {
            on,
            when,
            what,
            seen: 0,
        }),
        (on, when, what) => {
            findings.extend([on.err(), when.err(), what.err()].into_iter().flatten());
            Err(findings)
        }
    }
}

fn required<'n>(node: &'n Node<'n>, key: &str, example: &str) -> Result<&'n MapEntry<'n>, Finding> {
    node.get(key).ok_or_else(|| {
        let help = format!("add `{key}: {example}`");
        Finding::new(
            Code::MissingField,
            node.span,
            format!("a fault without `{key}`"),
            help,
        )
    })
}

fn pattern(entry: &MapEntry) -> Result<Pattern, Finding> {
    let words: Vec<&str> = text(entry)?.split_whitespace().collect();
    let (method, path) = match words.as_slice() {
        [path] => (None, *path),
        [method, path] => (Some(method.to_ascii_uppercase()), *path),
        _ => {
            return Err(wrong(
                entry,
                "a method and a path",
                "write it as in `POST /User/*`",
            ));
        }
    };
    let help = "write it as in `POST /User/*`, below the base URL; `**` is the last segment";
    let due = || wrong(entry, "a method and a path", help);
    let method = match method.as_deref() {
        None => None,
        Some("GET") => Some(Method::GET),
        Some("POST") => Some(Method::POST),
        Some(_) => return Err(due()),
    };
    let is_early = path.split('/').rev().skip(1).any(|segment| segment == "**");
    if !path.starts_with('/') || path.to_ascii_lowercase().starts_with("/api/") || is_early {
        return Err(due());
    }
    let segments = path.to_ascii_lowercase();
    let segments = segments
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect();
    Ok(Pattern { method, segments })
}

fn when(entry: &MapEntry) -> Result<FaultTrigger, Finding> {
    let help = "write `{ nth: 3 }`, `{ every: 5 }` or `{ chance: 0.1, seed: 7 }`";
    let (node, part) = (&entry.value, |key: &str| entry.value.get(key));
    let due = || wrong(entry, "a time", help);
    if !unknown_keys(node, &["nth", "every", "chance", "seed"]).is_empty() {
        return Err(due());
    }
    match (part("nth"), part("every"), part("chance")) {
        (Some(nth), None, None) if part("seed").is_none() && count(nth)? > 0 => {
            Ok(FaultTrigger::Nth(count(nth)?))
        }
        (None, Some(every), None) if part("seed").is_none() && count(every)? > 0 => {
            Ok(FaultTrigger::Every(count(every)?))
        }
        (None, None, Some(chance)) => {
            let random = Random::new(part("seed").map_or(Ok(0), count)? as u64);
            let probability = fraction(chance)?;
            if probability > 1.0 {
                return Err(wrong(chance, "a number up to 1", "write it as in `0.1`"));
            }
            Ok(FaultTrigger::Chance {
                probability,
                random,
            })
        }
        _ => Err(due()),
    }
}

fn fault(entry: &MapEntry) -> Result<InjectedFault, Finding> {
    if entry.value.text().is_some() {
        let words: Vec<(&str, usize)> = WORDS
            .iter()
            .enumerate()
            .map(|(at, (word, _))| (*word, at))
            .collect();
        return Ok(WORDS[choice(entry, &words)?].1.clone());
    }
    let part = |key: &str| entry.value.get(key);
    let known = ["status", "body", "delayMs", "ignoreField", "hideCreatedMs"];
    let help = "write one of the words, or `{ status: 500 }`, `{ delayMs: 500 }`, `{ ignoreField: Email }`, `{ hideCreatedMs: 500 }`";
    if !unknown_keys(&entry.value, &known).is_empty() {
        return Err(wrong(entry, "a fault", help));
    }
    if part("body").is_some() && part("status").is_none() {
        return Err(wrong(entry, "a fault", help));
    }
    let milliseconds =
        |entry: &MapEntry| count(entry).map(|number| Duration::from_millis(number as u64));
    match (
        part("status"),
        part("delayMs"),
        part("ignoreField"),
        part("hideCreatedMs"),
    ) {
        (Some(status), None, None, None) => {
            let code = count(status)?;
            let code = u16::try_from(code)
                .ok()
                .filter(|code| (200..600).contains(code));
            let body = part("body").map(text).transpose()?.map(str::to_owned);
            code.map(|code| InjectedFault::Status { code, body })
                .ok_or_else(|| wrong(status, "a status", "write it as in `503`"))
        }
        (None, Some(delay), None, None) => Ok(InjectedFault::Delay(milliseconds(delay)?)),
        (None, None, Some(field), None) => {
            let name = text(field)?;
            let mut columns = TABLES.iter().flat_map(|row| row.columns);
            let is_column = columns.any(|column| column.name.eq_ignore_ascii_case(name));
            let due = || wrong(field, "a field of the API", "write it as in `Email`");
            if is_column {
                Ok(InjectedFault::IgnoreField(name.to_owned()))
            } else {
                Err(due())
            }
        }
        (None, None, None, Some(hidden)) => Ok(InjectedFault::HideCreated(milliseconds(hidden)?)),
        _ => Err(wrong(entry, "a fault", help)),
    }
}
