//! A plan as a table for spreadsheets: a line for each operation, and one for each user, placement and classroom on hold. It shows
//! only what is public, whatever the flags.

use crate::domain::redact::Reveal;
use crate::domain::{AccountId, EntryId};
use crate::findings::source::Place;
use crate::manifest::csv_writer::csv;
use crate::plan::{GroupedBy, Operation, OperationSubject, Origin, Plan, UserGroups};
use crate::render::grouping::label;
use crate::render::plan::entry_holds::entry_hold_words;
use crate::render::plan::field_diff::{both_values, unverified};
use crate::render::plan::hold_question::HoldQuestion;
use crate::render::plan::holds::reason_words;
use crate::render::plan::shown_changes::ShownChanges;
use crate::render::plan::step::Step;
use crate::render::words::{effects_words, key_words, listed, role};

const HEADER: [&str; 15] = [
    "action",
    "kind",
    "misId or name",
    "account",
    "classroom",
    "assessor",
    "placement",
    "values",
    "other fields",
    "sets off",
    "on hold because",
    "what to do",
    "origin",
    "file",
    "line",
];

/// The groups of the users of a plan, in the order of [`GroupedBy::ALL`].
pub type AllGroups = [UserGroups; GroupedBy::ALL.len()];

/// The table.
pub fn plan_csv(plan: &Plan, groups: &AllGroups) -> String {
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    for operation in &plan.operations {
        rows.push(operation_row(operation, plan).cells(groups));
    }
    for held in &plan.held {
        let reasons = held.reasons.iter();
        let words = reasons.map(|reason| reason_words(reason, Reveal::Public));
        rows.push(
            PlanLine {
                why: words.collect(),
                ..PlanLine::held(OperationSubject::User(&held.who), &held.place, held.origin)
            }
            .cells(groups),
        );
    }
    for held in &plan.held_entries {
        let subject = OperationSubject::Entry(&held.entry);
        rows.push(
            PlanLine {
                why: vec![entry_hold_words(held, Reveal::Public)],
                ..PlanLine::held(subject, &held.place, held.origin)
            }
            .cells(groups),
        );
    }
    csv(rows)
}

/// A line of the table.
struct PlanLine<'p> {
    action: &'static str,
    who: OperationSubject<'p>,
    account: Option<AccountId>,
    place: &'p Place,
    origin: Option<Origin>,
    /// Public values, and what was compared.
    values: String,
    /// The names of fields whose values aren't public.
    by_name: String,
    effects: String,
    /// The reasons of a hold, in full.
    why: Vec<String>,
}

impl<'p> PlanLine<'p> {
    fn held(who: OperationSubject<'p>, place: &'p Place, origin: Option<Origin>) -> Self {
        Self {
            action: "on hold",
            who,
            account: None,
            place,
            origin,
            values: String::new(),
            by_name: String::new(),
            effects: String::new(),
            why: Vec::new(),
        }
    }

    fn cells(&self, groups: &AllGroups) -> Vec<String> {
        let (kind, id) = match self.who {
            OperationSubject::User(user) => {
                (role(user.role), self.account.or(user.id).map(EntryId::from))
            }
            OperationSubject::Entry(entry) => (entry.kind.word(), entry.id),
        };
        let [classroom, assessor, placement] = groups
            .each_ref()
            .map(|groups| group_name(groups, self.who, self.place));
        let (facts, answers) = questions(&self.why);
        let origin = match self.origin {
            Some(Origin::ThisChange) => "this change",
            Some(Origin::Elsewhere) => "not this change",
            None => "",
        };
        vec![
            self.action.to_owned(),
            kind.to_owned(),
            label(self.who, Reveal::Public),
            id.map(|id| id.to_string()).unwrap_or_default(),
            classroom,
            assessor,
            placement,
            self.values.clone(),
            self.by_name.clone(),
            self.effects.clone(),
            facts,
            answers,
            origin.to_owned(),
            self.place.file.to_string(),
            self.place.line.to_string(),
        ]
    }
}

fn operation_row<'p>(operation: &'p Operation, plan: &Plan) -> PlanLine<'p> {
    let steps = Step::all(vec![operation]);
    let shown = ShownChanges::of(&steps[0], Reveal::Public);
    let mut values = Vec::new();
    for change in &shown.with_value {
        let (name, value) = (change.key.name(), both_values(change));
        values.push(format!("{name}: {value}{}", unverified(change)));
    }
    values.extend(shown.remarks);
    let mut by_name: Vec<String> = Vec::new();
    for change in &shown.by_name {
        by_name.push(format!("{}{}", change.key.name(), unverified(change)));
    }
    by_name.extend(shown.hidden);
    PlanLine {
        action: operation.kind().verb(),
        who: operation.subject(),
        account: operation.account(),
        place: operation.place(),
        origin: operation.origin(),
        values: values.join("; "),
        by_name: listed(&by_name),
        effects: effects_words(operation.effects(), plan.service),
        why: Vec::new(),
    }
}

fn group_name(groups: &UserGroups, who: OperationSubject<'_>, place: &Place) -> String {
    let label = match who {
        OperationSubject::User(user) => groups.group_of(user, place),
        OperationSubject::Entry(_) => None,
    };
    label.map_or_else(String::new, |group| key_words(&group.label, Reveal::Public))
}

/// What is the matter, and what to do about it.
fn questions(why: &[String]) -> (String, String) {
    let (mut facts, mut answers) = (Vec::new(), Vec::new());
    for words in why {
        let question = HoldQuestion::of(words);
        facts.extend(question.facts);
        answers.extend(question.answers);
    }
    (facts.join(" "), answers.join(" "))
}
