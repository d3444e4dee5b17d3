//! Each network by itself, in one binary: what is special about it, its limits, how its connections
//! end, and independent peers. What holds on every network is in `../engine`.
//!
//! The modules have the conditions, and not the binary: `.ci/run` runs the tests of TLS a second time
//! with other cryptography, where not all networks are there.

#[cfg(any(
    all(feature = "_quic", feature = "msgpack"),
    all(feature = "http-connect", feature = "tls", feature = "ws"),
    all(unix, feature = "unix", feature = "tcp", feature = "msgpack")
))]
#[allow(dead_code, reason = "the engine's tests use more of it")]
#[path = "../engine/echo.rs"]
mod echo;
#[cfg(feature = "kcp")]
mod kcp;
#[cfg(feature = "kcp")]
#[path = "../../../tests/packages/long.rs"]
mod long;
#[cfg(all(feature = "_quic", feature = "msgpack"))]
mod quic;
#[cfg(all(
    feature = "_quic",
    feature = "http-connect",
    feature = "reuseport",
    feature = "tcp",
    feature = "unix",
    feature = "ws"
))]
mod tls;
#[cfg(all(unix, feature = "unix", feature = "tcp", feature = "msgpack"))]
mod unix;
#[cfg(all(feature = "http-connect", feature = "tls", feature = "ws"))]
mod web;
