//! What the examples of registries share: a registry that is started for the example, and a tour.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, process};

use rpcx::discovery::Watch;
use rpcx::{Channel, Server, ServerHandle};
use tokio::task::JoinHandle;
use tokio::time::sleep;

#[rpcx::message]
pub struct Args {
    pub a: i64,
    pub b: i64,
}

#[rpcx::message]
pub struct Reply {
    pub c: i64,
    /// The server that has computed it.
    pub by: String,
}

/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    /// The product of two numbers.
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}

/// Says who has answered.
pub struct Named(pub &'static str);

impl Arith for Named {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        let (c, by) = (args.a * args.b, self.0.to_owned());
        Ok(Reply { c, by })
    }
}

/// A registry on this machine, which ends when this is dropped.
pub struct Program {
    child: Child,
    folder: PathBuf,
    /// `host:port`
    pub address: String,
}

impl Program {
    /// Starts a program; `arguments` are made of a free port and a folder of its own. None, and a word
    /// about how to get it, if it is not there.
    pub async fn start(
        program: &str,
        how_to_get_it: &str,
        arguments: impl FnOnce(u16, &str) -> Vec<String>,
    ) -> Option<Self> {
        let port = free_port();
        let folder = env::temp_dir().join(format!("rpcx-example-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        let arguments = arguments(port, folder.to_str().expect("its name is text"));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&folder)
            .stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(child) = child else {
            println!("there is no {program} here: {how_to_get_it}");
            let _ = fs::remove_dir_all(folder);
            return None;
        };
        let address = format!("127.0.0.1:{port}");
        let started = Self {
            child,
            folder,
            address,
        };
        for _ in 0..1200 {
            if TcpStream::connect(&started.address).is_ok() {
                println!("{program} runs at {}", started.address);
                return Some(started);
            }
            sleep(Duration::from_millis(100)).await;
        }
        println!("{program} does not answer at {}", started.address);
        None
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// A server that stands in the registry while it runs.
async fn serve(
    url: &str,
    name: &'static str,
) -> rpcx::Result<(ServerHandle, JoinHandle<rpcx::Result<()>>)> {
    let server = Server::builder()
        .register(ArithServer::new(Named(name)))
        .registry(url)
        .node_metadata("group=a&weight=1")
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    Ok((server.handle(), tokio::spawn(server.serve())))
}

/// Servers come and go, and a channel follows.
pub async fn tour(url: &str) -> rpcx::Result<()> {
    let registry = rpcx::discovery::open(url)?;
    let watch = Watch::start(registry.discover, "Arith");
    let (one, serving) = serve(url, "one").await?;
    let _two = serve(url, "two").await?;
    println!(
        "the registry has {} servers of Arith",
        nodes(&watch, 2).await
    );

    let channel = Channel::builder().registry(url).group("a").build().await?;
    let arith = ArithClient::new(channel);
    let mut by = Vec::new();
    while by.len() < 20 {
        by.push(arith.mul(Args { a: 10, b: 20 }).await?.by);
    }
    println!("20 calls: one has answered {}", answered("one", &by));

    one.shutdown();
    serving.await.expect("the server does not panic")?;
    println!(
        "one has left: the registry has {} server",
        nodes(&watch, 1).await
    );
    let reply = arith.mul(Args { a: 6, b: 7 }).await?;
    println!("6 * 7 = {}, computed by {}", reply.c, reply.by);
    Ok(())
}

pub fn answered(name: &str, by: &[String]) -> &'static str {
    let count = by.iter().filter(|other| *other == name).count();
    match count {
        0 => "none",
        count if count == by.len() => "all",
        _ => "some, and two the others",
    }
}

/// Waits for so many nodes, and gives their number.
pub async fn nodes(watch: &Watch, count: usize) -> usize {
    for _ in 0..600 {
        if watch.nodes().is_some_and(|nodes| nodes.len() == count) {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    watch.nodes().map_or(0, |nodes| nodes.len())
}
