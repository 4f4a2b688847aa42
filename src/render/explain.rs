//! `explain`: fields, roles, codes of findings, reasons for holds and terms in words, from the same tables that the checks read.

use std::fmt::Write;

use crate::domain::field::{
    Class, ENTRY_FIELDS, FIELDS, Field, Key, ReferenceForm, Referent, SettableWhen, Shape,
    ValueKind,
};
use crate::domain::role::{ROLES, Role, RoleRow};
use crate::domain::{FieldTreatment, TREATMENTS};
use crate::findings::suggest::nearest;
use crate::findings::{Rule, Severity};
use crate::manifest::rules::RULES;
use crate::render::explain_entries::{self, ASSIGN_PATH, ASSIGN_PATH_MEANING};
use crate::render::hold_meanings::{HOLD_MEANINGS, HoldMeaning};
use crate::render::terms::{TERMS, Term};
use crate::render::words::listed;
use crate::render::wrap::wrapped;

/// The width of the column of names. A longer name stands on a line of its own.
const NAMES: usize = 20;
/// The width of a line, in columns: every terminal has that many.
const WIDTH: usize = 80;

/// The explanation of a field, a role, a code, a reason for a hold or a term. The error is the nearest word that has one.
pub fn explanation(word: &str) -> Result<String, Option<&'static str>> {
    let is_word = |name: &str| name.eq_ignore_ascii_case(word);
    if let Some(row) = RULES.iter().find(|row| is_word(row.name)) {
        return Ok(code(row));
    }
    if is_word(FIELD_POLICY) || TREATMENTS.iter().any(|row| is_word(row.word)) {
        return Ok(field_policy());
    }
    let is_field = |field: &&Field| is_word(field.name) || field.api.is_some_and(is_word);
    if let Some(field) = FIELDS.iter().find(is_field) {
        return Ok(of_field(field));
    }
    if let Some(row) = ROLES.iter().find(|row| is_word(row.name)) {
        return Ok(role(row));
    }
    if let Some(meaning) = HoldMeaning::named(word) {
        return Ok(hold(meaning));
    }
    if let Some(text) = explain_entries::explanation(word) {
        return Ok(text);
    }
    if let Some(row) = Term::named(word) {
        return Ok(term(row));
    }
    let mut names: Vec<&'static str> = Vec::new();
    names.extend(RULES.iter().map(|row| row.name));
    names.extend(FIELDS.iter().map(|field| field.name));
    names.extend(ROLES.iter().map(|row| row.name));
    names.extend(HOLD_MEANINGS.iter().map(|meaning| meaning.word));
    names.extend(explain_entries::list_words().map(|(name, _)| name));
    names.push(ASSIGN_PATH);
    names.extend(ENTRY_FIELDS.iter().map(|field| field.name));
    names.push(FIELD_POLICY);
    names.extend(TREATMENTS.iter().map(|row| row.word));
    names.extend(TERMS.iter().map(|term| term.name));
    Err(nearest(word, names.into_iter()))
}

/// Each reason for a hold: its word, its meaning in one line, and what a person can do.
pub fn hold_reasons() -> Vec<[&'static str; 3]> {
    HOLD_MEANINGS
        .iter()
        .map(|reason| [reason.word, reason.meaning, reason.explanation])
        .collect()
}

/// Every field, role, code and reason for a hold, one line each, and the terms in a row.
pub fn everything() -> String {
    let mut text = "Fields of a user:\n".to_owned();
    for field in FIELDS {
        text += &name_line(field.name, field.meaning);
    }
    text += "\nRoles:\n";
    for row in ROLES {
        text += &name_line(row.name, row.meaning);
    }
    text += "\nLists of a manifest besides `users`:\n";
    for (name, meaning) in explain_entries::list_words() {
        text += &name_line(name, meaning);
    }
    text += "\nSettings in rosterctl.yaml:\n";
    text += &name_line(FIELD_POLICY, FIELD_POLICY_MEANING);
    text += &name_line(ASSIGN_PATH, ASSIGN_PATH_MEANING);
    text += "\nCodes of findings:\n";
    for row in RULES {
        text += &name_line(row.name, row.meaning);
    }
    text += "\nReasons why a plan puts a user on hold:\n";
    for meaning in HOLD_MEANINGS {
        text += &name_line(meaning.word, meaning.meaning);
    }
    text += "\nWords of the glossary:\n";
    let terms: Vec<&str> = TERMS.iter().map(|term| term.name).collect();
    text += &wrapped(&terms.join(", "), "  ", 2, WIDTH);
    text + "\n`rosterctl explain WORD` says more.\n"
}

fn name_line(name: &str, meaning: &str) -> String {
    let head = if name.len() < NAMES {
        format!("  {name:NAMES$}")
    } else {
        format!("  {name}\n{:1$}", "", NAMES + 2)
    };
    wrapped(meaning, &head, NAMES + 2, WIDTH)
}

fn term(row: &Term) -> String {
    let mut text = format!("{}\n\n{}", row.name, wrapped(row.meaning, "", 0, WIDTH));
    if let Some((more, link)) = row.see {
        let page = if link.starts_with('#') {
            format!("glossary.md{link}")
        } else {
            link.to_owned()
        };
        let _ = writeln!(text, "\nSee {more}: docs/{page}");
    }
    text
}

fn code(row: &Rule) -> String {
    let may = if row.is_adjustable {
        "; `severity` in rosterctl.yaml can change that"
    } else {
        ""
    };
    let severity = match row.severity {
        Severity::Error => "an error",
        Severity::Warning => "a warning",
    };
    let mut text = format!(
        "{}: {severity}{may}\n\n{}\n",
        row.name,
        wrapped(row.meaning, "", 0, WIDTH)
    );
    text += &paragraphs(row.explanation);
    text
}

fn hold(meaning: &HoldMeaning) -> String {
    let json = meaning.json_word();
    let what = format!(
        "{}: why a plan puts a user on hold (`{json}` in JSON)",
        meaning.word
    );
    format!(
        "{}\n{}\n{}",
        wrapped(&what, "", 0, WIDTH),
        wrapped(meaning.meaning, "", 0, WIDTH),
        paragraphs(meaning.explanation)
    )
}

/// Paragraphs of prose, wrapped. One that is indented is an example, and stays as it is.
fn paragraphs(explanation: &str) -> String {
    let mut text = String::new();
    for paragraph in explanation.split("\n\n") {
        let is_example = paragraph.starts_with(' ');
        text += &if is_example {
            paragraph.to_owned() + "\n"
        } else {
            wrapped(paragraph, "", 0, WIDTH)
        };
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

fn of_field(field: &Field) -> String {
    let mut text = format!(
        "{}: a field\n\n{}\n",
        field.name,
        wrapped(field.meaning, "", 0, WIDTH)
    );
    let sent = match field.settable {
        _ if field.key == Key::Archived => "as a request of its own: `Archive` or `Unarchive`",
        SettableWhen::Always => "with creates and updates",
        SettableWhen::OnCreate => "with creates alone",
        SettableWhen::Assigned => "by a call of its own, after the account exists",
        SettableWhen::Never => "never",
    };
    let class = match field.class {
        Class::Public => "public: shown to whoever sees a plan",
        Class::Personal => "personal: shown on a terminal alone",
        Class::Special => "special: shown on request alone",
    };
    let rows = [
        ("takes", takes(field.kind)),
        ("roles that have it", role_names(field.roles)),
        ("creates that need it", role_names(field.mandatory)),
        ("is sent", sent.to_owned()),
        ("`fields` takes", treatment_words(field)),
        ("name in OneFile", field.api.unwrap_or("none").to_owned()),
        ("class", class.to_owned()),
    ];
    for (name, value) in rows {
        text += &wrapped(&value, &format!("  {name:22}"), 24, WIDTH);
    }
    if [Key::Archived, Key::LastDay, Key::Reason].contains(&field.key) {
        text += LEAVER_EXAMPLE;
        text += &paragraphs(LEAVER_NOTES);
    }
    text
}

const LEAVER_EXAMPLE: &str = "
    - misId: L-0101
      role: learner
      archived: true
      lastDay: 2026-07-31
      reason: completed          # or left, transferred, other

";

const LEAVER_NOTES: &str = "A leaver stays in the files with these lines, and no other field is sent. Archives are off until \
`rosterctl.yaml` says `policy: { archives: allowed }`. The account is archived when `lastDay` is over. An assessor with \
learners is on hold until another one has them. If the account is archived already, there is nothing to do.

`archived: false` brings the account back. A user who is only taken out of the files isn't archived.";

/// The key of `rosterctl.yaml` that says which fields aren't always the project's own.
const FIELD_POLICY: &str = "fields";
const FIELD_POLICY_MEANING: &str = "Fields that aren't always the project's own: sent with a create only, compared without capitals, or never sent.";

const FIELD_POLICY_EXAMPLE: &str = "    fields:
      email: onCreate            # for every role that has the field
      lastName: ignoreCase
      learner: { email: always } # for learners; this wins over the line for all
";

fn field_policy() -> String {
    let mut text = format!(
        "{FIELD_POLICY}: a setting in rosterctl.yaml\n\n{}\n{FIELD_POLICY_EXAMPLE}\n",
        wrapped(FIELD_POLICY_MEANING, "", 0, WIDTH)
    );
    for row in TREATMENTS {
        text += &wrapped(row.meaning, &format!("  {:12}", row.word), 14, WIDTH);
    }
    text + "\n" + &wrapped(FIELD_POLICY_NOTES, "", 0, WIDTH)
}

const FIELD_POLICY_NOTES: &str = "Declare the field as before: rosterctl still uses it to tell people apart before it creates an \
account. `plan` counts the values that it leaves alone, and `plan --explain WHO` shows them field by field. \
`rosterctl explain FIELD` lists the words that a field takes.";

/// The words that a field takes below `fields`, for all roles or for one.
fn treatment_words(field: &Field) -> String {
    let mut words = FieldTreatment::words_for(field, None);
    for role in field.roles {
        words.extend(FieldTreatment::words_for(field, Some(*role)));
    }
    let mut known: Vec<&str> = Vec::new();
    for row in TREATMENTS {
        if words.contains(&row.word) {
            known.push(row.word);
        }
    }
    if known.is_empty() {
        "nothing".to_owned()
    } else {
        listed(&known)
    }
}

fn role_names(roles: &[Role]) -> String {
    match roles.len() {
        number if number == ROLES.len() => "all".to_owned(),
        0 => "none".to_owned(),
        _ => listed(&roles.iter().map(|role| role.name()).collect::<Vec<_>>()),
    }
}

fn role(row: &RoleRow) -> String {
    let serves = |field: &Field| matches!(field.referent(), Some(Referent::User(able)) if able.contains(&row.role));
    let may_have = |field: &Field| field.is_of(row.role) && !field.is_mandatory_for(row.role);
    let rows = [
        (
            "a create needs",
            field_names(|field| field.is_mandatory_for(row.role)),
        ),
        ("may have", field_names(may_have)),
        ("can be", field_names(serves)),
        ("number in OneFile", row.api.to_string()),
    ];
    let mut text = format!("{}: a role\n\n{}\n\n", row.name, row.meaning);
    for (name, value) in rows {
        if !value.is_empty() {
            text += &wrapped(&value, &format!("  {name:19}"), 21, WIDTH);
        }
    }
    text
}

fn field_names(is_wanted: impl Fn(&Field) -> bool) -> String {
    let mut names = Vec::new();
    for field in FIELDS {
        if is_wanted(field) {
            names.push(field.name);
        }
    }
    listed(&names)
}

/// The values that a kind of field takes, as people write them.
pub fn takes(kind: ValueKind) -> String {
    match kind {
        ValueKind::Text(Shape::Free) => "text".to_owned(),
        ValueKind::Text(Shape::Email) => "e-mail address".to_owned(),
        ValueKind::Text(Shape::Uln) => "ten digits, quoted".to_owned(),
        ValueKind::Text(Shape::Nino) => "`QQ123456C`".to_owned(),
        ValueKind::Text(Shape::Code(codes)) => format!("a code, quoted: {}", codes.join(" ")),
        ValueKind::Text(Shape::Codes) => "a list of codes, `[\"04\", \"12\"]`".to_owned(),
        ValueKind::Day => "`2026-09-01`".to_owned(),
        ValueKind::Instant => "`2026-09-01T09:00:00Z`".to_owned(),
        ValueKind::Flag => "`true` or `false`".to_owned(),
        ValueKind::Number => "a number".to_owned(),
        ValueKind::Ids => "a list of numbers, `[137945]`".to_owned(),
        ValueKind::Accounts => {
            "a list of account numbers and MIS values, `[137945, \"assessor:S-1\"]`".to_owned()
        }
        ValueKind::Word(words) => format!("`{}`", words.join("`, `")),
        ValueKind::Role => ROLES
            .iter()
            .map(|row| format!("`{}`", row.name))
            .collect::<Vec<_>>()
            .join(", "),
        ValueKind::References(Referent::User(_)) => "a list of MIS values, `[S-1, S-2]`".to_owned(),
        ValueKind::References(_) => "a list of names, or of `{ id: … }`".to_owned(),
        ValueKind::Units => "a list of `{ standard: …, unit: … }`".to_owned(),
        ValueKind::Reference(referent) => {
            let forms = referent.forms();
            let plain = match (
                forms.contains(&ReferenceForm::MisId),
                forms.contains(&ReferenceForm::Name),
            ) {
                (true, true) => "MIS value or name",
                (true, false) => "MIS value",
                (false, _) => "name",
            };
            let mappings: Vec<_> = forms
                .iter()
                .map(|form| format!("`{{ {}: … }}`", form.name()))
                .collect();
            format!("{plain}, or {}", mappings.join(", "))
        }
    }
}
