//! A server that other programs may call, Go ones too: service `Arith` with `Mul`, `Add` and
//! `Say`. Runs until ctrl-c or SIGTERM, then answers what it has read and ends.
//!
//! ```text
//! cargo run --example server -- --addr tcp@127.0.0.1:8972
//! ```

mod arith;

use std::error::Error;
use std::future::Future;
use std::process::ExitCode;

use arith::{Args, Arith, ArithServer, Reply};

struct MyArith;

/// What does not fit is an error of the method, not a wrong number.
fn in_range(result: Option<i64>) -> rpcx::Result<Reply> {
    result
        .map(|c| Reply { c })
        .ok_or_else(|| "the result does not fit 64 bits".into())
}

impl Arith for MyArith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        in_range(args.a.checked_mul(args.b))
    }

    async fn add(&self, args: Args) -> rpcx::Result<Reply> {
        in_range(args.a.checked_add(args.b))
    }

    async fn say(&self, name: &str) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }
}

const USAGE: &str = "usage: server [--addr network@address]...   (default: tcp@127.0.0.1:8972)";

fn addresses() -> Result<Vec<String>, String> {
    let (mut args, mut addresses) = (std::env::args().skip(1), Vec::new());
    while let Some(option) = args.next() {
        match (option.as_str(), args.next()) {
            ("--addr", Some(address)) => addresses.push(address),
            ("--addr", None) => return Err(format!("--addr needs an address\n{USAGE}")),
            _ => return Err(format!("unknown option {option}\n{USAGE}")),
        }
    }
    if addresses.is_empty() {
        addresses.push("tcp@127.0.0.1:8972".to_owned());
    }
    Ok(addresses)
}

/// Completes at ctrl-c or SIGTERM.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut builder = rpcx::Server::builder().register(ArithServer::new(MyArith));
    for address in addresses()? {
        builder = builder.listen(&address);
    }
    let stop = stop_signal()?;
    let server = builder.bind().await?;
    for address in server.addresses() {
        println!("listening on {address}");
    }
    server.serve_until(stop).await?;
    println!("stopped");
    Ok(())
}
