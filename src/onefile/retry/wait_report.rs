//! What a client is waiting for, so that the command line can show it.

use jiff::Timestamp;
use tokio::sync::watch;
use tracing::debug;

use crate::domain::clock::Clock;

/// A wait under way that is long enough for a person to wonder about.
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
    /// Searches don't show a created account yet, or it isn't certain that there is one.
    Create,
}

/// The wait under way, if there is one. It changes as waits begin and end.
pub type Waits = watch::Receiver<Option<Wait>>;

/// The sending side of [`Waits`].
#[derive(Clone, Debug)]
pub struct WaitReporter(watch::Sender<Option<Wait>>);

impl WaitReporter {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    pub fn subscribe(&self) -> Waits {
        self.0.subscribe()
    }

    /// Sleeps, and reports the wait for as long as it lasts.
    pub(crate) async fn sleep_until(&self, clock: Clock, until: Timestamp, why: WaitReason) {
        self.0.send_replace(Some(Wait { why, until }));
        debug!("waiting until {until}: {why:?}");
        clock.sleep_until(until).await;
        // Another call may have reported a longer wait meanwhile; that one stays.
        self.0.send_if_modified(|wait| {
            let is_over = wait.is_some_and(|wait| wait.until <= until);
            if is_over {
                *wait = None;
            }
            is_over
        });
    }
}
