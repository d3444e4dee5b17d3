//! What quinn is told. Its own defaults let a peer take more than a call needs.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use quinn::VarInt;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, Endpoint, EndpointConfig, IdleTimeout, ServerConfig, TokioRuntime,
    TransportConfig,
};
use socket2::SockRef;

use super::super::bind;
use super::super::tls::{ClientTls, Tls};
use super::driver::OneTask;
use super::socket::ClientSocket;
use super::{Quic, window};
use crate::error::{Error, Result};

/// What both sides of Go rpcx name in the handshake.
const ALPN: &[u8] = b"rpcx";

/// The least that is kept until the peer has acknowledged it: a window of a usual peer, and as much
/// again on its way.
const SEND_WINDOW: u64 = 2 << 20;

/// Clients that have sent a first packet and were not looked at yet, and what is kept of each.
const INCOMING: usize = 1024;
const INCOMING_BYTES: u64 = 64 << 10;
const INCOMING_BYTES_TOTAL: u64 = 8 << 20;

/// What is asked of the system for a socket; it gives what it allows. Datagrams that find no room
/// have to be sent again.
const SOCKET_BUFFER: usize = 4 << 20;

/// The certificate that QUIC cannot do without, and the limits of a server.
pub(super) fn server(tls: &Tls, options: &Quic) -> Result<ServerConfig> {
    let crypto = QuicServerConfig::try_from(tls.config(&[ALPN])?)
        .map_err(|error| Error::setup(format!("TLS for QUIC: {error}")).with_source(error))?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    config
        .transport_config(Arc::new(transport(1, options)?))
        .max_incoming(INCOMING)
        .incoming_buffer_size(INCOMING_BYTES)
        .incoming_buffer_size_total(INCOMING_BYTES_TOTAL);
    Ok(config)
}

/// The same for a client, on which the server opens no streams.
pub(super) fn client(tls: &ClientTls, options: &Quic) -> Result<ClientConfig> {
    let crypto = QuicClientConfig::try_from(tls.config(&[ALPN])?)
        .map_err(|error| Error::setup(format!("TLS for QUIC: {error}")).with_source(error))?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport(0, options)?));
    Ok(config)
}

fn transport(streams: u32, options: &Quic) -> Result<TransportConfig> {
    options.check()?;
    let idle = IdleTimeout::try_from(options.idle).map_err(|error| {
        Error::setup(format!("QUIC options: `idle`: {error}")).with_source(error)
    })?;
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(streams))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(options.window))
        .receive_window(VarInt::from_u32(window::FIRST))
        .send_window(SEND_WINDOW.max(2 * u64::from(options.window)))
        .max_idle_timeout(Some(idle))
        // Either side does, because Go sends nothing of its own.
        .keep_alive_interval(Some(options.keep_alive))
        .datagram_receive_buffer_size(None);
    Ok(transport)
}

/// A socket of a server, and what drives it.
pub(super) fn listening(
    address: SocketAddr,
    config: EndpointConfig,
    server: ServerConfig,
) -> io::Result<Endpoint> {
    let socket = buffered(address)?;
    Endpoint::new(config, Some(server), socket, Arc::new(TokioRuntime))
}

/// A socket for one connection to `peer`, and what drives it.
pub(super) fn calling(peer: SocketAddr) -> io::Result<(Endpoint, Arc<ClientSocket>)> {
    let any: SocketAddr = match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = buffered(any)?;
    let socket = ClientSocket::new(socket, peer)?;
    let shared = Arc::<ClientSocket>::clone(&socket);
    let (config, runtime) = (EndpointConfig::default(), Arc::new(OneTask::default()));
    let endpoint = Endpoint::new_with_abstract_socket(config, None, shared, runtime)?;
    Ok((endpoint, socket))
}

fn buffered(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = bind::udp(address)?;
    let options = SockRef::from(&socket);
    // Less is slower and nothing worse.
    let _ = options.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = options.set_send_buffer_size(SOCKET_BUFFER);
    Ok(socket)
}
