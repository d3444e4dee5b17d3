//! The CPU time of this program.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What the program has taken at a moment that may be still to come.
pub(super) struct Before(Arc<OnceLock<Duration>>);

/// Looks after this time.
pub(super) fn after(time: Duration) -> Before {
    let taken = Arc::new(OnceLock::new());
    let then = Arc::clone(&taken);
    tokio::spawn(async move {
        tokio::time::sleep(time).await;
        if let Some(cpu) = cpu() {
            then.get_or_init(|| cpu);
        }
    });
    Before(taken)
}

impl Before {
    /// None: not known, or the moment has not come.
    pub(super) fn read(&self) -> Option<Duration> {
        self.0.get().copied()
    }
}

/// The CPU time that this process has taken.
#[cfg(unix)]
pub(super) fn cpu() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanos) = (
        u64::try_from(time.tv_sec).ok()?,
        u64::try_from(time.tv_nsec).ok()?,
    );
    Some(Duration::from_secs(seconds) + Duration::from_nanos(nanos))
}

/// Not known here.
#[cfg(not(unix))]
pub(super) fn cpu() -> Option<Duration> {
    None
}
