//! What a customer is about to buy.

use std::collections::BTreeMap;

use rpcx::Context;

use crate::Cents;
use crate::catalog::CatalogError;

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// How many, by the id of the product.
    pub items: BTreeMap<u64, u32>,
    pub total: Cents,
}

/// The cart of the caller. Every method returns what is in it now.
#[rpcx::service]
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Cart {
    #[rpcx(idempotent)]
    async fn show(&self, ctx: &Context) -> rpcx::Result<Contents>;

    /// So many of a product, and no longer what it was before; none takes it out.
    #[rpcx(idempotent)]
    async fn put(&self, ctx: &Context, product: u64, count: u32) -> Result<Contents, CatalogError>;

    #[rpcx(idempotent)]
    async fn clear(&self, ctx: &Context) -> rpcx::Result<Contents>;
}
