//! A gateway: a server that makes the calls it gets of another one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx::gateway::{Forward, Http};
use rpcx::services::RawPayload;
use rpcx::{
    Channel, Codec, Compression, Error, ErrorKind, Rejection, Retry, Server, ServerBuilder,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[rpcx::message]
struct Args {
    a: i64,
    b: i64,
}

#[rpcx::service]
trait Arith {
    async fn mul(&self, args: Args) -> rpcx::Result<i64>;
    async fn fail(&self, code: i64) -> rpcx::Result<i64>;
    async fn full(&self) -> rpcx::Result<i64>;
    async fn wait(&self, ctx: &rpcx::Context) -> rpcx::Result<u64>;
    async fn long(&self, text: String) -> rpcx::Result<String>;
}

struct Upstream;

impl Arith for Upstream {
    async fn mul(&self, args: Args) -> rpcx::Result<i64> {
        Ok(args.a * args.b)
    }

    async fn fail(&self, code: i64) -> rpcx::Result<i64> {
        Err(Error::service("no such account")
            .with_code(code)
            .with_data("[7]"))
    }

    async fn full(&self) -> rpcx::Result<i64> {
        Err(Error::refuse(Rejection::Overloaded, "the pool is empty"))
    }

    async fn wait(&self, ctx: &rpcx::Context) -> rpcx::Result<u64> {
        ctx.set_response_metadata("seen-by", "upstream");
        let left = ctx.remaining().unwrap_or_default();
        Ok(u64::from(!left.is_zero() && left <= Duration::from_secs(5)))
    }

    async fn long(&self, text: String) -> rpcx::Result<String> {
        Ok(text)
    }
}

async fn serve(server: ServerBuilder) -> String {
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let at = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    at
}

/// Without attempts beyond the first, which would only take their time.
fn to(at: &str) -> Channel {
    let channel = Channel::builder().address(at).retry(Retry::never());
    channel.build_lazy().unwrap()
}

async fn gateway_to(at: &str) -> String {
    serve(
        Server::builder()
            .http(Http::new())
            .forward(Forward::to(to(at))),
    )
    .await
}

async fn gateway() -> String {
    let upstream = Server::builder().register(ArithServer::new(Upstream));
    gateway_to(&serve(upstream).await).await
}

/// A server that reads a request and closes the connection.
async fn cutting() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _ = socket.read(&mut [0; 1024]).await;
        }
    });
    at
}

/// The status and the body of what `POST path` is answered with.
async fn post(at: &str, path: &str, body: &str) -> (u16, Value) {
    let mut socket = TcpStream::connect(at).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn calls_go_through_as_they_are() {
    let at = gateway().await;
    let arith = ArithClient::new(to(&at));
    assert_eq!(arith.mul(Args { a: 6, b: 7 }).await.unwrap(), 42);
    assert_eq!(
        arith.wait().timeout(Duration::from_secs(5)).await.unwrap(),
        1
    );
    let long = "x".repeat(1 << 20);
    let zipped = Channel::builder()
        .address(&at)
        .compression(Compression::GZIP);
    let zipped = ArithClient::new(zipped.build_lazy().unwrap());
    assert_eq!(zipped.long(long.clone()).await.unwrap(), long);
    for codec in [Codec::JSON, Codec::MSGPACK] {
        let raw = to(&at).raw("Arith", "Wait").codec(codec);
        let reply = raw.call("null".to_owned().into_bytes()).await;
        if codec == Codec::JSON {
            let reply = reply.unwrap();
            assert_eq!(reply.codec, codec);
            assert_eq!(reply.metadata.get("seen-by"), Some("upstream"));
        }
    }
}

#[tokio::test]
async fn what_becomes_of_a_call_is_told_as_it_is() {
    let kind = |error: Error| (error.kind(), error.code(), error.data().map(str::to_owned));
    let arith = ArithClient::new(to(&gateway().await));
    let failed = kind(arith.fail(7).await.unwrap_err());
    assert_eq!(
        failed,
        (ErrorKind::Service, Some(7), Some("[7]".to_owned()))
    );
    let full = arith.full().attempts(1).await.unwrap_err();
    assert_eq!(full.kind(), ErrorKind::Rejected(Rejection::Overloaded));
    let nobody = ArithClient::new(to(&gateway_to("127.0.0.1:1").await));
    let not_sent = nobody.full().await.unwrap_err();
    assert_eq!(
        not_sent.kind(),
        ErrorKind::Rejected(Rejection::Other),
        "{not_sent}"
    );
    let cut = ArithClient::new(to(&gateway_to(&cutting().await).await));
    let unknown = cut.full().await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Unknown, "{unknown}");
}

#[tokio::test]
async fn http_clients_learn_the_same() {
    let at = gateway().await;
    let mul = post(&at, "/Arith/Mul", r#"{"A":6,"B":7}"#).await;
    assert_eq!(mul, (200, 42.into()));
    let rpc = r#"{"jsonrpc":"2.0","method":"Arith.Mul","params":[6,7],"id":1}"#;
    assert_eq!(post(&at, "/jsonrpc", rpc).await.1["result"], 42);
    let (cut, nothing) = (
        gateway_to(&cutting().await).await,
        gateway_to("127.0.0.1:1").await,
    );
    for (at, path, status, outcome) in [
        (&at, "/Arith/Fail", 422, "ran"),
        (&at, "/Arith/Nope", 404, "not-run"),
        (&at, "/Nope/Mul", 404, "not-run"),
        (&at, "/Arith/Full", 503, "not-run"),
        (&cut, "/Arith/Mul", 504, "unknown"),
        (&nothing, "/Arith/Mul", 502, "not-run"),
    ] {
        let (got, problem) = post(at, path, "422").await;
        assert_eq!(
            (got, &problem["outcome"]),
            (status, &outcome.into()),
            "{path}: {problem}"
        );
    }
}

#[tokio::test]
async fn json_becomes_another_codec_where_that_is_asked_for() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let upstream = Server::builder().handle("Old", "Echo", move |_, request| {
        log.lock().unwrap().push(request.payload.clone());
        async move { Ok(request.payload) }
    });
    let upstream = upstream.handle("Old", "Broken", |_, _| async {
        Ok(RawPayload::new(Codec::MSGPACK, vec![0xc1]))
    });
    let upstream = to(&serve(upstream).await);
    let forward = Forward::to(upstream).json_as(Codec::MSGPACK);
    let at = serve(Server::builder().http(Http::new()).forward(forward)).await;
    let echo = post(
        &at,
        "/Old/Echo",
        r#"{"A":[1,null],"T":{"$time":"2023-11-14T22:13:20Z"}}"#,
    )
    .await;
    assert_eq!(echo.0, 200);
    assert_eq!(
        echo.1.to_string(),
        r#"{"A":[1,null],"T":"2023-11-14T22:13:20Z"}"#
    );
    assert_eq!(seen.lock().unwrap()[0].codec, Codec::MSGPACK);
    let (status, problem) = post(&at, "/Old/Echo", r#"{"A":"#).await;
    assert_eq!((status, &problem["outcome"]), (400, &"not-run".into()));
    let (status, problem) = post(&at, "/Old/Broken", "1").await;
    assert_eq!(
        (status, &problem["outcome"]),
        (500, &"ran".into()),
        "{problem}"
    );
    assert_eq!(seen.lock().unwrap().len(), 1);
    let raw = to(&at).raw("Old", "Echo").codec(Codec::RAW);
    assert_eq!(&raw.call(&b"\xff"[..]).await.unwrap().payload[..], b"\xff");
}

#[tokio::test]
async fn only_listed_services_are_passed_on() {
    let upstream = serve(Server::builder().register(ArithServer::new(Upstream))).await;
    let forward = Forward::to(to(&upstream)).services(["Other"]);
    let at = serve(Server::builder().forward(forward)).await;
    let error = ArithClient::new(to(&at)).full().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::UnknownMethod));
    assert_eq!(error.message(), "rpcx: can't find service Arith");
}

#[tokio::test]
async fn health_is_told_until_the_server_is_told_to_stop() {
    let ready = Arc::new(Mutex::new(Err("warming up".to_owned())));
    let check = Arc::clone(&ready);
    let http = Http::new().health(move || check.lock().unwrap().clone());
    let server = Server::builder()
        .http(http)
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let at = server.addresses()[0].location().to_owned();
    let handle = server.handle();
    let served = tokio::spawn(server.serve());
    let mut socket = TcpStream::connect(&at).await.unwrap();
    let mut ask = async |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let length = socket.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    assert!(ask("/healthz").await.starts_with("HTTP/1.1 200"));
    let warming = ask("/readyz").await;
    assert!(
        warming.starts_with("HTTP/1.1 503") && warming.ends_with("warming up\n"),
        "{warming}"
    );
    *ready.lock().unwrap() = Ok(());
    assert!(ask("/readyz").await.ends_with("\r\n\r\nok\n"));
    assert!(ask("/Nope/Mul").await.starts_with("HTTP/1.1 404"));
    handle.shutdown();
    served.await.unwrap().unwrap();
    let off = serve(Server::builder().http(Http::new())).await;
    assert_eq!(post(&off, "/healthz", "").await.0, 404);
}
