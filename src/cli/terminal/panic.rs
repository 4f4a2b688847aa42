//! What is said of a bug: where it is, and never a value, since what a message of a panic holds nobody knows.

use std::io::Write;
use std::panic::{self, PanicHookInfo};

/// Makes every panic of this process say its place alone.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info
            .location()
            .map(|place| format!(" ({}:{})", place.file(), place.line()))
            .unwrap_or_default();
        let words = "this is a bug of rosterctl, and no fault of yours";
        // There is nowhere to report that this can't be written.
        let _ = writeln!(
            anstream::stderr().lock(),
            "error: {words}{place}\nWhat was applied is in the journal: `rosterctl history`. Report it with the line above."
        );
    }));
}
