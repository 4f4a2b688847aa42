//! `bad-uln`: a ULN that isn't ten digits. The schema finds it.

use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::wrong_form;
use crate::manifest::tree::fault_place::FaultPlace;

pub static RULE: Rule = Rule {
    name: "bad-uln",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A ULN that isn't ten digits.",
    explanation: "A unique learner number has ten digits; `\"9999999999\"` stands for one that isn't known yet. It is text, so it \
wants quotes.",
};

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    wrong_form(&RULE, place, "isn't a ULN of ten digits")
}
