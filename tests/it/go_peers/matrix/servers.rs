//! Servers of either side, and the certificates for them.

use std::fs;
use std::path::{Path, PathBuf};

use rpcx::transport::ListenOptions;
use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::{Server, ServerHandle};
use tokio::task::JoinHandle;

use super::super::kcp;
use super::super::peer::GoServer;
use super::super::services::{ArithServer, Peer, Shapes, TypesServer};
use super::calls::Peers;
use super::plan::{Direction, Group, Link};
use crate::certificates::{Authority, Certificate};

/// Where the address is a path, it says nothing about who is behind it: this name does.
pub(super) const NAME: &str = "arith.example";

/// The crypt of KCP.
pub(super) const CRYPT: &str =
    "aes-256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// For the loopback addresses and [`NAME`], as text and as files for Go.
pub(super) struct Certificates {
    authority: Authority,
    own: Certificate,
    folder: PathBuf,
}

impl Certificates {
    pub(super) fn new(folder: &str) -> Self {
        let authority = Authority::new().expect("an authority");
        let own = authority.issue(&["127.0.0.1", "::1", NAME]);
        let made = Self {
            authority,
            own: own.expect("a certificate"),
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder),
        };
        fs::create_dir_all(&made.folder).expect("a folder of our own");
        for (name, text) in [
            ("ca.pem", &made.authority.pem),
            ("server.pem", &made.own.pem),
            ("server.key", &made.own.key),
        ] {
            fs::write(made.file(name), text).expect("a folder of our own");
        }
        made
    }

    pub(super) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(super) fn client(&self) -> rpcx::Result<ClientTls> {
        ClientTls::roots_pem(self.authority.pem.as_bytes())
    }

    fn server(&self) -> rpcx::Result<Tls> {
        Tls::from_pem(self.own.pem.as_bytes(), self.own.key.as_bytes())
    }
}

/// A server that runs.
pub(super) struct Serving {
    /// `network@address`, for clients.
    pub(super) address: String,
    by: By,
}

enum By {
    /// It ends when this is dropped.
    Go(GoServer),
    Rust(ServerHandle, JoinHandle<rpcx::Result<()>>),
}

impl Serving {
    pub(super) async fn start(group: Group, peers: &Peers) -> Result<Self, String> {
        let started = match group.direction {
            Direction::RustToGo => return Ok(Self::go(group.link, peers)),
            _ => Self::rust(group, &peers.certificates).await,
        };
        started.map_err(|error| format!("{:?}: {error}", error.kind()))
    }

    fn go(link: Link, peers: &Peers) -> Self {
        let server = peers.go_server(link, &free_address(link, Direction::RustToGo));
        Self {
            address: format!("{}@{}", link.dialed(), server.address),
            by: By::Go(server),
        }
    }

    async fn rust(group: Group, certificates: &Certificates) -> rpcx::Result<Self> {
        let mut options = ListenOptions::new();
        if group.link.tls {
            options = options.tls(certificates.server()?);
        }
        if group.link.network == "kcp" {
            options = options.kcp(kcp::options(CRYPT));
        }
        let address = free_address(group.link, group.direction);
        let server = Server::builder()
            .register(ArithServer::new(Peer::default()))
            .register(TypesServer::new(Shapes))
            .listen_with(&address, options)
            .bind()
            .await?;
        Ok(Self {
            address: server.addresses()[0].to_string(),
            by: By::Rust(server.handle(), tokio::spawn(server.serve())),
        })
    }

    pub(super) async fn stop(self) -> Result<(), String> {
        match self.by {
            By::Go(server) => {
                drop(server);
                // It was killed, so it has left its file.
                if let Some(path) = self.address.strip_prefix("unix@") {
                    fs::remove_file(path).map_err(|error| format!("{path}: {error}"))?;
                }
                Ok(())
            }
            By::Rust(handle, serving) => {
                handle.shutdown();
                let served = serving.await.map_err(|error| error.to_string())?;
                served.map_err(|error| error.to_string())
            }
        }
    }
}

/// Where a server is to listen.
fn free_address(link: Link, direction: Direction) -> String {
    let network = link.network;
    match network {
        "tcp6" => "tcp6@[::1]:0".to_owned(),
        "unix" => {
            let (process, tls) = (std::process::id(), link.tls);
            let file = format!("rpcx-matrix-{direction:?}-{tls}-{process}.sock");
            format!("unix@{}", std::env::temp_dir().join(file).display())
        }
        _ => format!("{network}@127.0.0.1:0"),
    }
}
