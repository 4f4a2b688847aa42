//! The key that opens sealed overlays: whether a run has one, whether it is a recipient's, and how old it is.

use jiff::Timestamp;

use crate::findings::Unreadable;
use crate::manifest::sealed::{AgeKeys, Recipients};
use crate::onboarding::doctor::Check;

const NAME: &str = "sealed overlays";

/// For how many days a key is meant to be used. With a new one each year, what was sealed in a year can be made unreadable.
const DAYS_OF_A_KEY: i64 = 400;

/// The check; `None` for a project without recipients.
pub fn sealing_key(
    recipients: &Recipients,
    keys: Result<Option<&AgeKeys>, Unreadable>,
    now: Timestamp,
) -> Option<Check> {
    if recipients.is_empty() {
        return None;
    }
    let keys = match keys {
        Ok(Some(keys)) => keys,
        Ok(None) => {
            let says = format!(
                "{} recipients; no key is set, so the fields of sealed overlays aren't managed here",
                recipients.len()
            );
            return Some(Check::ok(NAME, says));
        }
        Err(error) => {
            let says = format!("they {}", error.why);
            let help = "set ROSTERCTL_AGE_KEY or ROSTERCTL_AGE_KEY_FILE to the key of a recipient";
            return Some(Check::fail(NAME, says, help));
        }
    };
    let mut holders = keys.public_keys().filter_map(|(public, created)| {
        let (name, _) = recipients.named().find(|(_, key)| *key == public)?;
        Some((name, created))
    });
    let Some((holder, created)) = holders.next() else {
        let says = "the key of this run isn't that of a recipient in rosterctl.yaml";
        let help = "add its public key to `seal.recipients`, and let a recipient run `rosterctl seal --rotate`";
        return Some(Check::fail(NAME, says, help));
    };
    Some(of_age(
        holder,
        created.filter(|created| *created <= now),
        now,
    ))
}

fn of_age(holder: &str, created: Option<Timestamp>, now: Timestamp) -> Check {
    let Some(created) = created else {
        let says = format!("the key of `{holder}`; nothing says how old it is");
        return Check::ok(NAME, says);
    };
    let days = now.duration_since(created).as_hours() / 24;
    let says = format!("the key of `{holder}` was made {days} days ago");
    if days > DAYS_OF_A_KEY {
        let help =
            "make a new one each year: `rosterctl seal --keygen`, then `rosterctl seal --rotate`";
        Check::warn(NAME, says, help)
    } else {
        Check::ok(NAME, says)
    }
}
