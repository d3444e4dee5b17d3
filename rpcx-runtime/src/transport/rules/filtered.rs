//! A listener that lets in what its rules allow.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::{ConnectionRules, Pass, RefusedConnections};
use crate::event::Events;
use crate::transport::{Address, BoxFuture, Closing, Incoming, Listen};

/// A listener in front of another one, which accepts only what [`ConnectionRules`] allow.
///
/// A server puts one in front of each of its listeners by itself
/// ([`ServerBuilder::connections`](crate::server::ServerBuilder::connections)). By hand it is for rules
/// that concern one listener, built in or not. Its refusals are counted
/// ([`ConnectionRules::refused`]), and are no events of the server.
///
/// ```
/// use rpcx::Server;
/// use rpcx::transport::{ConnectionRules, Filtered, ListenOptions, listen};
///
/// # async fn f() -> rpcx::Result<()> {
/// let admin = listen("mem@admin", &ListenOptions::new()).await?;
/// let rules = ConnectionRules::new().hook(|peer| peer.location() != "stranger");
/// let server = Server::builder()
///     .listen("tcp@:8972")
///     .listener(Filtered::new(admin, rules));
/// # Ok(())
/// # }
/// ```
pub struct Filtered {
    listener: Box<dyn Listen>,
    rules: ConnectionRules,
}

impl Filtered {
    /// Puts these rules in front of a listener.
    pub fn new(listener: impl Listen, rules: ConnectionRules) -> Self {
        let listener = Box::new(listener);
        Self { listener, rules }
    }
}

/// The rules of a server.
#[derive(Debug)]
pub(crate) struct Filter {
    rules: ConnectionRules,
    /// Puts them in front of a listener. A pointer that only a server with rules has: other programs have no machine code
    /// of rules.
    around: fn(Box<dyn Listen>, ConnectionRules) -> Box<dyn Listen>,
}

impl Filter {
    /// None if the rules let everything in.
    pub(crate) fn new(rules: ConnectionRules) -> Option<Arc<Self>> {
        let around = around;
        (!rules.is_empty()).then(|| Arc::new(Self { rules, around }))
    }

    /// The same, and refusals are told of.
    pub(crate) fn telling(&self, events: Events) -> Arc<Self> {
        let rules = self.rules.clone().telling(events);
        let around = self.around;
        Arc::new(Self { rules, around })
    }

    pub(crate) fn around(&self, listener: Box<dyn Listen>) -> Box<dyn Listen> {
        (self.around)(listener, self.rules.clone())
    }

    /// How many were refused so far.
    pub(crate) fn refused(&self) -> RefusedConnections {
        self.rules.refused()
    }
}

/// Rules in front of a listener, unless it applies them by itself, sooner than this could.
fn around(mut listener: Box<dyn Listen>, rules: ConnectionRules) -> Box<dyn Listen> {
    match listener.filter(rules) {
        Some(rules) => Box::new(Filtered { listener, rules }),
        None => listener,
    }
}

/// One that is allowed, with what it has to be asked later; none if it was refused.
fn screened(incoming: Incoming, rules: &ConnectionRules) -> Option<Incoming> {
    let pass = match incoming.peer().map(|peer| rules.admit(peer)) {
        Some(Ok(pass)) => Some(pass),
        Some(Err(_)) => {
            incoming.refuse();
            return None;
        }
        // The listener does not say before it has negotiated.
        None => None,
    };
    if pass.as_ref().is_some_and(Pass::is_empty) && !rules.asks_identity() {
        return Some(incoming);
    }
    let rules = rules.clone();
    incoming.and_then(move |stream| {
        let pass = match pass {
            Some(pass) => pass,
            None => rules.admit(&stream.peer)?,
        };
        rules.identified(stream, pass)
    })
}

impl Listen for Filtered {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async move {
            loop {
                let incoming = self.listener.accept().await?;
                if let Some(allowed) = screened(incoming, &self.rules) {
                    return Ok(allowed);
                }
            }
        })
    }

    fn address(&self) -> Address {
        self.listener.address()
    }

    fn close(self: Box<Self>) -> Closing {
        let Self { listener, rules } = *self;
        let mut closing = listener.close();
        let waiting = closing.waiting.into_iter();
        closing.waiting = waiting
            .filter_map(|incoming| screened(incoming, &rules))
            .collect();
        closing
    }
}

impl fmt::Debug for Filtered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filtered")
            .field("address", &self.listener.address())
            .field("rules", &self.rules)
            .finish()
    }
}
