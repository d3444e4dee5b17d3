//! DNS, with dnsmasq. Records live for a second there.

use std::fs;

use rpcx::discovery::Watch;
use rpcx::{Channel, Server};

use super::scenarios::{Args, ArithClient, ArithServer, Multiplier, eventually, open, shows};
use super::servers::{DNSMASQ, Registry};

/// A server at this address, `ip:port`. Gives its port.
async fn serve(at: &str) -> u16 {
    let server = Server::builder().register(ArithServer::new(Multiplier));
    let server = server.listen(&*format!("tcp@{at}")).bind().await.unwrap();
    let port = server.addresses()[0].socket_addr().unwrap().port();
    tokio::spawn(server.serve());
    port
}

fn watch(url: &str) -> Watch {
    Watch::start(open(url).discover, "Arith")
}

/// `dns://NAME?server=..`
fn url(registry: &Registry, name: &str) -> String {
    format!("dns://{name}?server={}", registry.address())
}

async fn multiplies(url: &str) {
    let channel = Channel::builder().registry(url).build().await.unwrap();
    let arith = ArithClient::new(channel);
    for a in 0..6 {
        assert_eq!(arith.mul(Args { a, b: 20 }).await.unwrap().c, a * 20);
    }
}

/// Says what the names are from now on.
fn write(registry: &Registry, hosts: &str) {
    fs::write(registry.folder.join("hosts"), hosts).unwrap();
    registry.signal("HUP");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_a_name_are_followed() {
    let Some(mut registry) = DNSMASQ.start() else {
        return;
    };
    let port = serve("127.0.0.1:0").await;
    let url = url(&registry, &format!("arith.test:{port}"));
    let followed = watch(&url);
    // A name that does not exist has no nodes, which is no error.
    shows(&followed, &[]).await;
    assert!(followed.error().is_none());
    let (first, second) = (
        format!("tcp@127.0.0.1:{port}"),
        format!("tcp@127.0.0.2:{port}"),
    );
    let third = format!("tcp@[::1]:{port}");
    write(
        &registry,
        "127.0.0.1 arith.test\n127.0.0.2 arith.test\n::1 arith.test\n",
    );
    shows(&followed, &[&first, &second, &third]).await;
    let node = followed.nodes().unwrap()[0].clone();
    assert_eq!(node.get("host").as_deref(), Some("arith.test"));
    let six = watch(&format!("{url}&network=tcp6"));
    shows(&six, &[&third.replace("tcp@", "tcp6@")]).await;
    let four = watch(&format!("{url}&network=tcp4"));
    let four_only = [&first, &second].map(|address| address.replace("tcp@", "tcp4@"));
    shows(&four, &four_only.each_ref().map(|address| &**address)).await;
    write(&registry, "127.0.0.1 arith.test\n");
    shows(&followed, &[&first]).await;
    multiplies(&url).await;
    registry.kill();
    eventually("the outage", async || followed.error().is_some()).await;
    shows(&followed, &[&first]).await;
    let hosts = registry.folder.join("hosts");
    fs::write(hosts, "127.0.0.1 arith.test\n127.0.0.2 arith.test\n").unwrap();
    tokio::task::block_in_place(|| registry.run());
    shows(&followed, &[&first, &second]).await;
    assert!(followed.error().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_found_with_their_ports_and_weights() {
    let (one, two) = (serve("127.0.0.1:0").await, serve("127.0.0.1:0").await);
    let service = "_rpcx._tcp.arith.test";
    let records = [
        format!("--srv-host={service},one.arith.test,{one},10,7"),
        format!("--srv-host={service},two.arith.test,{two},10,0"),
        format!("--srv-host={service},spare.arith.test,1,20,100"),
    ];
    let Some(registry) = DNSMASQ.start_with(&records.each_ref().map(|record| &**record)) else {
        return;
    };
    let (first, second) = (
        format!("tcp@127.0.0.1:{one}"),
        format!("tcp@127.0.0.1:{two}"),
    );
    write(
        &registry,
        "127.0.0.1 one.arith.test\n127.0.0.1 spare.arith.test\n",
    );
    let url = url(&registry, service);
    let watch = watch(&url);
    // The other one is not ready: its name has no address.
    shows(&watch, &[&first]).await;
    write(
        &registry,
        "127.0.0.1 one.arith.test\n127.0.0.1 two.arith.test\n127.0.0.1 spare.arith.test\n",
    );
    shows(&watch, &[&first, &second]).await;
    let nodes = watch.nodes().unwrap();
    let node = |address: &str| {
        let found = nodes
            .iter()
            .find(|node| node.address.to_string() == address);
        found
            .map(|node| (node.weight, node.metadata.clone()))
            .unwrap()
    };
    assert_eq!(
        node(&first),
        (7, "host=one.arith.test&priority=10&weight=7".to_owned())
    );
    assert_eq!(node(&second).0, 1);
    multiplies(&url).await;
}

/// A server that says that it cannot answer is not one that says that there is nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_is_an_error() {
    let Some(registry) = DNSMASQ.start() else {
        return;
    };
    let watch = watch(&url(&registry, "arith.elsewhere.:80"));
    eventually("the error", async || watch.error().is_some()).await;
    assert!(watch.nodes().is_none());
    let error = watch.error().unwrap().to_string();
    assert!(error.contains("arith.elsewhere."), "{error}");
}
