//! The examples of several servers behind one channel.

use crate::examples::{Server, client, example, lines, printed};
use crate::registries::mdns::has_multicast;

#[test]
fn the_client_example_chooses_among_the_servers_of_a_registry() {
    let named = |name: &str| Server::start_with(&["--addr", "tcp@127.0.0.1:0", "--node", name]);
    let (one, two) = (named("one"), named("two"));
    let registry = format!("static://{},{}", one.address, two.address);
    let call = |options: &[&str]| {
        let mut client = example("client");
        client.args(["--registry", &registry, "--show-node"]);
        lines(&client.args(options).output().unwrap())
    };
    let mut spread = call(&["--count", "10", "--select", "roundrobin"]);
    spread.sort();
    assert_eq!(
        spread,
        [vec!["ok 200 by one"; 5], vec!["ok 200 by two"; 5]].concat()
    );
    let hashed = call(&["--count", "10", "--select", "hash", "--method", "Say"]);
    assert!(hashed.iter().all(|line| *line == hashed[0]), "{hashed:?}");
    let hedged = [
        "--count",
        "20",
        "--select",
        "p2c",
        "--fail-mode",
        "failbackup",
        "--idempotent",
    ];
    assert_eq!(call(&hedged).len(), 20);
    assert_eq!(
        call(&["--group", "blue"])[0].split(" offers").next(),
        Some("err NotSent no node that may be called")
    );
    assert_eq!(
        lines(&client(&one.address, &["--fail-mode", "failfast"])),
        ["ok 200"]
    );
}

#[test]
fn the_examples_of_several_servers_show_what_they_say() {
    assert_eq!(
        printed("multiple_servers"),
        [
            r#"two nodes: {"a": 30, "b": 30}"#,
            r#"a third one: {"a": 20, "b": 20, "c": 20}"#,
            r#"one has left: {"b": 30, "c": 30}"#,
        ]
    );
    let selectors = printed("selectors");
    assert_eq!(
        selectors[0],
        r#"round robin: {"berlin": 40, "paris": 40, "slow": 40}"#
    );
    assert_eq!(selectors[5], r#"closest: {"berlin": 120}"#);
    assert_eq!(selectors[6], "one key, one node: true");
    let failover = printed("failover");
    assert_eq!(failover[0], "failover: 0 of 30 calls have failed");
    assert_eq!(
        failover[failover.len() - 1],
        "failfast: some have failed: true"
    );
    assert_eq!(printed("hedging")[2], "worth it: true");
    let broadcast = printed("broadcast");
    assert_eq!(
        broadcast[..3],
        [
            "broadcast: all have done it: true",
            "fork: the first was a",
            "broadcast with one gone: all have done it: false"
        ]
    );
    assert!(
        broadcast[3].starts_with("tcp@127.0.0.1:1: NotSent"),
        "{broadcast:?}"
    );
    assert_eq!(broadcast.len(), 6);
}

#[test]
fn the_registry_examples_run_or_say_what_they_need() {
    let required = std::env::var("RPCX_REGISTRIES").is_ok_and(|value| value == "required");
    for name in ["etcd", "redis", "zookeeper", "consul", "nacos"] {
        let lines = printed(&format!("registry_{name}"));
        if lines[0].starts_with("there is no ") {
            assert!(
                !required || ["consul", "nacos"].contains(&name),
                "{lines:?}"
            );
            println!("skipped: {}", lines[0]);
            continue;
        }
        let expected = [
            "the registry has 2 servers of Arith",
            "20 calls: one has answered some, and two the others",
            "one has left: the registry has 1 server",
            "6 * 7 = 42, computed by two",
        ];
        assert_eq!(lines[1..], expected, "{name}");
    }
    let lines = printed("registry_dns");
    if lines[0].starts_with("there is no ") {
        assert!(!required, "{lines:?}");
        println!("skipped: {}", lines[0]);
        return;
    }
    let expected = [
        "1 server is there",
        "6 * 7 = 42, computed by one",
        "2 servers are there",
        "200 calls: one has answered some, and two the others",
    ];
    assert_eq!(lines[1..], expected);
}

#[test]
fn the_example_of_multicast_dns_needs_no_server() {
    if !has_multicast() {
        println!("skipped: no multicast on the loopback interface");
        return;
    }
    let expected = [
        "the registry has 2 servers of Arith",
        "20 calls: one has answered some, and two the others",
        "one has left: the registry has 1 server",
        "6 * 7 = 42, computed by two",
    ];
    assert_eq!(printed("registry_mdns"), expected);
}
