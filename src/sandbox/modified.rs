//! When users were last modified: which writes move that time, how long it takes to show, and how searches read the time that
//! they are given. Nobody knows any of it about the real service (`docs/onefile-api.md`, Updating).

use std::borrow::Cow;
use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use crate::domain::clock::Clock;
use crate::findings::Finding;
use crate::manifest::tree::node::MapEntry;
use crate::sandbox::dates::{as_london_time, instant_text, parse_instant};
use crate::sandbox::state::{Refusal, is_not_valid};
use crate::sandbox::stored_row::{StoredRow, cell, sent_as, set};
use crate::sandbox::table::{FORMER_MODIFIED, LAST_MODIFIED, StoredTable};
use crate::sandbox::yaml_args::{choice, count};

/// How `LastModified` behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModifiedBehaviour {
    pub shown: ModifiedTime,
    pub touched_by: TouchingWrites,
    /// How long after a write its time shows and is found.
    pub touched_after: Duration,
    pub filter: ModifiedFilter,
}

/// Whether users show when they were modified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifiedTime {
    Shown,
    Missing,
}

/// Which writes move `LastModified` of a user. A new user has the time of its creation in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchingWrites {
    /// Also what is assigned to the user.
    Everything,
    /// Only writes to the user itself.
    Users,
    /// Only what people edit in the web pages, and nothing that the API writes.
    WebEdits,
    Nothing,
}

/// What a search makes of the `LastModified` that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifiedFilter {
    Utc,
    /// The time is read as the time of London, whatever zone it names.
    Local,
    /// The search finds the rows that it would find without.
    Ignored,
    /// The search finds no row.
    Nothing,
}

/// A write that may move `LastModified` of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserWrite {
    /// An update, an archive or an unarchive through the API.
    Api,
    /// Something that is assigned to the user, or changed in what is assigned.
    Assignment,
    /// What a person edits in the web pages. Here a new state stands for that.
    WebEdit,
}

const MODIFIED_TIMES: &[(&str, ModifiedTime)] = &[
    ("shown", ModifiedTime::Shown),
    ("missing", ModifiedTime::Missing),
];
const TOUCHING_WRITES: &[(&str, TouchingWrites)] = &[
    ("everything", TouchingWrites::Everything),
    ("users", TouchingWrites::Users),
    ("webEdits", TouchingWrites::WebEdits),
    ("nothing", TouchingWrites::Nothing),
];
const MODIFIED_FILTERS: &[(&str, ModifiedFilter)] = &[
    ("utc", ModifiedFilter::Utc),
    ("local", ModifiedFilter::Local),
    ("ignored", ModifiedFilter::Ignored),
    ("nothing", ModifiedFilter::Nothing),
];

impl Default for ModifiedBehaviour {
    fn default() -> Self {
        Self {
            shown: ModifiedTime::Shown,
            touched_by: TouchingWrites::Everything,
            touched_after: Duration::ZERO,
            filter: ModifiedFilter::Utc,
        }
    }
}

impl ModifiedBehaviour {
    pub(super) const KEYS: &[&str] = &[
        "lastModified",
        "touchedBy",
        "touchedAfter",
        "modifiedFilter",
    ];

    /// Takes over one entry of `behaviour:`. Other keys aren't for here.
    pub(super) fn set(&mut self, entry: &MapEntry) -> Result<(), Finding> {
        match entry.key.value.as_str() {
            "lastModified" => self.shown = choice(entry, MODIFIED_TIMES)?,
            "touchedBy" => self.touched_by = choice(entry, TOUCHING_WRITES)?,
            "touchedAfter" => self.touched_after = Duration::from_secs(count(entry)? as u64),
            "modifiedFilter" => self.filter = choice(entry, MODIFIED_FILTERS)?,
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn moves(&self, write: UserWrite) -> bool {
        match self.touched_by {
            TouchingWrites::Everything => true,
            TouchingWrites::Users => write != UserWrite::Assignment,
            TouchingWrites::WebEdits => write == UserWrite::WebEdit,
            TouchingWrites::Nothing => false,
        }
    }

    /// Notes that a user was written, if that moves its time.
    pub(crate) fn touch(&self, user: &mut StoredRow, write: UserWrite, clock: Clock) {
        if self.moves(write) {
            self.keep_former(user, clock);
            touch(user, clock.now());
        }
    }

    /// Keeps the time that a user shows now, which it goes on showing until a new one is due.
    pub(crate) fn keep_former(&self, user: &mut StoredRow, clock: Clock) {
        if !self.touched_after.is_zero() {
            let shown = self.shown_time(user, clock).clone();
            set(user, FORMER_MODIFIED, shown);
        }
    }

    /// A row with the time that answers show for it now.
    pub(crate) fn as_shown<'r>(
        &self,
        table: StoredTable,
        row: &'r StoredRow,
        clock: Clock,
    ) -> Cow<'r, StoredRow> {
        if table != StoredTable::Users || self.touched_after.is_zero() {
            return Cow::Borrowed(row);
        }
        let mut shown = row.clone();
        set(
            &mut shown,
            LAST_MODIFIED,
            self.shown_time(row, clock).clone(),
        );
        Cow::Owned(shown)
    }

    fn shown_time<'r>(&self, user: &'r StoredRow, clock: Clock) -> &'r Value {
        let written = cell(user, LAST_MODIFIED);
        if self.touched_after.is_zero() {
            return written;
        }
        let due = timestamp(written).map(|at| clock.from(at, self.touched_after));
        if due.is_some_and(|due| due <= clock.now()) {
            written
        } else {
            cell(user, FORMER_MODIFIED)
        }
    }
}

/// Sets the time at which a user was modified.
pub(crate) fn touch(user: &mut StoredRow, now: Timestamp) {
    set(user, LAST_MODIFIED, json!(instant_text(now)));
}

/// The part of a search of users that asks when they were modified.
#[derive(Clone, Copy)]
pub(crate) enum ModifiedSince {
    Anything,
    Since(Timestamp),
    /// The search finds no row, whatever it asks for.
    NoRow,
}

impl ModifiedSince {
    /// Null and empty text ask for nothing, as with other values of a search.
    pub(crate) fn read(filter: &StoredRow, kind: ModifiedFilter) -> Result<Self, Refusal> {
        let since = match sent_as(filter, LAST_MODIFIED) {
            None | Some(Value::Null) => return Ok(Self::Anything),
            Some(Value::String(text)) if text.is_empty() => return Ok(Self::Anything),
            Some(Value::String(text)) => parse_instant(text),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => None,
        };
        let since = since.ok_or_else(|| is_not_valid(LAST_MODIFIED))?;
        let since = since.round(Unit::Second).unwrap_or(since);
        Ok(match kind {
            ModifiedFilter::Utc => Self::Since(since),
            ModifiedFilter::Local => Self::Since(as_london_time(since)),
            ModifiedFilter::Ignored => Self::Anything,
            ModifiedFilter::Nothing => Self::NoRow,
        })
    }

    /// Whether it asks for anything, so that the rows have to be looked at.
    pub(crate) fn asks(self) -> bool {
        match self {
            Self::Anything => false,
            Self::Since(_) | Self::NoRow => true,
        }
    }

    /// Whether a row shows a time that isn't earlier.
    pub(crate) fn fits(
        self,
        user: &StoredRow,
        behaviour: &ModifiedBehaviour,
        clock: Clock,
    ) -> bool {
        match self {
            Self::Anything => true,
            Self::Since(since) => timestamp(behaviour.shown_time(user, clock)) >= Some(since),
            Self::NoRow => false,
        }
    }
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}
