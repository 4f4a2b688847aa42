//! The journal: intents and results on disk, one a line, and the lock that stops two applies of one project from overlapping.
//! An intent is on disk before its request is sent. So even if this program crashes, the next run knows which accounts may
//! have been created.

mod assignment_memory;
mod assignment_record;
mod journal_file;
mod lock;
mod organisation_lock;
mod record;

pub use crate::apply::journal::assignment_memory::{AssignmentKnowledge, SentEntry, SentState};
pub use crate::apply::journal::assignment_record::{
    AssignStep, EntryStep, JournalAssignment, JournalDue, JournalEntry, JournalEntryKind,
};
pub use crate::apply::journal::lock::{Lock, LockError};
pub use crate::apply::journal::organisation_lock::{
    Holder, NotLocked, OrganisationFiles, OrganisationLock,
};
pub use crate::apply::journal::record::{
    JournalEvent, JournalMove, JournalRecord, JournalUser, RecordTime, RunStarter,
};

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::apply::journal::assignment_memory::AssignmentMemory;
use crate::apply::journal::journal_file::{FileEnd, JournalFile};
use crate::apply::platform::sync_folder;
use crate::apply::private_files::{self, FileAccess, is_file, refuse_linked_folder};
use crate::domain::clock::Clock;
use crate::domain::{AccountId, OrganisationId, RecordedUser, SentAssignment};
use crate::review::json;

#[derive(Debug, Error)]
pub enum JournalError {
    #[error("{} can't be read", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "line {line} of {} isn't a record, so rosterctl can't tell who may have been created; put back a copy of the file, or check in OneFile who was created last and then delete that line (if a newer rosterctl wrote the file, use that one)",
        .path.display()
    )]
    Damaged { path: PathBuf, line: usize },
    #[error("{} can't be written", .path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// A create that may have made an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenCreate {
    /// When it was last sent, found to be unclear, or settled by a person.
    pub since: RecordTime,
    /// Whether a person has said that the account exists.
    pub said_created: bool,
}

/// A create that was answered, or whose account was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Created {
    pub id: AccountId,
    pub at: RecordTime,
    /// Whether a list has shown the account since.
    pub is_listed: bool,
}

/// What the journal knows about one organisation on one server, by user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalKnowledge {
    pub open: BTreeMap<RecordedUser, OpenCreate>,
    pub created: BTreeMap<RecordedUser, Created>,
    /// Users whose creates failed or were settled as not created.
    pub tried: BTreeSet<RecordedUser>,
    /// Accounts that may have lost their MIS value in an update.
    pub damaged: BTreeMap<RecordedUser, Damage>,
    /// Accounts that were archived and not brought back.
    pub archived: BTreeSet<AccountId>,
    /// Accounts that were updated, and when that was the last time, by the server's clock.
    pub updated: BTreeMap<AccountId, Timestamp>,
    /// Digests of values that OneFile keeps in a form of its own.
    pub kept: HashSet<String>,
    /// What runs sent besides accounts.
    pub assignments: AssignmentKnowledge,
}

/// An account whose update changed fields that weren't sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    pub id: AccountId,
    pub at: Timestamp,
}

/// The server and organisation that records are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalScope {
    pub target: String,
    pub organisation: OrganisationId,
}

impl JournalScope {
    /// What the names of files hold that are about this place alone: a digest, because a base URL may be confidential.
    pub fn name_for_files(&self) -> String {
        // The scheme is left out, because a host and a port are one server whichever scheme is used.
        let server = self.target.split_once("://");
        let server = server.map_or(self.target.as_str(), |(_, server)| server);
        let digest = Sha256::digest(format!("{server}\n{}", self.organisation));
        let bytes = digest.iter().take(8);
        let digits: Vec<String> = bytes.map(|byte| format!("{byte:02x}")).collect();
        digits.concat()
    }
}

/// The journal of one run.
pub struct Journal {
    path: PathBuf,
    file: File,
    clock: Clock,
    /// How many seconds this clock is ahead of the server's, if known.
    skew: Option<i64>,
    run: String,
    place: JournalScope,
    /// Whether a line couldn't be written. Nothing may be added after its remains.
    is_broken: bool,
}

const FILE: &str = "journal.jsonl";
/// The previous journal.
const FORMER: &str = "journal.1.jsonl";
/// Size in bytes. If the journal is larger when a run begins, it is moved aside.
const LARGEST: u64 = 4 << 20;

/// Every record of a folder, oldest first. The beginning of a last record doesn't count, because the run never acted on it.
pub fn records(folder: &Path) -> Result<Vec<JournalRecord>, JournalError> {
    refuse_linked_folder(folder).map_err(|source| JournalError::Unreadable {
        path: folder.to_owned(),
        source,
    })?;
    let mut records = JournalFile::read(&folder.join(FORMER))?.records;
    let fresh = JournalFile::read(&folder.join(FILE))?.records;
    // Records that were carried over are in both files.
    let former: HashSet<&JournalRecord> = records.iter().collect();
    let fresh: Vec<JournalRecord> = fresh
        .into_iter()
        .filter(|record| !former.contains(record))
        .collect();
    records.extend(fresh);
    Ok(records)
}

/// Whether a folder has a journal.
pub fn has_journal(folder: &Path) -> bool {
    [FORMER, FILE]
        .iter()
        .any(|name| is_file(&folder.join(name)))
}

/// Merges the records of two journals by the server's time. Each journal keeps its own order, in case a clock was put back.
pub fn in_order(one: Vec<JournalRecord>, other: Vec<JournalRecord>) -> Vec<JournalRecord> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    while let (Some(first), Some(second)) = (one.peek(), other.peek()) {
        let earlier = if second.time().by_server() < first.time().by_server() {
            &mut other
        } else {
            &mut one
        };
        all.extend(earlier.next());
    }
    all.extend(one);
    all.extend(other);
    all
}

impl JournalKnowledge {
    /// Works out the knowledge about one server and organisation from all records.
    pub fn of(records: &[JournalRecord], place: &JournalScope) -> Self {
        let mut known = Self::default();
        let here = |record: &&JournalRecord| {
            record.target == place.target && record.organisation == place.organisation
        };
        let records: Vec<&JournalRecord> = records.iter().filter(here).collect();
        for record in &records {
            if let JournalEvent::Updated { id, .. } = &record.event {
                known.updated.insert(*id, record.time().by_server());
            }
        }
        let memory = Memory::of(&records);
        for ((_, _, user), words) in &memory.words {
            known.take_in(user, words, &memory);
        }
        known
            .archived
            .extend(memory.archived.keys().map(|(_, _, id)| *id));
        for ((_, _, digest), proof) in &memory.kept {
            if *proof >= KEPT_IS_SURE {
                known.kept.insert((*digest).to_owned());
            }
        }
        known.assignments = memory.assignments.knowledge();
        known
    }

    /// The accounts that runs have created or updated, and when that was the last time, by the server's clock. So are learners who
    /// may have got something.
    pub fn touched(&self) -> BTreeMap<AccountId, Timestamp> {
        let created = self.created.values();
        let mut touches: Vec<(AccountId, Timestamp)> = created
            .map(|created| (created.id, created.at.by_server()))
            .collect();
        for (sent, state) in &self.assignments.sent {
            if let SentState::Unclear(time) = state {
                touches.push((sent.learner, time.by_server()));
            }
        }
        let mut touched = self.updated.clone();
        for (account, at) in touches {
            let last = touched.entry(account).or_insert(at);
            *last = at.max(*last);
        }
        touched
    }

    /// What runs have sent to learners, and when OneFile confirmed it, by the server's clock, if that is known.
    pub fn assigned(&self) -> BTreeMap<SentAssignment, Option<Timestamp>> {
        let mut assigned = BTreeMap::new();
        for (sent, state) in &self.assignments.sent {
            let at = match state {
                SentState::Confirmed(time) => Some(time.by_server()),
                SentState::Sure | SentState::Unclear(_) => None,
            };
            assigned.insert(*sent, at);
        }
        assigned
    }

    fn take_in(&mut self, user: &RecordedUser, words: &LastWords<'_>, memory: &Memory<'_>) {
        if words.tried && words.created.is_none() {
            self.tried.insert(user.clone());
        }
        if let Some(record) = words.open {
            let said_created = matches!(record.event, JournalEvent::Settled { .. });
            self.open.insert(
                user.clone(),
                OpenCreate {
                    since: record.time(),
                    said_created,
                },
            );
        }
        if let Some((record, id)) = words.created {
            let is_listed =
                memory
                    .listed
                    .contains_key(&(record.target.as_str(), record.organisation, id));
            self.created.insert(
                user.clone(),
                Created {
                    id,
                    at: record.time(),
                    is_listed,
                },
            );
        }
        if let Some((record, id)) = words.damaged {
            self.damaged
                .insert(user.clone(), Damage { id, at: record.at });
        }
    }
}

/// A summary of records. It gives both the next run's knowledge and the lines that a new journal starts with.
#[derive(Default)]
struct Memory<'r> {
    words: BTreeMap<Subject<'r>, LastWords<'r>>,
    /// The accounts that lists have shown since they were created (server, organisation and number), with the record that says
    /// so.
    listed: BTreeMap<(&'r str, OrganisationId, AccountId), &'r JournalRecord>,
    /// The accounts that were archived and not brought back, with the record that says so.
    archived: BTreeMap<(&'r str, OrganisationId, AccountId), &'r JournalRecord>,
    /// How well it is proved that OneFile keeps a value in a form of its own, by digest.
    kept: BTreeMap<KeptDigest<'r>, usize>,
    assignments: AssignmentMemory<'r>,
}

/// The proof at which a value counts as kept: seen once if OneFile itself must have made it, else seen twice.
const KEPT_IS_SURE: usize = 2;

/// Server, organisation and user.
type Subject<'r> = (&'r str, OrganisationId, &'r RecordedUser);

/// Server, organisation and the digest of two values.
type KeptDigest<'r> = (&'r str, OrganisationId, &'r str);

/// The latest record of each kind about one user.
#[derive(Default)]
struct LastWords<'r> {
    open: Option<&'r JournalRecord>,
    created: Option<(&'r JournalRecord, AccountId)>,
    damaged: Option<(&'r JournalRecord, AccountId)>,
    /// Whether a create was ever sent.
    tried: bool,
}

impl<'r> Memory<'r> {
    fn of(records: &[&'r JournalRecord]) -> Self {
        let mut memory = Self::default();
        for record in records {
            let place = (record.target.as_str(), record.organisation);
            memory.assignments.hear(record);
            match (&record.event, record.event.user()) {
                (JournalEvent::Reset, _) => {
                    memory
                        .words
                        .retain(|(target, organisation, _), _| (*target, *organisation) != place);
                    memory
                        .listed
                        .retain(|(target, organisation, _), _| (*target, *organisation) != place);
                    memory
                        .archived
                        .retain(|(target, organisation, _), _| (*target, *organisation) != place);
                    memory
                        .kept
                        .retain(|(target, organisation, _), _| (*target, *organisation) != place);
                }
                (JournalEvent::Kept { sure, perhaps, .. }, _) => {
                    memory.take_kept(place, sure, KEPT_IS_SURE);
                    memory.take_kept(place, perhaps, 1);
                }
                (JournalEvent::Moved { to, id, .. }, _) => {
                    let account = (place.0, place.1, *id);
                    match to {
                        JournalMove::Archive => drop(memory.archived.insert(account, record)),
                        JournalMove::Unarchive => drop(memory.archived.remove(&account)),
                    }
                }
                (JournalEvent::Listed { ids }, _) => {
                    memory
                        .listed
                        .extend(ids.iter().map(|id| ((place.0, place.1, *id), *record)));
                }
                (_, Some(user)) => memory
                    .words
                    .entry((place.0, place.1, user))
                    .or_default()
                    .hear(record),
                (_, None) => {}
            }
        }
        memory
    }

    fn take_kept(
        &mut self,
        (target, organisation): (&'r str, OrganisationId),
        digests: &'r [String],
        proof: usize,
    ) {
        for digest in digests {
            *self.kept.entry((target, organisation, digest)).or_default() += proof;
        }
    }
}

impl<'r> LastWords<'r> {
    fn hear(&mut self, record: &'r JournalRecord) {
        self.tried |= record.event.is_about_create();
        match &record.event {
            JournalEvent::Intent { .. }
            | JournalEvent::Unclear { .. }
            | JournalEvent::Settled { created: true, .. } => {
                self.open = Some(record);
            }
            JournalEvent::Created { id, .. } | JournalEvent::Found { id, .. } => {
                self.open = None;
                self.created = Some((record, *id));
            }
            JournalEvent::NotCreated { .. } => self.open = None,
            // A person has found no account, so earlier records of one no longer count.
            JournalEvent::Settled { created: false, .. } => {
                self.open = None;
                self.created = None;
            }
            JournalEvent::Damaged { id, .. } => self.damaged = Some((record, *id)),
            JournalEvent::Started { .. }
            | JournalEvent::Updated { .. }
            | JournalEvent::NotUpdated { .. }
            | JournalEvent::Deviates { .. }
            | JournalEvent::MoveIntent { .. }
            | JournalEvent::Moved { .. }
            | JournalEvent::NotMoved { .. }
            | JournalEvent::MoveUnclear { .. }
            | JournalEvent::AssignDue { .. }
            | JournalEvent::Assign { .. }
            | JournalEvent::Entry { .. }
            | JournalEvent::Listed { .. }
            | JournalEvent::Kept { .. }
            | JournalEvent::Reset
            | JournalEvent::Ended { .. } => {}
        }
    }
}

impl Journal {
    /// Opens the journal of a folder for a new run.
    pub fn open(
        folder: &Path,
        run: String,
        place: JournalScope,
        clock: Clock,
    ) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let unwritable = |source| JournalError::Unwritable {
            path: path.clone(),
            source,
        };
        let length = fs::symlink_metadata(&path).map_or(0, |data| data.len());
        if length > LARGEST {
            rotate(folder, length)?;
        }
        let end = JournalFile::read(&path)?.end;
        let file = open_at_end(&path, end).map_err(unwritable)?;
        // The file may be new, so its name has to be on disk as well.
        sync_folder(folder).map_err(unwritable)?;
        Ok(Self {
            path,
            file,
            clock,
            skew: None,
            run,
            place,
            is_broken: false,
        })
    }

    /// Says how many seconds this clock is ahead of the server's. The next records keep it.
    pub fn measure(&mut self, skew: Option<i64>) {
        self.skew = skew.or(self.skew);
    }

    /// Adds a line. If it says what a create did or is about to do, it is on disk when this returns.
    pub fn note(&mut self, event: JournalEvent) -> Result<(), JournalError> {
        let is_momentous = event.is_momentous();
        let JournalScope {
            target,
            organisation,
        } = self.place.clone();
        let record = JournalRecord {
            at: self.clock.now(),
            skew: self.skew,
            run: self.run.clone(),
            target,
            organisation,
            event,
        };
        self.append(&line(&record), is_momentous).map_err(|source| {
            self.is_broken = true;
            JournalError::Unwritable {
                path: self.path.clone(),
                source,
            }
        })
    }

    fn append(&mut self, line: &str, is_momentous: bool) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier line couldn't be written"));
        }
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(line.as_bytes());
        if written.is_err() {
            // Removes the incomplete line. If this fails too, the line stays the last one, and the next run removes it.
            let _ = self.file.set_len(before);
        }
        written.and_then(|()| {
            if is_momentous {
                self.file.sync_data()
            } else {
                Ok(())
            }
        })
    }
}

/// Opens a file so that the next record starts a line of its own. Only the beginning of a record is taken away.
fn open_at_end(path: &Path, end: FileEnd) -> io::Result<File> {
    let rest = match end {
        FileEnd::Line => String::new(),
        FileEnd::Record => "\n".to_owned(),
        FileEnd::Beginning(from, intent) => {
            private_files::open(path, FileAccess::ReadAndWrite)?.set_len(from)?;
            intent.as_deref().map(line).unwrap_or_default()
        }
    };
    let mut file = private_files::open(path, FileAccess::Append)?;
    file.write_all(rest.as_bytes())?;
    Ok(file)
}

/// Moves the journal aside and starts a new one with the records that are still needed. If those are more than half of the
/// journal, it stays as it is.
fn rotate(folder: &Path, length: u64) -> Result<(), JournalError> {
    let path = folder.join(FILE);
    let lines = carried(&records(folder)?);
    if lines.len() as u64 > length / 2 {
        return Ok(());
    }
    let unwritable = |source| JournalError::Unwritable {
        path: path.clone(),
        source,
    };
    let fresh = folder.join("journal.new.jsonl");
    private_files::replace(&fresh, lines.as_bytes()).map_err(unwritable)?;
    // Between the two renames, the carried records are still in the previous file, which is also read.
    let renamed = fs::rename(&path, folder.join(FORMER)).and_then(|()| fs::rename(&fresh, &path));
    renamed
        .and_then(|()| sync_folder(folder))
        .map_err(unwritable)
}

/// The lines that a new journal starts with: created accounts, open creates, damaged and archived accounts, assignments, placements and
/// classrooms, and which accounts lists have shown. It keeps a line for every user that was ever created. Without it, an account that OneFile doesn't show would
/// be created again.
fn carried(records: &[JournalRecord]) -> String {
    let records: Vec<&JournalRecord> = records.iter().collect();
    let memory = Memory::of(&records);
    let mut lines = String::new();
    let mut created = BTreeSet::new();
    for ((target, organisation, _), words) in &memory.words {
        created.extend(words.created.map(|(_, id)| (*target, *organisation, id)));
        // An open create comes last, so that the record of an earlier create doesn't close it.
        let damaged = words.damaged.map(|(record, _)| record);
        for record in words
            .created
            .map(|(record, _)| record)
            .into_iter()
            .chain(damaged)
            .chain(words.open)
        {
            lines.push_str(&line(record));
        }
    }
    let others = memory.archived.values().copied();
    for record in others.chain(memory.assignments.carried()) {
        lines.push_str(&line(record));
    }
    for record in &records {
        if is_kept(record, &memory) {
            lines.push_str(&line(record));
        }
        if let JournalEvent::Listed { ids } = &record.event {
            let key = |id: AccountId| (record.target.as_str(), record.organisation, id);
            let is_said_here = |id: AccountId| {
                memory
                    .listed
                    .get(&key(id))
                    .is_some_and(|said| std::ptr::eq(*said, *record))
            };
            let ids = ids
                .iter()
                .copied()
                .filter(|id| is_said_here(*id) && created.contains(&key(*id)));
            let ids: Vec<AccountId> = ids.collect();
            if !ids.is_empty() {
                lines.push_str(&line(&JournalRecord {
                    event: JournalEvent::Listed { ids },
                    ..(*record).clone()
                }));
            }
        }
    }
    lines
}

/// Whether a record of kept values still counts: the sandbox hasn't been reset since.
fn is_kept(record: &JournalRecord, memory: &Memory<'_>) -> bool {
    let JournalEvent::Kept { sure, perhaps, .. } = &record.event else {
        return false;
    };
    let place = (record.target.as_str(), record.organisation);
    sure.iter().chain(perhaps).any(|digest| {
        memory
            .kept
            .contains_key(&(place.0, place.1, digest.as_str()))
    })
}

fn line(record: &JournalRecord) -> String {
    json::line(record) + "\n"
}
