//! rpcx and HTTP on one port.

use rpcx_runtime::gateway::Http;
use rpcx_runtime::transport::ListenOptions;
use rpcx_runtime::{Channel, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{door, post, until};
use crate::certificates::Authority;
use crate::echo::{Echo, EchoClient};

#[tokio::test]
async fn every_network_over_a_socket_is_served_by_one_listener() {
    let door = door().await;
    for network in ["tcp", "http", "ws"] {
        let client = EchoClient::connect(&format!("{network}@{}", door.at)).await;
        for size in [0, 1, 5000, 300_000] {
            let payload = vec![b'x'; size];
            assert_eq!(client.echo(&payload).await.unwrap(), payload, "{network}");
        }
        assert_eq!(client.wait(5).await.unwrap(), b"5", "{network}");
    }
    let response = door.post("/Echo/Echo", "", r#"{"a":1}"#).await;
    assert_eq!((response.status, &*response.body), (200, r#"{"a":1}"#));
    assert_eq!(door.handle.stats().malformed_frames, 0);
}

/// What comes with the first frame, in one packet or byte by byte, makes no difference.
#[tokio::test]
async fn a_request_may_come_in_pieces() {
    let door = door().await;
    let mut wire = door.connect().await;
    for byte in post("/Echo/Echo", "", "[1]").bytes() {
        wire.send(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(wire.response().await.unwrap().body, "[1]");
}

#[tokio::test]
async fn the_way_is_chosen_for_each_request() {
    let door = door().await;
    let mut wire = door.connect().await;
    let plain = wire.ask(post("/Echo/Echo", "", "1").as_bytes()).await;
    assert_eq!(plain.body, "1");
    let rpc = r#"{"jsonrpc":"2.0","method":"Echo.Echo","params":[2],"id":7}"#;
    let by_header = post("/", "X-JSONRPC-2.0: true\r\n", rpc);
    let answer = wire.ask(by_header.as_bytes()).await.body;
    assert_eq!(answer, r#"{"jsonrpc":"2.0","result":[2],"id":7}"#);
    let headers =
        "X-Rpcx-Serializetype: 0\r\nX-RPCX-ServicePath: Echo\r\nx-rpcx-servicemethod: Echo\r\n";
    let invoke = wire.ask(post("/", headers, "raw").as_bytes()).await;
    assert_eq!(invoke.body, "raw");
    assert_eq!(invoke.header("x-rpcx-servicemethod"), Some("echo"));
    let refused = wire.ask(b"CONNECT /elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(refused.await.status, 404);
    let connect = b"CONNECT /_rpcx_ HTTP/1.0\n\n";
    let connected = wire.ask(connect).await;
    assert!(
        connected.head.contains("200 connected to rpcx"),
        "{connected:?}"
    );
    // A heartbeat, which comes back with the bit of a response.
    let mut frame = [0u8; 32];
    (frame[0], frame[2], frame[15]) = (8, 0x40, 16);
    wire.send(&frame).await;
    let mut answer = [0; 32];
    wire.stream.read_exact(&mut answer).await.unwrap();
    assert_eq!((answer[0], answer[2]), (8, 0xc0));
}

/// Go writes the names of headers in its canonical form, and a client of its gateway may compare the bytes. (Source: Go rpcx,
/// a recorded answer of the gateway.)
#[tokio::test]
async fn clients_of_gos_gateway_see_names_as_go_writes_them() {
    let door = door().await;
    let invoke = "X-RPCX-MessageID: 7\r\nX-RPCX-SerializeType: 0\r\nX-RPCX-ServicePath: Echo\r\nX-RPCX-ServiceMethod: Echo\r\n";
    let rpc = r#"{"jsonrpc":"2.0","method":"Echo.Echo","params":[2],"id":7}"#;
    for (headers, body, names) in [
        (
            invoke,
            "raw",
            &[
                "X-Rpcx-Messageid: 7",
                "X-Rpcx-Servicepath: Echo",
                "X-Rpcx-Servicemethod: Echo",
                "X-Rpcx-Serializetype: 0",
                "X-Rpcx-Version: ",
                "X-Rpcx-Meta: ",
                "Content-Length: 3",
            ][..],
        ),
        (
            "x-jsonrpc-2.0: true\r\n",
            rpc,
            &["Content-Type: application/json"],
        ),
        ("", "1", &["content-type: ", "x-request-id: "]),
    ] {
        let mut wire = door.connect().await;
        let path = if headers.is_empty() {
            "/Echo/Echo"
        } else {
            "/"
        };
        let request = post(path, &format!("Connection: close\r\n{headers}"), body);
        wire.send(request.as_bytes()).await;
        let answer = wire.closed().await;
        for name in names {
            assert!(answer.contains(&format!("\r\n{name}")), "{name}: {answer}");
        }
    }
}

#[tokio::test]
async fn what_is_neither_is_closed_without_a_byte() {
    let door = door().await;
    for bytes in [
        &b"\x16\x03\x01\x00\x10"[..],
        b"\0\0\0\0",
        b"get / HTTP/1.1\r\n\r\n",
        b"\xff",
    ] {
        let mut wire = door.connect().await;
        wire.send(bytes).await;
        assert_eq!(wire.closed().await, "", "{bytes:?}");
    }
    assert_eq!(door.handle.stats().malformed_frames, 4);
    assert_eq!(door.post("/Echo/Echo", "", "1").await.status, 200);
}

#[tokio::test]
async fn without_http_it_is_no_frame() {
    let running = crate::echo::start(rpcx_runtime::Limits::server()).await;
    let mut socket = tokio::net::TcpStream::connect(running.socket())
        .await
        .unwrap();
    socket
        .write_all(b"POST /Echo/Echo HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _reset = socket.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
    until("the refusal", || {
        running.handle.stats().malformed_frames == 1
    })
    .await;
}

/// Connections are counted as such, however they begin and end.
#[tokio::test]
async fn connections_are_counted_once() {
    let door = door().await;
    let rpcx = EchoClient::connect(&format!("tcp@{}", door.at)).await;
    rpcx.echo(b"x").await.unwrap();
    let connect = EchoClient::connect(&format!("http@{}", door.at)).await;
    connect.echo(b"x").await.unwrap();
    let mut wire = door.connect().await;
    wire.ask(post("/Echo/Echo", "", "1").as_bytes()).await;
    until("three connections", || {
        door.handle.stats().open_connections == 3
    })
    .await;
    drop((rpcx, connect, wire));
    until("their end", || door.handle.stats().open_connections == 0).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_and_tls_carry_both() {
    let authority = Authority::new();
    let folder = std::env::temp_dir().join(format!("rpcx-http-{}", std::process::id()));
    let server = Server::builder()
        .register(Echo::default())
        .listen(&*format!("unix@{}", folder.display()))
        .listen_with(
            "tcp@127.0.0.1:0",
            ListenOptions::new().tls(authority.server()),
        )
        .http(Http::new())
        .bind()
        .await
        .unwrap();
    let addresses = server.addresses();
    tokio::spawn(server.serve());
    EchoClient::connect(&addresses[0].to_string())
        .await
        .echo(b"x")
        .await
        .unwrap();
    let mut socket = tokio::net::UnixStream::connect(&folder).await.unwrap();
    socket
        .write_all(post("/Echo/Echo", "Connection: close\r\n", "12").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n12"),
        "{answer}"
    );
    let builder = Channel::builder().address(addresses[1].to_string());
    let channel = builder.tls(authority.client()).build().await;
    EchoClient::new(channel.unwrap()).echo(b"x").await.unwrap();
}

#[tokio::test]
async fn http_without_an_address_for_it_is_a_mistake() {
    let bound = Server::builder()
        .listen("mem@http-nowhere")
        .http(Http::new())
        .bind()
        .await;
    let error = bound.unwrap_err().to_string();
    assert!(error.contains("`http` has no address"), "{error}");
    for (http, said) in [
        (Http::new().path("rpcx"), "`path`"),
        (Http::new().json_rpc_path("/_rpcx_"), "are both"),
        (Http::new().batch_limit(0), "`batch_limit`"),
    ] {
        let bound = Server::builder()
            .listen("tcp@127.0.0.1:0")
            .http(http)
            .bind()
            .await;
        let error = bound.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
