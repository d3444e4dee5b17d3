//! Where a payload is decoded: a large one takes long, and the task that reads the connection has others to serve.

use std::sync::Mutex;
use std::thread::ThreadId;

use rpcx::{Channel, Server};
use serde::{Deserialize, Deserializer, Serialize};

/// A value that says where it was decoded.
#[derive(Debug, Serialize)]
struct Large(Vec<u8>);

/// The task and the thread.
type Place = (Option<tokio::task::Id>, ThreadId);

static DECODED_AT: Mutex<Vec<Place>> = Mutex::new(Vec::new());

fn place() -> Place {
    (tokio::task::try_id(), std::thread::current().id())
}

impl<'de> Deserialize<'de> for Large {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DECODED_AT.lock().unwrap().push(place());
        Vec::deserialize(deserializer).map(Self)
    }
}

#[rpcx::service]
trait Weigh {
    async fn here(&self, large: Large) -> rpcx::Result<u64>;
    #[rpcx(spawn)]
    async fn spawned(&self, large: Large) -> rpcx::Result<u64>;
    #[rpcx(blocking)]
    async fn blocking(&self, large: Large) -> rpcx::Result<u64>;
}

struct Scales;

impl Weigh for Scales {
    async fn here(&self, large: Large) -> rpcx::Result<u64> {
        Ok(large.0.len() as u64)
    }
    async fn spawned(&self, large: Large) -> rpcx::Result<u64> {
        Ok(large.0.len() as u64)
    }
    async fn blocking(&self, large: Large) -> rpcx::Result<u64> {
        Ok(large.0.len() as u64)
    }
}

#[tokio::test]
async fn a_large_payload_is_not_decoded_by_the_task_that_reads_where_its_method_says_so() {
    let server = Server::builder()
        .register(WeighServer::new(Scales))
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let client = WeighClient::new(Channel::connect(&address).await.unwrap());
    let large = || Large(vec![7; 1 << 20]);
    let length = 1 << 20;
    assert_eq!(client.here(large()).await.unwrap(), length);
    assert_eq!(client.here(large()).await.unwrap(), length);
    assert_eq!(client.spawned(large()).await.unwrap(), length);
    assert_eq!(client.blocking(large()).await.unwrap(), length);
    let at = std::mem::take(&mut *DECODED_AT.lock().unwrap());
    let [reading, again, spawned, blocking] = at[..] else {
        panic!("{at:?}");
    };
    // The one task of the connection, on the one thread of this runtime.
    assert_eq!(reading, again);
    assert!(reading.0.is_some());
    assert_ne!(spawned.0, reading.0, "a task of its own");
    assert_ne!(blocking.1, reading.1, "a thread for what takes long");
}
