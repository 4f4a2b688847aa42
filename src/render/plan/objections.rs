//! What keeps a plan from being applied, or a part of it.

use crate::findings::source::Place;
use crate::render::plan::limits::limit_message;
use crate::render::words::{count, listed, shown};
use crate::review::Objection;

/// Stands in place of a plan from which everything was left out because nobody has reviewed it.
pub fn nothing_reviewed_left() -> String {
    "Nothing that was reviewed is left to do.\n".to_owned()
}

/// The operations that were left out because nobody has reviewed them. Empty if there is none.
pub fn skipped(places: &[Place]) -> String {
    if places.is_empty() {
        return String::new();
    }
    let operations = count(places.len(), "operation", "operations");
    format!(
        "{operations} skipped, not reviewed: {}.\n",
        shown(&listed(places))
    )
}

/// Why a plan isn't applied, and what to type.
pub fn objections(objections: &[Objection]) -> String {
    let mut text = String::new();
    for objection in objections {
        text += &objection_words(objection);
        text.push('\n');
    }
    text
}

fn objection_words(objection: &Objection) -> String {
    match objection {
        Objection::Limit(excess) => limit_message(excess),
        Objection::Unreviewed(places) => format!(
            "{} not reviewed: {}.\nPlan and review anew, or leave them out with `--skip-unreviewed`.",
            count(places.len(), "operation was", "operations were"),
            shown(&listed(places))
        ),
        Objection::Held(number) => format!(
            "{} held, and `--strict` applies nothing then.",
            count(*number, "user is", "users are")
        ),
        Objection::HeldEntries(number) => format!(
            "{} held, and `--strict` applies nothing then.",
            count(
                *number,
                "placement or classroom is",
                "placements and classrooms are"
            )
        ),
        Objection::Withheld => "The answer wasn't `yes`.".to_owned(),
        Objection::Unasked => {
            "There is nobody to ask here: `--auto-approve` applies without asking.".to_owned()
        }
    }
}
