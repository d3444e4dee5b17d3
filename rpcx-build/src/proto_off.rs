//! A build without the feature `proto` has no protobuf files.

#[cfg(feature = "cli")]
use std::path::PathBuf;

use crate::error::Error;
use crate::outputs::{Folder, Outputs};

/// No files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protos {}

impl Protos {
    pub(crate) fn generate(&self, _: Option<&Folder>, _: &mut Outputs) -> Result<(), Error> {
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        true
    }
}

/// For the command line.
#[cfg(feature = "cli")]
impl Protos {
    pub(crate) fn named(files: Vec<PathBuf>, _: &[PathBuf], _: bool) -> Result<Self, Error> {
        match files.first() {
            None => Ok(Self {}),
            Some(file) => Err(Error::one(format!(
                "{}: protobuf files need the feature `proto` of `rpcx-build`",
                file.display()
            ))),
        }
    }

    pub(crate) fn skip_streams(self, _: bool) -> Self {
        self
    }
}
