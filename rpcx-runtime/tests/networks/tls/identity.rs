//! What a server learns about its clients.

use rpcx_runtime::{ErrorKind, Rejection};

use super::authority::{Authority, uri};
use super::networks::networks;
use super::server::Running;

#[tokio::test]
async fn a_verified_client_has_a_name() {
    for listen in networks() {
        let authority = Authority::new();
        let tls = authority
            .server()
            .request_client_ca_pem(authority.pem.as_bytes())
            .unwrap();
        let server = Running::start(listen, Some(tls)).await;
        let trusting = || authority.client().server_name("localhost").unwrap();

        let billing = authority.certify(|params| {
            let name = rcgen::SanType::DnsName("billing.internal".try_into().unwrap());
            params.subject_alt_names = vec![name, uri("spiffe://internal/billing")];
        });
        let identity = |certified: &super::authority::Certified| {
            let (chain, key) = (certified.chain.as_bytes(), certified.key.as_bytes());
            trusting().identity_pem(chain, key).unwrap()
        };
        let client = server.connect(identity(&billing)).await.unwrap();
        let who = r#"["billing.internal"] Some("spiffe://internal/billing")"#;
        assert_eq!(client.who().await, who, "{listen}");

        // Two ids in one certificate are none.
        let both = authority.certify(|params| {
            params.subject_alt_names = vec![uri("spiffe://a/b"), uri("spiffe://a/c")];
        });
        let client = server.connect(identity(&both)).await.unwrap();
        assert_eq!(client.who().await, "[] None", "{listen}");

        let client = server.connect(trusting()).await.unwrap();
        assert_eq!(client.who().await, "nobody", "{listen}");
    }
}

#[tokio::test]
async fn a_client_that_is_not_asked_stays_unknown() {
    for listen in networks() {
        let authority = Authority::new();
        let server = Running::start(listen, Some(authority.server())).await;
        let own = authority.certify(|_| {});
        let client = authority.client().server_name("localhost").unwrap();
        let client = client.identity_pem(own.chain.as_bytes(), own.key.as_bytes());
        let client = server.connect(client.unwrap()).await.unwrap();
        assert_eq!(client.who().await, "nobody", "{listen}");
    }
}

#[tokio::test]
async fn identity_decides_which_peers_may_call() {
    for listen in networks() {
        let authority = Authority::new();
        let tls = authority
            .server()
            .require_client_ca_pem(authority.pem.as_bytes())
            .unwrap();
        let server = Running::start_with(listen, Some(tls), |server| {
            server.authorize(|request| {
                let identity = request.peer.identity.as_ref();
                let identity = identity.ok_or(Rejection::Unauthenticated)?;
                match identity.spiffe_id() {
                    Some("spiffe://internal/billing") => Ok(()),
                    _ => Err(Rejection::Denied.into()),
                }
            })
        })
        .await;
        let client = |id: &str| {
            let own = authority.certify(|params| params.subject_alt_names = vec![uri(id)]);
            let client = authority.client().server_name("localhost").unwrap();
            let (chain, key) = (own.chain.as_bytes(), own.key.as_bytes());
            client.identity_pem(chain, key).unwrap()
        };
        let error = server.call(client("spiffe://internal/web")).await;
        let error = error.unwrap_err();
        let denied = ErrorKind::Rejected(Rejection::Denied);
        assert_eq!(error.kind(), denied, "{listen}: {error}");
        assert_eq!(error.to_string(), "permission denied", "{listen}");
        assert_eq!((server.runs(), server.handle.stats().denied), (0, 1));
        let outcome = server.call(client("spiffe://internal/billing")).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
    }
}
