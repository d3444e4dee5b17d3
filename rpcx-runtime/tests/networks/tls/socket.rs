//! Plain sockets behind the addresses of the networks.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use super::server::socket_file;

/// A byte stream without a type.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// `host:port` or the file of an address.
pub(crate) fn location(address: &str) -> &str {
    address.split_once('@').unwrap().1
}

/// Opens the socket of an address, and says nothing on it.
pub(crate) async fn open(address: &str) -> io::Result<Box<dyn Io>> {
    let location = location(address);
    #[cfg(unix)]
    if address.starts_with("unix@") {
        return Ok(Box::new(UnixStream::connect(location).await?));
    }
    Ok(Box::new(TcpStream::connect(location).await?))
}

/// A listening socket of the kind that an address has.
pub(crate) enum Ear {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Ear {
    /// With the address of `like` as it is here.
    pub(crate) async fn like(like: &str) -> (Self, String) {
        let network = like.split_once('@').unwrap().0;
        #[cfg(unix)]
        if network == "unix" {
            let address = socket_file();
            let ear = UnixListener::bind(location(&address)).unwrap();
            return (Self::Unix(ear), address);
        }
        let ear = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("{network}@{}", ear.local_addr().unwrap());
        (Self::Tcp(ear), address)
    }

    pub(crate) async fn accept(&self) -> Box<dyn Io> {
        match self {
            Self::Tcp(ear) => Box::new(ear.accept().await.unwrap().0),
            #[cfg(unix)]
            Self::Unix(ear) => Box::new(ear.accept().await.unwrap().0),
        }
    }
}

/// A socket file goes with its test.
pub(crate) fn forget(address: &str) {
    if let Some(file) = address.strip_prefix("unix@") {
        let _ = std::fs::remove_file(file);
    }
}
