//! Go to definition, and find references: of a person by MIS value, and of placements and classrooms by name.

use crate::cli::lsp::asked_value::{AskedFile, AskedValue, narrowed};
use crate::cli::lsp::diagnostics::Places;
use crate::cli::lsp::messages::{AskedPlace, FilePlace};
use crate::cli::lsp::workspace::Workspace;
use crate::domain::field::Key;
use crate::domain::{EntryKind, UserName, nfc};
use crate::findings::source::Span;
use crate::manifest::declared_lookup::{DeclaredPerson, serving_roles};
use crate::manifest::validate::Declarations;

/// Where what is named at a place is declared.
pub(super) fn definition(workspace: &Workspace, place: &AskedPlace) -> Option<Vec<FilePlace>> {
    let asked = AskedFile::of(workspace, place)?;
    let value = AskedValue::of(&asked)?;
    let declarations = asked.checked.declarations.as_ref()?;
    let spans: Vec<Span> = if value.names_person() {
        let people = meant(declarations, &value);
        people.iter().map(|person| person.identity).collect()
    } else {
        entries(declarations, &value)
    };
    Some(in_files(workspace, &asked, spans))
}

/// Where the person at a place is named, with the rows about them.
pub(super) fn references(
    workspace: &Workspace,
    place: &AskedPlace,
    with_declaration: bool,
) -> Option<Vec<FilePlace>> {
    let asked = AskedFile::of(workspace, place)?;
    let value = AskedValue::of(&asked)?;
    if !value.names_person() {
        return None;
    }
    let declarations = asked.checked.declarations.as_ref()?;
    let people = match declarations.person_at(asked.file, asked.offset()) {
        Some(person) if value.key == Key::MisId => vec![person],
        Some(_) | None => meant(declarations, &value),
    };
    let mut spans = Vec::new();
    for person in &people {
        let Some(mis_id) = person.mis_id else {
            continue;
        };
        for span in declarations.naming(mis_id, person.role) {
            let text = &asked.checked.sources.file(span.file).text;
            spans.push(narrowed(text, span, mis_id));
        }
        spans.extend(rows_about(&asked, person));
    }
    let declared: Vec<Span> = people.iter().map(|person| person.identity).collect();
    spans.retain(|span| !declared.contains(span));
    if with_declaration {
        spans.extend(declared);
    }
    Some(in_files(workspace, &asked, spans))
}

/// The declared people whom a value means. A reference means those who can serve, if there are any.
fn meant<'d>(declarations: &'d Declarations, value: &AskedValue) -> Vec<DeclaredPerson<'d>> {
    let name = nfc(value.text.trim());
    let called = declarations.called(UserName::of(&name));
    let Some(serving) = serving_roles(value.key) else {
        return called;
    };
    let serves =
        |person: &DeclaredPerson<'_>| person.role.is_some_and(|role| serving.contains(&role));
    let able: Vec<_> = called.iter().copied().filter(serves).collect();
    if able.is_empty() { called } else { able }
}

/// Where a placement or a classroom of this name is declared.
fn entries(declarations: &Declarations, value: &AskedValue) -> Vec<Span> {
    let kind = value.key.row().referent().and_then(EntryKind::of_referent);
    let Some(kind) = kind.filter(|_| !value.is_key) else {
        return Vec::new();
    };
    let name = nfc(value.text.trim());
    let names = declarations.entry_names(kind).into_iter();
    let called = names.filter(|(declared, _)| *declared == name);
    called.map(|(_, span)| span).collect()
}

/// The cells of tables that have a person's MIS value in its column.
fn rows_about(asked: &AskedFile<'_>, person: &DeclaredPerson<'_>) -> Vec<Span> {
    let mut rows = Vec::new();
    for id in asked.checked.sources.ids() {
        let source = asked.checked.sources.file(id);
        let Some(grid) = source.grid() else {
            continue;
        };
        for cell in grid.cells_under(Key::MisId.name()) {
            let text = &source.text[cell.start as usize..cell.end as usize];
            let name = nfc(text.trim().trim_matches('"'));
            let is_meant = match (person.mis_id, person.role) {
                (Some(mis_id), Some(role)) => UserName::of(&name).means(role, mis_id),
                (mis_id, _) => mis_id == Some(&*name),
            };
            if is_meant {
                rows.push(cell);
            }
        }
    }
    rows
}

fn in_files(workspace: &Workspace, asked: &AskedFile<'_>, spans: Vec<Span>) -> Vec<FilePlace> {
    let mut places = Places::new(workspace, asked.root, asked.checked);
    let mut found: Vec<FilePlace> = spans.into_iter().map(|span| places.place(span)).collect();
    found.sort_unstable();
    found.dedup();
    found
}
