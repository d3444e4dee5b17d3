//! `rpcx dump`: a proxy of bytes that prints the frames in them.

mod direction;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::outcome::Outcome;
use crate::show;
use crate::signals::stopped;
use direction::{Direction, From};

const EXAMPLES: &str = "\
Examples:
  rpcx dump tcp@127.0.0.1:8972
  rpcx dump tcp@127.0.0.1:8972 --listen 127.0.0.1:9000 --json | jq .method

Clients connect to where it listens, and their bytes go to the server and back as they are. What is no rpcx (TLS, HTTP) is
passed on, too, and counted in bytes.";

/// Prints the frames between clients and a server, as a proxy between them
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DumpOptions {
    /// Where the server is: tcp@host:port
    address: String,

    /// Where clients are to connect: host:port
    #[arg(short, long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,

    /// Prints a document for each frame, one a line
    #[arg(long)]
    json: bool,

    /// The most bytes of a payload that are printed
    #[arg(long, value_name = "BYTES", default_value_t = 512)]
    payload: usize,
}

/// How frames are printed.
#[derive(Debug)]
struct Printer {
    json: bool,
    payload: usize,
    begin: Instant,
}

/// Runs the command.
pub(crate) async fn run(options: &DumpOptions) -> Result<ExitCode, Outcome> {
    let server = location(&options.address)?;
    let listen = location(&options.listen)?;
    let listener = TcpListener::bind(&listen).await;
    let listener = listener.map_err(|error| Outcome::usage(format!("{listen}: {error}")))?;
    let at = listener.local_addr().map_err(Outcome::usage)?;
    show::print(format!("listening tcp@{at}\n").as_bytes())?;
    let printer = Arc::new(Printer {
        json: options.json,
        payload: options.payload,
        begin: Instant::now(),
    });
    let connections = AtomicU64::new(0);
    loop {
        let (client, _) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of files, or gone already: others may come.
                Err(error) => {
                    anstream::eprintln!("accept: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stopped() => return Ok(ExitCode::SUCCESS),
        };
        let number = connections.fetch_add(1, Ordering::Relaxed) + 1;
        let (server, printer) = (server.clone(), Arc::clone(&printer));
        tokio::spawn(async move {
            if let Err(error) = connection(client, &server, number, &printer).await {
                anstream::eprintln!("#{number} {server}: {error}");
            }
        });
    }
}

/// `host:port` of an address on TCP.
fn location(address: &str) -> Result<String, Outcome> {
    match address.split_once('@') {
        None | Some(("tcp" | "tcp4" | "tcp6", _)) => {
            Ok(address.rsplit('@').next().unwrap_or_default().to_owned())
        }
        Some((network, _)) => {
            let text = format!("frames on `{network}` are not looked at");
            Err(Outcome::usage(text).hint("give the tcp address of the server"))
        }
    }
}

async fn connection(
    client: TcpStream,
    server: &str,
    number: u64,
    printer: &Arc<Printer>,
) -> std::io::Result<()> {
    let server = TcpStream::connect(server).await?;
    for socket in [&client, &server] {
        socket.set_nodelay(true)?;
    }
    let (client_reads, client_writes) = client.into_split();
    let (server_reads, server_writes) = server.into_split();
    let there = Direction::new(From::Client, number, Arc::clone(printer));
    let back = Direction::new(From::Server, number, Arc::clone(printer));
    let (there, back) = tokio::join!(
        pass(client_reads, server_writes, there),
        pass(server_reads, client_writes, back)
    );
    there.and(back)
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut direction: Direction,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            direction.end();
            return to.shutdown().await;
        }
        to.write_all(&buffer[..length]).await?;
        direction.bytes(&buffer[..length]);
    }
}
