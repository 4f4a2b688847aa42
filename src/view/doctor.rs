//! What `doctor` found, as lines or as JSON.

use serde_json::json;

use crate::doctor::{Check, Level};
use crate::view::words::{GREEN, RED, YELLOW, shown, wrapped};

/// A line each, with what to do below it.
pub fn diagnosis(checks: &[Check], width: usize) -> String {
    let line = |check: &Check| {
        let (word, style) = match check.level {
            Level::Ok => ("ok  ", GREEN),
            Level::Warn => ("warn", YELLOW),
            Level::Fail => ("fail", RED),
        };
        let help = check.help.map(|help| wrapped(help, "      ", 6, width)).unwrap_or_default();
        let says = wrapped(&shown(&check.says), "", 6, width.saturating_sub(6));
        format!("{style}{word}{style:#}  {says}{help}")
    };
    checks.iter().map(line).collect()
}

/// The same for machines; minor versions add checks.
pub fn diagnosis_json(checks: &[Check]) -> String {
    let level = |level: Level| match level {
        Level::Ok => "ok",
        Level::Warn => "warn",
        Level::Fail => "fail",
    };
    let checks: Vec<_> = checks
        .iter()
        .map(
            |check| json!({ "check": check.name, "level": level(check.level), "says": check.says, "help": check.help }),
        )
        .collect();
    let document = json!({ "formatVersion": "1.0", "checks": checks });
    serde_json::to_string_pretty(&document).expect("no map has keys that aren't text") + "\n"
}
