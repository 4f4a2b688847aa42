//! Whether the editor that started the server still runs. Most editors close stdin when they end; one that is killed may not.

#[cfg(unix)]
pub(super) fn is_alive(process: i32) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    let Some(process) = Pid::from_raw(process) else {
        return true;
    };
    // A process of another user can't be asked, but is there.
    test_kill_process(process) != Err(Errno::SRCH)
}

/// Windows closes stdin with the last process that writes to it.
#[cfg(not(unix))]
pub(super) fn is_alive(_process: i32) -> bool {
    true
}
