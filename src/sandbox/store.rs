//! The state on disk. Its transactions survive a kill, so that what was acknowledged is kept.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::apply::private_files::{FileAccess, open};
use crate::sandbox::seed::Seed;
use crate::sandbox::state::ServiceState;
use crate::sandbox::stored_row::{StoredRow, number};
use crate::sandbox::table::{ID, StoredTable, TABLES};

/// Rows as JSON, by the name of their table and their ID.
const ROWS: TableDefinition<'_, (&str, i64), &[u8]> = TableDefinition::new("rows");
/// The e-mails that would have been sent, in their order.
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");
/// The text that the state was seeded from.
const SEED: TableDefinition<'_, (), &str> = TableDefinition::new("seed");
const FILE: &str = "sandbox.redb";

pub struct Store {
    database: Database,
}

/// An e-mail that the service would have sent.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) user_id: i64,
    pub(crate) at: String,
}

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the sandbox's data are in use by another rosterctl; wait until it ends")]
    InUse,
    #[error("the sandbox's data can't be read or written; `rosterctl sandbox reset` starts anew")]
    Database(#[source] Box<redb::Error>),
    #[error("a row of the sandbox's data isn't JSON; `rosterctl sandbox reset` starts anew")]
    Row(#[from] serde_json::Error),
    #[error("the sandbox's data can't be put in place or removed")]
    Files(#[source] std::io::Error),
    #[error("the sandbox can't listen on {address}; is something else there?")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
}

macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })*
    };
}

from_redb!(
    DatabaseError,
    TransactionError,
    TableError,
    StorageError,
    CommitError
);

impl Store {
    /// Opens the data in a folder, or makes them.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        if path.symlink_metadata().is_err() {
            create(folder, &path)?;
        }
        let file = open(&path, FileAccess::ReadAndWrite).map_err(StoreError::Files)?;
        match database(file) {
            Ok(database) => Ok(Self { database }),
            Err(DatabaseError::DatabaseAlreadyOpen) => Err(StoreError::InUse),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the data from a folder; `false` if there were none.
    ///
    /// # Errors
    /// `InUse` if another process has them open.
    pub fn reset(folder: &Path) -> Result<bool, StoreError> {
        let path = folder.join(FILE);
        if path.symlink_metadata().is_err() {
            return Ok(false);
        }
        let opened = open(&path, FileAccess::ReadAndWrite).map(database);
        if matches!(opened, Ok(Err(DatabaseError::DatabaseAlreadyOpen))) {
            return Err(StoreError::InUse);
        }
        // Data that can't be opened are removed too: that is what a reset is for.
        std::fs::remove_file(path).map_err(StoreError::Files)?;
        Ok(true)
    }

    /// The text that the store was filled from; `None` before that.
    pub fn seed(&self) -> Result<Option<String>, StoreError> {
        let read = self.database.begin_read()?;
        match read.open_table(SEED) {
            Ok(table) => Ok(table.get(())?.map(|text| text.value().to_owned())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Fills an empty store. A failure leaves it empty.
    pub fn fill(&self, text: &str, seed: &Seed) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        put_rows(&mut write.open_table(ROWS)?, &seed.state)?;
        write.open_table(SEED)?.insert((), text)?;
        Ok(write.commit()?)
    }

    /// Replaces the state, or nothing of it. The outbox stays.
    pub(crate) fn replace(&self, state: &ServiceState) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        write.delete_table(ROWS)?;
        put_rows(&mut write.open_table(ROWS)?, state)?;
        Ok(write.commit()?)
    }

    pub(crate) fn load(&self) -> Result<ServiceState, StoreError> {
        let mut state = ServiceState::default();
        let read = self.database.begin_read()?;
        let rows = match read.open_table(ROWS) {
            Ok(rows) => rows,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(state),
            Err(error) => return Err(error.into()),
        };
        for entry in rows.iter()? {
            let (key, row) = entry?;
            let name = key.value().0;
            if let Some(table) = TABLES.iter().find(|row| row.name == name) {
                state.put(table.table, serde_json::from_slice(row.value())?);
            }
        }
        Ok(state)
    }

    /// Keeps one row, and the e-mail that the service would have sent for it. Once this returns, no kill loses either.
    pub(crate) fn keep(
        &self,
        rows: &[(StoredTable, StoredRow)],
        mail: Option<&Mail>,
    ) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        for (table, row) in rows {
            write
                .open_table(ROWS)?
                .insert(key(*table, row), serde_json::to_vec(row)?.as_slice())?;
        }
        if let Some(mail) = mail {
            let mut outbox = write.open_table(OUTBOX)?;
            let next = outbox.last()?.map_or(0, |(last, _)| last.value() + 1);
            outbox.insert(next, serde_json::to_vec(mail)?.as_slice())?;
        }
        Ok(write.commit()?)
    }

    pub(crate) fn outbox(&self) -> Result<Vec<Mail>, StoreError> {
        let read = self.database.begin_read()?;
        let outbox = match read.open_table(OUTBOX) {
            Ok(outbox) => outbox,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut mails = Vec::new();
        for entry in outbox.iter()? {
            let (_, mail) = entry?;
            mails.push(serde_json::from_slice(mail.value())?);
        }
        Ok(mails)
    }
}

/// Makes an empty database, under another name until it is whole. A kill then leaves no database that can't be opened.
fn create(folder: &Path, path: &Path) -> Result<(), StoreError> {
    let unfinished = folder.join(format!("{FILE}.{}.new", std::process::id()));
    let _ = std::fs::remove_file(&unfinished);
    let file = open(&unfinished, FileAccess::ReadAndWrite).map_err(StoreError::Files)?;
    drop(database(file)?);
    std::fs::rename(&unfinished, path).map_err(StoreError::Files)
}

fn database(file: File) -> Result<Database, DatabaseError> {
    Database::builder().create_with_backend(FileBackend::new(file)?)
}

fn put_rows(
    rows: &mut redb::Table<'_, (&'static str, i64), &'static [u8]>,
    state: &ServiceState,
) -> Result<(), StoreError> {
    for table in TABLES {
        for row in state.rows(table.table) {
            rows.insert(key(table.table, row), serde_json::to_vec(row)?.as_slice())?;
        }
    }
    Ok(())
}

fn key(table: StoredTable, row: &StoredRow) -> (&'static str, i64) {
    (table.row().name, number(row, ID))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ROWS, Store};

    /// A row of a sandbox from before there were assignments.
    const OLD_USER: &str = r#"{"ID":5,"Role":5,"FirstName":"Ann","AdditionalAssessors":"{}"}"#;

    #[test]
    fn data_from_before_there_were_assignments_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let write = store.database.begin_write().unwrap();
        let mut rows = write.open_table(ROWS).unwrap();
        rows.insert(("users", 5), OLD_USER.as_bytes()).unwrap();
        rows.insert(("nonsense", 1), OLD_USER.as_bytes()).unwrap();
        drop(rows);
        write.commit().unwrap();
        let dump = store.load().unwrap().dump();
        assert_eq!(dump["users"][0]["FirstName"], "Ann");
        assert_eq!(dump["users"][0].get("AdditionalAssessors"), None);
        assert_eq!(dump["standards"], json!([]));
    }
}
