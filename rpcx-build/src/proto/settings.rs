//! What a build script says about its `.proto` files.

use std::path::PathBuf;

use prost_build::Config;

/// What becomes of an rpc with a `stream`, which a method of rpcx has no form for yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Streams {
    /// It is an error, with the place of the rpc. The default.
    #[default]
    Refuse,
    /// It is left out of the trait, and a warning of the build names it.
    Skip,
}

/// The `.proto` files a build script names. They are one input, because they can share packages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protos {
    /// Each with where its imports are looked for.
    pub(crate) files: Vec<(PathBuf, Vec<PathBuf>)>,
    /// Service paths with their package.
    pub(crate) full_names: bool,
    /// Messages in every codec that Go has for them.
    pub(crate) all_codecs: bool,
    pub(crate) streams: Streams,
    /// In the order in which they were given, because later ones go before earlier ones.
    pub(crate) messages: Vec<Setting>,
}

/// What prost is told about messages, by the path of a message or a field.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    TypeAttribute(String, String),
    FieldAttribute(String, String),
    ExternPath(String, String),
    Bytes(String),
    BTreeMap(String),
    Boxed(String),
    WellKnownTypes,
}

impl Setting {
    pub(super) fn apply(&self, config: &mut Config) {
        match self {
            Self::TypeAttribute(path, attribute) => config.type_attribute(path, attribute),
            Self::FieldAttribute(path, attribute) => config.field_attribute(path, attribute),
            Self::ExternPath(proto, rust) => config.extern_path(proto, rust),
            Self::Bytes(path) => config.bytes([path]),
            Self::BTreeMap(path) => config.btree_map([path]),
            Self::Boxed(path) => config.boxed(path),
            Self::WellKnownTypes => config.compile_well_known_types(),
        };
    }
}
