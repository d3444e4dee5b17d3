//! TLS on every network that can carry it: who is trusted, who is refused, and what either learns.

mod authority;
mod identity;
mod networks;
mod raw;
mod reload;
mod server;
mod settings;
mod trust;
