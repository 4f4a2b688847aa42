//! `rosterctl.yaml`: the organisation, the target, where the manifests are, and the policy.

use std::sync::LazyLock;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{
    Archived, Archives, AssignPath, Creates, Days, FieldPolicy, KeepKnown, Limit,
    MaintenanceWindow, MaintenanceWindows, OrganisationId, Policy, PolicyLines, london,
};
use crate::findings::source::{FileId, Span};
use crate::findings::{Finding, Severities, in_order};
use crate::manifest;
use crate::manifest::project_keys::{PROJECT_KEYS, only_these};
use crate::manifest::rules::{missing_field, rule, unknown_word, unsupported_yaml};
use crate::manifest::schema::{self, ProjectDefaults, SEVERITIES, WEEKDAYS};
use crate::manifest::schema_check::Structure;
use crate::manifest::sealed::Recipients;
use crate::manifest::tree::node::{MapEntry, Node};
use crate::project::settings::field_policy::field_policy;
use crate::project::settings::seal;

pub const PROJECT_FILE: &str = "rosterctl.yaml";

#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    pub organisation: OrganisationId,
    pub target: Option<String>,
    /// Paths from the project's root.
    pub manifests: Vec<String>,
    /// Values for every user, unless the manifest or the user overrides them.
    pub defaults: Option<Node<'static>>,
    pub policy: Policy,
    /// What is said about fields that aren't always the project's own.
    pub fields: FieldPolicy,
    /// 0 means no limit.
    pub calls_per_minute: Option<u32>,
    pub windows: MaintenanceWindows,
    pub severities: Severities,
    /// Who can open sealed overlays; nobody unless it is said.
    pub recipients: Recipients,
}

/// The schema of `rosterctl.yaml`, compiled once: an editor has the file read at every key.
static PROJECT_SCHEMA: LazyLock<Structure> =
    LazyLock::new(|| Structure::new(&schema::project_as_read(), only_these(PROJECT_KEYS)));

/// The project that a text describes, or everything that is wrong with it.
pub fn project(file: FileId, text: &str) -> Result<Project, Vec<Finding>> {
    let (documents, mut findings) = manifest::read(file, text, &PROJECT_SCHEMA);
    if documents.is_empty() && findings.is_empty() {
        findings.push(empty(file));
    }
    let organisation = documents
        .first()
        .and_then(|document| number(document, "organisation"))
        .map(OrganisationId::new);
    match (documents.as_slice(), organisation) {
        ([document], Some(organisation)) if findings.is_empty() => {
            let own_readers = (
                windows(document),
                field_policy(document),
                seal::recipients(document),
            );
            match own_readers {
                (Ok(windows), Ok(fields), Ok(recipients)) => Ok(Project {
                    fields,
                    windows,
                    recipients,
                    ..read(document, organisation, text)
                }),
                (windows, fields, recipients) => {
                    findings.extend(windows.err().into_iter().flatten());
                    findings.extend(fields.err().into_iter().flatten());
                    findings.extend(recipients.err().into_iter().flatten());
                    Err(in_order(findings))
                }
            }
        }
        ([_, second, ..], _) => {
            let code = &unsupported_yaml::RULE;
            findings.push(Finding::new(
                code,
                second.span,
                "a second document",
                "keep one document in this file",
            ));
            Err(in_order(findings))
        }
        _ => Err(in_order(findings)),
    }
}

fn empty(file: FileId) -> Finding {
    let code = &missing_field::RULE;
    let help = "add `organisation: NUMBER`, the ID of the organisation in OneFile";
    Finding::new(
        code,
        Span::new(file, 0, 0),
        "`organisation` is missing",
        help,
    )
}

/// Everything but what only its own reader can check.
fn read(document: &Node, organisation: OrganisationId, source: &str) -> Project {
    let text = |key: &str| {
        document
            .get(key)
            .and_then(|entry| entry.value.text())
            .map(str::to_owned)
    };
    let paths = document.get("manifests").map(|entry| entry.value.items());
    let paths = paths.map(|items| {
        items
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect()
    });
    Project {
        organisation,
        target: text("target"),
        manifests: paths.unwrap_or_else(|| vec!["users".to_owned()]),
        defaults: document
            .get("defaults")
            .map(|entry| entry.value.clone().into_owned()),
        policy: document
            .get("policy")
            .map(|entry| policy(&entry.value, source))
            .unwrap_or_default(),
        calls_per_minute: number(document, "callsPerMinute")
            .and_then(|number| u32::try_from(number).ok()),
        windows: MaintenanceWindows::default(),
        fields: FieldPolicy::default(),
        recipients: Recipients::default(),
        severities: document
            .get("severity")
            .map(|entry| severities(&entry.value))
            .unwrap_or_default(),
    }
}

/// The maintenance windows. The schema can't check that a time zone and a date exist, so this function does.
fn windows(document: &Node) -> Result<MaintenanceWindows, Vec<Finding>> {
    let items = document
        .get("maintenance")
        .map_or(&[][..], |entry| entry.value.items());
    let (windows, findings): (Vec<_>, Vec<_>) = items.iter().map(window).partition(Result::is_ok);
    let findings: Vec<Finding> = findings.into_iter().filter_map(Result::err).collect();
    let windows = windows.into_iter().filter_map(Result::ok).collect();
    if findings.is_empty() {
        Ok(MaintenanceWindows(windows))
    } else {
        Err(findings)
    }
}

fn window(node: &Node) -> Result<MaintenanceWindow, Finding> {
    let (from, to) = (time(node, "from")?, time(node, "to")?);
    if from == to {
        let help = "write when it ends, such as `\"21:30\"`";
        return Err(wrong(node, "to", "a window without an end", help));
    }
    let zone = TimeZone::get(text(node, "zone").unwrap_or(london::NAME)).map_err(|_| {
        let help = "write it as in `Europe/London`";
        wrong(node, "zone", "no such time zone", help)
    })?;
    Ok(MaintenanceWindow {
        days: days(node)?,
        from,
        to,
        zone,
    })
}

fn days(node: &Node) -> Result<Days, Finding> {
    if let Some(date) = text(node, "date") {
        let date = date.parse().map_err(|_| {
            wrong(
                node,
                "date",
                "a day that isn't in the calendar",
                "fix the day",
            )
        })?;
        return Ok(Days::Date(date));
    }
    let Some(days) = node.get("days") else {
        return Ok(Days::Every);
    };
    Ok(Days::Weekdays(
        days.value.items().iter().filter_map(weekday).collect(),
    ))
}

fn time(node: &Node, key: &str) -> Result<Time, Finding> {
    let parsed = text(node, key).and_then(|text| text.parse::<Time>().ok());
    let help = "write it as in `\"21:00\"`";
    parsed.ok_or_else(|| wrong(node, key, "a time that no clock shows", help))
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> Option<&'n str> {
    node.get(key).and_then(|entry| entry.value.text())
}

fn wrong(node: &Node, key: &str, message: &str, help: &str) -> Finding {
    let span = node.get(key).map_or(node.span, |entry| entry.value.span);
    Finding::new(&unknown_word::RULE, span, message, help)
}

fn weekday(node: &Node) -> Option<Weekday> {
    let at = WEEKDAYS
        .iter()
        .position(|name| Some(*name) == node.text())?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

fn severities(node: &Node) -> Severities {
    let severity = |word: &str| {
        SEVERITIES
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, severity)| *severity)
    };
    let of = |entry: &MapEntry| Some((rule(&entry.key.value)?, severity(entry.value.text()?)?));
    Severities(node.entries().iter().filter_map(of).collect())
}

impl Project {
    /// The keys and the role that the defaults give every user, for the schema that editors use.
    pub fn given(&self) -> ProjectDefaults {
        let entries = self.defaults.as_ref().map_or(&[][..], Node::entries);
        let role = self
            .defaults
            .as_ref()
            .and_then(|defaults| defaults.get("role"));
        ProjectDefaults {
            keys: entries
                .iter()
                .filter_map(|entry| Key::named(&entry.key.value))
                .collect(),
            role: role.and_then(|role| Role::named(role.value.text()?)),
        }
    }
}

fn policy(node: &Node, source: &str) -> Policy {
    let never = node.get("creates").and_then(|entry| entry.value.text()) == Some("never");
    let allowed = node.get("archives").and_then(|entry| entry.value.text()) == Some("allowed");
    let hidden = node.get("archivedAccounts").is_some();
    let default = Policy::default();
    Policy {
        creates: if never {
            Creates::Never
        } else {
            Creates::Allowed
        },
        archives: if allowed {
            Archives::Allowed
        } else {
            Archives::Off
        },
        archived: if hidden {
            Archived::Hidden
        } else {
            Archived::Unknown
        },
        max_creates: limit(node, "maxCreates").unwrap_or(default.max_creates),
        max_updates: limit(node, "maxUpdates").unwrap_or(default.max_updates),
        max_archives: limit(node, "maxArchives").unwrap_or(default.max_archives),
        max_removals: limit(node, "maxRemovals").unwrap_or(default.max_removals),
        max_assignments: limit(node, "maxAssignments").unwrap_or(default.max_assignments),
        max_entries: limit(node, "maxEntries").unwrap_or(default.max_entries),
        assign_path: match node.get("assignPath").and_then(|entry| entry.value.text()) {
            Some("assignee") => AssignPath::Assignee,
            Some("learner") => AssignPath::Learner,
            Some(_) | None => AssignPath::Unknown,
        },
        keep_known: number(node, "keepKnown")
            .and_then(|years| u32::try_from(years).ok())
            .map_or(default.keep_known, |years| KeepKnown { years }),
        lines: policy_lines(node, source),
    }
}

fn policy_lines(node: &Node, source: &str) -> PolicyLines {
    let entries = node.entries().iter().map(|entry| {
        let before = source
            .get(..entry.key.span.start as usize)
            .unwrap_or_default();
        (
            entry.key.value.to_string(),
            before.matches('\n').count() + 1,
        )
    });
    PolicyLines::new(entries)
}

fn limit(node: &Node, key: &str) -> Option<Limit> {
    let value = &node.get(key)?.value;
    let count = value
        .integer()
        .and_then(|number| usize::try_from(number).ok());
    let share = || {
        value
            .text()?
            .trim_end_matches(['%', ' '])
            .parse()
            .ok()
            .map(Limit::PerCent)
    };
    count.map(Limit::Count).or_else(share)
}

fn number(node: &Node, key: &str) -> Option<i64> {
    node.get(key)?.value.integer()
}
