//! Who may call and how often: session keys and the limit of calls a minute. In memory, as with a service that restarts.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::Clock;
use crate::sandbox::TOKEN;
use crate::sandbox::behaviour::Behaviour;

/// The sessions and the windows of a server.
#[derive(Default)]
pub(crate) struct Gate {
    sessions: HashMap<String, IssuedKey>,
    /// The fixed window of each customer token: its beginning and the calls in it.
    windows: HashMap<String, (Timestamp, u32)>,
    issued: u64,
}

struct IssuedKey {
    token: String,
    since: Timestamp,
    calls: u64,
}

/// A call that came too early.
pub(crate) struct RateExceeded {
    /// Seconds until the window ends.
    pub(crate) wait: i64,
}

const WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// How long a session key lives (`onefile-api.md`, Hosts and session).
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(24);

impl Gate {
    /// A key for a good customer token.
    pub(crate) fn admit(
        &mut self,
        token: &str,
        behaviour: &Behaviour,
        clock: Clock,
    ) -> Option<String> {
        if token != TOKEN
            && !behaviour
                .tokens
                .iter()
                .any(|good| good == token && !good.is_empty())
        {
            return None;
        }
        self.issued += 1;
        let key = format!(
            "sandbox-{}-{:016x}",
            self.issued,
            RandomState::new().hash_one(self.issued)
        );
        self.sessions.insert(
            key.clone(),
            IssuedKey {
                token: token.to_owned(),
                since: clock.now(),
                calls: 0,
            },
        );
        Some(key)
    }

    /// Whether a key is good for one more call.
    pub(crate) fn knows(&mut self, key: &str, behaviour: &Behaviour, clock: Clock) -> bool {
        let Some(session) = self.sessions.get_mut(key) else {
            return false;
        };
        session.calls += 1;
        let is_spent = behaviour
            .session_calls
            .is_some_and(|most| session.calls > most);
        let is_good = !is_spent && clock.since(session.since) < SESSION_LIFE;
        if !is_good {
            self.sessions.remove(key);
        }
        is_good
    }

    pub(crate) fn end_session(&mut self, key: &str) {
        self.sessions.remove(key);
    }

    /// Counts a call of a customer token, which a session key stands for.
    pub(crate) fn count(
        &mut self,
        key_or_token: &str,
        behaviour: &Behaviour,
        clock: Clock,
    ) -> Result<(), RateExceeded> {
        let Some(limit) = behaviour.rate_limit else {
            return Ok(());
        };
        let token = self
            .sessions
            .get(key_or_token)
            .map_or(key_or_token, |session| &session.token);
        let now = clock.now();
        let (begun, calls) = self.windows.entry(token.to_owned()).or_insert((now, 0));
        if clock.since(*begun) >= WINDOW {
            (*begun, *calls) = (now, 0);
        }
        *calls += 1;
        if *calls <= limit {
            return Ok(());
        }
        Err(RateExceeded {
            wait: (WINDOW - clock.since(*begun)).as_secs() + 1,
        })
    }
}
