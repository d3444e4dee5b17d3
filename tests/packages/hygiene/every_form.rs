//! Every form of a service, for every edition that has `async`.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::collections::HashMap;

use rpcx::Context;

/// A message.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct User {
    pub id: u64,
    pub name: String,
    #[rpcx(default)]
    pub tags: Vec<String>,
    pub photo: Vec<u8>,
}

/// An enum.
#[rpcx::message(text)]
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    #[rpcx(default)]
    Read,
    Write,
}

/// Errors with codes.
#[derive(Debug, rpcx::ServiceError)]
pub enum Wrong {
    /// No fields.
    #[rpcx(code = 1, message = "no")]
    No,
    /// Named fields.
    #[rpcx(code = 2, message = "need {need} of {name}")]
    Need {
        /// How much.
        need: u64,
        /// Of what.
        name: String,
    },
    /// The rest.
    #[rpcx(other)]
    Other(rpcx::Error),
}

/// A public service.
#[rpcx::service(dyn, name = "Forms.v1", version = "1")]
pub trait Forms {
    async fn nothing(&self) -> rpcx::Result<()>;
    async fn one(&self, user: &User) -> rpcx::Result<Option<User>>;
    async fn several(&self, ctx: &Context, a: i64, b: &str, c: &[u8]) -> Result<Mode, Wrong>;
    async fn map(&self, words: HashMap<String, i64>, mode: Option<Mode>) -> rpcx::Result<u8>;
    #[rpcx(oneway)]
    async fn log(&self, line: &str) -> rpcx::Result<()>;
    #[rpcx(idempotent, timeout = "1s", alias = "Kind", wrap, reply = "C")]
    async fn r#type(&self, r#match: u8) -> rpcx::Result<u8>;
    #[rpcx(spawn)]
    async fn with_body(&self) -> rpcx::Result<u8> {
        Ok(1)
    }
    #[deprecated(note = "too old")]
    async fn old(&self) -> rpcx::Result<()>;
    #[cfg(any())]
    async fn absent(&self, x: DoesNotExist) -> rpcx::Result<()>;
    #[rpcx(blocking)]
    async fn slow(&self) -> rpcx::Result<()>;
}

mod inner {
    #[rpcx::message]
    #[derive(Debug)]
    struct Hidden {
        x: u8,
    }

    #[rpcx::service]
    trait Private {
        async fn f(&self, hidden: Hidden) -> rpcx::Result<Hidden>;
    }

    #[rpcx::service]
    pub(crate) trait Crate {
        async fn f(&self) -> rpcx::Result<()>;
    }

    struct Peer;

    impl Private for Peer {
        async fn f(&self, hidden: Hidden) -> rpcx::Result<Hidden> {
            Ok(Hidden { x: hidden.x + 1 })
        }
    }

    impl Crate for Peer {
        async fn f(&self) -> rpcx::Result<()> {
            Ok(())
        }
    }

    pub fn servers() -> rpcx::ServerBuilder {
        rpcx::Server::builder()
            .register(PrivateServer::new(Peer))
            .register(CrateServer::new(Peer))
    }
}

/// A trait within a function, as is its argument.
pub fn in_a_function() -> rpcx::ServerBuilder {
    #[rpcx::message]
    struct Local {
        x: u8,
    }
    #[rpcx::service]
    trait Within {
        async fn f(&self, local: Local) -> rpcx::Result<Local>;
    }
    struct Peer;
    impl Within for Peer {
        async fn f(&self, local: Local) -> rpcx::Result<Local> {
            Ok(local)
        }
    }
    inner::servers().register(WithinServer::new(Peer))
}

macro_rules! service {
    ($(#[$attr:meta])* $vis:vis $name:ident { $($method:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)* }) => {
        $(#[$attr])*
        #[rpcx::service]
        $vis trait $name {
            $(async fn $method(&self $(, $arg: $ty)*) -> rpcx::Result<$ret>;)*
        }
    };
}

service! {
    /// Made by a macro.
    pub Made {
        none() -> ();
        lent(text: &str, data: &[u8], user: &User) -> Vec<u8>;
        same(x: Option<u8>) -> Option<u8>;
    }
}

/// Generic over where the service is.
pub async fn call<A: Made>(made: &A) -> rpcx::Result<Vec<u8>> {
    made.lent("a", b"b", &User::default()).await
}

/// A call with options.
pub async fn with_options(forms: &FormsClient) -> Result<Mode, Wrong> {
    let wait = std::time::Duration::from_secs(1);
    forms.several(1, "b", b"c").timeout(wait).await
}
