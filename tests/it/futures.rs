//! A call is a future like others: it is spawned, joined and raced as it is.

use std::time::Duration;

use rpcx::{Channel, InProcess};
use tokio::task::JoinSet;

#[rpcx::service]
trait Arith {
    async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64>;
    async fn never(&self) -> rpcx::Result<()>;
}

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64> {
        Ok(a * b)
    }

    async fn never(&self) -> rpcx::Result<()> {
        std::future::pending().await
    }
}

fn client() -> ArithClient {
    let channel: Channel = InProcess::new(ArithServer::new(MyArith)).into();
    // a reference is enough
    ArithClient::new(&channel)
}

#[tokio::test]
async fn calls_are_spawned_joined_and_raced() {
    let arith = client();
    let spawned = tokio::spawn(arith.mul(6, 7).timeout(Duration::from_secs(60)));
    assert_eq!(spawned.await.unwrap().unwrap(), 42);
    let with_metadata = tokio::spawn(arith.mul(6, 7).with_metadata());
    assert_eq!(with_metadata.await.unwrap().unwrap().0, 42);

    let mut set = JoinSet::new();
    for n in 0..4 {
        set.spawn(arith.mul(n, n));
    }
    let mut squares: Vec<i64> = set
        .join_all()
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    squares.sort_unstable();
    assert_eq!(squares, [0, 1, 4, 9]);

    let (one, other) = tokio::try_join!(arith.mul(1, 2), arith.mul(3, 4)).unwrap();
    assert_eq!((one, other), (2, 12));

    let raced = tokio::select! {
        _ = arith.never() => 0,
        product = arith.mul(5, 5) => product.unwrap(),
    };
    assert_eq!(raced, 25);

    let late = tokio::time::timeout(Duration::from_millis(1), arith.never());
    assert!(late.await.is_err());
}

#[tokio::test]
async fn a_call_outlives_its_client() {
    let call = {
        let arith = client();
        arith.mul(6, 7)
    };
    assert_eq!(call.await.unwrap(), 42);
}
