//! `plan --explain`: one user, how the account was found, and each field on both sides.

use std::fmt::Write;

use crate::domain::field::Class;
use crate::domain::redact::Reveal;
use crate::plan::{ComparedField, Explanation, FieldState, HowMatched, Operation, PlannedOutcome};
use crate::render::plan::field_diff::{former, planned};
use crate::render::plan::holds::why;
use crate::render::words::{article, count, role, shown, who};

pub fn explained(explanation: &Explanation<'_>, reveal: Reveal) -> String {
    let mut text = format!(
        "{}\n  {}\n\n",
        who(&explanation.who, None, reveal),
        shown(&explanation.place.to_string())
    );
    let account = |id, live| format!("account {id}, {}", article(role(live)));
    let found = match explanation.found {
        HowMatched::Pinned(id, live) => format!("pinned by `id` to {}", account(id, live)),
        HowMatched::ByMisId(id, live) => format!("found by MIS value: {}", account(id, live)),
        HowMatched::Nobody => "no account has this MIS value".to_owned(),
        HowMatched::Undecided => "it can't be said which account this is".to_owned(),
    };
    let _ = writeln!(text, "  {found}\n");
    let (special, named): (Vec<_>, Vec<_>) = explanation
        .fields
        .iter()
        .partition(|field| field.key.row().class == Class::Special && reveal == Reveal::Public);
    for field in named {
        let _ = writeln!(text, "  {}", line(field, reveal));
    }
    if !special.is_empty() {
        text += "  special data\n";
    }
    text + "\n" + &outcome(&explanation.outcome, reveal)
}

fn line(field: &ComparedField, reveal: Reveal) -> String {
    let class = field.key.row().class;
    let hidden = || {
        if class == Class::Special {
            "(special)"
        } else {
            "(personal)"
        }
        .to_owned()
    };
    let declared = match &field.declared {
        _ if !reveal.shows(class) => hidden(),
        Some(value) => planned(value),
        None => "?".to_owned(),
    };
    let live = match &field.live {
        _ if !reveal.shows(class) => hidden(),
        None => "empty".to_owned(),
        Some(live) => former(field.key, live),
    };
    let (state, rest) = match field.state {
        FieldState::Equal => ("as declared", String::new()),
        FieldState::Differs => ("differs", format!(", live: {live}")),
        FieldState::NotCompared => (
            "not compared",
            ": no account of this role shows it, or it can't be read".to_owned(),
        ),
        FieldState::NotRead => ("not read", ": the account wasn't looked at".to_owned()),
        FieldState::OnCreate => ("on create", ": sent with a create alone".to_owned()),
        FieldState::New => ("new", String::new()),
        FieldState::Unresolved => ("not known", String::new()),
    };
    format!("{:<17} {state:<13} {declared}{rest}", field.key.name())
}

fn outcome(outcome: &PlannedOutcome<'_>, reveal: Reveal) -> String {
    match outcome {
        PlannedOutcome::Operations(operations) => operations
            .iter()
            .map(|operation| next_step(operation))
            .collect(),
        PlannedOutcome::Held(reasons) => {
            let reasons: Vec<_> = reasons
                .iter()
                .map(|reason| format!("  {}\n", why(reason, reveal)))
                .collect();
            format!(
                "So nothing is done until a person decides:\n{}",
                reasons.concat()
            )
        }
        PlannedOutcome::Unchanged => "So there is nothing to do.\n".to_owned(),
        PlannedOutcome::NotPlanned => {
            "This change doesn't edit it, and so it isn't planned.\n".to_owned()
        }
    }
}

fn next_step(operation: &Operation) -> String {
    match operation {
        Operation::Create(_) => "So an account is to be created.\n".to_owned(),
        Operation::Update(update) => format!(
            "So {} to be updated.\n",
            count(update.changes.len(), "field is", "fields are")
        ),
    }
}
