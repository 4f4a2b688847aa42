//! Values that OneFile keeps in a form of its own: in capitals, cut, or without blanks. They are remembered as digests, so that
//! the same value isn't sent again in every run. A declared value that is edited, or a live value that somebody changes, gives
//! another digest, and is planned like any other.

use std::collections::HashSet;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::domain::AccountId;
use crate::domain::field::Key;
use crate::domain::keyed_digest::keyed_digest;

/// The pairs of values that earlier runs have seen: what was sent, and what OneFile made of it.
#[derive(Clone, Default)]
pub struct KeptValues {
    token: Vec<u8>,
    known: HashSet<String>,
}

impl KeptValues {
    pub fn new(token: &str, known: HashSet<String>) -> Self {
        Self {
            token: token.as_bytes().to_vec(),
            known,
        }
    }

    /// Whether OneFile is known to make this of what is declared.
    pub fn knows(&self, account: AccountId, key: Key, declared: &str, live: &str) -> bool {
        !self.known.is_empty()
            && self
                .known
                .contains(&self.digest(account, key, declared, live))
    }

    pub fn digest(&self, account: AccountId, key: Key, sent: &str, live: &str) -> String {
        let account = account.to_string();
        keyed_digest(&self.token, ["kept", &account, key.name(), sent, live])
    }
}

/// Shows no token.
impl fmt::Debug for KeptValues {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeptValues({})", self.known.len())
    }
}

/// Whether one text may be what a program made of the other: cut, in other capitals, with entities, without accents or blanks.
/// What somebody else types instead is hardly ever like this.
pub fn is_rewriting(sent: &str, live: &str) -> bool {
    let (sent, live) = (letters(sent), letters(live));
    !sent.is_empty() && !live.is_empty() && (is_within(&live, &sent) || is_within(&sent, &live))
}

/// The letters and digits, without accents and capitals.
fn letters(text: &str) -> Vec<char> {
    let plain = text.nfkd().filter(|letter| letter.is_alphanumeric());
    plain.flat_map(char::to_lowercase).collect()
}

/// Whether some letters come in the same order among others.
fn is_within(some: &[char], all: &[char]) -> bool {
    let mut rest = all.iter();
    some.iter().all(|letter| rest.any(|other| other == letter))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{KeptValues, is_rewriting};
    use crate::domain::AccountId;
    use crate::domain::field::Key;

    #[test]
    fn what_programs_make_of_a_text_is_told_from_what_people_type() {
        for (sent, live) in [
            ("Oakhollow", "OAKHOLLOW"),
            ("O'Neill", "O&#39;Neill"),
            ("Zoë Brontë", "Zoe Bronte"),
            ("Zoë", "Zo"),
            ("Zoë", "Zo?"),
            ("12 Long Street, Example Town", "12 Long Street, Exam"),
            ("01632 960 001", "01632960001"),
            ("mcdonald", "McDonald"),
        ] {
            assert!(is_rewriting(sent, live), "{sent} {live}");
        }
        for (sent, live) in [
            ("Oakhollow", "Smith"),
            ("Oakhollow", ""),
            ("01632 960001", "01632 960002"),
            ("Wren", "Robin"),
        ] {
            assert!(!is_rewriting(sent, live), "{sent} {live}");
        }
    }

    #[test]
    fn another_account_field_value_or_token_is_not_known() {
        let one = AccountId::new(1);
        let digest = KeptValues::new("token", HashSet::new()).digest(one, Key::LastName, "a", "A");
        let kept = KeptValues::new("token", HashSet::from([digest.clone()]));
        assert!(kept.knows(one, Key::LastName, "a", "A"));
        assert!(!kept.knows(AccountId::new(2), Key::LastName, "a", "A"));
        assert!(!kept.knows(one, Key::FirstName, "a", "A"));
        assert!(!kept.knows(one, Key::LastName, "b", "A"));
        assert!(!kept.knows(one, Key::LastName, "a", "B"));
        let other = KeptValues::new("another", HashSet::from([digest]));
        assert!(!other.knows(one, Key::LastName, "a", "A"));
        assert!(!format!("{kept:?}").contains("token"));
    }
}
