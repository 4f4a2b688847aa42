//! The last digit of a ULN follows from the others (Learning Records Service: ten less the weighted sum modulo eleven).

use crate::domain::field::{Field, Shape, UNKNOWN_ULN, ValueKind};
use crate::findings::{Code, Finding};
use crate::manifest::tree::node::Node;

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let is_due = |text: &&str| text.len() == UNKNOWN_ULN.len() && *text != UNKNOWN_ULN;
    let text = node
        .text()
        .filter(|_| field.kind == ValueKind::Text(Shape::Uln))
        .filter(is_due)?;
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(10)).collect();
    let is_wrong = digits.is_some_and(|digits| !fits(&digits));
    let message = "the last digit of `uln` doesn't fit the others";
    let help =
        "compare it with the learner record; \"9999999999\" stands for one that isn't known yet";
    is_wrong.then(|| Finding::new(Code::UlnCheckDigit, node.span, message, help))
}

fn fits(digits: &[u32]) -> bool {
    let Some((last, others)) = digits.split_last() else {
        return false;
    };
    let sum: u32 = others
        .iter()
        .zip((2..=10).rev())
        .map(|(digit, weight)| digit * weight)
        .sum();
    let rest = sum % 11;
    rest != 0 && 10 - rest == *last
}

#[cfg(test)]
mod tests {
    use super::fits;

    /// Numbers that begin with 0 belong to nobody.
    #[test]
    fn the_last_digit_is_that_of_the_record_service() {
        let digits = |text: &str| {
            text.chars()
                .filter_map(|digit| digit.to_digit(10))
                .collect::<Vec<_>>()
        };
        // 2 × 1 leaves 2, and 3 × 1 + 2 × 2 leaves 7.
        assert!(fits(&digits("0000000018")));
        assert!(fits(&digits("0000000123")));
        assert!(!fits(&digits("0000000124")));
        // A remainder of 0 has no digit: 9 × 1 + 2 × 1.
        assert!(!(0..10).any(|last| fits(&digits(&format!("010000001{last}")))));
    }
}
