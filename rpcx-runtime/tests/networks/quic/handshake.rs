//! Who gets in, and what the others are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rpcx_runtime::service::{
    CallSlot, MethodInfo, MethodRef, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::transport::quic::Quic;
use rpcx_runtime::transport::tls::Tls;
use rpcx_runtime::transport::{ConnectOptions, ConnectionRules, ListenOptions};
use rpcx_runtime::{Channel, ErrorKind, Limits, Server};
use tokio::time::timeout;

use super::certificates::{Authority, Certificate};
use super::peers::{LOOPBACK, SOON, bare, channel, client, eventually, socket, start, start_with};
use super::relay::Relay;
use crate::echo::{Echo, EchoClient};

#[tokio::test]
async fn a_call_goes_through() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let client = client(&server, &authority).await;
    assert_eq!(client.echo(b"hello").await.unwrap(), b"hello");
    for size in [0, 1, 1 << 10, 3 << 20] {
        let payload = vec![7; size];
        assert_eq!(client.echo(&payload).await.unwrap(), payload);
    }
}

#[tokio::test]
async fn ipv6_and_names_work_too() {
    let authority = Authority::new();
    let server = Server::builder()
        .tls(authority.certificate("localhost").tls())
        .register(Echo::default())
        .listen("quic@[::1]:0")
        .listen("quic@localhost:0");
    let server = server.bind().await.unwrap();
    let addresses = server.addresses();
    tokio::spawn(server.serve());
    assert!(addresses[0].to_string().starts_with("quic@[::1]:"));
    let tls = authority.client().server_name("localhost").unwrap();
    let number = addresses[0].to_string();
    let by_number = Channel::builder().address(&number).tls(tls);
    let client = EchoClient::new(by_number.build().await.unwrap());
    assert_eq!(client.echo(b"6").await.unwrap(), b"6");
    let (_, port) = addresses[1].location().rsplit_once(':').unwrap();
    let named = format!("quic@localhost:{port}");
    let by_name = channel(&named, &authority).build().await.unwrap();
    assert_eq!(EchoClient::new(by_name).echo(b"4").await.unwrap(), b"4");
}

#[tokio::test]
async fn a_server_without_certificate_is_refused() {
    let plain = Server::builder().register(Echo::default()).listen(LOOPBACK);
    let error = plain.bind().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(error.message().contains("needs a certificate"), "{error}");
    let options = ListenOptions::new().plaintext();
    let plain = Server::builder()
        .tls(Authority::new().server())
        .register(Echo::default())
        .listen_with(LOOPBACK, options);
    assert_eq!(plain.bind().await.unwrap_err().kind(), ErrorKind::Setup);
}

#[tokio::test]
async fn options_are_checked_where_they_are_given() {
    let authority = Authority::new();
    let mut options = Quic::default();
    options.keep_alive = options.idle;
    let listen = ListenOptions::new().quic(options.clone());
    let server = Server::builder().tls(authority.server());
    let error = server.listen_with(LOOPBACK, listen).bind().await;
    assert!(error.unwrap_err().message().contains("`keep_alive`"));
    let connect = ConnectOptions::new().quic(options);
    let client = Channel::builder().address("quic@127.0.0.1:1");
    let error = client.connect_options(connect.tls(authority.client()));
    let error = error.build_lazy().unwrap_err();
    assert!(error.message().contains("`keep_alive`"), "{error}");
    let elsewhere = ListenOptions::new().quic(Quic::default());
    let error = Server::builder().listen_with("mem@no-quic", elsewhere);
    let error = error.bind().await.unwrap_err();
    assert!(error.message().contains("the option `quic`"), "{error}");
}

/// What a client that trusts `authority` says about a server with this certificate.
async fn refusal(authority: &Authority, certificate: &Certificate) -> String {
    let server = start(certificate.tls()).await;
    let error = channel(&server.address, authority)
        .build()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert_eq!(server.runs(), 0);
    error.to_string()
}

#[tokio::test]
async fn errors_name_what_is_wrong_with_a_certificate() {
    let authority = Authority::new();
    let other = refusal(&authority, &Authority::new().certificate("127.0.0.1")).await;
    assert!(other.contains("UnknownIssuer"), "{other}");
    let name = refusal(&authority, &authority.certificate("other.test")).await;
    assert!(name.contains("not valid for name"), "{name}");
    let expired = refusal(&authority, &authority.expired("127.0.0.1")).await;
    assert!(expired.contains("expired"), "{expired}");
}

#[tokio::test]
async fn platform_roots_do_not_know_a_test_authority() {
    let server = start(Authority::new().server()).await;
    let built = Channel::builder().address(&server.address).build();
    // A machine without roots says so at once; others at the handshake.
    let error = built.await.unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Setup | ErrorKind::NotSent
    ));
}

#[tokio::test]
async fn another_protocol_name_is_refused_at_once() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let endpoint = bare(&authority, b"h3");
    let attempt = endpoint.connect(socket(&server.address), "127.0.0.1");
    let refused = timeout(Duration::from_secs(1), attempt.unwrap()).await;
    let error = refused.expect("closed within a second").unwrap_err();
    assert!(error.to_string().contains("120"), "{error}");
    assert_eq!(server.runs(), 0);
    eventually("the failure is counted", || {
        server.handle.stats().failed_handshakes == 1
    })
    .await;
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_given_up() {
    let authority = Authority::new();
    let mut limits = Limits::server();
    limits.handshake = Duration::from_millis(300);
    let server = start_with(authority.server(), limits).await;
    let relay = Relay::to(socket(&server.address), 1).await;
    let slow = channel(&relay.address, &authority).connect_timeout(SOON);
    let attempt = tokio::spawn(slow.build());
    eventually("the handshake is given up", || {
        server.handle.stats().slow_handshakes == 1
    })
    .await;
    attempt.abort();
    // The listener has not suffered.
    let client = client(&server, &authority).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
}

/// Says whether its callers have proved who they are.
struct Who(Arc<AtomicBool>);

static WHO: MethodInfo = MethodInfo::new(0, "Echo");
static INFO: ServiceInfo = ServiceInfo::new("Echo", &[&WHO]);

impl Service for Who {
    fn info(&self) -> ServiceRef {
        (&INFO).into()
    }

    fn find(&self, _: &[u8]) -> Option<MethodRef> {
        Some((&WHO).into())
    }

    fn call(&self, _: u32, request: Request, slot: &mut CallSlot<'_>) {
        let context = slot.context(&request);
        let identity = context.peer().and_then(|peer| peer.identity.as_ref());
        let known = identity.is_some_and(|known| known.dns_names == ["ada.test"]);
        self.0.store(known, Ordering::SeqCst);
        slot.run(async { Ok(Vec::new()) }, |outcome, reply| match outcome {
            Ok(bytes) => reply.payload(|_, out: &mut Vec<u8>| {
                out.extend_from_slice(&bytes);
                Ok(())
            }),
            Err(error) => reply.error(error),
        });
    }
}

fn demanding(authority: &Authority) -> Tls {
    let tls = authority.server();
    tls.require_client_ca_pem(authority.pem.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_handler_sees_its_caller() {
    let authority = Authority::new();
    let known = Arc::new(AtomicBool::new(false));
    let server = Server::builder()
        .tls(demanding(&authority))
        .register(Who(Arc::clone(&known)))
        .listen(LOOPBACK);
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let ada = authority.certificate("ada.test");
    let tls = authority.client();
    let tls = tls.identity_pem(ada.chain.as_bytes(), ada.key.as_bytes());
    let channel = Channel::builder().address(&address).tls(tls.unwrap());
    let client = EchoClient::new(channel.build().await.unwrap());
    client.echo(b"").await.unwrap();
    assert!(known.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_client_without_certificate_is_told_so() {
    let authority = Authority::new();
    let server = start(demanding(&authority)).await;
    // In TLS 1.3 a client is done before the server has looked at it.
    let told = match channel(&server.address, &authority).build().await {
        Err(error) => error.to_string(),
        Ok(channel) => {
            let call = EchoClient::new(channel).echo(b"x").timeout(SOON).await;
            call.unwrap_err().to_string()
        }
    };
    assert!(told.contains("CertificateRequired"), "{told}");
    assert_eq!(server.runs(), 0);
}

#[tokio::test]
async fn a_certificate_is_replaced_under_load() {
    let authority = Authority::new();
    let tls = authority.server();
    let server = start(tls.clone()).await;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let client = client(&server, &authority).await;
        callers.spawn(async move {
            for _ in 0..200 {
                client.echo(b"x").await.unwrap();
            }
        });
    }
    let successor = Authority::new();
    let next = successor.certificate("127.0.0.1");
    tls.replace_pem(next.chain.as_bytes(), next.key.as_bytes())
        .unwrap();
    let late = client(&server, &successor).await;
    late.echo(b"x").await.unwrap();
    callers.join_all().await;
}

/// A flood from addresses that were not validated must not push out peers that are in
/// the middle of their handshakes.
#[tokio::test]
async fn with_many_handshakes_under_way_addresses_are_asked_for() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let relay = Relay::one_way(socket(&server.address)).await;
    let endpoint = bare(&authority, b"rpcx");
    let mut flood = Vec::new();
    for number in 0..350 {
        flood.push(endpoint.connect(socket(&relay.address), "127.0.0.1"));
        if number % 10 == 9 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let stats = server.handle.stats();
    assert_eq!(stats.crowded_handshakes, 0, "{stats:?}");
    // The next one has to prove its address, and there is room for peers that can.
    let client = client(&server, &authority).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    let stats = server.handle.stats();
    assert_eq!(stats.crowded_handshakes, 0, "{stats:?}");
}

/// One that proves its address and goes no further has its share of the places, and keeps no other waiting.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_address_has_its_share_of_the_handshakes() {
    let authority = Authority::new();
    let mut limits = Limits::server();
    limits.handshakes = 8;
    // Addresses are counted, and so have to be proved from the first one on.
    let rules = ConnectionRules::new().per_address(100_000);
    let server = Server::builder()
        .register(Echo::default())
        .limits(limits)
        .connections(rules)
        .tls(authority.server())
        .listen(LOOPBACK);
    let server = server.bind().await.unwrap();
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    tokio::spawn(server.serve());
    let relay = Relay::only_retries(address.socket_addr().unwrap()).await;
    let endpoint = bare(&authority, b"rpcx");
    let to = socket(&relay.address);
    let flood = tokio::spawn(async move {
        let mut begun = Vec::new();
        loop {
            begun.push(endpoint.connect(to, "127.0.0.1"));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..10 {
        let channel = Channel::builder().address(&address).tls(authority.client());
        let client = EchoClient::new(channel.build().await.unwrap());
        let call = timeout(SOON, client.echo(b"x")).await;
        assert_eq!(call.unwrap().unwrap(), b"x");
    }
    eventually("half handshakes are given up", || {
        handle.stats().crowded_handshakes > 0
    })
    .await;
    flood.abort();
}
