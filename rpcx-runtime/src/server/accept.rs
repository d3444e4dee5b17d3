//! Listener to connections. The loop ends with the server and for no other reason.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::handshakes::{Handshake, Handshakes};
use super::{Shared, connection};
use crate::service::count;
use crate::transport::{BoxFuture, Incoming, IncomingState, Listen};

/// The pauses after an error that concerns the process, not one stream: too many open files.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long those who had connected when the server stopped may wait for a place among the
/// handshakes. Clients of this crate are gone after 3 s.
const LAST_PLACES: Duration = Duration::from_secs(5);

/// Accepts until the server stops. What is left is the end of the listener, which some networks
/// have to wait for.
pub(super) async fn run(
    mut listener: Box<dyn Listen>,
    shared: Arc<Shared>,
) -> BoxFuture<'static, ()> {
    let mut accepting = Accepting {
        handshakes: Handshakes::new(Arc::clone(&shared)),
        held: None,
        shared: Arc::clone(&shared),
    };
    tokio::select! {
        // First, so that it ends however fast others connect.
        biased;
        () = shared.phase.stopping() => {}
        () = accepting.accept_all(&mut *listener) => {}
    }
    // They have connected, and may have sent their calls: nobody else answers those.
    let closing = listener.close();
    let _all_had_a_place = timeout(LAST_PLACES, accepting.take_all(closing.waiting)).await;
    accepting.handshakes.finish().await;
    closing.left
}

struct Accepting {
    handshakes: Handshakes,
    /// Accepted, and waits for a place: here, so that it is not lost when the server stops. That
    /// there is one at most leaves the others in the queue of the system.
    held: Option<Handshake>,
    shared: Arc<Shared>,
}

impl Accepting {
    async fn accept_all(&mut self, listener: &mut dyn Listen) {
        let mut pause = FIRST_PAUSE;
        loop {
            self.start_held().await;
            match listener.accept().await {
                Ok(incoming) => {
                    pause = FIRST_PAUSE;
                    self.take(incoming);
                }
                Err(error) => {
                    count(&self.shared.load.counters.accept_errors);
                    if !concerns_one_stream(&error) {
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            }
        }
    }

    async fn take_all(&mut self, waiting: Vec<Incoming>) {
        for incoming in waiting {
            self.start_held().await;
            self.take(incoming);
        }
        self.start_held().await;
    }

    fn take(&mut self, incoming: Incoming) {
        if self.shared.is_full() {
            return;
        }
        match incoming.0 {
            IncomingState::Ready(stream) => connection::start(stream, Arc::clone(&self.shared)),
            IncomingState::Negotiating(handshake) => self.held = Some(handshake),
        }
    }

    async fn start_held(&mut self) {
        if self.held.is_some() {
            self.handshakes.room().await;
        }
        if let Some(handshake) = self.held.take() {
            self.handshakes.start(handshake);
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
