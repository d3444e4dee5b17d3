//! Nodes from DNS: SRV records, as a headless service of Kubernetes has them, and a channel that follows them.

#[allow(unreachable_pub, dead_code)]
mod registries;

use std::fs;
use std::path::PathBuf;

use registries::{ArithServer, Named, Program, tour_of};
use rpcx::Server;

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
