//! The files that are written, all or none.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::builder::Error;
use crate::watch;

/// What is to be written.
#[derive(Default)]
pub(crate) struct Outputs {
    files: Vec<Output>,
    /// The Markdown of all trait files so far.
    pub(crate) page: String,
}

struct Output {
    path: PathBuf,
    text: String,
    /// Belongs into version control, and not into `OUT_DIR`.
    checked_in: bool,
}

impl Outputs {
    /// Adds what is generated from `source`.
    pub(crate) fn add(
        &mut self,
        source: &Path,
        path: PathBuf,
        text: String,
        checked_in: bool,
    ) -> Result<(), Error> {
        if self.files.iter().any(|file| file.path == path) {
            return Err(Error::one(format!(
                "{}: another trait file has this name already",
                source.display()
            )));
        }
        self.files.push(Output {
            path,
            text,
            checked_in,
        });
        Ok(())
    }

    /// Makes a file of the page, if one is wanted.
    pub(crate) fn finish_page(&mut self, path: Option<&Path>) {
        if let Some(path) = path {
            self.files.push(Output {
                path: path.to_owned(),
                text: std::mem::take(&mut self.page),
                checked_in: true,
            });
        }
    }

    /// Writes what has changed. With `check`, checked-in files must be up to date instead.
    pub(crate) fn write(self, check: bool) -> Result<(), Error> {
        for file in self.files.iter().filter(|file| file.checked_in) {
            watch::watch(&file.path);
        }
        let stale = |file: &&Output| check && file.checked_in && !file.is_current();
        let messages: Vec<String> = self.files.iter().filter(stale).map(Output::stale).collect();
        if !messages.is_empty() {
            return Err(Error { messages });
        }
        for file in &self.files {
            file.write()
                .map_err(|error| Error::one(format!("{}: {error}", file.path.display())))?;
        }
        Ok(())
    }
}

impl Output {
    fn is_current(&self) -> bool {
        fs::read(&self.path).is_ok_and(|present| present == self.text.as_bytes())
    }

    fn stale(&self) -> String {
        format!(
            "{}: this file is not what its trait file gives\n\
             help: build without `RPCX_CHECK` and check the file in",
            self.path.display()
        )
    }

    /// Leaves a file alone that has the text already, so that its users are not built again.
    fn write(&self) -> io::Result<()> {
        if self.is_current() {
            return Ok(());
        }
        if let (true, Some(folder)) = (self.checked_in, self.path.parent()) {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.path, &self.text)?;
        if self.checked_in {
            watch::date_to_start(&self.path)?;
        }
        Ok(())
    }
}
