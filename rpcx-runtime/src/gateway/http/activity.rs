//! What happens on a connection, for the clock that ends it when nothing does.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use crate::context::Cancel;
use crate::sync::lock;

/// The requests of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    /// Those that have begun.
    begun: AtomicU64,
    /// Those whose call is under way.
    running: AtomicUsize,
    /// Those whose response was not sent yet.
    sending: AtomicUsize,
    /// It had to wait for a request since the last one has begun.
    waited: AtomicBool,
    /// Since when there is none; the time is taken when it is asked for, and not for each request.
    quiet: Mutex<Option<Instant>>,
    /// Set when no request has come for too long.
    pub(super) idle: Cancel,
}

/// A request, until its response was made.
#[derive(Debug)]
pub(super) struct Running(Option<Arc<Activity>>);

/// A response, until it was sent.
#[derive(Debug)]
pub(super) struct Sending(Arc<Activity>);

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// It waits for a handler.
    Running,
    /// It sends a response, and runs nothing.
    Sending,
    /// It waits for a request, since it was asked first.
    Nothing(Instant),
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: AtomicU64::new(0),
            running: AtomicUsize::new(0),
            sending: AtomicUsize::new(0),
            waited: AtomicBool::new(true),
            quiet: Mutex::new(None),
            idle: Cancel::default(),
        })
    }

    pub(super) fn begin(self: &Arc<Self>) -> Running {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(Some(Arc::clone(self)))
    }

    /// How many requests have begun so far.
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Nothing has come: if it waits for a request, others run meanwhile.
    pub(super) fn waits(&self) {
        if self.is_quiet() {
            self.waited.store(true, Ordering::Relaxed);
        }
    }

    /// Whether others have run before this request, which has not begun: one that came with the last one has not waited.
    pub(super) fn has_waited(&self) -> bool {
        self.waited.load(Ordering::Relaxed)
            && self.waited.swap(false, Ordering::Relaxed)
            && self.is_quiet()
    }

    /// Whether it waits for a request.
    pub(super) fn is_quiet(&self) -> bool {
        self.running.load(Ordering::Relaxed) == 0 && self.sending.load(Ordering::Relaxed) == 0
    }

    /// Whether it waits for a handler.
    pub(super) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed) > 0
    }

    pub(super) fn doing(&self) -> Doing {
        if self.is_running() {
            Doing::Running
        } else if self.sending.load(Ordering::Relaxed) > 0 {
            Doing::Sending
        } else {
            Doing::Nothing(*lock(&self.quiet).get_or_insert_with(Instant::now))
        }
    }
}

impl Running {
    /// The response is there. It is quiet when that was sent, so the time is not taken here.
    pub(super) fn sending(mut self) -> Option<Sending> {
        let activity = self.0.take()?;
        activity.sending.fetch_add(1, Ordering::Relaxed);
        activity.running.fetch_sub(1, Ordering::Relaxed);
        Some(Sending(activity))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(activity) = &self.0 {
            *lock(&activity.quiet) = None;
            activity.running.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        *lock(&self.0.quiet) = None;
        self.0.sending.fetch_sub(1, Ordering::Relaxed);
    }
}
