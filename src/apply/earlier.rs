//! What earlier runs left open, taken up before anything is planned.

use jiff::SignedDuration;

use crate::client::{Client, ClientError, fetch_created};
use crate::clock::Clock;
use crate::journal::Known;
use crate::model::{Declared, Doubt, Roster, Snapshot, Taken, Unclear};

/// What earlier runs left open, and for how long that is left alone.
pub struct Earlier<'k> {
    pub known: &'k Known,
    pub settle_after: SignedDuration,
}

/// Adds to a snapshot what the journal knows: accounts that no list shows yet, and creates of which nobody knows. Answers with
/// the latter that are clear by now: the account is there, or it has been long enough.
pub async fn take_up(
    client: &Client,
    clock: Clock,
    Earlier { known, settle_after }: &Earlier<'_>,
    roster: &Roster,
    snapshot: &mut Snapshot,
) -> Result<Vec<Taken>, ClientError> {
    let absent = |mis_id: &str, snapshot: &Snapshot| snapshot.with_mis_id(mis_id).next().is_none();
    let declared = roster.users().iter().filter_map(Declared::mis_id);
    let unlisted = declared.filter(|mis_id| absent(mis_id, snapshot)).filter_map(|mis_id| known.created.get(mis_id));
    fetch_created(client, unlisted.copied().collect(), snapshot).await?;
    let mut taken = Vec::new();
    for (mis_id, open) in &known.open {
        let found = snapshot.with_mis_id(mis_id).next().map(|account| account.id);
        let is_over = !open.said_created && clock.since(open.since) >= *settle_after;
        if found.is_some() || is_over {
            taken.push(Taken { mis_id: mis_id.clone(), since: open.since, found });
        } else {
            let doubt = if open.said_created { Doubt::SaidCreated } else { Doubt::Create };
            snapshot.unclear.insert(mis_id.clone(), Unclear { since: open.since, doubt });
        }
    }
    let damaged = known.damaged.iter().filter(|(mis_id, _)| absent(mis_id, snapshot));
    let damaged: Vec<_> =
        damaged.map(|(mis_id, damage)| (mis_id.clone(), damage.at, Doubt::Damaged(damage.id))).collect();
    snapshot.unclear.extend(damaged.into_iter().map(|(mis_id, since, doubt)| (mis_id, Unclear { since, doubt })));
    Ok(taken)
}
