//! Findings as workflow commands, by which GitHub annotates lines of a pull request.

use std::fmt::Write;

use crate::findings::Finding;
use crate::render::findings::json::position;
use crate::render::findings::text::cell_words;
use crate::render::findings::{CheckedFindings, path_from_here};

/// A workflow command for each finding.
pub fn findings_github(checked: &CheckedFindings<'_>) -> String {
    checked
        .findings
        .iter()
        .map(|finding| annotation(finding, checked))
        .collect()
}

fn annotation(finding: &Finding, checked: &CheckedFindings<'_>) -> String {
    let place = position(&finding.labels[0], checked.sources);
    let file = path_from_here(checked.folder, place.file);
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        finding.severity.name(),
        property(&file),
        place.line,
        place.column,
        property(finding.rule.name),
        data(&annotation_text(finding, checked))
    )
}

fn annotation_text(finding: &Finding, checked: &CheckedFindings<'_>) -> String {
    let sources = checked.sources;
    let mut text = finding.message.clone();
    if let Some(cell) = cell_words(sources, finding.span()) {
        let _ = write!(text, "\n{cell}");
    }
    for label in &finding.labels[1..] {
        let _ = write!(text, "\n{}: {}", label.text, sources.place(label.span));
    }
    text + "\n" + &finding.help
}

/// Text, escaped as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text, escaped as workflow commands require it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
