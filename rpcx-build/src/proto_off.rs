//! A build without the feature `proto` has no protobuf files.

use crate::builder::Error;
use crate::outputs::{Folder, Outputs};

/// No files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protos {}

impl Protos {
    pub(crate) fn generate(&self, _: &Folder, _: &mut Outputs) -> Result<(), Error> {
        Ok(())
    }
}
