//! The pages of `docs/reference` that are written from schemas, help texts and tables. `generated` has the others.
//! `UPDATE=1 cargo test --test it generated` writes those, and with `reference_pages` for its name these.

use rosterctl::manifest::schema::project;
use rosterctl::render::{TERMS, events_schema, explanation, hold_reasons, plan_schema};
use serde_json::Value;

use crate::generated::fresh_part;
use crate::harness::rosterctl;

/// Keys of `rosterctl.yaml` whose own keys are codes or fields, which other pages list.
const LISTED_ELSEWHERE: &[&str] = &["severity", "fields", "defaults"];

/// A line of a table for each key, and for the keys below it.
fn rows(schema: &Value, above: &str) -> String {
    let mut text = String::new();
    let Some(keys) = schema["properties"].as_object() else {
        return text;
    };
    for (key, value) in keys {
        let name = format!("{above}{key}");
        let what = value["description"].as_str().unwrap_or_default();
        text += &format!("| `{name}` | {what} | {} |\n", takes(value));
        if !LISTED_ELSEWHERE.contains(&key.as_str()) {
            text += &rows(value, &format!("{name}."));
            text += &rows(&value["items"], &format!("{name}[]."));
        }
    }
    text
}

/// The words that a key takes, or the kind of its value.
fn takes(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .map(|word| format!("`{}`", plain(word)))
            .collect();
        return words.join(", ");
    }
    if !schema["const"].is_null() {
        return format!("`{}`", plain(&schema["const"]));
    }
    match &schema["type"] {
        Value::String(kind) => in_words(kind).to_owned(),
        Value::Array(kinds) => {
            let kinds = kinds.iter().filter_map(Value::as_str).map(in_words);
            kinds.collect::<Vec<_>>().join(" or ")
        }
        _ => "see its page".to_owned(),
    }
}

fn plain(word: &Value) -> String {
    word.as_str()
        .map_or_else(|| word.to_string(), str::to_owned)
}

fn in_words(kind: &str) -> &str {
    match kind {
        "integer" => "a number",
        "string" => "text",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "keys",
        "null" => "`null`",
        other => other,
    }
}

const HEAD: &str = "| key | what it is | takes |\n|---|---|---|\n";

#[test]
fn the_page_of_settings_is_generated() {
    fresh_part(
        "settings",
        "settings",
        &format!("{HEAD}{}", rows(&project(), "")),
    );
}

#[test]
fn the_page_of_json_is_generated() {
    fresh_part(
        "json",
        "plan",
        &format!("{HEAD}{}", rows(&plan_schema(), "")),
    );
}

#[test]
fn the_page_of_events_is_generated() {
    let mut text = String::new();
    for event in events_schema()["oneOf"].as_array().unwrap() {
        let name = plain(&event["properties"]["event"]["const"]);
        text += &format!("## {name}\n\n{HEAD}{}\n", rows(event, ""));
    }
    fresh_part("events", "events", &text);
}

#[test]
fn the_page_of_holds_is_generated() {
    let mut text = "| word | what it means | what to do |\n|---|---|---|\n".to_owned();
    for [word, meaning, explanation] in hold_reasons() {
        let explanation = explanation.split_whitespace().collect::<Vec<_>>().join(" ");
        text += &format!("| `{word}` | {meaning} | {explanation} |\n");
    }
    fresh_part("holds", "holds", &text);
}

#[test]
fn the_glossary_is_generated() {
    let mut text = String::new();
    for term in TERMS {
        text += &format!("\n## {}\n\n{}", term.name, term.meaning);
        if let Some((more, link)) = term.see {
            text += &format!(" See [{more}]({link}).");
        }
        text.push('\n');
    }
    fresh_part("../glossary", "terms", &(text + "\n"));
}

/// A word that a plan prints is one that a reader looks up.
#[test]
fn every_word_of_the_glossary_and_of_plans_is_explained() {
    let names: Vec<&str> = TERMS.iter().map(|term| term.name).collect();
    assert!(
        names.is_sorted_by_key(|name| name.to_lowercase()),
        "{names:?}"
    );
    let of_plans = [
        "held",
        "on hold",
        "keychain",
        "canary",
        "drift",
        "MIS value",
        "overlay",
        "ledger",
        "sealed",
        "journal",
        "readings",
        "target",
        "sandbox",
        "rehearse",
        "no longer managed",
    ];
    for word in names.into_iter().chain(of_plans) {
        let said = explanation(word).unwrap_or_else(|near| panic!("{word}: {near:?}"));
        assert!(said.lines().count() > 2, "{said}");
    }
}

#[test]
fn the_page_of_commands_is_generated() {
    let mut text = format!("## rosterctl\n\n```text\n{}\n```\n\n", help("").trim_end());
    for command in commands() {
        let help = help(&command);
        text += &format!(
            "## rosterctl {command}\n\n```text\n{}\n```\n\n",
            help.trim_end()
        );
    }
    fresh_part("commands", "commands", &text);
}

fn help(command: &str) -> String {
    let mut program = rosterctl();
    let output = program
        .args(command.split_whitespace())
        .arg("--help")
        .output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

/// Every command, with those below `sandbox`.
fn commands() -> Vec<String> {
    let mut commands = Vec::new();
    for command in listed(&help("")) {
        let below = listed(&help(&command));
        let name = command.clone();
        commands.push(command);
        commands.extend(below.iter().map(|inner| format!("{name} {inner}")));
    }
    commands
}

/// The names below `Commands:`.
fn listed(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  "));
    names
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}
