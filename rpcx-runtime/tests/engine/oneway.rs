//! One-way calls that wait to be written: their deadline, and what is given up.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use rpcx_runtime::ErrorKind;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use crate::echo::EchoClient;

/// A client whose connection takes no byte more, because its server does not read.
async fn stuck() -> (EchoClient, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let client = EchoClient::connect(&address).await;
    let (socket, _) = listener.accept().await.unwrap();
    // More than the buffers of both sockets.
    client.note_of(&vec![7; 14 << 20]).await.unwrap();
    (client, socket)
}

#[tokio::test]
async fn a_oneway_call_ends_with_its_deadline() {
    let (client, _socket) = stuck().await;
    let began = Instant::now();
    let call = client.note_of(b"late").timeout(Duration::from_millis(50));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
    assert!(error.message().contains("waited to be sent"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn what_is_given_up_before_it_is_written_never_leaves() {
    let (client, mut socket) = stuck().await;
    let late = client
        .note_of(b"it is late")
        .timeout(Duration::from_millis(20));
    late.await.unwrap_err();
    let dropped = tokio::spawn(client.note_of(b"it is dropped").into_future());
    let kept = tokio::spawn(client.note_of(b"it is kept").into_future());
    tokio::time::sleep(Duration::from_millis(50)).await;
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    let reading = tokio::spawn(async move {
        let mut all = Vec::new();
        socket.read_to_end(&mut all).await.unwrap();
        all
    });
    kept.await.unwrap().unwrap();
    client.0.channel().close().await;
    drop(client);
    let all = reading.await.unwrap();
    let end = String::from_utf8_lossy(&all[14 << 20..]);
    assert!(end.contains("it is kept"), "{end}");
    assert!(
        !end.contains("it is late") && !end.contains("it is dropped"),
        "{end}"
    );
}
