//! What people read about remembered readings.

use crate::domain::RememberedAccounts;
use crate::domain::london::day_in_words;
use crate::onefile::Distrust;
use crate::render::words::{count, shown};

/// Why remembered readings aren't used in this run.
pub fn readings_passed_over(why: &str) -> String {
    format!("note: {}, so every account is read", shown(why))
}

/// Why this reading isn't kept.
pub fn readings_not_kept(why: &str) -> String {
    format!(
        "note: the next plan reads every account, since this reading can't be kept: {}",
        shown(why)
    )
}

/// What OneFile has kept silent about, and what follows from it.
pub fn distrust(why: Distrust) -> String {
    let (id, change) = match why {
        Distrust::Update(id) => (id, "rosterctl has updated it"),
        Distrust::Row(id) => (id, "its row in the list has changed"),
        Distrust::Look(id) => (id, "it shows other values than before"),
        Distrust::GivenStandard(id) => (id, "rosterctl has assigned a standard to it"),
        Distrust::Standards(id) => (id, "it has other standards than before"),
        Distrust::GivenUnit(id) => (id, "rosterctl has assigned a unit to it"),
        Distrust::Units(id) => (id, "it has other units than before"),
    };
    let what = match why {
        Distrust::Update(_) | Distrust::Row(_) | Distrust::Look(_) => "accounts",
        Distrust::GivenStandard(_) | Distrust::Standards(_) => "standards of learners",
        Distrust::GivenUnit(_) | Distrust::Units(_) => "units of learners",
    };
    format!(
        "note: OneFile doesn't list account {id} as modified, although {change}; so all {what} were read, and for 30 days plans read all of them"
    )
}

/// `the readings of 27 November 2026 (9787 accounts)`; `None` if every account was read.
pub(crate) fn remembered(accounts: RememberedAccounts) -> Option<String> {
    let day = day_in_words(accounts.since?);
    let number = count(accounts.number, "account", "accounts");
    Some(format!("the readings of {day} ({number})"))
}
