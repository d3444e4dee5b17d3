//! The interface of the shop, for its servers and its clients: a file for each service with the types that it
//! takes and returns, and no code besides.
#![forbid(unsafe_code)]

pub mod accounts;
pub mod cart;
pub mod catalog;
pub mod news;
pub mod orders;
mod page;

pub use page::Page;

/// An amount of money in cents: a number on the wire, and no amount of anything else in Rust.
#[rpcx::message]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub i64);
