//! Listener to connections. The loop ends with the server and for no other reason.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::handshakes::{Begun, Handshakes};
use super::silent::Silent;
use super::{Shared, connection};
use crate::dispatch::count;
use crate::event::Event;
use crate::pace::{Backoff, after};
use crate::transport::{Incoming, IncomingState, Listen};

/// The pauses after an error that concerns the process, not one stream: too many open files. They are
/// not random: no other listener waits for the same thing.
const PAUSES: Backoff = Backoff::new(Duration::from_millis(10), Duration::from_secs(1)).jitter(0.0);

/// How long connections of the backlog may wait, when the server stops, for a place among the
/// handshakes. Clients of this crate are gone after 3 s.
const LAST_PLACES: Duration = Duration::from_secs(5);

/// How long those of them that have sent nothing may take to begin.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What a listener drops as it comes to its end, which the server waits for: nothing is ever sent.
#[derive(Clone)]
pub(super) struct Stages {
    /// Dropped when no more connections can come.
    pub(super) open: Sender<()>,
    /// Dropped when those are taken in that have.
    pub(super) taking: Sender<()>,
}

/// Accepts until the server stops. Takes in the connections that have come, for no longer than `grace`, and then waits for
/// the end of the listener, which some networks need.
pub(super) async fn run(
    mut listener: Box<dyn Listen>,
    shared: Arc<Shared>,
    stages: Stages,
    grace: Duration,
) {
    let name: Arc<str> = listener.address().to_string().into();
    let mut accepting = Accepting {
        silent: Silent::new(Arc::clone(&shared), &name),
        handshakes: Handshakes::new(Arc::clone(&shared), &name),
        name: Arc::clone(&name),
        held: None,
        failures: 0,
        paused: None,
        shared: Arc::clone(&shared),
    };
    tokio::select! {
        // First, so that it ends however fast others connect.
        biased;
        () = shared.phase.stopping() => {}
        () = accepting.accept_all(&mut *listener) => {}
    }
    let closing = listener.close();
    drop(stages.open);
    // They have connected, and may have sent calls, which no other server answers.
    let _all_taken = timeout(grace, accepting.take_last(closing.waiting)).await;
    // What still shakes hands ends here.
    drop(accepting);
    drop(stages.taking);
    closing.left.await;
}

struct Accepting {
    /// What the listener is called in events.
    name: Arc<str>,
    silent: Silent,
    handshakes: Handshakes,
    /// Waits for a place: here, so that it is not lost when the server stops. No other stream is
    /// accepted meanwhile, which leaves the others in the backlog.
    held: Option<Begun>,
    /// Errors in a row, and until when there is a pause because of them.
    failures: u32,
    paused: Option<Instant>,
    shared: Arc<Shared>,
}

impl Accepting {
    async fn accept_all(&mut self, listener: &mut dyn Listen) {
        loop {
            self.start_held().await;
            let paused = self.paused;
            let accepted = async {
                if let Some(until) = paused {
                    sleep_until(until).await;
                }
                listener.accept().await
            };
            tokio::select! {
                // Connections that are accepted already come first.
                biased;
                Some(begun) = self.silent.next() => self.held = Some(begun),
                () = self.handshakes.start_waiting() => {}
                accepted = accepted => self.accepted(accepted),
            }
        }
    }

    fn accepted(&mut self, accepted: io::Result<Incoming>) {
        self.paused = None;
        match accepted {
            Ok(incoming) => {
                self.failures = 0;
                self.take(incoming);
            }
            Err(error) => {
                count(&self.shared.counters().accept_errors);
                self.shared.events().emit(|tell| {
                    tell(&Event::AcceptFailed {
                        listener: &self.name,
                        error: &error,
                    });
                });
                if !concerns_one_stream(&error) {
                    self.silent.give_up_older_half();
                    self.failures = self.failures.saturating_add(1);
                    self.paused = Some(Instant::now() + PAUSES.pause(self.failures));
                }
            }
        }
    }

    /// Ends when each has got through or was given up.
    async fn take_last(&mut self, waiting: Vec<Incoming>) {
        let places = async {
            for incoming in waiting {
                self.start_held().await;
                self.take(incoming);
            }
            self.start_those_that_begin().await;
        };
        let _all_had_a_place = timeout(LAST_PLACES, places).await;
        self.handshakes.finish().await;
    }

    /// Connections that begin soon.
    async fn start_those_that_begin(&mut self) {
        let too_late = sleep(LAST_WORD);
        tokio::pin!(too_late);
        loop {
            self.start_held().await;
            self.held = tokio::select! {
                // First, so that none is lost that has begun and waited for a place.
                biased;
                begun = self.silent.next() => begun,
                () = &mut too_late => None,
            };
            if self.held.is_none() {
                return;
            }
        }
    }

    fn take(&mut self, incoming: Incoming) {
        let peer = incoming.peer().cloned();
        if self.shared.would_be_full(peer.as_ref(), &self.name) {
            return;
        }
        let forged = incoming.may_be_forged();
        match incoming.begin() {
            IncomingState::Ready(stream) => {
                if !self.shared.is_full(Some(&stream.peer), &self.name) {
                    connection::start(stream, Arc::clone(&self.shared));
                }
            }
            IncomingState::Negotiating(handshake) => {
                let until = after(Instant::now(), self.shared.limits().handshake);
                self.held = Some(Begun {
                    handshake,
                    until,
                    peer,
                    forged,
                });
            }
            IncomingState::Silent(heard) => self.silent.add(heard, peer, self.handshakes.len()),
        }
    }

    async fn start_held(&mut self) {
        if self.held.is_some() {
            self.handshakes.room().await;
        }
        if let Some(begun) = self.held.take() {
            self.handshakes.start(begun);
        }
    }
}

fn concerns_one_stream(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
            | io::ErrorKind::NotConnected
    )
}
