//! What generated code says about the methods of a service.

use super::{Json, Part, Schemas};

/// An error that a method answers with: a variant of an enum with `#[derive(rpcx::ServiceError)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorInfo {
    /// Its code on the wire.
    pub code: i64,
    /// The name of the variant.
    pub name: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
}

impl ErrorInfo {
    /// An error with this code.
    pub const fn new(code: i64, name: &'static str, docs: &'static str) -> Self {
        Self { code, name, docs }
    }
}

/// An error type that says which errors there are.
pub trait ErrorInfos {
    /// All of them, in the order of the source.
    const ERRORS: &'static [ErrorInfo];
}

/// What is known of a method beside its [`MethodInfo`](crate::descriptor::MethodInfo).
#[derive(Debug)]
pub(crate) struct MethodSchemas {
    pub(crate) id: u32,
    pub(crate) args: Json,
    /// `None` for a method that is not answered.
    pub(crate) reply: Option<Json>,
    /// The codecs that it can be called with in every build.
    pub(crate) codecs: Vec<&'static str>,
    pub(crate) errors: &'static [ErrorInfo],
}

/// Takes what generated code says about the methods of one service.
#[derive(Debug)]
pub struct Methods<'a> {
    schemas: &'a mut Schemas,
    pub(crate) all: Vec<MethodSchemas>,
}

impl<'a> Methods<'a> {
    pub(crate) fn new(schemas: &'a mut Schemas) -> Self {
        Self {
            schemas,
            all: Vec::new(),
        }
    }

    /// One more method. `codecs` and `errors` are those it has.
    #[doc(hidden)]
    pub fn add(
        &mut self,
        id: u32,
        (args, reply): (Part<'_>, Option<Part<'_>>),
        codecs: Vec<&'static str>,
        errors: &'static [ErrorInfo],
    ) {
        let args = args(self.schemas);
        let reply = reply.map(|reply| reply(self.schemas));
        self.all.push(MethodSchemas {
            id,
            args,
            reply,
            codecs,
            errors,
        });
    }
}
