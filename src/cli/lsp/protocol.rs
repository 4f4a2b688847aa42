//! The language server protocol over stdin and stdout. The only file that knows its crates and its words.

use std::time::Duration;

use gen_lsp_types as lsp;
use lsp_server::{
    Connection, ErrorCode, IoThreads, Message, Notification, Request, RequestId, Response,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::cli::lsp::messages::{
    AskedPlace, BufferChange, ColumnUnit, CompletionOffer, EditorAnswer, EditorPosition,
    EditorQuestion, EditorRange, EditorSetup, FileDiagnostic, FilePlace, QuickFix, SchemaFindings,
};
use crate::findings::Severity;

/// What findings are said to be of.
const SOURCE: &str = "rosterctl";

/// The editor at the other end.
pub(super) struct Editor {
    connection: Connection,
    threads: IoThreads,
}

/// The name by which the editor knows a question.
pub(super) struct AskedId(RequestId);

/// What an editor says.
pub(super) enum FromEditor {
    Opened {
        uri: String,
        version: i32,
        text: String,
    },
    Changed {
        uri: String,
        version: i32,
        changes: Vec<BufferChange>,
    },
    Saved {
        uri: String,
    },
    Closed {
        uri: String,
    },
    FilesChanged(Vec<String>),
    FoldersChanged {
        added: Vec<String>,
        removed: Vec<String>,
    },
    /// It is ready for questions of its own.
    Ready,
    Asked(AskedId, EditorQuestion),
    /// What isn't understood, and why.
    Unread(Option<AskedId>, ReadFault),
    ShutDown(AskedId),
    Exit,
    /// What needs no answer.
    Other,
    /// Nothing, for some time.
    Silence,
    /// The editor is gone.
    Gone,
}

/// Why a message isn't understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadFault {
    UnknownMethod,
    BadParameters,
    ShuttingDown,
    /// A bug of rosterctl.
    Bug,
}

impl Editor {
    /// Waits until an editor has introduced itself. `None` if it is gone before that.
    pub(super) fn greet() -> Option<(Self, EditorSetup)> {
        let (connection, threads) = Connection::stdio();
        let (id, parameters) = connection.initialize_start().ok()?;
        let setup = setup(&parameters);
        let result = lsp::InitializeResult {
            capabilities: capabilities(setup.unit),
            server_info: Some(lsp::ServerInfo {
                name: SOURCE.to_owned(),
                version: Some(env!("ROSTERCTL_VERSION").to_owned()),
            }),
        };
        let editor = Self {
            connection,
            threads,
        };
        editor.send(Response::new_ok(id, result));
        Some((editor, setup))
    }

    /// What the editor says next, or that it says nothing for a while.
    pub(super) fn listen(&self, patience: Duration) -> FromEditor {
        match self.connection.receiver.recv_timeout(patience) {
            Ok(Message::Request(request)) => asked(request),
            Ok(Message::Notification(notification)) => told(notification),
            Ok(Message::Response(_)) => FromEditor::Other,
            Err(error) if error.is_timeout() => FromEditor::Silence,
            Err(_) => FromEditor::Gone,
        }
    }

    pub(super) fn answer(&self, id: AskedId, answer: EditorAnswer) {
        self.send(Response::new_ok(id.0, answered(answer)));
    }

    /// Says that a question can't be answered.
    pub(super) fn refuse(&self, id: AskedId, fault: ReadFault) {
        let (code, words) = match fault {
            ReadFault::UnknownMethod => (ErrorCode::MethodNotFound, "rosterctl doesn't know this"),
            ReadFault::BadParameters => (ErrorCode::InvalidParams, "rosterctl can't read this"),
            ReadFault::ShuttingDown => (ErrorCode::InvalidRequest, "rosterctl is shutting down"),
            ReadFault::Bug => (ErrorCode::InternalError, "this is a bug of rosterctl"),
        };
        self.send(Response::new_err(id.0, code as i32, words.to_owned()));
    }

    /// Shows the findings of a file in the place of those that were shown.
    pub(super) fn publish(&self, uri: String, version: Option<i32>, found: Vec<FileDiagnostic>) {
        let diagnostics = found.into_iter().map(diagnostic).collect();
        let parameters = lsp::PublishDiagnosticsParams {
            uri: uri.into(),
            version,
            diagnostics,
        };
        self.tell("textDocument/publishDiagnostics", parameters);
    }

    /// Writes a line to the editor's log.
    pub(super) fn log(&self, line: &str) {
        let parameters = lsp::LogMessageParams {
            kind: lsp::MessageType::Warning,
            message: line.to_owned(),
        };
        self.tell("window/logMessage", parameters);
    }

    /// Asks the editor to tell of changed files.
    pub(super) fn watch(&self, patterns: &[&str]) {
        let mut watchers = Vec::new();
        for pattern in patterns {
            watchers.push(json!({ "globPattern": pattern }));
        }
        let registration = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let request = Request::new(
            "watch".to_owned().into(),
            "client/registerCapability".to_owned(),
            json!({ "registrations": [registration] }),
        );
        self.send(request);
    }

    /// Waits until everything is written. Only after the editor has said its last word: else reading goes on.
    pub(super) fn part(self) {
        let Self {
            connection,
            threads,
        } = self;
        drop(connection);
        // An editor that is gone reads no more, and that is no failure.
        let _ = threads.join();
    }

    fn tell(&self, method: &str, parameters: impl Serialize) {
        self.send(Notification::new(method.to_owned(), parameters));
    }

    /// If the editor is gone, the next listening says so.
    fn send(&self, message: impl Into<Message>) {
        let _ = self.connection.sender.send(message.into());
    }
}

/// What an editor says of itself. What is missing or strange has its usual value.
fn setup(parameters: &Value) -> EditorSetup {
    let text_at = |path: &str| parameters.pointer(path).and_then(Value::as_str);
    let encodings = parameters.pointer("/capabilities/general/positionEncodings");
    let encodings = encodings.and_then(Value::as_array);
    // The first that both know counts.
    let mut known = encodings
        .into_iter()
        .flatten()
        .filter_map(|name| match name.as_str() {
            Some("utf-8") => Some(ColumnUnit::Utf8),
            Some("utf-16") => Some(ColumnUnit::Utf16),
            _ => None,
        });
    let folders = parameters.pointer("/workspaceFolders");
    let folders = folders.and_then(Value::as_array).into_iter().flatten();
    let folders = folders.filter_map(|folder| folder.get("uri")?.as_str());
    let mut folders: Vec<String> = folders.map(str::to_owned).collect();
    if folders.is_empty() {
        let path = text_at("/rootPath").map(|path| format!("file://{path}"));
        folders.extend(text_at("/rootUri").map(str::to_owned).or(path));
    }
    let schema_findings = parameters.pointer("/initializationOptions/schemaFindings");
    let file_first = parameters.pointer("/initializationOptions/fileFirst");
    let process = parameters.pointer("/processId").and_then(Value::as_i64);
    let watches =
        parameters.pointer("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration");
    EditorSetup {
        unit: known.next().unwrap_or_default(),
        folders,
        process: process.and_then(|process| i32::try_from(process).ok()),
        schema_findings: match schema_findings.and_then(Value::as_bool) {
            Some(false) => SchemaFindings::Elsewhere,
            Some(true) | None => SchemaFindings::Here,
        },
        file_first: file_first.and_then(Value::as_bool) == Some(true),
        can_watch_files: watches.and_then(Value::as_bool) == Some(true),
    }
}

/// What this server does.
fn capabilities(unit: ColumnUnit) -> lsp::ServerCapabilities {
    lsp::ServerCapabilities {
        position_encoding: Some(match unit {
            ColumnUnit::Utf8 => lsp::PositionEncodingKind::UTF8,
            ColumnUnit::Utf16 => lsp::PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(
            lsp::TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(lsp::TextDocumentSyncKind::Incremental),
                save: Some(true.into()),
                ..lsp::TextDocumentSyncOptions::default()
            }
            .into(),
        ),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some([" ", "[", "\"", "'"].map(str::to_owned).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        code_action_provider: Some(
            lsp::CodeActionOptions {
                code_action_kinds: Some(vec![lsp::CodeActionKind::QuickFix]),
                ..lsp::CodeActionOptions::default()
            }
            .into(),
        ),
        workspace: Some(lsp::WorkspaceOptions {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(true.into()),
            }),
            ..lsp::WorkspaceOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}

fn asked(request: Request) -> FromEditor {
    let Request { id, method, params } = request;
    let id = AskedId(id);
    let question = match method.as_str() {
        "shutdown" => return FromEditor::ShutDown(id),
        "textDocument/completion" => read(params).map(place).map(EditorQuestion::Completion),
        "textDocument/definition" => read(params).map(place).map(EditorQuestion::Definition),
        "textDocument/hover" => read(params).map(place).map(EditorQuestion::Hover),
        "textDocument/references" => {
            read(params).map(|asked: lsp::ReferenceParams| EditorQuestion::References {
                place: place(asked.text_document_position_params),
                with_declaration: asked.context.include_declaration,
            })
        }
        "textDocument/codeAction" => {
            read(params).map(|asked: QuickFixParams| EditorQuestion::QuickFixes {
                uri: asked.text_document.uri.to_string(),
                range: range(asked.range),
            })
        }
        _ => return FromEditor::Unread(Some(id), ReadFault::UnknownMethod),
    };
    match question {
        Some(question) => FromEditor::Asked(id, question),
        None => FromEditor::Unread(Some(id), ReadFault::BadParameters),
    }
}

/// Of the parameters of `textDocument/codeAction`, what is used. The diagnostics that the editor sends along may be those of
/// other servers, in forms of their own.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuickFixParams {
    text_document: lsp::TextDocumentIdentifier,
    range: lsp::Range,
}

fn told(notification: Notification) -> FromEditor {
    let Notification { method, params } = notification;
    let told =
        match method.as_str() {
            "exit" => return FromEditor::Exit,
            "initialized" => return FromEditor::Ready,
            "textDocument/didOpen" => read(params).map(|opened: lsp::DidOpenTextDocumentParams| {
                let document = opened.text_document;
                FromEditor::Opened {
                    uri: document.uri.to_string(),
                    version: document.version,
                    text: document.text,
                }
            }),
            "textDocument/didChange" => read(params).map(changed),
            "textDocument/didSave" => {
                read(params).map(|saved: lsp::DidSaveTextDocumentParams| FromEditor::Saved {
                    uri: saved.text_document.uri.to_string(),
                })
            }
            "textDocument/didClose" => read(params).map(
                |closed: lsp::DidCloseTextDocumentParams| FromEditor::Closed {
                    uri: closed.text_document.uri.to_string(),
                },
            ),
            "workspace/didChangeWatchedFiles" => {
                read(params).map(|changed: lsp::DidChangeWatchedFilesParams| {
                    let files = changed.changes.into_iter();
                    FromEditor::FilesChanged(files.map(|file| file.uri.to_string()).collect())
                })
            }
            "workspace/didChangeWorkspaceFolders" => {
                read(params).map(|changed: lsp::DidChangeWorkspaceFoldersParams| {
                    let uris = |folders: Vec<lsp::WorkspaceFolder>| {
                        let uris = folders.into_iter().map(|folder| folder.uri.to_string());
                        uris.collect()
                    };
                    FromEditor::FoldersChanged {
                        added: uris(changed.event.added),
                        removed: uris(changed.event.removed),
                    }
                })
            }
            _ => return FromEditor::Other,
        };
    told.unwrap_or(FromEditor::Unread(None, ReadFault::BadParameters))
}

fn changed(changed: lsp::DidChangeTextDocumentParams) -> FromEditor {
    use lsp::TextDocumentContentChangeEvent::{
        TextDocumentContentChangePartial as Part, TextDocumentContentChangeWholeDocument as Whole,
    };
    let mut changes = Vec::with_capacity(changed.content_changes.len());
    for change in changed.content_changes {
        changes.push(match change {
            Part(change) => BufferChange {
                range: Some(range(change.range)),
                text: change.text,
            },
            Whole(change) => BufferChange {
                range: None,
                text: change.text,
            },
        });
    }
    let document = changed.text_document;
    FromEditor::Changed {
        uri: document.text_document_identifier.uri.to_string(),
        version: document.version,
        changes,
    }
}

fn read<T: DeserializeOwned>(parameters: Value) -> Option<T> {
    serde_json::from_value(parameters).ok()
}

fn place(asked: lsp::TextDocumentPositionParams) -> AskedPlace {
    AskedPlace {
        uri: asked.text_document.uri.0,
        position: position(asked.position),
    }
}

fn position(position: lsp::Position) -> EditorPosition {
    EditorPosition {
        line: position.line,
        column: position.character,
    }
}

fn range(range: lsp::Range) -> EditorRange {
    EditorRange {
        start: position(range.start),
        end: position(range.end),
    }
}

fn position_of(position: EditorPosition) -> lsp::Position {
    lsp::Position {
        line: position.line,
        character: position.column,
    }
}

fn range_of(range: EditorRange) -> lsp::Range {
    lsp::Range {
        start: position_of(range.start),
        end: position_of(range.end),
    }
}

fn location(place: FilePlace) -> lsp::Location {
    lsp::Location {
        uri: place.uri.into(),
        range: range_of(place.range),
    }
}

fn diagnostic(found: FileDiagnostic) -> lsp::Diagnostic {
    let mut related = Vec::new();
    for (place, message) in found.related {
        related.push(lsp::DiagnosticRelatedInformation {
            location: location(place),
            message,
        });
    }
    lsp::Diagnostic {
        range: range_of(found.range),
        severity: Some(match found.severity {
            Severity::Error => lsp::DiagnosticSeverity::Error,
            Severity::Warning => lsp::DiagnosticSeverity::Warning,
        }),
        code: Some(found.code.to_owned().into()),
        source: Some(SOURCE.to_owned()),
        message: found.message.into(),
        related_information: (!related.is_empty()).then_some(related),
        ..lsp::Diagnostic::default()
    }
}

fn answered(answer: EditorAnswer) -> Value {
    let value = match answer {
        EditorAnswer::Nothing => Ok(Value::Null),
        EditorAnswer::Offers {
            offers,
            is_incomplete,
        } => serde_json::to_value(lsp::CompletionList {
            is_incomplete,
            items: offers.into_iter().map(offer).collect(),
            ..lsp::CompletionList::default()
        }),
        EditorAnswer::Places(places) => {
            serde_json::to_value(places.into_iter().map(location).collect::<Vec<_>>())
        }
        EditorAnswer::Hover { markdown, range } => serde_json::to_value(lsp::Hover {
            contents: lsp::MarkupContent {
                kind: lsp::MarkupKind::Markdown,
                value: markdown,
            }
            .into(),
            range: Some(range_of(range)),
        }),
        EditorAnswer::Fixes(fixes) => {
            serde_json::to_value(fixes.into_iter().map(action).collect::<Vec<_>>())
        }
    };
    value.unwrap_or_default()
}

fn offer(offer: CompletionOffer) -> lsp::CompletionItem {
    lsp::CompletionItem {
        label: offer.label,
        kind: Some(lsp::CompletionItemKind::Value),
        detail: Some(offer.detail),
        filter_text: Some(offer.filter),
        text_edit: Some(
            lsp::TextEdit {
                range: range_of(offer.range),
                new_text: offer.text,
            }
            .into(),
        ),
        ..lsp::CompletionItem::default()
    }
}

fn action(fix: QuickFix) -> lsp::CodeAction {
    let mut edits = Vec::with_capacity(fix.edits.len());
    for (range, new_text) in fix.edits {
        edits.push(lsp::TextEdit {
            range: range_of(range),
            new_text,
        });
    }
    let answers: Vec<_> = fix.answers.into_iter().map(diagnostic).collect();
    lsp::CodeAction {
        title: fix.title,
        kind: Some(lsp::CodeActionKind::QuickFix),
        diagnostics: (!answers.is_empty()).then_some(answers),
        is_preferred: fix.is_preferred.then_some(true),
        edit: Some(lsp::WorkspaceEdit {
            changes: Some([(fix.uri.into(), edits)].into()),
            ..lsp::WorkspaceEdit::default()
        }),
        ..lsp::CodeAction::default()
    }
}
