//! One server on several networks, and one channel over a list of addresses.

use std::path::PathBuf;
use std::time::Duration;

use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::transport::{Address, Network};
use rpcx::{Channel, ErrorKind, Server, ServerHandle};
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
            builder = builder.listen(address);
        }
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

/// The path of a socket that nobody else uses.
fn socket(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("rpcx-it-{name}-{}.sock", std::process::id()))
}

fn unix(name: &str) -> String {
    format!("unix@{}", socket(name).display())
}

#[tokio::test]
async fn one_server_on_every_network() {
    let unix = unix("every");
    let server = Running::start(
        &[
            "tcp@127.0.0.1:0",
            "tcp4@127.0.0.1:0",
            "tcp6@[::1]:0",
            "reuseport@127.0.0.1:0",
            &unix,
            "mem@every-network",
        ],
        None,
    )
    .await;
    let networks = ["tcp", "tcp4", "tcp6", "tcp", "unix", "mem"];
    for (address, network) in server.addresses.iter().zip(networks) {
        let here = WhereClient::new(Channel::connect(&address.to_string()).await.unwrap());
        assert_eq!(here.network().await.unwrap(), network);
        let large = vec![3; 1 << 20];
        assert_eq!(here.echo(&large).await.unwrap(), large);
    }
    server.stop().await;
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
        let builder = Channel::builder().address(&address.to_string()).tls(tls);
        let here = WhereClient::new(builder.build().await.unwrap());
        assert_eq!(here.echo(b"x").await.unwrap(), b"x");

        let plain = WhereClient::new(Channel::connect(&address.to_string()).await.unwrap());
        assert!(plain.echo(b"x").await.is_err(), "{address} in plain text");
        let tls = roots().server_name("other.example").unwrap();
        let builder = Channel::builder().address(&address.to_string()).tls(tls);
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
    assert_eq!(again.addresses[0].network(), Network::Unix);
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
