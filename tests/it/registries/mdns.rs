//! Multicast DNS, with the plugin and the discovery of Go rpcx. Tests have domains of their own, but for Go clients, which
//! understand the answers of `local` alone.

use std::fs;
use std::time::Duration;

use rpcx::discovery::{LoadFigures, Registrar, Registration, Watch};
use rpcx::{Channel, Server};

use super::go::{Go, texts};
use super::scenarios::{
    Args, ArithClient, ArithServer, Multiplier, SOON, eventually, lists, open, shows,
};

const METADATA: &str = "weight=7&group=a&tag=x y";

/// The bit of an interface that takes multicasts.
const MULTICAST: u64 = 0x1000;

/// Go uses the interfaces that take multicasts. Where there is none, nothing can be tested.
pub(crate) fn has_multicast() -> bool {
    let flags = |interface: fs::DirEntry| {
        let text = fs::read_to_string(interface.path().join("flags")).ok()?;
        let up = fs::read_to_string(interface.path().join("operstate")).ok()?;
        let flags = u64::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok()?;
        (up.trim() == "up").then_some(flags)
    };
    let interfaces = fs::read_dir("/sys/class/net").into_iter().flatten();
    let found = interfaces
        .flatten()
        .filter_map(flags)
        .any(|flags| flags & MULTICAST != 0);
    if !found {
        println!("skipped: no interface takes multicasts");
    }
    found
}

fn domain(name: &str) -> String {
    format!("{name}-{}.local", std::process::id())
}

fn watch(url: &str, service: &str) -> Watch {
    Watch::start(open(url).discover, service)
}

/// A server in Rust, known by these services.
async fn serve(url: &str, services: &[&str], metadata: &str) -> (String, Registrar) {
    let server = Server::builder().register(ArithServer::new(Multiplier));
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let address = server.addresses()[0].clone();
    tokio::spawn(server.serve());
    let registration = |service: &&str| {
        Registration::new(*service, address.clone(), metadata)
            .with_load(|| LoadFigures::new(2.5, 0.0))
    };
    let registrations = services.iter().map(registration).collect();
    let mut registrar = Registrar::start(open(url).register.unwrap(), registrations);
    registrar.registered().await;
    (address.to_string(), registrar)
}

#[tokio::test(flavor = "multi_thread")]
async fn go_servers_are_found() {
    let domain = domain("found");
    let options = [
        "-registry",
        "mdns",
        "-base",
        &domain,
        "-services",
        "Arith",
        "-meta",
        METADATA,
    ];
    if !has_multicast() {
        return;
    }
    let Some(first) = Go::serve_with(&texts(&options)) else {
        return;
    };
    let url = format!("mdns://{domain}?interval=1s");
    let watch = watch(&url, "Arith");
    shows(&watch, &[&first.address]).await;
    lists(&url, &["Arith"]).await;
    let node = watch.nodes().unwrap()[0].clone();
    assert_eq!((node.weight, &*node.groups), (7, &["a".to_owned()][..]));
    assert_eq!(node.get("tag").as_deref(), Some("x y"));
    let channel = Channel::builder()
        .registry(&url)
        .group("a")
        .build()
        .await
        .unwrap();
    let reply = ArithClient::new(channel).mul(Args { a: 10, b: 20 }).await;
    assert_eq!(reply.unwrap().c, 200);
    // Both have the name of the machine, and are two all the same.
    let second = Go::serve_with(&texts(&options)).unwrap();
    shows(&watch, &[&first.address, &second.address]).await;
    let rest = second.address.clone();
    first.stop();
    shows(&watch, &[&rest]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn go_clients_find_all_our_services() {
    if !has_multicast() {
        return;
    }
    let url = "mdns://local?interval=1s";
    let services = ["Arith", "Basic", "Clock", "Delta", "Echo"];
    let (address, registrar) = serve(url, &services, METADATA).await;
    for service in services {
        let options = ["-registry", "mdns", "-base", "local", "-services", service];
        let Some(mut go) = Go::discover_with(&texts(&options)) else {
            return;
        };
        let refreshed = "calls=2.50&connections=0.00&group=a&tag=x+y&weight=7";
        for attempt in 0.. {
            if go.list().remove(&address).as_deref() == Some(refreshed) {
                break;
            }
            assert!(attempt < 100, "{service}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // Others may be on this network.
        if service == "Arith" && go.list().len() == 1 {
            assert_eq!(go.call(), "ok 200");
        }
    }
    assert!(registrar.leave(SOON).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_come_and_go() {
    // On an interface that every machine has.
    let url = format!(
        "mdns://{}?interval=1s&interface=127.0.0.1",
        domain("come-and-go")
    );
    let none = watch(&url, "Ari");
    let watch = watch(&url, "Arith");
    shows(&watch, &[]).await;
    let long = format!("group=a&note={}", "x".repeat(1000));
    let (first, registrar) = serve(&url, &["Arith", "Other"], &long).await;
    shows(&watch, &[&first]).await;
    assert_eq!(watch.nodes().unwrap()[0].get("note").unwrap().len(), 1000);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let vanishing = serve(&url, &["Arith"], METADATA);
    let (second, _registrar) = tokio::task::block_in_place(|| runtime.block_on(vanishing));
    shows(&watch, &[&first, &second]).await;
    // Without a word.
    runtime.shutdown_background();
    shows(&watch, &[&first]).await;
    assert!(none.nodes().unwrap().is_empty(), "another service");
    let (third, _third) = serve(&url, &["Arith"], METADATA).await;
    shows(&watch, &[&first, &third]).await;
    assert!(registrar.leave(SOON).await);
    shows(&watch, &[&third]).await;
    eventually("an edit of the load", async || {
        let nodes = watch.nodes().unwrap();
        nodes[0].get("calls").as_deref() == Some("2.50")
    })
    .await;
}
