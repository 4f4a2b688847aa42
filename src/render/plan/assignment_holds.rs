//! Why a learner is on hold because of what the learner is to get by calls of their own: the text of each reason.

use crate::domain::redact::{Reveal, open_text};
use crate::plan::AssignmentHold;
use crate::render::words::{key_to_type, listed, shown};

/// The reason in a few words, by which users are counted.
pub(crate) fn assignment_hold_in_brief(hold: &AssignmentHold) -> &'static str {
    match hold {
        AssignmentHold::AimsUnread(_) => "the learner's standards can't be read",
        AssignmentHold::Unclear { .. } => "may have been assigned already",
        AssignmentHold::PathUnknown(_) => "`assignPath` isn't set",
        AssignmentHold::StandardMissing { .. } => "a unit's standard is missing",
    }
}

/// The reason in full, with what to write to decide it on lines of their own.
pub(crate) fn assignment_hold_words(hold: &AssignmentHold, reveal: Reveal) -> String {
    match hold {
        AssignmentHold::AimsUnread(id) => format!(
            "rosterctl can't read which standards account {id} has, so it could assign one twice\n      run `rosterctl doctor --contract` to see what OneFile returns"
        ),
        AssignmentHold::Unclear { name, key, label } => {
            let typed = key_to_type(name, reveal);
            format!(
                "an earlier run may have assigned {} to this learner ({})\n      look in OneFile, then run `rosterctl settle {typed} assigned` or `rosterctl settle {typed} not-assigned`",
                open_text(label).map_or_else(|| "something".to_owned(), shown),
                key.name()
            )
        }
        AssignmentHold::PathUnknown(keys) => {
            let keys: Vec<_> = keys.iter().map(|key| key.name()).collect();
            format!(
                "{} would be assigned, and nobody knows yet how OneFile takes that\n      `rosterctl explain assignPath` says how to find out; then write `assignPath` below `policy:` in rosterctl.yaml",
                listed(&keys)
            )
        }
        AssignmentHold::StandardMissing { label } => format!(
            "the unit {} belongs to a standard that this learner doesn't have\n      write the standard in `standards` as well, or take the unit away",
            open_text(label).map_or_else(|| "that is declared".to_owned(), shown)
        ),
    }
}
