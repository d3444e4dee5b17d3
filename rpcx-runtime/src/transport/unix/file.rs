//! The file of a socket: how it comes into its place, and how it leaves it.
//!
//! A socket is bound under a random name, gets its permissions, begins to listen, and
//! only then is given the name it is asked for, by a hard link. That fails if the name is taken, so
//! of two starters one wins, and a client that finds the file can connect.
//!
//! A name that is taken is freed only if it is that of a socket, and no server answers on it. One
//! starter at a time does that in a folder, so what was found is still there when it is moved aside.
//! It is looked at again even so: a program of another kind knows no locks. A live socket that it
//! has put there within these few microseconds goes back to its name.

use std::fs::{self, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixSocket, UnixStream};

use super::lock::lock;

/// Connections that wait to be accepted; the system may have a lower limit.
const BACKLOG: u32 = 1024;

/// How often a name is tried to be taken, before its file changes too fast to be replaced.
const TRIES: usize = 8;

/// A server of another kind binds a moment before it listens: what refuses is asked again.
const PROBES: usize = 3;
const PROBE_PAUSE: Duration = Duration::from_millis(10);

/// The longest name of a socket that is not in its place yet.
const HIDDEN: usize = 12;

/// The file of a listening socket. Dropped, it is removed, if it is still that file.
#[derive(Debug)]
pub(super) struct SocketFile {
    /// Absolute: the working directory may change.
    path: PathBuf,
    inode: Inode,
}

/// Which file it is, whatever its name. The time of its last change tells it from one that was
/// given the same number later.
type Inode = (u64, u64, i64, i64);

fn inode(metadata: &Metadata) -> Inode {
    let changed = (metadata.mtime(), metadata.mtime_nsec());
    (metadata.dev(), metadata.ino(), changed.0, changed.1)
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| inode(&found) == self.inode) {
            // If it cannot be removed, the next server replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Listens at `path`, with these permissions from the first moment on.
pub(super) async fn listen(
    path: &Path,
    mode: Option<u32>,
) -> io::Result<(UnixListener, SocketFile)> {
    if let Some(mode) = mode.filter(|mode| *mode > 0o777) {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            format!("the file mode {mode:#o} is more than permissions, which end at 0o777"),
        ));
    }
    let (socket, hidden) = bind_hidden(path)?;
    if let Some(mode) = mode {
        fs::set_permissions(&hidden.0, Permissions::from_mode(mode))?;
    }
    let listener = socket.listen(BACKLOG)?;
    let inode = inode(&fs::symlink_metadata(&hidden.0)?);
    take_name(&hidden.0, path).await?;
    let path = std::path::absolute(path)?;
    Ok((listener, SocketFile { path, inode }))
}

/// A name that is on its way, and is gone afterwards.
struct Hidden(PathBuf);

impl Drop for Hidden {
    fn drop(&mut self) {
        // It has its other name by now, or it is of no use.
        let _ = fs::remove_file(&self.0);
    }
}

fn bind_hidden(path: &Path) -> io::Result<(UnixSocket, Hidden)> {
    let mut last = io::Error::from(ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let socket = UnixSocket::new_stream()?;
        let hidden = beside(path)?;
        match socket.bind(&hidden) {
            Ok(()) => return Ok((socket, Hidden(hidden))),
            Err(error) if error.kind() == ErrorKind::AddrInUse => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// A random name in the same folder, no longer than the name itself: it has to fit where that
/// does.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
    let length = name.len().min(HIDDEN);
    loop {
        let mut hidden: String = (0..length).map(|_| fastrand::alphanumeric()).collect();
        if length > HIDDEN / 2 {
            hidden.replace_range(..1, ".");
        }
        // A short name can be drawn; there are file systems to which both cases are one.
        if !name.eq_ignore_ascii_case(&hidden) {
            return Ok(path.with_file_name(hidden));
        }
    }
}

/// Gives the socket its name.
async fn take_name(hidden: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(hidden, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        done => return done,
    }
    let folder = match hidden.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        // A name alone is one in the working folder.
        _ => Path::new("."),
    };
    let _locked = lock(folder).await;
    for _ in 0..TRIES {
        match fs::hard_link(hidden, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => free_name(path).await?,
            done => return done,
        }
    }
    Err(in_use("others are taking the same path"))
}

/// Removes the file of a socket on which no server answers; anything else is an error.
async fn free_name(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        return Err(in_use("there is a file that is not a socket"));
    }
    for probe in 0..PROBES {
        if probe > 0 {
            tokio::time::sleep(PROBE_PAUSE).await;
        }
        match UnixStream::connect(path).await {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(error),
            // A backlog that is full has a server behind it too.
            _ => return Err(in_use("another server answers there")),
        }
    }
    let still_there = fs::symlink_metadata(path).is_ok_and(|now| inode(&now) == inode(&found));
    if !still_there {
        return Ok(());
    }
    remove_stale(path, &inode(&found))
}

/// Removes the file with this inode from `path`, and no other.
fn remove_stale(path: &Path, stale: &Inode) -> io::Result<()> {
    // Long enough to be unique: a rename replaces.
    let aside = path.with_file_name(format!(".{:032x}.stale", fastrand::u128(..)));
    match fs::rename(path, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        done => done?,
    }
    let aside = Hidden(aside);
    if inode(&fs::symlink_metadata(&aside.0)?) != *stale {
        // Another starter's: it goes back, and is found to be alive.
        fs::hard_link(&aside.0, path)?;
    }
    Ok(())
}

fn in_use(why: &str) -> io::Error {
    io::Error::new(ErrorKind::AddrInUse, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_name_is_no_longer_than_the_name() {
        for (path, longest) in [("a", 1), ("dir/abc", 3), ("/x/arith.example.sock", HIDDEN)] {
            let path = Path::new(path);
            let hidden = beside(path).unwrap();
            assert_eq!(hidden.parent(), path.parent());
            assert_eq!(hidden.file_name().unwrap().len(), longest);
        }
        assert!(beside(Path::new("/")).is_err());
    }

    #[test]
    fn a_short_name_is_never_drawn_as_a_hidden_one() {
        for _ in 0..10_000 {
            let hidden = beside(Path::new("dir/q")).unwrap();
            assert!(!hidden.as_os_str().eq_ignore_ascii_case("dir/q"));
        }
    }

    /// A folder with a socket without a server in it, at this path.
    fn stale() -> (PathBuf, PathBuf) {
        let folder = std::env::temp_dir().join(format!("rpcx-{:x}", fastrand::u64(..)));
        fs::create_dir(&folder).unwrap();
        let path = folder.join("a.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        (folder, path)
    }

    #[tokio::test]
    async fn one_starter_at_a_time_frees_a_name() {
        let (folder, path) = stale();
        let found = inode(&fs::symlink_metadata(&path).unwrap());
        let other = lock(&folder).await;
        assert!(other.is_some());
        let waits = tokio::time::timeout(PROBES as u32 * 3 * PROBE_PAUSE, listen(&path, None));
        assert!(waits.await.is_err());
        assert_eq!(inode(&fs::symlink_metadata(&path).unwrap()), found);
        drop(other);
        drop(listen(&path, None).await.unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_let_go_of_a_folder_keeps_no_server_from_starting() {
        let (folder, path) = stale();
        let _never_let_go = lock(&folder).await.unwrap();
        drop(listen(&path, None).await.unwrap());
        fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn a_live_file_that_was_moved_aside_is_put_back() {
        let (folder, path) = stale();
        fs::remove_file(&path).unwrap();
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let own = inode(&fs::symlink_metadata(&path).unwrap());
        remove_stale(&path, &(0, 0, 0, 0)).unwrap();
        assert_eq!(inode(&fs::symlink_metadata(&path).unwrap()), own);
        drop(listener);
        remove_stale(&path, &own).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
    }
}
