//! What is for sale.

use std::collections::BTreeMap;
use std::time::SystemTime;

use rpcx::Context;

use crate::{Cents, Page};

/// A text on the wire, so that it can be read in logs and in a database.
#[rpcx::message(text, rename_all = "snake_case")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Books,
    Games,
    Tools,
}

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    pub id: u64,
    pub name: String,
    pub category: Category,
    pub price: Cents,
    pub added_at: SystemTime,
}

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub struct NewProduct {
    pub name: String,
    pub category: Category,
    pub price: Cents,
}

#[derive(Debug, rpcx::ServiceError)]
pub enum CatalogError {
    #[rpcx(code = 201, message = "there is no product {id}")]
    NoProduct { id: u64 },
    #[rpcx(code = 202, message = "a picture has at most {most} bytes")]
    TooLarge { most: u64 },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// What is for sale. Methods with a context are for the staff.
#[rpcx::service]
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Catalog {
    #[rpcx(idempotent, timeout = "2s")]
    async fn product(&self, id: u64) -> Result<Product, CatalogError>;

    /// One page of a category, or of everything.
    #[rpcx(idempotent)]
    async fn products(&self, category: Option<Category>, page: Page) -> rpcx::Result<Vec<Product>>;

    /// Products that have all of these words in their names.
    #[rpcx(idempotent)]
    async fn search(&self, words: &[String], page: Page) -> rpcx::Result<Vec<Product>>;

    /// How many there are, by the id of the product. Ids that there are not are left out.
    #[rpcx(idempotent)]
    async fn stock(&self, ids: &[u64]) -> rpcx::Result<BTreeMap<u64, u32>>;

    /// The picture as it was uploaded; empty if there is none.
    #[rpcx(idempotent)]
    async fn picture(&self, id: u64) -> Result<Vec<u8>, CatalogError>;

    /// A product was looked at. No answer is sent, and none is awaited.
    #[rpcx(oneway)]
    async fn viewed(&self, id: u64) -> rpcx::Result<()>;

    /// The id of the new product.
    async fn add(&self, ctx: &Context, product: NewProduct) -> rpcx::Result<u64>;

    #[rpcx(idempotent)]
    async fn set_picture(&self, ctx: &Context, id: u64, picture: &[u8])
    -> Result<(), CatalogError>;

    /// So many more have come in, by the id of the product.
    async fn restock(&self, ctx: &Context, more: BTreeMap<u64, u32>) -> Result<(), CatalogError>;
}
