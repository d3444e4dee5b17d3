//! The connection to one address: opened once for all calls that wait, and again when it is lost.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::connection::{Connection, ConnectionHandle, ConnectionOptions, Ending, heartbeat};
use super::notes::{Note, Notes};
use super::options::ChannelOptions;
use super::pushes::Pushes;
use crate::error::Error;
use crate::event::Event;
use crate::layer::Reached;
use crate::pace::Backoff;
use crate::sync::lock;
use crate::task;
use crate::transport::{Connect, Stream, walkable};

type Outcome = Option<Result<Arc<ConnectionHandle>, Arc<io::Error>>>;

/// One address and its connection.
pub(super) struct Link {
    dialer: Arc<Dialer>,
    state: Arc<Mutex<State>>,
    /// That of the dialer, for choices, which look at each node that they consider.
    room: Option<Arc<Semaphore>>,
    notes: Arc<Notes>,
}

/// Opens connections to one address.
struct Dialer {
    name: String,
    /// Where it goes before there is a connection.
    goal: Arc<Reached>,
    connector: Box<dyn Connect>,
    timeout: Duration,
    options: ConnectionOptions,
    pushes: Arc<Pushes>,
    /// What every connection of the channel takes one of.
    room: Option<Arc<Semaphore>>,
}

struct State {
    current: Option<Arc<ConnectionHandle>>,
    /// The ends of connections that take no more calls, and may have some yet.
    leaving: Vec<Ending>,
    /// The dial that is under way; every call waits for the same one.
    dial: Option<watch::Receiver<Outcome>>,
    backoff: Backoff,
    failures: u32,
    /// There has been a connection.
    connected_before: bool,
    /// Dials in a row that have failed.
    failed: u32,
    notes: Arc<Notes>,
    not_before: Option<Instant>,
}

/// The dials before this one, for what is told of it.
#[derive(Clone, Copy, Debug)]
struct Dials {
    connected_before: bool,
    /// Those in a row that have failed, with this one if it has.
    failed: u32,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct Unreachable {
    pub(super) reason: Arc<io::Error>,
    dial: Dialed,
}

/// What began the dial that a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialed {
    /// By this call.
    Here,
    /// By an earlier call.
    Before,
}

enum Dial {
    /// There may be no other connection.
    Full(Arc<io::Error>),
    Open(Arc<ConnectionHandle>),
    UnderWay(watch::Receiver<Outcome>, Dialed),
}

impl Link {
    pub(super) fn new(
        name: String,
        connector: Box<dyn Connect>,
        pushes: Arc<Pushes>,
        options: &ChannelOptions,
    ) -> Self {
        let goal = Arc::new(Reached {
            server: name.parse().ok(),
            peer: None,
        });
        let dialer = Arc::new(Dialer {
            name,
            goal,
            connector,
            timeout: options.connect_timeout,
            options: options.connection.clone(),
            pushes,
            room: options.room.clone(),
        });
        let notes = Arc::<Notes>::default();
        let state = State {
            current: None,
            leaving: Vec::new(),
            dial: None,
            backoff: options.reconnect,
            failures: 0,
            connected_before: false,
            failed: 0,
            notes: Arc::clone(&notes),
            not_before: None,
        };
        Self {
            room: dialer.room.clone(),
            notes,
            dialer,
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.dialer.name
    }

    /// Where it goes before there is a connection.
    pub(super) fn goal(&self) -> &Arc<Reached> {
        &self.dialer.goal
    }

    /// The connection, if it is open.
    #[inline]
    pub(super) fn open(&self) -> Option<Arc<ConnectionHandle>> {
        lock(&self.state).open().cloned()
    }

    /// Whether the next dial has to wait.
    pub(super) fn is_pausing(&self) -> bool {
        let state = lock(&self.state);
        let now = Instant::now();
        state.not_before.is_some_and(|not_before| not_before > now)
    }

    /// Whether the last dial has failed.
    pub(super) fn is_unreachable(&self) -> bool {
        self.notes.has(Note::Unreachable)
    }

    /// What is noted of its address.
    pub(super) fn notes(&self) -> &Arc<Notes> {
        &self.notes
    }

    /// Whether the connections of its channel have a limit.
    pub(super) fn has_limited_room(&self) -> bool {
        self.room.is_some()
    }

    /// Dials a link that could not be reached, if it has paused for long enough. No call waits for that.
    pub(super) fn look_again(&self) {
        if self.is_unreachable() && !self.is_pausing() {
            let _in_the_background = self.dial();
        }
    }

    /// Dials it, unless it is open or has to pause. No call waits for that.
    pub(super) fn open_in_background(&self) {
        if !self.is_pausing() {
            let _in_the_background = self.dial();
        }
    }

    /// The open connection, or a new one. At most one dial is under way, however many calls ask.
    pub(super) async fn connect(&self) -> Result<Arc<ConnectionHandle>, Unreachable> {
        match self.dial() {
            Dial::Open(connection) => Ok(connection),
            Dial::Full(reason) => Err(Unreachable {
                reason,
                dial: Dialed::Here,
            }),
            Dial::UnderWay(mut receiver, dial) => outcome(&mut receiver)
                .await
                .map_err(|reason| Unreachable { reason, dial }),
        }
    }

    fn dial(&self) -> Dial {
        let mut state = lock(&self.state);
        if let Some(open) = state.open() {
            return Dial::Open(Arc::clone(open));
        }
        // A dial whose runtime has ended says nothing any more.
        if let Some(dial) = state
            .dial
            .as_ref()
            .filter(|dial| dial.has_changed().is_ok())
        {
            return Dial::UnderWay(dial.clone(), Dialed::Before);
        }
        let place = match self.dialer.place() {
            Ok(place) => place,
            Err(full) => return Dial::Full(full),
        };
        state.put_away();
        let (sender, dial) = watch::channel(None);
        state.dial = Some(dial.clone());
        let not_before = state.not_before;
        drop(state);
        let (dialer, state) = (Arc::clone(&self.dialer), Arc::clone(&self.state));
        // A task of its own: it must not end with the caller that happened to be first.
        task::spawn(async move {
            if let Some(not_before) = not_before {
                sleep_until(not_before).await;
            }
            let dialed = dialer.dial().await;
            let dials = lock(&state).count(dialed.is_ok());
            // Before the connection can be lost.
            dialer.tell(&dialed, dials);
            let outcome = dialed.map(|stream| dialer.start(stream, place));
            lock(&state).dialed(&outcome);
            // All that waited may have given up.
            let _ = sender.send(Some(outcome));
        });
        Dial::UnderWay(dial, Dialed::Here)
    }

    /// Whether the channel may have no other connection, and has none here, nor will have.
    pub(super) fn is_out_of_room(&self) -> bool {
        let room = self.room.as_ref();
        room.is_some_and(|room| room.available_permits() == 0) && {
            let state = lock(&self.state);
            state.open().is_none() && state.dial.is_none()
        }
    }

    /// Connects if need be, and asks for a sign of life. None if there is no connection, or none comes in time.
    pub(super) async fn ping(&self) -> Option<Duration> {
        let connection = self.connect().await.ok()?;
        let answered = timeout(self.dialer.timeout, connection.ping());
        answered.await.ok().flatten()
    }

    /// Lets no more calls begin over the connection that is open.
    pub(super) fn leave(&self) {
        let current = lock(&self.state).current.clone();
        if let Some(connection) = current {
            connection.leave();
        }
    }

    /// Ends when every connection has, and all that was written to them has left. For a link over which
    /// no more calls are begun.
    pub(super) async fn ended(&self) {
        // One that no call waits for any more.
        let dial = lock(&self.state).dial.clone();
        if let Some(mut dial) = dial {
            let _ = outcome(&mut dial).await;
        }
        self.leave();
        for ending in self.endings() {
            ending.wait().await;
        }
    }

    /// The ends of its connections, with those that take no more calls.
    pub(super) fn endings(&self) -> Vec<Ending> {
        let state = lock(&self.state);
        let last = state.current.iter().map(|current| current.ending());
        last.chain(state.leaving.iter().cloned()).collect()
    }
}

impl State {
    fn open(&self) -> Option<&Arc<ConnectionHandle>> {
        self.current.as_ref().filter(|current| !current.is_closed())
    }

    /// Makes room for another connection.
    fn put_away(&mut self) {
        let Some(lost) = self.current.take() else {
            return;
        };
        if lost.has_answered() {
            self.failures = 0;
        }
        self.leaving.retain(|ending| !ending.is_over());
        self.leaving.push(lost.ending());
    }

    /// Counts a dial.
    fn count(&mut self, connected: bool) -> Dials {
        let dials = Dials {
            connected_before: self.connected_before,
            failed: self.failed.saturating_add(u32::from(!connected)),
        };
        self.connected_before |= connected;
        self.failed = if connected { 0 } else { dials.failed };
        match connected {
            true => self.notes.remove(Note::Unreachable),
            false => self.notes.set(Note::Unreachable),
        }
        dials
    }

    fn dialed(&mut self, outcome: &Result<Arc<ConnectionHandle>, Arc<io::Error>>) {
        self.dial = None;
        // A success counts as a failure until the server has answered something: a server that
        // accepts and closes at once must not be dialled in a loop.
        self.failures = self.failures.saturating_add(1);
        self.current = outcome.as_ref().ok().cloned();
        self.not_before = Instant::now().checked_add(self.backoff.pause(self.failures));
    }
}

impl Dialer {
    async fn dial(&self) -> Result<Stream, Arc<io::Error>> {
        let greeting = heartbeat();
        match timeout(self.timeout, self.connector.greet(&greeting)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(walkable(error).into()),
            Err(_) => Err(Arc::new(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("no answer within {} ms", self.timeout.as_millis()),
            ))),
        }
    }

    fn start(&self, stream: Stream, place: Option<OwnedSemaphorePermit>) -> Arc<ConnectionHandle> {
        let (options, pushes) = (self.options.clone(), self.pushes.clone());
        let server = self.goal.server.clone();
        let connection = Connection::start(stream, server, options, pushes);
        if let Some(place) = place {
            let ending = connection.ending();
            task::spawn(async move {
                ending.wait().await;
                drop(place);
            });
        }
        Arc::new(connection)
    }

    /// A place among the connections of the channel, if they have a limit.
    fn place(&self) -> Result<Option<OwnedSemaphorePermit>, Arc<io::Error>> {
        let Some(room) = &self.room else {
            return Ok(None);
        };
        let place = Arc::clone(room).try_acquire_owned();
        place.map(Some).map_err(|_| {
            let text = "the channel has as many connections as it may have (`most_connections`)";
            Arc::new(io::Error::new(io::ErrorKind::QuotaExceeded, text))
        })
    }

    /// Tells how a dial has ended.
    fn tell(&self, dialed: &Result<Stream, Arc<io::Error>>, dials: Dials) {
        let Dials {
            connected_before,
            failed: failures,
        } = dials;
        let events = &self.options.events;
        events.emit(|tell| match dialed {
            Ok(stream) => {
                let peer = &stream.peer.to_string();
                tell(&match connected_before {
                    true => Event::Reconnected { peer, failures },
                    false => Event::ConnectionOpened { peer },
                });
            }
            Err(error) => {
                let address = &self.name;
                tell(&Event::DialFailed {
                    address,
                    failures,
                    error,
                });
            }
        });
    }
}

impl Unreachable {
    pub(super) fn into_error(self, name: &str) -> Error {
        let error = Error::not_sent(format!("cannot connect to {name}: {self}"));
        error.with_cause(self.reason)
    }

    /// Whether the dial was under way before this call asked for it.
    pub(super) fn is_joined(&self) -> bool {
        self.dial == Dialed::Before
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

async fn outcome(
    dial: &mut watch::Receiver<Outcome>,
) -> Result<Arc<ConnectionHandle>, Arc<io::Error>> {
    match dial.wait_for(Option::is_some).await {
        Ok(outcome) => outcome
            .clone()
            .unwrap_or_else(|| Err(io::Error::other("the dial was dropped").into())),
        Err(_) => Err(io::Error::other("the runtime is shutting down").into()),
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
