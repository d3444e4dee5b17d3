//! Nacos, with rpcx-nacos, where `RPCX_NACOS` names the server: `tests/interop/README.md` says how it is made.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::discovery::encode_metadata;
use serde_json::Value;

use super::go::Go;
use super::scenarios::{Backend, SOON, shows};
use super::secured::{certify, is_entered_by, path};
use super::servers::{NACOS, Registry, asked};

/// What Go and Rust make of the metadata that the scenarios have.
const METADATA: &str = "group=a&network=tcp&tag=x+y&weight=7";

const BACKEND: Backend = Backend {
    kind: "nacos",
    start: &NACOS,
    url: |registry| {
        format!(
            "nacos://{}/rpcx_test?cluster=test&interval=1s",
            registry.address()
        )
    },
    go_options: &["-base", "rpcx_test"],
    dump,
    put: |_, _, _| unreachable!("an administrator of nacos has no keys"),
    forgets: true,
};

fn request(registry: &Registry, method: &str, path: &str) -> String {
    let head = format!("{method} /nacos/v1/ns/{path} HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
    let answer = asked(registry.port(), &head);
    answer
        .split_once("\r\n\r\n")
        .unwrap_or_default()
        .1
        .to_owned()
}

fn instances(registry: &Registry, service: &str) -> Vec<Value> {
    let path = format!("instance/list?groupName=rpcx_test&serviceName={service}");
    let answer: Value = serde_json::from_str(&request(registry, "GET", &path)).unwrap_or_default();
    answer["hosts"].as_array().cloned().unwrap_or_default()
}

fn dump(registry: &Registry) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for service in ["Arith", "Echo"] {
        for instance in instances(registry, service) {
            let metadata = instance["metadata"].as_object().unwrap().iter();
            let metadata = metadata.map(|(key, value)| (key, value.as_str().unwrap()));
            let (ip, port) = (instance["ip"].as_str().unwrap(), &instance["port"]);
            found.insert(
                format!("/{service}/tcp@{ip}:{port}"),
                encode_metadata(metadata),
            );
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn go_servers_are_found() {
    BACKEND.finds_go_servers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn go_clients_find_us() {
    let Some(registry) = NACOS.start() else {
        return;
    };
    let server = BACKEND.serve(&registry, &["Arith"]).await;
    let Some(mut go) = Go::discover("nacos", &registry, BACKEND.go_options) else {
        return;
    };
    assert_eq!(go.call(), "ok 200");
    let expected = BTreeMap::from([(server.address.clone(), METADATA.to_owned())]);
    assert_eq!(go.list(), expected);
    assert!(server.registrar.leave(SOON).await);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(dump(&registry), BTreeMap::new());
}

/// But for its weight, which Go has from a setting beside the metadata.
#[tokio::test(flavor = "multi_thread")]
async fn instances_are_those_of_go() {
    let Some(registry) = NACOS.start() else {
        return;
    };
    let Some(go) = BACKEND.serve_go(&registry) else {
        return;
    };
    let rust = BACKEND.serve(&registry, &["Arith", "Echo"]).await;
    for service in ["Arith", "Echo"] {
        let recorded = |address: &str| {
            let (_, text) = address.rsplit_once(':').unwrap();
            let port: u16 = text.parse().unwrap();
            let all = instances(&registry, service).into_iter();
            let mut found = all.filter(|one| one["port"] == port);
            let mut found = found
                .next()
                .unwrap_or_else(|| panic!("no {service} at {address}"));
            found.as_object_mut().unwrap().remove("weight");
            found.to_string().replace(text, "PORT")
        };
        assert_eq!(recorded(&rust.address), recorded(&go.address));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived() {
    BACKEND.survives_an_outage(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_survived() {
    BACKEND.survives_silence(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_is_survived() {
    BACKEND.survives_a_partition().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_come_late() {
    BACKEND.may_come_late().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_empty() {
    BACKEND.empties_a_list().await;
}

/// Nacos leaves it out of lists, and keeps it while beats come.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_disables_is_not_called() {
    let Some(registry) = NACOS.start() else {
        return;
    };
    let first = BACKEND.serve(&registry, &["Arith"]).await;
    let second = BACKEND.serve(&registry, &["Arith"]).await;
    let watch = BACKEND.watch(&registry, "Arith");
    shows(&watch, &[&first.address, &second.address]).await;
    let (_, port) = first.address.rsplit_once(':').unwrap();
    let enable = |enabled: bool| {
        let metadata = "%7B%22network%22%3A%22tcp%22%7D";
        let path = format!(
            "instance?serviceName=Arith&groupName=rpcx_test&clusterName=test&ip=127.0.0.1&port={port}\
             &ephemeral=true&enabled={enabled}&metadata={metadata}"
        );
        assert_eq!(request(&registry, "PUT", &path), "ok");
    };
    enable(false);
    shows(&watch, &[&second.address]).await;
    tokio::time::sleep(Duration::from_secs(40)).await;
    shows(&watch, &[&second.address]).await;
    enable(true);
    shows(&watch, &[&first.address, &second.address]).await;
}

/// HTTPS, and a user who has to log in: the filter of nacos, with a plugin of ours behind it.
#[tokio::test(flavor = "multi_thread")]
async fn it_may_have_a_certificate_and_users() {
    let Some(mut registry) = NACOS.later() else {
        return;
    };
    certify(&registry);
    let (cert, key) = (path(&registry, "cert"), path(&registry, "key"));
    registry.options = [
        "nacos.core.auth.enabled=true",
        "nacos.core.auth.system.type=one-user",
        "nacos.core.auth.server.identity.key=a",
        "nacos.core.auth.server.identity.value=b",
        &format!("server.ssl.certificate=file:{cert}"),
        &format!("server.ssl.certificate-private-key=file:{key}"),
    ]
    .map(|option| format!("--{option}"))
    .into();
    registry.run();
    let ca = path(&registry, "ca");
    let port = registry.port();
    let at = |who: &str| format!("nacos://{who}localhost:{port}/rpcx_test?interval=1s&ca={ca}");
    let right = at("ann:secret%201@");
    let other = right.replace(&ca, &path(&registry, "other-ca"));
    let plain = format!("nacos://ann:secret%201@localhost:{port}/rpcx_test?interval=1s");
    is_entered_by(
        &right,
        &[
            (&at("ann:secret%202@"), "403 Forbidden: unknown user!"),
            (&at(""), "403 Forbidden"),
            (&other, "invalid peer certificate"),
            (&plain, "requires TLS"),
        ],
    )
    .await;
}

#[test]
fn a_wrong_url_says_what_is_wrong() {
    for (url, said) in [
        ("nacos://ann@h", "a user has a password"),
        ("nacos://h/g?ttl=30s", "nacos decides itself"),
        (
            "nacos://h/g?spacename=x",
            "the option `spacename` is not known",
        ),
    ] {
        let error = rpcx::discovery::open(url).unwrap_err();
        assert!(error.message().contains(said), "{error}");
    }
    assert!(
        rpcx::discovery::open("nacos://h").is_ok(),
        "the group has a default"
    );
}
