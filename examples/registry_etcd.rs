//! Servers that register in etcd, and a channel that finds them: as Go programs with rpcx-etcd do, with the same keys.

#[allow(unreachable_pub)]
mod registries;

use registries::{Program, free_port, tour};

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let arguments = |port, folder: &str| {
        let (clients, peers) = (url(port), url(free_port()));
        let options = [
            ("name", "one"),
            ("data-dir", folder),
            ("listen-client-urls", &clients),
            ("advertise-client-urls", &clients),
            ("listen-peer-urls", &peers),
            ("initial-advertise-peer-urls", &peers),
            ("initial-cluster", &format!("one={peers}")),
        ];
        options
            .map(|(name, value)| format!("--{name}={value}"))
            .into()
    };
    let how = "`apt-get install etcd-server`, or a release of etcd 3.4 or later";
    let Some(etcd) = Program::start("etcd", how, arguments).await else {
        return Ok(());
    };
    tour(&format!("etcd://{}/rpcx_test?interval=1s", etcd.address)).await
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}
