//! A finding as data: what is wrong in a text, where, and what to type instead. Owns the table of codes; how a finding
//! looks is `ui`'s. Messages and helps hold no value that isn't of class `public`.

use crate::source::Span;

/// One thing that is wrong in what people wrote. The first label is its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub message: String,
    pub labels: Vec<Label>,
    pub help: String,
}

/// A place with a word on what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

impl Finding {
    pub fn new(code: Code, at: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), labels: Vec::new(), help: help.into() }.label(at, "")
    }

    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        self.labels.push(Label { span, text });
        self
    }

    /// The place of the finding.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }
}

/// Puts findings in the order of their places and drops those said twice.
pub fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
    findings.dedup();
    findings
}

macro_rules! codes {
    ($($code:ident $name:literal $meaning:literal;)*) => {
        /// The kind of a finding; a row of the table of codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($code),* }

        /// The table of codes: name and what it stands for.
        pub const CODES: &[(Code, &str, &str)] = &[$((Code::$code, $name, $meaning)),*];
    };
}

codes! {
    UnreadableFile "unreadable-file" "A file can't be opened, isn't UTF-8, or is larger than 64 MiB.";
    Syntax "syntax" "The text isn't YAML.";
    UnsupportedYaml "unsupported-yaml"
        "YAML that manifests do without: tags other than `!!str`, keys that aren't text, nesting past 64 levels, aliases that multiply.";
    DuplicateKey "duplicate-key" "A mapping holds one key twice.";
    UnknownKey "unknown-key" "A key that isn't in the table of fields.";
    WrongKind "wrong-kind" "A value of another kind than its field takes: a number where text is due, say.";
    NeedsQuotes "needs-quotes"
        "A plain value that some YAML readers take for a number, a flag or a day, such as `01108` or `NO`.";
    EmptyValue "empty-value" "`null` or blank text. Nothing is ever cleared; a key that isn't managed is left out.";
    UnknownWord "unknown-word" "A value outside the list that its key takes.";
    BadEmail "bad-email" "Text that can't be an e-mail address.";
    BadUln "bad-uln" "A ULN that isn't ten digits.";
    BadDay "bad-day" "A day that isn't written `YYYY-MM-DD`, or that the calendar doesn't have.";
    BadInstant "bad-instant" "A time that isn't written `YYYY-MM-DDTHH:MM:SSZ`.";
    BadNumber "bad-number" "A number that is too small for its key.";
    MissingField "missing-field" "A field that a create needs for this role, and that no default gives.";
    FieldNotInRole "field-not-in-role" "A field that users of this role don't have.";
    NoUsers "no-users" "The manifests declare nobody: emptied, moved or misnamed files, as a rule.";
    DuplicateUser "duplicate-user" "Two declared users with one `misId` or one `id`.";
}

impl Code {
    pub fn name(self) -> &'static str {
        CODES[self as usize].1
    }
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn a_code_is_the_index_of_its_row() {
        assert!(CODES.iter().enumerate().all(|(at, row)| row.0 as usize == at));
    }
}
