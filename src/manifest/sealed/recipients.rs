//! Who can open sealed rows: the public keys below `seal.recipients` in `rosterctl.yaml`, by name.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::manifest::sealed::age_file::PublicKey;

/// Public keys, by the name of who holds the key to each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients(BTreeMap<String, String>);

/// How many bytes of the digest are kept: 128 bits, so that nobody finds other recipients with the same fingerprint.
const FINGERPRINT_BYTES: usize = 16;

impl Recipients {
    pub fn new(named: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(named.into_iter().collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The name and the public key of each.
    pub fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, key)| (name.as_str(), key.as_str()))
    }

    /// What tells these recipients from others. Names don't count: who can open a row is decided by the keys alone.
    pub fn fingerprint(&self) -> String {
        let mut keys: Vec<&str> = self.0.values().map(String::as_str).collect();
        keys.sort_unstable();
        let digest = Sha256::digest(keys.join("\n"));
        let mut text = String::with_capacity(2 * FINGERPRINT_BYTES);
        for byte in &digest[..FINGERPRINT_BYTES] {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// The public keys as age takes them. Every one was checked where the project's settings were read.
    pub(super) fn public_keys(&self) -> Vec<PublicKey> {
        let keys = self.0.values();
        keys.filter_map(|key| PublicKey::parse(key).ok()).collect()
    }

    /// Who isn't a recipient in `before`, and who was and no longer is. Somebody whose key changed is both, even if another
    /// name has the key now.
    pub fn changes_since(&self, before: &Self) -> RecipientChanges {
        RecipientChanges {
            added: self.without(before),
            removed: before.without(self),
        }
    }

    fn without(&self, others: &Self) -> Vec<String> {
        let is_new =
            |(name, key): &(&str, &str)| others.0.get(*name).is_none_or(|other| other != key);
        let mine = self.named().filter(is_new);
        mine.map(|(name, key)| format!("{name} ({}…)", key.get(..SHOWN_OF_KEY).unwrap_or(key)))
            .collect()
    }
}

/// How much of a public key is shown beside a name: enough to tell it from another.
const SHOWN_OF_KEY: usize = 12;

/// Who can open rows since a change, and who can't open new ones any longer: names, with the beginnings of their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecipientChanges {
    pub added: Vec<String>,
    pub removed: Vec<String>,
}

impl RecipientChanges {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// A public key of age as age writes it, or why a text is none.
pub fn canonical_recipient(text: &str) -> Result<String, &'static str> {
    PublicKey::parse(text).map(|key| key.text())
}
