//! `overlay-clash`: a field that both a manifest and an overlay give one user, or two overlays. Joining finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::tree::node::MapEntry;

pub static RULE: Rule = Rule {
    name: "overlay-clash",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A field that both a manifest and an overlay give one user, or two overlays.",
    explanation: "One of the two would be dropped in silence. Keep the one that is right.",
};

/// `overlaid` is what the overlay gives, and `own` what the user has already.
pub(crate) fn given_twice(overlaid: &MapEntry, own: &MapEntry) -> Finding {
    let message = format!("`{}` is given twice to one user", overlaid.key.value);
    let help = "keep it in one of the two places";
    let finding = Finding::new(&RULE, overlaid.value.span, message, help);
    finding.label(own.value.span, "and here")
}

/// A default for a field that an overlay gives: it would be sent for every user that the overlay leaves out.
pub(crate) fn in_defaults(default: &MapEntry, overlay: Span) -> Finding {
    let key = &default.key;
    let message = format!("a default for `{}`, which an overlay gives", key.value);
    let help = "take the default away: it would count for whoever the overlay leaves out";
    Finding::new(&RULE, key.span, message, help).label(overlay, "given here")
}
