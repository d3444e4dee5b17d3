//! Errors keep their causes: programs tell them apart without reading texts.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rpcx_runtime::transport::ResolveError;
use rpcx_runtime::transport::tls::{ClientTls, Tls, TlsError};
use rpcx_runtime::{Channel, Error, ErrorKind, Server};
use tokio::net::TcpListener;

use super::authority::Authority;
use super::networks::networks;
use super::server::Running;

/// The first source of this type.
fn find<T: StdError + 'static>(error: &Error) -> Option<&T> {
    let sources = std::iter::successors(error.source(), |error| (*error).source());
    sources.filter_map(|error| error.downcast_ref()).next()
}

fn io_kind(error: &Error) -> Option<io::ErrorKind> {
    find::<io::Error>(error).map(io::Error::kind)
}

async fn refused(address: impl Into<String>) -> Error {
    let builder = Channel::builder().address(address.into());
    let error = builder.build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
    error
}

#[tokio::test]
async fn a_port_without_a_server_is_told_from_a_host_without_an_address() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let free = address;
    for network in ["tcp", "http", "ws"] {
        let error = refused(format!("{network}@{free}")).await;
        assert_eq!(io_kind(&error), Some(io::ErrorKind::ConnectionRefused));
        assert!(find::<ResolveError>(&error).is_none());
        let error = refused(format!("{network}@no-such-host.invalid:1")).await;
        let host = find::<ResolveError>(&error).unwrap().host();
        assert_eq!(host, "no-such-host.invalid", "{error}");
    }
    let error = refused("unix@/no/such/folder/arith.sock").await;
    assert_eq!(io_kind(&error), Some(io::ErrorKind::NotFound));
    let error = refused("mem@no-such-name").await;
    assert_eq!(io_kind(&error), Some(io::ErrorKind::ConnectionRefused));
    let error = refused("tcp6@localhost4.invalid:1").await;
    assert!(find::<ResolveError>(&error).is_some());
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_told_from_one_that_refuses() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ws@{}", silent.local_addr().unwrap());
    let builder = Channel::builder().address(address);
    let builder = builder.connect_timeout(Duration::from_millis(100));
    let error = builder.build().await.unwrap_err();
    assert_eq!(io_kind(&error), Some(io::ErrorKind::TimedOut));
}

/// The cause of a list is that of its first address, and the text has all.
#[tokio::test]
async fn a_list_of_addresses_has_a_cause() {
    let builder = Channel::builder().addresses(["mem@no-such-name", "unix@/no/such/file"]);
    let error = builder.build().await.unwrap_err();
    assert_eq!(io_kind(&error), Some(io::ErrorKind::ConnectionRefused));
    assert!(error.to_string().contains("unix@/no/such/file"), "{error}");
}

/// On every network, and with the error of rustls where there is one.
#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_an_error_of_tls() {
    let (authority, other) = (Authority::new(), Authority::new());
    for listen in networks() {
        let server = Running::start(listen, Some(authority.server())).await;
        let trusting = other.client().server_name("localhost").unwrap();
        let error = server.connect(trusting).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
        assert!(find::<TlsError>(&error).is_some(), "{listen}: {error:?}");
        if !listen.starts_with("quic") {
            let cause = find::<rustls::Error>(&error);
            let about_certificate = matches!(cause, Some(rustls::Error::InvalidCertificate(_)));
            assert!(about_certificate, "{listen}: {error:?}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_bound_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().unwrap();
    let _keeps_it = std::net::TcpListener::bind(taken);
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp = udp.local_addr().map(|address| (udp, address)).unwrap();
    let _other = rpcx_runtime::transport::listen("mem@causes-taken", &Default::default()).await;
    for (address, kind) in [
        (format!("tcp@{taken}"), io::ErrorKind::AddrInUse),
        (format!("quic@{}", udp.1), io::ErrorKind::AddrInUse),
        (format!("kcp@{}", udp.1), io::ErrorKind::AddrInUse),
        ("mem@causes-taken".to_owned(), io::ErrorKind::AddrInUse),
        (
            "tcp@192.0.2.1:0".to_owned(),
            io::ErrorKind::AddrNotAvailable,
        ),
        (
            "unix@/no/such/folder/a.sock".to_owned(),
            io::ErrorKind::NotFound,
        ),
    ] {
        let mut server = Server::builder().listen(&address);
        if address.starts_with("quic") {
            server = server.tls(Authority::new().server());
        }
        let error = server.bind().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
        assert_eq!(io_kind(&error), Some(kind), "{address}: {error:?}");
    }
    let server = Server::builder().listen("tcp@no-such-host.invalid:1");
    let error = server.bind().await.unwrap_err();
    assert!(find::<ResolveError>(&error).is_some(), "{error:?}");
}

#[test]
fn a_file_that_is_not_there_is_told_from_one_that_is_no_certificate() {
    let error = Tls::from_files("/no/such/file.pem", "/no/such/file.key").unwrap_err();
    assert_eq!(io_kind(&error), Some(io::ErrorKind::NotFound));
    let error = ClientTls::roots_pem(b"no certificate").unwrap_err();
    assert!(error.source().is_some());
    assert_eq!(io_kind(&error), None);
}
