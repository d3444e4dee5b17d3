//! Servers on the local network that make themselves known by multicast DNS, and a channel that finds them: without a
//! registry, and beside Go programs with the plugin for mDNS.

#[allow(unreachable_pub, dead_code)]
mod registries;

use registries::tour;

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    // On the loopback interface, so that it is seen nowhere else. Without `interface` it is the local network.
    tour("mdns://example.local?interface=127.0.0.1&interval=1s").await
}
