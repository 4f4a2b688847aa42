//! Checks of searches for what was modified since a time: whether they agree with the `LastModified` that an account shows. Reading
//! can't tell which writes move that time.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::domain::role::Role;
use crate::domain::{AccountId, london};
use crate::onboarding::doctor::contract::response::{AnswerRow, form, id, object, rows, text};
use crate::onboarding::doctor::contract::{ContractTrial, RowsByRole};

const SINCE: &str = "filterLastModifiedSince";
const UTC: &str = "filterLastModifiedUtc";
const BOTH: &[&str] = &[SINCE, UTC];

/// Maximum number of accounts that are tried. Another one is tried only if somebody changes an account during the check.
const TRIES: usize = 3;
const SECOND: SignedDuration = SignedDuration::from_secs(1);
/// How much the time of London and UTC differ in summer.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An account, and when it says that it was modified.
#[derive(Clone, Copy)]
struct DatedAccount {
    role: Role,
    id: AccountId,
    modified: Timestamp,
}

/// Which searches around the time of an account list it.
struct SearchesAround {
    /// Since a second before.
    before: bool,
    /// Since a second after.
    after: bool,
    /// Since the time that is an hour further away, if a search didn't do as it should.
    an_hour_off: Option<bool>,
}

impl ContractTrial<'_> {
    /// Checks searches since the times that some whole accounts show.
    pub(super) async fn modified_since(&mut self, seen: &RowsByRole) {
        let accounts = dated_accounts(seen);
        if accounts.is_empty() {
            return self.not_tried(BOTH, "no account shows a `LastModified` that can be read");
        }
        for account in accounts.into_iter().take(TRIES) {
            let Some(around) = self.searches_around(account).await else {
                return;
            };
            if around.is_as_it_should_be() || !self.has_changed(account).await {
                return self.note_modified(account, &around);
            }
        }
        self.not_tried(BOTH, "somebody changed each account that was tried");
    }

    async fn searches_around(&mut self, account: DatedAccount) -> Option<SearchesAround> {
        let before = self.lists_since(account, -SECOND).await?;
        let after = self.lists_since(account, SECOND).await?;
        let an_hour_off = match (before, after) {
            (true, false) => None,
            (true, true) => Some(self.lists_since(account, HOUR + SECOND).await?),
            (false, _) => Some(self.lists_since(account, -HOUR - SECOND).await?),
        };
        Some(SearchesAround {
            before,
            after,
            an_hour_off,
        })
    }

    /// Whether a search since a time lists the account. The time is given by its distance from the one that the account shows.
    async fn lists_since(
        &mut self,
        account: DatedAccount,
        distance: SignedDuration,
    ) -> Option<bool> {
        let since = account.modified.saturating_add(distance).ok()?;
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let filter = self.filter(account.role, &[("LastModified", json!(since))]);
        let answer = self.post(BOTH, "User/Search", filter).await?;
        let Some(found) = rows(&answer) else {
            self.note(SINCE, false, form(&answer));
            self.not_tried(&[UTC], &form(&answer));
            return None;
        };
        Some(found.iter().any(|row| id(row) == Some(account.id)))
    }

    /// Whether an account shows another time than before, or none. An answer that is missing counts as no change.
    async fn has_changed(&mut self, account: DatedAccount) -> bool {
        let path = format!("User/{}", account.id);
        let answer = self.get(&[], path).await;
        let row = answer.as_ref().and_then(object);
        row.is_some_and(|row| modified(&row) != Some(account.modified))
    }

    fn note_modified(&mut self, account: DatedAccount, around: &SearchesAround) {
        self.note(SINCE, around.is_as_it_should_be(), around.words());
        if !is_in_summer(account.modified) {
            let why = "only winter times were seen, when the time of London is UTC";
            return self.not_tried(&[UTC], why);
        }
        match (around.before, around.after, around.an_hour_off) {
            (true, false, _) => self.note(UTC, true, "a summer time is read as UTC"),
            (true, true, Some(false)) => {
                let says = "a summer time is read as the time of London: an hour too early";
                self.note(UTC, false, says);
            }
            (false, _, Some(true)) => {
                let says = "a summer time is read as if it were an hour later";
                self.note(UTC, false, says);
            }
            (true, true, _) | (false, ..) => {
                let why = "an hour more or less makes no difference to what is listed";
                self.not_tried(&[UTC], why);
            }
        }
    }
}

impl SearchesAround {
    fn is_as_it_should_be(&self) -> bool {
        self.before && !self.after
    }

    fn words(&self) -> String {
        let verb = |lists: bool| if lists { "lists" } else { "doesn't list" };
        format!(
            "since a second before, a search {} the account; since a second after, it {} it",
            verb(self.before),
            verb(self.after)
        )
    }
}

/// The accounts that show when they were modified. Summer times come first, since they tell London from UTC; of these the
/// latest, since searches since then list the fewest accounts.
fn dated_accounts(seen: &RowsByRole) -> Vec<DatedAccount> {
    let (mut accounts, mut known) = (Vec::new(), BTreeSet::new());
    for (role, rows) in seen {
        for row in rows {
            let (Some(id), Some(modified)) = (id(row), modified(row)) else {
                continue;
            };
            // A server that ignores the role lists an account under each one.
            if known.insert(id) {
                let role = *role;
                accounts.push(DatedAccount { role, id, modified });
            }
        }
    }
    accounts.sort_by_key(|account| {
        let is_in_summer = is_in_summer(account.modified);
        Reverse((is_in_summer, account.modified, account.id))
    });
    accounts
}

/// When an account was modified. A time without a zone counts as UTC.
fn modified(row: &AnswerRow) -> Option<Timestamp> {
    let text = text(row, "LastModified")?;
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil: DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

/// Whether London's clocks are an hour ahead of UTC then, and also two hours before and after.
fn is_in_summer(instant: Timestamp) -> bool {
    [-HOUR - HOUR, HOUR + HOUR].into_iter().all(|distance| {
        let near = instant.saturating_add(distance).unwrap_or(instant);
        london::zone().to_offset(near).seconds() != 0
    })
}
