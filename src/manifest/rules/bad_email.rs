//! `bad-email`: text that can't be an e-mail address. The schema finds it.

use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::wrong_form;
use crate::manifest::tree::fault_place::FaultPlace;

pub static RULE: Rule = Rule {
    name: "bad-email",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "Text that can't be an e-mail address.",
    explanation: "A new account joins a keychain by its e-mail address, and its person is written to. One address, without a name or \
brackets around it: `aisha.khan@example.ac.uk`.",
};

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    wrong_form(&RULE, place, "isn't an e-mail address")
}
