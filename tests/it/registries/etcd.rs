//! etcd, with rpcx-etcd.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use rpcx::discovery::{Registrar, Registration, Watch};

use super::scenarios::{Backend, eventually, open, shows};
use super::secured::{certify, is_entered_by, path};
use super::servers::{ETCD, Registry, answered, free_port};

const BACKEND: Backend = Backend {
    kind: "etcd",
    start: &ETCD,
    url: |registry| format!("etcd://{}/rpcx_test?interval=1s&ttl=2s", registry.address()),
    go_options: &["-update", "2s"],
    dump,
    put: |registry, key, value| {
        control(registry, &["put", &format!("/rpcx_test/{key}")], value);
    },
    forgets: true,
};

fn control(registry: &Registry, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new("etcdctl");
    command
        .env("ETCDCTL_API", "3")
        .args(["--endpoints", &registry.address()]);
    answered(command.args(arguments), input)
}

fn dump(registry: &Registry) -> BTreeMap<String, String> {
    let answer = control(registry, &["get", "", "--prefix", "-w", "json"], "");
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let text = |value: &serde_json::Value| {
        let bytes = BASE64.decode(value.as_str().unwrap_or_default()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let pairs = answer["kvs"].as_array().into_iter().flatten();
    pairs
        .map(|pair| (text(&pair["key"]), text(&pair["value"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn go_servers_are_found() {
    BACKEND.finds_go_servers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn go_clients_find_us() {
    BACKEND.is_found_by_go().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_values_are_those_of_go() {
    BACKEND.writes_what_go_writes().await;
}

/// Without its data.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived() {
    BACKEND.survives_an_outage(Duration::from_secs(2)).await;
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
async fn services_are_told_apart() {
    BACKEND.tells_services_apart().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_survived() {
    BACKEND.survives_silence(Duration::from_secs(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_vanishes_is_forgotten() {
    let within = Duration::from_secs(6);
    BACKEND.forgets_a_server_that_vanishes(within).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_empty() {
    BACKEND.empties_a_list().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_known_by_their_passwords() {
    let Some(registry) = ETCD.start() else { return };
    control(&registry, &["user", "add", "root:se cret"], "");
    control(&registry, &["user", "grant-role", "root", "root"], "");
    control(&registry, &["auth", "enable"], "");
    let url = |user: &str| format!("etcd://{user}{}/rpcx_test?interval=1s", registry.address());
    let register = open(&url("root:se%20cret@")).register.unwrap();
    let address = "tcp@127.0.0.1:1".parse().unwrap();
    let registration = Registration::new("Arith", address, "");
    let mut registrar = Registrar::start(register, vec![registration]);
    registrar.registered().await;
    let watch = Watch::start(open(&url("root:se%20cret@")).discover, "Arith");
    shows(&watch, &["tcp@127.0.0.1:1"]).await;
    for (user, said) in [("root:wrong@", "invalid user"), ("", "user name is empty")] {
        let watch = Watch::start(open(&url(user)).discover, "Arith");
        eventually(said, async || {
            watch
                .error()
                .is_some_and(|error| error.message().contains(said))
        })
        .await;
    }
    assert!(registrar.leave(Duration::from_secs(5)).await);
}

/// And ask for one.
#[tokio::test(flavor = "multi_thread")]
async fn it_may_have_a_certificate() {
    let Some(mut registry) = ETCD.later() else {
        return;
    };
    certify(&registry);
    let path = |name: &str| path(&registry, name);
    let port = free_port();
    let urls = format!("http://{},https://127.0.0.1:{port}", registry.address());
    let options = [
        ("listen-client-urls", urls),
        ("cert-file", path("cert")),
        ("key-file", path("key")),
        ("client-cert-auth", "true".to_owned()),
        ("trusted-ca-file", path("ca")),
    ];
    let url = format!("etcd://localhost:{port}/rpcx_test?ca={}", path("ca"));
    let identity = format!("&cert={}&key={}", path("client-cert"), path("client-key"));
    registry.options = options
        .map(|(name, value)| format!("--{name}={value}"))
        .into();
    registry.run();
    let other = format!("{url}{identity}").replace("/ca", "/other-ca");
    let address = url.replace("localhost", "127.0.0.1");
    is_entered_by(
        &format!("{url}{identity}"),
        &[
            (&url, "ertificate"),
            (&other, "invalid peer certificate"),
            (&format!("{address}{identity}"), "invalid peer certificate"),
        ],
    )
    .await;
}

/// A server of etcd that cannot be reached, or that answers and has no leader, does not matter if there is another one.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_servers_will_do() {
    let Some(registry) = ETCD.start() else { return };
    let (nothing, alone) = (free_port(), TcpListener::bind("127.0.0.1:0").unwrap());
    let at = alone.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in alone.incoming() {
            let refusal = b"HTTP/1.1 503 no leader\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.unwrap().write_all(refusal);
        }
    });
    let url = format!(
        "etcd://127.0.0.1:{nothing},{at},{}/rpcx_test",
        registry.address()
    );
    let watch = Watch::start(open(&url).discover, "Arith");
    shows(&watch, &[]).await;
    assert!(watch.error().is_none());
}
