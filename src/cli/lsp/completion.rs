//! What may stand at the cursor: names that OneFile has, from `.rosterctl/directory.json`, and what the project declares. It
//! names no person: users are offered by MIS value.

use std::collections::BTreeMap;

use crate::cli::lsp::asked_value::referent_at;
use crate::cli::lsp::cursor::Cursor;
use crate::cli::lsp::diagnostics::is_yaml;
use crate::cli::lsp::messages::{AskedPlace, CompletionOffer, EditorAnswer};
use crate::cli::lsp::text_lines::TextLines;
use crate::cli::lsp::workspace::{EditorProject, Workspace};
use crate::domain::EntryKind;
use crate::domain::field::Referent;
use crate::manifest::tree::scalar::typed;
use crate::manifest::validate::Declarations;
use crate::project::known_names::known_names;

/// How many offers are sent at once. Typing on narrows them down.
const MOST_OFFERS: usize = 500;

/// What may stand at a place of a manifest. The text is the one in the editor, whatever the last check has seen.
pub(super) fn completion(workspace: &Workspace, asked: &AskedPlace) -> Option<EditorAnswer> {
    let path = workspace.buffers.path(&asked.uri)?;
    let buffer = workspace.buffers.get(&path)?;
    if !is_yaml(&path.to_string_lossy()) {
        return None;
    }
    let lines = TextLines::new(&buffer.text, workspace.setup.unit);
    let cursor = Cursor::at(&buffer.text, lines.byte(asked.position))?;
    let referent = referent_at(&cursor)?;
    let (root, project) = workspace.project_of(&path)?;
    let mut names = declared_names(project, referent);
    if let Some(settings) = &project.settings
        && let Some(known) = known_names(root, settings.organisation)
    {
        let age = known.age(workspace.clock.now());
        for name in known.of_referent(referent) {
            let detail = format!("{} in OneFile, read {age}", words(referent));
            names.entry(name.to_owned()).or_insert(detail);
        }
    }
    let written = &buffer.text[cursor.range.clone()];
    let quote = written
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    let range = lines.range(cursor.range.start, cursor.range.end);
    let mut offers = Vec::new();
    let mut is_incomplete = false;
    for (name, detail) in names {
        if !may_complete(&cursor.text, &name) {
            continue;
        }
        if offers.len() == MOST_OFFERS {
            is_incomplete = true;
            break;
        }
        let text = in_quotes(&name, quote);
        offers.push(CompletionOffer {
            filter: quote.map_or_else(|| name.clone(), |_| text.clone()),
            label: name,
            detail,
            text,
            range,
        });
    }
    Some(EditorAnswer::Offers {
        offers,
        is_incomplete,
    })
}

/// Whether what is typed may become a name: its letters are in the name, in their order.
fn may_complete(typed: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let mut letters = name.chars();
    let typed = typed.to_lowercase();
    typed
        .chars()
        .all(|letter| letters.any(|other| other == letter))
}

/// The name as it is typed, in the quotes that are there already.
fn in_quotes(name: &str, quote: Option<char>) -> String {
    match quote {
        Some('\'') => format!("'{}'", name.replace('\'', "''")),
        Some(_) => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
        None => typed(name),
    }
}

/// What the project declares, with what it is: also in a file that is half typed, as it was before.
fn declared_names(project: &EditorProject, referent: Referent) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for checked in project.former.iter().chain(&project.checked) {
        if let Some(declarations) = &checked.declarations {
            add_names(declarations, referent, &mut names);
        }
    }
    names
}

fn add_names(
    declarations: &Declarations,
    referent: Referent,
    names: &mut BTreeMap<String, String>,
) {
    if let Some(kind) = EntryKind::of_referent(referent) {
        for (name, _) in declarations.entry_names(kind) {
            names.insert(name.to_owned(), format!("{} of this project", kind.word()));
        }
    }
    if let Referent::User(roles) = referent {
        for person in declarations.people_of(roles) {
            if let (Some(mis_id), Some(role)) = (person.mis_id, person.role) {
                let detail = format!("{} of this project", role.row().words);
                names.insert(mis_id.to_owned(), detail);
            }
        }
    }
}

/// What a name is one of.
fn words(referent: Referent) -> &'static str {
    match referent {
        Referent::Classroom => "classroom",
        Referent::Placement => "placement",
        Referent::Provider => "provider",
        Referent::LearnerStatus => "learner status",
        Referent::Standard => "standard",
        Referent::FrameworkTemplate => "framework template",
        Referent::User(_) => "account",
    }
}
