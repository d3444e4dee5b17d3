//! Registries that cannot be reached, asked in any interval: calls and servers have their time all the same.

use std::time::Duration;

use rpcx_runtime::{Channel, Server};

use super::any::{no_panics, soon, watch_panics};
use crate::echo::{Echo, EchoClient};

const TIMES: [Duration; 4] = [
    Duration::MAX,
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_secs(i64::MAX as u64),
];

/// Nothing listens at this port.
const NOTHING: &str = "127.0.0.1:1";

macro_rules! both_ways {
    ($registry:expr) => {
        let server = Server::builder()
            .register(Echo::default())
            .registry_with($registry)
            .shutdown_grace(Duration::from_millis(100))
            .leave_notice(Duration::ZERO)
            .listen("tcp@127.0.0.1:0");
        let server = server.bind().await.unwrap();
        let handle = server.handle();
        let serving = tokio::spawn(server.serve());
        let channel = Channel::builder().discover($registry).build_lazy();
        let client = EchoClient::new(channel.unwrap());
        let call = client.echo(b"x").timeout(Duration::from_millis(100));
        assert!(soon("a call", call).await.is_err());
        handle.shutdown();
        soon("a server", serving).await.unwrap().unwrap();
    };
}

#[cfg(all(
    feature = "consul",
    feature = "etcd",
    feature = "nacos",
    feature = "redis",
    feature = "zookeeper"
))]
#[tokio::test]
async fn any_interval_and_lease_of_a_registry() {
    use rpcx_runtime::discovery::{Consul, Etcd, Nacos, Redis, ZooKeeper};
    watch_panics();
    for interval in TIMES {
        both_ways!(Nacos::new([NOTHING]).unwrap().interval(interval));
        for lease in TIMES {
            both_ways!(
                Consul::new([NOTHING], "/x")
                    .unwrap()
                    .interval(interval)
                    .lease(lease)
            );
            both_ways!(
                Etcd::new([NOTHING], "/x")
                    .unwrap()
                    .interval(interval)
                    .lease(lease)
            );
            both_ways!(
                Redis::new(NOTHING, "/x")
                    .unwrap()
                    .interval(interval)
                    .lease(lease)
            );
            both_ways!(
                ZooKeeper::new([NOTHING], "/x")
                    .unwrap()
                    .interval(interval)
                    .lease(lease)
            );
        }
    }
    no_panics();
}

#[cfg(feature = "mdns")]
#[tokio::test]
async fn any_interval_of_multicast_dns() {
    use rpcx_runtime::discovery::Mdns;
    watch_panics();
    for interval in TIMES {
        let mdns = || {
            Mdns::new()
                .interfaces([std::net::Ipv4Addr::LOCALHOST])
                .interval(interval)
        };
        both_ways!(mdns());
    }
    no_panics();
}

#[cfg(feature = "dns")]
#[tokio::test]
async fn any_interval_of_dns() {
    use rpcx_runtime::discovery::Dns;
    watch_panics();
    for interval in TIMES {
        let servers = [NOTHING.parse().unwrap()];
        let dns = Dns::new("nothing.invalid:80")
            .unwrap()
            .servers(servers)
            .interval(interval);
        let channel = Channel::builder().discover(dns).build_lazy();
        let client = EchoClient::new(channel.unwrap());
        let call = client.echo(b"x").timeout(Duration::from_millis(100));
        assert!(soon("a call", call).await.is_err());
    }
    no_panics();
}
