//! A caller that goes on while a registry is in trouble.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rpcx::Channel;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::scenarios::{Args, ArithClient, Reply};

/// Calls through a channel of its own, one after the other, of which none fails. The channel has its list before the trouble
/// begins.
pub(super) struct Load {
    done: Arc<AtomicBool>,
    calls: JoinHandle<usize>,
}

impl Load {
    pub(super) async fn start(url: &str) -> Self {
        let channel = Channel::builder().registry(url).build_lazy().unwrap();
        let (arith, done) = (ArithClient::new(channel), Arc::<AtomicBool>::default());
        let is_done = Arc::clone(&done);
        arith.mul(Args { a: 10, b: 20 }).await.unwrap();
        let calls = tokio::spawn(async move {
            let mut made = 1;
            while !is_done.load(Ordering::Relaxed) {
                let reply = arith.mul(Args { a: 10, b: 20 }).await;
                assert!(
                    matches!(reply, Ok(Reply { c: 200 })),
                    "{reply:?} after {made} calls"
                );
                made += 1;
                sleep(Duration::from_millis(10)).await;
            }
            made
        });
        Self { done, calls }
    }

    pub(super) async fn stop(self) {
        self.done.store(true, Ordering::Relaxed);
        assert!(self.calls.await.unwrap() > 10);
    }
}
