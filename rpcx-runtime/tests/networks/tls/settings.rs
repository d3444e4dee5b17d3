//! A setting that a network cannot honour is an error.

use std::io;

use rpcx_runtime::transport::{
    Address, BoxFuture, ConnectOptions, Incoming, Listen, ListenOptions,
    tls::{ClientTls, Tls},
};
use rpcx_runtime::{Channel, ErrorKind, Server};

use super::authority::Authority;
use super::networks::networks;

#[tokio::test]
async fn networks_without_tls_refuse_it() {
    let authority = Authority::new();
    for address in ["mem@settings", "kcp@127.0.0.1:1"] {
        let server = Server::builder().listen(address).tls(authority.server());
        let error = server.bind().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(error.to_string().contains("TLS"), "{error}");
        let channel = Channel::builder().address(address).tls(authority.client());
        let error = channel.build_lazy().unwrap_err();
        assert!(error.to_string().contains("TLS"), "{error}");
    }
}

#[tokio::test]
async fn networks_that_need_tls_do_not_start_without() {
    for address in ["wss@127.0.0.1:0", "quic@127.0.0.1:0"] {
        let error = Server::builder().listen(address).bind().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
    }
}

/// One listener may be plain beside others with TLS, when it says so.
#[tokio::test]
async fn plain_text_is_said_aloud() {
    let authority = Authority::new();
    let server = Server::builder()
        .tls(authority.server())
        .listen("tcp@127.0.0.1:0")
        .listen_with("mem@plain-beside-tls", ListenOptions::new().plaintext());
    server.bind().await.unwrap();
}

/// A network from outside the crate, on which no connection comes.
struct Pipes;

impl Listen for Pipes {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(std::future::pending())
    }

    fn address(&self) -> Address {
        Address::custom("pipe", "example")
    }
}

#[tokio::test]
async fn a_listener_of_ones_own_is_not_plain_in_silence() {
    let authority = Authority::new();
    let listen = || Server::builder().tls(authority.server());
    let own = ListenOptions::new().tls(authority.server());
    for server in [
        listen().listener(Pipes),
        Server::builder().listener(Pipes).tls(authority.server()),
        Server::builder().listener_with(Pipes, own),
    ] {
        let error = server.bind().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        let error = error.to_string();
        for said in ["`pipe@example`", "TLS", "ListenOptions::new().plaintext()"] {
            assert!(error.contains(said), "{error}");
        }
    }
    let said_aloud = listen().listener_with(Pipes, ListenOptions::new().plaintext());
    said_aloud.bind().await.unwrap();
    Server::builder().listener(Pipes).bind().await.unwrap();
}

#[tokio::test]
async fn a_listener_of_ones_own_has_no_other_options() {
    let options = ListenOptions::new().path("/rpc");
    let server = Server::builder().listener_with(Pipes, options);
    let error = server.bind().await.unwrap_err().to_string();
    assert!(
        error.contains("`pipe@example`") && error.contains("`path`"),
        "{error}"
    );
}

/// Whatever is said first, and whatever else is said.
#[tokio::test]
async fn options_do_not_take_the_tls_of_a_channel_away() {
    let authority = Authority::new();
    let options = ConnectOptions::new;
    for (channel, refused) in [
        (Channel::builder().address("mem@a"), false),
        (
            Channel::builder().address("mem@a").tls(authority.client()),
            true,
        ),
        (
            Channel::builder()
                .tls(authority.client())
                .address("mem@a")
                .connect_options(options()),
            true,
        ),
        (
            Channel::builder()
                .tls(authority.client())
                .address_with("mem@a", options()),
            true,
        ),
        (
            Channel::builder()
                .tls(authority.client())
                .address_with("mem@a", options().plaintext()),
            false,
        ),
        (
            Channel::builder().address_with("mem@a", options().tls(authority.client())),
            true,
        ),
    ] {
        let outcome = channel.build_lazy().map_err(|error| error.to_string());
        assert_eq!(outcome.is_err(), refused, "{outcome:?}");
        assert!(outcome.err().is_none_or(|error| error.contains("TLS")));
    }
}

#[tokio::test]
async fn what_has_no_plain_text_is_not_asked_for_it() {
    for address in ["quic@localhost:1", "wss@localhost:1"] {
        let options = ConnectOptions::new().plaintext();
        let channel = Channel::builder().address_with(address, options);
        let error = channel.build_lazy().unwrap_err().to_string();
        assert!(
            error.contains(address) && error.contains("`plaintext`"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn the_name_of_the_server_is_known_or_asked_for() {
    let authority = Authority::new();
    let channel = Channel::builder()
        .address("tcp@:80")
        .tls(authority.client());
    let error = channel.build_lazy().unwrap_err();
    assert!(error.to_string().contains("server_name"), "{error}");
}

/// A key of another certificate is noticed when the channel is built, not at its first call.
#[tokio::test]
async fn a_client_key_must_fit() {
    let authority = Authority::new();
    let (one, other) = (authority.certify(|_| {}), authority.certify(|_| {}));
    let tls = authority
        .client()
        .identity_pem(one.chain.as_bytes(), other.key.as_bytes())
        .unwrap();
    let channel = Channel::builder().address("tcp@localhost:1").tls(tls);
    let error = channel.build_lazy().unwrap_err();
    assert!(error.to_string().contains("client certificate"), "{error}");
}

#[tokio::test]
async fn revocation_lists_need_roots() {
    let authority = Authority::new();
    let list = authority.revoke(&[1]);
    let tls = ClientTls::dangerous_trust_anyone().revocations_pem(list.as_bytes());
    let channel = Channel::builder()
        .address("tcp@localhost:1")
        .tls(tls.unwrap());
    let error = channel.build_lazy().unwrap_err();
    assert!(error.to_string().contains("revocation"), "{error}");
}

/// A list of addresses is checked as a whole.
#[tokio::test]
async fn one_unfit_address_refuses_the_list() {
    let authority = Authority::new();
    let addresses = ["tcp@localhost:1", "mem@x"];
    let channel = Channel::builder()
        .addresses(addresses)
        .tls(authority.client());
    let error = channel.build_lazy().unwrap_err();
    assert!(error.to_string().contains("mem@x"), "{error}");
}

#[tokio::test]
async fn revocation_lists_of_clients_need_an_authority_for_them() {
    let authority = Authority::new();
    let list = authority.revoke(&[1]);
    let tls = authority.server().revocations_pem(list.as_bytes()).unwrap();
    for listen in networks() {
        let listen = listen.replace("unix@", "unix@/nowhere/x");
        let server = Server::builder().listen(&listen).tls(tls.clone());
        let error = server.bind().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{listen}");
        assert!(error.to_string().contains("client authority"), "{error}");
    }
}

/// What stands in the place of a certificate or of its key is named, with the way out.
#[test]
fn certificates_and_keys_that_are_something_else_are_named() {
    let authority = Authority::new();
    let (one, other) = (authority.certify(|_| {}), authority.certify(|_| {}));
    let (chain, key) = (one.chain.as_bytes(), one.key.as_bytes());
    let encrypted = one.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let request = one.chain.replace("CERTIFICATE", "CERTIFICATE REQUEST");
    let broken = one.chain.replace("MII", "M!I");
    for (chain, key, said) in [
        (
            key,
            chain,
            "the certificate cannot be used: it is a private key",
        ),
        (
            chain,
            chain,
            "the private key cannot be used: it is a certificate",
        ),
        (
            chain,
            encrypted.as_bytes(),
            "it is encrypted: decrypt it with",
        ),
        (request.as_bytes(), key, "a request for a certificate"),
        (b"server.pem", key, "the path of a file"),
        (b"", key, "it is empty"),
        (broken.as_bytes(), key, "the certificate cannot be used"),
        (
            chain,
            other.key.as_bytes(),
            "the key is not that of the certificate",
        ),
    ] {
        let error = Tls::from_pem(chain, key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(error.to_string().contains(said), "{error}");
        let cause = std::error::Error::source(&error);
        assert!(cause.is_some(), "{error} has a cause");
    }
    let error = ClientTls::roots_pem(key).unwrap_err();
    assert!(error.to_string().contains("it is a private key"), "{error}");
    let error = authority.client().revocations_pem(chain).unwrap_err();
    assert!(error.to_string().contains("a revocation list"), "{error}");
}
