//! Keeps the registrations of a server alive.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::watch::{AGAIN, ended};
use super::{Register, Registration};
use crate::event::{Event, Events};
use crate::task;

/// How long a registry may take to let go of a server.
const LEAVING: Duration = Duration::from_secs(2);

/// What [`Register::keep`] is told, and tells.
#[derive(Debug)]
pub struct Session {
    leaving: watch::Receiver<bool>,
    state: Arc<State>,
}

struct State {
    /// Whether everything stands in the registry.
    registered: watch::Sender<bool>,
    /// Whether it has ever stood there.
    ever: AtomicBool,
    registrations: Box<[Registration]>,
    events: Events,
}

impl Session {
    /// Waits until the registrations are to be taken out. May be dropped and called again.
    pub async fn leaving(&mut self) {
        // An error means that the registrar is gone, which means the same.
        let _ = self.leaving.wait_for(|leaving| *leaving).await;
    }

    /// Whether that is so.
    pub fn is_leaving(&self) -> bool {
        *self.leaving.borrow() || self.leaving.has_changed().is_err()
    }

    /// Whether they have stood in the registry before. What stands there now may have been changed by an
    /// administrator then, and is kept; otherwise it is left over from an earlier server.
    pub fn was_registered(&self) -> bool {
        self.state.ever.load(Ordering::Relaxed)
    }

    /// To be called when all registrations stand in the registry, once for each time they were written
    /// anew: it is told as an event, and the pauses after errors begin at the shortest again.
    pub fn registered(&self) {
        self.state.set_registered(true);
    }
}

impl State {
    fn set_registered(&self, registered: bool) {
        self.registered.send_replace(registered);
        if registered {
            self.ever.store(true, Ordering::Relaxed);
            let registrations = self.registrations.len();
            self.events
                .emit(|tell| tell(&Event::Registered { registrations }));
        }
    }
}

/// The registrations of a server in one registry: kept until it [leaves](Self::leave), or this is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use rpcx::discovery::{InProcessRegistry, Registrar, Registration};
///
/// let registry = InProcessRegistry::new();
/// let address = "tcp@10.0.0.1:8972".parse().unwrap();
/// let arith = Registration::new("Arith", address, "group=a");
/// let mut registrar = Registrar::start(Arc::new(registry.clone()), vec![arith]);
/// registrar.registered().await;
/// assert_eq!(registry.entries("Arith"), [("tcp@10.0.0.1:8972".to_owned(), "group=a".to_owned())]);
/// assert!(registrar.leave(Duration::from_secs(1)).await);
/// assert!(registry.entries("Arith").is_empty());
/// # }
/// ```
#[derive(Debug)]
pub struct Registrar {
    leave: watch::Sender<bool>,
    registered: watch::Receiver<bool>,
    /// Has a value when it is over: whether the registry has let go.
    over: watch::Receiver<Option<bool>>,
}

impl Registrar {
    /// Begins to register.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, on which the registrations are kept.
    pub fn start(register: Arc<dyn Register>, registrations: Vec<Registration>) -> Self {
        Self::with_events(register, registrations, Events::default())
    }

    /// The same, and tells what happens.
    pub(crate) fn with_events(
        register: Arc<dyn Register>,
        registrations: Vec<Registration>,
        events: Events,
    ) -> Self {
        let (leave, leaving) = watch::channel(false);
        let (registered, is_registered) = watch::channel(false);
        let (end, over) = watch::channel(None);
        let state = Arc::new(State {
            registered,
            ever: AtomicBool::new(false),
            registrations: registrations.into(),
            events,
        });
        task::spawn(async move {
            let left = keep(register, leaving, state).await;
            // The registrar may be gone.
            let _ = end.send(Some(left));
        });
        Self {
            leave,
            registered: is_registered,
            over,
        }
    }

    /// Waits until everything stands in the registry.
    pub async fn registered(&mut self) {
        if self.registered.wait_for(|is| *is).await.is_err() {
            // The runtime has ended: it never will.
            std::future::pending().await
        }
    }

    /// Whether everything stands in the registry, as far as is known.
    pub fn is_registered(&self) -> bool {
        *self.registered.borrow()
    }

    /// Takes the registrations out, and waits for that no longer than `within`, and 2 s. Says whether
    /// the registry has let go; if not, the entries end with their lease.
    pub async fn leave(mut self, within: Duration) -> bool {
        self.leave.send_replace(true);
        let over = self.over.wait_for(Option::is_some);
        match timeout(within, over).await {
            Ok(Ok(left)) => *left == Some(true),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

/// Calls [`Register::keep`] again and again. Says whether the registry has let go in the end.
async fn keep(
    register: Arc<dyn Register>,
    mut leaving: watch::Receiver<bool>,
    state: Arc<State>,
) -> bool {
    let mut failures = 0u32;
    loop {
        state.registered.send_replace(false);
        let mut keeping = JoinSet::new();
        let (register, mut session) = (
            Arc::clone(&register),
            Session {
                leaving: leaving.clone(),
                state: Arc::clone(&state),
            },
        );
        task::join(&mut keeping, async move {
            let registrations = &session.state.clone().registrations;
            register.keep(registrations, &mut session).await
        });
        let outcome = tokio::select! {
            outcome = keeping.join_next() => outcome,
            () = left(&mut leaving) => {
                return timeout(LEAVING, keeping.join_next()).await.is_ok_and(|ended| {
                    matches!(ended, Some(Ok(Ok(()))))
                });
            }
        };
        if *leaving.borrow() {
            return matches!(outcome, Some(Ok(Ok(()))));
        }
        let error = ended(outcome, "the registration");
        let was_registered = state.registered.send_replace(false);
        failures = if was_registered {
            1
        } else {
            failures.saturating_add(1)
        };
        let pause = AGAIN.pause(failures);
        state.events.emit(|tell| {
            tell(&Event::RegistrationFailed {
                failures,
                pause,
                error: &error,
            });
        });
        let until = Instant::now() + pause;
        if timeout_at(until, left(&mut leaving)).await.is_ok() {
            return false;
        }
    }
}

/// Waits until the server leaves, or the registrar is gone.
async fn left(leaving: &mut watch::Receiver<bool>) {
    let _ = leaving.wait_for(|leaving| *leaving).await;
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.registrations.fmt(f)
    }
}
