//! How connections of HTTP end that the server wants no more of: GOAWAY by HTTP/2, and a response that says so by HTTP/1.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rpcx_runtime::Limits;
use rpcx_runtime::gateway::Http;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::streams::{frame, open};
use super::{Door, Wire, door, door_with, limits, post, until};
use crate::wire::PATIENCE;

const PING: u8 = 6;
const GOAWAY: u8 = 7;

const WAIT: &str =
    "X-RPCX-ServicePath: Echo\r\nX-RPCX-ServiceMethod: Wait\r\nX-RPCX-SerializeType: 0\r\n";

async fn with_limits(set: impl FnOnce(&mut Limits)) -> Door {
    let limits = limits(|limits| {
        limits.address_connections = usize::MAX;
        set(limits);
    });
    door_with(Http::new(), |builder| builder.limits(limits)).await
}

/// A client of HTTP/2, and its connection.
struct Client {
    sender: SendRequest<Full<Bytes>>,
    connection: JoinHandle<hyper::Result<()>>,
}

impl Client {
    async fn connect(door: &Door) -> Self {
        let socket = TcpStream::connect(&door.at).await.unwrap();
        let shaken = handshake(TokioExecutor::new(), TokioIo::new(socket)).await;
        let (sender, connection) = shaken.unwrap();
        Self {
            sender,
            connection: tokio::spawn(connection),
        }
    }

    /// Waits for so many milliseconds at the server. None if the connection takes no more requests.
    async fn wait(&mut self, milliseconds: &'static str) -> Option<Bytes> {
        let request = http::Request::post("http://localhost/")
            .header("x-rpcx-servicepath", "Echo")
            .header("x-rpcx-servicemethod", "Wait")
            .header("x-rpcx-serializetype", "0")
            .body(Full::new(Bytes::from(milliseconds)));
        let response = self.sender.send_request(request.unwrap()).await.ok()?;
        assert_eq!(response.status(), 200);
        // One that was taken is answered in whole.
        Some(response.into_body().collect().await.unwrap().to_bytes())
    }

    /// Its connection ends, and not by an error.
    async fn ends(self) {
        let ended = timeout(PATIENCE, self.connection).await.unwrap();
        ended.unwrap().unwrap();
        assert!(self.sender.is_closed());
    }
}

/// Frames of HTTP/2, until the server closes: which kinds they were, and what the last GOAWAY said.
async fn rest(mut socket: TcpStream, answers: bool) -> Option<u32> {
    use tokio::io::AsyncWriteExt;

    let mut reason = None;
    loop {
        let mut head = [0; 9];
        if socket.read_exact(&mut head).await.is_err() {
            return reason;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        if socket.read_exact(&mut payload).await.is_err() {
            return reason;
        }
        match head[3] {
            GOAWAY => reason = Some(u32::from_be_bytes(payload[4..8].try_into().unwrap())),
            PING if answers && head[4] == 0 => {
                let _ = socket.write_all(&frame(PING, 1, 0, &payload)).await;
            }
            _ => {}
        }
    }
}

async fn is_told(socket: TcpStream, answers: bool) {
    let reason = timeout(PATIENCE, rest(socket, answers)).await.unwrap();
    assert_eq!(reason, Some(0), "no GOAWAY, or one for an error");
}

/// A call that was taken is answered, and no other one is.
#[tokio::test]
async fn a_connection_that_is_old_is_left_after_its_response() {
    let door = with_limits(|limits| limits.age = Duration::from_secs(1)).await;
    // On a busy machine a connection may be old before it has called.
    let (mut client, answer) = loop {
        let mut client = Client::connect(&door).await;
        if let Some(answer) = client.wait("1500").await {
            break (client, answer);
        }
    };
    assert_eq!(answer, "1500");
    assert_eq!(client.wait("0").await, None);
    client.ends().await;
    let answer = loop {
        let mut wire = door.connect().await;
        wire.send(post("/", WAIT, "1500").as_bytes()).await;
        if let Some(answer) = wire.response().await {
            assert_eq!(wire.closed().await, "");
            break answer;
        }
    };
    assert_eq!(
        (&*answer.body, answer.header("connection")),
        ("1500", Some("close"))
    );
    assert!(door.handle.stats().aged_connections >= 2);
}

/// Whether its client answers the server's last question or not.
#[tokio::test]
async fn a_connection_that_was_idle_for_too_long_is_told_so() {
    let http = Http::new().idle(Duration::from_millis(300));
    let door = door_with(http, |builder| builder).await;
    for answers in [true, false] {
        is_told(open(&door).await, answers).await;
    }
    let mut client = Client::connect(&door).await;
    client.wait("1").await;
    client.ends().await;
    let wire: Wire = door.connect().await;
    drop(wire);
    assert!(door.handle.stats().idle_connections >= 3);
}

#[tokio::test]
async fn a_stranger_whose_place_others_need_is_told_so() {
    let door = with_limits(|limits| limits.connections = 5).await;
    for answers in [true, false] {
        let before = door.handle.stats().crowded_out;
        let stranger = open(&door).await;
        let mut newcomers = Vec::new();
        while door.handle.stats().crowded_out == before {
            newcomers.push(open(&door).await);
            sleep(Duration::from_millis(20)).await;
        }
        is_told(stranger, answers).await;
        drop(newcomers);
        until("their end", || door.handle.stats().open_connections == 0).await;
    }
}

/// One that has called is sent away when it has been idle for a while, and no place is left.
#[tokio::test]
async fn an_idle_caller_whose_place_others_need_is_told_so() {
    let door = with_limits(|limits| limits.connections = 2).await;
    let mut first = Client::connect(&door).await;
    assert_eq!(first.wait("1").await.unwrap(), "1");
    let mut second = door.connect().await;
    second.ask(post("/Echo/Echo", "", "1").as_bytes()).await;
    // This one has a call, and is not idle.
    second.send(post("/Echo/Hold", "", "1").as_bytes()).await;
    until("the call", || door.handle.stats().calls_in_flight == 1).await;
    let newcomer = async {
        loop {
            let mut newcomer = door.connect().await;
            let _ = newcomer
                .try_send(post("/Echo/Echo", "", "2").as_bytes())
                .await;
            match newcomer.response().await {
                Some(answer) => return answer,
                None => sleep(Duration::from_millis(100)).await,
            }
        }
    };
    let answer = timeout(PATIENCE, newcomer).await.unwrap();
    assert_eq!((answer.status, &*answer.body), (200, "2"));
    first.ends().await;
    let stats = door.handle.stats();
    assert_eq!((stats.calls_in_flight, stats.crowded_out), (1, 1));
}

type Socket = WebSocketStream<TcpStream>;

/// JSON-RPC over WebSocket.
async fn socket(door: &Door) -> Socket {
    let stream = TcpStream::connect(&door.at).await.unwrap();
    let asked = tokio_tungstenite::client_async("ws://localhost/jsonrpc", stream).await;
    asked.unwrap().0
}

async fn next(socket: &mut Socket) -> Message {
    let message = timeout(PATIENCE, socket.next()).await.unwrap();
    message.unwrap().unwrap()
}

#[tokio::test]
async fn a_web_socket_whose_place_others_need_is_told_so() {
    let door = with_limits(|limits| limits.connections = 5).await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(socket(&door).await);
    }
    // Those that do not answer have a second.
    until("those in excess leave", || {
        door.handle.stats().open_connections <= 5
    })
    .await;
    let Message::Close(Some(close)) = next(&mut sockets[0]).await else {
        panic!("it is not closed");
    };
    assert_eq!(close.code, CloseCode::Again);
    assert_eq!(
        close.reason,
        "the server needed the place of the connection for others"
    );
    drop(sockets);
    until("their end", || door.handle.stats().open_connections == 0).await;
}

#[tokio::test]
async fn a_web_socket_with_as_many_calls_as_it_may_have_is_heard() {
    let door = with_limits(|limits| limits.connection_calls = 2).await;
    let mut socket = socket(&door).await;
    for id in 1..=3 {
        let call = format!(r#"{{"jsonrpc":"2.0","method":"Echo.Hold","id":{id}}}"#);
        socket.send(Message::text(call)).await.unwrap();
    }
    let refused = next(&mut socket).await.into_text().unwrap();
    assert!(
        refused.contains("overloaded") && refused.contains(r#""id":3"#),
        "{refused}"
    );
    socket
        .send(Message::Ping(Bytes::from_static(b"x")))
        .await
        .unwrap();
    assert_eq!(
        next(&mut socket).await,
        Message::Pong(Bytes::from_static(b"x"))
    );
    drop(socket);
    until("their end", || door.handle.stats().calls_in_flight == 0).await;
}

/// Requests that come behind one that waits do not hide that their client has gone: those that are answered without
/// hyper, and those that hyper has.
#[tokio::test]
async fn a_client_that_has_gone_is_noticed_behind_its_further_requests() {
    for headers in ["", "X-Unknown: 1\r\n"] {
        for behind in [0, 1, 100] {
            let door = door().await;
            let mut wire = door.connect().await;
            let waits = post("/Echo/Hold", headers, "null");
            wire.send(waits.as_bytes()).await;
            until("the call", || door.handle.stats().calls_in_flight == 1).await;
            let more = post("/Echo/Echo", headers, "1").repeat(behind);
            wire.send(more.as_bytes()).await;
            drop(wire);
            let ended = || door.handle.stats().calls_in_flight == 0;
            until(&format!("its end, {headers:?} {behind}"), ended).await;
        }
    }
}
