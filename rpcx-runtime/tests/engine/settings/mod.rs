//! No setting of a duration or a size panics or hangs, however large it is.

mod any;
mod draw;
mod registries;

use std::time::Duration;

use rpcx_runtime::{Channel, ClientLimits, Limits, MemoryBudget, Server};

use crate::echo::{Echo, EchoClient};

const NEVER: Duration = Duration::MAX;

fn server_limits() -> Limits {
    let mut limits = Limits::server();
    limits.inflated = usize::MAX;
    limits.decoded = usize::MAX;
    limits.connection_calls = usize::MAX;
    limits.blocking_calls = usize::MAX;
    limits.address_blocking_calls = usize::MAX;
    limits.blocking_wait = NEVER;
    limits.server_calls = usize::MAX;
    limits.connection_request_bytes = usize::MAX;
    limits.server_request_bytes = usize::MAX;
    limits.queued_bytes = usize::MAX;
    limits.reply_bytes = usize::MAX;
    limits.memory = MemoryBudget::new(usize::MAX);
    limits.write_rate = usize::MAX;
    limits.connections = usize::MAX;
    limits.address_connections = usize::MAX;
    limits.strikes = u32::MAX;
    limits.handshake = NEVER;
    limits.handshakes = usize::MAX;
    limits.first_byte = NEVER;
    limits.frame_header = NEVER;
    limits.frame_body = NEVER;
    limits.frame_rate = usize::MAX;
    limits.idle = NEVER;
    limits.age = NEVER;
    limits.write_stall = NEVER;
    limits.handler = NEVER;
    limits.heartbeat_bytes = usize::MAX;
    limits.heartbeat_rate = u32::MAX;
    everything(&mut limits.frame);
    limits
}

fn client_limits() -> ClientLimits {
    let mut limits = ClientLimits::new();
    limits.inflated = usize::MAX;
    limits.decoded = usize::MAX;
    limits.connection_calls = usize::MAX;
    limits.queued_bytes = usize::MAX;
    limits.write_stall = NEVER;
    limits.write_rate = usize::MAX;
    limits.push_bytes = usize::MAX;
    everything(&mut limits.frame);
    limits
}

fn everything(limits: &mut rpcx_runtime::protocol::FrameLimits) {
    limits.body = usize::MAX;
    limits.name = usize::MAX;
    limits.metadata = usize::MAX;
    limits.metadata_pairs = usize::MAX;
    limits.metadata_key = usize::MAX;
    limits.metadata_value = usize::MAX;
}

/// A call, a deadline that passes and a shutdown work with everything at its most, on networks with and
/// without a handshake.
#[tokio::test]
async fn the_largest_settings_mean_never_and_without_end() {
    for address in ["tcp@127.0.0.1:0", "ws@127.0.0.1:0", "kcp@127.0.0.1:0"] {
        let server = Server::builder()
            .register(Echo::default())
            .limits(server_limits())
            .shutdown_grace(NEVER)
            .listen(address);
        let server = server.bind().await.unwrap();
        let (address, handle) = (server.addresses()[0].clone(), server.handle());
        let serving = tokio::spawn(server.serve());
        let channel = Channel::builder()
            .address(address)
            .limits(client_limits())
            .connect_timeout(NEVER)
            .heartbeat(NEVER, NEVER)
            .timeout(NEVER);
        let client = EchoClient::new(channel.build().await.unwrap());
        assert_eq!(client.echo(b"x").await.unwrap(), b"x");
        assert_eq!(client.echo(b"y").timeout(NEVER).await.unwrap(), b"y");
        // The task that keeps deadlines is still there.
        let call = client.wait(60_000).timeout(Duration::from_millis(50));
        assert!(call.await.is_err());
        let stats = handle.stats();
        assert_eq!((stats.panics, stats.connections), (0, 1));
        drop(client);
        drop(serving);
        handle.shutdown();
    }
}

/// The same while the connection is made: a silent server, and a call that gives up.
#[tokio::test]
async fn a_dial_without_end_leaves_the_call_its_deadline() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ws@{}", listener.local_addr().unwrap());
    let channel = Channel::builder().address(address).connect_timeout(NEVER);
    let client = EchoClient::new(channel.build_lazy().unwrap());
    let call = client.echo(b"x").timeout(Duration::from_millis(50));
    assert!(call.await.is_err());
}
