//! The only file that knows the age crate. Without the feature `sealed` it opens and seals nothing, and says so.

use std::io;
#[cfg(feature = "sealed")]
use std::io::{Read, Write};

#[cfg(feature = "sealed")]
use age::secrecy::ExposeSecret;
#[cfg(feature = "sealed")]
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient, x25519};
use secrecy::SecretString;

use crate::findings::Unreadable;

/// Whether this build can seal and open.
pub(super) const IS_BUILT_IN: bool = cfg!(feature = "sealed");

/// Why an age file isn't opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpenFailure {
    /// It was sealed for others.
    NoKey,
    /// It is no age file, or somebody has changed it.
    #[cfg_attr(
        not(feature = "sealed"),
        expect(dead_code, reason = "such a build opens nothing")
    )]
    Damaged,
}

/// What a build says that lacks the feature.
pub(super) fn not_built_in() -> Unreadable {
    Unreadable::new(
        "can't be used: this build of rosterctl has no sealed overlays",
        "build it with `--features sealed`, or take a released one",
    )
}

/// A public key of the kind that `age-keygen` makes.
#[derive(Clone)]
pub(super) struct PublicKey(
    #[cfg(feature = "sealed")] x25519::Recipient,
    #[cfg(not(feature = "sealed"))] String,
);

/// A private key of that kind.
#[derive(Clone)]
pub(super) struct PrivateKey(#[cfg(feature = "sealed")] x25519::Identity);

/// A new private key, and its public key.
type KeyPair = (SecretString, String);

#[cfg(feature = "sealed")]
impl PublicKey {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        match text.parse() {
            Ok(recipient) => Ok(Self(recipient)),
            Err(_) if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") => {
                Err("this is a private key: make a new one, for this one is known from now on")
            }
            Err(_) if text.starts_with("ssh-") => Err("SSH keys aren't taken"),
            Err(_) if text.starts_with("age1pq") => {
                Err("post-quantum keys can't be used by this version")
            }
            Err(_) => Err("it isn't a public key of age, which is `age1` and 58 more characters"),
        }
    }

    /// As age writes it, whatever the case was.
    pub(super) fn text(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(feature = "sealed")]
impl PrivateKey {
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    pub(super) fn public_text(&self) -> String {
        self.0.to_public().to_string()
    }
}

#[cfg(feature = "sealed")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "a build without the feature makes no key"
)]
pub(super) fn new_key() -> Result<KeyPair, Unreadable> {
    let key = x25519::Identity::generate();
    let private = key.to_string().expose_secret().to_owned();
    Ok((private.into(), key.to_public().to_string()))
}

/// An age file that holders of any of these keys can open.
#[cfg(feature = "sealed")]
pub(super) fn seal(text: &str, keys: &[PublicKey]) -> io::Result<Vec<u8>> {
    let recipients = keys.iter().map(|key| &key.0 as &dyn Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(text.as_bytes())?;
    writer.finish()?;
    Ok(sealed)
}

/// The bytes in an age file, at most `most` of them.
#[cfg(feature = "sealed")]
pub(super) fn open(
    sealed: &[u8],
    keys: &[PrivateKey],
    most: usize,
) -> Result<Vec<u8>, OpenFailure> {
    let identities = keys.iter().map(|key| &key.0 as &dyn Identity);
    let decryptor = Decryptor::new_buffered(sealed).map_err(|_| OpenFailure::Damaged)?;
    let reader = decryptor.decrypt(identities).map_err(|error| match error {
        DecryptError::NoMatchingKeys => OpenFailure::NoKey,
        _ => OpenFailure::Damaged,
    })?;
    let mut opened = Vec::new();
    match reader.take(most as u64 + 1).read_to_end(&mut opened) {
        Ok(read) if read <= most => Ok(opened),
        Ok(_) | Err(_) => Err(OpenFailure::Damaged),
    }
}

#[cfg(not(feature = "sealed"))]
impl PublicKey {
    /// Keys aren't checked, since nothing is sealed for them.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "a build with the feature checks them"
    )]
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        Ok(Self(text.to_ascii_lowercase()))
    }

    pub(super) fn text(&self) -> String {
        self.0.clone()
    }
}

#[cfg(not(feature = "sealed"))]
impl PrivateKey {
    pub(super) fn parse(_: &str) -> Option<Self> {
        None
    }

    #[expect(clippy::unused_self, reason = "a build with the feature has keys")]
    pub(super) fn public_text(&self) -> String {
        String::new()
    }
}

#[cfg(not(feature = "sealed"))]
pub(super) fn new_key() -> Result<KeyPair, Unreadable> {
    Err(not_built_in())
}

#[cfg(not(feature = "sealed"))]
pub(super) fn seal(_: &str, _: &[PublicKey]) -> io::Result<Vec<u8>> {
    Err(io::Error::other(not_built_in().why))
}

#[cfg(not(feature = "sealed"))]
pub(super) fn open(_: &[u8], _: &[PrivateKey], _: usize) -> Result<Vec<u8>, OpenFailure> {
    Err(OpenFailure::NoKey)
}
