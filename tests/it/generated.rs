//! What is generated and committed is fresh. `UPDATE=1 cargo test generated` writes it anew.

use std::collections::BTreeSet;
use std::path::Path;

use rosterctl::cli::exit::Exit;
use rosterctl::domain::EntryKind;
use rosterctl::domain::field::{Class, FIELDS, Field, SettableWhen};
use rosterctl::domain::role::{ROLES, Role};
use rosterctl::findings::{Rule, Severity};
use rosterctl::manifest::project_keys::{POLICY_KEYS, PROJECT_KEYS, WINDOW_KEYS};
use rosterctl::manifest::rules::RULES;
use rosterctl::manifest::schema::{ProjectDefaults, pretty, project, users};
use rosterctl::render::{events_schema, plan_schema, takes};
use serde_json::Value;

use crate::harness::{root, rosterctl};

#[test]
fn the_schemas_are_fresh() {
    fresh(
        &root().join("schema/users.schema.json"),
        &pretty(&users(&ProjectDefaults::default())),
    );
    fresh(
        &root().join("schema/project.schema.json"),
        &pretty(&project()),
    );
    fresh(
        &root().join("schema/plan.schema.json"),
        &pretty(&plan_schema()),
    );
    fresh(
        &root().join("schema/events.schema.json"),
        &pretty(&events_schema()),
    );
}

#[test]
fn the_table_of_fields_is_fresh() {
    fresh_part("fields", "fields", &fields());
}

#[test]
fn the_table_of_placements_and_classrooms_is_fresh() {
    fresh_part("fields", "entries", &entry_fields());
}

#[test]
fn the_list_of_codes_is_fresh() {
    let severity = |row: &Rule| match row.severity {
        Severity::Error if !row.is_adjustable => "always an error",
        severity => severity.name(),
    };
    let rows = RULES
        .iter()
        .map(|row| format!("| `{}` | {} | {} |\n", row.name, severity(row), row.meaning));
    let head = "| code | severity | what it stands for |\n|---|---|---|\n";
    fresh_part(
        "findings",
        "codes",
        &format!("{head}{}", rows.collect::<String>()),
    );
}

#[test]
fn the_exit_codes_are_fresh() {
    let rows = Exit::ALL.map(|exit| format!("| {} | {} |\n", exit.code(), exit.meaning()));
    fresh_part(
        "exit-codes",
        "exits",
        &format!("| exit code | meaning |\n|---|---|\n{}", rows.concat()),
    );
}

#[test]
fn every_key_of_the_project_schema_is_known() {
    let schema = project();
    let policy = &schema["properties"]["policy"];
    let window = &schema["properties"]["maintenance"]["items"];
    for (mapping, known) in [
        (&schema, PROJECT_KEYS),
        (policy, POLICY_KEYS),
        (window, WINDOW_KEYS),
    ] {
        let keys: BTreeSet<&str> = mapping["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, known.iter().copied().collect());
    }
}

#[test]
fn the_help_fits_80_columns() {
    let mut text = String::new();
    for command in [
        "",
        "validate",
        "plan",
        "apply",
        "init",
        "doctor",
        "export",
        "adopt",
        "rehearse",
        "explain",
        "schema",
        "sandbox",
        "sandbox serve",
        "sandbox seed",
        "sandbox reset",
    ] {
        let output = rosterctl()
            .args(command.split_whitespace())
            .arg("--help")
            .output()
            .unwrap();
        assert!(output.status.success());
        text += &format!(
            "$ rosterctl {command} --help\n{}\n",
            String::from_utf8(output.stdout).unwrap()
        );
    }
    let long: Vec<_> = text
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert!(long.is_empty(), "{long:?}");
    insta::assert_snapshot!(text);
}

fn fields() -> String {
    let mut text =
        "| key | what it is | roles | takes | class |\n|---|---|---|---|---|\n".to_owned();
    for field in FIELDS {
        let meaning = match field.settable {
            SettableWhen::Always | SettableWhen::Assigned | SettableWhen::Never => {
                field.meaning.to_owned()
            }
            SettableWhen::OnCreate => format!("{} Never updated.", field.meaning),
        };
        let class = class(field);
        let meaning = meaning.replace(
            " Never updated.",
            if field.meaning.contains("only with a create") {
                ""
            } else {
                " Never updated."
            },
        );
        text += &format!(
            "| `{}` | {meaning} | {} | {} | {class} |\n",
            field.name,
            roles(field.roles, field.mandatory),
            takes(field.kind)
        );
    }
    text
}

fn entry_fields() -> String {
    let mut text =
        "| list | key | what it is | takes | class |\n|---|---|---|---|---|\n".to_owned();
    for kind in EntryKind::ALL {
        for key in kind.keys() {
            let (meaning, takes) = (kind.meaning(*key), takes(key.row().kind));
            let class = class(key.row());
            let (list, key) = (kind.list(), key.name());
            text += &format!("| `{list}` | `{key}` | {meaning} | {takes} | {class} |\n");
        }
    }
    text
}

fn class(field: &Field) -> &'static str {
    match field.class {
        Class::Public => "public",
        Class::Personal => "personal",
        Class::Special => "special",
    }
}

/// The roles that have a field; in bold those that can't be created without it.
fn roles(having: &[Role], mandatory: &[Role]) -> String {
    if having.len() == ROLES.len() {
        return if mandatory.is_empty() {
            "all".to_owned()
        } else {
            "**all**".to_owned()
        };
    }
    let name = |role: &Role| {
        if mandatory.contains(role) {
            format!("**{}**", role.name())
        } else {
            role.name().to_owned()
        }
    };
    having.iter().map(name).collect::<Vec<_>>().join(", ")
}

pub fn fresh(path: &Path, wanted: &str) {
    if updating() {
        std::fs::write(path, wanted).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == wanted,
        "{} is stale; `UPDATE=1 cargo test generated` writes it",
        path.display()
    );
}

/// A part of a page of `docs/reference`, between two comments that name it.
pub fn fresh_part(page: &str, name: &str, wanted: &str) {
    let path = root().join(format!("docs/reference/{page}.md"));
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (
        format!("<!-- {name}: generated -->\n"),
        format!("<!-- {name}: end -->"),
    );
    let (before, rest) = text.split_once(&begin).expect("the part begins");
    let (_, after) = rest.split_once(&end).expect("the part ends");
    fresh(&path, &format!("{before}{begin}{wanted}{end}{after}"));
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says so by this"
)]
fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

#[test]
fn a_schema_is_json_with_a_dialect() {
    for schema in [
        users(&ProjectDefaults::default()),
        project(),
        plan_schema(),
        events_schema(),
    ] {
        let again: Value = serde_json::from_str(&pretty(&schema)).unwrap();
        assert_eq!(
            again["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
    }
}

#[test]
fn shells_and_readers_of_manuals_get_what_they_need() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = rosterctl().args(["completions", shell]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && said.contains("detailed-exitcode"),
            "{shell}: {said}"
        );
    }
    let page = String::from_utf8(rosterctl().arg("man").output().unwrap().stdout).unwrap();
    assert!(
        page.starts_with(".ie") && page.contains("ONEFILE_CUSTOMER_TOKEN"),
        "{page}"
    );
    let folder = tempfile::tempdir().unwrap();
    assert!(
        rosterctl()
            .args(["man", "--out"])
            .arg(folder.path())
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(
        folder.path().join("rosterctl-apply.1").exists()
            && folder.path().join("rosterctl.1").exists()
    );
}

/// A report of a fault begins with this line.
#[test]
fn the_version_names_commit_target_and_how_it_was_built() {
    let said = String::from_utf8(rosterctl().arg("--version").output().unwrap().stdout).unwrap();
    let rest = said
        .strip_prefix(concat!("rosterctl ", env!("CARGO_PKG_VERSION"), " ("))
        .expect("the version comes first");
    let details: Vec<&str> = rest.trim_end_matches(")\n").split(", ").collect();
    let commit = details[0];
    assert!(commit.len() == 12 || commit == "unknown commit", "{said}");
    assert!(details.contains(&"built from source"), "{said}");
    assert!(details.contains(&"not optimised"), "{said}");
    assert!(
        details
            .iter()
            .any(|detail| detail.starts_with("x86_64-") || detail.starts_with("aarch64-")),
        "{said}"
    );
}
