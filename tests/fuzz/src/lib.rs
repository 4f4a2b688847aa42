//! What both targets do with documents once they are read, and what has to hold whatever the text was.

use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::date;
use rosterctl::findings::{Finding, Severities};
use rosterctl::manifest::schema_check::Structure;
use rosterctl::manifest::{self, JoinedDocuments};
use rosterctl::domain::EntryKind;
use rosterctl::domain::redact::Reveal;
use rosterctl::manifest::schema::{self, ProjectDefaults};
use rosterctl::findings::source::{Sources, Span};
use rosterctl::cli::terminal::report;
use rosterctl::manifest::validate::{self, Checked, Declarations, RuleContext};
use rosterctl::render::{self, CheckedFindings};

/// What is nowhere said if it stands under personal keys alone. Nothing that is known is spelt like it.
pub const PLANTED: &str = "Zqplanted";

static STRUCTURE: LazyLock<Structure> =
    LazyLock::new(|| Structure::new(&schema::users(&ProjectDefaults::default()), manifest::UNKNOWN_KEY_HELP));

/// Structure, rules and every format; what is said off a terminal.
pub fn said(joined: &JoinedDocuments, read: Vec<Finding>, sources: &Sources) -> String {
    let checked = checked(joined, read);
    for label in checked.findings.iter().flat_map(|finding| &finding.labels) {
        assert_lies_in(label.span, sources);
    }
    let is_wrong = checked.findings.iter().any(Finding::is_error);
    assert_eq!(checked.declared.is_none(), is_wrong, "something is declared where there are no errors");
    formats(&checked, sources)
}

fn checked(joined: &JoinedDocuments, mut findings: Vec<Finding>) -> Checked {
    findings.extend(joined.findings.iter().cloned());
    let severities = Severities::default();
    let today = date(2026, 11, 23);
    let setting = RuleContext { structure: &STRUCTURE, today, severities: &severities, unmanaged: &joined.unmanaged };
    validate::check(vec![(joined.documents.clone(), Vec::new())], findings, &setting)
}

/// A span's text is there, and begins and ends between characters.
pub fn assert_lies_in(span: Span, sources: &Sources) {
    let text = &sources.file(span.file).text;
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {} bytes", text.len());
}

fn formats(checked: &Checked, sources: &Sources) -> String {
    let entries = |kind| checked.declared.as_ref().map_or(0, |declared| declared.number_of(kind));
    let verdict = CheckedFindings {
        findings: &checked.findings,
        sources,
        users: checked.declared.as_ref().map(Declarations::len),
        entries: EntryKind::ALL.map(|kind| (kind, entries(kind))).to_vec(),
        files: 1,
        folder: Path::new("."),
    };
    let people = report(&checked.findings, sources, Reveal::Public) + &render::summary(&verdict, false);
    assert!(!uncoloured(&people).contains(steers_a_terminal), "{people:?}");
    let _ = report(&checked.findings, sources, Reveal::Special);
    let github = render::findings_github(&verdict);
    assert_eq!(github.lines().count(), checked.findings.len(), "a workflow command is one line");
    people + &github + &render::findings_json(&verdict)
}

/// Reports are coloured, and lose that where it isn't wanted.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let is_colour = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
    let after = |part: &str| match part.split_once('m') {
        Some((code, after)) if is_colour(code) => after.to_owned(),
        _ => format!("\u{1b}[{part}"),
    };
    first + &parts.map(after).collect::<String>()
}

/// As `render::shown` has it: control characters, and those that turn the direction of text.
fn steers_a_terminal(c: char) -> bool {
    let is_line = matches!(c, '\n' | '\r' | '\t');
    (c.is_control() && !is_line)
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
