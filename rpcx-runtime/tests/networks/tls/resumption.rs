//! Sessions that are resumed, where that is safe, and nothing that is sent before the handshake is
//! done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::Limits;
use rpcx_runtime::transport::tls::{ClientTls, Tls};
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue, WebPkiServerVerifier,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, NamedGroup, SignatureScheme};

use super::authority::{Authority, Certified};
use super::networks::networks;
use super::peers::{der, greet, provider, roots};
use super::server::{Client, Running, eventually};

/// Sees in place of a client which certificates are looked at and which sessions are kept.
#[derive(Debug)]
struct Witness {
    verifier: Arc<WebPkiServerVerifier>,
    sessions: ClientSessionMemoryCache,
    verified: AtomicUsize,
    kept: AtomicUsize,
}

impl Witness {
    fn new(authority: &Authority) -> Arc<Self> {
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots(authority), provider()).build();
        Arc::new(Self {
            verifier: verifier.unwrap(),
            sessions: ClientSessionMemoryCache::new(8),
            verified: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
        })
    }

    /// How many certificates were looked at: one for each full handshake, none for others.
    fn verified(&self) -> usize {
        self.verified.load(Ordering::SeqCst)
    }

    /// How many sessions were there to be kept.
    fn kept(&self) -> usize {
        self.kept.load(Ordering::SeqCst)
    }

    /// A client that would like to send early data, with TLS 1.2 in place of 1.3 if `old`.
    fn client(self: &Arc<Self>, identity: Option<&Certified>, old: bool) -> ClientConfig {
        let versions = match old {
            true => vec![&rustls::version::TLS12],
            false => vec![&rustls::version::TLS13],
        };
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&versions)
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(self) as _);
        let mut config = match identity.map(der) {
            None => config.with_no_client_auth(),
            Some((chain, key)) => config.with_client_auth_cert(chain, key).unwrap(),
        };
        config.resumption = Resumption::store(Arc::clone(self) as _);
        config.enable_early_data = true;
        config
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        let verifier = &self.verifier;
        verifier.verify_server_cert(own, chain, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, own, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, own, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

impl ClientSessionStore for Witness {
    fn set_kx_hint(&self, name: ServerName<'static>, group: NamedGroup) {
        self.sessions.set_kx_hint(name, group);
    }

    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        self.sessions.kx_hint(name)
    }

    fn set_tls12_session(&self, name: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.kept.fetch_add(1, Ordering::SeqCst);
        self.sessions.set_tls12_session(name, session);
    }

    fn tls12_session(&self, name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.sessions.tls12_session(name)
    }

    fn remove_tls12_session(&self, name: &ServerName<'static>) {
        self.sessions.remove_tls12_session(name);
    }

    fn insert_tls13_ticket(&self, name: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.kept.fetch_add(1, Ordering::SeqCst);
        assert_eq!(ticket.max_early_data_size(), 0, "early data is welcome");
        self.sessions.insert_tls13_ticket(name, ticket);
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.sessions.take_tls13_ticket(name)
    }
}

/// The versions of TLS on a network; QUIC has only the newest.
fn versions(listen: &str) -> &'static [bool] {
    match listen.starts_with("quic") {
        true => &[false],
        false => &[false, true],
    }
}

#[tokio::test]
async fn sessions_resume_and_early_data_is_never_taken() {
    for listen in networks() {
        let authority = Authority::new();
        let server = Running::start(listen, Some(authority.server())).await;
        for old in versions(listen) {
            let witness = Witness::new(&authority);
            let client = witness.client(None, *old);
            greet(&server.address, &client).await.unwrap();
            assert!(witness.kept() > 0, "{listen}, TLS 1.2: {old}");
            greet(&server.address, &client).await.unwrap();
            assert_eq!(witness.verified(), 1, "{listen}, TLS 1.2: {old}");
        }
        assert_eq!(server.runs(), 0, "{listen}");
    }
}

/// A resumed session carries its client's certificate along, without a look at its dates or at
/// revocation lists, and hands out the next ticket: it would be good for ever.
#[tokio::test]
async fn a_client_that_showed_a_certificate_resumes_nothing() {
    for listen in networks() {
        let authority = Authority::new();
        let own = authority.certify(|_| {});
        let roots = authority.pem.as_bytes();
        let (required, welcome) = (
            authority.server().require_client_ca_pem(roots).unwrap(),
            authority.server().request_client_ca_pem(roots).unwrap(),
        );
        for tls in [required, welcome] {
            let server = Running::start(listen, Some(tls)).await;
            for old in versions(listen) {
                let witness = Witness::new(&authority);
                let client = witness.client(Some(&own), *old);
                for _ in 0..2 {
                    greet(&server.address, &client).await.unwrap();
                }
                let seen = (witness.verified(), witness.kept());
                assert_eq!(seen, (2, 0), "{listen}, TLS 1.2: {old}");
            }
        }
    }
}

/// A server that ends connections as soon as they are idle, so that a channel opens new ones.
async fn brief(listen: &str, tls: Tls) -> Running {
    let mut limits = Limits::server();
    limits.idle = Duration::from_millis(50);
    Running::start_with(listen, Some(tls), |server| server.limits(limits)).await
}

/// Waits until the server has ended the connections it has had so far.
async fn idle(server: &Running) {
    eventually("the connection is ended", || {
        server.handle.stats().open_connections == 0
    })
    .await;
}

/// Seen by a certificate that no peer would trust, and none looks at.
#[tokio::test]
async fn a_channel_resumes_its_session_when_it_connects_again() {
    for listen in networks() {
        let (authority, stranger) = (Authority::new(), Authority::new());
        let tls = authority.server();
        let server = brief(listen, tls.clone()).await;
        let trusting = authority.client().server_name("localhost").unwrap();
        let client = server.connect(trusting.clone()).await.unwrap();
        assert_eq!(client.echo(b"first").await.unwrap(), b"first", "{listen}");
        idle(&server).await;
        let other = stranger.certify(|_| {});
        tls.replace_pem(other.chain.as_bytes(), other.key.as_bytes())
            .unwrap();
        let again = client.echo(b"again").idempotent().await;
        assert_eq!(again.unwrap(), b"again", "{listen}");
        assert!(server.handle.stats().connections >= 2, "{listen}");
        // Another channel has no session, and sees the certificate.
        let error = server.call(trusting).await.unwrap_err();
        assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    }
}

#[tokio::test]
async fn a_client_that_was_revoked_is_out_with_its_next_connection() {
    for listen in networks() {
        let authority = Authority::new();
        let certify = |serial: u64| {
            let own = authority.certify(|params| params.serial_number = Some(serial.into()));
            let client = authority.client().server_name("localhost").unwrap();
            let (chain, key) = (own.chain.as_bytes(), own.key.as_bytes());
            client.identity_pem(chain, key).unwrap()
        };
        let tls = authority
            .server()
            .require_client_ca_pem(authority.pem.as_bytes())
            .unwrap();
        let server = brief(listen, tls.clone()).await;
        let connect = |tls: ClientTls| Client::lazy(&server.address, Some(tls));
        let (good, bad) = (connect(certify(1)), connect(certify(2)));
        for client in [&good, &bad] {
            assert_eq!(client.echo(b"in").await.unwrap(), b"in", "{listen}");
        }
        idle(&server).await;
        let list = authority.revoke(&[2]);
        tls.replace_revocations_pem(list.as_bytes()).unwrap();
        let error = bad.echo(b"again").idempotent().await.unwrap_err();
        assert!(error.to_string().contains("Revoked"), "{listen}: {error}");
        assert_eq!(server.runs(), 2, "{listen}");
        let outcome = good.echo(b"again").idempotent().await;
        assert_eq!(outcome.unwrap(), b"again", "{listen}");
    }
}

#[test]
fn lists_without_an_authority_for_clients_are_an_error() {
    let authority = Authority::new();
    let list = authority.revoke(&[1]);
    let tls = authority.server();
    let error = tls.replace_revocations_pem(list.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("client authority"), "{error}");
    let tls = tls.require_client_ca_pem(authority.pem.as_bytes()).unwrap();
    let broken = "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n";
    let error = tls.replace_revocations_pem(broken.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("revocation list"), "{error}");
}
