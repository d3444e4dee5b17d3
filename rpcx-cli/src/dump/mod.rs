//! `rpcx dump`: the frames between clients and a server, of a proxy between them or of captured packets.

mod capture;
mod direction;
mod proxy;
mod reassembly;
mod wrapping;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Args;

use crate::outcome::Outcome;
use proxy::Place;

const EXAMPLES: &str = "\
Examples:
  rpcx dump tcp@127.0.0.1:8972
  rpcx dump tcp@127.0.0.1:8972 --listen 127.0.0.1:9000 --json | jq .method
  rpcx dump unix@/run/arith.sock --listen unix@/tmp/seen.sock
  tcpdump -i any -w seen.pcap tcp port 8972
  rpcx dump --pcap seen.pcap

Clients connect to where it listens, and their bytes go to the server and back as they are. A server on the networks http and
ws is one of tcp here: what stands around the frames is taken off, and messages of JSON-RPC over WebSocket are printed, too.
What is no rpcx (TLS, other HTTP) is passed on and counted in bytes. Frames on quic and wss are encrypted, and those on kcp are
no stream: neither can be printed.

With --pcap the connections of a capture are put together from their packets, pcap or pcapng; ADDRESS, or its port, chooses
those of one server.";

/// Prints the frames between clients and a server, as a proxy between them or from captured packets
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DumpOptions {
    /// Where the server is: network@host:port, on tcp, http, ws or unix
    #[arg(required_unless_present = "pcap")]
    address: Option<String>,

    /// Where clients are to connect: host:port, or unix@/path
    #[arg(short, long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,

    /// Reads packets from a file in place of connecting to anything
    #[arg(long, value_name = "FILE", conflicts_with = "listen")]
    pcap: Option<PathBuf>,

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
    clock: Clock,
}

#[derive(Debug)]
enum Clock {
    Running(Instant),
    /// In microseconds, as captured.
    Captured(AtomicU64),
}

impl Printer {
    /// Since the begin.
    fn seconds(&self) -> f64 {
        match &self.clock {
            Clock::Running(begin) => begin.elapsed().as_secs_f64(),
            Clock::Captured(at) => at.load(Ordering::Relaxed) as f64 / 1e6,
        }
    }

    /// What is printed from here on was captured then.
    fn set(&self, seconds: f64) {
        if let Clock::Captured(at) = &self.clock {
            at.store((seconds.max(0.0) * 1e6).round() as u64, Ordering::Relaxed);
        }
    }
}

/// Runs the command.
pub(crate) async fn run(options: &DumpOptions) -> Result<ExitCode, Outcome> {
    let printer = |clock| {
        Arc::new(Printer {
            json: options.json,
            payload: options.payload,
            clock,
        })
    };
    let address = options.address.as_deref();
    match (&options.pcap, address) {
        (Some(file), address) => {
            let port = address.map(port).transpose()?;
            capture::print(file, port, &printer(Clock::Captured(AtomicU64::new(0))))?;
        }
        (None, address) => {
            let address = address.unwrap_or_default();
            let server = Place::of(address)?;
            if matches!(server, Place::Tcp(_)) {
                port(address)?;
            }
            let at = Place::of(&options.listen)?;
            proxy::run(server, at, printer(Clock::Running(Instant::now()))).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The port of an address, or an address that is one.
fn port(address: &str) -> Result<u16, Outcome> {
    let none = || Outcome::usage(format!("`{address}` has no port")).hint("write `host:port`");
    let Place::Tcp(at) = Place::of(address)? else {
        return Err(none());
    };
    let port = at.rsplit(':').next().unwrap_or_default();
    port.parse().map_err(|_| none())
}
