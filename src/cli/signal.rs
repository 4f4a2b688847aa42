//! Ctrl-C and (on Unix) SIGTERM, as tokens that commands can wait for.

use std::io;

use tokio_util::sync::CancellationToken;

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
            if listener.next().await.is_err() {
                return;
            }
            token.cancel();
        }
    });
    Ok(signals)
}

struct SignalListener {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl SignalListener {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn next(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        Ok(())
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
