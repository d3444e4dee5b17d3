//! Connection rules on every network: what is refused never gets a call through, and all others are
//! unharmed.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::transport::tls::ClientTls;
use rpcx_runtime::transport::{
    Address, BoxFuture, ConnectionRules, Filtered, Incoming, Listen, ListenOptions, listen,
};
use rpcx_runtime::{Channel, Event, Server};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::authority::Authority;
use super::networks::networks;
use super::server::{Client, Running, Who, eventually};

/// Long enough for a handshake on a busy machine, and soon over where nothing answers.
const PATIENCE: Duration = Duration::from_secs(2);

/// Each network, with TLS where it carries it, and the plain ones.
fn all() -> Vec<(String, Option<Authority>)> {
    let secure = networks();
    let secure = secure
        .into_iter()
        .map(|listen| (listen.to_owned(), Some(Authority::new())));
    let plain = ["tcp@127.0.0.1:0", "ws@127.0.0.1:0", "http@127.0.0.1:0"];
    let mut all: Vec<_> = secure.collect();
    all.extend(plain.map(|listen| (listen.to_owned(), None)));
    #[cfg(feature = "kcp")]
    all.push(("kcp@127.0.0.1:0".to_owned(), None));
    all.push(("mem@".to_owned(), None));
    all
}

async fn start(listen: &str, authority: Option<&Authority>, rules: &ConnectionRules) -> Running {
    start_telling(listen, authority, rules, &Told::default()).await
}

/// Counts the events of refused connections, by their reason.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn sink(&self) -> impl Fn(&Event<'_>) + Send + Sync + 'static {
        let told = self.clone();
        move |event| {
            if let Event::ConnectionRefused { peer, reason, .. } = *event {
                assert_eq!(event.to_string(), format!("{peer}: connection {reason}"));
                told.0.lock().unwrap().push(reason.to_owned());
            }
        }
    }

    /// How many gave this reason, and that there was no other.
    fn only(&self, reason: &str) -> u64 {
        let told = self.0.lock().unwrap();
        assert!(told.iter().all(|other| other == reason), "{told:?}");
        told.len() as u64
    }
}

async fn start_telling(
    listen: &str,
    authority: Option<&Authority>,
    rules: &ConnectionRules,
    told: &Told,
) -> Running {
    let tls = authority.map(Authority::server);
    // A name that the last server may still have.
    let own = format!("mem@rules-{}", super::server::unique());
    let listen = if listen == "mem@" { &own } else { listen };
    Running::start_with(listen, tls, |server| {
        server.connections(rules.clone()).on_event(told.sink())
    })
    .await
}

fn tls(authority: &Authority) -> ClientTls {
    authority.client().server_name("localhost").unwrap()
}

async fn client(server: &Running, tls: Option<ClientTls>) -> rpcx_runtime::Result<Client> {
    let builder = Channel::builder().address(&server.address);
    let builder = builder.connect_timeout(PATIENCE).timeout(PATIENCE);
    let builder = match tls {
        Some(tls) => builder.tls(tls),
        None => builder,
    };
    Ok(Client::new(builder.build_lazy()?))
}

/// Whether a call of a new client comes through.
async fn comes_through(server: &Running, authority: Option<&Authority>) -> bool {
    let client = client(server, authority.map(tls)).await.unwrap();
    client.echo(b"new").await.is_ok()
}

#[tokio::test]
async fn a_peer_that_the_hook_refuses_gets_nothing_through_and_others_go_on() {
    for (listen, authority) in all() {
        let authority = authority.as_ref();
        let refusing = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&refusing);
        let rules = ConnectionRules::new().hook(move |_| !asked.load(Ordering::SeqCst));
        let told = Told::default();
        let server = start_telling(&listen, authority, &rules, &told).await;
        let before = client(&server, authority.map(tls)).await.unwrap();
        assert_eq!(before.echo(b"x").await.unwrap(), b"x", "{listen}");

        refusing.store(true, Ordering::SeqCst);
        let runs = server.runs();
        assert!(!comes_through(&server, authority).await, "{listen}");
        assert_eq!(server.runs(), runs, "{listen}");
        assert_eq!(before.echo(b"y").await.unwrap(), b"y", "{listen}");
        let refused = server.handle.stats().refused;
        assert!(refused.by_hook > 0, "{listen}: {refused:?}");
        assert_eq!(refused, rules.refused(), "{listen}");
        let reason = "refused by the hook of the connection rules";
        assert_eq!(told.only(reason), refused.by_hook, "{listen}");

        refusing.store(false, Ordering::SeqCst);
        assert!(comes_through(&server, authority).await, "{listen}");
    }
}

#[tokio::test]
async fn a_network_that_is_denied_or_not_allowed_stays_out() {
    let denied = || ConnectionRules::new().deny("127.0.0.0/8").unwrap();
    let others = || ConnectionRules::new().allow("10.0.0.0/8").unwrap();
    let own = || ConnectionRules::new().allow("127.0.0.0/8").unwrap();
    for (listen, authority) in all() {
        let authority = authority.as_ref();
        // On this machine, and without an IP address.
        let local = listen.starts_with("unix") || listen.starts_with("mem");
        for (rules, allowed) in [(denied(), local), (others(), local), (own(), true)] {
            let server = start(&listen, authority, &rules).await;
            assert_eq!(
                comes_through(&server, authority).await,
                allowed,
                "{listen} {rules:?}"
            );
            assert_eq!(server.runs() > 0, allowed, "{listen}");
            assert_eq!(rules.refused().by_list > 0, !allowed, "{listen}");
        }
    }
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_gets_another_when_one_has_ended() {
    for (listen, authority) in all() {
        let authority = authority.as_ref();
        if listen.starts_with("unix") || listen.starts_with("mem") {
            continue;
        }
        let rules = ConnectionRules::new().per_address(1);
        let server = start(&listen, authority, &rules).await;
        let first = client(&server, authority.map(tls)).await.unwrap();
        first.echo(b"x").await.unwrap();
        assert!(!comes_through(&server, authority).await, "{listen}");
        assert!(rules.refused().by_count > 0, "{listen}");
        first.echo(b"x").await.unwrap();
        drop(first);
        for left in (0..20).rev() {
            if comes_through(&server, authority).await {
                break;
            }
            assert!(left > 0, "{listen}: the place is not given back");
        }
    }
}

#[tokio::test]
async fn an_address_begins_so_many_connections_in_a_time() {
    for (listen, authority) in all() {
        let authority = authority.as_ref();
        if listen.starts_with("unix") || listen.starts_with("mem") {
            continue;
        }
        let rules = ConnectionRules::new().rate(1e-4, 2).unwrap();
        let server = start(&listen, authority, &rules).await;
        let first = client(&server, authority.map(tls)).await.unwrap();
        first.echo(b"x").await.unwrap();
        assert!(comes_through(&server, authority).await, "{listen}");
        assert!(!comes_through(&server, authority).await, "{listen}");
        assert!(rules.refused().by_rate > 0, "{listen}");
        assert_eq!(first.echo(b"y").await.unwrap(), b"y", "{listen}");
    }
}

/// The hook sees what the certificate has proved, and no call runs before it has decided.
#[tokio::test]
async fn a_hook_by_identity_decides_after_the_handshake() {
    let authority = Authority::new();
    let named = |name: &'static str| {
        let certified = authority.certify(|params| {
            params.subject_alt_names = vec![rcgen::SanType::DnsName(name.try_into().unwrap())];
        });
        let (chain, key) = (certified.chain.as_bytes(), certified.key.as_bytes());
        tls(&authority).identity_pem(chain, key).unwrap()
    };
    for listen in networks() {
        let rules = ConnectionRules::new().identity_hook(|peer, identity| {
            assert!(!peer.location().is_empty());
            identity.is_some_and(|who| who.dns_names == ["friend"])
        });
        let told = Told::default();
        let server_tls = authority.server();
        let server_tls = server_tls.request_client_ca_pem(authority.pem.as_bytes());
        let server = Running::start_with(listen, Some(server_tls.unwrap()), |server| {
            server.connections(rules.clone()).on_event(told.sink())
        });
        let server = server.await;
        let friend = client(&server, Some(named("friend"))).await.unwrap();
        assert_eq!(friend.echo(b"x").await.unwrap(), b"x", "{listen}");
        let runs = server.runs();
        for other in [named("stranger"), tls(&authority)] {
            let other = client(&server, Some(other)).await.unwrap();
            assert!(other.echo(b"x").await.is_err(), "{listen}");
        }
        assert_eq!(server.runs(), runs, "{listen}");
        assert!(rules.refused().by_identity >= 2, "{listen}");
        let reason = "refused by the identity hook of the connection rules";
        assert_eq!(told.only(reason), rules.refused().by_identity, "{listen}");
        assert_eq!(server.handle.stats().failed_handshakes, 0, "{listen}");
        assert_eq!(friend.echo(b"y").await.unwrap(), b"y", "{listen}");
    }
}

/// As Go closes what its `PostConnAccept` refuses: the peer does not wait for an answer.
#[tokio::test]
async fn a_refused_tcp_connection_is_reset_before_tls() {
    let authority = Authority::new();
    for tls in [None, Some(authority.server())] {
        let rules = ConnectionRules::new().deny("127.0.0.1").unwrap();
        let server = Running::start_with("tcp@127.0.0.1:0", tls, |server| {
            server.connections(rules.clone())
        });
        let server = server.await;
        let location = server.address.strip_prefix("tcp@").unwrap();
        let outcome = match TcpStream::connect(location).await {
            Ok(mut socket) => socket.read(&mut [0]).await.map(drop),
            Err(error) => Err(error),
        };
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::ConnectionReset);
        let stats = server.handle.stats();
        assert_eq!((stats.connections, stats.failed_handshakes), (0, 0));
    }
}

/// Says nothing of its peers before it has negotiated.
struct Reticent(Box<dyn Listen>);

impl Listen for Reticent {
    fn accept(&mut self) -> BoxFuture<'_, std::io::Result<Incoming>> {
        Box::pin(async {
            let incoming = self.0.accept().await?;
            assert!(incoming.peer().is_some());
            Ok(Incoming::negotiating(incoming.stream()))
        })
    }

    fn address(&self) -> Address {
        self.0.address()
    }
}

/// Any listener can be wrapped, whether it is built in or not and whatever it says.
#[tokio::test]
async fn rules_for_one_listener() {
    let rules = ConnectionRules::new().deny("127.0.0.1").unwrap();
    let plain = ListenOptions::new();
    let inner = listen("tcp@127.0.0.1:0", &plain).await.unwrap();
    let reticent = Reticent(listen("tcp@127.0.0.1:0", &plain).await.unwrap());
    let server = Server::builder()
        .register(Who::default())
        .listener(Filtered::new(inner, rules.clone()))
        .listener(Filtered::new(reticent, rules.clone()))
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let addresses = server.addresses();
    tokio::spawn(server.serve());
    for (at, address) in addresses.iter().enumerate() {
        let channel = Channel::builder().address(address).build_lazy().unwrap();
        let echoed = Client::new(channel).echo(b"x").await;
        assert_eq!(echoed.is_ok(), at == 2, "{address}");
    }
    eventually("refused by list", || rules.refused().by_list >= 2).await;
}
