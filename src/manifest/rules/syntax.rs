//! `syntax`: text that isn't YAML. The YAML reader finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "syntax",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "The text isn't YAML.",
    explanation: "The text can't be read from that place on, so findings further down come up once it is fixed. Mostly it is \
indentation, a quote that isn't closed, or a colon and a blank inside of plain text:\n\n    lastName: Smith: Jones      # not YAML\n    lastName: \"Smith: Jones\"    # YAML",
};

/// What the parser stumbled over, as far as the help differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SyntaxCause {
    Tab,
    NestedMapping,
    AfterSingleQuote,
    UnknownAnchor,
    Other,
}

/// `words` are the parser's: they name what it expected and quote nothing of the text.
pub(crate) fn finding(span: Span, cause: SyntaxCause, words: String) -> Finding {
    Finding::new(&RULE, span, words, help(cause))
}

fn help(cause: SyntaxCause) -> &'static str {
    match cause {
        SyntaxCause::Tab => "indent with spaces, never with tabs",
        SyntaxCause::NestedMapping => {
            "indent like the lines around, or quote a text that holds `: `"
        }
        SyntaxCause::AfterSingleQuote => {
            "use double quotes where the text holds an apostrophe: `\"O'Neill\"`"
        }
        SyntaxCause::UnknownAnchor => {
            "declare the anchor before, as in `x-shared: &name`, or quote a text that begins with `*`"
        }
        SyntaxCause::Other => {
            "fix the indentation, quotes or brackets here; the rest of this file wasn't read"
        }
    }
}
