//! What a server says about its services.

mod document;
mod served;
mod shapes;
