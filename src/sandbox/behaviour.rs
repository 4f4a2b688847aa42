//! The switches of the emulated service: how it behaves where the real one isn't known, and its limits.

use std::time::Duration;

use crate::findings::Finding;
use crate::manifest::rules::unknown_word;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::sandbox::assignment_behaviour::AssignmentBehaviour;
use crate::sandbox::modified::ModifiedBehaviour;
use crate::sandbox::stored_text::{STORED_TEXTS, StoredText};
use crate::sandbox::table::{ARCHIVED, StoredTable};
use crate::sandbox::yaml_args::{choice, count, flag, texts, unknown_keys};

/// How the server behaves. Whatever `docs/onefile-api.md` only assumes (marked **A**) is a switch here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// A page never holds more rows, whatever size was asked for.
    pub page_cap: usize,
    pub search_rows: SearchRows,
    pub archived: ArchivedUsers,
    /// How a user shows whether it is archived.
    pub archived_flag: ArchivedFlag,
    /// Whether a user who comes back from the archive still has a classroom.
    pub unarchive_keeps_classroom: bool,
    /// The form in which texts of people are stored.
    pub stored_texts: StoredText,
    /// The status that answers an update.
    pub update_answer: UpdateAnswer,
    /// When users were last modified, and how searches go by it.
    pub last_modified: ModifiedBehaviour,
    /// How standards, units and the like are assigned.
    pub assignments: AssignmentBehaviour,
    /// Fields that are accepted and never shown, by their API names.
    pub never_shown: Vec<String>,
    /// Calls a minute and customer token; `None` for no limit.
    pub rate_limit: Option<u32>,
    /// Whether a 429 says how long to wait.
    pub retry_after: bool,
    /// How many calls a session key is good for. It expires after 24 hours anyway.
    pub session_calls: Option<u64>,
    /// Every call is answered with 503.
    pub maintenance: bool,
    /// How long every answer takes.
    pub latency: Duration,
    /// Customer tokens that are accepted in addition to `sandbox`.
    pub tokens: Vec<String>,
}

/// What a search row of users shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchRows {
    /// `ID, FirstName, LastName, MISID`; paged searches also show these.
    Brief(Vec<String>),
    /// Paged searches show all that `GET /User/{id}` does.
    Full,
}

/// What answers an update that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateAnswer {
    /// 200 and the ID.
    Id,
    /// 204 and no body.
    NoContent,
}

const UPDATE_ANSWERS: &[(&str, UpdateAnswer)] =
    &[("200", UpdateAnswer::Id), ("204", UpdateAnswer::NoContent)];

/// Which searches show archived users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchivedUsers {
    Shown,
    /// Only a search by MIS value, name or another key shows them.
    HiddenFromLists,
    Hidden,
}

/// The member of a whole user that says whether it is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchivedFlag {
    Hidden,
    /// True or false under this name.
    Flag(&'static str),
    /// The day under this name; null while the user isn't archived.
    Day(&'static str),
}

const ARCHIVED_FLAG_WORDS: &[(&str, ArchivedFlag)] = &[
    ("hidden", ArchivedFlag::Hidden),
    ("shown", ArchivedFlag::Flag(ARCHIVED)),
    ("Archived", ArchivedFlag::Flag(ARCHIVED)),
    ("IsArchived", ArchivedFlag::Flag("IsArchived")),
    ("DateArchived", ArchivedFlag::Day("DateArchived")),
    ("ArchivedOn", ArchivedFlag::Day("ArchivedOn")),
];

const ARCHIVED_WORDS: &[(&str, ArchivedUsers)] = &[
    ("shown", ArchivedUsers::Shown),
    ("hiddenFromLists", ArchivedUsers::HiddenFromLists),
    ("hidden", ArchivedUsers::Hidden),
];

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            page_cap: 500,
            search_rows: SearchRows::Brief(Vec::new()),
            archived: ArchivedUsers::Shown,
            archived_flag: ArchivedFlag::Hidden,
            unarchive_keeps_classroom: true,
            stored_texts: StoredText::AsSent,
            update_answer: UpdateAnswer::Id,
            last_modified: ModifiedBehaviour::default(),
            assignments: AssignmentBehaviour::default(),
            never_shown: Vec::new(),
            rate_limit: None,
            retry_after: true,
            session_calls: None,
            maintenance: false,
            latency: Duration::ZERO,
            tokens: Vec::new(),
        }
    }
}

const KEYS: &[&str] = &[
    "pageCap",
    "searchRows",
    "archived",
    "archivedFlag",
    "unarchiveKeepsClassroom",
    "storedTexts",
    "updateAnswer",
    "neverShown",
    "rateLimit",
    "retryAfter",
    "sessionCalls",
    "maintenance",
    "latencyMs",
    "tokens",
];

impl Behaviour {
    /// Takes over what a `behaviour:` mapping says, and returns what is wrong with it.
    pub(crate) fn read(&mut self, node: &Node) -> Vec<Finding> {
        let known = [KEYS, AssignmentBehaviour::KEYS, ModifiedBehaviour::KEYS];
        let mut findings = unknown_keys(node, &known.concat());
        for entry in node.entries() {
            findings.extend(self.assignments.set(entry).err());
            findings.extend(self.last_modified.set(entry).err());
            findings.extend(self.set(entry).err());
        }
        findings
    }

    fn set(&mut self, entry: &MapEntry) -> Result<(), Finding> {
        match entry.key.value.as_str() {
            "pageCap" => self.page_cap = count(entry)?.max(1),
            "searchRows" => self.search_rows = search_rows(entry)?,
            "archived" => {
                self.archived = choice(entry, ARCHIVED_WORDS)?;
            }
            "archivedFlag" => self.archived_flag = choice(entry, ARCHIVED_FLAG_WORDS)?,
            "unarchiveKeepsClassroom" => self.unarchive_keeps_classroom = flag(entry)?,
            "storedTexts" => self.stored_texts = choice(entry, STORED_TEXTS)?,
            "updateAnswer" => self.update_answer = choice(entry, UPDATE_ANSWERS)?,
            "neverShown" => self.never_shown = columns(entry)?,
            "rateLimit" => {
                self.rate_limit = u32::try_from(count(entry)?).ok().filter(|limit| *limit > 0);
            }
            "retryAfter" => self.retry_after = flag(entry)?,
            "sessionCalls" => self.session_calls = Some(count(entry)? as u64),
            "maintenance" => self.maintenance = flag(entry)?,
            "latencyMs" => self.latency = Duration::from_millis(count(entry)? as u64),
            "tokens" => self.tokens = texts(entry)?,
            // `unknown_keys` has reported any other key.
            _ => {}
        }
        Ok(())
    }
}

/// A word, or the fields that rows show in addition to the brief ones.
fn search_rows(entry: &MapEntry) -> Result<SearchRows, Finding> {
    if matches!(entry.value.data, NodeData::List(_)) {
        return columns(entry).map(SearchRows::Brief);
    }
    let words = [
        ("brief", SearchRows::Brief(Vec::new())),
        ("full", SearchRows::Full),
    ];
    choice(entry, &words)
}

fn columns(entry: &MapEntry) -> Result<Vec<String>, Finding> {
    let names = texts(entry)?;
    let columns = StoredTable::Users.row().columns;
    for name in &names {
        if !columns.iter().any(|column| column.name == *name) {
            let message = "a field that users don't have";
            let help = "write names of the API, such as `Website`";
            let span = entry.value.span;
            return Err(Finding::new(&unknown_word::RULE, span, message, help));
        }
    }
    Ok(names)
}
