//! The certificate of a run. The server makes it, and leaves it in a file for its clients.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use rcgen::{CertificateParams, KeyPair};

/// In PEM.
pub(super) struct Certificate {
    pub(super) chain: Vec<u8>,
    pub(super) key: Vec<u8>,
}

impl Certificate {
    /// For the server at `address`.
    pub(super) fn make(address: SocketAddr) -> Result<Self> {
        let params = CertificateParams::new([address.ip().to_string()])?;
        let key = KeyPair::generate()?;
        let certificate = Self {
            chain: params.self_signed(&key)?.pem().into_bytes(),
            key: key.serialize_pem().into_bytes(),
        };
        std::fs::write(file(address), &certificate.chain)?;
        Ok(certificate)
    }

    /// What a client of the server at `address` trusts.
    pub(super) fn roots(address: SocketAddr) -> Result<Vec<u8>> {
        let file = file(address);
        std::fs::read(&file).with_context(|| format!("{}: is the server there?", file.display()))
    }
}

fn file(address: SocketAddr) -> PathBuf {
    std::env::temp_dir().join(format!("peers-{}.pem", address.port()))
}
