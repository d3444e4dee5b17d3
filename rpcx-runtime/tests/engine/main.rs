//! The engine without generated code: frames, connections, dispatch, limits and shutdown.

mod authorize;
mod bound;
mod calls;
#[allow(dead_code, reason = "the tests of QUIC use more of it")]
#[path = "../quic/certificates.rs"]
mod certificates;
mod echo;
mod faults;
mod goaway;
mod handshakes;
mod hostile;
mod hosts;
mod limits;
mod networks;
mod replies;
mod shutdown;
