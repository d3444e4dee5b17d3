//! A proxy of bytes between clients and a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::net::{TcpListener, TcpStream};

use super::Printer;
use super::direction::{Direction, From};
use crate::outcome::Outcome;
use crate::show;
use crate::signals::stopped;

/// Where one side of the proxy is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// `host:port`
    Tcp(String),
    /// The path of a socket.
    Unix(String),
}

enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, SocketFile),
}

/// Taken away when the proxy ends.
#[cfg(unix)]
struct SocketFile(String);

#[cfg(unix)]
impl Drop for SocketFile {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Place {
    /// The place of an address on one of the networks whose bytes can be looked at.
    pub(super) fn of(address: &str) -> Result<Self, Outcome> {
        match address.split_once('@') {
            None => Ok(Self::Tcp(address.to_owned())),
            Some(("tcp" | "tcp4" | "tcp6" | "reuseport", at)) => Ok(Self::Tcp(at.to_owned())),
            // The path is the affair of the client and the server.
            Some(("http" | "ws", at)) => {
                let host = at.split('/').next().unwrap_or_default();
                Ok(Self::Tcp(host.to_owned()))
            }
            Some(("unix", path)) if cfg!(unix) => Ok(Self::Unix(path.to_owned())),
            Some((network, _)) => {
                let text = format!("frames on `{network}` are not looked at");
                Err(Outcome::usage(text).hint(
                    "those on tcp, http, ws and unix are; quic and wss are encrypted, and kcp is no stream that a proxy could pass on",
                ))
            }
        }
    }

    async fn listen(&self) -> std::io::Result<Listener> {
        match self {
            Self::Tcp(at) => TcpListener::bind(at).await.map(Listener::Tcp),
            #[cfg(unix)]
            Self::Unix(path) => {
                let bound = tokio::net::UnixListener::bind(path)?;
                Ok(Listener::Unix(bound, SocketFile(path.clone())))
            }
            #[cfg(not(unix))]
            Self::Unix(_) => Err(std::io::ErrorKind::Unsupported.into()),
        }
    }

    async fn connect(&self) -> std::io::Result<Box<dyn Stream>> {
        match self {
            Self::Tcp(at) => {
                let stream = TcpStream::connect(at).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Self::Unix(_) => Err(std::io::ErrorKind::Unsupported.into()),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(at) => f.write_str(at),
            Self::Unix(path) => write!(f, "unix@{path}"),
        }
    }
}

impl Listener {
    fn address(&self) -> std::io::Result<String> {
        match self {
            Self::Tcp(listener) => Ok(format!("tcp@{}", listener.local_addr()?)),
            #[cfg(unix)]
            Self::Unix(_, file) => Ok(format!("unix@{}", file.0)),
        }
    }

    async fn accept(&self) -> std::io::Result<Box<dyn Stream>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
        }
    }
}

/// Passes bytes on until the program is told to stop.
pub(super) async fn run(server: Place, at: Place, printer: Arc<Printer>) -> Result<(), Outcome> {
    let wrong = |error| Outcome::usage(format!("{at}: {error}"));
    let listener = at.listen().await.map_err(wrong)?;
    let address = listener.address().map_err(Outcome::usage)?;
    show::print(format!("listening {address}\n").as_bytes())?;
    let connections = AtomicU64::new(0);
    loop {
        let client = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of files, or gone already: others may come.
                Err(error) => {
                    anstream::eprintln!("accept: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stopped() => return Ok(()),
            () = show::gone() => return Ok(()),
        };
        let number = connections.fetch_add(1, Ordering::Relaxed) + 1;
        let (server, printer) = (server.clone(), Arc::clone(&printer));
        tokio::spawn(async move {
            if let Err(error) = connection(client, &server, number, &printer).await {
                anstream::eprintln!("#{number} {server}: {error}");
            }
        });
    }
}

async fn connection(
    client: Box<dyn Stream>,
    server: &Place,
    number: u64,
    printer: &Arc<Printer>,
) -> std::io::Result<()> {
    let server = server.connect().await?;
    let (client_reads, client_writes) = split(client);
    let (server_reads, server_writes) = split(server);
    let there = Direction::new(From::Client, number, Arc::clone(printer));
    let back = Direction::new(From::Server, number, Arc::clone(printer));
    // One way may end before the other; one that fails ends both, so that a peer is told of what befell the other.
    tokio::try_join!(
        pass(client_reads, server_writes, there),
        pass(server_reads, client_writes, back)
    )?;
    Ok(())
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut direction: Direction,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            direction.end();
            return to.shutdown().await;
        }
        // Before it is passed on, so that a request is printed before its reply.
        direction.bytes(&buffer[..length]);
        to.write_all(&buffer[..length]).await?;
    }
}
