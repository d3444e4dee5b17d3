//! TLS by rustls, for every network that can carry it.
//!
//! A server has a [`Tls`]: its certificate and key, and what it asks of clients. A client has a
//! [`ClientTls`]: which servers it trusts, and its own identity. TLS 1.2 and 1.3, or [1.3 alone](Tls::only_tls13); no ALPN on streams, as in Go, and
//! `rpcx` on QUIC. The cryptography is that of ring, or of aws-lc-rs with the feature
//! `tls-aws-lc-rs` (with QUIC: `quic-aws-lc-rs`); it is always named, so other uses of rustls in the process do not matter.
//!
//! ```no_run
//! use rpcx::transport::tls::{ClientTls, Tls};
//! use rpcx::{Channel, Server};
//!
//! # async fn f(arith: impl rpcx::services::Service) -> rpcx::Result<()> {
//! Server::builder()
//!     .register(arith)
//!     .tls(Tls::from_files("server.pem", "server.key")?)
//!     .listen("tcp@0.0.0.0:8972")
//!     .serve()
//!     .await?;
//!
//! // Elsewhere:
//! let channel = Channel::builder()
//!     .address("tcp@arith.example.org:8972")
//!     .tls(ClientTls::roots_pem(&std::fs::read("ca.pem").unwrap())?)
//!     .build()
//!     .await?;
//! # Ok(())
//! # }
//! ```

mod certificate;
mod client;
mod client_auth;
mod error;
mod mistaken;
mod pem;
mod pinned;
#[cfg(feature = "_quic")]
mod secret;
mod server;
mod upgrade;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub use client::ClientTls;
pub use error::TlsError;
#[cfg(feature = "_quic")]
pub(super) use secret::Secret;
pub use server::Tls;
#[cfg(feature = "_quic")]
pub(super) use upgrade::identity;
pub(super) use upgrade::{client, server};

#[cfg(not(any(feature = "tls", feature = "tls-aws-lc-rs")))]
compile_error!("TLS needs a crypto provider: switch on the feature `tls` or `tls-aws-lc-rs`");

#[cfg(feature = "tls-aws-lc-rs")]
use rustls::crypto::aws_lc_rs as crypto;
#[cfg(not(feature = "tls-aws-lc-rs"))]
use rustls::crypto::ring as crypto;

/// The versions of TLS that one side speaks.
type Versions = &'static [&'static rustls::SupportedProtocolVersion];

const ONLY_TLS13: Versions = &[&rustls::version::TLS13];

/// Never the process's default: what sets that is unknown, and with two providers there is none.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(crypto::default_provider())
}
