//! The connection to one address: opened once for everyone who waits, and again when it is lost.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::gate::{Gate, Pass};
use super::options::ChannelOptions;
use super::pushes::Pushes;
use crate::connection::client::{
    Connection, ConnectionHandle, ConnectionOptions, Ending, heartbeat,
};
use crate::error::Error;
use crate::sync::lock;
use crate::transport::Connect;

/// The least time between two dials, and the most after failures; it doubles in between.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type Outcome = Option<Result<Arc<ConnectionHandle>, Arc<str>>>;

/// One address and its connection.
pub(super) struct Link {
    dialer: Arc<Dialer>,
    state: Arc<Mutex<State>>,
    gate: Arc<Gate>,
}

struct Dialer {
    name: String,
    connector: Box<dyn Connect>,
    timeout: Duration,
    options: ConnectionOptions,
    pushes: Arc<Pushes>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<ConnectionHandle>>,
    /// The ends of connections that take no more calls, and may have some yet.
    leaving: Vec<Ending>,
    /// The dial that is under way; everyone waits for the same one.
    dial: Option<watch::Receiver<Outcome>>,
    failures: u32,
    not_before: Option<Instant>,
}

impl Link {
    pub(super) fn new(name: String, connector: Box<dyn Connect>, options: &ChannelOptions) -> Self {
        let pushes = Pushes::new(&name, &options.connection.limits);
        let dialer = Arc::new(Dialer {
            name,
            connector,
            timeout: options.connect_timeout,
            options: options.connection.clone(),
            pushes,
        });
        Self {
            dialer,
            state: Arc::default(),
            gate: Gate::new(),
        }
    }

    /// What the server pushes.
    pub(super) fn pushes(&self) -> &Arc<Pushes> {
        &self.dialer.pushes
    }

    /// Lets a call begin; until it has ended, [`close`](Self::close) waits for it.
    pub(super) fn enter(&self) -> Result<Pass, Error> {
        self.gate.enter()
    }

    /// Lets no more calls begin, and waits for those that have, and for all that was written.
    pub(super) async fn close(&self) {
        // A call that is to be made at once finds no connection, and has to enter.
        let connection = lock(&self.state).current.clone();
        if let Some(connection) = connection {
            connection.leave();
        }
        self.gate.shut().await;
        // One that nobody waits for any more.
        let dial = lock(&self.state).dial.clone();
        if let Some(mut dial) = dial {
            let _ = outcome(&mut dial).await;
        }
        let endings = {
            let state = lock(&self.state);
            if let Some(connection) = &state.current {
                connection.leave();
            }
            let last = state.current.iter().map(|current| current.ending());
            last.chain(state.leaving.iter().cloned())
                .collect::<Vec<_>>()
        };
        for ending in endings {
            ending.wait().await;
        }
    }

    /// The open connection, if there is one.
    #[inline]
    pub(super) fn current(&self) -> Option<Arc<ConnectionHandle>> {
        lock(&self.state)
            .current
            .as_ref()
            .filter(|current| !current.is_closed())
            .cloned()
    }

    /// The open connection, or a new one. At most one dial is under way, whoever asks.
    ///
    /// A caller that found a dial under way, and saw it fail, waits for one more: that dial may
    /// have begun before the server was there.
    pub(super) async fn connect(&self) -> Result<Arc<ConnectionHandle>, Error> {
        let (mut dial, joined) = match self.dial() {
            Dial::Open(connection) => return Ok(connection),
            Dial::Waits(dial, joined) => (dial, joined),
        };
        let first = outcome(&mut dial).await;
        let last = match (first, joined) {
            (Err(_), true) => match self.dial() {
                Dial::Open(connection) => return Ok(connection),
                Dial::Waits(mut dial, _) => outcome(&mut dial).await,
            },
            (first, _) => first,
        };
        last.map_err(|reason| {
            Error::not_sent(format!("cannot connect to {}: {reason}", self.dialer.name))
        })
    }

    fn dial(&self) -> Dial {
        let mut state = lock(&self.state);
        if let Some(open) = state
            .current
            .as_ref()
            .filter(|current| !current.is_closed())
        {
            return Dial::Open(Arc::clone(open));
        }
        // A dial whose runtime has ended says nothing any more.
        if let Some(dial) = state
            .dial
            .as_ref()
            .filter(|dial| dial.has_changed().is_ok())
        {
            return Dial::Waits(dial.clone(), true);
        }
        if let Some(lost) = state.current.take() {
            if lost.has_answered() {
                state.failures = 0;
            }
            state.leaving.retain(|ending| !ending.is_over());
            state.leaving.push(lost.ending());
        }
        let (sender, dial) = watch::channel(None);
        state.dial = Some(dial.clone());
        let not_before = state.not_before;
        drop(state);
        let (dialer, state) = (Arc::clone(&self.dialer), Arc::clone(&self.state));
        // A task of its own: it must not end with the caller that happened to be first.
        tokio::spawn(async move {
            if let Some(not_before) = not_before {
                sleep_until(not_before).await;
            }
            let outcome = dialer.dial().await;
            lock(&state).dialed(&outcome);
            // Nobody may be waiting any more.
            let _ = sender.send(Some(outcome));
        });
        Dial::Waits(dial, false)
    }
}

enum Dial {
    Open(Arc<ConnectionHandle>),
    /// A dial, and whether it was under way already.
    Waits(watch::Receiver<Outcome>, bool),
}

impl State {
    fn dialed(&mut self, outcome: &Result<Arc<ConnectionHandle>, Arc<str>>) {
        self.dial = None;
        // A success counts as a failure until the server has answered something: a server that
        // accepts and closes at once must not be dialled in a loop.
        self.failures = self.failures.saturating_add(1);
        self.current = outcome.as_ref().ok().cloned();
        let doublings = self.failures.saturating_sub(1).min(16);
        let pause = FIRST_PAUSE
            .saturating_mul(1 << doublings)
            .min(LONGEST_PAUSE);
        self.not_before = Some(Instant::now() + pause.mul_f64(0.5 + fastrand::f64() / 2.0));
    }
}

impl Dialer {
    async fn dial(&self) -> Result<Arc<ConnectionHandle>, Arc<str>> {
        let greeting = heartbeat();
        match timeout(self.timeout, self.connector.greet(&greeting)).await {
            Ok(Ok(stream)) => Ok(Arc::new(Connection::start(
                stream,
                self.options.clone(),
                self.pushes.clone(),
            ))),
            Ok(Err(error)) => Err(error.to_string().into()),
            Err(_) => Err(format!("no answer within {} ms", self.timeout.as_millis()).into()),
        }
    }
}

async fn outcome(dial: &mut watch::Receiver<Outcome>) -> Result<Arc<ConnectionHandle>, Arc<str>> {
    match dial.wait_for(Option::is_some).await {
        Ok(outcome) => outcome
            .clone()
            .unwrap_or_else(|| Err("the dial was dropped".into())),
        Err(_) => Err("the runtime is shutting down".into()),
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("name", &self.dialer.name)
            .field("current", &lock(&self.state).current)
            .finish()
    }
}
