//! What all connections of a server share is not touched by their calls.

use std::sync::{Arc, Barrier, Weak};

use rpcx::{InProcess, Result};

#[rpcx::service]
trait Counted {
    /// How many references to the service there are while this handler runs.
    async fn references(&self) -> Result<u64>;
    /// The same on a thread, once all of `Both` are there.
    #[rpcx(blocking)]
    async fn together(&self) -> Result<u64>;
}

struct Service {
    own: Weak<Self>,
    both: Barrier,
}

impl Counted for Service {
    async fn references(&self) -> Result<u64> {
        tokio::task::yield_now().await;
        Ok(self.own.strong_count() as u64)
    }

    async fn together(&self) -> Result<u64> {
        self.both.wait();
        Ok(self.own.strong_count() as u64)
    }
}

fn service() -> Arc<Service> {
    Arc::new_cyclic(|own| Service {
        own: own.clone(),
        both: Barrier::new(2),
    })
}

#[tokio::test]
async fn handlers_do_not_count_on_the_service_itself() {
    let client = CountedClient::new(InProcess::new(CountedServer::from_arc(service())));
    // That of the server, and that of the connection.
    for _ in 0..3 {
        assert_eq!(client.references().await.unwrap(), 2);
    }
    let (one, other) = tokio::join!(client.references(), client.references());
    assert_eq!((one.unwrap(), other.unwrap()), (2, 2));
    let (one, other) = tokio::join!(client.together(), client.together());
    assert_eq!((one.unwrap(), other.unwrap()), (2, 2));
}
