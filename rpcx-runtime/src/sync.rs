//! What tasks share, and the one way in which this crate takes a lock.
//!
//! Code whose interleavings are explored takes its mutexes, atomics and [`Notify`] from here: the
//! package `loom/` compiles the same files with a `sync` of its own, whose types let a model checker
//! run every order in which their operations can happen. Here they are the usual ones.

pub(crate) use std::sync::{Mutex, MutexGuard, atomic};

pub(crate) use tokio::sync::Notify;

use std::sync::{Condvar, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

/// Locks a mutex, poisoned or not.
///
/// A lock is poisoned by a panic while it is held. Every critical section of this crate is a few
/// moves of plain data between valid states, so what a panic leaves behind is still valid; to panic
/// in turn would only spread one task's fault to all others that share the state.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a mutex holds that is not shared, poisoned or not: as [`lock`], and costs nothing.
pub(crate) fn unlocked<T>(mutex: &mut Mutex<T>) -> &mut T {
    mutex.get_mut().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for reading, poisoned or not: as [`lock`].
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for writing, poisoned or not: as [`lock`].
pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until it is told, or for this time, poisoned or not: as [`lock`].
pub(crate) fn wait<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    time: Option<Duration>,
) -> MutexGuard<'a, T> {
    match time {
        None => condvar.wait(guard).unwrap_or_else(PoisonError::into_inner),
        Some(time) => {
            let waited = condvar.wait_timeout(guard, time);
            waited.unwrap_or_else(PoisonError::into_inner).0
        }
    }
}
