//! QUIC without generated code: handshakes, limits, and how connections end.

mod certificates;
mod ending;
mod handshake;
mod peers;
mod relay;
mod silence;
