//! What a server and a channel tell of what happens.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::layer::{Next, Request, Response};
use rpcx_runtime::{Channel, ErrorKind, Event, Limits, Rejection, Result, Server, ServerHandle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::echo::{Echo, EchoClient};

/// An event as it was told.
#[derive(Clone, Debug)]
struct Told {
    name: &'static str,
    line: String,
    error: Option<io::ErrorKind>,
}

/// Keeps what it is told.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<Told>>>);

impl Log {
    fn sink(&self) -> impl Fn(&Event<'_>) + Send + Sync + 'static {
        let log = self.clone();
        move |event| {
            let error = event.error().and_then(|error| error.downcast_ref());
            log.0.lock().unwrap().push(Told {
                name: event.name(),
                line: event.to_string(),
                error: error.map(io::Error::kind),
            });
        }
    }

    fn all(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }

    fn names(&self) -> Vec<&'static str> {
        self.all().iter().map(|told| told.name).collect()
    }

    /// The first event with this name, which must come.
    async fn wait(&self, name: &str) -> Told {
        for _ in 0..2000 {
            if let Some(told) = self.all().into_iter().find(|told| told.name == name) {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no `{name}` among {:?}", self.all());
    }
}

struct Running {
    log: Log,
    address: String,
    handle: ServerHandle,
    task: JoinHandle<Result<()>>,
}

impl Running {
    fn socket(&self) -> &str {
        self.address.split_once('@').unwrap().1
    }
}

async fn serve(address: &str, limits: Limits) -> Running {
    let log = Log::default();
    let server = Server::builder()
        .register(Echo::default())
        .limits(limits)
        .layer(panic_if_told)
        .on_event(log.sink())
        .shutdown_grace(Duration::from_millis(500))
        .listen(address)
        .bind()
        .await
        .unwrap();
    Running {
        log,
        address: server.addresses()[0].to_string(),
        handle: server.handle(),
        task: tokio::spawn(server.serve()),
    }
}

async fn panic_if_told(request: Request, next: Next) -> Response {
    if request.metadata().get("panic").is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        panic!("in a layer that has waited");
    }
    next.run(request).await
}

async fn connect(address: &str) -> (EchoClient, Log) {
    let log = Log::default();
    let channel = Channel::builder().address(address).on_event(log.sink());
    (EchoClient::new(channel.build().await.unwrap()), log)
}

#[tokio::test]
async fn both_sides_tell_of_a_connection_from_its_begin_to_its_end() {
    let server = serve("tcp@127.0.0.1:0", Limits::server()).await;
    let (client, log) = connect(&server.address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    drop(client);
    server.log.wait("connection_closed").await;
    log.wait("connection_closed").await;
    let both = ["connection_opened", "connection_closed"];
    assert_eq!(
        (server.log.names(), log.names()),
        (both.into(), both.into())
    );
    let opened = &log.all()[0].line;
    assert_eq!(*opened, format!("{}: connection opened", server.address));
}

#[tokio::test]
async fn a_dial_that_fails_and_a_connection_that_is_lost_have_a_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let log = Log::default();
    let channel = Channel::builder()
        .address(format!("tcp@{address}"))
        .on_event(log.sink())
        .build_lazy();
    let client = EchoClient::new(channel.unwrap());
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(source_kind(&error), Some(io::ErrorKind::ConnectionRefused));
    let failed = log.wait("dial_failed").await;
    assert_eq!(failed.error, Some(io::ErrorKind::ConnectionRefused));

    let listener = TcpListener::bind(address).await.unwrap();
    let waiting = client.echo(b"x").into_future();
    let (waiting, accepted) = tokio::join!(waiting, async {
        let (mut stream, _) = listener.accept().await.unwrap();
        // The header of a reply, and not the rest of it.
        stream.write_all(&[8, 0, 0x80]).await.unwrap();
        let mut request = [0; 16];
        stream.read_exact(&mut request).await.unwrap();
    });
    let ((), error) = (accepted, waiting.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(source_kind(&error).is_some(), "{error:?}");
    let lost = log.wait("connection_lost").await;
    assert_eq!(lost.error, source_kind(&error));
    assert_eq!(log.names()[..2], ["dial_failed", "connection_opened"]);

    let again = tokio::join!(
        client
            .echo(b"x")
            .idempotent()
            .timeout(Duration::from_secs(2))
            .into_future(),
        async {
            drop(listener.accept().await.unwrap());
            drop(listener);
        }
    );
    assert!(again.0.is_err());
    log.wait("reconnected").await;
}

/// The kind of the I/O error behind this one.
fn source_kind(error: &rpcx_runtime::Error) -> Option<io::ErrorKind> {
    let source = std::error::Error::source(error)?;
    Some(source.downcast_ref::<io::Error>()?.kind())
}

#[tokio::test]
async fn bytes_that_are_no_frame_are_told_of() {
    let server = serve("tcp@127.0.0.1:0", Limits::server()).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let malformed = server.log.wait("malformed_frame").await;
    assert_eq!(malformed.error, Some(io::ErrorKind::InvalidData));
    let peer = socket.local_addr().unwrap();
    assert!(
        malformed
            .line
            .starts_with(&format!("tcp@{peer}: malformed frame: "))
    );
    let lost = server.log.wait("connection_lost").await;
    assert_eq!(lost.error, Some(io::ErrorKind::InvalidData));

    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    socket.write_all(&[8, 0, 0]).await.unwrap();
    drop(socket);
    for _ in 0..1000 {
        let eof = |told: &Told| told.error == Some(io::ErrorKind::UnexpectedEof);
        if server.log.all().iter().any(eof) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("half a frame is no end of a connection: {:?}", server.log);
}

#[tokio::test]
async fn a_handshake_that_fails_is_told_of_with_its_cause() {
    let server = serve("http@127.0.0.1:0", Limits::server()).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    socket.write_all(b"no HTTP\r\n\r\n").await.unwrap();
    let failed = server.log.wait("handshake_failed").await;
    assert!(failed.error.is_some(), "{failed:?}");
    let peer = socket.local_addr().unwrap();
    let begin = format!("{}: handshake with http@{peer} failed: ", server.address);
    assert!(failed.line.starts_with(&begin), "{failed:?}");
}

#[tokio::test]
async fn a_limit_is_told_of_by_the_name_of_its_counter() {
    let mut limits = Limits::server();
    (limits.connections, limits.server_calls) = (1, 0);
    let server = serve("tcp@127.0.0.1:0", limits).await;
    let (client, log) = connect(&server.address).await;
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
    let told = server.log.wait("limit_reached").await;
    assert!(
        told.line.ends_with(": limit reached: overloaded"),
        "{told:?}"
    );
    let retries: Vec<_> = log
        .all()
        .into_iter()
        .skip(1)
        .map(|told| told.line)
        .collect();
    assert_eq!(retries.len(), 2, "{retries:?}");
    assert!(retries[0].starts_with("Echo/Echo: attempt 1 failed, the next in "));
    assert!(retries[1].starts_with("Echo/Echo: attempt 2 failed, the next in "));
    assert!(retries[1].ends_with("server overloaded: too many calls in flight"));

    let _second = TcpStream::connect(server.socket()).await.unwrap();
    for _ in 0..1000 {
        // No request of the first was let through, so it makes room.
        let crowded_out = |told: &Told| told.line.ends_with("crowded_out");
        if server.log.all().iter().any(crowded_out) {
            let names: Vec<_> = server.handle.stats().iter().collect();
            assert!(names.contains(&("crowded_out", 1)));
            assert!(names.contains(&("overloaded", 3)));
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a connection that makes room is told of: {:?}", server.log);
}

#[tokio::test]
async fn a_panic_is_told_of_with_its_method_and_not_to_the_caller() {
    let server = serve("tcp@127.0.0.1:0", Limits::server()).await;
    let (client, _) = connect(&server.address).await;
    let error = client.panic().await.unwrap_err();
    assert_eq!(error.to_string(), "internal error");
    let told = server.log.wait("handler_panicked").await;
    let begin = ": Echo/Panic panicked: with a secret";
    assert!(told.line.contains(begin), "{told:?}");

    let waits = client.echo(b"x").metadata("panic", "yes");
    assert_eq!(waits.await.unwrap_err().to_string(), "internal error");
    let all = server.log.all();
    let told = &all.last().unwrap().line;
    assert!(
        told.ends_with(": Echo/Echo panicked: in a layer that has waited"),
        "{told}"
    );
    assert_eq!(server.handle.stats().panics, 2);
}

#[tokio::test]
async fn a_drain_is_told_of_step_by_step() {
    let server = serve("tcp@127.0.0.1:0", Limits::server()).await;
    let (client, log) = connect(&server.address).await;
    client.echo(b"x").await.unwrap();
    // In flight for longer than the grace.
    let waiting = client.wait(60_000);
    let handle = server.handle.clone();
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        handle.shutdown();
    };
    let (cut, ()) = tokio::join!(waiting.into_future(), stop);
    assert_eq!(cut.unwrap_err().kind(), ErrorKind::Unknown);
    server.task.await.unwrap().unwrap();
    server.log.wait("connection_lost").await;
    let mut names = server.log.names();
    // The connection may end before or after the server.
    let ended = names.iter().position(|name| *name == "connection_lost");
    names.remove(ended.unwrap());
    let steps = [
        "connection_opened",
        "stopping",
        "listeners_closed",
        "draining",
        "go_away_sent",
        "cut",
        "stopped",
    ];
    assert_eq!(names, steps);
    assert!(log.names().contains(&"go_away_received"), "{log:?}");
}

#[tokio::test]
async fn a_sink_that_panics_harms_nothing() {
    let server = Server::builder()
        .register(Echo::default())
        .on_event(|_| panic!("in a sink"))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let channel = Channel::builder().address(&address);
    let channel = channel.on_event(|_| panic!("in another"));
    let client = EchoClient::new(channel.build().await.unwrap());
    client.panic().await.unwrap_err();
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
}
