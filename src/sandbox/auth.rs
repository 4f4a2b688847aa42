//! Who may call, and how often: session keys and the limit of calls a minute. In memory, so that a restart ends all sessions, as
//! with a service.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::domain::clock::{Clock, Moment};
use crate::sandbox::TOKEN;
use crate::sandbox::behaviour::Behaviour;

/// The sessions and the call counts of a server.
#[derive(Default)]
pub(crate) struct Gate {
    sessions: HashMap<String, IssuedKey>,
    /// The current minute of each customer token.
    minutes: HashMap<String, CountedMinute>,
    issued: u64,
}

struct IssuedKey {
    token: String,
    since: Moment,
    calls: u64,
}

/// A minute that began with its first call, and the calls in it.
struct CountedMinute {
    begun: Moment,
    calls: u32,
}

/// A call over the limit.
pub(crate) struct RateExceeded {
    /// Seconds until the minute ends.
    pub(crate) wait: u64,
}

const MINUTE: Duration = Duration::from_mins(1);
/// How long a session key lives (`docs/onefile-api.md`, Hosts and session).
const SESSION_LIFE: Duration = Duration::from_hours(24);

impl Gate {
    /// A session key for a customer token; `None` if the token isn't good.
    pub(crate) fn open_session(
        &mut self,
        token: &str,
        behaviour: &Behaviour,
        clock: Clock,
    ) -> Option<String> {
        if !is_good(token, behaviour) {
            return None;
        }
        self.issued += 1;
        // The hash makes keys differ between runs, as a real service's would.
        let hash = RandomState::new().hash_one(self.issued);
        let key = format!("sandbox-{}-{hash:016x}", self.issued);
        let issued = IssuedKey {
            token: token.to_owned(),
            since: clock.moment(),
            calls: 0,
        };
        self.sessions.insert(key.clone(), issued);
        Some(key)
    }

    /// Whether a session key is good for one more call. A key that isn't any more is forgotten.
    pub(crate) fn accepts(&mut self, key: &str, behaviour: &Behaviour, clock: Clock) -> bool {
        let Some(session) = self.sessions.get_mut(key) else {
            return false;
        };
        session.calls += 1;
        let calls = session.calls;
        let is_spent = behaviour.session_calls.is_some_and(|most| calls > most);
        let is_good = !is_spent && clock.elapsed(session.since) < SESSION_LIFE;
        if !is_good {
            self.sessions.remove(key);
        }
        is_good
    }

    pub(crate) fn end_session(&mut self, key: &str) {
        self.sessions.remove(key);
    }

    /// Counts a call of a customer token, or of the token that a session key was issued for.
    pub(crate) fn count_call(
        &mut self,
        key_or_token: &str,
        behaviour: &Behaviour,
        clock: Clock,
    ) -> Result<(), RateExceeded> {
        let Some(limit) = behaviour.rate_limit else {
            return Ok(());
        };
        let token = match self.sessions.get(key_or_token) {
            Some(session) => session.token.clone(),
            None => key_or_token.to_owned(),
        };
        let unused = CountedMinute {
            begun: clock.moment(),
            calls: 0,
        };
        let minute = self.minutes.entry(token).or_insert(unused);
        if clock.elapsed(minute.begun) >= MINUTE {
            minute.begun = clock.moment();
            minute.calls = 0;
        }
        minute.calls += 1;
        if minute.calls <= limit {
            return Ok(());
        }
        Err(RateExceeded {
            wait: MINUTE.saturating_sub(clock.elapsed(minute.begun)).as_secs() + 1,
        })
    }
}

/// An empty text is never a token, even if `behaviour` lists one.
fn is_good(token: &str, behaviour: &Behaviour) -> bool {
    token == TOKEN || (!token.is_empty() && behaviour.tokens.iter().any(|good| good == token))
}
