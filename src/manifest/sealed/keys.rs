//! The private keys that open sealed rows. They come from the environment alone, and nothing here shows one.

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::findings::Unreadable;
use crate::manifest::sealed::age_file::{self, PrivateKey};

/// The keys of one variable, or of the file that it names.
#[derive(Clone)]
pub struct AgeKeys {
    pub(super) keys: Vec<PrivateKey>,
    /// When each was made, if a comment before it says so, as `age-keygen` writes one.
    created: Vec<Option<Timestamp>>,
}

/// The debug form shows no key.
impl fmt::Debug for AgeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys of age", self.keys.len())
    }
}

/// The comment by which a file of keys says when its key was made.
const CREATED: &str = "# created:";

/// What people put where a key of age is due: how it begins, what it is, and what to do.
const NOT_KEYS: &[(&str, &str, &str)] = &[
    (
        "age1",
        "holds a public key, which opens nothing",
        "give the private key, which begins with AGE-SECRET-KEY-1",
    ),
    (
        "AGE-PLUGIN-",
        "holds a key of an age plugin, and plugins aren't run",
        "give a key that `rosterctl seal --keygen` or `age-keygen` made",
    ),
    (
        "AGE-SECRET-KEY-PQ-",
        "holds a post-quantum key, which this version can't use",
        "give a key that `rosterctl seal --keygen` or `age-keygen` made",
    ),
    (
        "-----BEGIN AGE ENCRYPTED FILE",
        "holds a key that is itself encrypted",
        "decrypt it with `age --decrypt`, and give what comes out",
    ),
    (
        "age-encryption.org/",
        "holds a key that is itself encrypted",
        "decrypt it with `age --decrypt`, and give what comes out",
    ),
    (
        "-----BEGIN",
        "holds an SSH key or a key of another kind",
        "give a key that `rosterctl seal --keygen` or `age-keygen` made",
    ),
    (
        "ssh-",
        "holds an SSH key",
        "give a key that `rosterctl seal --keygen` or `age-keygen` made",
    ),
];

const NO_KEY_HELP: &str =
    "give a line that begins with AGE-SECRET-KEY-1; `rosterctl seal --keygen` makes a key";

impl AgeKeys {
    /// The keys in a text, one a line. Lines that begin with `#` are comments.
    pub fn parse(text: &SecretString) -> Result<Self, Unreadable> {
        let mut read = Self {
            keys: Vec::new(),
            created: Vec::new(),
        };
        let mut created = None;
        for line in text.expose_secret().lines().map(str::trim) {
            if let Some(time) = line.strip_prefix(CREATED) {
                created = time.trim().parse::<Timestamp>().ok();
            } else if !line.is_empty() && !line.starts_with('#') {
                read.keys.push(key(line)?);
                read.created.push(created.take());
            }
        }
        if read.keys.is_empty() {
            return Err(Unreadable::new("holds no key", NO_KEY_HELP));
        }
        Ok(read)
    }

    /// The public key of each, and when it was made, as far as the text says so.
    pub fn public_keys(&self) -> impl Iterator<Item = (String, Option<Timestamp>)> {
        let public = self.keys.iter().map(PrivateKey::public_text);
        public.zip(self.created.iter().copied())
    }
}

/// The key of a line. Nothing of the line goes into the error.
fn key(line: &str) -> Result<PrivateKey, Unreadable> {
    if let Some(key) = PrivateKey::parse(line) {
        return Ok(key);
    }
    if !age_file::IS_BUILT_IN {
        return Err(age_file::not_built_in());
    }
    for (beginning, why, help) in NOT_KEYS {
        if line.starts_with(beginning) {
            return Err(Unreadable::new(*why, *help));
        }
    }
    let why = if line.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-1") {
        "holds a damaged key: a character is wrong or missing"
    } else {
        "holds no key of age"
    };
    Err(Unreadable::new(why, NO_KEY_HELP))
}

/// A key that was made just now.
pub struct NewKey {
    /// As a file of keys holds it, with the day on which it was made and its public key as comments.
    pub text: SecretString,
    /// The public key, for `seal.recipients`.
    pub public: String,
}

impl NewKey {
    /// Makes a key.
    pub fn generate(now: Timestamp) -> Result<Self, Unreadable> {
        let (private, public) = age_file::new_key()?;
        let day = now.strftime("%Y-%m-%dT%H:%M:%SZ");
        let text = format!(
            "{CREATED} {day}\n# public key: {public}\n{}\n",
            private.expose_secret()
        );
        Ok(Self {
            text: text.into(),
            public,
        })
    }
}
