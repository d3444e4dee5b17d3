//! Listener to connections. The loop ends with the server and for no other reason.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Shared, connection};
use crate::service::count;
use crate::transport::{BoxFuture, Incoming, IncomingState, Listen, Stream};

/// The pauses after an error that concerns the process, not one stream: too many open files.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long handshakes that are under way may go on when the server stops.
const LAST_HANDSHAKES: Duration = Duration::from_secs(1);

/// Accepts until the server stops. What is left is the end of the listener, which some networks
/// have to wait for.
pub(super) async fn run(
    mut listener: Box<dyn Listen>,
    shared: Arc<Shared>,
) -> BoxFuture<'static, ()> {
    let mut handshakes = Handshakes::default();
    tokio::select! {
        // First, so that it ends however fast others connect.
        biased;
        () = shared.phase.stopping() => {}
        () = accept_all(&mut *listener, &mut handshakes, &shared) => {}
    }
    // They have connected, and may have sent their calls: nobody else answers those.
    let closing = listener.close();
    for incoming in closing.waiting {
        start(incoming, &mut handshakes, &shared);
    }
    handshakes.finish().await;
    closing.left
}

async fn accept_all(listener: &mut dyn Listen, handshakes: &mut Handshakes, shared: &Arc<Shared>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match listener.accept().await {
            Ok(incoming) => {
                pause = FIRST_PAUSE;
                start(incoming, handshakes, shared);
            }
            Err(error) => {
                count(&shared.load.counters.accept_errors);
                if !concerns_one_stream(&error) {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

fn start(incoming: Incoming, handshakes: &mut Handshakes, shared: &Arc<Shared>) {
    if is_full(shared) {
        return;
    }
    match incoming.0 {
        IncomingState::Ready(stream) => connection::start(stream, Arc::clone(shared)),
        IncomingState::Negotiating(handshake) => handshakes.start(handshake, shared),
    }
}

/// Whether one connection more would be too many; counts the one that is refused.
fn is_full(shared: &Shared) -> bool {
    let open = shared
        .load
        .counters
        .open_connections
        .load(Ordering::Relaxed);
    let full = open >= shared.load.limits.connections as u64;
    if full {
        count(&shared.load.counters.connections_refused);
    }
    full
}

/// The handshakes in progress on one listener, the oldest first. They end with it.
#[derive(Default)]
struct Handshakes(VecDeque<JoinHandle<()>>);

impl Handshakes {
    fn start(&mut self, handshake: BoxFuture<'static, io::Result<Stream>>, shared: &Arc<Shared>) {
        let most = shared.load.limits.handshakes.max(1);
        if self.0.len() >= most {
            self.0.retain(|running| !running.is_finished());
        }
        if self.0.len() >= most
            && let Some(oldest) = self.0.pop_front()
        {
            // Those who send nothing must not keep others out.
            oldest.abort();
            count(&shared.load.counters.crowded_handshakes);
        }
        let shared = Arc::clone(shared);
        let running = tokio::spawn(async move {
            let counters = &shared.load.counters;
            match timeout(shared.load.limits.handshake, handshake).await {
                Ok(Ok(stream)) if !is_full(&shared) => connection::start(stream, shared),
                Ok(Ok(_)) => {}
                Ok(Err(_)) => count(&counters.failed_handshakes),
                Err(_) => count(&counters.slow_handshakes),
            }
        });
        self.0.push_back(running);
    }

    /// Waits for those under way.
    async fn finish(mut self) {
        let all = async {
            for running in &mut self.0 {
                // One that was aborted is finished too.
                let _ = running.await;
            }
        };
        let _all_finished = timeout(LAST_HANDSHAKES, all).await;
    }
}

impl Drop for Handshakes {
    fn drop(&mut self) {
        for running in &self.0 {
            running.abort();
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
