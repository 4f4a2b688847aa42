//! Shows findings to people, using miette. Only this module and `snippet` use that crate.

use std::collections::HashMap;
use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use crate::cli::terminal::snippet::{Focused, Snippet};
use crate::domain::redact::Reveal;
use crate::findings::source::{FileId, Sources};
use crate::findings::{Finding, Label, Severity};
use crate::render::{cell_words, shown};

const WIDTH: usize = 80;

/// Findings with their places, lines and help.
pub fn report(findings: &[Finding], sources: &Sources, reveal: Reveal) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
        .with_links(false)
        .with_width(WIDTH);
    let mut snippets: HashMap<FileId, Snippet<'_>> = HashMap::new();
    let mut text = String::new();
    let mut alike: HashMap<_, usize> = HashMap::new();
    for finding in findings {
        let id = finding.span().file;
        let seen = alike
            .entry((id, finding.rule, &finding.message))
            .or_default();
        *seen += 1;
        if *seen > ALIKE {
            continue;
        }
        let snippet = snippets
            .entry(id)
            .or_insert_with(|| Snippet::new(sources, id, reveal));
        let here = cell_words(sources, finding.span()).unwrap_or_else(|| "here".to_owned());
        let is_readable = finding
            .labels
            .iter()
            .all(|label| label.span.file != id || snippet.is_readable(label.span));
        let place = sources.place(finding.span()).to_string();
        let code = Focused {
            snippet,
            focus: finding.span(),
        };
        let diagnostic = MietteFinding {
            finding,
            here,
            place,
            is_readable,
            help: help(finding, sources),
            code,
        };
        if !text.is_empty() {
            text.push('\n');
        }
        handler
            .render_report(&mut text, &diagnostic)
            .expect("writing to a string can't fail");
    }
    let mut more: Vec<_> = alike
        .into_iter()
        .filter(|(_, seen)| *seen > ALIKE)
        .collect();
    more.sort_unstable();
    for ((file, rule, message), seen) in more {
        let (more, file) = (seen - ALIKE, shown(&sources.file(file).name));
        let line = format!("  … {more} more in {file}: {}", shown(message));
        text += &["\n", rule.name, "\n\n", &line, "\n"].concat();
    }
    text
}

/// Maximum findings of one code and message that are shown for a file. If a column is wrong, it is wrong in every row.
const ALIKE: usize = 10;

/// The help text, after the places in other files, which the snippet can't show.
fn help(finding: &Finding, sources: &Sources) -> String {
    let elsewhere = finding
        .labels
        .iter()
        .filter(|label| label.span.file != finding.span().file);
    let places = elsewhere.map(|label| format!("{}: {}", label.text, sources.place(label.span)));
    places
        .chain([finding.help.clone()])
        .map(|line| shown(&line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A finding in the form that miette needs.
#[derive(Debug)]
struct MietteFinding<'f> {
    finding: &'f Finding,
    /// The label for the finding's own place.
    here: String,
    place: String,
    /// Whether the lines can be shown. If they can't, the message names the place.
    is_readable: bool,
    help: String,
    code: Focused<'f>,
}

impl fmt::Display for MietteFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_readable {
            write!(f, "{}: ", shown(&self.place))?;
        }
        f.write_str(&shown(&self.finding.message))
    }
}

impl std::error::Error for MietteFinding<'_> {}

impl Diagnostic for MietteFinding<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.rule.name))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.is_readable.then_some(&self.code as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if !self.is_readable {
            return None;
        }
        let here = self
            .finding
            .labels
            .iter()
            .filter(|label| label.span.file == self.finding.span().file);
        let labelled = |label: &Label| {
            let place = self.code.snippet.place(label.span);
            if label.span == self.finding.span() {
                return LabeledSpan::new_primary_with_span(Some(self.here.clone()), place);
            }
            LabeledSpan::new_with_span(Some(label.text.clone()), place)
        };
        Some(Box::new(here.map(labelled)))
    }
}
