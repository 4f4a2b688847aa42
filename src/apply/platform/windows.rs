//! Windows. Files have the rights of the folder that they are made in, and so does what rosterctl writes: a project belongs in
//! a folder of one's own, not on a shared drive.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use tempfile::Builder;
use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
    ctrl_logoff, ctrl_shutdown,
};

/// Whether paths begin with a drive's letter, or with the name of a server.
pub const HAS_DRIVES: bool = true;

/// Where a user's state lies: a variable and what is below its folder.
pub const STATE_FOLDERS: &[(&str, &str)] = &[("LOCALAPPDATA", "rosterctl")];

/// Opens a link or a junction itself, so that it is seen and refused.
pub fn open_privately(options: &mut OpenOptions) {
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
}

pub fn new_folder_is_private(_: &mut DirBuilder) {}

pub fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

pub fn let_umask_decide(_: &mut Builder<'_, '_>) {}

/// A folder can't be opened to be synced; NTFS keeps its names in a journal.
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether a file can't be replaced because another program has it open. A file that may not be written answers the same.
pub fn in_use_elsewhere(error: &io::Error) -> bool {
    const ERROR_ACCESS_DENIED: i32 = 5;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    matches!(
        error.raw_os_error(),
        Some(ERROR_ACCESS_DENIED | ERROR_SHARING_VIOLATION)
    )
}

/// Why a path can't be written, if its name alone tells: it names a device, or has a character that no file may have.
pub fn unusable_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    if let Some(character) = name.chars().find(|c| REFUSED.contains(*c)) {
        return Some(format!(
            "Windows allows no `{character}` in the name of a file"
        ));
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let is_device = DEVICES
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
        || is_numbered(stem, "COM")
        || is_numbered(stem, "LPT");
    is_device.then(|| format!("`{stem}` is the name of a device on Windows"))
}

const REFUSED: &str = "<>:\"|?*";
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL"];

/// Whether a name is that of a port: three letters and a digit from 1.
fn is_numbered(stem: &str, letters: &str) -> bool {
    let (Some(start), Some(digit)) = (stem.get(..3), stem.get(3..)) else {
        return false;
    };
    start.eq_ignore_ascii_case(letters) && matches!(digit.as_bytes(), [b'1'..=b'9'])
}

/// Windows makes no image of a process that crashes unless somebody asks for it.
pub fn forbid_core_dumps() {}

/// Whether another process still runs. It isn't asked for here: Windows closes a pipe with the last process that writes to it.
pub fn is_alive(_process: i32) -> bool {
    true
}

/// Whether the folder is below this user's own. Elsewhere, others can write without being seen as owners.
pub fn is_own(folder: &Path, _file: &Path, home: Option<&Path>, _sudo_user: Option<u32>) -> bool {
    home.is_some_and(|home| folder.starts_with(home))
}

/// Ctrl-C, Ctrl-Break, the closing of the window, the end of the session and of the system. After the last three, Windows
/// ends the process within some seconds.
pub struct WindowsSignals {
    interrupt: CtrlC,
    interrupt_too: CtrlBreak,
    close: CtrlClose,
    leave: CtrlLogoff,
    shut_down: CtrlShutdown,
}

impl WindowsSignals {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            interrupt_too: ctrl_break()?,
            close: ctrl_close()?,
            leave: ctrl_logoff()?,
            shut_down: ctrl_shutdown()?,
        })
    }

    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.interrupt_too.recv() => {}
            _ = self.close.recv() => {}
            _ = self.leave.recv() => {}
            _ = self.shut_down.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::unusable_name;

    #[test]
    fn names_of_devices_and_refused_characters_are_known() {
        for name in [
            "NUL",
            "nul.json",
            "out/a:b.json",
            "com1.csv",
            "out/LPT9",
            "what?.html",
        ] {
            assert!(unusable_name(Path::new(name)).is_some(), "{name}");
        }
        for name in [
            "plan.json",
            "console.html",
            "com0.csv",
            "com12",
            "nullify.md",
            "C:/a/b",
        ] {
            assert!(unusable_name(Path::new(name)).is_none(), "{name}");
        }
    }
}
