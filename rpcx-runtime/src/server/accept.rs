//! Listener to connections. The loop ends with the server and for no other reason.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Shared, connection};
use crate::service::count;
use crate::transport::Listen;

/// The pauses after an error that concerns the process, not one stream: too many open files.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(mut listener: Box<dyn Listen>, shared: Arc<Shared>) {
    let counters = &shared.load.counters;
    let mut pause = FIRST_PAUSE;
    loop {
        match listener.accept().await {
            Ok(stream) => {
                pause = FIRST_PAUSE;
                let open = counters.open_connections.load(Ordering::Relaxed);
                if open >= shared.load.limits.connections as u64 {
                    count(&counters.connections_refused);
                    continue;
                }
                connection::start(stream, Arc::clone(&shared));
            }
            Err(error) => {
                count(&counters.accept_errors);
                if !concerns_one_stream(&error) {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
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
