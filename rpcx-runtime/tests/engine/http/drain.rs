//! The end: of a server, and of a client that waits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rpcx_runtime::gateway::Http;

use super::{door, door_with, post, until};

const WAIT: &str =
    "X-RPCX-ServicePath: Echo\r\nX-RPCX-ServiceMethod: Wait\r\nX-RPCX-SerializeType: 0\r\n";

#[tokio::test]
async fn what_has_come_is_answered_and_idle_connections_end() {
    let door = door().await;
    let mut idle = door.connect().await;
    idle.ask(post("/Echo/Echo", "", "1").as_bytes()).await;
    let mut busy = door.connect().await;
    busy.send(post("/", WAIT, "400").as_bytes()).await;
    until("the call", || door.handle.stats().calls_in_flight == 1).await;
    let mut silent = door.connect().await;
    until("all of them", || door.handle.stats().open_connections == 3).await;
    door.handle.shutdown();
    assert_eq!(idle.closed().await, "");
    let answer = busy.response().await.unwrap();
    assert_eq!(answer.body, "400");
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(silent.closed().await, "");
    let ended = tokio::time::timeout(Duration::from_secs(20), door.task).await;
    ended.expect("nothing is left").unwrap().unwrap();
}

#[tokio::test]
async fn a_call_that_outlasts_the_drain_is_cut_off() {
    let grace = Duration::from_millis(300);
    let door = door_with(Http::new(), |builder| builder.shutdown_grace(grace)).await;
    let mut wire = door.connect().await;
    wire.send(post("/Echo/Cancelled", "", "1").as_bytes()).await;
    until("the call", || door.handle.stats().calls_in_flight == 1).await;
    door.handle.shutdown();
    assert_eq!(wire.closed().await, "");
    let ended = tokio::time::timeout(Duration::from_secs(20), door.task).await;
    ended.expect("it does not wait for ever").unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_goes_cancels_its_call() {
    let door = door().await;
    for path in ["/Echo/Cancelled", "/jsonrpc"] {
        let before = door.echo.cancelled.load(Ordering::SeqCst);
        let body = r#"{"jsonrpc":"2.0","method":"Echo.Cancelled","id":1}"#;
        let mut wire = door.connect().await;
        wire.send(post(path, "", body).as_bytes()).await;
        until("the call", || door.handle.stats().calls_in_flight == 1).await;
        drop(wire);
        until("its end", || {
            door.echo.cancelled.load(Ordering::SeqCst) == before + 1
        })
        .await;
    }
    until("nothing is left", || {
        door.handle.stats().open_connections == 0
    })
    .await;
}

/// A notification has no caller that waits, so it goes on.
#[tokio::test]
async fn a_notification_outlives_its_client() {
    let door = door().await;
    let note = r#"{"jsonrpc":"2.0","method":"Echo.Cancelled","params":[]}"#;
    let mut wire = door.connect().await;
    assert_eq!(
        wire.ask(post("/jsonrpc", "", note).as_bytes()).await.status,
        204
    );
    drop(wire);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(door.echo.cancelled.load(Ordering::SeqCst), 0);
    assert_eq!(door.handle.stats().calls_in_flight, 1);
}
