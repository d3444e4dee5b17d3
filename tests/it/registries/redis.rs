//! redis, with rpcx-redis.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rpcx::discovery::{Registrar, Registration, Watch};

use super::scenarios::{Backend, eventually, open, shows};
use super::secured::{certify, is_entered_by, path};
use super::servers::{REDIS, Registry, answered, free_port};

const BACKEND: Backend = Backend {
    kind: "redis",
    start: &REDIS,
    url: |registry| format!("redis://{}/rpcx_test?interval=1s", registry.address()),
    go_options: &["-update", "2s"],
    dump,
    put: |registry, key, metadata| {
        let key = format!("/rpcx_test/{key}");
        let value = BASE64.encode(metadata);
        let value = format!(r#"{{"Key":"{key}","Value":"{value}","LastIndex":7}}"#);
        control(registry, &["-x", "SET", &format!("/{key}")], &value);
    },
    forgets: false,
};

fn control(registry: &Registry, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new("redis-cli");
    let port = registry.port().to_string();
    command.args(["-h", "127.0.0.1", "-p", &port]);
    answered(command.args(arguments), input)
        .trim_end()
        .to_owned()
}

/// Metadata out of the values, whose form is checked here: `{"Key":KEY,"Value":BASE64,"LastIndex":N}`.
fn dump(registry: &Registry) -> BTreeMap<String, String> {
    let keys = control(registry, &["KEYS", "*"], "");
    let metadata = |key: &str| {
        let value = control(registry, &["GET", key], "");
        let own = key.strip_prefix('/').expect("a slash before the key");
        let rest = value.strip_prefix(&format!(r#"{{"Key":"{own}","Value":""#))?;
        let (value, index) = rest.split_once(r#"","LastIndex":"#)?;
        let index: u64 = index.strip_suffix('}')?.parse().ok()?;
        assert!(index < 1_000_000_000, "the nanoseconds of a second");
        String::from_utf8(BASE64.decode(value).ok()?).ok()
    };
    let keys = keys.lines().filter(|key| !key.is_empty());
    // One may end between the two.
    keys.filter_map(|key| Some((key.to_owned(), metadata(key)?)))
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

/// Without its data, and without keyspace events until they are switched on again.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived() {
    BACKEND.survives_an_outage(Duration::from_secs(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_survived() {
    BACKEND.survives_silence(Duration::from_secs(2)).await;
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
        .forgets_a_server_that_vanishes(Duration::from_secs(5))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_empty() {
    BACKEND.empties_a_list().await;
}

/// A change is heard, and not only read with the next list: the interval is longer than the test.
#[tokio::test(flavor = "multi_thread")]
async fn events_are_switched_on_and_others_are_kept() {
    let Some(registry) = REDIS.start() else {
        return;
    };
    control(
        &registry,
        &["CONFIG", "SET", "notify-keyspace-events", "m"],
        "",
    );
    let url = format!("redis://{}/rpcx_test?interval=5m", registry.address());
    let watch = Watch::start(open(&url).discover, "Arith");
    shows(&watch, &[]).await;
    let flags = control(&registry, &["CONFIG", "GET", "notify-keyspace-events"], "");
    assert!(
        ["A", "K", "E", "m"].iter().all(|flag| flags.contains(flag)),
        "{flags}"
    );
    (BACKEND.put)(&registry, "Arith/tcp@127.0.0.1:1", "group=a");
    shows(&watch, &["tcp@127.0.0.1:1"]).await;
    (BACKEND.put)(&registry, "Arith/tcp@127.0.0.1:2", "group=a");
    control(&registry, &["DEL", "//rpcx_test/Arith/tcp@127.0.0.1:1"], "");
    shows(&watch, &["tcp@127.0.0.1:2"]).await;
    control(
        &registry,
        &["PEXPIRE", "//rpcx_test/Arith/tcp@127.0.0.1:2", "1"],
        "",
    );
    (BACKEND.put)(&registry, "Arith/tcp@127.0.0.1:3", "group=a");
    shows(&watch, &["tcp@127.0.0.1:3"]).await;
}

/// Where redis does not let events be switched on, the list is read each interval.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_databases_and_rights() {
    let Some(registry) = REDIS.start_with(&["--requirepass", "se cret"]) else {
        return;
    };
    let admin = |arguments: &[&str]| {
        control(
            &registry,
            &[
                &["--no-auth-warning", "-a", "se cret", "-n", "3"],
                arguments,
            ]
            .concat(),
            "",
        )
    };
    let all = ["+@all", "-config", "~*", "&*"];
    admin(&[&["ACL", "SETUSER", "ann", "on", ">p@ss"], &all[..]].concat());
    let at = registry.address();
    let url = format!("redis://ann:p%40ss@{at}/rpcx_test?db=3&interval=1s");
    let watch = Watch::start(open(&url).discover, "Arith");
    let register = open(&format!("redis://:se%20cret@{at}/rpcx_test?db=3")).register;
    let address = "tcp@127.0.0.1:1".parse().unwrap();
    let registration = Registration::new("Arith", address, "group=a");
    let registrar = Registrar::start(register.unwrap(), vec![registration]);
    shows(&watch, &["tcp@127.0.0.1:1"]).await;
    assert_eq!(admin(&["EXISTS", "//rpcx_test/Arith/tcp@127.0.0.1:1"]), "1");
    assert!(registrar.leave(Duration::from_secs(5)).await);
    for user in ["", "ann:wrong@"] {
        let watch = Watch::start(open(&format!("redis://{user}{at}/x")).discover, "Arith");
        eventually("a refusal", async || {
            let said = watch
                .error()
                .map(|error| error.to_string())
                .unwrap_or_default();
            said.contains("uthentication") || said.contains("WRONGPASS")
        })
        .await;
    }
}

const ADMIN: [&str; 3] = ["--no-auth-warning", "-a", "the secret"];

/// A redis with a certificate, a password and a user, and its URL for whom one is.
fn with_tls() -> Option<(Registry, impl Fn(&str) -> String)> {
    let mut registry = REDIS.later()?;
    certify(&registry);
    let port = free_port();
    let file = |name: &str| path(&registry, name);
    let options = [
        ("tls-port", port.to_string()),
        ("tls-cert-file", file("cert")),
        ("tls-key-file", file("key")),
        ("tls-ca-cert-file", file("ca")),
        ("tls-auth-clients", "no".to_owned()),
        ("requirepass", "the secret".to_owned()),
    ];
    let ca = file("ca");
    registry.options = options
        .into_iter()
        .flat_map(|(name, value)| [format!("--{name}"), value])
        .collect();
    registry.run();
    let user = "ACL SETUSER ann on >secret-1 +@all -config ~* &*";
    let user: Vec<_> = user.split(' ').collect();
    control(&registry, &[&ADMIN[..], &user].concat(), "");
    let at =
        move |who: &str| format!("rediss://{who}localhost:{port}/rpcx_test?interval=1s&ca={ca}");
    Some((registry, at))
}

/// `rediss://` with a user of an ACL, or a password alone.
#[tokio::test(flavor = "multi_thread")]
async fn it_may_have_a_certificate_and_users() {
    let Some((registry, at)) = with_tls() else {
        return;
    };
    let right = at("ann:secret-1@");
    let other = right.replace(&path(&registry, "ca"), &path(&registry, "other-ca"));
    let address = right.replace("localhost", "127.0.0.1");
    let plain = right.replace("rediss", "redis");
    let plain = plain.split("&ca").next().unwrap();
    let wrong = [
        (&*at("ann:secret-2@"), "Password authentication failed"),
        (&at(":no%20secret@"), "Password authentication failed"),
        (&at(""), "Authentication required"),
        (&other, "invalid peer certificate"),
        (&address, "invalid peer certificate"),
        (plain, "redis at localhost"),
    ];
    for right in [&right, &at(":the%20secret@")] {
        is_entered_by(right, &wrong).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_ask_for_a_certificate() {
    let Some((registry, at)) = with_tls() else {
        return;
    };
    let ask = ["CONFIG", "SET", "tls-auth-clients", "yes"];
    control(&registry, &[&ADMIN[..], &ask].concat(), "");
    let file = |name: &str| path(&registry, name);
    let identity = format!("&cert={}&key={}", file("client-cert"), file("client-key"));
    let unknown = at("ann:secret-1@");
    is_entered_by(&format!("{unknown}{identity}"), &[(&unknown, "ertificate")]).await;
}

#[test]
fn a_wrong_url_says_what_is_wrong() {
    for (url, said) in [
        ("redis://h:1,g:2/x", "name one host"),
        ("redis://ann@h/x", "a user has a password"),
        ("redis://h/x?db=one", "`db` is the number of a database"),
        ("redis://h/x?ttl=5s", "`ttl` must be longer than `interval`"),
        ("redis://h/x?dbb=1", "the option `dbb` is not known"),
        ("rediss://h/x?tls=off", "`rediss` is redis with TLS"),
    ] {
        let error = rpcx::discovery::open(url).unwrap_err();
        assert!(error.message().contains(said), "{error}");
    }
}
