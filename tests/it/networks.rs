//! One server on several networks, and one channel over a list of addresses.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx::layer::{Next, Request, Response};
use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::transport::{Address, ConnectOptions, ListenOptions, Network};
use rpcx::{Channel, ErrorKind, Rejection, Server, ServerBuilder, ServerHandle};
use tokio::task::JoinHandle;

use crate::certificates::Authority;

#[rpcx::service]
trait Where {
    /// The network on which the server has been reached: what stands before the `@` of the peer.
    async fn network(&self, ctx: &rpcx::Context) -> rpcx::Result<String>;
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

struct Here;

impl Where for Here {
    async fn network(&self, ctx: &rpcx::Context) -> rpcx::Result<String> {
        let peer = ctx.peer().map(ToString::to_string).unwrap_or_default();
        Ok(peer.split('@').next().unwrap_or_default().to_owned())
    }
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.to_vec())
    }
}

struct Running {
    addresses: Vec<Address>,
    handle: ServerHandle,
    serving: JoinHandle<rpcx::Result<()>>,
}

impl Running {
    async fn start(addresses: &[&str], tls: Option<Tls>) -> Self {
        let mut builder = Server::builder().register(WhereServer::new(Here));
        if let Some(tls) = tls {
            builder = builder.tls(tls);
        }
        for address in addresses {
            builder = builder.listen(*address);
        }
        Self::serve(builder).await
    }

    async fn serve(builder: ServerBuilder) -> Self {
        let server = builder.bind().await.unwrap();
        Self {
            addresses: server.addresses(),
            handle: server.handle(),
            serving: tokio::spawn(server.serve()),
        }
    }

    async fn stop(self) {
        self.handle.shutdown();
        self.serving.await.unwrap().unwrap();
    }
}

/// The path of a socket of this test alone.
fn socket(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("rpcx-it-{name}-{}.sock", std::process::id()))
}

fn unix(name: &str) -> String {
    format!("unix@{}", socket(name).display())
}

fn secured() -> (Tls, ClientTls) {
    let authority = Authority::new().unwrap();
    let own = authority.issue(&["127.0.0.1", "arith.example"]).unwrap();
    let tls = Tls::from_pem(own.pem.as_bytes(), own.key.as_bytes()).unwrap();
    let roots = ClientTls::roots_pem(authority.pem.as_bytes()).unwrap();
    (tls, roots.server_name("arith.example").unwrap())
}

/// What a client sees of the server at the first of these addresses that answers.
async fn reach(addresses: &[String], tls: Option<&ClientTls>) -> rpcx::Result<WhereClient> {
    let mut builder = Channel::builder().addresses(addresses);
    if let Some(tls) = tls {
        builder = builder.tls(tls.clone());
    }
    Ok(WhereClient::new(builder.build().await?))
}

#[tokio::test]
async fn one_server_on_every_network() {
    let (tls, roots) = secured();
    let unix = unix("every");
    let plain = [
        ("tcp@127.0.0.1:0", "tcp"),
        ("tcp4@127.0.0.1:0", "tcp4"),
        ("tcp6@[::1]:0", "tcp6"),
        ("http@127.0.0.1:0", "http"),
        ("ws@127.0.0.1:0", "ws"),
        (&unix, "unix"),
        ("reuseport@127.0.0.1:0", "tcp"),
        ("kcp@127.0.0.1:0", "kcp"),
        ("mem@every-network", "mem"),
    ];
    let mut builder = Server::builder().register(WhereServer::new(Here));
    for (address, _) in plain {
        builder = builder.listen(address);
    }
    let options = ListenOptions::new().tls(tls);
    let server = Running::serve(builder.listen_with("quic@127.0.0.1:0", options)).await;
    let addresses: Vec<_> = server.addresses.iter().map(ToString::to_string).collect();
    let (quic, list) = addresses.split_last().unwrap();
    let here = reach(std::slice::from_ref(quic), Some(&roots))
        .await
        .unwrap();
    check(&here, "quic").await;
    // The same list from each of its addresses on: each is the first once.
    let mut list = list.to_vec();
    for (_, network) in plain {
        let here = reach(&list, None).await.unwrap();
        check(&here, network).await;
        list.rotate_left(1);
    }
    server.stop().await;
}

/// A call that shows where it came in, and one that is larger than any packet or buffer.
async fn check(here: &WhereClient, network: &str) {
    assert_eq!(here.network().await.unwrap(), network);
    let size = if network == "kcp" { 20_000 } else { 1 << 20 };
    let large = vec![3; size];
    assert!(here.echo(&large).await.unwrap() == large, "{network}");
}

#[tokio::test]
async fn a_call_that_a_layer_refuses_runs_on_no_network() {
    let (tls, roots) = secured();
    let unix = unix("refused");
    let plain = [
        "tcp@127.0.0.1:0",
        "tcp6@[::1]:0",
        "http@127.0.0.1:0",
        "ws@127.0.0.1:0",
        &unix,
        "reuseport@127.0.0.1:0",
        "kcp@127.0.0.1:0",
        "mem@refused-network",
    ];
    let passed = Arc::new(AtomicUsize::new(0));
    let inner = Arc::clone(&passed);
    // The service's own layers are inside of those of the server, next to the handler.
    let service = WhereServer::new(Here).layer(move |request: Request, next: Next| {
        inner.fetch_add(1, Ordering::SeqCst);
        next.run(request)
    });
    let mut builder = Server::builder()
        .register(service)
        .layer(|_: Request, _: Next| async { Response::refuse(Rejection::Denied, "no") });
    for address in plain {
        builder = builder.listen(address);
    }
    for address in ["quic@127.0.0.1:0", "wss@127.0.0.1:0"] {
        builder = builder.listen_with(address, ListenOptions::new().tls(tls.clone()));
    }
    let server = Running::serve(builder).await;
    for (at, address) in server.addresses.iter().enumerate() {
        let tls = (at >= plain.len()).then_some(&roots);
        let here = reach(&[address.to_string()], tls).await.unwrap();
        let error = here.network().await.unwrap_err();
        let denied = ErrorKind::Rejected(Rejection::Denied);
        assert_eq!(
            (error.kind(), &*error.to_string()),
            (denied, "no"),
            "{address}"
        );
    }
    assert_eq!(passed.load(Ordering::SeqCst), 0);
    server.stop().await;
}

/// One channel; its servers go one after the other, and each takes its place once.
#[tokio::test]
async fn a_channel_goes_through_a_mixed_list() {
    let unix = unix("list");
    let names = [
        ("kcp@127.0.0.1:0", "kcp"),
        ("http@127.0.0.1:0", "http"),
        (unix.as_str(), "unix"),
        ("tcp@127.0.0.1:0", "tcp"),
        ("mem@mixed-list", "mem"),
        ("ws@127.0.0.1:0", "ws"),
        ("reuseport@127.0.0.1:0", "tcp"),
    ];
    let mut servers = Vec::new();
    // A port that one of these leaves may be given to a server of another test, which has other paths.
    let path = "Where.list";
    for (address, _) in names {
        let builder = Server::builder().register_as(path, WhereServer::new(Here));
        servers.push(Running::serve(builder.listen(address)).await);
    }
    let list: Vec<_> = servers
        .iter()
        .map(|server| server.addresses[0].to_string())
        .collect();
    let here = reach(&list, None).await.unwrap().with_path(path);
    for (server, (_, network)) in servers.into_iter().zip(names) {
        let call = here.network().timeout(Duration::from_secs(20));
        assert_eq!(call.await.unwrap(), network);
        server.stop().await;
    }
    let error = here.network().timeout(Duration::from_secs(2)).await;
    assert!(
        error.is_err(),
        "answered with {error:?} by one of {list:?}, which have stopped"
    );
}

/// One with TLS, one that has none, and one whose TLS another authority vouches for.
#[tokio::test]
async fn each_address_of_a_list_has_its_own_security() {
    let ((tls, roots), (other_tls, other_roots)) = (secured(), secured());
    let names = [
        ("quic@127.0.0.1:0", "quic", Some(tls.clone())),
        ("kcp@127.0.0.1:0", "kcp", None),
        ("tcp@127.0.0.1:0", "tcp", Some(other_tls)),
        ("wss@127.0.0.1:0", "wss", Some(tls)),
    ];
    let mut servers = Vec::new();
    for (address, _, tls) in &names {
        servers.push(Running::start(&[address], tls.clone()).await);
    }
    let mut channel = Channel::builder().tls(roots);
    for ((_, network, _), server) in names.iter().zip(&servers) {
        let options = ConnectOptions::new();
        let options = match *network {
            "kcp" => options.plaintext(),
            "tcp" => options.tls(other_roots.clone()),
            _ => options,
        };
        channel = channel.address_with(server.addresses[0].to_string(), options);
    }
    let here = WhereClient::new(channel.build().await.unwrap());
    for (server, (_, network, _)) in servers.into_iter().zip(names) {
        let call = here.network().timeout(Duration::from_secs(20));
        assert_eq!(call.await.unwrap(), network);
        server.stop().await;
    }
}

/// On KCP it is not seen whether a datagram finds a peer: a dial there was always a success, and the
/// calls on it had an unknown end.
#[tokio::test]
async fn a_dead_kcp_address_is_passed_over() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let dead = format!("kcp@{}", silent.local_addr().unwrap());
    let server = Running::start(&["tcp@127.0.0.1:0"], None).await;
    let list = [dead.clone(), server.addresses[0].to_string()];
    let builder = Channel::builder().addresses(&list);
    let builder = builder.connect_timeout(Duration::from_millis(300));
    let here = WhereClient::new(builder.build().await.unwrap());
    assert_eq!(here.network().await.unwrap(), "tcp");
    server.stop().await;

    let builder = Channel::builder().address(&dead);
    let builder = builder.connect_timeout(Duration::from_millis(300));
    let here = WhereClient::new(builder.build_lazy().unwrap());
    let error = here.network().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
}

/// A server with TLS that leaves one network after the other in plain text: who comes in the other
/// way is kept out of exactly that one.
#[tokio::test]
async fn one_network_after_the_other_is_plain() {
    let (tls, roots) = secured();
    let unix = unix("plain");
    let networks = [
        "tcp@127.0.0.1:0",
        "http@127.0.0.1:0",
        "ws@127.0.0.1:0",
        &unix,
        "reuseport@127.0.0.1:0",
    ];
    for plain in networks {
        let mut builder = Server::builder().register(WhereServer::new(Here));
        builder = builder.tls(tls.clone()).listen("quic@127.0.0.1:0");
        for network in networks {
            builder = match network == plain {
                true => builder.listen_with(network, ListenOptions::new().plaintext()),
                false => builder.listen(network),
            };
        }
        let server = Running::serve(builder).await;
        let secure = [true].into_iter();
        let secure = secure.chain(networks.map(|network| network != plain));
        for (address, secure) in server.addresses.iter().zip(secure) {
            let list = [address.to_string()];
            let fit = reach(&list, secure.then_some(&roots)).await.unwrap();
            assert_eq!(fit.echo(b"x").await.unwrap(), b"x", "{address}");
            let unfit = match reach(&list, (!secure).then_some(&roots)).await {
                Ok(here) => here.echo(b"x").await,
                Err(error) => Err(error),
            };
            assert!(unfit.is_err(), "{address}, secure: {secure}");
        }
        server.stop().await;
    }
}

/// What cannot have TLS has to be excepted from it by name, and what cannot be without it has it.
#[tokio::test]
async fn tls_is_never_left_out_in_silence() {
    let (tls, roots) = secured();
    let mut builder = Server::builder().register(WhereServer::new(Here));
    builder = builder.tls(tls.clone());
    let without = ["kcp@127.0.0.1:0", "mem@excepted"];
    for address in without {
        builder = builder.listen_with(address, ListenOptions::new().plaintext());
    }
    let server = Running::serve(builder).await;
    for address in &server.addresses {
        let list = [address.to_string()];
        let here = reach(&list, None).await.unwrap();
        check(&here, address.network().as_str()).await;
        let error = reach(&list, Some(&roots)).await.err();
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Setup));
    }
    server.stop().await;
    for address in without {
        let builder = Server::builder().tls(tls.clone()).listen(address);
        let error = builder.bind().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
        assert!(error.message().contains("TLS"), "{error}");
    }
    let builder = Server::builder().tls(tls);
    let plain = ListenOptions::new().plaintext();
    let error = builder.listen_with("quic@127.0.0.1:0", plain).bind().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Setup);
}

#[tokio::test]
async fn tls_on_every_network_that_carries_it() {
    let authority = Authority::new().unwrap();
    let own = authority.issue(&["arith.example"]).unwrap();
    let tls = Tls::from_pem(own.pem.as_bytes(), own.key.as_bytes()).unwrap();
    let roots = || ClientTls::roots_pem(authority.pem.as_bytes()).unwrap();
    let unix = unix("tls");
    let addresses = ["tcp@127.0.0.1:0", "reuseport@127.0.0.1:0", &unix];
    let server = Running::start(&addresses, Some(tls)).await;
    for address in &server.addresses {
        let tls = roots().server_name("arith.example").unwrap();
        let builder = Channel::builder().address(address).tls(tls);
        let here = WhereClient::new(builder.build().await.unwrap());
        assert_eq!(here.echo(b"x").await.unwrap(), b"x");

        let plain = WhereClient::new(Channel::connect(&address.to_string()).await.unwrap());
        assert!(plain.echo(b"x").await.is_err(), "{address} in plain text");
        let tls = roots().server_name("other.example").unwrap();
        let builder = Channel::builder().address(address).tls(tls);
        let error = builder.build().await.unwrap_err();
        assert!(error.message().contains("certificate"), "{error}");
    }
    // A path says nothing about who is behind it, so the name has to be given.
    let builder = Channel::builder().address(&unix).tls(roots());
    let error = builder.build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(error.message().contains("server_name"), "{error}");
    server.stop().await;
}

#[tokio::test]
async fn a_mixed_list_goes_on_when_its_first_address_is_dead() {
    let (dead, alive) = (unix("mixed-dead"), unix("mixed-alive"));
    let server = Running::start(&[&alive, "tcp@127.0.0.1:0"], None).await;
    let tcp = server.addresses[1].to_string();
    for (list, network) in [
        ([&dead, "mem@mixed-nobody", &tcp], "tcp"),
        ([&dead, &alive, &tcp], "unix"),
        ([&tcp, &dead, &alive], "tcp"),
    ] {
        let channel = Channel::builder().addresses(list).build().await.unwrap();
        let here = WhereClient::new(channel);
        assert_eq!(here.network().await.unwrap(), network, "{list:?}");
    }
    server.stop().await;
    let error = Channel::builder().addresses([&dead, &tcp]).build().await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.message().contains(&dead) && error.message().contains(&tcp));
}

#[tokio::test]
async fn a_channel_follows_a_server_that_comes_back_elsewhere() {
    let unix = unix("follows");
    let first = Running::start(&[&unix], None).await;
    let other = Running::start(&["mem@follows"], None).await;
    let channel = Channel::builder().addresses([&unix, "mem@follows"]);
    let here = WhereClient::new(channel.build().await.unwrap());
    assert_eq!(here.network().await.unwrap(), "unix");
    // The client is asked to go, so no call is lost; from now on there is only the other.
    first.stop().await;
    assert_eq!(here.network().await.unwrap(), "mem");
    let again = Running::start(&[&unix], None).await;
    other.stop().await;
    assert_eq!(here.network().await.unwrap(), "unix", "and back");
    assert_eq!(again.addresses[0].network(), Network::UNIX);
    again.stop().await;
}

/// What is left of a server that was killed does not keep the next one from its address.
#[cfg(unix)]
#[tokio::test]
async fn a_killed_server_is_followed_at_once() {
    let (path, address) = (socket("killed"), unix("killed"));
    // Its listener goes, its file stays: as after SIGKILL.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let builder = Channel::builder().address(&address);
    let here = WhereClient::new(builder.build_lazy().unwrap());
    let error = here.network().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    let server = Running::start(&[&address], None).await;
    let call = here.network().timeout(Duration::from_secs(10));
    assert_eq!(call.await.unwrap(), "unix");
    server.stop().await;
    assert!(!path.exists());
}
