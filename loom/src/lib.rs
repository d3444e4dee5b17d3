//! The protocols between the runtime's tasks, run in every order in which their steps can happen.
//!
//! The files of the runtime are compiled here as they are, with a `crate::sync` whose mutexes and
//! atomics belong to [loom](https://docs.rs/loom). A model is a function that starts two or three
//! threads; loom runs it once for each order of their operations that can make a difference, and
//! with each value that an atomic load may see. A model fails by an assertion, or because all
//! threads wait: a wake-up was lost.
#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unused_imports,
    reason = "the included files have more in them than the models use"
)]

#[path = "../../rpcx-runtime/src/error.rs"]
mod error;
#[path = "../../rpcx-runtime/src/protocol/mod.rs"]
mod protocol;
mod sync;

mod connection;
mod transport;

mod frames;
mod stream;

pub mod calls;
pub mod outbox;
pub mod parts;
pub mod pending;

/// Runs a model in every order, with up to `preemptions` switches to another thread where none is
/// needed: what goes wrong at all goes wrong with two or three, and more take hours.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    // Writes are bounded in time by tokio's clock, which stands still here.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("a runtime without I/O needs nothing of the system");
    let _entered = runtime.enter();
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&runs);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        model();
    });
    println!("{} orders", runs.load(std::sync::atomic::Ordering::Relaxed));
}
