//! Why sessions end.

use std::io;

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Our side closed it and everything was acknowledged.
    Closed,
    /// Our side closed it, and not everything was acknowledged in time.
    Lingered,
    Idle,
    Stalled,
    Refused,
    Replaced,
    Reset,
    Crowded,
    Exhausted,
}

impl From<End> for io::Error {
    fn from(end: End) -> Self {
        use io::ErrorKind::{
            BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, TimedOut,
        };
        let (kind, text) = match end {
            End::Closed => (BrokenPipe, "the KCP session is closed"),
            End::Lingered => (
                TimedOut,
                "the peer did not acknowledge all that was written before the KCP session was closed",
            ),
            End::Idle => (TimedOut, "the KCP peer is silent"),
            End::Stalled => (TimedOut, "the KCP peer acknowledges nothing"),
            End::Refused => (ConnectionRefused, "the port of the KCP peer is closed"),
            End::Replaced => (ConnectionReset, "the KCP peer has begun another session"),
            End::Reset => (
                ConnectionReset,
                "the KCP peer knows nothing of the session: it was started again, or has ended it",
            ),
            End::Crowded => (
                ConnectionAborted,
                "the KCP peer has never acknowledged anything, and others needed its place",
            ),
            End::Exhausted => (
                ConnectionAborted,
                "the KCP session has no more segment numbers or time: connect again",
            ),
        };
        Self::new(kind, text)
    }
}
