//! The doubtful rows of an extract as CSV, for the person who decides them in a spreadsheet.

use crate::manifest::csv_writer::csv;
use crate::onboarding::adopt::{DoubtfulRow, PossibleAccount};
use crate::render::adopt::text::{RowName, agreeing, differing, doubt_words};
use crate::render::words::listed;

const HEADER: [&str; 7] = ["row", "misId", "why", "id", "role", "agree", "differ"];

/// One line for each account that a doubtful row may be. `None` if there is nothing to decide.
pub fn doubtful<'r>(
    doubtful: &[DoubtfulRow],
    named: impl Fn(usize) -> RowName<'r>,
) -> Option<String> {
    if doubtful.is_empty() {
        return None;
    }
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    for doubt in doubtful {
        let RowName { number, mis_id } = named(doubt.row);
        let row = [
            number.to_string(),
            mis_id.unwrap_or_default().to_owned(),
            doubt_words(doubt.why).to_owned(),
        ];
        if doubt.candidates.is_empty() {
            rows.push([row.as_slice(), &no_account()].concat());
            continue;
        }
        for candidate in &doubt.candidates {
            rows.push([row.as_slice(), &account(candidate)].concat());
        }
    }
    Some(csv(rows))
}

fn no_account() -> [String; 4] {
    [const { String::new() }; 4]
}

fn account(candidate: &PossibleAccount) -> [String; 4] {
    let PossibleAccount { id, role, evidence } = candidate;
    [
        id.to_string(),
        role.name().to_owned(),
        listed(&agreeing(evidence)),
        listed(&differing(evidence)),
    ]
}
