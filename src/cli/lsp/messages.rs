//! What an editor and rosterctl tell each other, without the words of the protocol.

use crate::findings::Severity;

/// A place in a text as editors count: lines and columns from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EditorPosition {
    pub(super) line: u32,
    /// In the unit that was agreed on.
    pub(super) column: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EditorRange {
    pub(super) start: EditorPosition,
    pub(super) end: EditorPosition,
}

/// What columns are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ColumnUnit {
    Utf8,
    /// What every editor knows.
    #[default]
    Utf16,
}

/// What an editor says of itself when it starts the server.
#[derive(Clone, Debug, Default)]
pub(super) struct EditorSetup {
    pub(super) unit: ColumnUnit,
    /// The addresses of the open folders.
    pub(super) folders: Vec<String>,
    pub(super) process: Option<i32>,
    /// Whether findings that the JSON Schema shows are said here, too.
    pub(super) schema_findings: SchemaFindings,
    /// Whether the file that a person types in is looked at first, also in a project that is quick to look at.
    pub(super) file_first: bool,
    /// Whether it tells of changed files if it is asked to.
    pub(super) can_watch_files: bool,
}

/// Who shows the findings that the JSON Schema of a file's first lines finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SchemaFindings {
    #[default]
    Here,
    /// yaml-language-server shows them.
    Elsewhere,
}

/// A change of an open text; without a range, the whole text.
#[derive(Clone, Debug)]
pub(super) struct BufferChange {
    pub(super) range: Option<EditorRange>,
    pub(super) text: String,
}

/// A place that an editor asks about.
#[derive(Clone, Debug)]
pub(super) struct AskedPlace {
    pub(super) uri: String,
    pub(super) position: EditorPosition,
}

/// What an editor asks.
#[derive(Clone, Debug)]
pub(super) enum EditorQuestion {
    Completion(AskedPlace),
    Definition(AskedPlace),
    References {
        place: AskedPlace,
        with_declaration: bool,
    },
    Hover(AskedPlace),
    QuickFixes {
        uri: String,
        range: EditorRange,
    },
}

/// What it is answered.
#[derive(Clone, Debug)]
pub(super) enum EditorAnswer {
    Nothing,
    Offers {
        offers: Vec<CompletionOffer>,
        is_incomplete: bool,
    },
    Places(Vec<FilePlace>),
    Hover {
        markdown: String,
        range: EditorRange,
    },
    Fixes(Vec<QuickFix>),
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FilePlace {
    pub(super) uri: String,
    pub(super) range: EditorRange,
}

/// A finding in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileDiagnostic {
    pub(super) range: EditorRange,
    pub(super) severity: Severity,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Other places, and what they have to do with it.
    pub(super) related: Vec<(FilePlace, String)>,
}

/// A text that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CompletionOffer {
    pub(super) label: String,
    pub(super) detail: String,
    /// What is typed for it, and in the place of what.
    pub(super) text: String,
    pub(super) range: EditorRange,
    /// What the typed text is compared with.
    pub(super) filter: String,
}

/// A change that answers findings of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QuickFix {
    pub(super) title: String,
    pub(super) uri: String,
    /// The version of the text that the edits are for, if it is open.
    pub(super) version: Option<i32>,
    pub(super) edits: Vec<(EditorRange, String)>,
    pub(super) answers: Vec<FileDiagnostic>,
    /// Whether it is the one right answer.
    pub(super) is_preferred: bool,
}
