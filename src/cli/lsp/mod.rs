//! `lsp`: what `validate` finds, as people type. A thin shell over the check of a project, with the texts of the editor in the
//! place of those on disk. It has no token and sends no request; `protocol` alone knows the protocol.

mod addresses;
mod asked_value;
mod buffers;
mod completion;
mod cursor;
mod diagnostics;
mod glance;
mod hover;
mod messages;
mod people;
mod protocol;
mod quick_fixes;
mod single_file;
mod table_cell;
mod text_lines;
mod workspace;

use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::apply::platform::is_alive;
use crate::cli::context::{CommandResult, Context};
use crate::cli::exit::Exit;
use crate::cli::lsp::messages::{EditorAnswer, EditorQuestion};
use crate::cli::lsp::protocol::{AskedId, Editor, FromEditor, ReadFault};
use crate::cli::lsp::workspace::Workspace;

/// How long a pause in typing is, after which the project is looked at.
const PAUSE: Duration = Duration::from_millis(40);
/// How long a pause is after which a project is looked at that takes long.
const REST: Duration = Duration::from_millis(400);
/// How often it is looked whether the editor is still there.
const PATIENCE: Duration = Duration::from_secs(5);
/// After so many messages without a pause the project is looked at all the same.
const MOST_UNSEEN: usize = 50;

/// What the editor tells of if it can: the files that a check reads.
const WATCHED: &[&str] = &[
    "**/*.{yaml,yml,csv,xlsx,ods}",
    "**/.rosterctl/directory.json",
];

/// Serves an editor until it is gone.
pub(super) fn run(context: &Context<'_>) -> CommandResult {
    if std::io::stdin().is_terminal() {
        context.ui.say(
            "Your editor starts this command: docs/editor-server.md says how. Ctrl-C ends it.",
        );
    }
    let Some((editor, setup)) = Editor::greet() else {
        return Ok(Exit::Failed);
    };
    let process = setup.process;
    let environment = context.environment.clone();
    let mut server = Server {
        workspace: Workspace::new(setup, context.clock, environment),
        editor,
        unseen: 0,
        is_shut_down: false,
    };
    loop {
        let patience = match (server.workspace.is_stale(), server.workspace.has_glanced()) {
            (false, _) => PATIENCE,
            (true, true) => REST,
            (true, false) => PAUSE,
        };
        match server.editor.listen(patience) {
            FromEditor::Exit => {
                let is_proper = server.is_shut_down;
                server.editor.part();
                return Ok(if is_proper { Exit::Done } else { Exit::Failed });
            }
            FromEditor::Gone => {
                server.editor.part();
                return Ok(Exit::Done);
            }
            FromEditor::Silence if !server.workspace.is_stale() => {
                if process.is_some_and(|process| !is_alive(process)) {
                    return Ok(Exit::Done);
                }
            }
            said => server.hear(said),
        }
    }
}

struct Server {
    workspace: Workspace,
    editor: Editor,
    /// How many messages came since the projects were looked at.
    unseen: usize,
    /// Whether the editor has said that it will end.
    is_shut_down: bool,
}

impl Server {
    /// Does what a message asks for. A bug ends the message, and not the server.
    fn hear(&mut self, said: FromEditor) {
        self.unseen += 1;
        match said {
            FromEditor::Asked(id, _) if self.is_shut_down => {
                self.editor.refuse(id, ReadFault::ShuttingDown);
            }
            FromEditor::Asked(id, question) => self.reply(id, &question),
            FromEditor::ShutDown(id) => {
                self.is_shut_down = true;
                self.editor.answer(id, EditorAnswer::Nothing);
            }
            FromEditor::Unread(Some(id), fault) => self.editor.refuse(id, fault),
            FromEditor::Unread(None, _) => {
                self.editor
                    .log("rosterctl can't read a message of this editor");
            }
            FromEditor::Ready => {
                if self.workspace.setup.can_watch_files {
                    self.editor.watch(WATCHED);
                }
            }
            FromEditor::Silence if self.workspace.may_glance() => self.glance(),
            FromEditor::Silence => self.refresh(),
            other => {
                self.try_to("take up a change", |server| server.note(other));
            }
        }
        if self.unseen > MOST_UNSEEN {
            self.refresh();
        }
    }

    /// Takes up what has changed.
    fn note(&mut self, said: FromEditor) {
        let workspace = &mut self.workspace;
        let path = match said {
            FromEditor::Opened { uri, version, text } => workspace.buffers.open(uri, version, text),
            FromEditor::Changed {
                uri,
                version,
                changes,
            } => {
                let changes = (changes.as_slice(), workspace.setup.unit);
                if let Some(path) = workspace.buffers.change(&uri, version, changes) {
                    workspace.touch_text(path);
                }
                None
            }
            FromEditor::Saved { uri } => workspace.buffers.path(&uri),
            FromEditor::Closed { uri } => workspace.buffers.close(&uri),
            FromEditor::FilesChanged(uris) => {
                workspace.touch_files(&uris);
                None
            }
            FromEditor::FoldersChanged { added, removed } => {
                workspace.change_folders(&added, &removed);
                None
            }
            FromEditor::Ready
            | FromEditor::Asked(..)
            | FromEditor::Unread(..)
            | FromEditor::ShutDown(_)
            | FromEditor::Exit
            | FromEditor::Other
            | FromEditor::Silence
            | FromEditor::Gone => None,
        };
        if let Some(path) = path {
            workspace.touch(&path);
        }
    }

    fn reply(&mut self, id: AskedId, question: &EditorQuestion) {
        // Completion looks at the text itself, and takes names from the last check: it comes with every key.
        let is_quick = match question {
            EditorQuestion::Completion(place) => self.workspace.has_looked_at(&place.uri),
            EditorQuestion::Definition(_)
            | EditorQuestion::References { .. }
            | EditorQuestion::Hover(_)
            | EditorQuestion::QuickFixes { .. } => false,
        };
        if !is_quick {
            self.refresh();
        }
        match self.try_to("answer", |server| answer(&server.workspace, question)) {
            Some(answer) => self.editor.answer(id, answer),
            None => self.editor.refuse(id, ReadFault::Bug),
        }
    }

    /// Looks at the file that somebody types in, and tells the editor.
    fn glance(&mut self) {
        let news = self.try_to("check a file", |server| server.workspace.glance());
        for file in news.into_iter().flatten() {
            self.editor
                .publish(file.uri, file.version, file.diagnostics);
        }
    }

    /// Looks at what has changed, and tells the editor.
    fn refresh(&mut self) {
        self.unseen = 0;
        let news = self.try_to("check a project", |server| server.workspace.refresh());
        for file in news.into_iter().flatten() {
            self.editor
                .publish(file.uri, file.version, file.diagnostics);
        }
    }

    /// Does something; `None` if that is a bug, which the editor's log then names.
    fn try_to<T>(&mut self, what: &str, act: impl FnOnce(&mut Self) -> T) -> Option<T> {
        match caught(what, || act(self)) {
            Ok(done) => Some(done),
            Err(line) => {
                self.workspace.forgive();
                self.editor.log(&line);
                None
            }
        }
    }
}

/// Does something; a bug becomes a line for the editor's log, which says nothing of the texts.
fn caught<T>(what: &str, act: impl FnOnce() -> T) -> Result<T, String> {
    let done = catch_unwind(AssertUnwindSafe(act));
    done.map_err(|_| {
        format!("rosterctl couldn't {what}: this is a bug of rosterctl, and it goes on")
    })
}

fn answer(workspace: &Workspace, question: &EditorQuestion) -> EditorAnswer {
    let found = match question {
        EditorQuestion::Completion(place) => completion::completion(workspace, place),
        EditorQuestion::Definition(place) => {
            people::definition(workspace, place).map(EditorAnswer::Places)
        }
        EditorQuestion::References {
            place,
            with_declaration,
        } => people::references(workspace, place, *with_declaration).map(EditorAnswer::Places),
        EditorQuestion::Hover(place) => hover::hover(workspace, place),
        EditorQuestion::QuickFixes { uri, range } => {
            quick_fixes::quick_fixes(workspace, uri, *range).map(EditorAnswer::Fixes)
        }
    };
    found.unwrap_or(EditorAnswer::Nothing)
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_bug_is_a_line_in_the_log() {
        assert_eq!(caught("answer", || 5), Ok(5));
        let text = "Lake";
        let line = caught("answer", || text.parse::<i32>().expect(text)).unwrap_err();
        assert!(
            line.contains("couldn't answer") && !line.contains(text),
            "{line}"
        );
    }
}
