//! `explain`: fields, roles and codes in words, from the tables that everything else reads.

use crate::domain::field::{
    Class, FIELDS, Field, ROLES, ReferenceForm, Referent, Role, RoleRow, SettableWhen, Shape,
    ValueKind,
};
use crate::findings::suggest::nearest;
use crate::findings::{Rule, Severity};
use crate::manifest::rules::RULES;
use crate::render::words::{listed, wrapped};

/// How wide the column of names is; a longer one stands on a line of its own.
const NAMES: usize = 20;
/// The columns of a line.
const WIDTH: usize = 80;

/// What a word stands for; if it stands for nothing, what was probably meant.
pub fn explanation(word: &str) -> Result<String, Option<&'static str>> {
    let is_it = |name: &str| name.eq_ignore_ascii_case(word);
    if let Some(row) = RULES.iter().find(|row| is_it(row.name)) {
        return Ok(code(row));
    }
    if let Some(field) = FIELDS
        .iter()
        .find(|field| is_it(field.name) || field.api.is_some_and(is_it))
    {
        return Ok(of_field(field));
    }
    if let Some(row) = ROLES.iter().find(|row| is_it(row.name)) {
        return Ok(role(row));
    }
    let codes = RULES.iter().map(|row| row.name);
    Err(nearest(
        word,
        codes
            .chain(FIELDS.iter().map(|field| field.name))
            .chain(ROLES.iter().map(|row| row.name)),
    ))
}

/// Every field, role and code, a line each.
pub fn everything() -> String {
    let fields = FIELDS.iter().map(|field| (field.name, field.meaning));
    let roles = ROLES.iter().map(|row| (row.name, row.meaning));
    let codes = RULES.iter().map(|row| (row.name, row.meaning));
    let line = |(name, meaning): &(&str, &str)| {
        let fits = name.len() < NAMES;
        let head = if fits {
            format!("  {name:NAMES$}")
        } else {
            format!("  {name}\n{:1$}", "", NAMES + 2)
        };
        wrapped(meaning, &head, NAMES + 2, WIDTH)
    };
    let part = |title: &str, rows: Vec<(&str, &str)>| {
        format!("{title}\n{}\n", rows.iter().map(line).collect::<String>())
    };
    part("Fields of a user:", fields.collect())
        + &part("Roles:", roles.collect())
        + &part("Codes of findings:", codes.collect())
        + "`rosterctl explain WORD` says more.\n"
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
    for paragraph in row.explanation.split("\n\n") {
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
    let names = |roles: &[Role]| match roles.len() {
        all if all == ROLES.len() => "all".to_owned(),
        0 => "none".to_owned(),
        _ => listed(&roles.iter().map(|role| role.name()).collect::<Vec<_>>()),
    };
    let sent = match field.settable {
        SettableWhen::Always => "with creates and updates",
        SettableWhen::OnCreate => "with creates alone",
        SettableWhen::Never => "never",
    };
    let class = match field.class {
        Class::Public => "public: shown to whoever sees a plan",
        Class::Personal => "personal: shown on a terminal alone",
        Class::Special => "special: shown on request alone",
    };
    let rows = [
        ("takes", takes(field.kind)),
        ("roles that have it", names(field.roles)),
        ("creates that need it", names(field.mandatory)),
        ("is sent", sent.to_owned()),
        ("name in OneFile", field.api.unwrap_or("none").to_owned()),
        ("class", class.to_owned()),
    ];
    for (name, value) in rows {
        text += &wrapped(&value, &format!("  {name:22}"), 24, WIDTH);
    }
    text
}

fn role(row: &RoleRow) -> String {
    let keys = |wanted: &dyn Fn(&Field) -> bool| {
        let names: Vec<_> = FIELDS
            .iter()
            .filter(|field| wanted(field))
            .map(|field| field.name)
            .collect();
        if names.is_empty() {
            "nothing".to_owned()
        } else {
            listed(&names)
        }
    };
    let serves = |field: &Field| matches!(field.referent(), Some(Referent::User(able)) if able.contains(&row.role));
    let rows = [
        (
            "a create needs",
            keys(&|field| field.is_mandatory_for(row.role)),
        ),
        (
            "may have",
            keys(&|field| field.is_of(row.role) && !field.is_mandatory_for(row.role)),
        ),
        ("can be", keys(&serves)),
        ("number in OneFile", row.api.to_string()),
    ];
    let mut text = format!("{}: a role\n\n{}\n\n", row.name, row.meaning);
    for (name, value) in rows.into_iter().filter(|(_, value)| value != "nothing") {
        text += &wrapped(&value, &format!("  {name:19}"), 21, WIDTH);
    }
    text
}

/// What a field takes, as people write it.
pub fn takes(kind: ValueKind) -> String {
    match kind {
        ValueKind::Text(Shape::Free) => "text".to_owned(),
        ValueKind::Text(Shape::Email) => "e-mail address".to_owned(),
        ValueKind::Text(Shape::Uln) => "ten digits, quoted".to_owned(),
        ValueKind::Text(Shape::Nino) => "`QQ123456C`".to_owned(),
        ValueKind::Text(Shape::Code(codes)) => format!("a code, quoted: {}", codes.join(" ")),
        ValueKind::Day => "`2026-09-01`".to_owned(),
        ValueKind::Instant => "`2026-09-01T09:00:00Z`".to_owned(),
        ValueKind::Flag => "`true` or `false`".to_owned(),
        ValueKind::Number => "a number".to_owned(),
        ValueKind::Ids => "a list of numbers, `[137945]`".to_owned(),
        ValueKind::Role => ROLES
            .iter()
            .map(|row| format!("`{}`", row.name))
            .collect::<Vec<_>>()
            .join(", "),
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
