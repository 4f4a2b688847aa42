//! `unit-without-standard`: a unit of a standard that isn't among the standards of the same learner.

use jiff::civil::Date;

use crate::domain::field::Key;
use crate::domain::{Assignments, Reference, UnitReference};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "unit-without-standard",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A unit of a standard that isn't among the `standards` of the same learner.",
    explanation: "The learner may not have the standard, and then OneFile may refuse the unit. Add the standard to `standards`; a learner \
who has it already doesn't get it twice.",
};

/// A framework template brings standards that the files don't name.
pub(crate) fn check(user: &UncheckedUser, _today: Date) -> Vec<Finding> {
    let Some(assignments) = &user.assignments else {
        return Vec::new();
    };
    let mut units = assignments.units.iter();
    let lacks_standard = |unit: &UnitReference| !may_have(assignments, &unit.standard);
    if assignments.template.is_some() || !units.any(lacks_standard) {
        return Vec::new();
    }
    let message = "a unit of a standard that `standards` doesn't list";
    let help = "add the standard to `standards`, or take the unit away";
    vec![Finding::new(&RULE, user.span(Key::Units), message, help)]
}

/// Whether a standard is among those of a learner. A number and a title may mean the same one.
fn may_have(assignments: &Assignments, standard: &Reference) -> bool {
    let standards = assignments.standards.iter();
    let title = title(standard);
    standards
        .map(self::title)
        .any(|other| match (title, other) {
            (Some(one), Some(other)) => one == other,
            (None, None) => assignments.standards.contains(standard),
            (Some(_), None) | (None, Some(_)) => true,
        })
}

fn title(reference: &Reference) -> Option<&str> {
    match reference {
        Reference::Named(title) | Reference::Name(title) => Some(title),
        Reference::Id(_) | Reference::MisId(_) | Reference::Email(_) => None,
    }
}
