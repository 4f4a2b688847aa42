//! The session key: fetched once, renewed by one task while the others wait, when the server refuses it or its day is over.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

use crate::domain::clock::Clock;
use crate::onefile::error::ClientError;

/// A key, and which one it is.
#[derive(Clone)]
pub(crate) struct SessionKey {
    pub(crate) value: HeaderValue,
    pub(crate) number: u64,
    /// Whether nobody has called with it before.
    pub(crate) is_fresh: bool,
}

pub(crate) struct ApiSession {
    clock: Clock,
    state: Mutex<SessionState>,
    /// Whether the server was found to answer 403 to calls rather than to keys.
    forbids_calls: AtomicBool,
}

struct SessionState {
    key: SessionKey,
    since: Timestamp,
    /// Calls that this key was good for.
    good: usize,
    /// How many keys in a row died young.
    young_deaths: usize,
}

/// A key lives 24 hours (`onefile-api.md`, Hosts and session); it is renewed before it dies under a call.
const LIFE: SignedDuration = SignedDuration::from_mins(24 * 60 - 30);
/// A key that was good for fewer calls than this died young.
const YOUNG: usize = 5;
/// So many young deaths in a row are no accident.
const MOST_YOUNG_DEATHS: usize = 5;

impl ApiSession {
    pub(crate) fn new(value: HeaderValue, clock: Clock) -> Self {
        let key = SessionKey {
            value,
            number: 1,
            is_fresh: true,
        };
        let state = SessionState {
            key,
            since: clock.now(),
            good: 0,
            young_deaths: 0,
        };
        Self {
            clock,
            state: Mutex::new(state),
            forbids_calls: AtomicBool::new(false),
        }
    }

    /// The key to call with; `renew` is asked for another one where the day of this one is over.
    pub(crate) async fn key<Renewal>(
        &self,
        renew: impl FnOnce() -> Renewal,
    ) -> Result<SessionKey, ClientError>
    where
        Renewal: Future<Output = Result<HeaderValue, ClientError>>,
    {
        let mut state = self.state.lock().await;
        if self.clock.since(state.since) >= LIFE {
            state.replace(renew().await?, self.clock.now());
        }
        let key = state.key.clone();
        state.key.is_fresh = false;
        Ok(key)
    }

    /// Notes that a key was good for a call.
    pub(crate) async fn was_good(&self, key: &SessionKey) {
        let mut state = self.state.lock().await;
        if state.key.number == key.number {
            state.good += 1;
        }
    }

    /// Notes that a key was refused, and fetches another one if nobody else has by now. Where that leads nowhere the run ends.
    pub(crate) async fn refused<Renewal>(
        &self,
        key: &SessionKey,
        renew: impl FnOnce() -> Renewal,
    ) -> Result<(), ClientError>
    where
        Renewal: Future<Output = Result<HeaderValue, ClientError>>,
    {
        let mut state = self.state.lock().await;
        if state.key.number != key.number {
            return Ok(());
        }
        if key.is_fresh {
            return Err(ClientError::FreshKeyRefused);
        }
        let deaths = if state.good < YOUNG {
            state.young_deaths + 1
        } else {
            0
        };
        if deaths >= MOST_YOUNG_DEATHS {
            return Err(ClientError::TokenShared);
        }
        state.replace(renew().await?, self.clock.now());
        state.young_deaths = deaths;
        Ok(())
    }
}

impl ApiSession {
    /// Fetches another key where it isn't known whether this one was refused.
    pub(crate) async fn doubted<Renewal>(
        &self,
        key: &SessionKey,
        renew: impl FnOnce() -> Renewal,
    ) -> Result<(), ClientError>
    where
        Renewal: Future<Output = Result<HeaderValue, ClientError>>,
    {
        let mut state = self.state.lock().await;
        if state.key.number == key.number {
            state.replace(renew().await?, self.clock.now());
        }
        Ok(())
    }

    pub(crate) fn forbids_calls(&self) -> bool {
        self.forbids_calls.load(Ordering::Relaxed)
    }

    pub(crate) fn knows_that_calls_are_forbidden(&self) {
        self.forbids_calls.store(true, Ordering::Relaxed);
    }
}

impl SessionState {
    fn replace(&mut self, value: HeaderValue, now: Timestamp) {
        self.key = SessionKey {
            value,
            number: self.key.number + 1,
            is_fresh: true,
        };
        self.since = now;
        self.good = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::HeaderValue;

    use super::ApiSession;
    use crate::domain::clock::Clock;
    use crate::onefile::error::ClientError;

    async fn fresh() -> Result<HeaderValue, ClientError> {
        Ok(HeaderValue::from_static("fresh"))
    }

    #[tokio::test]
    async fn a_key_is_renewed_before_its_day_is_over_and_by_one_task_once_it_is_refused() {
        // A day takes 86 ms.
        let clock = Clock::faster(1_000_000);
        let session = ApiSession::new(HeaderValue::from_static("first"), clock);
        let first = session.key(fresh).await.unwrap();
        assert_eq!((first.number, first.is_fresh), (1, true));
        clock.sleep(Duration::from_hours(24)).await;
        let second = session.key(fresh).await.unwrap();
        assert_eq!(
            (second.number, second.value.to_str().unwrap()),
            (2, "fresh")
        );
        // Who held the first key finds the second one there.
        session.refused(&first, fresh).await.unwrap();
        assert_eq!(session.key(fresh).await.unwrap().number, 2);
        assert!(matches!(
            session.refused(&second, fresh).await,
            Err(ClientError::FreshKeyRefused)
        ));
    }
}
