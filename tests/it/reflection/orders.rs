//! Orders.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// One order.
#[rpcx::message]
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Counted up.
    pub(super) id: u64,
    pub(super) lines: Vec<Line>,
    pub(super) state: State,
    pub(super) note: Option<String>,
    pub(super) before: Option<Box<Order>>,
    pub(super) at: SystemTime,
    pub(super) waits: Duration,
    pub(super) sealed: [u8; 5],
    pub(super) data: Option<Vec<u8>>,
    pub(super) counts: HashMap<u16, f64>,
}

#[rpcx::message]
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) item: String,
    pub(super) count: i32,
}

/// How far it is.
#[rpcx::message]
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    #[rpcx(default)]
    New = 1,
    /// It is on its way.
    Sent = 2,
}

#[derive(Debug, rpcx::ServiceError)]
pub(super) enum OrderError {
    /// There is no such order.
    #[rpcx(code = 404, message = "no order")]
    Missing,
    #[rpcx(code = 3, message = "late")]
    Late,
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// Takes orders.
///
/// And keeps them.
#[rpcx::service(version = "3")]
pub(super) trait Orders {
    /// The order with a number.
    #[rpcx(idempotent)]
    async fn get(&self, id: u64) -> Result<Order, OrderError>;
    #[rpcx(idempotent)]
    async fn same(&self, line: Line) -> rpcx::Result<Line>;
    #[rpcx(args = "PutArgs")]
    async fn put(
        &self,
        lines: Vec<Line>,
        note: Option<String>,
        data: &[u8],
    ) -> Result<(), OrderError>;
    async fn count(&self) -> rpcx::Result<u32>;
    #[rpcx(oneway)]
    async fn forget(&self, ids: Vec<u64>, why: &str) -> rpcx::Result<()>;
    #[rpcx(codec = "raw")]
    async fn raw(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}
