//! A build without the feature `proto` has no protobuf files.

use std::path::Path;

use crate::builder::Error;
use crate::outputs::Outputs;

/// No files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protos {}

impl Protos {
    pub(crate) fn generate(&self, _: &Path, _: &mut Outputs) -> Result<(), Error> {
        Ok(())
    }
}
