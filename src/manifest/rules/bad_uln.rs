//! `bad-uln`: a ULN that isn't ten digits. The schema finds it.

use crate::findings::{Finding, FixKind, Rule, Severity};
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
    let finding = wrong_form(&RULE, place, "isn't a ULN of ten digits");
    match place.node().text().and_then(without_blanks) {
        Some(digits) => finding.fixed_by(FixKind::Write(format!("\"{digits}\""))),
        None => finding,
    }
}

/// The ten digits of a text that has blanks or hyphens besides.
fn without_blanks(text: &str) -> Option<String> {
    const LENGTH: usize = 10;
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let is_whole = digits.len() == LENGTH && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then_some(digits)
}
