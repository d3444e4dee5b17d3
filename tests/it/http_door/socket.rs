//! JSON-RPC 2.0 over WebSocket: tokio-tungstenite as the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rpcx::gateway::{Cors, Http};
use rpcx::{Context, Rejection, Server, ServerBuilder, ServerHandle};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

#[rpcx::service]
trait Ticker {
    async fn double(&self, n: i64) -> rpcx::Result<i64>;
    async fn later(&self, ms: u64, n: i64) -> rpcx::Result<i64>;
    async fn user(&self, ctx: &Context) -> rpcx::Result<String>;
    /// Pushes so many ticks, and then answers.
    async fn subscribe(&self, ctx: &Context, ticks: i64) -> rpcx::Result<()>;
    async fn never(&self) -> rpcx::Result<()>;
}

/// What a client of `Ticker` takes.
#[rpcx::service]
trait Ticks {
    #[rpcx(oneway)]
    async fn tick(&self, number: i64, text: &str) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn last(&self, number: i64) -> rpcx::Result<()>;
}

#[derive(Clone, Default)]
struct Clock {
    dropped: Arc<AtomicBool>,
}

struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Ticker for Clock {
    async fn double(&self, n: i64) -> rpcx::Result<i64> {
        Ok(n * 2)
    }

    async fn later(&self, ms: u64, n: i64) -> rpcx::Result<i64> {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok(n)
    }

    async fn user(&self, ctx: &Context) -> rpcx::Result<String> {
        Ok(ctx.metadata().auth().unwrap_or("nobody").to_owned())
    }

    async fn subscribe(&self, ctx: &Context, ticks: i64) -> rpcx::Result<()> {
        let client = TicksClient::new(ctx.peer().expect("a call has a peer"));
        for number in 0..ticks {
            client.tick(number, "tick").await?;
        }
        client.last(ticks).await
    }

    async fn never(&self) -> rpcx::Result<()> {
        let _guard = Guard(Arc::clone(&self.dropped));
        std::future::pending().await
    }
}

type Socket = WebSocketStream<TcpStream>;

struct Served {
    at: String,
    handle: ServerHandle,
    clock: Clock,
    task: tokio::task::JoinHandle<rpcx::Result<()>>,
}

async fn serve(http: Http, more: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Served {
    let clock = Clock::default();
    let builder = Server::builder()
        .register(TickerServer::new(clock.clone()))
        .listen("tcp@127.0.0.1:0")
        .http(http);
    let server = more(builder).bind().await.unwrap();
    Served {
        at: server.addresses()[0].location().to_owned(),
        handle: server.handle(),
        clock,
        task: tokio::spawn(server.serve()),
    }
}

impl Served {
    async fn connect(&self) -> Socket {
        self.connect_with(&[]).await.unwrap()
    }

    async fn connect_with(&self, headers: &[(&'static str, &str)]) -> Result<Socket, WsError> {
        let mut request = format!("ws://{}/jsonrpc", self.at).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(&self.at).await.unwrap();
        Ok(client_async(request, stream).await?.0)
    }
}

async fn send(socket: &mut Socket, text: &str) {
    socket.send(Message::Text(text.into())).await.unwrap();
}

async fn next(socket: &mut Socket) -> Value {
    let wait = tokio::time::timeout(Duration::from_secs(60), socket.next());
    match wait.await.expect("an answer").unwrap().unwrap() {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn closed(socket: &mut Socket) -> Option<CloseFrame> {
    loop {
        let wait = tokio::time::timeout(Duration::from_secs(60), socket.next());
        match wait.await.expect("the end") {
            Some(Ok(Message::Close(frame))) => return frame,
            Some(Ok(_)) => {}
            _ => return None,
        }
    }
}

#[tokio::test]
async fn each_message_is_answered_by_one() {
    let served = serve(Http::new(), |builder| builder).await;
    let mut socket = served.connect().await;
    for (call, answer) in [
        (
            r#"{"jsonrpc":"2.0","method":"Ticker.Double","params":[4],"id":1}"#,
            json!({"jsonrpc": "2.0", "result": 8, "id": 1}),
        ),
        (
            r#"[{"jsonrpc":"2.0","method":"Ticker.Double","params":[1],"id":"a"},{"jsonrpc":"2.0","method":"Ticker.Later","params":{"Ms":1,"N":9},"id":"b"}]"#,
            json!([{"jsonrpc": "2.0", "result": 2, "id": "a"}, {"jsonrpc": "2.0", "result": 9, "id": "b"}]),
        ),
        (
            "[]",
            json!({"jsonrpc": "2.0", "error": {"code": -32600, "message": "the batch is empty"}, "id": null}),
        ),
    ] {
        send(&mut socket, call).await;
        assert_eq!(next(&mut socket).await, answer, "{call}");
    }
    send(&mut socket, "{").await;
    assert_eq!(next(&mut socket).await["error"]["code"], -32700);
    // A notification has no answer, and a binary message is as good as one of text.
    let note = r#"{"jsonrpc":"2.0","method":"Ticker.Double","params":[4]}"#;
    send(&mut socket, note).await;
    let call = r#"{"jsonrpc":"2.0","method":"Ticker.Nope","id":2}"#;
    let binary = Message::Binary(call.as_bytes().to_vec().into());
    socket.send(binary).await.unwrap();
    let answer = next(&mut socket).await;
    assert_eq!(
        (&answer["error"]["code"], &answer["id"]),
        (&json!(-32601), &json!(2))
    );
}

#[tokio::test]
async fn a_slow_call_does_not_keep_a_quick_one_waiting() {
    let served = serve(Http::new(), |builder| builder).await;
    let mut socket = served.connect().await;
    send(
        &mut socket,
        r#"{"jsonrpc":"2.0","method":"Ticker.Later","params":[400,1],"id":"slow"}"#,
    )
    .await;
    send(
        &mut socket,
        r#"{"jsonrpc":"2.0","method":"Ticker.Double","params":[1],"id":"quick"}"#,
    )
    .await;
    assert_eq!(next(&mut socket).await["id"], "quick");
    assert_eq!(next(&mut socket).await["id"], "slow");
}

#[tokio::test]
async fn pushes_are_notifications() {
    let served = serve(Http::new(), |builder| builder).await;
    let mut socket = served.connect().await;
    send(
        &mut socket,
        r#"{"jsonrpc":"2.0","method":"Ticker.Subscribe","params":[2],"id":1}"#,
    )
    .await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(next(&mut socket).await);
    }
    // The answer and the notifications are sent by one connection, and in whatever order.
    let answer = json!({"jsonrpc": "2.0", "result": null, "id": 1});
    assert!(seen.contains(&answer), "{seen:?}");
    seen.retain(|message| *message != answer);
    let tick = |number: i64| json!({"jsonrpc": "2.0", "method": "Ticks.Tick", "params": {"Number": number, "Text": "tick"}});
    let last = json!({"jsonrpc": "2.0", "method": "Ticks.Last", "params": [2]});
    assert_eq!(seen, [tick(0), tick(1), last]);
}

#[tokio::test]
async fn the_rules_are_those_of_every_entrance() {
    let http = Http::new()
        .cors(Cors::new().origin("https://app.example.org"))
        .batch_limit(2);
    let served = serve(http, |builder| {
        builder.authorize(|request| match request.metadata.auth() {
            Some("Bearer ann") => Ok(()),
            _ => Err(Rejection::Unauthenticated.into()),
        })
    });
    let served = served.await;
    let user = r#"{"jsonrpc":"2.0","method":"Ticker.User","id":1}"#;
    let mut known = served
        .connect_with(&[("authorization", "Bearer ann")])
        .await
        .unwrap();
    send(&mut known, user).await;
    assert_eq!(next(&mut known).await["result"], "Bearer ann");
    let mut stranger = served.connect().await;
    send(&mut stranger, user).await;
    assert_eq!(next(&mut stranger).await["error"]["code"], -32001);
    let batch = format!("[{user},{user},{user}]");
    send(&mut known, &batch).await;
    assert_eq!(
        next(&mut known).await["error"]["message"],
        "the batch has more than 2 calls"
    );
    for (origin, allowed) in [
        ("https://app.example.org", true),
        ("https://evil.example.org", false),
    ] {
        let opened = served.connect_with(&[("origin", origin)]).await;
        match opened {
            Ok(_) => assert!(allowed, "{origin}"),
            Err(WsError::Http(response)) => {
                assert!(
                    !allowed && response.status() == 403,
                    "{origin}: {response:?}"
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_long_message_ends_the_connection_and_no_other() {
    let served = serve(Http::new().body_limit(1000), |builder| builder).await;
    let (mut long, mut other) = (served.connect().await, served.connect().await);
    let _ = long.send(Message::Text("[".repeat(2000).into())).await;
    let close = closed(&mut long).await.expect("a code");
    assert_eq!(u16::from(close.code), 1009, "{close:?}");
    send(
        &mut other,
        r#"{"jsonrpc":"2.0","method":"Ticker.Double","params":[1],"id":1}"#,
    )
    .await;
    assert_eq!(next(&mut other).await["result"], 2);
}

#[tokio::test]
async fn a_client_that_goes_takes_its_calls_along() {
    let served = serve(Http::new(), |builder| builder).await;
    let mut socket = served.connect().await;
    send(
        &mut socket,
        r#"{"jsonrpc":"2.0","method":"Ticker.Never","id":1}"#,
    )
    .await;
    send(
        &mut socket,
        r#"{"jsonrpc":"2.0","method":"Ticker.Double","params":[1],"id":2}"#,
    )
    .await;
    assert_eq!(next(&mut socket).await["id"], 2);
    drop(socket);
    for _ in 0..600 {
        if served.clock.dropped.load(Ordering::SeqCst) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the handler still runs");
}

#[tokio::test]
async fn a_server_that_drains_answers_and_says_goodbye() {
    let served = serve(Http::new(), |builder| builder).await;
    let mut socket = served.connect().await;
    send(
        &mut socket,
        r#"{"jsonrpc":"2.0","method":"Ticker.Later","params":[300,5],"id":1}"#,
    )
    .await;
    send(
        &mut socket,
        r#"{"jsonrpc":"2.0","method":"Ticker.Double","params":[1],"id":2}"#,
    )
    .await;
    assert_eq!(next(&mut socket).await["id"], 2);
    served.handle.shutdown();
    assert_eq!(next(&mut socket).await["result"], 5);
    let close = closed(&mut socket).await.expect("a code");
    assert_eq!(u16::from(close.code), 1001, "{close:?}");
    drop(socket);
    served.task.await.unwrap().unwrap();
}
