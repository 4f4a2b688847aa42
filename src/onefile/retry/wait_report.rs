//! What a client is waiting for, so that the command line can show it.

use tokio::sync::watch;
use tracing::debug;

use crate::domain::clock::{Clock, Moment};

/// A wait under way that is long enough for a person to wonder about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub why: WaitReason,
    pub until: Moment,
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
    pub(crate) async fn sleep_until(&self, clock: Clock, until: Moment, why: WaitReason) {
        self.0.send_replace(Some(Wait { why, until }));
        debug!("waiting {:?}: {why:?}", clock.left(until));
        let _reported = ReportedWait {
            reporter: self,
            until,
        };
        clock.sleep_until(until).await;
    }
}

/// A wait that is reported until it ends or is broken off.
struct ReportedWait<'r> {
    reporter: &'r WaitReporter,
    until: Moment,
}

impl Drop for ReportedWait<'_> {
    fn drop(&mut self) {
        // Another call may have reported a longer wait meanwhile; that one stays.
        self.reporter.0.send_if_modified(|wait| {
            let is_over = wait.is_some_and(|wait| wait.until <= self.until);
            if is_over {
                *wait = None;
            }
            is_over
        });
    }
}
