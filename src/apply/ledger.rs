//! The ledger, `known.jsonl` beside the journal: a line for each account that a reading has shown, and for each declared user
//! who has none yet. A reading adds and refreshes lines and never takes one away; only time does. A file that isn't whole stops
//! the run: if it counted as empty, somebody who was here before would look new.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use thiserror::Error;

use crate::apply::journal::JournalScope;
use crate::apply::private_files::{self, FileAccess};
use crate::domain::clock::Clock;
use crate::domain::role::Role;
use crate::domain::{
    AccountId, KnownAccount, KnownUsers, OrganisationId, RemovedUser, Snapshot, UserIdentity,
};

const FILE: &str = "known.jsonl";
const LOCK: &str = "known.lock";
/// The first line says the version, and the last one that nothing is missing.
const VERSION: u32 = 1;
/// Another run needs the lock for less than a second.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, Error)]
pub enum LedgerError {
    #[error("{} can't be read", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "line {line} of {} isn't what rosterctl wrote there, so it can't tell who had an account before; fix the line, or put a copy back, such as the one that CI keeps with the journal. If there is none, move the file away: the next plan then says that it has no earlier reading",
        .path.display()
    )]
    Damaged { path: PathBuf, line: usize },
    #[error(
        "{} has no end, so lines may be missing and rosterctl can't tell who had an account before; put a copy back, such as the one that CI keeps with the journal. If there is none, move the file away: the next plan then says that it has no earlier reading",
        .path.display()
    )]
    Cut { path: PathBuf },
    #[error("{} was written by a later rosterctl; use that one", .path.display())]
    Later { path: PathBuf },
    #[error("{} can't be written", .path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("another rosterctl holds {}", .path.display())]
    Busy { path: PathBuf },
}

/// The ledger of a journal's folder, for all servers and organisations.
#[derive(Debug, Default)]
pub struct Ledger(BTreeMap<(String, OrganisationId), PlaceLines>);

/// The lines of one organisation.
type PlaceLines = BTreeMap<LineKey, LineFacts>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LineKey {
    mis_id: Option<SmolStr>,
    role: Role,
    /// `None` for a declared user without an account.
    account: Option<AccountId>,
}

#[derive(Clone, Copy, Debug)]
struct LineFacts {
    /// When the account was last seen, or the user last planned.
    last_seen: Timestamp,
    /// Whether the user was declared at the last apply.
    is_managed: bool,
    /// Whether the user was planned, on hold, failed or not attempted.
    waits: bool,
}

/// A line as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LedgerLine {
    target: String,
    organisation: OrganisationId,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mis_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    last_seen: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    managed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    waits: bool,
}

#[derive(Serialize, Deserialize)]
struct FirstLine {
    known: u32,
}

#[derive(Serialize, Deserialize)]
struct LastLine {
    end: bool,
}

impl Ledger {
    /// The ledger of a folder; an empty one if the folder has none.
    pub fn read(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join(FILE);
        match private_files::read(&path) {
            Ok(bytes) => Self::parse(&bytes, &path),
            Err(error) if is_missing(&error) => Ok(Self::default()),
            Err(source) => Err(LedgerError::Unreadable { path, source }),
        }
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self, LedgerError> {
        let damaged = |line: usize| LedgerError::Damaged {
            path: path.to_owned(),
            line,
        };
        let mut lines = bytes.split(|byte| *byte == b'\n').enumerate();
        let first = lines.next().map_or(&[][..], |(_, line)| line);
        let first = first.strip_prefix("\u{feff}".as_bytes()).unwrap_or(first);
        let FirstLine { known } = serde_json::from_slice(first).map_err(|_| damaged(1))?;
        if known != VERSION {
            return Err(LedgerError::Later {
                path: path.to_owned(),
            });
        }
        let mut ledger = Self::default();
        let mut has_end = false;
        for (at, line) in lines.filter(|(_, line)| !line.trim_ascii().is_empty()) {
            if has_end {
                return Err(damaged(at + 1));
            }
            has_end = line.starts_with(b"{\"end\"");
            if !has_end {
                let line = serde_json::from_slice(line).map_err(|_| damaged(at + 1))?;
                ledger.take(line).ok_or_else(|| damaged(at + 1))?;
            }
        }
        if has_end {
            Ok(ledger)
        } else {
            Err(LedgerError::Cut {
                path: path.to_owned(),
            })
        }
    }

    /// `None` if the role isn't known.
    fn take(&mut self, line: LedgerLine) -> Option<()> {
        let key = LineKey {
            mis_id: line.mis_id.map(SmolStr::from),
            role: Role::named(&line.role)?,
            account: line.account,
        };
        let facts = LineFacts {
            last_seen: line.last_seen,
            is_managed: line.managed,
            waits: line.waits,
        };
        let lines = self.0.entry((line.target, line.organisation)).or_default();
        lines.insert(key, facts);
        Some(())
    }

    /// Changes the ledger of a folder. Two runs at once lose nothing of each other.
    pub async fn update(
        folder: &Path,
        clock: Clock,
        change: impl FnOnce(&mut Self),
    ) -> Result<(), LedgerError> {
        let lock = lock(folder, clock).await?;
        let mut ledger = Self::read(folder)?;
        change(&mut ledger);
        let written = ledger.write(folder);
        drop(lock);
        written
    }

    fn write(&self, folder: &Path) -> Result<(), LedgerError> {
        let path = folder.join(FILE);
        let write = || -> io::Result<()> {
            private_files::replace_with(&path, |file| {
                let mut file = BufWriter::new(file);
                self.write_lines(&mut file)?;
                file.flush()
            })
        };
        write().map_err(|source| LedgerError::Unwritable {
            path: path.clone(),
            source,
        })
    }

    fn write_lines(&self, out: &mut impl Write) -> io::Result<()> {
        write_line(out, &FirstLine { known: VERSION })?;
        for ((target, organisation), lines) in &self.0 {
            for (key, facts) in lines {
                let line = LedgerLine::of(target, *organisation, key, *facts);
                write_line(out, &line)?;
            }
        }
        write_line(out, &LastLine { end: true })
    }

    /// What is known of one organisation.
    pub fn known(&self, place: &JournalScope) -> KnownUsers {
        let mut known = KnownUsers::default();
        for (key, facts) in self.lines(place).into_iter().flatten() {
            let user = key
                .mis_id
                .as_ref()
                .map(|mis_id| UserIdentity::new(key.role, mis_id));
            if let (Some(id), Some(user)) = (key.account, user.clone()) {
                known.add_account(KnownAccount {
                    id,
                    user,
                    last_seen: facts.last_seen,
                });
            }
            if let Some(user) = user.filter(|_| facts.waits) {
                known.add_waiting(user);
            }
            if facts.is_managed {
                known.add_managed(RemovedUser {
                    role: key.role,
                    mis_id: key.mis_id.as_deref().map(str::to_owned),
                    id: key.account,
                });
            }
        }
        known
    }

    fn lines(&self, place: &JournalScope) -> Option<&PlaceLines> {
        self.0.get(&(place.target.clone(), place.organisation))
    }

    fn lines_mut(&mut self, place: &JournalScope) -> &mut PlaceLines {
        self.0
            .entry((place.target.clone(), place.organisation))
            .or_default()
    }

    /// Notes every account that a reading shows under a MIS value.
    pub fn see(&mut self, place: &JournalScope, snapshot: &Snapshot, now: Timestamp) {
        let lines = self.lines_mut(place);
        for account in snapshot.accounts() {
            if let Some(mis_id) = account.mis_id() {
                see_one(
                    lines,
                    &UserIdentity::new(account.role, mis_id),
                    account.id,
                    now,
                );
            }
        }
    }

    /// Notes an account that a search has found.
    pub fn see_account(
        &mut self,
        place: &JournalScope,
        user: &UserIdentity,
        id: AccountId,
        now: Timestamp,
    ) {
        see_one(self.lines_mut(place), user, id, now);
    }

    /// Notes users who wait for their account.
    pub fn wait(&mut self, place: &JournalScope, users: &BTreeSet<UserIdentity>, now: Timestamp) {
        let lines = self.lines_mut(place);
        for user in users {
            let facts = lines
                .entry(LineKey::without_account(user))
                .or_insert(LineFacts::of(now));
            *facts = LineFacts {
                last_seen: now,
                waits: true,
                ..*facts
            };
        }
    }

    /// Notes who is declared at an apply. Nobody else is managed any more.
    pub fn manage(&mut self, place: &JournalScope, users: &[RemovedUser], now: Timestamp) {
        let lines = self.lines_mut(place);
        for facts in lines.values_mut() {
            facts.is_managed = false;
        }
        for user in users {
            let key = LineKey {
                mis_id: user.mis_id.as_deref().map(SmolStr::from),
                role: user.role,
                account: user.id,
            };
            let facts = lines.entry(key).or_insert(LineFacts::of(now));
            facts.is_managed = true;
            facts.last_seen = facts.last_seen.max(now);
        }
        lines.retain(|key, facts| key.account.is_some() || facts.is_managed || facts.waits);
    }

    /// Takes away the lines that are older than `before`, unless their users are still declared.
    pub fn forget(
        &mut self,
        place: &JournalScope,
        before: Timestamp,
        declared: &HashSet<UserIdentity>,
    ) {
        self.lines_mut(place).retain(|key, facts| {
            let user = key
                .mis_id
                .as_deref()
                .map(|mis_id| UserIdentity::new(key.role, mis_id));
            facts.last_seen >= before || user.is_some_and(|user| declared.contains(&user))
        });
    }

    /// Takes away everything about a server: its accounts don't exist any more.
    pub fn forget_target(&mut self, target: &str) {
        self.0.retain(|(known, _), _| known != target);
    }
}

/// A user without an account who gets one keeps what is known of the user.
fn see_one(lines: &mut PlaceLines, user: &UserIdentity, id: AccountId, now: Timestamp) {
    let waited = lines.remove(&LineKey::without_account(user));
    let key = LineKey {
        account: Some(id),
        ..LineKey::without_account(user)
    };
    let facts = lines.entry(key).or_insert(LineFacts::of(now));
    facts.last_seen = facts.last_seen.max(now);
    facts.is_managed |= waited.is_some_and(|waited| waited.is_managed);
}

impl LineKey {
    fn without_account(user: &UserIdentity) -> Self {
        Self {
            mis_id: Some(user.mis_id.clone()),
            role: user.role,
            account: None,
        }
    }
}

impl LineFacts {
    fn of(now: Timestamp) -> Self {
        Self {
            last_seen: now,
            is_managed: false,
            waits: false,
        }
    }
}

impl LedgerLine {
    fn of(target: &str, organisation: OrganisationId, key: &LineKey, facts: LineFacts) -> Self {
        Self {
            target: target.to_owned(),
            organisation,
            role: key.role.name().to_owned(),
            mis_id: key.mis_id.as_deref().map(str::to_owned),
            account: key.account,
            last_seen: facts.last_seen,
            managed: facts.is_managed,
            waits: facts.waits,
        }
    }
}

fn write_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Whether there is no such file, or no such folder.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The lock of the ledger. Whoever holds it reads, changes and writes, which takes less than a second.
async fn lock(folder: &Path, clock: Clock) -> Result<File, LedgerError> {
    let path = folder.join(LOCK);
    let file = private_files::open(&path, FileAccess::ReadAndWrite).map_err(|source| {
        LedgerError::Unwritable {
            path: path.clone(),
            source,
        }
    })?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => clock.sleep(LOCK_PAUSE).await,
            Err(TryLockError::Error(source)) => {
                return Err(LedgerError::Unwritable { path, source });
            }
        }
    }
    Err(LedgerError::Busy { path })
}
