//! `still-named`: a leaver that other users still name, as their assessor for example.

use std::collections::BTreeMap;

use crate::domain::DeclaredArchive;
use crate::domain::field::Key;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;
use crate::manifest::user_references::{NamedUser, NamedUsers, UserReference, references_of};

pub static RULE: Rule = Rule {
    name: "still-named",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A user with `archived: true` that other users still name, as `defaultAssessor` for example.",
    explanation: "`plan` puts the users who name a leaver on hold, and the leaver, too. Give those users somebody else: \
`rosterctl reassign A-0012 A-0031` moves a caseload in the files. The same change may archive the leaver.",
};

/// How many of the users are pointed at: the message counts them all.
const MOST_SHOWN: usize = 5;

pub(crate) fn check(users: &[&UncheckedUser]) -> Vec<Finding> {
    if !users.iter().any(|user| has_left(user)) {
        return Vec::new();
    }
    let mut references = Vec::new();
    for user in users.iter().filter(|user| !has_left(user)) {
        references.extend(references_of(user));
    }
    let named = NamedUsers::new(users, &references);
    let mut leavers: BTreeMap<Span, Vec<&UserReference<'_>>> = BTreeMap::new();
    for reference in &references {
        if let Some(leaver) = leaver(reference, &named) {
            let place = leaver.user.identity();
            leavers.entry(place).or_default().push(reference);
        }
    }
    leavers
        .into_iter()
        .map(|(place, naming)| finding(place, &naming))
        .collect()
}

fn has_left(user: &UncheckedUser) -> bool {
    user.archive == DeclaredArchive::Archived
}

/// The leaver whom a reference names, unless it also names somebody who stays.
fn leaver<'u>(made: &UserReference<'_>, users: &NamedUsers<'u>) -> Option<NamedUser<'u>> {
    let mut serving = users.named_by(made.reference);
    serving.retain(|user| made.serving.contains(&user.role));
    let first = *serving.first()?;
    serving
        .iter()
        .all(|user| has_left(user.user))
        .then_some(first)
}

fn finding(leaver: Span, naming: &[&UserReference<'_>]) -> Finding {
    let message = match naming.len() {
        1 => "this user leaves, and another user still names them".to_owned(),
        number => format!("this user leaves, and {number} users still name them"),
    };
    let is_caseload = naming.iter().any(|made| made.key == Key::DefaultAssessor);
    let help = if is_caseload {
        "name somebody else there; `rosterctl reassign FROM TO` moves a caseload"
    } else {
        "name somebody else there, or delete `archived: true`"
    };
    let mut finding = Finding::new(&RULE, leaver, message, help);
    for made in naming.iter().take(MOST_SHOWN) {
        finding = finding.label(made.user.identity(), "named by this user");
    }
    finding
}
