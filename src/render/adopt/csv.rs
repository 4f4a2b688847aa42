//! The doubtful rows of an extract as CSV, for the person who decides them in a spreadsheet.

use crate::onboarding::adopt::{DoubtfulRow, PossibleAccount};
use crate::onboarding::export::record;
use crate::render::adopt::text::{RowName, agreeing, differing, doubt_words};
use crate::render::words::listed;

const HEADER: &str = "row,misId,why,id,role,agree,differ\n";

/// One line for each account that a doubtful row may be. `None` if there is nothing to decide.
pub fn doubtful<'r>(
    doubtful: &[DoubtfulRow],
    named: impl Fn(usize) -> RowName<'r>,
) -> Option<String> {
    if doubtful.is_empty() {
        return None;
    }
    let mut text = HEADER.to_owned();
    for doubt in doubtful {
        let RowName { number, mis_id } = named(doubt.row);
        let row = [
            number.to_string(),
            mis_id.map(harmless).unwrap_or_default(),
            doubt_words(doubt.why).to_owned(),
        ];
        if doubt.candidates.is_empty() {
            text += &record(row.into_iter().chain(no_account()));
            continue;
        }
        for candidate in &doubt.candidates {
            text += &record(row.iter().cloned().chain(account(candidate)));
        }
    }
    Some(text)
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

/// Text that a spreadsheet doesn't take for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
