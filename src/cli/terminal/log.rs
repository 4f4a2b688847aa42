//! What `-v` and `-vv` say on stderr: the steps of a run, and each call. No value, no body and no header is ever in it: only
//! this package speaks here, since nobody knows what others would say.

use anstream::stderr;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How much is said, by how often `-v` was given.
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
    // A second start in one process, which tests may make, changes nothing.
    let _ = tracing_subscriber::registry()
        .with(own)
        .with(lines)
        .try_init();
}
