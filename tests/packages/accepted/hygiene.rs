//! Names of the user that generated code must not meet, and places where it must work.
#![no_implicit_prelude]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]
#![forbid(unsafe_code)]

use ::std::prelude::v1::derive;

// names that a macro might take for those of std
#[derive(Debug)]
struct Option;
#[derive(Debug)]
struct Some;
#[derive(Debug)]
struct Arc;
#[derive(Debug)]
struct String;
#[derive(Debug)]
struct Send;
mod core {}
mod std {}
#[derive(Debug)]
struct Mul;
#[derive(Debug)]
struct Method;

#[::rpcx::message]
#[derive(Debug)]
struct User {
    id: u64,
}

type Result<T, E = ::rpcx::Error> = ::std::result::Result<T, E>;

#[::rpcx::service]
trait Private {
    // the marker of this method must not hide the type
    async fn user(&self, user: &User) -> Result<User>;
    async fn mul(&self, method: u32, request: u32) -> Result<u32>;
    async fn r#type(&self, r#move: u8, f: u8) -> Result<u8>;
    async fn raw(&self, slot: &[u8], service: &str, name: [u8; 3], reply: &User) -> Result<()>;
    async fn path(&self, channel: u8, stub: u8, ctx: u8) -> Result<()>;
    async fn get_user(&self) -> Result<()>;
    #[allow(non_snake_case)]
    async fn getUser2(&self) -> Result<()>;
}

#[derive(Debug, ::rpcx::ServiceError)]
enum Wrong {
    #[rpcx(code = 1, message = "one")]
    Mul,
    #[rpcx(code = -2, message = "{0} and {1:?} {{}}")]
    Two(u8, User),
    #[rpcx(code = 3, message = "{id}, {error}")]
    Some { id: u64, error: u8 },
    #[rpcx(other)]
    Other(::rpcx::Error),
}

mod facade {
    pub(crate) use ::rpcx as renamed;
}

#[::rpcx::service(crate = "crate::facade::renamed", name = "Other.Path")]
pub(crate) trait Renamed {
    async fn f(&self) -> Result<(), Wrong>;
}

macro_rules! made {
    ($name:ident, $ty:ty, $bytes:ty) => {
        #[::rpcx::service]
        trait $name {
            async fn f(&self, x: $ty, y: $bytes) -> Result<$ty>;
            async fn g(&self, y: $bytes) -> Result<()>;
        }
    };
}
made!(Made, u64, &[u8]);

fn needs_service<T: ::rpcx::__private::Service>(_: &T) {}

fn in_a_function() {
    #[::rpcx::service]
    trait Local {
        async fn f(&self, x: Inner) -> Result<Inner>;
    }
    #[::rpcx::message]
    #[derive(Debug)]
    struct Inner {
        x: u8,
    }
    #[derive(Debug)]
    struct S;
    impl Local for S {
        async fn f(&self, x: Inner) -> Result<Inner> {
            ::std::result::Result::Ok(x)
        }
    }
    needs_service(&LocalServer::new(S));
}

fn main() {
    in_a_function();
    let _ = (Option, Some, Arc, String, Send, Mul, Method);
    let _ = [Wrong::Mul, Wrong::Two(1, User { id: 1 }), Wrong::Some { id: 1, error: 2 }];
}
