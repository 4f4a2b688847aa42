//! `plan --explain`: one user, how the account was found, and each field on both sides.

use std::fmt::Write;

use crate::domain::field::Key;
use crate::domain::redact::{Reveal, SPECIAL_DATA, hides_name, open_key};
use crate::domain::{FieldRule, FieldTreatment, LeftOut};
use crate::plan::{
    AssignmentState, Change, ComparedAssignment, ComparedField, Explanation, FieldState,
    HowMatched, Operation, PlannedOutcome,
};
use crate::render::plan::field_diff::{former_value, new_value};
use crate::render::plan::holds::reason_words;
use crate::render::words::{article, count, hidden_value, role, shown, who};

/// The explanation of one user.
pub fn explained(explanation: &Explanation<'_>, reveal: Reveal) -> String {
    let mut text = format!(
        "{}\n  {}\n\n  {}\n\n",
        who(&explanation.who, None, reveal),
        shown(&explanation.place.to_string()),
        match_words(&explanation.found)
    );
    let mut has_hidden = false;
    for field in &explanation.fields {
        if hides_name(field.key, reveal) {
            has_hidden = true;
        } else {
            let _ = writeln!(text, "  {}", field_line(field, reveal));
        }
    }
    for assignment in &explanation.assignments {
        let _ = writeln!(text, "  {}", assignment_line(assignment));
    }
    for (key, rule) in &explanation.unfit {
        if hides_name(*key, reveal) {
            has_hidden = true;
        } else {
            let _ = writeln!(
                text,
                "  {:<17} {:<13} finding {}; `rosterctl validate` shows where",
                key.name(),
                "not managed",
                rule.name
            );
        }
    }
    if has_hidden {
        let _ = writeln!(text, "  {SPECIAL_DATA}");
    }
    text + "\n" + &outcome(&explanation.outcome, reveal)
}

fn match_words(found: &HowMatched) -> String {
    match found {
        HowMatched::Pinned(id, live) => {
            format!("pinned by `id` to account {id}, {}", article(role(*live)))
        }
        HowMatched::ByMisId(id, live) => {
            format!("found by MIS value: account {id}, {}", article(role(*live)))
        }
        HowMatched::ByFormerMisId(id, live) => {
            format!(
                "found by `formerMisId`: account {id}, {}",
                article(role(*live))
            )
        }
        HowMatched::Nobody => "no account has this MIS value".to_owned(),
        HowMatched::Undecided => "it can't be said which account this is".to_owned(),
    }
}

fn field_line(field: &ComparedField, reveal: Reveal) -> String {
    let class = field.key.row().class;
    let (declared, live) = if reveal.shows(class) {
        let is_open = |text: &String| open_key(text, reveal).is_some();
        let hidden = || hidden_value(class).to_owned();
        let (declared, live) = (
            field
                .declared
                .as_ref()
                .map_or_else(|| "?".to_owned(), new_value),
            field
                .live
                .as_ref()
                .map_or_else(|| "empty".to_owned(), |live| former_value(field.key, live)),
        );
        (
            Some(declared).filter(is_open).unwrap_or_else(hidden),
            Some(live).filter(is_open).unwrap_or_else(hidden),
        )
    } else {
        let hidden = hidden_value(class);
        (hidden.to_owned(), hidden.to_owned())
    };
    let (state, rest) = match &field.state {
        FieldState::Equal => ("as declared", String::new()),
        FieldState::Differs => ("differs", format!(", live: {live}")),
        FieldState::Kept => (
            "kept",
            format!(", live: {live}; declare it as OneFile keeps it"),
        ),
        FieldState::NotCompared => (
            "not compared",
            ": no account of this role shows it, or it can't be read".to_owned(),
        ),
        FieldState::NotRead => ("not read", ": the account wasn't looked at".to_owned()),
        FieldState::LeftAlone(rule) => (
            "left alone",
            format!(", live: {live}; {}", rule_words(*rule, field.key)),
        ),
        FieldState::NotSent(rule) => ("left alone", format!("; {}", rule_words(*rule, field.key))),
        FieldState::OnCreate => ("on create", ": sent only with a create".to_owned()),
        FieldState::New => ("new", String::new()),
        FieldState::Unresolved => ("not known", String::new()),
    };
    format!("{:<17} {state:<13} {declared}{rest}", field.key.name())
}

/// What the learner is declared to get, and what is known of it.
fn assignment_line(assignment: &ComparedAssignment) -> String {
    let declared = assignment.declared.as_ref();
    let declared = declared.map_or_else(|| "?".to_owned(), new_value);
    let (state, rest) = match assignment.state {
        None => ("not known", ""),
        Some(AssignmentState::Shown) => ("as declared", ""),
        Some(AssignmentState::Sent) => ("sent before", ": OneFile doesn't show it"),
        Some(AssignmentState::Unclear) => ("unclear", ": an earlier run may have sent it"),
        Some(AssignmentState::Unread) => ("not read", ": what the learner has isn't known"),
        Some(AssignmentState::Lacking { .. }) => ("to assign", ""),
        Some(AssignmentState::NotCompared) => (
            "not compared",
            ": OneFile doesn't show it; `--base` sends it with the change that adds it",
        ),
        Some(AssignmentState::OnCreate) => ("on create", ": assigned only with a create"),
    };
    format!("{:<17} {state:<13} {declared}{rest}", assignment.key.name())
}

/// Why a field isn't sent, and the line of `rosterctl.yaml` that says so.
fn rule_words(rule: FieldRule, key: Key) -> String {
    let why = match rule.treatment {
        FieldTreatment::Always => "sent when it differs",
        FieldTreatment::IgnoreCase => "capitals make no difference",
        FieldTreatment::OnCreate => "left to the person",
        FieldTreatment::Never => "never sent",
    };
    format!("{why}: {}", rule.written(key))
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
                .map(|reason| indented(&reason_words(reason, reveal)))
                .collect();
            format!(
                "So nothing is done until a person decides:\n{}",
                reasons.concat()
            )
        }
        PlannedOutcome::Unchanged => "So there is nothing to do.\n".to_owned(),
        PlannedOutcome::NotPlanned(LeftOut::ByChange) => {
            "This change doesn't edit it, and so it isn't planned.\n".to_owned()
        }
        PlannedOutcome::NotPlanned(LeftOut::BySelection) => {
            "`--only` and `--exclude` don't select this user, so nothing is planned.\n".to_owned()
        }
    }
}

fn next_step(operation: &Operation) -> String {
    match operation {
        Operation::Unarchive(_) => {
            "So the account is to be brought back from the archive.\n".to_owned()
        }
        Operation::CreateEntry(_) | Operation::UpdateEntry(_) => String::new(),
        Operation::Assign(assign) => assign.changes.iter().map(assigned).collect(),
        Operation::Archive(_) => "So the account is to be archived.\n".to_owned(),
        Operation::Create(_) => "So an account is to be created.\n".to_owned(),
        Operation::Update(update) => format!(
            "So {} to be updated.\n",
            count(update.changes.len(), "field is", "fields are")
        ),
    }
}

fn assigned(change: &Change) -> String {
    let what = new_value(&change.to);
    format!(
        "So the learner is to get {what}, by `{}`.\n",
        change.key.name()
    )
}

/// Each line by two columns more, unless it has more of them.
fn indented(words: &str) -> String {
    let mut text = String::new();
    for line in words.lines() {
        let margin = if line.starts_with(' ') { "" } else { "  " };
        let _ = writeln!(text, "{margin}{line}");
    }
    text
}
