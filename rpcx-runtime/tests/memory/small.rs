//! A process that may have little memory says no to some requests, and serves the rest.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::{Limits, MemoryBudget};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::ALONE;
use super::echo::{EchoClient, start};

/// What `ulimit -v` allows: threads, code and the like take a part of it.
const ADDRESS_SPACE: usize = 600_000 << 10;

/// The memory of a small container.
const CGROUP: usize = 128 << 20;

/// The server of the test below, when that has started this program once more.
#[tokio::test]
async fn serves_with_the_default_limits() {
    if std::env::var_os("RPCX_SMALL").is_none() {
        return;
    }
    let server = start(Limits::server()).await;
    let budget = MemoryBudget::of_process().limit();
    println!("\nserving {} {budget}", server.socket());
    // Until the other end is gone.
    let gone = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = gone.await.unwrap();
}

/// Ends with the test.
struct Small(Child);

impl Drop for Small {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// This program, which `limit`, a command of the shell, has put under a limit; where the server listens, and its budget.
fn under(limit: &str) -> (Small, String, usize) {
    let own = std::env::current_exe().unwrap();
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(format!("{limit} && exec \"$0\" \"$@\""))
        .arg(own)
        .args([
            "--exact",
            "small::serves_with_the_default_limits",
            "--nocapture",
        ])
        .env("RPCX_SMALL", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = output.find_map(|line| Some(line.unwrap().strip_prefix("serving ")?.to_owned()));
    let told = told.expect("it has ended");
    let (address, budget) = told.split_once(' ').unwrap();
    // What it prints later has nowhere to go, and need not.
    (Small(child), address.to_owned(), budget.parse().unwrap())
}

/// Sends a large request without its end, or with it, and gives what comes back within a second.
async fn large(address: String, bytes: usize, whole: bool) -> (TcpStream, Vec<u8>) {
    let mut frame = Vec::new();
    let mut encoder = FrameEncoder::new(&mut frame, Header::request(7, Codec::RAW));
    encoder.names(b"Echo", b"Hold");
    encoder.metadata(&Metadata::new());
    encoder.payload(&vec![7; bytes]);
    encoder.finish().unwrap();
    let end = frame.len() - if whole { 0 } else { 100 };
    let mut socket = TcpStream::connect(&address).await.unwrap();
    socket.write_all(&frame[..end]).await.unwrap();
    let mut answer = vec![0; 1 << 10];
    let read = tokio::time::timeout(Duration::from_secs(1), socket.read(&mut answer));
    let length = read.await.map_or(0, Result::unwrap);
    answer.truncate(length);
    (socket, answer)
}

/// 60 peers with more than the process may have, of which one that keeps it all dies.
async fn is_flooded((mut server, address, _): (Small, String, usize), bytes: usize) {
    let client = EchoClient::connect(&format!("tcp@{address}")).await;
    let (mut sockets, mut refused) = (Vec::new(), 0);
    for round in 0..6 {
        let batch: Vec<_> = (0..10)
            .map(|peer| tokio::spawn(large(address.clone(), bytes, (round + peer) % 2 == 0)))
            .collect();
        for peer in batch {
            let (socket, answer) = peer.await.unwrap();
            let answer = String::from_utf8_lossy(&answer);
            refused += usize::from(answer.contains("the memory for requests is spent"));
            sockets.push(socket);
        }
        assert!(server.0.try_wait().unwrap().is_none(), "it has died");
        client
            .echo(b"small")
            .attempts(1)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(refused > 30, "{refused} of 60 were refused");
    drop(sockets);
    // With its peers gone it has room for a large one again.
    let large = vec![1; bytes];
    let mut reply = client.echo(&large).attempts(1).await;
    for _ in 0..100 {
        if reply.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        reply = client.echo(&large).attempts(1).await;
    }
    assert_eq!(reply.unwrap().len(), bytes);
}

#[tokio::test]
async fn a_small_process_refuses_some_and_serves_the_rest() {
    let _alone = ALONE.lock().await;
    let small = under(&format!("ulimit -v {}", ADDRESS_SPACE >> 10));
    assert!(small.2 <= ADDRESS_SPACE / 4, "{}", small.2);
    is_flooded(small, 15 << 20).await;
}

/// A cgroup of its own, below the one of this process or beside it.
struct Cgroup(PathBuf);

impl Cgroup {
    /// None where there may be none.
    fn new(bytes: usize) -> Option<Self> {
        let own = std::fs::read_to_string("/proc/self/cgroup").ok()?;
        own.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let (controllers, path) = (parts.next()?, parts.next()?);
            let (root, file) = match controllers {
                "" => ("/sys/fs/cgroup", "memory.max"),
                "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                _ => return None,
            };
            // In a container its own one may be the root.
            [path, ""].iter().find_map(|path| {
                let name = format!("{root}{path}/rpcx-small-{}", std::process::id());
                std::fs::create_dir(&name).ok()?;
                let group = Self(name.into());
                std::fs::write(group.0.join(file), bytes.to_string()).ok()?;
                Some(group)
            })
        })
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // Empty, because the process in it has ended.
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test]
async fn a_process_in_a_small_cgroup_refuses_some_and_serves_the_rest() {
    let _alone = ALONE.lock().await;
    let Some(group) = Cgroup::new(CGROUP) else {
        eprintln!("skipped: this process may make no cgroup");
        return;
    };
    let small = under(&format!("echo $$ > {}/cgroup.procs", group.0.display()));
    assert_eq!(small.2, CGROUP / 4);
    is_flooded(small, 8 << 20).await;
}
