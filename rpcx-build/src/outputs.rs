//! The files that are written, all or none.

use std::path::{Path, PathBuf};
use std::{fs, io};

use rpcx_schema::lock::Lock;
use rpcx_schema::openapi;
use rpcx_schema::typescript::{self, Module};

use crate::error::Error;
use crate::watch;

/// What a client in TypeScript imports.
const RUNTIME: &str = "rpcx.ts";

/// What is to be written.
#[derive(Default)]
pub(crate) struct Outputs {
    files: Vec<Output>,
    /// The Markdown of all trait files so far.
    pub(crate) page: String,
    /// What all trait files so far become in TypeScript.
    pub(crate) modules: Vec<Module>,
    /// What all trait files so far say to OpenAPI.
    pub(crate) pages: Vec<openapi::Page>,
    /// The protobuf files that were read, also those that others import.
    pub(crate) read: Vec<PathBuf>,
    /// What all trait files promise.
    pub(crate) lock: Lock,
    /// What all protobuf files promise.
    pub(crate) proto_lock: Lock,
    /// What a build tells its user, though nothing is wrong.
    pub(crate) warnings: Vec<String>,
    /// What cannot stand in one lock file.
    pub(crate) lock_mistakes: Vec<String>,
}

/// Where Rust files go.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// As that of an output.
    pub(crate) checked_in: bool,
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

    /// Makes a file of the modules, if one is wanted, and beside it the one that it imports.
    pub(crate) fn finish_typescript(&mut self, path: Option<&Path>) -> Result<(), Error> {
        let Some(path) = path else {
            return Ok(());
        };
        let modules = std::mem::take(&mut self.modules);
        if modules.is_empty() {
            return Err(Error::one(format!(
                "{}: there is no trait file to make clients of, and services of protobuf files have none",
                path.display()
            )));
        }
        let text = typescript::render(&modules).map_err(Error::one)?;
        let runtime = path.with_file_name(RUNTIME);
        if runtime == path {
            return Err(Error::one(format!(
                "{}: the client imports a file of this name\nhelp: call it `client.ts`",
                path.display()
            )));
        }
        self.add(path, path.to_owned(), text, true)?;
        self.add(path, runtime, typescript::RUNTIME.to_owned(), true)
    }

    /// Makes an OpenAPI document of the pages, if one is wanted.
    pub(crate) fn finish_openapi(&mut self, path: Option<&Path>) {
        if let Some(path) = path {
            self.files.push(Output {
                path: path.to_owned(),
                text: openapi::render(&self.pages),
                checked_in: true,
            });
        }
    }

    /// What all files promise.
    pub(crate) fn finish_lock(&mut self) -> Result<Lock, Error> {
        let messages = std::mem::take(&mut self.lock_mistakes);
        if !messages.is_empty() {
            return Err(Error { messages });
        }
        let (traits, protobuf) = (
            std::mem::take(&mut self.lock),
            std::mem::take(&mut self.proto_lock),
        );
        traits.with_protobuf(protobuf).map_err(Error::one)
    }

    /// The files that belong into version control.
    pub(crate) fn checked_in(&self) -> impl Iterator<Item = &Path> {
        let files = self.files.iter().filter(|file| file.checked_in);
        files.map(|file| file.path.as_path())
    }

    /// Writes what has changed. With `check`, checked-in files must be up to date instead.
    pub(crate) fn write(self, check: bool) -> Result<(), Error> {
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
