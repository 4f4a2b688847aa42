//! The calls of `doctor --contract`, which checks how a server answers. They only read.

use crate::onefile::answer::RawAnswer;
use crate::onefile::call::Call;
use crate::onefile::client::{Client, SESSION_KEY};
use crate::onefile::error::ClientError;
use crate::onefile::retry::policy::{FRESH_KEY_PAUSES, FailureClass, PROBE_PAUSES, ProbeRetry};

/// The headers that a call is sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProbeHeaders {
    Session,
    Nothing,
    CustomerToken,
}

impl Client {
    /// The server's answer, whatever its status. Failures that may pass are repeated after `PROBE_PAUSES`.
    ///
    /// # Errors
    /// If there was no answer, or one that says nothing about this call: a refused session key, too many calls, an
    /// outage.
    pub(crate) async fn probe(
        &self,
        call: &Call,
        headers: ProbeHeaders,
    ) -> Result<RawAnswer, ClientError> {
        let begun = self.clock.moment();
        let mut answer = self.probe_once(call, headers).await;
        for pause in PROBE_PAUSES {
            let class = match &answer {
                Ok(answer) => FailureClass::of_status(answer.status),
                Err(error) => error.class(),
            };
            match (class.rule().probe, &answer) {
                (ProbeRetry::No, _) => break,
                (ProbeRetry::Yes, Err(error)) if class == FailureClass::TooManyCalls => {
                    self.slow_down(error);
                }
                (ProbeRetry::Yes, Err(_)) if class == FailureClass::Silent => {
                    if self.outage.gives_up_after_silence(begun) {
                        return answer.map_err(|error| ClientError::Away(Some(Box::new(error))));
                    }
                    self.clock.sleep(pause).await;
                }
                (ProbeRetry::Yes, _) => self.clock.sleep(pause).await,
            }
            answer = self.probe_once(call, headers).await;
        }
        answer
    }

    async fn probe_once(
        &self,
        call: &Call,
        headers: ProbeHeaders,
    ) -> Result<RawAnswer, ClientError> {
        let answer = match headers {
            ProbeHeaders::Nothing => self.send(call, None).await?,
            ProbeHeaders::CustomerToken => self.send(call, Some(self.token_header()?)).await?,
            ProbeHeaders::Session => self.send_with_session(call).await?,
        };
        match answer.status {
            401 if headers == ProbeHeaders::Session => Err(answer.error(call)),
            429 | 502..=504 => Err(answer.error(call)),
            _ => Ok(answer),
        }
    }

    /// Fetches another key if the first may have died. It may not be known to every server at once.
    async fn send_with_session(&self, call: &Call) -> Result<RawAnswer, ClientError> {
        let key = self.session.key(|| self.authenticate()).await?;
        let auth = (SESSION_KEY, key.value.clone());
        let answer = self.send(call, Some(auth)).await?;
        if !matches!(answer.status, 401 | 403) {
            return Ok(answer);
        }
        self.session.doubted(&key, || self.authenticate()).await?;
        let renewed = self.session.key(|| self.authenticate()).await?;
        let auth = (SESSION_KEY, renewed.value);
        for pause in FRESH_KEY_PAUSES {
            let answer = self.send(call, Some(auth.clone())).await?;
            if answer.status != 401 {
                return Ok(answer);
            }
            self.clock.sleep(pause).await;
        }
        self.send(call, Some(auth)).await
    }
}
