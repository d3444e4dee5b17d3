//! `mem@name`: pipes within this process, for tests and for services that live together.

mod pipe;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::Mutex;

use tokio::sync::mpsc;

use self::pipe::End;
use super::cause::cannot_listen;
use super::networks::Ways;
use super::{Address, BoxFuture, Closing, Connect, Incoming, Listen, Network, Stream};
use crate::error::Error;
use crate::sync::lock;

/// Connections that wait to be accepted.
const BACKLOG: usize = 128;

/// The listeners of this process by name: to `mem` what the kernel's port table is to tcp.
static LISTENERS: Mutex<Option<HashMap<String, mpsc::Sender<End>>>> = Mutex::new(None);

fn with_listeners<T>(act: impl FnOnce(&mut HashMap<String, mpsc::Sender<End>>) -> T) -> T {
    let mut listeners = lock(&LISTENERS);
    act(listeners.get_or_insert_default())
}

/// The two ends of one pipe.
pub(crate) fn pipe(name: &str) -> (Stream, Stream) {
    let (a, b) = pipe::pipe();
    (stream(a, name), stream(b, name))
}

fn stream(end: End, name: &str) -> Stream {
    Stream::new(end.reader, end.writer, Address::new(Network::MEM, name))
}

pub(super) const WAYS: Ways = Ways {
    connect: Some(|address, _| Ok(connector(address))),
    listen: |address, _| Box::pin(std::future::ready(listen(address))),
    listen_on: None,
    upgrade: None,
};

fn connector(address: &Address) -> Box<dyn Connect> {
    Box::new(MemConnector(address.location().to_owned()))
}

struct MemConnector(String);

impl Connect for MemConnector {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let listener = with_listeners(|all| all.get(&self.0).cloned()).ok_or_else(refused)?;
            let place = listener.reserve().await.map_err(|_| refused())?;
            // A listener closes under the same lock: it finds this one in its queue, or has refused
            // it.
            with_listeners(|_| {
                if listener.is_closed() {
                    return Err(refused());
                }
                let (ours, theirs) = pipe::pipe();
                place.send(theirs);
                Ok(stream(ours, &self.0))
            })
        })
    }
}

fn listen(address: &Address) -> Result<Box<dyn Listen>, Error> {
    let name = address.location().to_owned();
    let (sender, incoming) = mpsc::channel(BACKLOG);
    with_listeners(|all| match all.entry(name.clone()) {
        Entry::Occupied(mut held) if held.get().is_closed() => {
            held.insert(sender);
            Ok(())
        }
        Entry::Occupied(_) => {
            let taken = io::Error::new(io::ErrorKind::AddrInUse, "the name is in use");
            Err(cannot_listen(address)(taken))
        }
        Entry::Vacant(free) => {
            free.insert(sender);
            Ok(())
        }
    })?;
    Ok(Box::new(MemListening { name, incoming }))
}

struct MemListening {
    name: String,
    incoming: mpsc::Receiver<End>,
}

impl Listen for MemListening {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async move {
            // The table holds a sender for as long as this listener lives.
            let end = self
                .incoming
                .recv()
                .await
                .ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(stream(end, &self.name).into())
        })
    }

    fn address(&self) -> Address {
        Address::new(Network::MEM, &self.name)
    }

    fn close(mut self: Box<Self>) -> Closing {
        with_listeners(|_| self.incoming.close());
        let waiting = std::iter::from_fn(|| self.incoming.try_recv().ok());
        Closing::waiting(waiting.map(|end| stream(end, &self.name).into()).collect())
    }
}

impl Drop for MemListening {
    fn drop(&mut self) {
        self.incoming.close();
        with_listeners(|all| {
            if all.get(&self.name).is_some_and(mpsc::Sender::is_closed) {
                all.remove(&self.name);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// One that was given a place, and has not come to take it yet.
    #[tokio::test]
    async fn whoever_connects_while_a_listener_closes_is_served_or_refused() {
        let address = Address::new(Network::MEM, "closes-while-one-connects");
        let mut listener = listen(&address).unwrap();
        let connector = connector(&address);
        for _ in 0..BACKLOG {
            connector.connect().await.unwrap();
        }
        let mut late = connector.connect();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(late.as_mut().poll(&mut cx).is_pending());
        listener.accept().await.unwrap();
        let waiting = listener.close().waiting;
        assert_eq!(waiting.len(), BACKLOG - 1);
        let Poll::Ready(Err(refused)) = late.as_mut().poll(&mut cx) else {
            panic!("connected without a listener");
        };
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }
}
