//! Digests keyed by the customer token. Whoever reads one learns nothing of what it was made from, and only somebody who has
//! the token can make one.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The digest of some parts, in hexadecimal. The length of each part goes in before it, so that two lists of parts never give
/// the same bytes.
pub(crate) fn keyed_digest<'p>(key: &[u8], parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    let mut hexadecimal = String::with_capacity(64);
    for byte in mac.finalize().into_bytes() {
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

#[cfg(test)]
mod tests {
    use super::keyed_digest;

    #[test]
    fn parts_of_a_digest_do_not_run_into_each_other() {
        assert_ne!(
            keyed_digest(b"token", ["ab", "c"]),
            keyed_digest(b"token", ["a", "bc"])
        );
        assert_ne!(
            keyed_digest(b"token", ["a"]),
            keyed_digest(b"another", ["a"])
        );
    }
}
