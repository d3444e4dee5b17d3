//! Calls in their most common form, which are answered without hyper, beside the same calls by hyper.

use std::time::Duration;

use rpcx_runtime::gateway::{Cors, Http};
use rpcx_runtime::protocol::Codec;
use rpcx_runtime::service::RawPayload;

use super::{Response, door, door_with, post, until};

/// A header that nothing knows, so that hyper takes the request.
const ODD: &str = "X-Odd: 1\r\n";

/// A response, with its headers in one order and without those that differ by themselves.
fn known(response: &Response) -> (u16, Vec<&str>, &str) {
    let lines = response.head.lines().skip(1);
    let mut headers: Vec<_> = lines.filter(|line| !line.starts_with("date: ")).collect();
    headers.sort_unstable();
    (response.status, headers, &response.body)
}

#[tokio::test]
async fn a_response_is_the_same_either_way() {
    let http = Http::new().cors(Cors::new().origin("https://app.example.org"));
    let door = door_with(http, |builder| builder).await;
    let rpc = r#"{"jsonrpc":"2.0","method":"Echo.Echo","params":[2],"id":7}"#;
    for (path, headers, body) in [
        ("/Echo/Echo", "", r#"{"a":1}"#),
        ("/Echo/Echo", "Content-Type: application/json\r\n", "[1, 2]"),
        ("/Echo/Echo", "Content-Type: text/html\r\n", "1"),
        ("/Echo/Echo", "Content-Encoding: br\r\n", "1"),
        ("/Echo/Echo", "Accept: text/html\r\n", "1"),
        ("/Echo/Echo", "Accept-Encoding: gzip\r\nCookie: a\r\n", "1"),
        ("/Echo/Echo", "Origin: https://app.example.org\r\n", "1"),
        ("/Echo/Echo", "Origin: https://example.org\r\n", "1"),
        ("/Echo/Echo", "X-RPCX-Meta: a=1&b=%20\r\n", "1"),
        ("/Echo/Echo", "X-RPCX-Meta: \u{e4}\r\n", "1"),
        ("/Echo/Echo", "X-RPCX-Timeout-Ms: 60000\r\n", "1"),
        ("/Echo/Echo", "X-RPCX-Timeout-Ms: 0\r\n", "1"),
        ("/Echo/Echo", "X-RPCX-Timeout-Ms: soon\r\n", "1"),
        ("/Echo/Echo", "Authorization: Bearer a\r\n", "1"),
        ("/Echo/Wait", "", "1"),
        ("/Echo/Fail", "", "1"),
        ("/Echo/Unknown", "", "1"),
        ("/Ec%68o/Echo", "", "1"),
        ("/%zz/Echo", "", "1"),
        ("/Echo", "", "1"),
        ("/", "", "1"),
        ("/jsonrpc", "", rpc),
        ("/jsonrpc", "", "no JSON"),
    ] {
        let headers = format!("X-Request-Id: 7\r\n{headers}");
        let common = door.post(path, &headers, body).await;
        let odd = door.post(path, &format!("{headers}{ODD}"), body).await;
        assert_eq!(known(&common), known(&odd), "{path} {headers}");
        let date = common.header("date").expect("a date");
        assert_eq!(date.len(), odd.header("date").unwrap().len());
    }
}

/// In one packet: the first is answered without hyper, and what it lets pass comes to hyper whole.
#[tokio::test]
async fn requests_behind_each_other_are_answered_in_their_order() {
    let door = door().await;
    let mut wire = door.connect().await;
    let chunked = "POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n3\r\n0\r\n\r\n";
    let all = [
        &*post("/Echo/Echo", "", "1"),
        &post("/Echo/Wait", "", "2"),
        chunked,
        &post("/Echo/Echo", "", "4"),
        &post("/Echo/Echo", "Connection: close\r\n", "5"),
    ];
    wire.send(all.concat().as_bytes()).await;
    for answer in ["1", "2", "3", "4", "5"] {
        assert_eq!(wire.response().await.unwrap().body, answer);
    }
    assert_eq!(wire.closed().await, "");
    assert_eq!(door.runs(), 5);
}

/// What comes while a call waits is kept for after it.
#[tokio::test]
async fn a_request_may_come_before_the_response_to_the_one_before() {
    let door = door().await;
    for next in [post("/Echo/Echo", "", "2"), post("/Echo/Echo", ODD, "2")] {
        let mut wire = door.connect().await;
        wire.send(post("/Echo/Wait", "", "300").as_bytes()).await;
        until("the call", || door.handle.stats().calls_in_flight == 1).await;
        let (begin, end) = next.split_at(20);
        for part in [begin, end] {
            wire.send(part.as_bytes()).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(wire.response().await.unwrap().body, "300");
        assert_eq!(wire.response().await.unwrap().body, "2");
    }
}

#[tokio::test]
async fn a_server_that_drains_answers_and_closes() {
    let door = door().await;
    let mut idle = door.connect().await;
    idle.ask(post("/Echo/Echo", "", "1").as_bytes()).await;
    let mut busy = door.connect().await;
    busy.send(post("/Echo/Wait", "", "400").as_bytes()).await;
    until("the call", || door.handle.stats().calls_in_flight == 1).await;
    door.handle.shutdown();
    assert_eq!(idle.closed().await, "");
    let answer = busy.response().await.unwrap();
    assert_eq!(
        (&*answer.body, answer.header("connection")),
        ("400", Some("close"))
    );
    assert_eq!(busy.closed().await, "");
    let ended = tokio::time::timeout(Duration::from_secs(20), door.task).await;
    ended.expect("nothing is left").unwrap().unwrap();
}

/// A client that sends too much at once has it read by hyper, at any length.
#[tokio::test]
async fn bodies_of_all_lengths_come_back() {
    let door = door().await;
    let mut wire = door.connect().await;
    for length in [1, 100, 3000, 4000, 5000, 8000, 9000, 20_000, 300_000, 1] {
        let body = format!("\"{}\"", "x".repeat(length));
        let request = post("/Echo/Echo", "", &body);
        assert_eq!(wire.ask(request.as_bytes()).await.body, body, "{length}");
    }
}

/// Short ones go along with their heads, and long ones behind them.
#[tokio::test]
async fn replies_of_all_lengths_come_whole() {
    let door = door_with(Http::new(), |builder| {
        builder.handle("Long", "Text", |_, request| async move {
            let length: usize = str::from_utf8(&request.payload.bytes)
                .unwrap()
                .parse()
                .unwrap();
            let text = format!("\"{}\"", "x".repeat(length));
            Ok(RawPayload::new(Codec::JSON, text))
        })
    })
    .await;
    let mut wire = door.connect().await;
    for length in [1_usize, 1000, 16_380, 16_382, 16_383, 20_000, 3_000_000, 1] {
        let request = post("/Long/Text", "", &length.to_string());
        let answer = wire.ask(request.as_bytes()).await;
        assert_eq!(answer.status, 200, "{length}");
        assert_eq!(
            answer.body,
            format!("\"{}\"", "x".repeat(length)),
            "{length}"
        );
    }
}
