//! JSON-RPC 2.0, and what is not quite that.

use rpcx_runtime::gateway::Http;

use super::{door, door_with, until};

/// The examples of the specification, with a method that gives its parameters back.
#[tokio::test]
async fn what_is_answered_and_how() {
    let door = door().await;
    for (body, answer) in [
        (
            r#"{"jsonrpc":"2.0","method":"Echo.Echo","params":{"a":1},"id":"x"}"#,
            r#"{"jsonrpc":"2.0","result":{"a":1},"id":"x"}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"Echo.Echo","id":1}"#,
            r#"{"jsonrpc":"2.0","result":null,"id":1}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"Echo/Echo","params":null,"id":null}"#,
            r#"{"jsonrpc":"2.0","result":null,"id":null}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"Echo.Wait","params":[3],"id":12345678901234567890}"#,
            r#"{"jsonrpc":"2.0","result":[3],"id":12345678901234567890}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"Echo.Nope","id":1}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32601,"data":{"outcome":"not-run","reason":"unknown-method"},"message":"rpcx: can't find method Nope"},"id":1}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"foobar","id":"1"}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32601,"data":{"outcome":"not-run","reason":"unknown-method"},"message":"must contains servicepath and method"},"id":"1"}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"Echo.Fail","id":1}"#,
            r#"{"jsonrpc":"2.0","error":{"code":404,"data":{"outcome":"ran"},"message":"no such account"},"id":1}"#,
        ),
        (
            "[1]",
            r#"[{"jsonrpc":"2.0","error":{"code":-32600,"message":"a call is an object"},"id":null}]"#,
        ),
        (
            "[]",
            r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"the batch is empty"},"id":null}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":1,"params":"bar"}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"`method` must be a string"},"id":null}"#,
        ),
    ] {
        let response = door.post("/jsonrpc", "", body).await;
        assert_eq!((response.status, &*response.body), (200, answer), "{body}");
        assert_eq!(response.header("content-type"), Some("application/json"));
    }
    let broken = door.post("/jsonrpc", "", r#"{"jsonrpc":"2.0","#).await;
    assert!(
        broken.body.contains("-32700") && broken.body.ends_with(r#""id":null}"#),
        "{broken:?}"
    );
}

#[tokio::test]
async fn a_batch_runs_at_once_and_is_answered_in_order() {
    let door = door().await;
    let call = |id: usize, wait: u64| {
        format!(r#"{{"jsonrpc":"2.0","method":"Echo.Wait","params":[{wait}],"id":{id}}}"#)
    };
    // The payload `[N]` is no number, so each takes no time; what counts is their order.
    let calls: Vec<_> = (0..100).map(|id| call(id, 100 - id as u64)).collect();
    let response = door
        .post("/jsonrpc", "", &format!("[{}]", calls.join(",")))
        .await;
    let expected: Vec<_> = (0..100)
        .map(|id| format!(r#"{{"jsonrpc":"2.0","result":[{}],"id":{id}}}"#, 100 - id))
        .collect();
    assert_eq!(response.body, format!("[{}]", expected.join(",")));
    assert_eq!(door.runs(), 100);
    let more = vec![call(1, 1); 101].join(",");
    let refused = door.post("/jsonrpc", "", &format!("[{more}]")).await;
    assert!(refused.body.contains("more than 100 calls"), "{refused:?}");
    assert_eq!(door.runs(), 100, "none of them ran");
}

/// All of them wait for a client that goes, which they would not if one came after the other.
#[tokio::test]
async fn the_calls_of_a_batch_wait_side_by_side() {
    let door = door().await;
    let call = r#"{"jsonrpc":"2.0","method":"Echo.Cancelled","id":1}"#;
    let mut wire = door.connect().await;
    let body = format!("[{}]", [call; 50].join(","));
    wire.send(super::post("/jsonrpc", "", &body).as_bytes())
        .await;
    until("fifty calls", || door.handle.stats().calls_in_flight == 50).await;
    drop(wire);
    until("their end", || door.handle.stats().calls_in_flight == 0).await;
    assert_eq!(
        door.echo
            .cancelled
            .load(std::sync::atomic::Ordering::SeqCst),
        50
    );
}

#[tokio::test]
async fn a_notification_runs_and_is_not_answered() {
    let door = door().await;
    let note = r#"{"jsonrpc":"2.0","method":"Echo.Wait","params":[5]}"#;
    for (body, answer) in [
        (note.to_owned(), ""),
        (r#"{"jsonrpc":"2.0","method":"Echo.Echo"}"#.to_owned(), ""),
        (r#"{"jsonrpc":"2.0","method":"Echo.Nope"}"#.to_owned(), ""),
        (format!("[{note},{note}]"), ""),
    ] {
        let response = door.post("/jsonrpc", "", &body).await;
        assert_eq!((response.status, &*response.body), (204, answer), "{body}");
    }
    until("four calls", || door.runs() == 4).await;
}

#[tokio::test]
async fn go_leaves_more_out() {
    let door = door_with(Http::new().go_status_codes(), |builder| builder).await;
    let header = "X-JSONRPC-2.0: true\r\n";
    let ask = |body: &'static str| door.post("/any/path", header, body);
    let call = ask(r#"{"method":"Echo.Echo","params":"x","id":1}"#).await;
    assert_eq!(call.body, r#"{"jsonrpc":"2.0","result":"x","id":1}"#);
    let failed = ask(r#"{"jsonrpc":"2.0","method":"Echo.Fail","id":1}"#).await;
    assert!(failed.body.contains(r#""code":-32603"#), "{failed:?}");
    assert_eq!(ask(r#"{"method":"Echo.Echo"}"#).await.status, 200);
    // As in Go, it is that value and no other.
    let other = door.post("/", "X-JSONRPC-2.0: True\r\n", "{}").await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn only_post_is_json_rpc() {
    let door = door().await;
    let get = door
        .ask("GET /jsonrpc HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert_eq!(
        (get.status, get.header("allow")),
        (405, Some("options, post"))
    );
}
