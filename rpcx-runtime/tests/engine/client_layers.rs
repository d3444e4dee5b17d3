//! Layers around the calls of a client.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::layer::{Layer, Next, Request, Response, only};
use rpcx_runtime::protocol::{Codec, Compression};
use rpcx_runtime::{Channel, ErrorKind, Limits, Rejection, Retry, Server};

use crate::allocations::{CALLS, allocations};
use crate::echo::{Echo, EchoClient, Running, start};

type Log = Arc<Mutex<Vec<String>>>;

fn log(log: &Log, line: impl Into<String>) {
    log.lock().unwrap().push(line.into());
}

fn lines(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap())
}

/// Notes when a call passes it, both ways.
fn noting(notes: &Log, name: &'static str) -> impl Layer + use<> {
    let notes = Arc::clone(notes);
    move |request: Request, next: Next| {
        let notes = Arc::clone(&notes);
        async move {
            log(&notes, format!("{name} {}", request.full_name()));
            let response = next.run(request).await;
            log(&notes, format!("{name} {:?}", response.outcome()));
            response
        }
    }
}

async fn client_with(server: &Running, layer: impl Layer) -> EchoClient {
    let channel = Channel::builder().address(&server.address).layer(layer);
    EchoClient::new(channel.build().await.unwrap())
}

impl EchoClient {
    fn layer(self, layer: impl Layer) -> Self {
        Self(self.0.layer(layer))
    }
}

#[tokio::test]
async fn the_layers_of_the_channel_are_outside_and_the_first_is_the_outermost() {
    let server = start(Limits::server()).await;
    let notes = Log::default();
    let channel = Channel::builder()
        .address(&server.address)
        .layer(noting(&notes, "a"))
        .layer(noting(&notes, "b"))
        .build()
        .await
        .unwrap();
    let client = EchoClient::new(channel)
        .layer(noting(&notes, "c"))
        .layer(noting(&notes, "d"));
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    let expected = ["a", "b", "c", "d"].map(|name| format!("{name} Echo/Echo"));
    let back = ["d", "c", "b", "a"].map(|name| format!("{name} Ok(())"));
    assert_eq!(lines(&notes), [expected, back].concat());

    assert!(client.fail().await.is_err());
    assert_eq!(lines(&notes)[4], "d Err(Service)");
    client.note().await.unwrap();
    assert_eq!(lines(&notes)[4], "d Ok(())");
}

#[tokio::test]
async fn a_layer_refuses_without_sending() {
    let server = start(Limits::server()).await;
    let refusing =
        |_: Request, _: Next| async { Response::refuse(Rejection::Denied, "not from here") };
    let client = client_with(&server, refusing).await;
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Denied));
    assert_eq!(error.message(), "not from here");
    assert_eq!(server.runs(), 0);
}

#[tokio::test]
async fn a_layer_sees_what_is_known_of_a_call_and_of_its_end() {
    let server = start(Limits::server()).await;
    let notes = Log::default();
    let seen = Arc::clone(&notes);
    let looking = move |request: Request, next: Next| {
        let seen = Arc::clone(&seen);
        async move {
            let bytes = request.payload().len();
            let left = request.remaining().unwrap();
            assert!(left > Duration::from_secs(20) && left <= Duration::from_secs(30));
            assert_eq!(request.metadata().get("k"), Some("v"));
            assert!(request.peer().is_none() && request.identity().is_none());
            assert_eq!(request.codec(), Codec::RAW);
            let response = next.run(request).await;
            let reply = response.payload().map(<[u8]>::len);
            let error = response.error().and_then(|error| error.code());
            log(&seen, format!("{bytes} {reply:?} {error:?}"));
            response
        }
    };
    let client = client_with(&server, looking).await;
    let call = |call: rpcx_runtime::Call<_>| {
        let call = call.metadata("k", "v").timeout(Duration::from_secs(30));
        call.compression(Compression::GZIP).into_future()
    };
    let _: Vec<u8> = call(client.echo(&[7; 5000])).await.unwrap();
    call(client.fail()).await.unwrap_err();
    assert_eq!(lines(&notes), ["5000 Some(5000) None", "0 None Some(404)"]);
}

#[tokio::test]
async fn a_layer_changes_metadata() {
    let echo = Echo::default();
    let server = Server::builder()
        .register(echo)
        .listen("mem@client-layers-metadata")
        .authorize(|request| match request.metadata.get("tenant") {
            Some("blue") => Ok(()),
            _ => Err(Rejection::Denied.into()),
        })
        .bind()
        .await
        .unwrap();
    tokio::spawn(server.serve());
    let channel = Channel::connect("mem@client-layers-metadata")
        .await
        .unwrap();
    let plain = EchoClient::new(channel);
    let client = plain.clone().layer(|mut request: Request, next: Next| {
        request.metadata_mut().insert("tenant", "blue");
        next.run(request)
    });
    assert!(client.echo(b"x").await.is_ok());
    assert!(plain.echo(b"x").await.is_err());
}

#[tokio::test]
async fn a_layer_runs_the_rest_again() {
    let mut limits = Limits::server();
    limits.server_calls = 1;
    let server = start(limits).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let retrying = move |request: Request, next: Next| {
        let tries = Arc::clone(&counted);
        async move {
            loop {
                tries.fetch_add(1, Ordering::SeqCst);
                let again = request.again().unwrap();
                let response = next.clone().run(again).await;
                if !response.is_retryable() {
                    return response;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    let channel = Channel::builder()
        .address(&server.address)
        .retry(Retry::never())
        .layer(retrying);
    let client = EchoClient::new(channel.build().await.unwrap());
    let held = tokio::spawn(client.wait(100).into_future());
    while server.runs() == 0 {
        tokio::task::yield_now().await;
    }
    let before = tries.load(Ordering::SeqCst);
    assert_eq!(client.echo(&[1; 40_000]).await.unwrap(), [1; 40_000]);
    assert!(tries.load(Ordering::SeqCst) > before + 1);
    held.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_layer_runs_the_rest_twice_at_once() {
    let server = start(Limits::server()).await;
    let doubling = |request: Request, next: Next| async move {
        let (other, again) = (next.clone(), request.again().unwrap());
        let (first, second) = tokio::join!(next.run(request), other.run(again));
        assert_eq!(first.outcome(), second.outcome());
        first
    };
    let client = client_with(&server, doubling).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    assert_eq!(server.runs(), 2);
}

#[tokio::test]
async fn a_panic_in_a_layer_ends_its_call_and_no_other() {
    let server = start(Limits::server()).await;
    let panicking = |request: Request, next: Next| {
        assert_ne!(request.payload(), b"at once", "at once");
        async move {
            assert_ne!(request.payload(), b"before", "before");
            let response = next.run(request).await;
            assert_ne!(response.payload(), Some(&b"after"[..]), "after");
            response
        }
    };
    let client = client_with(&server, panicking).await;
    for payload in ["at once", "before", "after"] {
        let error = client.echo(payload.as_bytes()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
        assert!(error.message().contains("panicked"), "{error}");
    }
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    assert_eq!(server.runs(), 2);
}

#[tokio::test]
async fn a_layer_that_waits_for_ever_does_not_outlive_the_deadline() {
    let server = start(Limits::server()).await;
    let hanging = |request: Request, next: Next| async move {
        let response = next.run(request).await;
        std::future::pending::<()>().await;
        response
    };
    let client = client_with(&server, hanging).await;
    let call = client.echo(b"x").timeout(Duration::from_millis(300));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    assert!(error.message().contains("deadline"), "{error}");
}

#[tokio::test]
async fn a_layer_is_around_the_methods_that_it_is_for() {
    let server = start(Limits::server()).await;
    let notes = Log::default();
    let some = only(
        |service, method| service == "Echo" && method.name() == "Wait",
        noting(&notes, "w"),
    );
    let client = client_with(&server, some).await;
    client.echo(b"x").await.unwrap();
    assert_eq!(lines(&notes), Vec::<String>::new());
    client.wait(1).await.unwrap();
    assert_eq!(lines(&notes), ["w Echo/Wait", "w Ok(())"]);
    let elsewhere = EchoClient(client.0.clone().with_path("Other"));
    elsewhere.wait(1).await.unwrap_err();
    assert_eq!(lines(&notes), Vec::<String>::new());
}

#[tokio::test]
async fn layers_cost_no_allocation() {
    let server = start(Limits::server()).await;
    let plain = EchoClient::connect(&server.address).await;
    let passing = |request: Request, next: Next| next.run(request);
    let one = plain.clone().layer(passing);
    let three = one.clone().layer(passing).layer(passing);
    let never = plain.clone().layer(only(|_, _| false, passing));
    let mut counted = Vec::new();
    for client in [&plain, &never, &one, &three] {
        let calls = allocations(async || assert_eq!(client.echo(b"x").await.unwrap(), b"x"));
        counted.push(calls.await);
    }
    println!("{counted:?} for none, none that applies, one and three");
    // Buffers that grow are few, and not always the same.
    let most = counted[0] + CALLS / 100;
    assert!(counted.iter().all(|made| *made <= most), "{counted:?}");
}
