//! What the shop tells its customers by itself.

use crate::orders::Order;

/// Served by clients, and called by the server: all of it is one-way.
#[rpcx::service]
pub trait News {
    /// The status of an order has changed.
    #[rpcx(oneway)]
    async fn order_changed(&self, order: &Order) -> rpcx::Result<()>;

    /// A product in the cart is nearly sold out.
    #[rpcx(oneway)]
    async fn nearly_gone(&self, product: u64, left: u32) -> rpcx::Result<()>;
}
