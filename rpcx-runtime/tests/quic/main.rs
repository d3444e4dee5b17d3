//! QUIC without generated code: handshakes, limits, and how connections end.

mod certificates;
#[allow(dead_code, reason = "the engine's tests use more of it")]
#[path = "../engine/echo.rs"]
mod echo;
mod ending;
mod handshake;
mod peers;
mod relay;
mod silence;
