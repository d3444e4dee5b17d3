//! Which calls are made again, how often, and what they end as.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rpcx_runtime::client::{ChannelBuilder, Token};
use rpcx_runtime::protocol::{Codec, Frame, Header, Metadata};
use rpcx_runtime::{Backoff, Channel, Error, ErrorKind, Event, Limits, Rejection, Retry};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::echo::{EchoClient, start, start_at};
use crate::wire::{Wire as Peer, frame, reply};

/// No pause that a test would notice.
fn at_once() -> Retry {
    Retry::new().backoff(Backoff::new(Duration::ZERO, Duration::ZERO))
}

struct Fake {
    client: EchoClient,
    listener: TcpListener,
    peer: Peer,
}

/// A client with an open connection to a server that the test plays.
async fn fake(retry: Retry) -> Fake {
    fake_of(Channel::builder().retry(retry)).await
}

async fn fake_of(channel: ChannelBuilder) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let channel = channel.address(&address);
    let client = EchoClient::new(channel.build().await.unwrap());
    let peer = Peer::accept(&listener).await;
    Fake {
        client,
        listener,
        peer,
    }
}

fn rejection(request: &Frame, reason: &str) -> Vec<u8> {
    let metadata =
        Metadata::from_iter([("__rpcx_error__", "not now"), ("__rpcx_rejected", reason)]);
    let header = Header::request(request.header.seq, Codec::RAW)
        .reply()
        .error();
    frame(header, &metadata, b"")
}

fn spawn(
    call: impl IntoFuture<IntoFuture: Send + 'static, Output: Send + 'static>,
) -> JoinHandle<()> {
    let call = call.into_future();
    tokio::spawn(async move {
        call.await;
    })
}

/// Rejects every request until the client gives up, and says how many there were.
async fn count_rejected(fake: &mut Fake, call: JoinHandle<()>, reason: &str) -> usize {
    let mut requests = 0;
    let mut call = call;
    loop {
        tokio::select! {
            request = fake.peer.next() => {
                requests += 1;
                fake.peer.send(&rejection(&request, reason)).await;
            }
            ended = &mut call => {
                ended.unwrap();
                return requests;
            }
        }
    }
}

#[tokio::test]
async fn a_rejected_call_is_repeated_over_a_connection_that_was_open() {
    let mut fake = fake(at_once()).await;
    for reason in ["overloaded", "draining"] {
        let call = tokio::spawn(fake.client.echo(b"x").into_future());
        let first = fake.peer.next().await;
        fake.peer.send(&rejection(&first, reason)).await;
        let second = fake.peer.next().await;
        assert_eq!(second.payload(), b"x");
        fake.peer.send(&reply(second.header.seq, b"done")).await;
        assert_eq!(call.await.unwrap().unwrap(), b"done");
    }
}

#[tokio::test]
async fn attempts_are_what_was_set() {
    for (retry, own, expected) in [
        (at_once(), None, 3),
        (at_once().attempts(5), None, 5),
        (at_once().attempts(0), None, 1),
        (Retry::never(), None, 1),
        (at_once(), Some(1), 1),
        (at_once(), Some(0), 1),
        (Retry::never(), Some(4), 4),
        (at_once().budget(0.0, 0.0), None, 1),
        (at_once().budget(1.0, 0.0), None, 2),
    ] {
        let mut fake = fake(retry.clone()).await;
        let call = fake.client.echo(b"x");
        let call = match own {
            Some(own) => call.attempts(own),
            None => call,
        };
        let call = spawn(call);
        let made = count_rejected(&mut fake, call, "overloaded").await;
        assert_eq!(made, expected, "{retry:?}, {own:?}");
    }
}

#[tokio::test]
async fn what_another_attempt_cannot_change_is_not_repeated() {
    let mut fake = fake(at_once()).await;
    for reason in [
        "denied",
        "unauthenticated",
        "undecodable",
        "expired",
        "other",
    ] {
        let call = spawn(fake.client.echo(b"x").idempotent());
        assert_eq!(count_rejected(&mut fake, call, reason).await, 1, "{reason}");
    }
}

#[tokio::test]
async fn a_lost_idempotent_call_is_sent_again_whole() {
    for length in [10, 100_000] {
        let mut fake = fake(at_once()).await;
        let payload = vec![7; length];
        let call = tokio::spawn(fake.client.echo(&payload).idempotent().into_future());
        assert_eq!(fake.peer.next().await.payload(), payload);
        let mut second = {
            drop(fake.peer);
            Peer::accept(&fake.listener).await
        };
        let request = second.next().await;
        assert_eq!(request.payload(), payload, "{length} bytes");
        second.send(&reply(request.header.seq, b"done")).await;
        assert_eq!(call.await.unwrap().unwrap(), b"done");
    }
}

#[tokio::test]
async fn a_lost_call_that_is_not_idempotent_is_not_sent_again() {
    let mut fake = fake(at_once()).await;
    let call = tokio::spawn(fake.client.echo(b"x").into_future());
    fake.peer.next().await;
    drop(fake.peer);
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
}

#[tokio::test]
async fn a_call_that_may_have_run_is_never_said_to_be_unsent() {
    let mut fake = fake(at_once()).await;
    let call = tokio::spawn(fake.client.echo(b"x").idempotent().into_future());
    fake.peer.next().await;
    // Its next attempts find no server.
    drop(fake.listener);
    drop(fake.peer);
    let error = call.await.unwrap().unwrap_err();
    assert!(error.message().contains("cannot connect"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
}

/// On a busy machine the deadline of a call can pass in the pause before its next attempt.
#[tokio::test]
async fn a_late_timer_does_not_hide_what_is_known_of_the_attempts() {
    // Enough for the first attempt to be refused in time on a machine that is busy.
    const TIMEOUT: Duration = Duration::from_secs(2);
    let lost = ErrorKind::Unknown;
    for ended in [lost, ErrorKind::Rejected(Rejection::Overloaded)] {
        let busy = |event: &Event<'_>| {
            if matches!(event, Event::Retrying { .. }) {
                std::thread::sleep(TIMEOUT);
            }
        };
        let mut fake = fake_of(Channel::builder().retry(at_once()).on_event(busy)).await;
        let call = fake.client.echo(b"x").idempotent().timeout(TIMEOUT);
        let call = tokio::spawn(call.into_future());
        let request = fake.peer.next().await;
        match ended == lost {
            true => drop(fake.peer),
            false => fake.peer.send(&rejection(&request, "overloaded")).await,
        }
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ended, "{error}");
    }
}

#[tokio::test]
async fn a_call_that_may_have_run_is_not_said_to_be_unsent_for_want_of_a_token() {
    let fetched = AtomicU32::new(0);
    let source = move || {
        let first = fetched.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            match first {
                true => Ok(Token::new("1")),
                false => Err(Error::service("the desk is closed")),
            }
        }
    };
    let mut fake = fake_of(Channel::builder().retry(at_once()).token_source(source)).await;
    let call = tokio::spawn(fake.client.echo(b"x").idempotent().into_future());
    fake.peer.next().await;
    let mut second = {
        drop(fake.peer);
        Peer::accept(&fake.listener).await
    };
    let request = second.next().await;
    second.send(&rejection(&request, "unauthenticated")).await;
    let error = call.await.unwrap().unwrap_err();
    assert!(error.message().contains("token"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
}

#[tokio::test]
async fn a_deadline_between_attempts_does_not_hide_that_nothing_ran() {
    let pauses = Backoff::new(Duration::from_secs(3600), Duration::from_secs(3600));
    let mut fake = fake(Retry::new().backoff(pauses.jitter(0.0))).await;
    let call = fake.client.echo(b"x").timeout(Duration::from_secs(30));
    let call = tokio::spawn(call.into_future());
    let request = fake.peer.next().await;
    fake.peer.send(&rejection(&request, "overloaded")).await;
    // The pause would be longer than the call: it ends at once.
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
}

#[tokio::test]
async fn each_attempt_tells_the_server_what_is_left() {
    let mut fake = fake(at_once()).await;
    let call = fake.client.echo(b"x").timeout(Duration::from_secs(30));
    let call = tokio::spawn(call.into_future());
    let first = fake.peer.next().await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    fake.peer.send(&rejection(&first, "overloaded")).await;
    let second = fake.peer.next().await;
    let [first, second] = [first, second].map(|request| request.metadata().server_timeout());
    assert!(second.unwrap() < first.unwrap(), "{first:?}, {second:?}");
    call.abort();
}

#[tokio::test]
async fn a_closed_channel_makes_no_further_attempts() {
    let mut fake = fake(at_once()).await;
    let call = tokio::spawn(fake.client.echo(b"x").into_future());
    let request = fake.peer.next().await;
    let channel = fake.client.0.channel().clone();
    let closing = tokio::spawn(async move { channel.close().await });
    while !format!("{:?}", fake.client.0.channel()).contains("shut: true") {
        tokio::task::yield_now().await;
    }
    fake.peer.send(&rejection(&request, "overloaded")).await;
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
    drop(fake.peer);
    closing.await.unwrap();
}

#[tokio::test]
async fn a_budget_that_is_no_number_is_an_error_of_the_builder() {
    let builder = Channel::builder()
        .address("tcp@127.0.0.1:1")
        .retry(Retry::new().budget(f64::NAN, 1.0));
    let error = builder.build_lazy().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(error.message().contains("retry budget"), "{error}");
}

#[tokio::test]
async fn of_several_addresses_the_first_that_answers_is_used_and_the_next_when_it_is_gone() {
    let (first, second) = ("mem@links-1", "mem@links-2");
    let channel = Channel::builder().addresses(["mem@links-0", first, second]);
    let client = EchoClient::new(channel.build_lazy().unwrap());
    let text = client.echo(b"x").await.unwrap_err().to_string();
    let part = |name: &str| text.contains(&format!("{name}: "));
    assert!(part(first) && part(second), "{text}");

    let one = start_at(first, Limits::server()).await;
    let two = start_at(second, Limits::server()).await;
    client.echo(b"x").await.unwrap();
    assert_eq!([one.runs(), two.runs()], [1, 0]);
    one.handle.shutdown();
    one.task.await.unwrap().unwrap();
    client.echo(b"x").await.unwrap();
    client.echo(b"x").await.unwrap();
    assert_eq!(two.runs(), 2);

    let again = start_at(first, Limits::server()).await;
    client.echo(b"x").await.unwrap();
    assert_eq!(
        [again.runs(), two.runs()],
        [0, 3],
        "an open connection is kept"
    );
    two.handle.shutdown();
    two.task.await.unwrap().unwrap();
    client.echo(b"x").await.unwrap();
    assert_eq!(again.runs(), 1);
}

#[tokio::test]
async fn one_close_ends_the_connections_of_all_addresses() {
    let server = start(Limits::server()).await;
    let channel = Channel::builder().addresses(["mem@links-nowhere", &server.address]);
    let channel = channel.build().await.unwrap();
    let client = EchoClient::new(channel.clone());
    client.note().await.unwrap();
    channel.close().await;
    assert_eq!(server.runs(), 1, "what was written has arrived");
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.message().contains("closed"), "{error}");
}

/// The budget is for what costs a server something: a server that is not there yet is dialled again.
#[tokio::test]
async fn what_was_not_sent_needs_no_budget() {
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", place.local_addr().unwrap());
    drop(place);
    let channel = Channel::builder()
        .address(&address)
        .retry(at_once().budget(0.0, 0.0).attempts(100));
    let client = EchoClient::new(channel.build_lazy().unwrap());
    let call = tokio::spawn(client.echo(b"x").idempotent().into_future());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let _server = start_at(&address, Limits::server()).await;
    assert_eq!(call.await.unwrap().unwrap(), b"x");
}
