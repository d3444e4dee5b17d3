//! Nodes from DNS: SRV records, as a headless service of Kubernetes has them, and a channel that follows them.

#[allow(unreachable_pub, dead_code)]
mod registries;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use registries::{Args, ArithClient, ArithServer, Named, Program, answered, nodes};
use rpcx::discovery::Watch;
use rpcx::{Channel, Server};
use tokio::time::sleep;

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let (one, two) = (serve("one").await?, serve("two").await?);
    let mut hosts = PathBuf::new();
    let arguments = |port: u16, folder: &str| {
        hosts = folder.into();
        fs::write(hosts.join("one"), "127.0.0.1 one.arith.test\n").expect("the folder is new");
        vec![
            "--conf-file=/dev/null".to_owned(),
            "--keep-in-foreground".to_owned(),
            "--no-resolv".to_owned(),
            "--no-hosts".to_owned(),
            "--local=/test/".to_owned(),
            "--bind-interfaces".to_owned(),
            "--listen-address=127.0.0.1".to_owned(),
            "--pid-file=".to_owned(),
            format!("--port={port}"),
            format!("--hostsdir={folder}"),
            format!("--srv-host=_rpcx._tcp.arith.test,one.arith.test,{one}"),
            format!("--srv-host=_rpcx._tcp.arith.test,two.arith.test,{two}"),
        ]
    };
    let how = "`apt-get install dnsmasq-base`";
    // Debian's is not in the path of every user.
    let debian = fs::exists("/usr/sbin/dnsmasq").unwrap_or(false);
    let program = if debian {
        "/usr/sbin/dnsmasq"
    } else {
        "dnsmasq"
    };
    let Some(dns) = Program::start(program, how, arguments).await else {
        return Ok(());
    };
    let url = format!("dns://_rpcx._tcp.arith.test?server={}", dns.address);
    // The second node is not ready yet: its name has no address.
    tour_of(&url, || {
        let ready = fs::write(hosts.join("two"), "127.0.0.1 two.arith.test\n");
        ready.expect("the folder is there");
    })
    .await
}

/// Gives the port of a server.
async fn serve(name: &'static str) -> rpcx::Result<u16> {
    let server = Server::builder()
        .register(ArithServer::new(Named(name)))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let address = server.addresses()[0].socket_addr();
    tokio::spawn(server.serve());
    Ok(address.expect("it is an IP address").port())
}

/// A channel follows a list to which a second server is added.
async fn tour_of(url: &str, add: impl FnOnce()) -> rpcx::Result<()> {
    let watch = Watch::start(rpcx::discovery::open(url)?.discover, "Arith");
    println!("{} server is there", nodes(&watch, 1).await);
    let channel = Channel::builder().registry(url).build().await?;
    let arith = ArithClient::new(channel.clone());
    let reply = arith.mul(Args { a: 6, b: 7 }).await?;
    println!("6 * 7 = {}, computed by {}", reply.c, reply.by);
    add();
    println!("{} servers are there", nodes(&watch, 2).await);
    while channel.nodes().len() < 2 {
        sleep(Duration::from_millis(50)).await;
    }
    let mut by = Vec::new();
    while by.len() < 200 {
        by.push(arith.mul(Args { a: 10, b: 20 }).await?.by);
    }
    println!("200 calls: one has answered {}", answered("one", &by));
    Ok(())
}
