//! What a client is waiting for, for whoever wants to tell a person.

use jiff::Timestamp;
use tokio::sync::watch;
use tracing::debug;

use crate::domain::clock::Clock;

/// A wait under way, of so long a time that somebody may wonder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub why: WaitReason,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The limit of calls a minute.
    Limit,
    /// The service is away; it is asked again then.
    Outage,
    /// A created account isn't findable yet, or nobody knows whether there is one.
    Create,
}

/// What is waited for at any time.
pub type Waits = watch::Receiver<Option<Wait>>;

/// Where waits are told.
#[derive(Clone, Debug)]
pub struct WaitReporter(watch::Sender<Option<Wait>>);

impl WaitReporter {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    pub fn subscribe(&self) -> watch::Receiver<Option<Wait>> {
        self.0.subscribe()
    }

    pub(crate) async fn sleep_until(&self, clock: Clock, until: Timestamp, why: WaitReason) {
        self.0.send_replace(Some(Wait { why, until }));
        debug!("waiting until {until}: {why:?}");
        clock.sleep_until(until).await;
        self.0.send_if_modified(|wait| {
            let is_ours = wait.is_some_and(|wait| wait.until <= until);
            if is_ours {
                *wait = None;
            }
            is_ours
        });
    }
}
