//! A service as plain data. Of syn there are only the user's own types, patterns and spans, carried along
//! so that an error points at them and the output repeats them.

use proc_macro2::Ident;
use syn::{Attribute, ItemTrait, Path, Type};

/// One `#[rpcx::service]` trait.
#[derive(Debug)]
pub struct Service {
    /// The trait as the user wrote it, without the attributes that are ours.
    pub item: ItemTrait,
    /// The service path on the wire.
    pub path: String,
    /// The text of the doc comment.
    pub docs: String,
    /// `version = ".."`.
    pub version: Option<String>,
    /// Emit `ArithClient`.
    pub client: bool,
    /// Emit `ArithServer`.
    pub server: bool,
    /// Emit `ArithDyn`.
    pub dynamic: bool,
    /// How generated code names the facade.
    pub facade: Path,
    /// In source order.
    pub methods: Vec<Method>,
}

/// One method of a service.
#[derive(Debug)]
pub struct Method {
    /// The name in Rust.
    pub ident: Ident,
    /// The name on the wire.
    pub wire: String,
    /// Further names that the server answers to.
    pub aliases: Vec<String>,
    /// The text of the doc comment.
    pub docs: String,
    /// `#[cfg(..)]`, repeated on everything that is emitted for the method.
    pub cfgs: Vec<Attribute>,
    /// Doc comments and `#[deprecated]`, repeated on the client's method.
    pub shown: Vec<Attribute>,
    /// The context parameter, if there is one.
    pub context: Option<Context>,
    /// In source order, without receiver and context.
    pub args: Vec<Arg>,
    /// The whole return type.
    pub ret: Type,
    /// How payloads are encoded.
    pub codecs: Codecs,
    /// A single argument travels as a map with one field.
    pub wrap: bool,
    /// The name of the struct that the arguments are offered as.
    pub args_name: Option<Ident>,
    /// The name of the one field that the reply travels in.
    pub reply: Option<String>,
    /// No answer is sent.
    pub oneway: bool,
    /// May be repeated.
    pub idempotent: bool,
    /// A handler that has begun is not dropped when its caller has gone.
    pub run_to_end: bool,
    /// How long a caller waits, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// Where the handler runs.
    pub execution: Execution,
}

/// The `ctx: &Context` parameter.
#[derive(Debug)]
pub struct Context {
    /// Its name.
    pub ident: Ident,
    /// Its type, a reference.
    pub ty: Type,
}

/// One argument.
#[derive(Debug)]
pub struct Arg {
    /// The name in Rust.
    pub ident: Ident,
    /// The name of its field, where it travels in a map.
    pub wire: String,
    /// The type in the signature.
    pub ty: Type,
    /// What is decoded to get it.
    pub form: Form,
    /// A missing field is the default value.
    pub default: bool,
    /// Travels as bytes and not as a list of numbers.
    pub bytes: bool,
    /// Calls with the same value go to the same node, where nodes are chosen by a hash.
    pub hash: bool,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By value: `u64`, `User`, and also `Option<&str>`.
    Owned,
    /// `&str` or `&[u8]`, which borrow from the request.
    Borrowed,
    /// `&T`: a `T` is decoded and lent.
    Reference,
}

/// The codec families that a method can travel in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codecs {
    /// What a client uses unless its channel says otherwise.
    pub first: Family,
    /// The others.
    pub more: Vec<Family>,
    /// Nothing was said: bytes may travel as they are, too.
    pub open: bool,
}

impl Codecs {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Family> + '_ {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// Whether the family is one of them.
    pub fn has(&self, family: Family) -> bool {
        self.all().any(|one| one == family)
    }
}

impl Default for Codecs {
    fn default() -> Self {
        Self {
            first: Family::Serde,
            more: Vec::new(),
            open: true,
        }
    }
}

/// A codec family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
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
pub enum Execution {
    /// On the connection's task until it has to wait.
    Inline,
    /// On a task of its own.
    Spawn,
    /// On the blocking pool.
    Blocking,
}

impl Method {
    /// Whether the arguments travel as a map with one field each.
    pub fn is_map(&self) -> bool {
        self.args.len() > 1 || (self.wrap && !self.args.is_empty())
    }
}
