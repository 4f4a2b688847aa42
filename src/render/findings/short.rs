//! Findings as one line each, which editors and other programs pick apart: `file:line:col: severity code message`.

use crate::render::findings::json::position;
use crate::render::findings::{CheckedFindings, path_from_here};
use crate::render::words::shown;

/// A line for each finding. What to type comes behind the message.
pub fn findings_short(checked: &CheckedFindings<'_>) -> String {
    let mut text = String::new();
    for finding in checked.findings {
        let place = position(&finding.labels[0], checked.sources);
        let file = path_from_here(checked.folder, place.file);
        let line = format!(
            "{file}:{}:{}: {} {} {}; {}",
            place.line,
            place.column,
            finding.severity.name(),
            finding.rule.name,
            finding.message,
            finding.help,
        );
        text += &shown(&line.replace(['\n', '\r'], " "));
        text.push('\n');
    }
    text
}
