//! Maintenance windows: an apply doesn't start what a window would interrupt.

use jiff::SignedDuration;

use crate::cli::error::CommandError;
use crate::domain::MaintenanceWindows;
use crate::domain::clock::Clock;
use crate::plan::Plan;
use crate::render;

/// Calls for an operation, on average at most: a search or look before it, the call, and the looks after it.
pub(crate) const CALLS_PER_OPERATION: usize = 4;

/// Calls a second without a limit, by a careful guess.
const UNLIMITED_CALLS_PER_SECOND: i64 = 10;

/// How long a plan takes to apply at most. A limit of 0 calls a minute is no limit.
pub(crate) fn duration(plan: &Plan, calls_per_minute: u32) -> SignedDuration {
    let calls = plan.operations.len().saturating_mul(CALLS_PER_OPERATION);
    let calls = i64::try_from(calls).unwrap_or(i64::MAX);
    let seconds = match calls_per_minute {
        0 => calls / UNLIMITED_CALLS_PER_SECOND,
        limit => calls.saturating_mul(60) / i64::from(limit),
    };
    SignedDuration::from_secs(seconds)
}

/// Refuses if a window is open, or opens within this time from now.
pub(crate) fn refuse_in_window(
    clock: Clock,
    windows: &MaintenanceWindows,
    duration: SignedDuration,
) -> Result<(), CommandError> {
    let now = clock.now();
    let Some(window) = windows.in_the_way(now, duration) else {
        return Ok(());
    };
    let takes = if duration.is_zero() {
        String::new()
    } else {
        let minutes = usize::try_from(duration.as_secs() / 60 + 1).unwrap_or(usize::MAX);
        let minutes = render::count(minutes, "minute", "minutes");
        format!("This takes up to {minutes}. ")
    };
    let begins = if window.start <= now {
        "has been under way since"
    } else {
        "begins at"
    };
    let (start, end) = (render::london(window.start), render::london(window.end));
    Err(CommandError::Maintenance(format!(
        "Nothing was applied.\n{takes}A maintenance window {begins} {start}; come back after {end}."
    )))
}
