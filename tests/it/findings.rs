//! What a project makes of findings, and how they are printed for machines.

use rosterctl::manifest::rules::RULES;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{project, root, rosterctl, transcript};

/// A project with one warning, and one error if the policy says so.
fn alike(settings: &str) -> TempDir {
    let users = "defaults: { role: iqa }\nusers:\n  - { misId: A-1, firstName: Ann, lastName: Abbotsley, email: x@example.ac.uk }\n  - { misId: A-2, firstName: Bea, lastName: Birdwhistle, email: X@example.ac.uk }\n";
    project(&[
        ("rosterctl.yaml", &format!("organisation: 1\n{settings}")),
        ("users/é,a.yaml", users),
    ])
}

fn validate(folder: &TempDir, args: &[&str]) -> String {
    transcript(
        rosterctl()
            .current_dir(folder.path())
            .arg("validate")
            .args(args),
    )
}

#[test]
fn warnings_stop_nothing_unless_they_are_denied() {
    let folder = alike("");
    assert!(validate(&folder, &[]).ends_with("\nValid: 2 users in 1 file; 1 warning.\nexit 0\n"));
    assert!(
        validate(&folder, &["--deny", "warnings"])
            .ends_with("\n1 warning, and warnings are denied.\nexit 3\n")
    );
    let raised = alike("severity: { shared-email: error }\n");
    assert!(validate(&raised, &[]).ends_with("\n1 error.\nexit 3\n"));
    let silenced = alike("severity: { shared-email: ignore }\n");
    assert_eq!(
        validate(&silenced, &["--deny", "warnings"]),
        "Valid: 2 users in 1 file.\nexit 0\n"
    );
}

#[test]
fn only_what_a_roster_can_do_without_is_lowered() {
    let said = validate(
        &alike("severity: { duplicate-user: ignore, shared-emial: error }\n"),
        &[],
    );
    assert!(
        said.contains("unknown-word") && said.contains("only `error` may stand here"),
        "{said}"
    );
    assert!(
        said.contains("unknown-key") && said.contains("write `shared-email`"),
        "{said}"
    );
    let lowered = "organisation: 1\nseverity: { uln-check-digit: warning }\n";
    let users = "users:\n  - { id: 5, role: learner, uln: \"0000000017\" }\n";
    let folder = project(&[("rosterctl.yaml", lowered), ("users/a.yaml", users)]);
    assert!(validate(&folder, &[]).ends_with("Valid: 1 user in 1 file; 1 warning.\nexit 0\n"));
}

#[test]
fn json_is_one_document_with_every_finding() {
    let output = rosterctl()
        .current_dir(root())
        .args(["validate", "--format", "json", "tests/fixtures/broken"])
        .output();
    let document: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    assert_eq!(document["formatVersion"], "1.0");
    assert_eq!(document["valid"], false);
    assert!(document["users"].is_null());
    let findings = document["findings"].as_array().unwrap();
    let number = |key: &str| usize::try_from(document[key].as_u64().unwrap()).unwrap();
    assert_eq!(number("errors") + number("warnings"), findings.len());
    for finding in findings {
        assert!(RULES.iter().any(|row| row.name == finding["code"]));
        assert!(
            ["error", "warning"]
                .iter()
                .any(|severity| finding["severity"] == *severity)
        );
        for place in finding["places"].as_array().unwrap() {
            assert!(place["line"].as_u64().unwrap() > 0 && place["column"].as_u64().unwrap() > 0);
            assert!(
                place["file"]
                    .as_str()
                    .unwrap()
                    .starts_with("tests/fixtures/broken/")
            );
        }
    }
    let born = findings
        .iter()
        .find(|finding| finding["places"][0]["header"] == "Born")
        .unwrap();
    assert_eq!(born["places"][0]["row"], 2);
}

#[test]
fn the_json_of_a_finding_has_the_keys_that_are_documented() {
    insta::assert_snapshot!(validate(&alike(""), &["--format", "json"]));
}

/// A workflow command is one line, in which `%`, `:` and `,` of its properties are escaped.
#[test]
fn github_annotates_the_line_from_the_root_of_the_repository() {
    let folder = alike("");
    let expected = "::warning file=users/é%2Ca.yaml,line=4,col=65,title=shared-email::two users with one e-mail address%0Afirst here: users/é,a.yaml:3%0A";
    let said = validate(&folder, &["--format", "github"]);
    assert!(
        said.starts_with(expected) && said.ends_with("\nexit 0\n") && said.lines().count() == 2,
        "{said}"
    );
    let mut from_above = rosterctl();
    from_above
        .current_dir(folder.path())
        .args(["validate", "-C", "users/..", "--format", "github"]);
    assert!(
        transcript(&mut from_above).starts_with("::warning file=users/../users/é%2Ca.yaml,line=4,")
    );
}

#[test]
fn a_broken_project_file_is_said_in_the_format_that_was_asked_for() {
    let folder = project(&[("rosterctl.yaml", "organisation: five\n")]);
    let said = validate(&folder, &["--format", "github"]);
    assert!(
        said.starts_with("::error file=rosterctl.yaml,line=1,col=15,title=wrong-kind::"),
        "{said}"
    );
    let said = validate(&folder, &["--format", "json"]);
    assert!(
        said.contains("\"valid\": false") && said.ends_with("exit 3\n"),
        "{said}"
    );
}

#[test]
fn the_fields_of_a_leaver_are_explained_together() {
    for word in ["archived", "lastDay", "reason"] {
        let said = rosterctl::render::explanation(word).unwrap();
        assert!(
            said.contains("      archived: true\n      lastDay: 2026-07-31\n")
                && said.contains("`policy: { archives: allowed }`"),
            "{said}"
        );
    }
    for word in ["dob", "misId", "classroom"] {
        let said = rosterctl::render::explanation(word).unwrap();
        assert!(!said.contains("lastDay"), "{said}");
    }
}

#[test]
fn every_field_role_and_code_is_explained() {
    let explain = |word: &str| transcript(rosterctl().args(["explain", word]));
    let fields = rosterctl::domain::field::FIELDS
        .iter()
        .flat_map(|field| [Some(field.name), field.api])
        .flatten();
    let roles = rosterctl::domain::role::Role::all().map(rosterctl::domain::role::Role::name);
    let words: Vec<_> = fields
        .chain(roles)
        .chain(RULES.iter().map(|row| row.name))
        .chain(rosterctl::render::TERMS.iter().map(|term| term.name))
        .collect();
    // Each run is a process; what they say is checked for all, in one of each kind by eye.
    for word in words {
        let said = rosterctl::render::explanation(word).unwrap();
        assert!(
            said.lines().all(|line| line.chars().count() <= 80) && said.lines().count() > 2,
            "{said}"
        );
    }
    let all = transcript(rosterctl().arg("explain"));
    assert!(all.lines().all(|line| line.chars().count() <= 80), "{all}");
    insta::assert_snapshot!(
        [
            explain("learner"),
            explain("DOB"),
            explain("special-in-manifest"),
            explain("column-moved"),
            explain("reKeyed"),
            explain("clasroom"),
            explain("colum-moved")
        ]
        .concat()
    );
}

/// What fills the blank cells of a CSV may have none to fill today.
#[test]
fn a_default_beside_a_csv_may_be_unused() {
    let finding = |csv: &str| {
        let users =
            format!("defaults: {{ role: iqa, classroom: Bakery }}\n{csv}users:\n  - {{ id: 7 }}\n");
        let rows = "Id\n8\n";
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 1\n"),
            ("users/a.yaml", &users),
            ("users/a.csv", rows),
        ]);
        validate(&folder, &[])
    };
    assert!(finding("").contains("unused-default"));
    let said = finding("fromCsv: { path: a.csv, columns: { id: Id } }\n");
    assert!(said.starts_with("Valid: 2 users"), "{said}");
}

/// A reader who sees `uln-check-digit` opens `rules/uln_check_digit.rs`.
#[test]
fn every_rule_is_in_the_file_of_its_name() {
    let folder = root().join("src/manifest/rules");
    let mut files: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "mod.rs" {
            files.push(name);
        }
    }
    files.sort_unstable();
    let mut rules: Vec<String> = Vec::new();
    for rule in RULES {
        let name = rule.name.replace('-', "_") + ".rs";
        let text = std::fs::read_to_string(root().join("src/manifest/rules").join(&name)).unwrap();
        let line = format!("    name: \"{}\",\n", rule.name);
        assert!(text.contains(&line), "{name} has another rule");
        rules.push(name);
    }
    rules.sort_unstable();
    assert_eq!(files, rules);
}

fn broken_as(format: &str) -> String {
    let mut command = rosterctl();
    command
        .current_dir(root())
        .args(["validate", "tests/fixtures/broken", "--format", format]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    String::from_utf8(output.stdout).unwrap()
}

/// The findings of a folder as `--format json` has them.
fn broken_findings() -> Vec<Value> {
    let document: Value = serde_json::from_str(&broken_as("json")).unwrap();
    document["findings"].as_array().unwrap().clone()
}

#[test]
fn a_short_line_has_place_severity_code_and_what_to_type() {
    let short = broken_as("short");
    let lines: Vec<&str> = short.lines().collect();
    let findings = broken_findings();
    assert_eq!(lines.len(), findings.len());
    for (line, finding) in lines.iter().zip(findings) {
        let place = &finding["places"][0];
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let expected = format!(
            "{}:{}:{}: {} {} ",
            place["file"].as_str().unwrap(),
            place["line"],
            place["column"],
            text("severity"),
            text("code"),
        );
        assert!(line.starts_with(&expected), "{line}\n{expected}");
        assert!(
            line.contains(text("help").lines().next().unwrap()),
            "{line}"
        );
    }
    // The example for VS Code picks these parts out by their order.
    let tasks = std::fs::read_to_string(root().join("examples/editor/vscode/tasks.json")).unwrap();
    let tasks: Value = serde_json::from_str(&tasks).unwrap();
    let task = &tasks["tasks"][0];
    assert_eq!(task["command"], "rosterctl validate --format short");
    let pattern = &task["problemMatcher"]["pattern"];
    assert_eq!(
        pattern["regexp"],
        r"^(.+?):(\d+):(\d+): (error|warning) ([a-z-]+) (.*)$"
    );
    for (part, group) in ["file", "line", "column", "severity", "code", "message"]
        .iter()
        .zip(1..)
    {
        assert_eq!(pattern[part], group);
    }
}

#[test]
fn sarif_has_every_rule_and_every_finding_with_its_place() {
    let document: Value = serde_json::from_str(&broken_as("sarif")).unwrap();
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    let results = run["results"].as_array().unwrap();
    let findings = broken_findings();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(findings) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["ruleId"], finding["code"]);
        assert_eq!(result["level"], finding["severity"]);
        let places = finding["places"].as_array().unwrap();
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], places[0]["file"]);
        assert_eq!(place["region"]["startLine"], places[0]["line"]);
        assert_eq!(place["region"]["startColumn"], places[0]["column"]);
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        assert_eq!(related, places.len() - 1);
    }
}

#[test]
fn paths_in_sarif_are_uris_from_where_the_command_was_called() {
    let folder = project(&[
        ("north/rosterctl.yaml", "organisation: 1\n"),
        (
            "north/users/a #1 é.yaml",
            "users:\n  - { id: 7, role: nobody }\n",
        ),
    ]);
    let said = |format: &str| {
        let mut command = rosterctl();
        command.current_dir(folder.path());
        transcript(command.args(["-C", "north", "validate", "--format", format]))
    };
    assert!(
        said("sarif").contains("\"uri\": \"north/users/a%20%231%20%C3%A9.yaml\""),
        "{}",
        said("sarif")
    );
    assert!(said("short").starts_with("north/users/a #1 é.yaml:2:"));
}
