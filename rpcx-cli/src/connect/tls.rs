//! TLS towards servers.

use std::path::{Path, PathBuf};

use clap::Args;
use rpcx::ClientTls;

use crate::outcome::Outcome;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TlsOptions {
    /// Uses TLS, with the authorities that the operating system trusts
    #[arg(long)]
    tls: bool,

    /// Uses TLS, and trusts only the authorities in this file (PEM)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// The client's own certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,

    /// The key of the client's certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,

    /// The name in the server's certificate, if it is not the host of the address
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,

    /// Uses TLS without asking who the server is
    #[arg(long, conflicts_with = "ca")]
    insecure: bool,
}

impl TlsOptions {
    /// None: without TLS.
    pub(super) fn client(&self) -> Result<Option<ClientTls>, Outcome> {
        let mut tls = match (&self.ca, self.insecure) {
            (Some(file), _) => ClientTls::roots_pem(&read(file)?)?,
            (None, true) => ClientTls::dangerous_trust_anyone(),
            (None, false) if self.is_wanted() => ClientTls::platform_roots(),
            (None, false) => return Ok(None),
        };
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            tls = tls.identity_pem(&read(cert)?, &read(key)?)?;
        }
        if let Some(name) = &self.server_name {
            tls = tls.server_name(name)?;
        }
        Ok(Some(tls))
    }

    fn is_wanted(&self) -> bool {
        self.tls || self.cert.is_some() || self.server_name.is_some()
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Outcome> {
    let bytes = std::fs::read(file);
    bytes.map_err(|error| Outcome::usage(format!("{}: {error}", file.display())))
}
