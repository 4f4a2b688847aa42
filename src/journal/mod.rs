//! Intents and outcomes on disk, one a line, and the lock that keeps two applies of one project apart. An intent is on disk
//! before its call, so that whatever happens to this program, the next run knows what may have been created.

mod lock;
mod organisation_lock;
mod record;

pub use crate::journal::lock::{Lock, LockError};
pub use crate::journal::organisation_lock::{Holder, NotLocked, OrganisationFiles, OrganisationLock};
pub use crate::journal::record::{Event, Record};

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::clock::Clock;
use crate::model::Id;

#[derive(Debug, Error)]
pub enum JournalError {
    #[error("{} can't be read", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "line {line} of {} isn't a record: an account may have been created that nobody knows of; mend the line, or look in OneFile and move the file away",
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

/// A create of which nobody knows whether it made an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// When it was last called, or given up on.
    pub since: Timestamp,
    /// Whether a person has said that there is an account.
    pub said_created: bool,
}

/// What the journal knows of one organisation on one server, by MIS value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub open: BTreeMap<String, Open>,
    pub created: BTreeMap<String, Id>,
    /// Accounts that may have lost their MIS values to an update.
    pub damaged: BTreeMap<String, Damage>,
}

/// An account whose update changed what wasn't sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    pub id: Id,
    pub at: Timestamp,
}

/// Whose journal: which organisation on which server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub target: String,
    pub organisation: Id,
}

/// The journal of one run.
pub struct Journal {
    path: PathBuf,
    file: File,
    clock: Clock,
    run: String,
    place: Place,
    /// A line couldn't be written, and nothing may follow what is left of it.
    is_broken: bool,
}

const FILE: &str = "journal.jsonl";
/// The journal before this one.
const FORMER: &str = "journal.1.jsonl";
/// A journal of more bytes than this is put aside when the next run begins.
const LARGEST: u64 = 4 << 20;

/// Every record of a folder, the oldest first. A last line that broke off was never acted upon, and counts as none.
pub fn records(folder: &Path) -> Result<Vec<Record>, JournalError> {
    let mut records = Vec::new();
    for name in [FORMER, FILE] {
        records.extend(read(&folder.join(name))?);
    }
    Ok(records)
}

/// Whether a folder has a journal.
pub fn has_journal(folder: &Path) -> bool {
    [FORMER, FILE].iter().any(|name| folder.join(name).is_file())
}

/// The records of two journals by their times. Each journal keeps its own order, in case a clock was put back.
pub fn in_order(one: Vec<Record>, other: Vec<Record>) -> Vec<Record> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    while let (Some(first), Some(second)) = (one.peek(), other.peek()) {
        let earlier = if second.at < first.at { &mut other } else { &mut one };
        all.extend(earlier.next());
    }
    all.extend(one);
    all.extend(other);
    all
}

fn read(path: &Path) -> Result<Vec<Record>, JournalError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(JournalError::Unreadable { path: path.to_owned(), source }),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = bytes[..whole].split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let record = |(at, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|_| JournalError::Damaged { path: path.to_owned(), line: at + 1 })
    };
    lines.map(record).collect()
}

impl Known {
    /// What follows from all that happened at a place.
    pub fn of(records: &[Record], place: &Place) -> Self {
        let mut known = Self::default();
        let here = |record: &&Record| record.target == place.target && record.organisation == place.organisation;
        for record in records.iter().filter(here) {
            known.learn(record.at, &record.event);
        }
        known
    }

    fn learn(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Intent { mis_id } | Event::Unclear { mis_id, .. } => {
                self.open.insert(mis_id.clone(), Open { since: at, said_created: false });
            }
            Event::Created { mis_id, id } | Event::Found { mis_id, id } => {
                self.open.remove(mis_id);
                self.created.insert(mis_id.clone(), *id);
            }
            Event::NotCreated { mis_id, .. } | Event::Settled { mis_id, created: false } => {
                self.open.remove(mis_id);
            }
            Event::Damaged { id, mis_id: Some(mis_id) } => {
                self.damaged.insert(mis_id.clone(), Damage { id: *id, at });
            }
            Event::Settled { mis_id, created: true } => {
                self.open.insert(mis_id.clone(), Open { since: at, said_created: true });
            }
            Event::Started { .. }
            | Event::Updated { .. }
            | Event::NotUpdated { .. }
            | Event::Damaged { .. }
            | Event::Deviates { .. }
            | Event::Ended { .. } => {}
        }
    }
}

impl Journal {
    /// Opens the journal of a folder for one more run.
    pub fn open(folder: &Path, run: String, place: Place, clock: Clock) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let unwritable = |source| JournalError::Unwritable { path: path.clone(), source };
        if fs::metadata(&path).is_ok_and(|data| data.len() > LARGEST) {
            rotate(folder)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(unwritable)?;
        // A line that broke off stays by itself.
        if fs::read(&path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n')) {
            truncate_broken_line(&path).map_err(unwritable)?;
            file = OpenOptions::new().append(true).open(&path).map_err(unwritable)?;
        }
        // The name of the file is on disk, too.
        sync_folder(folder).map_err(unwritable)?;
        Ok(Self { path, file, clock, run, place, is_broken: false })
    }

    /// Adds a line. What a create did or is about to do is on disk when this returns.
    pub fn note(&mut self, event: Event) -> Result<(), JournalError> {
        let is_momentous = event.is_momentous();
        let Place { target, organisation } = self.place.clone();
        let record = Record { at: self.clock.now(), run: self.run.clone(), target, organisation, event };
        let line = serde_json::to_string(&record).expect("no map has keys that aren't text") + "\n";
        self.append(&line, is_momentous).map_err(|source| {
            self.is_broken = true;
            JournalError::Unwritable { path: self.path.clone(), source }
        })
    }

    fn append(&mut self, line: &str, is_momentous: bool) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier line couldn't be written"));
        }
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(line.as_bytes());
        if written.is_err() {
            // Half a line is none. Should this fail as well, it stays the last one, which is read as none.
            let _ = self.file.set_len(before);
        }
        written.and_then(|()| if is_momentous { self.file.sync_data() } else { Ok(()) })
    }
}

/// Where folders can be opened, what was made in them outlives a loss of power.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Puts the journal aside and begins another one with what is still open.
fn rotate(folder: &Path) -> Result<(), JournalError> {
    let path = folder.join(FILE);
    let open = still_open(records(folder)?);
    let unwritable = |source| JournalError::Unwritable { path: path.clone(), source };
    let lines =
        open.iter().map(|record| serde_json::to_string(record).expect("no map has keys that aren't text") + "\n");
    let fresh = folder.join("journal.new.jsonl");
    fs::write(&fresh, lines.collect::<String>()).map_err(unwritable)?;
    File::open(&fresh).and_then(|file| file.sync_all()).map_err(unwritable)?;
    // Between the two, what is open is in the former one, which is read too.
    let renamed = fs::rename(&path, folder.join(FORMER)).and_then(|()| fs::rename(&fresh, &path));
    renamed.and_then(|()| sync_folder(folder)).map_err(unwritable)
}

/// The last word on each create that is open.
fn still_open(records: Vec<Record>) -> Vec<Record> {
    let mut last: BTreeMap<(String, Id, String), Record> = BTreeMap::new();
    for record in records {
        let Some(mis_id) = record.event.mis_id().map(str::to_owned) else {
            continue;
        };
        let key = (record.target.clone(), record.organisation, mis_id);
        match record.event {
            Event::Intent { .. }
            | Event::Unclear { .. }
            | Event::Damaged { .. }
            | Event::Settled { created: true, .. } => {
                last.insert(key, record);
            }
            Event::Created { .. } | Event::Found { .. } | Event::NotCreated { .. } | Event::Settled { .. } => {
                last.remove(&key);
            }
            _ => {}
        }
    }
    last.into_values().collect()
}

fn truncate_broken_line(path: &Path) -> io::Result<()> {
    let bytes = fs::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    OpenOptions::new().write(true).open(path)?.set_len(whole as u64)
}
