//! `bad-nino`: a national insurance number of another form than `QQ123456C`. The schema finds it.

use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::wrong_form;
use crate::manifest::tree::fault_place::FaultPlace;

pub static RULE: Rule = Rule {
    name: "bad-nino",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "A national insurance number of another form than `QQ123456C`.",
    explanation: "Two capital letters, six digits, and a letter from A to D, without blanks.",
};

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    wrong_form(&RULE, place, "isn't a national insurance number")
}
