//! What `doctor` found, as JSON documents. Minor versions add checks, facts and keys.

use serde_json::{Value, json};

use crate::onboarding::doctor::{
    Check, CheckLevel, Diagnosis, Fact, FactResult, ReadingsState, Reliance,
};
use crate::onefile::ReadingsTrust;
use crate::review::json;

/// The version of both documents.
const FORMAT_VERSION: &str = "1.0";

/// The checks of a project, and what plans remember of it.
pub fn diagnosis_json(diagnosis: &Diagnosis) -> String {
    let checks: Vec<Value> = diagnosis.checks.iter().map(check).collect();
    let readings = diagnosis.readings.as_ref().map(readings);
    document(&json!({ "formatVersion": FORMAT_VERSION, "checks": checks, "readings": readings }))
}

fn readings(state: &ReadingsState) -> Value {
    match state {
        ReadingsState::Nothing => json!({ "state": "none" }),
        ReadingsState::Accounts {
            number,
            as_of,
            is_proved,
            standards,
            units,
        } => {
            let state = if *is_proved { "proved" } else { "unproved" };
            let as_of = as_of.map(|at| at.to_string());
            let (standards, units) = (trust_word(*standards), trust_word(*units));
            json!({ "state": state, "accounts": number, "asOf": as_of, "standards": standards, "units": units })
        }
        ReadingsState::Off { until } => json!({ "state": "off", "until": until.to_string() }),
        ReadingsState::PassedOver { why } => json!({ "state": "passedOver", "why": why }),
    }
}

fn trust_word(trust: ReadingsTrust) -> &'static str {
    match trust {
        ReadingsTrust::Unproved => "unproved",
        ReadingsTrust::Proved => "proved",
        ReadingsTrust::Off { .. } => "off",
    }
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
