//! The engine without generated code: frames, connections, dispatch, limits and shutdown.

mod authorize;
mod calls;
mod echo;
mod faults;
mod goaway;
mod handshakes;
mod hostile;
mod limits;
mod replies;
mod shutdown;
