//! What the feature `proto` adds to the builder.

use std::path::PathBuf;

use super::Builder;

impl Builder {
    /// Adds a protobuf file. `includes` are the folders that imports are looked for in; without any it
    /// is the folder of the file. A relative path starts at the folder of the `Cargo.toml`.
    ///
    /// A package becomes a file in the output folder: `pkg.v1` is `pkg.v1.rs`, and without a package
    /// it is `_.rs`. `rpcx_protos.rs` has a module for each package and includes these files.
    pub fn proto(
        mut self,
        path: impl Into<PathBuf>,
        includes: impl IntoIterator<Item = impl Into<PathBuf>>,
    ) -> Self {
        let includes = includes.into_iter().map(Into::into).collect();
        self.protos.files.push((path.into(), includes));
        self
    }

    /// Whether a service of a protobuf file has its package in its path: `hello.Greeter` and not
    /// `Greeter`. Go's `protoc-gen-rpcx` leaves it out, and so does this builder unless told otherwise.
    pub fn full_names(mut self, full: bool) -> Self {
        self.protos.full_names = full;
        self
    }
}
