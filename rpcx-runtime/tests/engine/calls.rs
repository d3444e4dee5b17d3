//! Calls that go well, fail, are given up, or lose their server.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use rpcx_runtime::protocol::Compression;
use rpcx_runtime::{Channel, ErrorKind, InProcess, Limits, Rejection};

use crate::echo::{Echo, EchoClient, start, start_at};

#[tokio::test]
async fn ten_thousand_pipelined_calls_are_answered_once_each() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let calls: Vec<_> = (0..10_000u32)
        .map(|n| tokio::spawn(client.echo(&n.to_be_bytes()).into_future()))
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap(), (n as u32).to_be_bytes());
    }
    assert_eq!(server.runs(), 10_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_threads_share_one_connection() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let tasks: Vec<_> = (0..64u32)
        .map(|task| {
            let client = client.clone();
            tokio::spawn(async move {
                for n in 0..200u32 {
                    let payload = [task.to_be_bytes(), n.to_be_bytes()].concat();
                    assert_eq!(client.echo(&payload).await.unwrap(), payload);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(server.handle.stats().connections, 1);
}

#[tokio::test]
async fn memory_and_in_process_behave_like_a_network() {
    let server = start_at("mem@calls", Limits::server()).await;
    let over_mem = EchoClient::connect(&server.address).await;
    let in_process = EchoClient::new(InProcess::new(Echo::default()));
    for client in [over_mem, in_process] {
        let large = vec![7; 1 << 20];
        assert_eq!(client.echo(&large).await.unwrap(), large);
        assert_eq!(client.wait(5).await.unwrap(), b"5");
        assert_eq!(client.fail().await.unwrap_err().code(), Some(404));
    }
}

#[tokio::test]
async fn slow_calls_do_not_hold_up_fast_ones() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let slow = tokio::spawn(client.wait(300).into_future());
    let began = Instant::now();
    for _ in 0..100 {
        client.echo(b"x").await.unwrap();
    }
    assert!(began.elapsed() < Duration::from_millis(250));
    assert_eq!(slow.await.unwrap().unwrap(), b"300");
}

#[tokio::test]
async fn a_panic_is_one_error_and_says_nothing() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let error = client.panic().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Service, "internal error")
    );
    assert_eq!(client.echo(b"still here").await.unwrap(), b"still here");
    assert_eq!(server.handle.stats().panics, 1);
    assert_eq!(server.handle.stats().connections, 1);
}

#[tokio::test]
async fn errors_of_the_method_keep_text_and_code() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let error = client.fail().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(
        (error.message(), error.code()),
        ("no such account", Some(404))
    );
}

#[tokio::test]
async fn unknown_names_have_the_texts_of_go() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let nowhere = EchoClient(client.0.clone().with_path("Nowhere"));
    let error = nowhere.echo(b"").await.unwrap_err();
    assert_eq!(error.message(), "rpcx: can't find service Nowhere");
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::UnknownMethod));
}

#[tokio::test]
async fn one_way_calls_run_and_are_not_answered() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    for _ in 0..10 {
        client.note().await.unwrap();
    }
    client.echo(b"behind them").await.unwrap();
    assert_eq!(server.runs(), 11);
}

#[tokio::test]
async fn compression_is_used_when_asked_for_and_worth_it() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    for length in [0, 10, 1024, 1025, 100_000] {
        let payload = vec![b'a'; length];
        let reply = client
            .echo(&payload)
            .compression(Compression::GZIP)
            .await
            .unwrap();
        assert_eq!(reply, payload);
    }
}

#[tokio::test]
async fn a_timeout_ends_the_call_and_frees_its_slot() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let began = Instant::now();
    let error = client
        .wait(5_000)
        .timeout(Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(
        began.elapsed() < Duration::from_millis(200),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(error.kind(), ErrorKind::Unknown, "it may have run: {error}");
    assert_eq!(client.echo(b"next").await.unwrap(), b"next");
}

#[tokio::test]
async fn an_expired_call_is_not_started() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let error = client
        .echo(b"")
        .metadata("__ServerTimeout", "0")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Expired));
    assert_eq!(server.runs(), 0);
}

#[tokio::test]
async fn a_deadline_cancels_the_handlers_context() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let call = client.cancelled().timeout(Duration::from_millis(50));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Unknown);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        server
            .echo
            .cancelled
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}

#[tokio::test]
async fn a_lost_connection_cancels_the_handlers_context() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let call = tokio::spawn(client.cancelled().into_future());
    tokio::time::sleep(Duration::from_millis(50)).await;
    call.abort();
    drop(client);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        server
            .echo
            .cancelled
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}

#[tokio::test]
async fn dropped_calls_leave_nothing_behind() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    for _ in 0..1000 {
        let call = client.wait(10).into_future();
        assert!(
            tokio::time::timeout(Duration::from_micros(10), call)
                .await
                .is_err()
        );
    }
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    let shown = format!("{:?}", client.0.channel());
    assert!(shown.contains("in_flight: 0"), "{shown}");
}

#[tokio::test]
async fn without_a_listener_calls_are_not_sent_and_end_at_once() {
    let began = Instant::now();
    let error = Channel::connect("tcp@127.0.0.1:1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.to_string().contains("tcp@127.0.0.1:1"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_restarted_server_is_found_again() {
    let server = start(Limits::server()).await;
    let address = server.address.clone();
    let client = EchoClient::connect(&address).await;
    client.echo(b"before").await.unwrap();
    server.handle.shutdown();
    server.task.await.unwrap().unwrap();

    let error = client.echo(b"down").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");

    let again = start_at(&address, Limits::server()).await;
    assert_eq!(client.echo(b"after").await.unwrap(), b"after");
    assert_eq!(again.runs(), 1);
}

#[tokio::test]
async fn callers_of_a_dead_server_share_one_dial() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let client = EchoClient::new(Channel::builder().address(&address).build_lazy().unwrap());
    let accepted = tokio::spawn(async move {
        let mut dials = 0;
        // Accepts and closes: the worst server there is.
        while let Ok(Ok(_)) = tokio::time::timeout(Duration::from_secs(1), listener.accept()).await
        {
            dials += 1;
        }
        dials
    });
    let calls: Vec<_> = (0..1000)
        .map(|_| tokio::spawn(client.echo(b"x").into_future()))
        .collect();
    for call in calls {
        assert!(call.await.unwrap().is_err());
    }
    let dials = accepted.await.unwrap();
    assert!(dials < 20, "{dials} dials for 1000 calls");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_noticed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let beat = Duration::from_millis(50);
    let channel = Channel::builder()
        .address(&address)
        .heartbeat(beat, beat)
        .build()
        .await
        .unwrap();
    let (_socket, _) = listener.accept().await.unwrap();
    let began = Instant::now();
    let error = EchoClient::new(channel).echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(error.message().contains("heartbeat"), "{error}");
    assert!(began.elapsed() < Duration::from_millis(500));
}

#[tokio::test]
async fn heartbeats_keep_a_quiet_connection_open() {
    let server = start(Limits::server()).await;
    let beat = Duration::from_millis(150);
    let channel = Channel::builder()
        .address(&server.address)
        .heartbeat(beat, beat)
        .build()
        .await
        .unwrap();
    let client = EchoClient::new(channel);
    client.echo(b"x").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.echo(b"y").await.unwrap();
    assert_eq!(server.handle.stats().connections, 1);
}

#[test]
fn a_runtime_that_ends_takes_its_connections_along() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let (servers, first, second) = (runtime(), runtime(), runtime());
    let server = servers.block_on(start(Limits::server()));
    let client = first.block_on(EchoClient::connect(&server.address));
    let waiting = second.spawn(client.wait(10_000).into_future());
    std::thread::sleep(Duration::from_millis(100));
    first.shutdown_background();
    let error = second.block_on(waiting).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    assert_eq!(
        second
            .block_on(client.echo(b"again").into_future())
            .unwrap(),
        b"again"
    );
}
