//! One starter at a time in a folder.
//!
//! The folder itself is locked, so that no file is left behind and none needs a name, permissions
//! or room. It is let go when its file is closed, at the latest with the process.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

/// How often, and how soon again, the lock of another process is waited for: a second. Another starter has
/// it for some ten milliseconds.
const TRIES: usize = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// Locks the folder for as long as the file lives. `None` if that cannot be: a folder that may be
/// written but not read, a file system without locks, or a process that keeps the lock, as any can
/// in a folder like `/tmp`. That must not keep a server from starting.
pub(super) async fn lock(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    for _ in 0..TRIES {
        match try_lock(&file) {
            Ok(()) => return Some(file),
            Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(PAUSE).await,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    None
}

#[cfg(not(target_os = "solaris"))]
fn try_lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    Ok(flock(file, FlockOperation::NonBlockingLockExclusive)?)
}

#[cfg(target_os = "solaris")]
fn try_lock(_: &File) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
