//! What a server says about its services.

mod document;
mod openapi;
mod served;
mod shapes;
