//! `wrong-kind`: a value of another kind than its key takes. The schema finds it.

use crate::domain::field::{Key, Referent, Shape, ValueKind};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::rules::needs_quotes::quote_it;
use crate::manifest::rules::wrong_form;
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::NodeData;

pub static RULE: Rule = Rule {
    name: "wrong-kind",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A value of another kind than its field takes: a number where text is due, say.",
    explanation: "What looks like a number is one to YAML, which drops leading zeros. Keys, telephone numbers and codes are text:\n\n    uln: 9999999999      # a number\n    uln: \"9999999999\"    # text",
};

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    let written = kind_of(&place.node().data);
    let (message, help) = if let (Some(key), Some(kind)) = (place.field(), place.kind()) {
        let due = kind_due(kind);
        let message = format!("{} takes {due}, and this is {written}", place.name());
        (message, help_for_field(place, key, kind))
    } else {
        let message = format!("{} can't be {written}", place.name());
        (message, help_for_key(place).to_owned())
    };
    let finding = Finding::new(&RULE, place.span(), message, help);
    match quotes(place) {
        Some(kind) => finding.fixed_by(kind),
        None => finding,
    }
}

/// Whether quotes alone are what is wrong: they are missing, or too many. A number in the place of a reference may also be
/// meant as that of OneFile.
fn quotes(place: &FaultPlace<'_>) -> Option<FixKind> {
    let node = place.node();
    let is_flag = |text: &str| matches!(text, "true" | "false");
    let is_number = |text: &str| text.parse::<i64>().is_ok();
    match (place.kind(), &node.data) {
        (Some(ValueKind::Text(Shape::Codes)), _) => None,
        (Some(ValueKind::Text(_)), NodeData::Flag(_) | NodeData::Integer(_)) => {
            Some(FixKind::Quote)
        }
        (Some(ValueKind::Reference(_)), NodeData::Flag(_)) => Some(FixKind::Quote),
        (Some(ValueKind::Flag), NodeData::Text(text)) if is_flag(text) => Some(FixKind::Unquote),
        (Some(ValueKind::Number), NodeData::Text(text)) if is_number(text) => {
            Some(FixKind::Unquote)
        }
        (None, NodeData::Text(text)) if is_flag(text) || is_number(text) => Some(FixKind::Unquote),
        _ => None,
    }
}

/// A text of a form that its key doesn't take, where no rule of its own names the form.
pub(crate) fn unread_form(place: &FaultPlace<'_>) -> Finding {
    wrong_form(&RULE, place, "isn't of a form that is read")
}

fn kind_of(data: &NodeData) -> &'static str {
    match data {
        NodeData::Null => "nothing",
        NodeData::Flag(_) => "a flag",
        NodeData::Integer(_) => "a number",
        NodeData::Text(_) => "text",
        NodeData::List(_) => "a list",
        NodeData::Map(_) => "a mapping",
    }
}

fn kind_due(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text(Shape::Codes) => "a list of codes",
        ValueKind::Text(_) | ValueKind::Role | ValueKind::Word(_) => "text",
        ValueKind::Day => "a day",
        ValueKind::Instant => "a point in time",
        ValueKind::Flag => "`true` or `false`",
        ValueKind::Number => "a number",
        ValueKind::Ids => "a list of account numbers",
        ValueKind::Accounts => "a list of account numbers and MIS values",
        ValueKind::References(Referent::User(_)) => "a list of MIS values",
        ValueKind::References(_) => "a list of names",
        ValueKind::Units => "units, each with its standard",
        ValueKind::Reference(_) => "a name, a MIS value or a mapping of one such as `{ id: … }`",
    }
}

fn help_for_field(place: &FaultPlace<'_>, key: Key, kind: ValueKind) -> String {
    let node = place.node();
    let is_list = kind.of_item().is_some();
    let is_scalar = matches!(node.data, NodeData::Flag(_) | NodeData::Integer(_)) && !is_list;
    match (kind, node.integer()) {
        (ValueKind::Reference(_), Some(id)) => format!(
            "{}; `{{ id: {id} }}` is the one with that number in OneFile",
            quote_it(key, node)
        ),
        (ValueKind::Text(_) | ValueKind::Reference(_), _) if is_scalar => quote_it(key, node),
        _ if place.is_item() => format!("write it as in `{}`", place.example()),
        _ => format!("write it as in `{}: {}`", key.name(), place.example()),
    }
}

fn help_for_key(place: &FaultPlace<'_>) -> &'static str {
    let text = place.node().text();
    if text.is_some_and(|text| text.parse::<i64>().is_ok()) {
        return "write it without quotes";
    }
    match place.key() {
        Some("overlay" | "optional" | "sealed") => "write `true` or `false`, without quotes",
        Some("users") if place.is_item() => "write a mapping: a user begins with `- misId:`",
        Some("users") => "write a list: each user begins with `- misId:`",
        Some("placements" | "classrooms") if place.is_item() => {
            "write a mapping: it begins with `- name:`"
        }
        Some("placements" | "classrooms") => "write a list: each item begins with `- name:`",
        Some("organisation") => "write the number that OneFile knows the organisation by",
        Some(_) => {
            "`rosterctl schema users` and `rosterctl schema project` say what each key takes"
        }
        None => "write `users:` and below it a list, in which each user begins with `- misId:`",
    }
}
