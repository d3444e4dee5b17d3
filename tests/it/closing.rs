//! A channel that is closed: nothing that was begun is lost, and nothing more begins.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx::transport::ListenOptions;
use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::{Channel, ErrorKind, Server};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

use crate::certificates::Authority;

/// What is short for a test and long for a busy machine.
const SOON: Duration = Duration::from_secs(20);

#[rpcx::service]
trait Desk {
    #[rpcx(oneway)]
    async fn note(&self, text: &str) -> rpcx::Result<()>;
    /// Answers when it is told to.
    async fn wait(&self) -> rpcx::Result<()>;
}

#[derive(Clone)]
struct Pad {
    notes: Arc<AtomicUsize>,
    waiting: Arc<AtomicUsize>,
    answers: Arc<Semaphore>,
}

impl Pad {
    fn new() -> Self {
        Self {
            notes: Arc::default(),
            waiting: Arc::default(),
            answers: Arc::new(Semaphore::new(0)),
        }
    }

    fn notes(&self) -> usize {
        self.notes.load(Ordering::SeqCst)
    }

    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

impl Desk for Pad {
    async fn note(&self, _: &str) -> rpcx::Result<()> {
        self.notes.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    async fn wait(&self) -> rpcx::Result<()> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.answers.acquire().await.unwrap().forget();
        Ok(())
    }
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = tokio::time::Instant::now() + SOON;
    while !holds() {
        assert!(tokio::time::Instant::now() < until, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn secured() -> (Tls, ClientTls) {
    let authority = Authority::new().unwrap();
    let own = authority.issue(&["desk.example"]).unwrap();
    let tls = Tls::from_pem(own.pem.as_bytes(), own.key.as_bytes()).unwrap();
    let roots = ClientTls::roots_pem(authority.pem.as_bytes()).unwrap();
    (tls, roots.server_name("desk.example").unwrap())
}

/// Every network, and whether with TLS; what is named has names that only `test` uses.
fn networks(test: &str) -> Vec<(String, bool)> {
    let unix = |part: &str| {
        let file = format!("rpcx-it-{test}-{part}-{}.sock", std::process::id());
        format!("unix@{}", std::env::temp_dir().join(file).display())
    };
    let (plain, secured, mem) = (unix("plain"), unix("tls"), format!("mem@{test}"));
    [
        ("tcp@127.0.0.1:0", false),
        ("tcp@127.0.0.1:0", true),
        ("http@127.0.0.1:0", false),
        ("ws@127.0.0.1:0", false),
        ("wss@127.0.0.1:0", true),
        ("reuseport@127.0.0.1:0", false),
        ("quic@127.0.0.1:0", true),
        ("kcp@127.0.0.1:0", false),
        (&mem, false),
        (&plain, false),
        (&secured, true),
    ]
    .map(|(listen, tls)| (listen.to_owned(), tls))
    .to_vec()
}

/// A server at `listen`, and a channel to it that has not connected.
async fn start(listen: &str, with_tls: bool) -> (Pad, Channel) {
    let ((tls, roots), pad) = (secured(), Pad::new());
    let options = match with_tls {
        true => ListenOptions::new().tls(tls),
        false => ListenOptions::new(),
    };
    let builder = Server::builder().register(DeskServer::new(pad.clone()));
    let server = builder.listen_with(listen, options).bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let mut channel = Channel::builder().address(&address);
    if with_tls {
        channel = channel.tls(roots);
    }
    (pad, channel.connect_timeout(SOON).build_lazy().unwrap())
}

/// A one-way call is done when it is being written. When the program ended then, the last ones
/// were lost, and on QUIC all of them: they were in its hands, and it sent nothing more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_way_calls_arrive_though_the_program_ends() {
    for (listen, tls) in networks("program") {
        let (pad, channel) = start(&listen, tls).await;
        let program = move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let desk = DeskClient::new(channel.clone());
                for number in 0..100 {
                    desk.note(&number.to_string()).await.unwrap();
                }
                channel.close().await;
            });
        };
        tokio::task::spawn_blocking(program).await.unwrap();
        eventually(&format!("all have arrived: {listen}"), || {
            pad.notes() == 100
        })
        .await;
    }
}

#[tokio::test]
async fn a_channel_that_closes_waits_for_its_calls_and_takes_no_more() {
    for (listen, tls) in networks("calls") {
        let (pad, channel) = start(&listen, tls).await;
        let desk = DeskClient::new(channel.clone());
        // One of them goes the long way, and may be repeated.
        let mut calls = tokio::task::JoinSet::new();
        calls.spawn(desk.wait().into_future());
        calls.spawn(desk.wait().idempotent().into_future());
        eventually(&format!("both have begun: {listen}"), || pad.waiting() == 2).await;
        let (other, desk) = (channel.clone(), desk.clone());
        let closing = tokio::spawn(async move { channel.close().await });
        let refused = async {
            loop {
                match desk.note("more").await {
                    Ok(()) => tokio::task::yield_now().await,
                    Err(error) => return error,
                }
            }
        };
        let error = tokio::time::timeout(SOON, refused).await.unwrap();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{listen}: {error}");
        assert!(error.to_string().contains("closed"), "{listen}: {error}");
        assert!(!closing.is_finished(), "{listen}");
        pad.answers.add_permits(2);
        while let Some(call) = calls.join_next().await {
            call.unwrap().unwrap();
        }
        closing.await.unwrap();
        // The clones are closed, and again makes no difference.
        other.close().await;
        let error = DeskClient::new(other).wait().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{listen}: {error}");
    }
}

/// A reply that is there and that no caller has polled is not waited for, and not lost.
#[tokio::test]
async fn a_reply_that_was_not_taken_does_not_hold_a_channel_open() {
    let (pad, channel) = start("tcp@127.0.0.1:0", false).await;
    let desk = DeskClient::new(channel.clone());
    desk.note("connects").await.unwrap();
    pad.answers.add_permits(1);
    let mut call = Box::pin(desk.wait().into_future());
    let begun =
        std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx).is_pending()));
    assert!(begun.await);
    tokio::time::timeout(SOON, channel.close()).await.unwrap();
    call.await.unwrap();
}

#[tokio::test]
async fn a_channel_that_never_connected_closes_at_once() {
    let channel = Channel::builder().address("tcp@127.0.0.1:1");
    let channel = channel.build_lazy().unwrap();
    channel.close().await;
    let error = DeskClient::new(channel).wait().await.unwrap_err();
    assert_eq!(error.to_string(), "the channel is closed");
}
