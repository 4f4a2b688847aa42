//! Nobody is pinned to an account that is somebody else's.

use jiff::civil::Date;

use crate::findings::source::Span;
use crate::findings::{Code, Finding};
use crate::manifest::unchecked_user::UncheckedUser;

pub(crate) fn check(user: &UncheckedUser, _today: Date) -> Vec<Finding> {
    let Some(id) = &user.id else {
        return Vec::new();
    };
    let others = user
        .distinct_from
        .iter()
        .filter(|other| other.value == id.value);
    let finding = |other: Span| {
        let message = "this user is the account, and distinct from it";
        Finding::new(
            Code::Contradiction,
            id.span,
            message,
            "keep `id` or `distinctFrom`",
        )
        .label(other, "and here")
    };
    others.map(|other| finding(other.span)).collect()
}
