//! `uln-check-digit`: the last digit of a ULN follows from the others. The Learning Records Service computes it as ten
//! less the weighted sum modulo eleven.

use crate::domain::field::{Field, Shape, UNKNOWN_ULN, ValueKind};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "uln-check-digit",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "A ULN whose last digit doesn't fit the others.",
    explanation: "The last digit of a unique learner number is computed from the other nine, so that a slip of the keyboard shows. \
Ten times the first digit, nine times the second and so on down to two times the ninth, added up, divided by 11: ten less \
the remainder is the last digit. `\"9999999999\"`, not yet known, is fine.",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    if field.kind != ValueKind::Text(Shape::Uln) {
        return None;
    }
    let text = node.text()?;
    if text.len() != UNKNOWN_ULN.len() || text == UNKNOWN_ULN {
        return None;
    }
    // `bad-uln` finds a text that isn't all digits.
    let digits: Vec<u32> = text
        .chars()
        .map(|digit| digit.to_digit(10))
        .collect::<Option<_>>()?;
    if last_digit_fits(&digits) {
        return None;
    }
    let message = "the last digit of `uln` doesn't fit the others";
    let help =
        "compare it with the learner record; \"9999999999\" stands for one that isn't known yet";
    Some(Finding::new(&RULE, node.span, message, help))
}

fn last_digit_fits(digits: &[u32]) -> bool {
    let Some((last, others)) = digits.split_last() else {
        return false;
    };
    // The weights run from 10 for the first digit down to 2 for the ninth.
    let weighted = others.iter().zip((2..=10).rev());
    let sum: u32 = weighted.map(|(digit, weight)| digit * weight).sum();
    let remainder = sum % 11;
    remainder != 0 && 10 - remainder == *last
}

#[cfg(test)]
mod tests {
    use super::last_digit_fits;

    /// Numbers that begin with 0 belong to nobody.
    #[test]
    fn the_last_digit_is_that_of_the_record_service() {
        let digits = |text: &str| {
            text.chars()
                .filter_map(|digit| digit.to_digit(10))
                .collect::<Vec<_>>()
        };
        // 2 × 1 leaves 2, and 3 × 1 + 2 × 2 leaves 7.
        assert!(last_digit_fits(&digits("0000000018")));
        assert!(last_digit_fits(&digits("0000000123")));
        assert!(!last_digit_fits(&digits("0000000124")));
        // A remainder of 0 has no digit: 9 × 1 + 2 × 1.
        assert!(!(0..10).any(|last| last_digit_fits(&digits(&format!("010000001{last}")))));
    }
}
