//! What was bought.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rpcx::Context;

use crate::accounts::Address;
use crate::{Cents, Page};

/// A number on the wire. The variants keep theirs for as long as there is a peer that knows them.
#[rpcx::message]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Paid = 0,
    Shipped = 1,
    Cancelled = 2,
}

/// An enum with data: in Go a struct of which one field is set, with a constructor for each.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub enum Payment {
    Card {
        number: String,
        valid_until: SystemTime,
    },
    Voucher(String),
    Invoice,
}

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub id: u64,
    pub status: Status,
    /// How many, by the id of the product.
    pub items: BTreeMap<u64, u32>,
    pub total: Cents,
    pub placed_at: SystemTime,
    /// How long the delivery takes from the time it was shipped.
    pub delivery: Option<Duration>,
    pub address: Address,
    pub payment: Payment,
}

#[derive(Debug, rpcx::ServiceError)]
pub enum OrderError {
    #[rpcx(code = 301, message = "the cart is empty")]
    EmptyCart,
    #[rpcx(
        code = 302,
        message = "there are only {left} left of product {product}"
    )]
    SoldOut { product: u64, left: u32 },
    #[rpcx(code = 303, message = "an address is needed")]
    NoAddress,
    #[rpcx(code = 306, message = "the card is no longer valid")]
    Expired,
    #[rpcx(code = 304, message = "there is no order {id}")]
    NoOrder { id: u64 },
    #[rpcx(code = 305, message = "the order is {status} already")]
    TooLate { status: String },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// The orders of the caller; of all customers for the staff.
#[rpcx::service]
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Orders {
    /// Orders what is in the cart, and empties it. Not repeated when its reply is lost: see
    /// [`list`](Self::list) for what was ordered.
    #[rpcx(timeout = "10s")]
    async fn place(&self, ctx: &Context, payment: Payment) -> Result<Order, OrderError>;

    #[rpcx(idempotent)]
    async fn order(&self, ctx: &Context, id: u64) -> Result<Order, OrderError>;

    #[rpcx(idempotent)]
    async fn list(&self, ctx: &Context, page: Page) -> rpcx::Result<Vec<Order>>;

    async fn cancel(
        &self,
        ctx: &Context,
        id: u64,
        reason: Option<String>,
    ) -> Result<(), OrderError>;

    /// The order is on its way. For the staff.
    async fn ship(&self, ctx: &Context, id: u64, delivery: Duration) -> Result<(), OrderError>;

    /// What was earned, by the id of the product. For the staff.
    #[rpcx(idempotent, name = "Revenue")]
    async fn earned(
        &self,
        ctx: &Context,
        from: SystemTime,
        until: SystemTime,
    ) -> rpcx::Result<BTreeMap<u64, Cents>>;

    /// From now on the [news](crate::news::News) come over this connection.
    async fn watch(&self, ctx: &Context) -> rpcx::Result<()>;
}
