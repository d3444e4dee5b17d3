//! Which servers a client trusts, and which clients a server.

use rpcx_runtime::ErrorKind;
use rpcx_runtime::transport::tls::ClientTls;
use time::{Duration, OffsetDateTime};

use super::authority::{Authority, Certified, self_signed};
use super::networks::{negotiates, networks};
use super::server::Running;

/// That `client` refuses a server with this certificate, for a reason that says `reason`, and
/// before the server has got a request.
async fn refused(listen: &str, certified: &Certified, client: ClientTls, reason: &str) {
    let server = Running::start(listen, Some(certified.tls())).await;
    let client = client.server_name("localhost").unwrap();
    let error = server.call(client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{listen}: {error}");
    assert!(error.to_string().contains(reason), "{listen}: {error}");
    assert_eq!(server.runs(), 0, "{listen}");
}

#[tokio::test]
async fn a_trusted_server_is_called() {
    for listen in networks() {
        let authority = Authority::new();
        let server = Running::start(listen, Some(authority.server())).await;
        let client = authority.client().server_name("localhost").unwrap();
        assert_eq!(server.call(client).await.unwrap(), b"hello", "{listen}");
    }
}

#[tokio::test]
async fn dates_are_looked_at() {
    let now = OffsetDateTime::now_utc();
    for listen in networks() {
        let authority = Authority::new();
        let expired = authority.certify(|params| params.not_after = now - Duration::HOUR);
        refused(listen, &expired, authority.client(), "expired").await;
        let early = authority.certify(|params| params.not_before = now + Duration::HOUR);
        refused(listen, &early, authority.client(), "not valid yet").await;
    }
}

#[tokio::test]
async fn names_are_looked_at() {
    for listen in networks() {
        let authority = Authority::new();
        let other = rcgen::SanType::DnsName("other.example".try_into().unwrap());
        let other = authority.certify(|params| params.subject_alt_names = vec![other]);
        refused(listen, &other, authority.client(), "other.example").await;
    }
}

#[tokio::test]
async fn authorities_are_looked_at() {
    for listen in networks() {
        let (authority, other) = (Authority::new(), Authority::new());
        let stranger = other.certify(|_| {});
        refused(listen, &stranger, authority.client(), "UnknownIssuer").await;
        refused(listen, &self_signed(), authority.client(), "UnknownIssuer").await;
    }
}

#[tokio::test]
async fn revocations_are_looked_at() {
    for listen in networks() {
        let authority = Authority::new();
        let serial = 77;
        let certified = authority.certify(|params| params.serial_number = Some(serial.into()));
        let listed = |serials: &[u64]| {
            let list = authority.revoke(serials);
            authority.client().revocations_pem(list.as_bytes()).unwrap()
        };
        refused(listen, &certified, listed(&[serial]), "Revoked").await;
        let server = Running::start(listen, Some(certified.tls())).await;
        let client = listed(&[serial + 1]).server_name("localhost").unwrap();
        assert_eq!(server.call(client).await.unwrap(), b"hello", "{listen}");
    }
}

#[tokio::test]
async fn a_pinned_certificate_needs_no_authority() {
    for listen in networks() {
        let (pinned, other) = (self_signed(), self_signed());
        let client = ClientTls::pinned_pem(pinned.chain.as_bytes()).unwrap();
        let client = client.server_name("whatever.example").unwrap();
        let server = Running::start(listen, Some(pinned.tls())).await;
        let outcome = server.call(client.clone()).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
        refused(listen, &other, client, "certificate").await;
    }
}

#[tokio::test]
async fn trusting_anyone_is_possible_under_its_name() {
    for listen in networks() {
        let server = Running::start(listen, Some(self_signed().tls())).await;
        let client = ClientTls::dangerous_trust_anyone();
        let client = client.server_name("whatever.example").unwrap();
        assert_eq!(server.call(client).await.unwrap(), b"hello", "{listen}");
    }
}

/// In TLS 1.3 a client is done before the server has looked at its certificate. Where nothing is
/// negotiated behind TLS its call may be on the way by then, and only the server knows that it
/// never saw it.
#[tokio::test]
async fn clients_without_a_good_certificate_are_refused_and_told_why() {
    for listen in networks() {
        let (authority, other) = (Authority::new(), Authority::new());
        let serial = 5;
        let revoked = authority.certify(|params| params.serial_number = Some(serial.into()));
        let tls = authority
            .server()
            .require_client_ca_pem(authority.pem.as_bytes())
            .and_then(|tls| tls.revocations_pem(authority.revoke(&[serial]).as_bytes()))
            .unwrap();
        let server = Running::start(listen, Some(tls)).await;
        let client = || authority.client().server_name("localhost").unwrap();
        let with = |certified: &Certified| {
            let (chain, key) = (certified.chain.as_bytes(), certified.key.as_bytes());
            client().identity_pem(chain, key).unwrap()
        };
        let past = OffsetDateTime::now_utc() - Duration::HOUR;
        let expired = authority.certify(|params| params.not_after = past);
        let refusals: [(ClientTls, &str); 4] = [
            (client(), "CertificateRequired"),
            (with(&other.certify(|_| {})), "UnknownCA"),
            (with(&expired), "CertificateExpired"),
            (with(&revoked), "CertificateRevoked"),
        ];
        for (client, alert) in refusals {
            let error = server.call(client).await.unwrap_err();
            assert!(error.to_string().contains(alert), "{listen}: {error}");
            let kind = error.kind();
            let maybe_sent = !negotiates(listen) && kind == ErrorKind::Unknown;
            assert!(
                kind == ErrorKind::NotSent || maybe_sent,
                "{listen}, {alert}: {kind:?}"
            );
        }
        assert_eq!(server.runs(), 0, "{listen}");
        let outcome = server.call(with(&authority.certify(|_| {}))).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
    }
}
