//! A rolling restart: a new server process takes over a port from the old one while calls go on,
//! and none of them fails.
//!
//! Both listen on the same port, and the system spreads new connections over them. The old one,
//! told to end, closes its listener when its backlog is empty, asks its clients to go, and
//! answers what it has. The example starts itself as the servers, and is the client.

use std::error::Error;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rpcx::{Channel, Server};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

const RESTARTS: u32 = 3;
const CALLERS: usize = 8;

#[rpcx::service]
pub trait Worker {
    /// Does some work, and says which process has done it.
    async fn work(&self) -> rpcx::Result<u32>;
}

struct Process;

impl Worker for Process {
    async fn work(&self) -> rpcx::Result<u32> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(std::process::id())
    }
}

/// A server process: it ends in good order when its standard input is closed.
async fn serve(address: &str) -> Result<(), Box<dyn Error>> {
    let server = Server::builder()
        .register(WorkerServer::new(Process))
        .listen(address)
        .bind()
        .await?;
    println!("{}", server.addresses()[0]);
    let told = async {
        // Nothing is sent; the end of the input is what counts.
        let _ = tokio::io::stdin().read(&mut [0]).await;
    };
    Ok(server.serve_until(told).await?)
}

/// Starts a server process; it listens when this returns.
async fn start(address: &str) -> Result<(Child, String), Box<dyn Error>> {
    let mut process = Command::new(std::env::current_exe()?)
        .args(["serve", address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = process.stdout.take().ok_or("the output is piped")?;
    let mut bound = String::new();
    BufReader::new(output).read_line(&mut bound).await?;
    Ok((process, bound.trim().to_owned()))
}

#[derive(Default)]
struct Tally {
    done: AtomicBool,
    calls: AtomicU64,
    failed: AtomicU64,
}

/// Calls without a pause until it is told to end.
async fn call(worker: WorkerClient, tally: Arc<Tally>) {
    while !tally.done.load(Ordering::Relaxed) {
        tally.calls.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = worker.work().await {
            tally.failed.fetch_add(1, Ordering::Relaxed);
            eprintln!("{error}");
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [role, address] = &arguments[..]
        && role == "serve"
    {
        return serve(address).await;
    }
    // Clients know the port by the name `tcp`.
    let (mut old, address) = start("reuseport@127.0.0.1:0").await?;
    let shared = address.replacen("tcp@", "reuseport@", 1);
    let worker = WorkerClient::new(Channel::connect(&address).await?);
    let tally = Arc::new(Tally::default());
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| tokio::spawn(call(worker.clone(), Arc::clone(&tally))))
        .collect();

    for restart in 1..=RESTARTS {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (new, _) = start(&shared).await?;
        drop(old.stdin.take());
        let ended = old.wait().await?;
        println!(
            "restart {restart}: the old process ended well: {}",
            ended.success()
        );
        old = new;
    }
    tally.done.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await?;
    }
    let failed = tally.failed.load(Ordering::Relaxed);
    println!("failed calls: {failed}");
    eprintln!("{} calls", tally.calls.load(Ordering::Relaxed));
    drop(old.stdin.take());
    old.wait().await?;
    if failed > 0 {
        Err("calls have failed".into())
    } else {
        Ok(())
    }
}
