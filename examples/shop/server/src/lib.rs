//! The server of the shop: four services over one state, and who may call what.
#![forbid(unsafe_code)]

mod accounts;
pub mod auth;
mod cart;
mod catalog;
mod orders;
mod shop;

use std::sync::Arc;

use rpcx::{Server, ServerBuilder};
use shop_api::accounts::AccountsServer;
use shop_api::cart::CartServer;
use shop_api::catalog::CatalogServer;
use shop_api::orders::OrdersServer;

pub use shop::Shop;

/// A server with all services; where it listens is still to be said.
pub fn server(shop: &Arc<Shop>) -> ServerBuilder {
    let sessions = Arc::clone(shop);
    Server::builder()
        .register(AccountsServer::from_arc(Arc::clone(shop)))
        .register(CatalogServer::from_arc(Arc::clone(shop)))
        .register(CartServer::from_arc(Arc::clone(shop)))
        .register(OrdersServer::from_arc(Arc::clone(shop)))
        .authorize(move |request| auth::decide(&sessions, request))
}
