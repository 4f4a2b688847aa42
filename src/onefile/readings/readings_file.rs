//! The readings of one organisation, in a file of its own in the folder `readings` beside the journal. It is written whole and
//! sealed under the customer token. A file that isn't as it was written, or is about something else, is passed over: it costs
//! calls and no more.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::apply::journal::JournalScope;
use crate::apply::private_files::{make_folder, read, refuse_linked_folder, replace};
use crate::domain::field::{FIELDS, Key};
use crate::domain::role::Role;
use crate::domain::{AccountId, AimId, ShownArchive};
use crate::onefile::readings::digests::{Digest, ReadingKey, Salt, Seal};
use crate::onefile::readings::holdings::{SeenAim, SeenHolding, SeenHoldings, SeenUnit};
use crate::onefile::readings::{Readings, ReadingsTrust, SeenAccount};

const FOLDER: &str = "readings";
const PARTIAL_MAGIC: &[u8] = b"rosterctl readings ";
/// Ends in the version of the format.
const MAGIC: &[u8] = b"rosterctl readings 2\n";

/// Why remembered readings aren't used, or can't be kept. Each names the file within the folder of the journal.
#[derive(Debug, Error)]
pub enum ReadingsError {
    #[error("{file} can't be read")]
    Unreadable {
        file: String,
        #[source]
        source: io::Error,
    },
    #[error("{file} {why}")]
    Unusable { file: String, why: UnusableReadings },
    #[error("{file} can't be written")]
    Unwritable {
        file: String,
        #[source]
        source: io::Error,
    },
}

/// What is wrong with a file of readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnusableReadings {
    #[error("was written by another version of rosterctl")]
    OtherVersion,
    #[error("was written with another customer token, or isn't whole")]
    Unsealed,
    #[error("is about another server or organisation")]
    OtherPlace,
}

impl Readings {
    /// The readings of a place that a journal's folder holds; `None` if it has none.
    pub fn load(
        folder: &Path,
        token: &str,
        place: &JournalScope,
    ) -> Result<Option<Self>, ReadingsError> {
        let read = || {
            refuse_linked_folder(&folder.join(FOLDER))?;
            read(&path(folder, place))
        };
        match read() {
            Ok(bytes) => match Self::decode(&bytes, token, place) {
                Ok(readings) => Ok(Some(readings)),
                Err(why) => Err(ReadingsError::Unusable {
                    file: file(place),
                    why,
                }),
            },
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(source) => Err(ReadingsError::Unreadable {
                file: file(place),
                source,
            }),
        }
    }

    /// Replaces the readings of a place in a journal's folder.
    pub fn save(&self, folder: &Path, place: &JournalScope) -> Result<(), ReadingsError> {
        let bytes = self.encode(place);
        let write = || {
            make_folder(&folder.join(FOLDER))?;
            replace(&path(folder, place), &bytes)
        };
        write().map_err(|source| ReadingsError::Unwritable {
            file: file(place),
            source,
        })
    }

    fn encode(&self, place: &JournalScope) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1024 + self.accounts.len() * ROOM_FOR_ACCOUNT);
        bytes.extend(MAGIC);
        bytes.extend(self.salt);
        bytes.extend(seal_of(place, &self.key));
        put_time(&mut bytes, self.as_of.unwrap_or(Timestamp::MIN));
        put_trust(&mut bytes, self.trust);
        put_count(&mut bytes, FIELDS.len());
        for field in FIELDS {
            put_count(&mut bytes, field.name.len());
            bytes.extend(field.name.as_bytes());
        }
        bytes.extend((self.accounts.len() as u64).to_be_bytes());
        for (id, account) in &self.accounts {
            put_account(&mut bytes, *id, account);
        }
        put_holdings(&mut bytes, &self.aims, |bytes, (aim, digest)| {
            bytes.extend(aim.get().to_be_bytes());
            bytes.extend(digest);
        });
        put_holdings(&mut bytes, &self.units, |bytes, digest| {
            bytes.extend(digest);
        });
        let seal = self.key.seal(&bytes);
        bytes.extend(seal);
        bytes
    }

    fn decode(bytes: &[u8], token: &str, place: &JournalScope) -> Result<Self, UnusableReadings> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return Err(if bytes.starts_with(PARTIAL_MAGIC) {
                UnusableReadings::OtherVersion
            } else {
                UnusableReadings::Unsealed
            });
        };
        let (salt, _) = rest.split_first_chunk().ok_or(UnusableReadings::Unsealed)?;
        let key = ReadingKey::new(token, salt);
        let (sealed, seal) = bytes
            .split_last_chunk::<{ size_of::<Seal>() }>()
            .ok_or(UnusableReadings::Unsealed)?;
        if key.seal(sealed) != *seal {
            return Err(UnusableReadings::Unsealed);
        }
        let mut reader = UnreadBytes(&sealed[MAGIC.len() + size_of::<Salt>()..]);
        if reader.chunk::<{ size_of::<Seal>() }>() != Some(seal_of(place, &key)) {
            return Err(UnusableReadings::OtherPlace);
        }
        // Whoever sealed it knew the format, so that what doesn't fit is of another version.
        reader
            .readings(*salt, key)
            .ok_or(UnusableReadings::OtherVersion)
    }
}

/// Bytes of an account with the fields that most have.
const ROOM_FOR_ACCOUNT: usize = 512;

/// The name of the file, from the folder of the journal on. Each place has its own, so that a plan of one server doesn't take away
/// what is remembered of another.
fn file(place: &JournalScope) -> String {
    format!("{FOLDER}/{}.bin", place.name_for_files())
}

fn path(folder: &Path, place: &JournalScope) -> PathBuf {
    folder.join(file(place))
}

fn seal_of(place: &JournalScope, key: &ReadingKey) -> Seal {
    key.seal(format!("{}\n{}", place.target, place.organisation).as_bytes())
}

/// In milliseconds: two plans of one second tell which accounts they have seen.
fn put_time(bytes: &mut Vec<u8>, time: Timestamp) {
    bytes.extend(time.as_millisecond().to_be_bytes());
}

/// What is counted here has names of the field table, of which there are fewer than 256 of fewer letters.
fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.push(u8::try_from(count).unwrap_or(u8::MAX));
}

fn put_trust(bytes: &mut Vec<u8>, trust: ReadingsTrust) {
    let (word, until) = match trust {
        ReadingsTrust::Unproved => (0, Timestamp::MIN),
        ReadingsTrust::Proved => (1, Timestamp::MIN),
        ReadingsTrust::Off { until } => (2, until),
    };
    bytes.push(word);
    put_time(bytes, until);
}

fn put_account(bytes: &mut Vec<u8>, id: AccountId, account: &SeenAccount) {
    bytes.extend(id.get().to_be_bytes());
    put_count(bytes, account.role as usize);
    bytes.push(match account.archive {
        ShownArchive::NotShown => 0,
        ShownArchive::Current => 1,
        ShownArchive::Archived => 2,
    });
    put_time(bytes, account.seen);
    bytes.extend(account.shown.to_be_bytes());
    put_count(bytes, account.digests.len());
    for (key, digest) in &account.digests {
        put_count(bytes, *key as usize);
        bytes.extend(digest);
    }
    put_count(bytes, account.marks.len());
    for mark in &account.marks {
        bytes.extend(mark);
    }
}

fn put_holdings<T>(
    bytes: &mut Vec<u8>,
    holdings: &SeenHoldings<T>,
    put: impl Fn(&mut Vec<u8>, &T),
) {
    put_trust(bytes, holdings.trust);
    bytes.extend((holdings.len() as u64).to_be_bytes());
    for (learner, seen) in holdings.iter() {
        bytes.extend(learner.get().to_be_bytes());
        put_time(bytes, seen.seen);
        bytes.extend((seen.items.len() as u64).to_be_bytes());
        for item in &seen.items {
            put(bytes, item);
        }
    }
}

/// Bytes that are still to be read.
struct UnreadBytes<'b>(&'b [u8]);

impl UnreadBytes<'_> {
    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }

    fn byte(&mut self) -> Option<u8> {
        self.chunk().map(|[byte]| byte)
    }

    fn time(&mut self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.number()?).ok()
    }

    fn text(&mut self) -> Option<&str> {
        let length = usize::from(self.byte()?);
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn readings(&mut self, salt: Salt, key: ReadingKey) -> Option<Readings> {
        let as_of = self.time()?;
        let trust = self.trust()?;
        if usize::from(self.byte()?) != FIELDS.len() {
            return None;
        }
        for field in FIELDS {
            if self.text()? != field.name {
                return None;
            }
        }
        let mut accounts = BTreeMap::new();
        for _ in 0..self.long()? {
            accounts.insert(AccountId::new(self.number()?), self.account()?);
        }
        let aims = self.holdings(Self::aim)?;
        let units = self.holdings(Self::unit)?;
        self.0.is_empty().then_some(Readings {
            salt,
            key,
            as_of: (as_of > Timestamp::MIN).then_some(as_of),
            trust,
            accounts,
            aims,
            units,
        })
    }

    fn long(&mut self) -> Option<u64> {
        self.chunk().map(u64::from_be_bytes)
    }

    fn number(&mut self) -> Option<i64> {
        self.chunk().map(i64::from_be_bytes)
    }

    fn trust(&mut self) -> Option<ReadingsTrust> {
        let (word, until) = (self.byte()?, self.time()?);
        match word {
            0 => Some(ReadingsTrust::Unproved),
            1 => Some(ReadingsTrust::Proved),
            2 => Some(ReadingsTrust::Off { until }),
            _ => None,
        }
    }

    fn holdings<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<SeenHoldings<T>> {
        let mut holdings = SeenHoldings::new(self.trust()?);
        for _ in 0..self.long()? {
            let (learner, seen) = (AccountId::new(self.number()?), self.time()?);
            let mut items = Vec::new();
            for _ in 0..self.long()? {
                items.push(item(self)?);
            }
            let items = items.into();
            holdings.insert(learner, SeenHolding { seen, items });
        }
        Some(holdings)
    }

    fn aim(&mut self) -> Option<SeenAim> {
        Some((AimId::new(self.number()?), self.chunk()?))
    }

    fn unit(&mut self) -> Option<SeenUnit> {
        self.chunk()
    }

    fn account(&mut self) -> Option<SeenAccount> {
        let role = usize::from(self.byte()?);
        let role = Role::all().find(|known| *known as usize == role)?;
        let archive = match self.byte()? {
            0 => ShownArchive::NotShown,
            1 => ShownArchive::Current,
            2 => ShownArchive::Archived,
            _ => return None,
        };
        let seen = self.time()?;
        let shown = u128::from_be_bytes(self.chunk()?);
        let mut digests: Vec<(Key, Digest)> = Vec::new();
        for _ in 0..self.byte()? {
            let field = usize::from(self.byte()?);
            let field = FIELDS.iter().find(|known| known.key as usize == field)?;
            digests.push((field.key, self.chunk()?));
        }
        let mut marks = Vec::new();
        for _ in 0..self.byte()? {
            marks.push(self.chunk()?);
        }
        Some(SeenAccount {
            role,
            archive,
            seen,
            shown,
            digests: digests.into(),
            marks: marks.into(),
        })
    }
}

const _: () = assert!(FIELDS.len() < u8::MAX as usize, "a byte counts fields");

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::UnusableReadings;
    use crate::apply::journal::JournalScope;
    use crate::domain::field::Key;
    use crate::domain::role::Role;
    use crate::domain::{
        Account, AccountId, AimId, LearningAim, ObservedFields, ObservedValue, OrganisationId,
        ShownArchive, StandardId, UnitId,
    };
    use crate::onefile::readings::{Readings, ReadingsTrust};

    fn place(target: &str, organisation: i64) -> JournalScope {
        JournalScope {
            target: target.to_owned(),
            organisation: OrganisationId::new(organisation),
        }
    }

    fn here() -> JournalScope {
        place("live", 5740)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millisecond(seconds * 1_000 + 7).unwrap()
    }

    fn account(id: i64) -> Account {
        let text = |key: Key, text: &str| {
            let value = (!text.is_empty()).then(|| ObservedValue::of_text(key.row().kind, text));
            (key, value)
        };
        let shown: ObservedFields = [
            text(Key::FirstName, "Zelda"),
            text(Key::Email, &format!("ann{id}@example.ac.uk")),
            text(Key::Dob, "2007-03-14"),
            text(Key::Ethnicity, "98"),
            text(Key::HomeAddress, ""),
        ]
        .into_iter()
        .collect();
        Account {
            id: AccountId::new(id),
            role: Role::Learner,
            shown,
            archive: ShownArchive::Current,
        }
    }

    fn readings() -> Readings {
        let mut readings = Readings::new("token");
        readings.as_of = Some(at(1_000));
        readings.trust = ReadingsTrust::Off { until: at(5_000) };
        for id in [1, 7] {
            readings.see(&account(id), at(900 + id));
        }
        let aim = |id: i64, standard: i64| LearningAim {
            id: AimId::new(id),
            standard: StandardId::new(standard),
        };
        let learner = AccountId::new(7);
        let aims = readings.seen_aims(learner, &[aim(62, 32), aim(61, 31)]);
        readings.aims.see(learner, aims, at(901));
        readings.aims.trust = ReadingsTrust::Proved;
        let units = [(31, 41), (31, 42), (41, 31)];
        let units = units.map(|(standard, unit)| (StandardId::new(standard), UnitId::new(unit)));
        let units = readings.seen_units(learner, &units);
        readings.units.see(learner, units, at(902));
        readings.units.trust = ReadingsTrust::Off { until: at(6_000) };
        readings
    }

    #[test]
    fn what_is_written_is_read() {
        let written = readings();
        let read = Readings::decode(&written.encode(&here()), "token", &here()).unwrap();
        assert_eq!(read.as_of, written.as_of);
        assert_eq!(read.trust, written.trust);
        assert_eq!(read.accounts, written.accounts);
        assert_eq!(read.aims, written.aims);
        assert_eq!(read.units, written.units);
        let empty = Readings::new("token");
        let read = Readings::decode(&empty.encode(&here()), "token", &here()).unwrap();
        assert_eq!((read.as_of, read.len()), (None, 0));
    }

    #[test]
    fn a_file_that_is_cut_damaged_foreign_or_older_is_told() {
        let whole = readings().encode(&here());
        for cut in 0..whole.len() {
            let read = Readings::decode(&whole[..cut], "token", &here());
            assert!(read.is_err(), "{cut}");
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            assert!(
                Readings::decode(&damaged, "token", &here()).is_err(),
                "{place}"
            );
        }
        assert!(matches!(
            Readings::decode(&whole, "other", &here()),
            Err(UnusableReadings::Unsealed)
        ));
        for place in [place("live", 5741), place("practice", 5740)] {
            assert!(matches!(
                Readings::decode(&whole, "token", &place),
                Err(UnusableReadings::OtherPlace)
            ));
        }
        for version in [1, 3, 9] {
            let first = format!("rosterctl readings {version}\n");
            let other = [first.as_bytes(), &whole[first.len()..]].concat();
            assert!(matches!(
                Readings::decode(&other, "token", &here()),
                Err(UnusableReadings::OtherVersion)
            ));
        }
    }

    #[test]
    fn no_value_stands_in_the_file_and_no_digest_twice() {
        let bytes = readings().encode(&here());
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for value in ["zelda", "example.ac.uk", "2007-03-14", "token"] {
            assert!(!text.contains(value), "{value}");
        }
        let read = Readings::decode(&bytes, "token", &here()).unwrap();
        let accounts = read.accounts.values();
        let mut digests: Vec<_> = accounts
            .flat_map(|account| account.digests.iter().map(|(_, digest)| *digest))
            .collect();
        assert_eq!(digests.len(), 8, "a special field has none");
        for (_, seen) in read.units.iter() {
            digests.extend(&seen.items);
        }
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 8 + 3);
    }

    #[test]
    fn each_server_and_organisation_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let places = [here(), place("live", 5741), place("practice", 5740)];
        let load = |place: &JournalScope| Readings::load(folder.path(), "token", place).unwrap();
        for (at, place) in places.iter().enumerate() {
            assert!(load(place).is_none());
            let mut written = readings();
            written.see(&account(100), self::at(at.try_into().unwrap()));
            written.save(folder.path(), place).unwrap();
            for known in &places[..=at] {
                assert!(load(known).is_some());
            }
            assert_eq!(load(place).unwrap().accounts, written.accounts);
        }
    }
}
