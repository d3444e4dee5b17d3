//! What the feature `proto` adds to the builder.

use std::path::PathBuf;

use super::Builder;
use crate::proto::{Setting, Streams};

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

    /// What becomes of rpcs with a `stream`: unless told otherwise they are errors.
    ///
    /// ```no_run
    /// use rpcx_build::Streams;
    ///
    /// rpcx_build::configure()
    ///     .proto("proto/health.proto", ["proto"])
    ///     .streams(Streams::Skip)
    ///     .compile();
    /// ```
    pub fn streams(mut self, streams: Streams) -> Self {
        self.protos.streams = streams;
        self
    }

    /// Puts an attribute above messages, enums and `oneof`s, as in
    /// `.type_attribute("shop.v1.Order", "#[derive(serde::Serialize)]")`.
    ///
    /// The path is that of a type or a package in the `.proto` files; `.` stands for all of them. This and the
    /// methods below are handed on to `prost_build::Config`, whose documentation has the rules of paths.
    pub fn type_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.setting(Setting::TypeAttribute(path.into(), attribute.into()))
    }

    /// Puts an attribute above fields: of one field (`shop.v1.Order.id`), of a message, of a package, or of all (`.`).
    pub fn field_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.setting(Setting::FieldAttribute(path.into(), attribute.into()))
    }

    /// Uses Rust types that are there already for a message or a package, which is then not generated:
    /// `.extern_path(".google.type", "::googletypes")`. The path begins with a dot.
    pub fn extern_path(self, proto: impl Into<String>, rust: impl Into<String>) -> Self {
        self.setting(Setting::ExternPath(proto.into(), rust.into()))
    }

    /// `bytes::Bytes` and not `Vec<u8>` for the `bytes` fields below this path. The crate then needs `bytes`.
    pub fn bytes(self, path: impl Into<String>) -> Self {
        self.setting(Setting::Bytes(path.into()))
    }

    /// `BTreeMap` and not `HashMap` for the maps below this path.
    pub fn btree_map(self, path: impl Into<String>) -> Self {
        self.setting(Setting::BTreeMap(path.into()))
    }

    /// Puts a field into a `Box`, as for a large variant of a `oneof`. Messages that hold themselves have it anyway.
    pub fn boxed(self, path: impl Into<String>) -> Self {
        self.setting(Setting::Boxed(path.into()))
    }

    /// Generates the well-known types, `google.protobuf.Timestamp` and the like, in place of using those of
    /// `prost-types`.
    pub fn compile_well_known_types(self) -> Self {
        self.setting(Setting::WellKnownTypes)
    }

    fn setting(mut self, setting: Setting) -> Self {
        self.protos.messages.push(setting);
        self
    }
}
