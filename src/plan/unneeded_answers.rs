//! Answers that a user doesn't need any more. One that stays would also answer the next question about this user, which
//! nobody has looked at.

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, DeclaredUser, IdentityMark, MarkUse, MarkValue, Snapshot, marks,
    marks_of_declared,
};
use crate::findings::source::Place;
use crate::plan::coverage::FieldCoverage;
use crate::plan::operation::UserLabel;
use crate::plan::possible_duplicates::COMPARED;

/// An answer without effect: `samePerson` or `distinctFrom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnneededAnswer {
    pub who: UserLabel,
    pub place: Place,
    pub key: Key,
}

/// Whether every account that `distinctFrom` names is shown, and looks like somebody else without that answer. Where rows
/// don't show what people are told apart by, nobody knows.
pub(crate) fn is_distinct_anyway(
    user: &DeclaredUser,
    snapshot: &Snapshot,
    coverage: &FieldCoverage,
) -> bool {
    if user.distinct_from.is_empty() || !shows_all_marks(coverage) {
        return false;
    }
    let own: Vec<MarkValue> = COMPARED
        .iter()
        .flat_map(|of| marks_of_declared(*of, user))
        .collect();
    user.distinct_from.iter().all(|id| {
        let account = snapshot.account(*id);
        !is_asked_about(snapshot, *id) && account.is_some_and(|account| !shares_mark(&own, account))
    })
}

fn shows_all_marks(coverage: &FieldCoverage) -> bool {
    IdentityMark::used(MarkUse::AgainstLive)
        .flat_map(IdentityMark::fields)
        .all(|key| coverage.is_complete(*key))
}

fn shares_mark(own: &[MarkValue], account: &Account) -> bool {
    let mut theirs = COMPARED
        .iter()
        .flat_map(|of| marks(*of, |key| account.value(key)));
    theirs.any(|mark| own.contains(&mark))
}

/// Whether an earlier run left it unclear to whom the account belongs.
fn is_asked_about(snapshot: &Snapshot, id: AccountId) -> bool {
    let mut unclear = snapshot.unclear.values();
    unclear.any(|create| create.doubt.account() == Some(id))
}
