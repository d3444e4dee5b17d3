//! The network `unix`: files, names, permissions, and which listener may take the place of which.

use std::fs;
use std::future::IntoFuture;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use crate::echo::{Echo, EchoClient, Running, start_at};
use rpcx_runtime::transport::ListenOptions;
use rpcx_runtime::{Channel, ErrorKind, Limits, Result, Server};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rpcx-{name}-{}", std::process::id()));
        let _left_by_another_run = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("arith.sock")
    }

    fn address(&self) -> String {
        format!("unix@{}", self.socket().display())
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn serve(address: &str) -> Running {
    start_at(address, Limits::server()).await
}

async fn bind(address: &str) -> Result<Server> {
    let builder = Server::builder().register(Echo::default());
    builder.listen(address).bind().await
}

async fn refusal(address: &str) -> String {
    let error = bind(address).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    error.message().to_owned()
}

async fn stop(server: Running) {
    server.handle.shutdown();
    server.task.await.unwrap().unwrap();
}

/// The file of a server that did not end in good order.
fn leave_stale(path: &Path) {
    drop(UnixListener::bind(path).unwrap());
}

#[tokio::test]
async fn calls_through_a_file_that_goes_with_its_server() {
    let folder = Folder::new("file");
    let server = serve(&folder.address()).await;
    assert_eq!(server.address, folder.address());
    assert_eq!(folder.files(), ["arith.sock"], "and no file beside it");
    let client = EchoClient::connect(&server.address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    let large = vec![7; 1 << 20];
    assert_eq!(client.echo(&large).await.unwrap(), large);
    stop(server).await;
    assert!(folder.files().is_empty());
    let error = Channel::connect(&folder.address()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.message().contains(&folder.address()), "{error}");
}

#[tokio::test]
async fn a_relative_path() {
    let folder = Folder::new("relative");
    let up = "../".repeat(std::env::current_dir().unwrap().components().count() - 1);
    let socket = folder.socket();
    let path = socket.strip_prefix("/").unwrap();
    let server = serve(&format!("unix@{up}{}", path.display())).await;
    let client = EchoClient::connect(&folder.address()).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    stop(server).await;
    assert!(folder.files().is_empty());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_without_a_file() {
    let address = format!("unix@@rpcx-test-{}", std::process::id());
    let server = serve(&address).await;
    let client = EchoClient::connect(&address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    assert!(refusal(&address).await.contains(&address));
    stop(server).await;
    stop(serve(&address).await).await;
    let builder = Server::builder().register(Echo::default());
    let options = ListenOptions::new().unix_mode(0o600);
    let error = builder.listen_with(&address, options).bind().await;
    let error = error.unwrap_err();
    assert!(error.message().contains("it has no file"), "{error}");
}

#[tokio::test]
async fn the_file_has_its_permissions() {
    let folder = Folder::new("mode");
    let options = |mode| ListenOptions::new().unix_mode(mode);
    let bind = async |mode| {
        let builder = Server::builder().register(Echo::default());
        let builder = builder.listen_with(folder.address(), options(mode));
        builder.bind().await
    };
    for mode in [0o600, 0o660, 0o777] {
        let server = bind(mode).await.unwrap();
        let permissions = fs::metadata(folder.socket()).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o7777, mode);
        drop(server);
        assert!(folder.files().is_empty(), "never served, and gone");
    }
    let error = bind(0o1777).await.unwrap_err();
    assert!(error.message().contains("0o1777"), "{error}");
    assert!(folder.files().is_empty());
}

#[tokio::test]
async fn a_stale_file_is_replaced() {
    let folder = Folder::new("stale");
    leave_stale(&folder.socket());
    let server = serve(&folder.address()).await;
    let client = EchoClient::connect(&server.address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    assert_eq!(folder.files(), ["arith.sock"]);
    stop(server).await;
}

#[tokio::test]
async fn a_live_socket_is_not_replaced() {
    let folder = Folder::new("live");
    let server = serve(&folder.address()).await;
    let refused = refusal(&folder.address()).await;
    assert!(
        refused.contains("another server answers there"),
        "{refused}"
    );
    let client = EchoClient::connect(&server.address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    assert_eq!(folder.files(), ["arith.sock"]);
    stop(server).await;
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let folder = Folder::new("other");
    fs::write(folder.socket(), "a letter").unwrap();
    let refused = refusal(&folder.address()).await;
    assert!(refused.contains("not a socket"), "{refused}");
    assert_eq!(fs::read_to_string(folder.socket()).unwrap(), "a letter");
    fs::remove_file(folder.socket()).unwrap();
    std::os::unix::fs::symlink(folder.0.join("nowhere"), folder.socket()).unwrap();
    let refused = refusal(&folder.address()).await;
    assert!(refused.contains("not a socket"), "{refused}");
    assert_eq!(folder.files(), ["arith.sock"]);
}

#[tokio::test]
async fn the_file_of_another_is_not_removed() {
    let folder = Folder::new("another");
    let server = serve(&folder.address()).await;
    fs::remove_file(folder.socket()).unwrap();
    let _other = UnixListener::bind(folder.socket()).unwrap();
    stop(server).await;
    assert_eq!(folder.files(), ["arith.sock"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_several_starters_wins() {
    let folder = Folder::new("race");
    for round in 0..20 {
        if round % 2 == 0 {
            leave_stale(&folder.socket());
        }
        let starters: Vec<_> = (0..4)
            .map(|_| {
                let address = folder.address();
                tokio::spawn(async move { bind(&address).await })
            })
            .collect();
        let mut bound = Vec::new();
        for starter in starters {
            bound.extend(starter.await.unwrap());
        }
        assert_eq!(bound.len(), 1);
        let handle = bound[0].handle();
        let serving = tokio::spawn(bound.remove(0).serve());
        let client = EchoClient::connect(&folder.address()).await;
        assert_eq!(client.echo(b"x").await.unwrap(), b"x");
        assert_eq!(folder.files(), ["arith.sock"]);
        handle.shutdown();
        serving.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_path_that_is_too_long_is_named() {
    for address in [
        format!("unix@/tmp/{}", "x".repeat(120)),
        format!("unix@@{}", "x".repeat(120)),
    ] {
        let refused = refusal(&address).await;
        assert!(refused.contains(&address) && refused.contains("too long"));
        let error = Channel::connect(&address).await.unwrap_err();
        assert!(error.message().contains("too long"), "{error}");
    }
    let refused = refusal("unix@/nowhere/at/all/a.sock").await;
    assert!(
        refused.contains("unix@/nowhere/at/all/a.sock: No such file"),
        "{refused}"
    );
}

#[tokio::test]
async fn the_longest_path_works() {
    let folder = Folder::new("long");
    let room = 107 - folder.0.as_os_str().len() - 1;
    // The last part short, so that a longer name beside it would not fit.
    let (inner, name) = ("d".repeat(room - 2), "s");
    fs::create_dir(folder.0.join(&inner)).unwrap();
    let path = folder.0.join(inner).join(name);
    assert_eq!(path.as_os_str().len(), 107);
    let server = serve(&format!("unix@{}", path.display())).await;
    let client = EchoClient::connect(&server.address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    stop(server).await;
}

#[tokio::test]
async fn connections_of_the_backlog_are_served() {
    let folder = Folder::new("queue");
    let server = bind(&folder.address()).await.unwrap();
    let handle = server.handle();
    let mut calls = Vec::new();
    for _ in 0..20 {
        let client = EchoClient::connect(&folder.address()).await;
        calls.push(tokio::spawn(client.echo(b"x").into_future()));
    }
    handle.shutdown();
    server.serve().await.unwrap();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), b"x");
    }
    assert!(folder.files().is_empty());
}
