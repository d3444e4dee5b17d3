//! The stock of a shop.

/// A thing on the shelf.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub name: String,
    pub count: u32,
}

/// Why nothing was taken.
#[derive(Debug, rpcx::ServiceError)]
pub enum StockError {
    #[rpcx(code = 1, message = "only {left} left")]
    NotEnough { left: u32 },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// What is there.
#[rpcx::service]
pub trait Stock {
    /// Puts some more on the shelf.
    async fn add(&self, item: &Item) -> rpcx::Result<()>;

    /// Takes some away and answers how many are left.
    async fn take(&self, name: &str, count: u32) -> Result<u32, StockError>;

    /// Everything on the shelf, by name.
    async fn list(&self) -> rpcx::Result<Vec<Item>>;
}
