//! The message for a bug. It shows only the place, because a panic's own message may hold personal data.

use std::io::Write;
use std::panic::{self, PanicHookInfo};

/// Makes every panic of this process report only its place.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info
            .location()
            .map(|place| format!(" ({}:{})", place.file(), place.line()))
            .unwrap_or_default();
        let words = "this is a bug of rosterctl, and no fault of yours";
        // There is nowhere to report a failure to write.
        let _ = writeln!(
            anstream::stderr().lock(),
            "error: {words}{place}\nWhat was applied is in the journal: `rosterctl history`. Report it with the line above."
        );
    }));
}
