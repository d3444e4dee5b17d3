//! How many panics the process prints.

use std::io::Write as _;
use std::panic;
use std::sync::Mutex;

use crate::pace::TokenBucket;
use crate::sync::lock;

/// Panics that are printed in a second, and at once.
const RATE: f64 = 5.0;
const BURST: f64 = 50.0;

/// Puts a bound on what panics print: 50 at once and 5 a second of this process, of all its threads. The next one says how
/// many were left out.
///
/// A handler that panics ends one call, and the hook of the process prints each panic with its place and, if that is
/// asked for, a backtrace. A peer that has found a way to cause one causes thousands in a second, and what is printed fills
/// logs and disks. This wraps the hook that is set at the moment; it is for `main`, once, and after other hooks were set.
/// Counters and [`Event::HandlerPanicked`](crate::Event::HandlerPanicked) are as before;
/// `telemetry::log_events`, of the feature `tracing`, has bounds of its own.
///
/// ```
/// # use rpcx_runtime as rpcx;
/// rpcx::event::limit_panic_output();
/// ```
pub fn limit_panic_output() {
    let printed = Mutex::new((TokenBucket::full(RATE, BURST), 0_u64));
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let left_out = {
            let (tokens, left_out) = &mut *lock(&printed);
            if !tokens.take() {
                *left_out += 1;
                return;
            }
            std::mem::take(left_out)
        };
        if left_out > 0 {
            // Where it cannot be written, the panic cannot either.
            let _ = writeln!(std::io::stderr(), "{left_out} panics were not printed");
        }
        before(info);
    }));
}
