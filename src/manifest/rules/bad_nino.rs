//! `bad-nino`: a national insurance number of another form than `QQ123456C`, which the schema finds, or one that HMRC never
//! gives, which `check` finds.

use crate::domain::field::{Field, Shape, ValueKind};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::node_value::has_form;
use crate::manifest::rules::wrong_form;
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "bad-nino",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "A national insurance number of another form than `QQ123456C`, or one that HMRC never gives.",
    explanation: "Two capital letters, six digits, and a letter from A to D. Blanks don't count: `QQ 12 34 56 C` is the same number. The \
first letter is never D, F, I, Q, U or V, and the second never D, F, I, O, Q, U or V. No number begins with BG, GB, KN, NK, \
NT, TN or ZZ. `QQ` is the beginning of examples, and is taken.",
};

/// Beginnings that HMRC doesn't use (its manual NIM39110).
const NEVER_GIVEN: &[&str] = &["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];
const NEVER_FIRST: &[char] = &['D', 'F', 'I', 'Q', 'U', 'V'];
const NEVER_SECOND: &[char] = &['D', 'F', 'I', 'O', 'Q', 'U', 'V'];
/// HMRC's own examples begin so.
const OF_EXAMPLES: &str = "QQ";

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    let finding = wrong_form(&RULE, place, "isn't a national insurance number");
    match place.node().text().and_then(in_capitals) {
        Some(number) => finding.fixed_by(FixKind::Write(number)),
        None => finding,
    }
}

/// Checks the two letters at the beginning: the schema has found texts of another form.
pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    if field.kind != ValueKind::Text(Shape::Nino) {
        return None;
    }
    let letters: String = node.text()?.split_whitespace().collect();
    let beginning = letters.get(..2)?;
    let is_never_given = NEVER_GIVEN.contains(&beginning)
        || beginning.starts_with(NEVER_FIRST)
        || beginning.ends_with(NEVER_SECOND);
    if beginning == OF_EXAMPLES || !is_never_given || !is_whole(&letters) {
        return None;
    }
    let message = "no national insurance number begins with these two letters";
    let help = "compare it with a letter of HMRC or a payslip";
    Some(Finding::new(&RULE, node.span, message, help))
}

fn is_whole(letters: &str) -> bool {
    const LENGTH: usize = 9;
    let is_capital = |byte: &u8| byte.is_ascii_uppercase();
    letters.len() == LENGTH && letters.as_bytes()[..2].iter().all(is_capital)
}

/// The number, if small letters are all that is wrong with it.
fn in_capitals(text: &str) -> Option<String> {
    let number: String = text.split_whitespace().collect();
    let number = number.to_ascii_uppercase();
    let has_form = has_form(number.get(2..8)?, "123456") && number.ends_with(['A', 'B', 'C', 'D']);
    (has_form && is_whole(&number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::domain::field::Key;
    use crate::findings::source::Span;
    use crate::manifest::tree::node::{Node, NodeData};

    #[test]
    fn beginnings_that_hmrc_never_gives_are_found() {
        let is_found = |text: &str| {
            let node = Node::new(Span::default(), NodeData::Text(text.into()));
            check(Key::Nino.row(), &node).is_some()
        };
        for beginning in [
            "BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "DA", "FA", "IA", "QA", "UA", "VA", "AD",
            "AF", "AI", "AO", "AQ", "AU", "AV",
        ] {
            assert!(is_found(&format!("{beginning}123456C")), "{beginning}");
            assert!(is_found(&format!("{beginning} 12 34 56 C")), "{beginning}");
        }
        for beginning in ["QQ", "AB", "OA", "NA", "GN", "ZY"] {
            assert!(!is_found(&format!("{beginning}123456C")), "{beginning}");
        }
    }
}
