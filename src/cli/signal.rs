//! Ctrl-C and its like, as tokens that commands can wait for.

use std::io;

use tokio_util::sync::CancellationToken;

use crate::apply::platform::SignalListener;

/// Cancelled when this process is asked to stop. Without [`listen`], they are never cancelled.
#[derive(Clone, Default)]
pub(crate) struct StopSignals {
    /// Cancelled by the first signal: finish the work in progress.
    pub(crate) first: CancellationToken,
    /// Cancelled by the second: leave at once.
    pub(crate) second: CancellationToken,
}

/// Handles the signals of this process for as long as the runtime lasts.
///
/// # Errors
/// If the system doesn't let the process listen.
pub(crate) fn listen() -> io::Result<StopSignals> {
    let mut listener = SignalListener::new()?;
    let signals = StopSignals::default();
    let cancelled = signals.clone();
    tokio::spawn(async move {
        for token in [cancelled.first, cancelled.second] {
            listener.next().await;
            token.cancel();
        }
    });
    Ok(signals)
}
