//! The log of `-v` and `-vv` on stderr: the steps of a run, and each request. It never holds a value, a body or a header.
//! Only this package logs, because other packages might log such data.

use anstream::stderr;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The level for this number of `-v` flags.
fn level(verbosity: u8) -> LevelFilter {
    match verbosity {
        0 => LevelFilter::OFF,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    }
}

pub(super) fn start(verbosity: u8) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_target(false)
        .with_level(false)
        .with_ansi(false);
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level(verbosity));
    // Tests may start the log twice in one process; the second start changes nothing.
    let _ = tracing_subscriber::registry()
        .with(own)
        .with(lines)
        .try_init();
}
