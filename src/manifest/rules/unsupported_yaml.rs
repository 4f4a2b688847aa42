//! `unsupported-yaml`: YAML that manifests do without. The YAML reader finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "unsupported-yaml",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "YAML that manifests do without: tags other than `!!str`, keys that aren't text, nesting past 64 levels, aliases that multiply.",
    explanation: "A manifest is lists of users, a few levels deep. Anchors, aliases and merge keys are read, up to 100,000 copied \
values a file; `defaults` says the same shorter.",
};

pub(crate) fn tag(span: Span) -> Finding {
    let message = "tags other than `!!str` aren't read";
    let help = "take the tag away; quotes make a value text";
    Finding::new(&RULE, span, message, help)
}

/// A key that is a list or a mapping. Its place is the key.
pub(crate) fn collection_as_key(span: Span) -> Finding {
    let message = "a key that is a list or a mapping";
    let help = "write a plain key, such as `misId:`";
    Finding::new(&RULE, span, message, help)
}

pub(crate) fn too_deep(span: Span, max_depth: usize) -> Finding {
    let message = format!("nested deeper than {max_depth} levels");
    let help = "a manifest needs five; the rest of this file wasn't read";
    Finding::new(&RULE, span, message, help)
}

/// An alias within the node that its anchor names, which would never end.
pub(crate) fn alias_of_itself(span: Span) -> Finding {
    let message = "an alias inside of what it stands for";
    Finding::new(&RULE, span, message, "write the value out here")
}

pub(crate) fn too_many_copies(span: Span, max_copies: usize) -> Finding {
    let message =
        format!("the anchors and aliases of this file stand for more than {max_copies} values");
    let help = "use `defaults` for what many users share";
    Finding::new(&RULE, span, message, help)
}

/// A merge key whose value is no mapping. Its place is the key.
pub(crate) fn merge_of_no_mapping(key: Span) -> Finding {
    let message = "`<<` takes a mapping, or a list of mappings";
    Finding::new(&RULE, key, message, "write `<<: *anchor`")
}
