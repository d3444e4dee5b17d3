//! A service as plain data. Of syn there are only the user's own types, patterns and spans, carried along
//! so that an error points at them and the output repeats them.

use proc_macro2::Ident;
use syn::{Attribute, ItemTrait, Path, Type};

/// One `#[rpcx::service]` trait.
#[derive(Debug)]
pub(crate) struct Service {
    /// The trait as the user wrote it, without the attributes that are ours.
    pub(crate) item: ItemTrait,
    /// The service path on the wire.
    pub(crate) path: String,
    /// The text of the doc comment.
    pub(crate) docs: String,
    /// `version = ".."`.
    pub(crate) version: Option<String>,
    /// Emit `ArithClient`.
    pub(crate) client: bool,
    /// Emit `ArithServer`.
    pub(crate) server: bool,
    /// Emit `ArithDyn`.
    pub(crate) dynamic: bool,
    /// How generated code names the facade.
    pub(crate) facade: Path,
    /// In source order.
    pub(crate) methods: Vec<Method>,
}

/// One method of a service.
#[derive(Debug)]
pub(crate) struct Method {
    /// The name in Rust.
    pub(crate) ident: Ident,
    /// The name on the wire.
    pub(crate) wire: String,
    /// Further names that the server answers to.
    pub(crate) aliases: Vec<String>,
    /// The text of the doc comment.
    pub(crate) docs: String,
    /// `#[cfg(..)]`, repeated on everything that is emitted for the method.
    pub(crate) cfgs: Vec<Attribute>,
    /// Doc comments and `#[deprecated]`, repeated on the client's method.
    pub(crate) shown: Vec<Attribute>,
    /// The context parameter, if there is one.
    pub(crate) context: Option<Context>,
    /// In source order, without receiver and context.
    pub(crate) args: Vec<Arg>,
    /// The whole return type.
    pub(crate) ret: Type,
    /// How payloads are encoded.
    pub(crate) family: Family,
    /// A single argument travels as a map with one field.
    pub(crate) wrap: bool,
    /// The name of the struct that the arguments are offered as.
    pub(crate) args_name: Option<Ident>,
    /// The name of the one field that the reply travels in.
    pub(crate) reply: Option<String>,
    /// No answer is sent.
    pub(crate) oneway: bool,
    /// May be repeated.
    pub(crate) idempotent: bool,
    /// How long a caller waits, in milliseconds.
    pub(crate) timeout_ms: Option<u64>,
    /// Where the handler runs.
    pub(crate) execution: Execution,
}

/// The `ctx: &Context` parameter.
#[derive(Debug)]
pub(crate) struct Context {
    /// Its name.
    pub(crate) ident: Ident,
    /// Its type, a reference.
    pub(crate) ty: Type,
}

/// One argument.
#[derive(Debug)]
pub(crate) struct Arg {
    /// The name in Rust.
    pub(crate) ident: Ident,
    /// The name of its field, where it travels in a map.
    pub(crate) wire: String,
    /// The type in the signature.
    pub(crate) ty: Type,
    /// What is decoded to get it.
    pub(crate) form: Form,
    /// A missing field is the default value.
    pub(crate) default: bool,
    /// Travels as bytes and not as a list of numbers.
    pub(crate) bytes: bool,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By value: `u64`, `User`, and also `Option<&str>`.
    Owned,
    /// `&str` or `&[u8]`, which borrow from the request.
    Borrowed,
    /// `&T`: a `T` is decoded and lent.
    Reference,
}

/// A codec family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// msgpack and JSON.
    Serde,
    /// Protobuf messages.
    Protobuf,
    /// Structs of thrift.
    Thrift,
    /// Bytes as they are.
    Raw,
}

/// Where a handler runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Execution {
    /// On the connection's task until it has to wait.
    Inline,
    /// On a task of its own.
    Spawn,
    /// On the blocking pool.
    Blocking,
}

impl Method {
    /// Whether the arguments travel as a map with one field each.
    pub(crate) fn is_map(&self) -> bool {
        self.args.len() > 1 || (self.wrap && !self.args.is_empty())
    }
}
