//! Calls as they are asked, to see how a server answers. They only read.

use std::time::Duration;

use crate::onefile::error::{ClientError, Remedy};
use crate::onefile::http::{Call, Client, RawAnswer, SESSION_KEY, status};

/// What a call is sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProbeHeaders {
    Session,
    Nothing,
    CustomerToken,
}

/// What passes is waited for, so often and so long.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

impl Client {
    /// How the server answers this, whatever it says; an error where nothing came of it that is about this call.
    pub(crate) async fn probe(
        &self,
        call: &Call,
        with: ProbeHeaders,
    ) -> Result<RawAnswer, ClientError> {
        let mut answer = self.once(call, with).await;
        for pause in PAUSES {
            match &answer {
                Err(error) if error.is_limit() => self.slow_down(error),
                Err(error) if error.remedy() != Remedy::None => self.clock.sleep(pause).await,
                Ok(answer) if answer.status >= 500 => self.clock.sleep(pause).await,
                Ok(_) | Err(_) => break,
            }
            answer = self.once(call, with).await;
        }
        answer
    }

    async fn once(&self, call: &Call, with: ProbeHeaders) -> Result<RawAnswer, ClientError> {
        let answer = match with {
            ProbeHeaders::Nothing => self.ask(call, None).await?,
            ProbeHeaders::CustomerToken => self.ask(call, Some(self.token()?)).await?,
            ProbeHeaders::Session => self.with_session(call).await?,
        };
        match answer.status {
            401 if with == ProbeHeaders::Session => Err(status(call, &answer)),
            429 | 502..=504 => Err(status(call, &answer)),
            _ => Ok(answer),
        }
    }

    /// Another key is fetched where the first may have died.
    async fn with_session(&self, call: &Call) -> Result<RawAnswer, ClientError> {
        let key = self.session.key(|| self.authenticate()).await?;
        let answer = self
            .ask(call, Some((SESSION_KEY, key.value.clone())))
            .await?;
        if !matches!(answer.status, 401 | 403) {
            return Ok(answer);
        }
        self.session.doubted(&key, || self.authenticate()).await?;
        let key = self.session.key(|| self.authenticate()).await?;
        self.ask(call, Some((SESSION_KEY, key.value))).await
    }
}
