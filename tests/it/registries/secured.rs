//! Registries with certificates and users: what a program with the right ones sees, and what one without is told.

use std::time::Duration;

use rpcx::Channel;
use rpcx::discovery::{Registrar, Registration, Watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::scenarios::{Args, ArithClient, SOON, open, shows};
use super::servers::Registry;
use crate::certificates::Authority;

/// The path of a file in the folder of a registry.
pub(super) fn path(registry: &Registry, name: &str) -> String {
    registry.folder.join(name).to_str().unwrap().to_owned()
}

/// Writes `ca`, `cert` and `key` of a server that is called `localhost`, and `client-cert` and `client-key`; and `other-ca`, which has
/// signed none of them.
pub(super) fn certify(registry: &Registry) {
    let authority = Authority::new().unwrap();
    let server = authority.issue(&["localhost"]).unwrap();
    let client = authority.issue(&["a client"]).unwrap();
    let files = [
        ("ca", &authority.pem),
        ("cert", &server.pem),
        ("key", &server.key),
        ("client-cert", &client.pem),
        ("client-key", &client.key),
        ("other-ca", &Authority::new().unwrap().pem),
    ];
    for (name, text) in files {
        std::fs::write(path(registry, name), text).unwrap();
    }
}

const ADDRESS: &str = "tcp@127.0.0.1:1";

fn register(url: &str) -> Registrar {
    let registration = Registration::new("Arith", ADDRESS.parse().unwrap(), "group=a");
    Registrar::start(open(url).register.unwrap(), vec![registration])
}

/// A server registers by this URL, a client finds it there, and by each of the wrong ones both are told this.
pub(super) async fn is_entered_by(url: &str, wrong: &[(&str, &str)]) {
    let mut registrar = register(url);
    registrar.registered().await;
    let watch = Watch::start(open(url).discover, "Arith");
    shows(&watch, &[ADDRESS]).await;
    let owned = |(url, said): &(&str, &str)| ((*url).to_owned(), (*said).to_owned());
    let kept_out = wrong
        .iter()
        .map(owned)
        .map(|(url, said)| async move { is_kept_out(&url, &said).await });
    JoinSet::from_iter(kept_out).join_all().await;
    shows(&watch, &[ADDRESS]).await;
    assert!(registrar.leave(Duration::from_secs(5)).await);
}

async fn is_kept_out(url: &str, said: &str) {
    let registrar = register(url);
    let watch = Watch::start(open(url).discover, "Arith");
    let error = timeout(SOON, first_error(&watch)).await;
    let error = error.expect("an error");
    assert!(error.contains(said), "`{said}` by {url}: {error}");
    assert_eq!(watch.nodes(), None, "{url}");
    assert!(!registrar.is_registered(), "{url}");
    // A call says it too, and no secret.
    let channel = Channel::builder().registry(url);
    let channel = channel.connect_timeout(Duration::from_secs(2));
    let arith = ArithClient::new(channel.build_lazy().unwrap());
    let failed = arith.mul(Args { a: 1, b: 1 }).await.unwrap_err();
    let failed = failed.to_string();
    assert!(failed.contains(said), "{failed}");
    assert!(!failed.contains("secret") && !error.contains("secret"));
}

async fn first_error(watch: &Watch) -> String {
    loop {
        if let Some(error) = watch.error() {
            return error.to_string();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
