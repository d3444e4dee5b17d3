//! Clients in processes of their own that choose by a hash, each with its own order of the list.

use std::process::Command;

use rpcx::client::Select;
use rpcx::{Channel, Server};

use super::{Bank, BankClient, BankServer};

/// Keys that each client asks for.
const KEYS: u64 = 200;

/// A node that says which one it is.
struct Numbered(u32);

impl Bank for Numbered {
    async fn book(&self, _entry: u64) -> rpcx::Result<u32> {
        Ok(self.0)
    }

    async fn look(&self, _entry: u64) -> rpcx::Result<u32> {
        Ok(self.0)
    }
}

/// The client of the test, when it has started this program once more.
#[tokio::test]
async fn chooses() {
    let Ok(list) = std::env::var("RPCX_AGREED") else {
        return;
    };
    let channel = Channel::builder()
        .addresses(list.split(','))
        .select(Select::ConsistentHash)
        .build()
        .await
        .unwrap();
    let client = BankClient::new(channel);
    let mut chosen = Vec::new();
    for key in 0..KEYS {
        // By the arguments, which are the key where no other is given, and by a key.
        chosen.push(client.look(key).await.unwrap());
        chosen.push(client.look(0).hash_key(key.to_be_bytes()).await.unwrap());
    }
    println!("\nchosen {chosen:?}");
}

/// What a client with this list has chosen.
fn ask(list: &[String]) -> Vec<u32> {
    let mut client = Command::new(std::env::current_exe().unwrap());
    client.args(["--exact", "processes::agreed::chooses", "--nocapture"]);
    let output = client.env("RPCX_AGREED", list.join(",")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let chosen = text.lines().find_map(|line| line.strip_prefix("chosen "));
    serde_json::from_str(chosen.unwrap_or_else(|| panic!("{output:?}"))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_with_differently_ordered_lists_choose_the_same_nodes() {
    let mut list = Vec::new();
    for number in 0..5 {
        let server = Server::builder().register(BankServer::new(Numbered(number)));
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        list.push(server.addresses()[0].to_string());
        tokio::spawn(server.serve());
    }
    let (mut other, one) = (list.clone(), list);
    other.reverse();
    other.swap(1, 3);
    let asked = tokio::task::spawn_blocking(move || (ask(&one), ask(&other)));
    let (one, other) = asked.await.unwrap();
    assert_eq!(one, other);
    assert_eq!(one.len() as u64, 2 * KEYS);
    for node in 0..5 {
        assert!(one.contains(&node), "{node} has no key");
    }
}
