//! What differs between systems: rights of files, signals, names that can't be files. Both files have the same functions, and
//! nothing else asks which system it runs on.

#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(not(unix))]
use windows as system;

#[cfg(unix)]
pub use unix::UnixSignals as SignalListener;
#[cfg(not(unix))]
pub use windows::WindowsSignals as SignalListener;

pub use system::{
    HAS_DRIVES, STATE_FOLDERS, forbid_core_dumps, in_use_elsewhere, is_alive, is_own,
    let_umask_decide, make_private, new_folder_is_private, open_privately, sync_folder,
    unusable_name,
};
