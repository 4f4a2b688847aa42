//! The session key. It is fetched once, and renewed when the server refuses it or it is about to expire. One task renews it
//! while the others wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

use crate::domain::clock::{Clock, Moment};
use crate::onefile::error::ClientError;

/// A key and its number.
#[derive(Clone)]
pub(crate) struct SessionKey {
    pub(crate) value: HeaderValue,
    pub(crate) number: u64,
}

pub(crate) struct ApiSession {
    clock: Clock,
    state: Mutex<SessionState>,
    /// Whether a 403 was found to be about the call rather than about the key.
    forbids_calls: AtomicBool,
}

struct SessionState {
    key: SessionKey,
    since: Moment,
    /// Calls that the server accepted with this key.
    accepted: usize,
    /// Consecutive keys that were refused after fewer than `YOUNG` calls.
    young_deaths: usize,
}

/// A key lives 24 hours (`docs/onefile-api.md`, Hosts and session). It is renewed half an hour earlier, so that it doesn't expire
/// during a call that waits.
const LIFE: Duration = Duration::from_mins(24 * 60 - 30);
/// A key that is refused after fewer accepted calls than this died young.
const YOUNG: usize = 5;
/// At this many young deaths in a row, another client is assumed to share the token: each of the two ends the other's session.
const MOST_YOUNG_DEATHS: usize = 5;

impl ApiSession {
    pub(crate) fn new(value: HeaderValue, clock: Clock) -> Self {
        let key = SessionKey { value, number: 1 };
        let state = SessionState {
            key,
            since: clock.moment(),
            accepted: 0,
            young_deaths: 0,
        };
        Self {
            clock,
            state: Mutex::new(state),
            forbids_calls: AtomicBool::new(false),
        }
    }

    /// The key to call with. `renew` fetches another one if this is about to expire.
    pub(crate) async fn key<Renewal>(
        &self,
        renew: impl FnOnce() -> Renewal,
    ) -> Result<SessionKey, ClientError>
    where
        Renewal: Future<Output = Result<HeaderValue, ClientError>>,
    {
        let mut state = self.state.lock().await;
        if self.clock.elapsed(state.since) >= LIFE {
            state.replace(renew().await?, self.clock.moment());
        }
        Ok(state.key.clone())
    }

    /// Notes that the server accepted a call with this key.
    pub(crate) async fn was_accepted(&self, key: &SessionKey) {
        let mut state = self.state.lock().await;
        if state.key.number == key.number {
            state.accepted += 1;
        }
    }

    /// Whether this is still the key, and the server has accepted no call with it.
    pub(crate) async fn is_fresh(&self, key: &SessionKey) -> bool {
        let state = self.state.lock().await;
        state.key.number == key.number && state.accepted == 0
    }

    /// Notes that the server refused a key, and fetches another one unless another task has done so.
    ///
    /// # Errors
    /// `FreshKeyRefused` and `TokenShared` end the run, because another key would be refused too.
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
        if state.accepted == 0 {
            return Err(ClientError::FreshKeyRefused);
        }
        let young_deaths = if state.accepted < YOUNG {
            state.young_deaths + 1
        } else {
            0
        };
        if young_deaths >= MOST_YOUNG_DEATHS {
            return Err(ClientError::TokenShared);
        }
        state.replace(renew().await?, self.clock.moment());
        state.young_deaths = young_deaths;
        Ok(())
    }

    /// Fetches another key because this one may have been refused. It doesn't count as a death.
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
            state.replace(renew().await?, self.clock.moment());
        }
        Ok(())
    }

    pub(crate) fn forbids_calls(&self) -> bool {
        self.forbids_calls.load(Ordering::Relaxed)
    }

    /// Notes that the server answers 403 about calls, so that later 403s don't cost a session key each.
    pub(crate) fn note_forbidden_call(&self) {
        self.forbids_calls.store(true, Ordering::Relaxed);
    }
}

impl SessionState {
    fn replace(&mut self, value: HeaderValue, now: Moment) {
        self.key = SessionKey {
            value,
            number: self.key.number + 1,
        };
        self.since = now;
        self.accepted = 0;
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
        assert_eq!((first.number, session.is_fresh(&first).await), (1, true));
        clock.sleep(Duration::from_hours(24)).await;
        let second = session.key(fresh).await.unwrap();
        assert_eq!(
            (second.number, second.value.to_str().unwrap()),
            (2, "fresh")
        );
        // A task that held the first key finds that the second has taken its place.
        session.refused(&first, fresh).await.unwrap();
        assert_eq!(session.key(fresh).await.unwrap().number, 2);
        assert!(matches!(
            session.refused(&second, fresh).await,
            Err(ClientError::FreshKeyRefused)
        ));
    }
}
