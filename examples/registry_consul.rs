//! Servers that register in consul, and a channel that finds them: as Go programs with rpcx-consul do, with the same keys.

#[allow(unreachable_pub)]
mod registries;

use std::time::Duration;

use registries::{Program, free_port, tour};

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let arguments = |port: u16, _: &str| {
        let ports = [
            ("http-port", port.to_string()),
            ("server-port", free_port().to_string()),
            ("serf-lan-port", free_port().to_string()),
            ("serf-wan-port", "-1".to_owned()),
            ("grpc-port", "-1".to_owned()),
            ("dns-port", "-1".to_owned()),
        ];
        let mut arguments: Vec<String> = ["agent", "-dev", "-bind=127.0.0.1"]
            .map(str::to_owned)
            .into();
        arguments.extend(ports.map(|(name, port)| format!("-{name}={port}")));
        arguments
    };
    // An agent that is not in the path may be named.
    let program = std::env::var("RPCX_CONSUL").unwrap_or_else(|_| "consul".to_owned());
    let how = "tests/interop/README.md says how to build it, or a release of consul";
    let Some(consul) = Program::start(&program, how, arguments).await else {
        return Ok(());
    };
    // It answers before it has a leader.
    tokio::time::sleep(Duration::from_secs(1)).await;
    tour(&format!(
        "consul://{}/rpcx_test?interval=1s",
        consul.address
    ))
    .await
}
