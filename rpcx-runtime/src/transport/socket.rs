//! Sockets, and the upgrades between a socket and the frames: TLS, HTTP, WebSocket.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};

use super::incoming::Progress;
use super::{Address, BoxFuture, ConnectOptions, Incoming, IncomingState, ListenOptions, Stream};
use super::{networks, tls};
use crate::context::Identity;
use crate::error::Error;

/// How often a connection that is lost before a frame was sent is opened anew at once. A listener
/// that closes resets connections of its last moment, and another one may share its name.
const LOST: usize = 3;

/// How many sockets a listener that closes takes from those that wait: as many as the system lets
/// wait, as a rule. There is an end to it however fast others come.
const WAITING: usize = 4096;

/// How many of them may fail. Each is an error by itself, as one that was given up while it waited;
/// but one error, too many open files, comes for ever.
const FAILURES: usize = 64;

/// The two directions of a socket.
pub(super) type Halves = (
    Box<dyn AsyncRead + Send + Unpin>,
    Box<dyn AsyncWrite + Send + Unpin>,
);

/// A byte stream whose directions are still one.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Parts the directions, in the cheapest way that the socket has.
    fn halves(self: Box<Self>) -> Halves;

    /// Whether the other end has sent something, or has ended. Default: that cannot be told, so it is not
    /// waited for.
    fn poll_heard(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Closes it so that the other end sees it at once. Default: as when it is dropped.
    fn abort(self: Box<Self>) {}

    /// Who the other end has proved to be.
    fn identity(&self) -> Option<Arc<Identity>> {
        None
    }

    /// Whether it has come in at a loopback address.
    fn is_at_loopback(&self) -> bool {
        false
    }
}

/// What is negotiated on a socket, and what the socket is from then on.
pub(super) trait Upgrade: Send + Sync + 'static {
    /// Negotiates. The caller bounds how long it may take.
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>>;
}

/// The upgrades of a listener or of a connector, in the order in which they are negotiated.
#[derive(Clone)]
pub(super) struct Upgrades(Arc<[Box<dyn Upgrade>]>);

impl Upgrades {
    /// Those of a client that connects to `address`.
    pub(super) fn client(address: &Address, options: &ConnectOptions) -> Result<Self, Error> {
        let mut upgrades = Vec::new();
        upgrades.extend(tls::client(address, options.chosen_tls())?);
        let own = networks::ways(address, "connector")?.upgrade;
        if let Some((upgrade, _)) = own {
            upgrades.push(upgrade(address, options)?);
        }
        Ok(Self(upgrades.into()))
    }

    /// Those of a server that listens on `address`.
    pub(super) fn server(address: &Address, options: &ListenOptions) -> Result<Self, Error> {
        let mut upgrades = Vec::new();
        upgrades.extend(tls::server(address, options)?);
        let own = networks::ways(address, "listener")?.upgrade;
        if let Some((_, upgrade)) = own {
            upgrades.push(upgrade(address, options)?);
        }
        Ok(Self(upgrades.into()))
    }

    /// Opens a socket to `address` and negotiates. If the connection is lost before that is done,
    /// nothing of a call was sent, and another one is opened.
    pub(super) async fn connect<'f>(
        &self,
        address: &Address,
        open: impl Fn() -> BoxFuture<'f, io::Result<Box<dyn Socket>>>,
    ) -> io::Result<Stream> {
        let mut lost = 0;
        loop {
            let stream = async { self.negotiate(open().await?, address.clone()).await };
            match stream.await {
                Err(error) if is_lost(&error) && lost < LOST => lost += 1,
                outcome => return outcome,
            }
        }
    }

    /// Negotiates every upgrade.
    async fn negotiate(&self, mut socket: Box<dyn Socket>, peer: Address) -> io::Result<Stream> {
        for upgrade in self.0.iter() {
            socket = upgrade.negotiate(socket).await?;
        }
        Ok(stream(socket, peer))
    }

    /// What a listener with these upgrades has accepted.
    pub(super) fn incoming(&self, socket: Box<dyn Socket>, peer: Address) -> Incoming {
        Incoming(Progress::Accepted(Accepted {
            socket,
            peer,
            upgrades: self.clone(),
        }))
    }
}

/// A socket of which nothing was read yet.
pub(crate) struct Accepted {
    pub(super) socket: Box<dyn Socket>,
    pub(super) peer: Address,
    upgrades: Upgrades,
}

impl Accepted {
    /// What is negotiated on it, and where it comes from. In every upgrade the client begins.
    pub(super) fn begin(self) -> (IncomingState, Option<Address>) {
        let Self {
            mut socket,
            peer,
            upgrades,
        } = self;
        if upgrades.0.is_empty() {
            return (IncomingState::Ready(stream(socket, peer)), None);
        }
        let from = peer.clone();
        let heard = async move {
            poll_fn(|cx| socket.poll_heard(cx)).await;
            socket
        };
        let silent = IncomingState::silent(heard, |socket| async move {
            upgrades.negotiate(socket, peer).await
        });
        (silent, Some(from))
    }
}

/// What waits in the queue of a listener that closes and does not block.
pub(super) fn queued(mut accept: impl FnMut() -> io::Result<Incoming>) -> Vec<Incoming> {
    let (mut waiting, mut failures) = (Vec::new(), 0);
    while waiting.len() < WAITING && failures < FAILURES {
        match accept() {
            Ok(incoming) => waiting.push(incoming),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(_) => failures += 1,
        }
    }
    waiting
}

/// Whether the other end has gone. One that refuses us says so before.
fn is_lost(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::UnexpectedEof
    )
}

fn stream(socket: Box<dyn Socket>, peer: Address) -> Stream {
    let identity = socket.identity();
    let at_loopback = socket.is_at_loopback();
    let (reader, writer) = socket.halves();
    Stream {
        reader,
        writer,
        peer,
        identity,
        ends: true,
        at_loopback,
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// Accepts what `outcomes` says, in turn.
    fn taken(outcomes: impl IntoIterator<Item = Result<(), ErrorKind>>) -> usize {
        let mut outcomes = outcomes.into_iter();
        let next = || {
            let outcome = outcomes.next().unwrap_or(Err(ErrorKind::WouldBlock));
            outcome.map_err(io::Error::from)?;
            Ok(Incoming::negotiating(std::future::pending()))
        };
        queued(next).len()
    }

    #[test]
    fn one_that_cannot_be_accepted_does_not_cost_those_behind_it() {
        let aborted = Err(ErrorKind::ConnectionAborted);
        assert_eq!(taken([]), 0);
        assert_eq!(
            taken([Ok(()), aborted, Ok(()), aborted, aborted, Ok(())]),
            3
        );
        let nothing_more = Err(ErrorKind::WouldBlock);
        assert_eq!(taken([Ok(()), nothing_more, Ok(())]), 1);
        assert_eq!(taken(std::iter::repeat(Ok(()))), WAITING);
        assert_eq!(taken(std::iter::repeat(aborted)), 0);
    }
}
