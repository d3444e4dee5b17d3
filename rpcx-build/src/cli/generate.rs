//! `expand` and `gen`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::package::Files;
use crate::builder::configure;
use crate::error::Error;
use crate::import::import_go;
use crate::source::Source;

/// Prints the Rust code of a trait file.
pub(super) fn expand(file: &Path) -> Result<ExitCode, Error> {
    let source = Source::read(file)?;
    let tokens = source.expanded(true)?;
    print!("{}", source.rust(tokens)?);
    Ok(ExitCode::SUCCESS)
}

/// Prints a trait file, and on the other stream what is not the same as in Go.
pub(super) fn import(files: &[PathBuf]) -> Result<ExitCode, Error> {
    let imported = import_go(files)?;
    for text in &imported.left_out {
        eprintln!("left out: {text}\n");
    }
    for note in &imported.notes {
        eprintln!("note: {note}\n");
    }
    print!("{}", imported.text);
    Ok(ExitCode::SUCCESS)
}

/// Writes what is asked for.
pub(super) fn generate(files: &Files) -> Result<ExitCode, Error> {
    let others = [&files.markdown, &files.typescript, &files.openapi];
    if files.rust.is_none() && files.go.is_none() && others.iter().all(|file| file.is_none()) {
        return Err(Error::one(
            "nothing to generate\n\
             help: name a place with `--rust`, `--go`, `--typescript`, `--markdown` or `--openapi`, or in [package.metadata.rpcx]",
        ));
    }
    let mut builder = configure().emit_rust(files.rust.is_some());
    for file in &files.trait_files {
        builder = builder.trait_file(file);
    }
    if let Some(folder) = &files.rust {
        builder = builder.out_dir(folder);
    }
    if let Some((folder, package)) = &files.go {
        builder = builder.go(folder, package);
    }
    if let Some(file) = &files.markdown {
        builder = builder.markdown(file);
    }
    if let Some(file) = &files.typescript {
        builder = builder.typescript(file);
    }
    if let Some(file) = &files.openapi {
        builder = builder.openapi(file);
    }
    builder.protos = files.protos.clone();
    builder.quiet = true;
    builder.try_compile()?;
    Ok(ExitCode::SUCCESS)
}
