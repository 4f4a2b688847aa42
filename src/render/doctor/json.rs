//! What `doctor` found, as JSON documents. Minor versions add checks, facts and keys.

use serde_json::{Value, json};

use crate::onboarding::doctor::{Check, CheckLevel, Fact, FactResult, Reliance};
use crate::review::json;

/// The version of both documents.
const FORMAT_VERSION: &str = "1.0";

/// The checks of a project.
pub fn diagnosis_json(checks: &[Check]) -> String {
    let checks: Vec<Value> = checks.iter().map(check).collect();
    document(&json!({ "formatVersion": FORMAT_VERSION, "checks": checks }))
}

fn check(check: &Check) -> Value {
    let level = match check.level {
        CheckLevel::Ok => "ok",
        CheckLevel::Warn => "warn",
        CheckLevel::Fail => "fail",
    };
    json!({ "check": check.name, "level": level, "says": check.says, "help": check.help })
}

/// The facts about the API that were tried. `heading` says where.
pub fn contract_json(facts: &[Fact], heading: &str) -> String {
    let facts: Vec<Value> = facts.iter().map(fact).collect();
    document(&json!({ "formatVersion": FORMAT_VERSION, "of": heading, "facts": facts }))
}

fn fact(fact: &Fact) -> Value {
    let found = match fact.found {
        FactResult::Holds => "holds",
        FactResult::Differs => "differs",
        FactResult::NotTried => "notTried",
    };
    json!({
        "fact": fact.name,
        "claim": fact.claim,
        "found": found,
        "restsOn": fact.rests == Reliance::On,
        "says": fact.says,
    })
}

fn document(document: &Value) -> String {
    json::document(document)
}
