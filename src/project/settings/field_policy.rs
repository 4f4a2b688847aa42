//! `fields` in `rosterctl.yaml`: which fields aren't always the project's own. The table of treatments says what each takes.

use crate::domain::field::{FIELDS, Field, Key};
use crate::domain::role::{ROLES, Role};
use crate::domain::{FieldPolicy, FieldRule, FieldTreatment, TREATMENTS};
use crate::findings::Finding;
use crate::findings::suggest::nearest;
use crate::manifest::rules::{
    empty_value, field_not_in_role, in_backticks, unknown_key, unknown_word, wrong_kind,
};
use crate::manifest::tree::node::{MapEntry, Node, NodeData};

/// What a document says about fields, or everything that is wrong with it.
pub(super) fn field_policy(document: &Node) -> Result<FieldPolicy, Vec<Finding>> {
    let mut read = FieldPolicyReader::default();
    let entries = document.get("fields").map(|entry| entry.value.entries());
    for entry in entries.unwrap_or_default() {
        match Role::named(&entry.key.value) {
            Some(role) => read.role(role, entry),
            None => read.field(entry, None),
        }
    }
    if read.findings.is_empty() {
        Ok(read.policy)
    } else {
        Err(read.findings)
    }
}

#[derive(Default)]
struct FieldPolicyReader {
    policy: FieldPolicy,
    findings: Vec<Finding>,
}

impl FieldPolicyReader {
    /// The fields of one role: `learner: { email: onCreate }`.
    fn role(&mut self, role: Role, entry: &MapEntry) {
        if !matches!(entry.value.data, NodeData::Map(_)) {
            let message = format!("`{}` is a role, and takes a mapping of fields", role.name());
            let help = format!("write it as in `{}: {{ email: onCreate }}`", role.name());
            let span = entry.key.span;
            self.refuse(Finding::new(&wrong_kind::RULE, span, message, help));
            return;
        }
        for field in entry.value.entries() {
            self.field(field, Some(role));
        }
    }

    /// One field: `email: onCreate`. Without a role it is said for all.
    fn field(&mut self, entry: &MapEntry, role: Option<Role>) {
        let Some(key) = Key::named(&entry.key.value) else {
            let names = FIELDS.iter().map(|field| field.name);
            let roles = ROLES.iter().map(|row| row.name);
            let known = names.chain(roles.filter(|_| role.is_none()));
            let help = "take it away; `rosterctl explain` lists the fields";
            self.refuse(unknown_key::finding(&entry.key, known, help));
            return;
        };
        if let Some(role) = role.filter(|role| !key.row().is_of(*role)) {
            self.refuse(field_not_in_role::in_fields(key, entry.key.span, role));
            return;
        }
        match treatment(key.row(), entry, role) {
            Ok(treatment) => self.policy.set(key, FieldRule { treatment, role }),
            Err(finding) => self.refuse(finding),
        }
    }

    fn refuse(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// The word of a field, if the field takes it.
fn treatment(
    field: &Field,
    entry: &MapEntry,
    role: Option<Role>,
) -> Result<FieldTreatment, Finding> {
    let words = FieldTreatment::words_for(field, role);
    let Some(text) = entry.value.text() else {
        return Err(not_a_word(field, entry, &words));
    };
    let Some(treatment) = FieldTreatment::named(text) else {
        let message = format!("`{}` takes one of a few words", field.name);
        let help = match nearest(text, TREATMENTS.iter().map(|row| row.word)) {
            Some(word) if words.contains(&word) => format!("write `{word}`"),
            Some(_) | None => instead(&words),
        };
        return Err(Finding::new(
            &unknown_word::RULE,
            entry.value.span,
            message,
            help,
        ));
    };
    match treatment.refusal(field, role) {
        None => Ok(treatment),
        Some(why) => {
            let message = format!("`{}` can't be `{}`: {why}", field.name, treatment.word());
            let span = entry.value.span;
            Err(Finding::new(
                &unknown_word::RULE,
                span,
                message,
                instead(&words),
            ))
        }
    }
}

fn not_a_word(field: &Field, entry: &MapEntry, words: &[&str]) -> Finding {
    let is_empty = entry.value.data == NodeData::Null;
    let (rule, message) = if is_empty {
        (&empty_value::RULE, format!("`{}` is empty", field.name))
    } else {
        let message = format!("`{}` takes one of a few words", field.name);
        (&wrong_kind::RULE, message)
    };
    Finding::new(rule, entry.key.span, message, instead(words))
}

fn instead(words: &[&str]) -> String {
    if words.is_empty() {
        return "delete this line".to_owned();
    }
    let quoted = in_backticks(words).join(", ");
    format!("delete this line, or write one of {quoted}")
}
