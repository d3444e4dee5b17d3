//! A setting that a network cannot honour is an error.

use rpcx_runtime::transport::{ListenOptions, tls::ClientTls};
use rpcx_runtime::{Channel, ErrorKind, Server};

use crate::authority::Authority;
use crate::networks::networks;

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
