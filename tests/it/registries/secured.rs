//! Registries with certificates and users: what a program with the right ones sees, and what one without is told.

use std::time::Duration;

use rpcx::Channel;
use rpcx::discovery::{Registrar, Registration, Watch};

use super::scenarios::{Args, ArithClient, eventually, open, shows};
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

/// A server registers by this URL, a client finds it there, and by each of the wrong ones both are told this.
pub(super) async fn is_entered_by(url: &str, wrong: &[(&str, &str)]) {
    let registration = || Registration::new("Arith", ADDRESS.parse().unwrap(), "group=a");
    let register = |url: &str| {
        let register = open(url).register.unwrap();
        Registrar::start(register, vec![registration()])
    };
    let mut registrar = register(url);
    registrar.registered().await;
    let watch = Watch::start(open(url).discover, "Arith");
    shows(&watch, &[ADDRESS]).await;
    for (wrong, said) in wrong {
        let kept_out = register(wrong);
        let watch = Watch::start(open(wrong).discover, "Arith");
        let error = || {
            let error = watch.error();
            error.map(|error| error.to_string()).unwrap_or_default()
        };
        eventually("an error", async || !error().is_empty()).await;
        assert!(error().contains(said), "`{said}` by {wrong}: {}", error());
        assert_eq!(watch.nodes(), None, "{wrong}");
        assert!(!kept_out.is_registered(), "{wrong}");
        // A call says it too, and no secret.
        let channel = Channel::builder().registry(wrong);
        let channel = channel.connect_timeout(Duration::from_secs(2));
        let arith = ArithClient::new(channel.build_lazy().unwrap());
        let failed = arith.mul(Args { a: 1, b: 1 }).await.unwrap_err();
        let failed = failed.to_string();
        assert!(failed.contains(said), "{failed}");
        assert!(!failed.contains("secret") && !error().contains("secret"));
    }
    shows(&watch, &[ADDRESS]).await;
    assert!(registrar.leave(Duration::from_secs(5)).await);
}
