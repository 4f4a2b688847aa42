//! Linux, macOS and other Unix systems.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, geteuid, setrlimit, test_kill_process};
use tempfile::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whether paths begin with a drive's letter, or with the name of a server.
pub const HAS_DRIVES: bool = false;

/// Where a user's state lies: a variable and what is below its folder. The first that is set counts.
pub const STATE_FOLDERS: &[(&str, &str)] = &[
    ("XDG_STATE_HOME", "rosterctl"),
    ("HOME", ".local/state/rosterctl"),
];

/// Doesn't follow a link, doesn't wait for a pipe, and makes a new file private.
pub fn open_privately(options: &mut OpenOptions) {
    options
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .mode(0o600);
}

pub fn new_folder_is_private(builder: &mut DirBuilder) {
    builder.mode(0o700);
}

/// Takes an existing folder away from everybody but its owner.
pub fn make_private(folder: &Path) -> io::Result<()> {
    if folder.symlink_metadata()?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Temporary files are private by default. With this mode the umask decides instead.
pub fn let_umask_decide(builder: &mut Builder<'_, '_>) {
    builder.permissions(Permissions::from_mode(0o666));
}

/// Puts the names of new files on disk, so that they survive a power cut.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Whether a file can't be replaced because another program has it open. Here it always can.
pub fn in_use_elsewhere(_: &io::Error) -> bool {
    false
}

/// Why a path can't be written, if its name alone tells.
pub fn unusable_name(_: &Path) -> Option<String> {
    None
}

/// A crash leaves no image of this process, which could have keys in it. If that can't be had, the run goes on: it is the
/// second line of defence.
pub fn forbid_core_dumps() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
}

/// Whether another process still runs.
pub fn is_alive(process: i32) -> bool {
    let Some(process) = Pid::from_raw(process) else {
        return true;
    };
    // A process of another user can't be asked, but is there.
    test_kill_process(process) != Err(Errno::SRCH)
}

/// Whether a folder and a file in it belong to this user. As in git, root also owns what belongs to the person who called
/// `sudo`.
pub fn is_own(folder: &Path, file: &Path, _home: Option<&Path>, sudo_user: Option<u32>) -> bool {
    let user = geteuid();
    let sudo_user = sudo_user.filter(|_| user.is_root());
    [folder, file].iter().all(|path| {
        path.symlink_metadata().is_ok_and(|metadata| {
            metadata.uid() == user.as_raw() || Some(metadata.uid()) == sudo_user
        })
    })
}

/// Ctrl-C and SIGTERM.
pub struct UnixSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl UnixSignals {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
