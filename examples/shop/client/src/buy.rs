use rpcx::{Context, ErrorKind};
use shop_api::cart::Cart;
use shop_api::orders::{Order, OrderError, Orders, Payment};

/// What became of a purchase.
#[derive(Debug, PartialEq)]
pub enum Bought {
    Ordered(Box<Order>),
    /// There were fewer of a product than were wanted.
    Fewer {
        product: u64,
        left: u32,
    },
    /// No answer came, so it may have been ordered: the list of orders says.
    NotKnown,
}

/// Puts so many of a product into the cart and orders them.
///
/// # Errors
/// What the shop says, and what the network does.
pub async fn buy(
    cart: &impl Cart,
    orders: &impl Orders,
    product: u64,
    count: u32,
    payment: Payment,
) -> rpcx::Result<Bought> {
    let ctx = Context::new();
    cart.put(&ctx, product, count)
        .await
        .map_err(rpcx::Error::internal)?;
    match orders.place(&ctx, payment).await {
        Ok(order) => Ok(Bought::Ordered(Box::new(order))),
        Err(OrderError::SoldOut { product, left }) => Ok(Bought::Fewer { product, left }),
        Err(OrderError::Rpc(error)) if error.kind() == ErrorKind::Unknown => Ok(Bought::NotKnown),
        Err(error) => Err(rpcx::Error::internal(error)),
    }
}
