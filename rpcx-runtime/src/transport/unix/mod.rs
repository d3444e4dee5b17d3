//! `unix@path`, and `unix@@name` for a name without a file on Linux.

mod file;
mod lock;

use std::io;
use std::os::unix::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::{UnixListener, UnixStream};

use self::file::SocketFile;
use super::cause::cannot_listen;
use super::networks::Ways;
use super::own::NetworkOption;
use super::socket::{Halves, Socket, Upgrades};
use super::{
    Address, BoundSocket, BoxFuture, Closing, Connect, ConnectOptions, Incoming, Listen,
    ListenOptions, Network, Stream, socket,
};
use crate::error::Error;

/// How soon a listener whose queue was full is asked again: the system does not say when there is
/// room.
const FULL: Duration = Duration::from_millis(5);

/// In bytes, without the NUL that stands before it.
const LONGEST_ABSTRACT: usize = 107;

/// What the system knows a socket by.
enum Name {
    /// A file.
    Path(PathBuf),
    /// The name behind a second `@`, with the NUL that stands before it in the system's form.
    Abstract(PathBuf),
}

impl Name {
    fn of(address: &Address) -> Result<Self, Error> {
        let (name, fits) = match address.location().strip_prefix('@') {
            None => {
                let path = PathBuf::from(address.location());
                let fits = SocketAddr::from_pathname(&path).is_ok();
                (Self::Path(path), fits)
            }
            Some(_) if !cfg!(any(target_os = "linux", target_os = "android")) => {
                return Err(Error::setup(format!(
                    "the address `{address}` has no path: only Linux has names without a file"
                )));
            }
            Some(name) => {
                let fits = name.len() <= LONGEST_ABSTRACT;
                (Self::Abstract(format!("\0{name}").into()), fits)
            }
        };
        if !fits {
            return Err(Error::setup(format!(
                "the address `{address}` is too long: it has {} bytes behind the first `@`, and a system takes about a hundred (Linux: 107)",
                address.location().len()
            )));
        }
        Ok(name)
    }

    fn as_path(&self) -> &Path {
        let (Self::Path(path) | Self::Abstract(path)) = self;
        path
    }
}

pub(super) const WAYS: Ways = Ways {
    connect: Some(connector),
    listen: |address, options| Box::pin(listen(address, options)),
    listen_on: Some(listen_on),
    upgrade: None,
};

/// The option `unix_mode`.
#[derive(Clone, Copy, Debug)]
struct Mode(u32);

impl ListenOptions {
    /// The permissions of the file of a `unix` socket, such as `0o660`, from its first moment on. A
    /// name without a file cannot have them. Default: as the process's umask has it.
    #[must_use]
    pub fn unix_mode(mut self, mode: u32) -> Self {
        self.own.set(Mode(mode));
        self
    }
}

impl NetworkOption for Mode {
    fn name(&self) -> &'static str {
        "the option `unix_mode`"
    }

    fn whose(&self) -> &'static str {
        "unix"
    }

    fn fits(&self, address: &Address) -> bool {
        address.network() == Network::UNIX
    }
}

fn connector(address: &Address, options: &ConnectOptions) -> Result<Box<dyn Connect>, Error> {
    Ok(Box::new(UnixConnector {
        name: Name::of(address)?,
        address: address.clone(),
        upgrades: Upgrades::client(address, options)?,
    }))
}

struct UnixConnector {
    name: Name,
    address: Address,
    upgrades: Upgrades,
}

impl Connect for UnixConnector {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(
            self.upgrades
                .connect(&self.address, || Box::pin(self.open())),
        )
    }
}

impl UnixConnector {
    async fn open(&self) -> io::Result<Box<dyn Socket>> {
        loop {
            match UnixStream::connect(self.name.as_path()).await {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    tokio::time::sleep(FULL).await;
                }
                done => return Ok(Box::new(done?)),
            }
        }
    }
}

async fn listen(address: &Address, options: &ListenOptions) -> Result<Box<dyn Listen>, Error> {
    let upgrades = Upgrades::server(address, options)?;
    let failed = cannot_listen(address);
    let mode = options.own.get().map(|Mode(mode)| *mode);
    let (listener, file) = match Name::of(address)? {
        Name::Path(path) => {
            let (listener, file) = file::listen(&path, mode).await.map_err(&failed)?;
            (listener, Some(file))
        }
        Name::Abstract(_) if mode.is_some() => {
            return Err(Error::setup(format!(
                "the address `{address}` cannot have a file mode: it has no file"
            )));
        }
        Name::Abstract(name) => (UnixListener::bind(name).map_err(&failed)?, None),
    };
    Ok(Box::new(UnixListening {
        file,
        listener,
        address: address.clone(),
        upgrades,
    }))
}

/// Listens with a socket that was bound elsewhere, and whose file is not removed here.
fn listen_on(
    socket: BoundSocket,
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    let socket = socket.into_unix()?;
    if options.own.get::<Mode>().is_some() {
        return Err(Error::setup(format!(
            "the address `{address}` cannot be given a file mode: its socket was bound before"
        )));
    }
    let nonblocking = socket.set_nonblocking(true);
    let listener = nonblocking.and_then(|()| UnixListener::from_std(socket));
    Ok(Box::new(UnixListening {
        file: None,
        listener: listener.map_err(cannot_listen(address))?,
        address: address.clone(),
        upgrades: Upgrades::server(address, options)?,
    }))
}

struct UnixListening {
    /// Before the listener, so that it goes first: no client finds a file without a server.
    file: Option<SocketFile>,
    listener: UnixListener,
    address: Address,
    upgrades: Upgrades,
}

impl Listen for UnixListening {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async move {
            // The other end has no name of its own, as a rule.
            let (socket, _) = self.listener.accept().await?;
            let peer = self.address.clone();
            Ok(self.upgrades.incoming(Box::new(socket), peer))
        })
    }

    fn address(&self) -> Address {
        self.address.clone()
    }

    fn close(self: Box<Self>) -> Closing {
        drop(self.file);
        let Ok(listener) = self.listener.into_std() else {
            return Closing::default();
        };
        Closing::waiting(socket::queued(|| {
            let (socket, _) = listener.accept()?;
            socket.set_nonblocking(true)?;
            let socket = Box::new(UnixStream::from_std(socket)?);
            Ok(self.upgrades.incoming(socket, self.address.clone()))
        }))
    }
}

impl Socket for UnixStream {
    fn halves(self: Box<Self>) -> Halves {
        let (reader, writer) = self.into_split();
        (Box::new(reader), Box::new(writer))
    }

    fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Looked at, because a socket may be called ready and is not. An error comes again when it
        // is read.
        let peek = || Ok(recv(&*self, &mut [0], RecvFlags::PEEK)?);
        while ready!(self.poll_read_ready(cx)).is_ok() {
            match self.try_io(Interest::READABLE, peek) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                _ => break,
            }
        }
        Poll::Ready(())
    }
}
