//! Consul, with rpcx-consul, where `RPCX_CONSUL` names the program: `tests/interop/README.md` says how to build it.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rpcx::discovery::{Registrar, Registration};

use super::scenarios::{Backend, eventually, open};
use super::secured::{certify, is_entered_by, path};
use super::servers::{CONSUL, Registry, asked, free_port};

/// What consul calls a short time.
const SESSION: Duration = Duration::from_secs(10);

/// As Go's client marks its keys.
const FLAGS: u64 = 3_304_740_253_564_472_344;

const BACKEND: Backend = Backend {
    kind: "consul",
    start: &CONSUL,
    url: |registry| format!("consul://{}/rpcx_test?interval=1s", registry.address()),
    go_options: &["-update", "10s"],
    dump,
    put,
    forgets: false,
};

fn request(registry: &Registry, method: &str, path: &str, body: &str) -> String {
    let head = format!(
        "{method} {path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = asked(registry.port(), &format!("{head}{body}"));
    answer
        .split_once("\r\n\r\n")
        .unwrap_or_default()
        .1
        .to_owned()
}

fn put(registry: &Registry, key: &str, metadata: &str) {
    // More than that consul does not take.
    let metadata = &metadata[..metadata.len().min(500_000)];
    let path = format!("/v1/kv/rpcx_test/{key}?flags={FLAGS}");
    assert_eq!(request(registry, "PUT", &path, metadata).trim(), "true");
}

fn dump(registry: &Registry) -> BTreeMap<String, String> {
    let answer = request(registry, "GET", "/v1/kv/?recurse", "");
    let pairs: Vec<serde_json::Value> = serde_json::from_str(&answer).unwrap_or_default();
    let pair = |pair: serde_json::Value| {
        assert_eq!(pair["Flags"].as_u64(), Some(FLAGS), "{pair}");
        let value = BASE64
            .decode(pair["Value"].as_str().unwrap_or_default())
            .unwrap();
        (
            pair["Key"].as_str().unwrap().to_owned(),
            String::from_utf8(value).unwrap(),
        )
    };
    pairs.into_iter().map(pair).collect()
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

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived() {
    BACKEND.survives_an_outage(SESSION).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_survived() {
    BACKEND.survives_silence(SESSION).await;
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
async fn a_server_that_vanishes_is_forgotten() {
    BACKEND
        .forgets_a_server_that_vanishes(SESSION * 2 + Duration::from_secs(5))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_empty() {
    BACKEND.empties_a_list().await;
}

/// One session for all entries; when it is destroyed, all are written anew in another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_ended_is_replaced() {
    let Some(registry) = CONSUL.start() else {
        return;
    };
    let registration =
        |service: &str| Registration::new(service, "tcp@127.0.0.1:1".parse().unwrap(), "group=a");
    let all = vec![registration("Arith"), registration("Echo")];
    let register = open(&(BACKEND.url)(&registry)).register;
    let mut registrar = Registrar::start(register.unwrap(), all);
    registrar.registered().await;
    let sessions = || {
        let listed = request(&registry, "GET", "/v1/session/list", "");
        let listed: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
        listed
            .iter()
            .map(|one| one["ID"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = sessions();
    assert_eq!(first.len(), 1);
    request(
        &registry,
        "PUT",
        &format!("/v1/session/destroy/{}", first[0]),
        "",
    );
    eventually("another session", async || {
        sessions().len() == 1 && sessions() != first
    })
    .await;
    eventually("both entries", async || dump(&registry).len() == 5).await;
    assert!(registrar.leave(Duration::from_secs(5)).await);
    assert_eq!(dump(&registry).len(), 3, "the folders stay");
}

/// HTTPS with a certificate of the client's, and tokens of an ACL.
#[tokio::test(flavor = "multi_thread")]
async fn it_may_have_a_certificate_and_tokens() {
    const MANAGEMENT: &str = "8c2bd0a0-6bb4-4f3c-9e0f-1f5f4d5c9a01";
    const TOKEN: &str = "3a1f8f0e-53a7-4a53-8b3a-5b7f0a5d7a02";
    let Some(mut registry) = CONSUL.later() else {
        return;
    };
    certify(&registry);
    let (port, file) = (free_port(), |name: &str| path(&registry, name));
    let (ca, identity) = (
        file("ca"),
        format!("&cert={}&key={}", file("client-cert"), file("client-key")),
    );
    let settings = format!(
        r#"acl {{ enabled = true default_policy = "deny" tokens {{ master = "{MANAGEMENT}" agent = "{MANAGEMENT}" }} }}
        ports {{ https = {port} }} verify_incoming_https = true
        ca_file = "{ca}" cert_file = "{}" key_file = "{}""#,
        file("cert"),
        file("key"),
    );
    registry.options = vec!["-hcl".to_owned(), settings];
    registry.run();
    let ask = |path: &str, body: &str| {
        let head = format!(
            "PUT {path} HTTP/1.0\r\nX-Consul-Token: {MANAGEMENT}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        asked(registry.port(), &head)
    };
    let rules = r#"key_prefix \"rpcx_test\" { policy = \"write\" } session_prefix \"\" { policy = \"write\" }"#;
    let policy = format!(r#"{{"Name": "rpcx", "Rules": "{rules}"}}"#);
    eventually("the policy", async || {
        ask("/v1/acl/policy", &policy).contains(" 200 ")
    })
    .await;
    let token = format!(r#"{{"SecretID": "{TOKEN}", "Policies": [{{"Name": "rpcx"}}]}}"#);
    let answer = ask("/v1/acl/token", &token);
    assert!(answer.contains(" 200 "), "{answer}");
    let at =
        |token: &str| format!("consul://{token}localhost:{port}/rpcx_test?interval=1s&ca={ca}");
    let right = at(&format!(":{TOKEN}@"));
    let other = format!("{right}{identity}").replace(&ca, &path(&registry, "other-ca"));
    is_entered_by(
        &format!("{right}{identity}"),
        &[
            (
                &format!("{}{identity}", at("")),
                "403 Forbidden: Permission denied",
            ),
            (
                &format!("{}{identity}", at(":secret@")),
                "403 Forbidden: ACL not found",
            ),
            (&right, "ertificate"),
            (&other, "invalid peer certificate"),
        ],
    )
    .await;
}

#[test]
fn a_wrong_url_says_what_is_wrong() {
    let error = rpcx::discovery::open("consul://ann:secret@h/x").unwrap_err();
    assert!(
        error.message().contains("consul has tokens and no users"),
        "{error}"
    );
    assert!(!error.message().contains("secret"), "{error}");
}
