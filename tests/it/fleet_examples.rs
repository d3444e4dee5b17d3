//! The examples of several servers behind one channel.

use crate::examples::{Server, client, example, lines};

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
