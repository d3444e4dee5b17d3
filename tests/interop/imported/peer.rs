//! Package peer holds the messages and services that the interop programs share. The Rust tests declare the same shapes.
//!
//! Imported from services.go, shapes.go, push.go.

// What is left out:
// - services.go:122:5: the service `Proto` is left out, because its type `Proto` is not in these files help: import the files of its package together with this one
// - services.go:123:5: the service `Thrift` is left out, because its type `Thrift` is not in these files help: import the files of its package together with this one

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    pub a: i64,
    pub b: i64,
}

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    pub c: i64,
}

/// Pause asks Arith.Sleep for a delay in milliseconds; the reply carries the same number.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pause {
    pub ms: i64,
}

/// Empty is the argument or reply that says nothing.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Empty {}

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BigArgs {
    pub size: i64,
}

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BigReply {
    pub data: Vec<u8>,
}

/// Inner is the nested part of All.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inner {
    pub name: String,
    pub score: i32,
    pub tags: Vec<String>,
}

/// All has one field of every kind that a Go service usually sends.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct All {
    pub int: i64,
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub f32: f32,
    pub f64: f64,
    pub bool: bool,
    pub str: String,
    pub bytes: Vec<u8>,
    pub arr: [u8; 4],
    pub time: rpcx::Timestamp,
    pub dur: std::time::Duration,
    pub strs: Vec<String>,
    pub map: std::collections::BTreeMap<String, i64>,
    pub int_map: std::collections::BTreeMap<i64, String>,
    pub inner: Inner,
    pub ptr: Option<Inner>,
    pub inners: Vec<Inner>,
}

/// Subscription asks for Count messages.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscription {
    pub count: i64,
}

/// Arith is the service that every peer offers.
#[rpcx::service]
pub trait Arith {
    async fn mul(&self, args: &Args) -> rpcx::Result<Reply>;

    async fn add(&self, args: &Args) -> rpcx::Result<Reply>;

    async fn say(&self, name: &str) -> rpcx::Result<String>;

    async fn error(&self, args: &Args) -> rpcx::Result<Reply>;

    /// Sleep takes its time whatever the deadline, so that a caller who gives up never races with an answer.
    async fn sleep(&self, args: &Pause) -> rpcx::Result<Pause>;

    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;

    /// Notify is called one way; Count tells how often.
    async fn notify(&self, args: &Args) -> rpcx::Result<Empty>;

    async fn count(&self, args: &Empty) -> rpcx::Result<i64>;

    /// Meta answers with the metadata of the request. The metadata of the response has `served-by`, each request key again as `echo-` + key, and the
    /// `forms` of all requests so far.
    async fn meta(&self, args: &Empty) -> rpcx::Result<std::collections::BTreeMap<String, String>>;

    /// Deadline answers with the milliseconds left for this call, or -1 when it has no deadline.
    async fn deadline(&self, args: &Empty) -> rpcx::Result<i64>;
}

/// Types is the service for message shapes.
#[rpcx::service]
pub trait Types {
    async fn echo(&self, args: &All) -> rpcx::Result<All>;

    /// Nil answers with the zero All: every slice, map and pointer is nil.
    async fn nil(&self, args: &Empty) -> rpcx::Result<All>;

    async fn big(&self, args: &BigArgs) -> rpcx::Result<BigReply>;
}

#[rpcx::service]
pub trait Functions {
    /// Double is registered as a function: service path `Functions`, method `Double`.
    async fn double(&self, args: &Args) -> rpcx::Result<Reply>;
}

/// Market pushes prices to whoever subscribes.
#[rpcx::service]
pub trait Market {
    /// Subscribe pushes the numbers from 0 on, as text and as the metadata `n`, and then answers.
    async fn subscribe(&self, args: &Subscription) -> rpcx::Result<Empty>;
}
