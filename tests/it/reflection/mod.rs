//! What a server says about its services.

mod document;
mod openapi;
mod served;
#[allow(clippy::use_self, reason = "types are named as users name them")]
mod shapes;
