//! HTTP to the dispatch. Read `route.rs` first: one request, start to end.

mod activity;
mod ahead;
mod asked;
mod body;
mod cors;
mod direct;
mod door;
mod entry;
mod failure;
mod health;
mod hosts;
mod invoke;
mod io;
mod jsonrpc;
mod media;
mod names;
#[cfg(feature = "page")]
mod page;
#[cfg(not(feature = "page"))]
#[path = "no_page.rs"]
mod page;
mod plain;
mod query;
mod reply;
mod route;
#[cfg(feature = "tower")]
mod service;
mod settings;
mod turns;
mod upgrade;
#[cfg(feature = "ws")]
mod websocket;
#[cfg(not(feature = "ws"))]
#[path = "no_websocket.rs"]
mod websocket;

pub use cors::Cors;
pub use reply::ResponseBody;
#[cfg(feature = "tower")]
pub use service::{HttpService, RemoteAddr};
pub use settings::Http;
