//! What a field means, and where its value comes from: the user's own key, a default, or a table.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::cli::lsp::asked_value::{AskedFile, AskedValue};
use crate::cli::lsp::diagnostics::{is_said_by_schema, is_yaml};
use crate::cli::lsp::messages::{AskedPlace, EditorAnswer};
use crate::cli::lsp::text_lines::TextLines;
use crate::cli::lsp::workspace::Workspace;
use crate::domain::field::Key;
use crate::domain::{UserName, nfc};
use crate::findings::source::Span;
use crate::manifest::declared_lookup::DeclaredPerson;
use crate::manifest::validate::Declarations;
use crate::project::settings::PROJECT_FILE;
use crate::render::count;

pub(super) fn hover(workspace: &Workspace, place: &AskedPlace) -> Option<EditorAnswer> {
    let asked = AskedFile::of(workspace, place)?;
    let value = AskedValue::of(&asked)?;
    let mut paragraphs = Vec::new();
    let is_yaml = is_yaml(&asked.path.to_string_lossy());
    // yaml-language-server shows the meaning where the file names the schema.
    if !is_yaml || !is_said_by_schema(workspace, asked.text(), asked.byte) {
        let meaning = match value.entry {
            Some(kind) => kind.meaning(value.key),
            None => value.key.row().meaning,
        };
        paragraphs.push(format!("`{}`: {meaning}", value.key.name()));
    }
    if let Some(declarations) = &asked.checked.declarations {
        paragraphs.extend(origin(&asked, &value, declarations));
        if value.names_person() && value.key != Key::MisId {
            paragraphs.push(who(&asked, &value, declarations));
        }
    }
    if paragraphs.is_empty() {
        return None;
    }
    let lines = TextLines::new(asked.text(), workspace.setup.unit);
    Some(EditorAnswer::Hover {
        markdown: paragraphs.join("\n\n"),
        range: lines.range(value.range.start, value.range.end),
    })
}

/// Where the value of this field comes from; of the MIS value, where every field of the user comes from.
fn origin(
    asked: &AskedFile<'_>,
    value: &AskedValue,
    declarations: &Declarations,
) -> Option<String> {
    if value.entry.is_some() {
        return None;
    }
    if value.is_default {
        return default_use(asked, value, declarations);
    }
    let person = person_at(asked, value, declarations)?;
    let fields = declarations.fields_at(person.place.file, person.place.start);
    if value.key == Key::MisId {
        return Some(all_origins(asked, &person, &fields));
    }
    let (_, span) = fields.iter().find(|(key, _)| *key == value.key)?;
    Some(format!(
        "It comes from {}.",
        source_of(asked, &person, *span)
    ))
}

/// The user who is declared at the place, or whom a row of an overlay is about.
fn person_at<'d>(
    asked: &AskedFile<'_>,
    value: &AskedValue,
    declarations: &'d Declarations,
) -> Option<DeclaredPerson<'d>> {
    if let Some(person) = declarations.person_at(asked.file, asked.offset()) {
        return Some(person);
    }
    let source = asked.checked.sources.file(asked.file);
    let (row, _) = source.grid()?.cell_with(asked.offset())?;
    let mut keys = source.grid()?.cells_under(Key::MisId.name());
    let key = keys.find(|cell| {
        let cell_row = asked.checked.sources.cell(*cell);
        cell_row.is_some_and(|(number, _)| number == row)
    })?;
    let text = source.text.get(key.start as usize..key.end as usize)?;
    let name = nfc(text.trim().trim_matches('"'));
    let called = declarations.called(UserName::of(&name));
    called.into_iter().next().filter(|_| !value.is_key)
}

/// How many users a default serves.
fn default_use(
    asked: &AskedFile<'_>,
    value: &AskedValue,
    declarations: &Declarations,
) -> Option<String> {
    if value.is_key {
        return None;
    }
    let place = Span::new(asked.file, value.range.start, value.range.end);
    let users = declarations.users_of(value.key, place);
    Some(match users {
        0 => "No user takes this default.".to_owned(),
        _ => format!("{} this default.", takes(users)),
    })
}

fn takes(users: usize) -> String {
    count(users, "user takes", "users take")
}

/// A line for each place that fields of a user come from.
fn all_origins(
    asked: &AskedFile<'_>,
    person: &DeclaredPerson<'_>,
    fields: &[(Key, Span)],
) -> String {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, span) in fields {
        let source = source_of(asked, person, *span);
        let names = places.entry(source).or_default();
        names.push(format!("`{}`", key.name()));
    }
    let mut text = "The fields of this user come from:\n".to_owned();
    for (place, names) in places {
        let _ = write!(text, "\n- {place}: {}", names.join(", "));
    }
    text
}

/// A place of a value in words.
fn source_of(asked: &AskedFile<'_>, person: &DeclaredPerson<'_>, span: Span) -> String {
    let sources = &asked.checked.sources;
    let file = sources.file(span.file);
    let is_own = span.file == person.place.file
        && person.place.start <= span.start
        && span.end <= person.place.end;
    if let Some((row, column)) = sources.cell(span) {
        let column = column.map_or_else(String::new, |column| {
            format!(", column `{}`", column.header)
        });
        let kind = if is_own { "the table" } else { "the overlay" };
        return format!("{kind} {}, row {row}{column}", file.name);
    }
    let line = file.line_of(span.start);
    if is_own {
        "the user's own keys".to_owned()
    } else if &*file.name == PROJECT_FILE {
        format!("the defaults of {PROJECT_FILE}, line {line}")
    } else {
        format!("the defaults of {}, line {line}", file.name)
    }
}

/// Who is meant by a MIS value.
fn who(asked: &AskedFile<'_>, value: &AskedValue, declarations: &Declarations) -> String {
    let name = nfc(value.text.trim());
    let mut known = Vec::new();
    for person in declarations.called(UserName::of(&name)) {
        let role = person.role.map_or("a user", |role| role.row().words);
        let place = asked.checked.sources.place(person.identity);
        known.push(format!(
            "{role}, declared in {}, line {}",
            place.file, place.line
        ));
    }
    if known.is_empty() {
        return "This project declares no such user.".to_owned();
    }
    known.join("; ")
}
