//! A certificate replaced while connections live.

use std::time::Duration;

use rpcx_runtime::transport::tls::{ClientTls, Tls};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::authority::{Authority, Certified};
use super::networks::networks;
use super::server::{Client, Running, unique};

#[tokio::test]
async fn open_connections_live_on_and_new_ones_see_the_new_certificate() {
    for listen in networks() {
        let (old, new) = (Authority::new(), Authority::new());
        let tls = old.server();
        let server = Running::start(listen, Some(tls.clone())).await;
        let trusting = |authority: &Authority| authority.client().server_name("localhost").unwrap();
        let before = server.connect(trusting(&old)).await.unwrap();
        let load = Load::on(before).await;
        let Certified { chain, key } = new.certify(|_| {});
        tls.replace_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        assert_eq!(
            server.call(trusting(&new)).await.unwrap(),
            b"hello",
            "{listen}"
        );
        assert!(server.call(trusting(&old)).await.is_err(), "{listen}");
        load.goes_on(listen).await;
    }
}

/// Calls one after the other on one connection, none of which may fail.
struct Load {
    calls: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Load {
    /// From here on at least one call has been answered.
    async fn on(client: Client) -> Self {
        let (count, mut calls) = watch::channel(0);
        let task = tokio::spawn(async move {
            loop {
                assert_eq!(client.echo(b"load").await.unwrap(), b"load");
                count.send_modify(|count| *count += 1);
                tokio::task::yield_now().await;
            }
        });
        calls.wait_for(|calls| *calls > 0).await.unwrap();
        Self { calls, task }
    }

    async fn goes_on(mut self, listen: &str) {
        let so_far = *self.calls.borrow();
        let more = self.calls.wait_for(|calls| *calls > so_far + 10).await;
        assert!(more.is_ok(), "a call has failed: {listen}");
        self.task.abort();
    }
}

#[tokio::test]
async fn a_replacement_that_cannot_be_used_changes_nothing() {
    let authority = Authority::new();
    let tls = authority.server();
    let server = Running::start("tcp@127.0.0.1:0", Some(tls.clone())).await;
    let (one, other) = (authority.certify(|_| {}), authority.certify(|_| {}));
    for (chain, key, reason) in [
        ("", one.key.as_str(), "it is empty"),
        (one.chain.as_str(), "", "private key"),
        (
            one.chain.as_str(),
            other.key.as_str(),
            "not that of the certificate",
        ),
    ] {
        let error = tls
            .replace_pem(chain.as_bytes(), key.as_bytes())
            .unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(tls.refused(), Some(error.to_string()));
    }
    assert_eq!(server.call(authority.client()).await.unwrap(), b"hello");
    tls.replace_pem(one.chain.as_bytes(), one.key.as_bytes())
        .unwrap();
    assert_eq!(tls.refused(), None);
}

/// Files in a folder that ends with the test.
struct Files(std::path::PathBuf);

impl Files {
    fn new(certified: &Certified) -> Self {
        let folder = format!("rpcx-tls-{}-{}", std::process::id(), unique());
        let files = Self(std::env::temp_dir().join(folder));
        std::fs::create_dir(&files.0).unwrap();
        files.write(certified);
        files
    }

    fn write(&self, certified: &Certified) {
        std::fs::write(self.0.join("chain.pem"), &certified.chain).unwrap();
        std::fs::write(self.0.join("key.pem"), &certified.key).unwrap();
    }

    fn tls(&self) -> Tls {
        Tls::from_files(self.0.join("chain.pem"), self.0.join("key.pem")).unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn files_are_read_again_on_demand() {
    for listen in networks() {
        let (old, new) = (Authority::new(), Authority::new());
        let trusting = |authority: &Authority| authority.client().server_name("localhost").unwrap();
        let files = Files::new(&old.certify(|_| {}));
        let tls = files.tls();
        let server = Running::start(listen, Some(tls.clone())).await;
        std::fs::write(files.0.join("chain.pem"), "half written").unwrap();
        assert!(tls.reload().is_err());
        let outcome = server.call(trusting(&old)).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
        files.write(&new.certify(|_| {}));
        tls.reload().unwrap();
        let outcome = server.call(trusting(&new)).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
    }
}

/// The clock of the runtime is moved on, so that the test does not wait for it.
#[tokio::test]
async fn changed_files_are_noticed() {
    for listen in networks() {
        let (old, new) = (Authority::new(), Authority::new());
        let trusting = |authority: &Authority| authority.client().server_name("localhost").unwrap();
        let files = Files::new(&old.certify(|_| {}));
        let tls = files.tls();
        let server = Running::start(listen, Some(tls.clone())).await;
        let outcome = server.call(trusting(&old)).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
        std::fs::write(files.0.join("chain.pem"), "not a certificate").unwrap();
        until(|| tls.refused().is_some()).await;
        let outcome = server.call(trusting(&old)).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
        files.write(&new.certify(|_| {}));
        until(|| tls.refused().is_none()).await;
        let outcome = server.call(trusting(&new)).await;
        assert_eq!(outcome.unwrap(), b"hello", "{listen}");
    }
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// The files of a `Tls` were looked at by a task of the first runtime that used it, and by nobody
/// once that had ended.
#[test]
fn files_are_watched_in_the_next_runtime_too() {
    let authority = Authority::new();
    let files = Files::new(&authority.certify(|_| {}));
    let tls = files.tls();
    let (first, second) = (runtime(), runtime());
    let listen = "tcp@127.0.0.1:0";
    let _gone = first.block_on(Running::start(listen, Some(tls.clone())));
    let _there = second.block_on(Running::start(listen, Some(tls.clone())));
    drop(first);
    std::fs::write(files.0.join("chain.pem"), "not a certificate").unwrap();
    second.block_on(until(|| tls.refused().is_some()));
    drop(second);
    files.write(&authority.certify(|_| {}));
    let third = runtime();
    let _later = third.block_on(Running::start(listen, Some(tls.clone())));
    third.block_on(until(|| tls.refused().is_none()));
}

async fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        // Lets the task that reads the files run, then lets its time pass.
        tokio::time::sleep(Duration::from_millis(2)).await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(11)).await;
        tokio::time::resume();
    }
    panic!("not within 500 intervals");
}

#[test]
fn errors_name_the_file() {
    let error = Tls::from_files("nowhere/chain.pem", "nowhere/key.pem").unwrap_err();
    assert!(error.to_string().contains("nowhere/chain.pem"), "{error}");
    let error = ClientTls::roots_pem(b"").unwrap_err();
    assert!(error.to_string().contains("root certificate"), "{error}");
    let error = ClientTls::platform_roots().server_name("a b").unwrap_err();
    assert!(error.to_string().contains("`a b`"), "{error}");
}
