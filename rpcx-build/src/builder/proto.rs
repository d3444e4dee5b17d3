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

    /// Whether services also take and answer MessagePack and JSON, as Go's do: a Go service of a `.proto` file
    /// answers callers of all three codecs alike. Messages then travel as the structs that protoc-gen-go makes of them.
    /// Unless told otherwise they are protobuf alone.
    ///
    /// | | MessagePack | JSON |
    /// |---|---|---|
    /// | name of the field `user_name` | `UserName`, its name in Go | `user_name` |
    /// | zero values, `None`, empty lists | written | left out |
    /// | enums | numbers | numbers |
    /// | `bytes` | byte strings | base64 |
    /// | a message that is not set | nil | left out |
    /// | `oneof contact`, with `mail` | `Contact: {Mail: ..}`, or nil | the same, or `null` |
    /// | `google.protobuf.Timestamp` and the like | structs, as all messages | structs |
    ///
    /// nil and what is missing read as zero values. Go itself writes a `oneof` in this form and cannot read it; gogo's JSON
    /// leaves out one whose field is zero, which is an error here.
    /// The well-known types are generated with the others, because those of `prost-types` know nothing of
    /// these codecs; types of [`extern_path`](Self::extern_path) need serde's traits.
    /// Clients use protobuf, unless their channel was told another codec.
    ///
    /// ```no_run
    /// rpcx_build::configure()
    ///     .proto("proto/hello.proto", ["proto"])
    ///     .all_codecs(true)
    ///     .compile();
    /// ```
    pub fn all_codecs(mut self, all: bool) -> Self {
        self.protos.all_codecs = all;
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
