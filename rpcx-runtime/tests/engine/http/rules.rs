//! The same rules for every entrance: what is refused at one is refused at all, and does not run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::gateway::Http;
use rpcx_runtime::layer::{Next, Request, Response};
use rpcx_runtime::protocol::Metadata;
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::{ErrorKind, Rejection};

use super::{Door, door, door_with, limits};
use crate::echo::EchoClient;

/// What a call at one entrance ended with.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    Ran,
    Refused(String),
    Unknown,
}

const ENTRANCES: [&str; 8] = [
    "tcp", "http", "ws", "plain", "invoke", "rpc", "batch", "trigger",
];

/// Calls `Echo.Method` at an entrance.
async fn call(door: &Door, entrance: &str, method: &str, meta: &[(&str, &str)]) -> Outcome {
    if ["tcp", "http", "ws"].contains(&entrance) {
        return by_frames(door, entrance, method, meta).await;
    }
    let query: Vec<_> = meta
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let headers = format!("X-RPCX-Meta: {}\r\n", query.join("&"));
    let rpc = format!(r#"{{"jsonrpc":"2.0","method":"Echo.{method}","id":1}}"#);
    let response = match entrance {
        "plain" => door.post(&format!("/Echo/{method}"), &headers, "1").await,
        "invoke" => {
            let headers = format!(
                "{headers}X-RPCX-ServicePath: Echo\r\nX-RPCX-ServiceMethod: {method}\r\nX-RPCX-SerializeType: 1\r\n"
            );
            let response = door.post("/", &headers, "1").await;
            return by_status(response.status);
        }
        "rpc" => door.post("/jsonrpc", &headers, &rpc).await,
        "batch" => door.post("/jsonrpc", &headers, &format!("[{rpc}]")).await,
        _ => {
            door.post("/", &format!("{headers}X-JSONRPC-2.0: true\r\n"), &rpc)
                .await
        }
    };
    let said = |text: &str| response.body.contains(text);
    if let Some((_, reason)) = response.body.split_once(r#""reason":""#) {
        assert!(said(r#""outcome":"not-run""#), "{response:?}");
        return Outcome::Refused(reason.split('"').next().unwrap().to_owned());
    }
    match () {
        () if said(r#""outcome":"ran""#) => Outcome::Ran,
        () if said(r#""outcome":"unknown""#) => Outcome::Unknown,
        () => {
            assert_eq!(response.status, 200, "{response:?}");
            Outcome::Ok
        }
    }
}

fn by_status(status: u16) -> Outcome {
    let reason = match status {
        200 => return Outcome::Ok,
        // The code that the method has given.
        404 => "unknown-method",
        401 => "unauthenticated",
        403 => "denied",
        503 => "overloaded",
        504 => "expired",
        _ => panic!("{status}"),
    };
    Outcome::Refused(reason.to_owned())
}

async fn by_frames(door: &Door, network: &str, method: &str, meta: &[(&str, &str)]) -> Outcome {
    let client = EchoClient::connect(&format!("{network}@{}", door.at)).await;
    let call = match method {
        "Fail" => client.fail(),
        "Cancelled" => client.cancelled(),
        _ => client.echo(b"1"),
    };
    let metadata: Metadata = meta.iter().copied().collect();
    let outcome = call.all_metadata(&metadata).await;
    match outcome.map_err(|error| error.kind()) {
        Ok(_) => Outcome::Ok,
        Err(ErrorKind::Service) => Outcome::Ran,
        Err(ErrorKind::Rejected(reason)) => Outcome::Refused(reason.to_string()),
        Err(ErrorKind::Unknown) => Outcome::Unknown,
        Err(other) => panic!("{other:?}"),
    }
}

/// A rule, and a call that it refuses.
struct Rule {
    reason: &'static str,
    method: &'static str,
    meta: &'static [(&'static str, &'static str)],
    set: fn(ServerBuilder) -> ServerBuilder,
}

const RULES: [Rule; 7] = [
    Rule {
        reason: "unauthenticated",
        method: "Echo",
        meta: &[],
        set: authorized,
    },
    Rule {
        reason: "denied",
        method: "Echo",
        meta: &[("__AUTH", "wrong")],
        set: authorized,
    },
    Rule {
        reason: "denied",
        method: "Echo",
        meta: &[("__AUTH", "wrong")],
        set: |builder| {
            builder.authorize_async(|request| async move {
                match request.metadata().auth() {
                    Some("let me in") => Ok(request),
                    _ => Err(Rejection::Denied.into()),
                }
            })
        },
    },
    Rule {
        reason: "denied",
        method: "Echo",
        meta: &[],
        set: |builder| {
            builder.layer(|_: Request, _: Next| async {
                Response::refuse(Rejection::Denied, "by a layer")
            })
        },
    },
    Rule {
        reason: "expired",
        method: "Echo",
        meta: &[("__ServerTimeout", "0")],
        set: |builder| builder,
    },
    Rule {
        reason: "overloaded",
        method: "Echo",
        meta: &[],
        set: |builder| builder.limits(limits(|limits| limits.server_calls = 0)),
    },
    Rule {
        reason: "unknown-method",
        method: "Nope",
        meta: &[],
        set: |builder| builder,
    },
];

fn authorized(builder: ServerBuilder) -> ServerBuilder {
    builder.authorize(|request| match request.metadata.auth() {
        Some("let me in") => Ok(()),
        Some(_) => Err(Rejection::Denied.into()),
        None => Err(Rejection::Unauthenticated.into()),
    })
}

#[tokio::test]
async fn what_a_rule_refuses_runs_at_no_entrance() {
    for (number, rule) in RULES.iter().enumerate() {
        let door = door_with(Http::new(), rule.set).await;
        for entrance in ENTRANCES {
            if rule.method == "Nope" && ["tcp", "http", "ws"].contains(&entrance) {
                continue;
            }
            let outcome = call(&door, entrance, rule.method, rule.meta).await;
            let refused = Outcome::Refused(rule.reason.to_owned());
            assert_eq!(outcome, refused, "rule {number} at {entrance}");
        }
        assert_eq!(door.runs(), 0, "rule {number}");
    }
}

#[tokio::test]
async fn what_is_let_in_runs_at_every_entrance() {
    let door = door_with(Http::new(), authorized).await;
    for entrance in ENTRANCES {
        let token = [("__AUTH", "let%20me%20in")];
        let plain = [("__AUTH", "let me in")];
        let frames = ["tcp", "http", "ws"].contains(&entrance);
        let meta = if frames { &plain } else { &token };
        assert_eq!(
            call(&door, entrance, "Echo", meta).await,
            Outcome::Ok,
            "{entrance}"
        );
    }
    assert_eq!(door.runs(), ENTRANCES.len());
    let header = "Authorization: let me in\r\n";
    assert_eq!(door.post("/Echo/Echo", header, "1").await.status, 200);
    let over = "X-RPCX-Meta: __AUTH=wrong\r\nAuthorization: let me in\r\n";
    assert_eq!(door.post("/Echo/Echo", over, "1").await.status, 200);
    let twice = "Authorization: let me in\r\nAuthorization: wrong\r\n";
    assert_eq!(door.post("/Echo/Echo", twice, "1").await.status, 400);
    let refused = door.post("/Echo/Echo", "", "1").await;
    assert_eq!(
        (refused.status, refused.header("www-authenticate")),
        (401, Some("bearer"))
    );
}

#[tokio::test]
async fn an_error_of_a_method_says_that_it_ran() {
    let door = door().await;
    for entrance in ENTRANCES {
        let outcome = call(&door, entrance, "Fail", &[]).await;
        let expected = match entrance {
            // Its code is that of a status, and says no more.
            "invoke" => Outcome::Refused("unknown-method".to_owned()),
            _ => Outcome::Ran,
        };
        assert_eq!(outcome, expected, "{entrance}");
    }
    let response = door.post("/Echo/Fail", "", "").await;
    assert_eq!(response.status, 404);
    assert!(
        response
            .body
            .contains(r#""code":404,"detail":"no such account""#),
        "{response:?}"
    );
    let panicked = door.post("/Echo/Panic", "", "").await;
    assert!(
        !panicked.body.contains("secret") && panicked.status == 500,
        "{panicked:?}"
    );
}

#[tokio::test]
async fn a_deadline_ends_a_call_at_every_entrance() {
    let door = door_with(Http::new(), |builder| {
        builder.handle("Echo", "Slow", |_, request| async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(request.payload)
        })
    })
    .await;
    let invoke =
        "X-RPCX-ServicePath: Echo\r\nX-RPCX-ServiceMethod: Slow\r\nX-RPCX-SerializeType: 1\r\n";
    let rpc = r#"{"jsonrpc":"2.0","method":"Echo.Slow","id":1}"#;
    let batch = format!("[{rpc},{rpc}]");
    for timeout in [
        "X-RPCX-Timeout-Ms: 20\r\n",
        "X-RPCX-Meta: __ServerTimeout=20\r\n",
    ] {
        let plain = door.post("/Echo/Slow", timeout, "1").await;
        assert!(
            plain.status == 504 && plain.body.contains("unknown"),
            "{plain:?}"
        );
        let invoked = door.post("/", &format!("{invoke}{timeout}"), "1").await;
        assert_eq!(invoked.status, 504);
        for body in [rpc, &batch] {
            let answer = door.post("/jsonrpc", timeout, body).await.body;
            assert!(
                answer.contains("-32004") && answer.contains("unknown"),
                "{answer}"
            );
        }
    }
    assert_eq!(door.handle.stats().deadlines_missed, 10);
    for (timeout, status) in [("0", 504), ("x", 400), ("-1", 400)] {
        let header = format!("X-RPCX-Timeout-Ms: {timeout}\r\n");
        assert_eq!(door.post("/Echo/Echo", &header, "1").await.status, status);
    }
    assert_eq!(door.runs(), 0);
}

#[tokio::test]
async fn layers_see_the_calls_of_every_entrance() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    let door = door_with(Http::new(), |builder| {
        builder.layer(move |request: Request, next: Next| {
            let counted = Arc::clone(&counted);
            async move {
                let response = next.run(request).await;
                counted.fetch_add(1, Ordering::SeqCst);
                response
            }
        })
    })
    .await;
    for entrance in ENTRANCES {
        assert_eq!(
            call(&door, entrance, "Echo", &[]).await,
            Outcome::Ok,
            "{entrance}"
        );
    }
    assert_eq!(seen.load(Ordering::SeqCst), ENTRANCES.len());
}

/// What can be refused by its head is refused before its body is sent.
#[tokio::test]
async fn a_refused_call_does_not_send_its_body() {
    let door = door_with(Http::new(), authorized).await;
    let mut wire = door.connect().await;
    let head = "POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n";
    wire.send(head.as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 401);
    let mut wire = door.connect().await;
    let head = head
        .replace("Expect", "Authorization: let me in\r\nExpect")
        .replace("1000000", "2");
    wire.send(head.as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 100);
    wire.send(b"12").await;
    assert_eq!(wire.response().await.unwrap().body, "12");
}
