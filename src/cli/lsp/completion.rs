//! What may stand at the cursor: names that OneFile has, from `.rosterctl/directory.json`, and what the project declares. It
//! names no person: users are offered by MIS value.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::cli::lsp::asked_value::referent_at;
use crate::cli::lsp::cursor::Cursor;
use crate::cli::lsp::diagnostics::is_yaml;
use crate::cli::lsp::messages::{AskedPlace, CompletionOffer, EditorAnswer};
use crate::cli::lsp::table_cell::CellFinder;
use crate::cli::lsp::text_lines::TextLines;
use crate::cli::lsp::workspace::{CheckedProject, EditorProject, Workspace};
use crate::domain::EntryKind;
use crate::domain::field::Referent;
use crate::findings::source::FileId;
use crate::manifest::tree::scalar::typed;
use crate::manifest::validate::Declarations;
use crate::project::known_names::known_names;

/// How many offers are sent at once. Typing on narrows them down.
const MOST_OFFERS: usize = 500;

/// What may stand at a place of a manifest or a CSV. The text is the one in the editor, whatever the last check has seen.
pub(super) fn completion(workspace: &Workspace, asked: &AskedPlace) -> Option<EditorAnswer> {
    let path = workspace.buffers.path(&asked.uri)?;
    let text = &workspace.buffers.get(&path)?.text;
    let lines = TextLines::new(text, workspace.setup.unit);
    let byte = lines.byte(asked.position);
    let (root, project) = workspace.project_of(&path)?;
    let spot = if is_yaml(&path.to_string_lossy()) {
        Spot::in_yaml(text, byte)?
    } else {
        let checked = project.checked.as_ref()?;
        Spot::in_table(checked, checked.file(root, &path)?, (text, byte))?
    };
    let mut names = declared_names(project, spot.referent);
    if let Some(settings) = &project.settings
        && let Some(known) = known_names(root, settings.organisation)
    {
        let age = known.age(workspace.clock.now());
        for name in known.of_referent(spot.referent) {
            let detail = format!("{} in OneFile, read {age}", words(spot.referent));
            names.entry(name.to_owned()).or_insert(detail);
        }
    }
    let range = lines.range(spot.range.start, spot.range.end);
    let mut offers = Vec::new();
    for (name, detail) in names {
        if may_complete(&spot.typed, &name) {
            let text = spot.written(&name);
            let is_quoted = spot.quote.is_some();
            offers.push(CompletionOffer {
                filter: if is_quoted {
                    text.clone()
                } else {
                    name.clone()
                },
                label: name,
                detail,
                text,
                range,
            });
        }
    }
    let is_incomplete = offers.len() > MOST_OFFERS;
    offers.truncate(MOST_OFFERS);
    Some(EditorAnswer::Offers {
        offers,
        is_incomplete,
    })
}

/// Where a name may stand.
struct Spot {
    referent: Referent,
    /// What the name is written in the place of.
    range: Range<usize>,
    /// What stands there, without quotes.
    typed: String,
    /// The quotes that are there already.
    quote: Option<char>,
    /// How cells are written, in a table.
    cells: Option<CellFinder>,
}

impl Spot {
    fn in_yaml(text: &str, byte: usize) -> Option<Self> {
        let cursor = Cursor::at(text, byte)?;
        let first = text[cursor.range.clone()].chars().next();
        Some(Self {
            referent: referent_at(&cursor)?,
            range: cursor.range,
            typed: cursor.text,
            quote: first.filter(|first| matches!(first, '"' | '\'')),
            cells: None,
        })
    }

    /// The columns are those of the last check.
    fn in_table(
        checked: &CheckedProject,
        file: FileId,
        (text, byte): (&str, usize),
    ) -> Option<Self> {
        let source = checked.sources.file(file);
        let cells = CellFinder::of(&source.text, source.grid()?)?;
        let (referent, range) = cells.cell_at(text, byte)?;
        let written = &text[range.clone()];
        Some(Self {
            referent,
            typed: written.trim().trim_matches('"').to_owned(),
            quote: written.starts_with('"').then_some('"'),
            range,
            cells: Some(cells),
        })
    }

    /// A name as it is typed here.
    fn written(&self, name: &str) -> String {
        match (&self.cells, self.quote) {
            (Some(_), Some(_)) => format!("\"{}\"", name.replace('"', "\"\"")),
            (Some(cells), None) => cells.typed(name),
            (None, quote) => in_quotes(name, quote),
        }
    }
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
