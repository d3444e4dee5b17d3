//! Outputs that belong into version control are watched as sources are: cargo is told of them with the
//! other files, so that one that was edited or removed is written anew by the next build.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io};

/// Dates a file that was just written to the start of the build script. cargo runs a script again whose
/// watched files are newer than that, so what the script writes itself would cost one more build.
pub(crate) fn date_to_start(path: &Path) -> io::Result<()> {
    let Some(start) = start() else { return Ok(()) };
    let file = fs::File::options().write(true).open(path)?;
    file.set_modified(start)
}

/// When cargo started this build script. It keeps a file beside `OUT_DIR` for that; where it does not, the
/// next build runs the script once more, and writes nothing.
fn start() -> Option<SystemTime> {
    let out_dir = env::var_os("OUT_DIR").map(PathBuf::from)?;
    let started = out_dir.parent()?.join("invoked.timestamp");
    fs::metadata(started).ok()?.modified().ok()
}
