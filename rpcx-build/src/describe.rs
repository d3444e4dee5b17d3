//! Trait files and files of Go, described.

use std::ffi::OsStr;
use std::path::Path;

use rpcx_schema::openapi;

use crate::error::Error;
use crate::import::import_go;
use crate::source::Source;

/// What services take and answer, as one JSON document: that of `Reflection.Describe` of a server. For tools that call
/// servers which do not tell their types. `paths` are one trait file, or files of Go (`.go`) that belong together, of which
/// [`import_go`] makes one.
///
/// # Errors
/// Files that cannot be read, or that [`trait_file`](crate::Builder::trait_file) or [`import_go`] would refuse.
pub fn describe<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<String, Error> {
    let paths: Vec<P> = paths.into_iter().collect();
    let is_go = |path: &P| path.as_ref().extension() == Some(OsStr::new("go"));
    let source = match &paths[..] {
        [] => return Err(Error::one("a trait file is needed")),
        [first, ..] if paths.iter().all(is_go) => {
            let imported = import_go(&paths)?;
            Source::parse(first.as_ref(), imported.text)?
        }
        [one] => Source::read(one.as_ref())?,
        _ => return Err(Error::one("one trait file is needed, or files of Go alone")),
    };
    source.expanded(true)?;
    Ok(openapi::describe(&source.openapi()?))
}
