//! The services of a registry, which are not named on the command line.

use crate::gateway::{Gateway, answers, ask};
use crate::peers::{rust_server, rust_server_without_reflection};
use crate::registry::{Running, etcd};
use crate::run::rpcx;

/// Keeps the entry of a server for a service.
fn entry(url: &str, service: &str, at: &str) -> Running {
    let address = format!("tcp@{at}");
    let set = [
        "registry",
        "set",
        url,
        service,
        &address,
        "--timeout",
        "60s",
    ];
    let mut set = Running::start(&set);
    assert_eq!(set.line(), format!("registered {address} for {service}"));
    set
}

#[test]
fn services_of_a_registry_are_known_without_being_named() {
    let Some(etcd) = etcd() else { return };
    let url = etcd.url.clone();
    let (arith, mute) = (rust_server(), rust_server_without_reflection());
    // The registry is asked again until it has one.
    let gateway = Gateway::start(&["-l", "tcp@127.0.0.1:0", &url]);
    assert_eq!(
        rpcx(&["registry", "ls", &url, "Arith", "-t", "60s"]).out,
        ""
    );
    let nothing = rpcx(&["list", &url, "-t", "60s"]);
    assert_eq!(nothing.code, Some(3), "{nothing:?}");
    assert!(nothing.err.contains("no services"), "{nothing:?}");
    let kept = [entry(&url, "Arith", &arith), entry(&url, "Mute", &mute)];

    let names = rpcx(&["registry", "ls", &url]);
    assert_eq!(names.out, "Arith\nMute\n", "{names:?}");
    let methods = rpcx(&["list", &url]);
    assert_eq!(methods.code, Some(0), "{methods:?}");
    assert!(methods.out.contains("Arith.Mul\n"), "{methods:?}");
    let said = "`Mute` is left out: refused: the server does not say";
    assert!(methods.err.contains(said), "{methods:?}");
    let described = rpcx(&["describe", &url]).out;
    assert!(
        described.contains("The product of two numbers."),
        "{described}"
    );

    answers(&gateway.at);
    let (status, openapi) = ask(&gateway.at, "GET /openapi.json", "", "");
    assert!(status.contains("200"), "{status} {openapi}");
    let openapi: serde_json::Value = serde_json::from_str(&openapi).unwrap();
    assert!(
        openapi["paths"]["/Arith/Mul"]["post"].is_object(),
        "{openapi}"
    );
    let asked = rpcx(&["list", &gateway.at]);
    assert_eq!(asked.out, methods.out, "{asked:?}");

    drop((kept, etcd));
    let away = rpcx(&["registry", "ls", &url]);
    assert_eq!(away.code, Some(3), "{away:?}");
}
