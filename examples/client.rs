//! Calls the `Arith` service of any rpcx server, Go or Rust, and prints one line per call:
//! `ok <value>` or `err <NotSent|Rejected|Unknown|Service> <text>`.
//!
//! ```text
//! cargo run --example client -- --addr tcp@127.0.0.1:8972 --method Mul --a 10 --b 20
//! ```

mod arith;

use std::error::Error;
use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arith::{Args, ArithClient};
use rpcx::client::{FailMode, Select};
use rpcx::transport::ConnectOptions;
use rpcx::transport::tls::ClientTls;
use rpcx::{Channel, Codec, ErrorKind};

const USAGE: &str = "usage: client [--addr network@address]... [--codec msgpack|json]
              [--method Mul|Add|Say] [--a N] [--b N] [--timeout-ms N] [--idempotent]
              [--count N] [--concurrency N]
              [--ca FILE] [--tls DIR] [--server-name NAME]
              [--kcp-crypt NAME [--kcp-key HEX]]
              [--registry URL [--group NAME]] [--location LATITUDE,LONGITUDE]
              [--select random|roundrobin|weighted|hash|p2c|ping|closest]
              [--fail-mode failfast|failtry|failover|failbackup] [--show-node]

--addr network@address  the server; of several, the first that answers; default tcp@127.0.0.1:8972
--registry URL          the servers that a registry has, etcd://127.0.0.1:2379/rpcx_test for one, as far
                        as the feature of the registry is on; static://ADDRESS,ADDRESS is a list
--group NAME            only the servers of this group
--select NAME           how each call chooses one of several servers; hash is by the arguments, p2c by
                        load, ping by how soon they answer heartbeats; default: with --registry roundrobin
--location LATITUDE,LONGITUDE  where the client is, for closest
--fail-mode NAME        where a call goes that has failed and may be made again; default failover.
                        failbackup sends --idempotent calls to a second server after 10 ms
--show-node             prints behind each result which server has answered, if it says so
--ca FILE               TLS, and trust in the authorities in FILE
--tls DIR               TLS, and the client's own certificate: DIR/cert.pem and DIR/key.pem; without
                        --ca it trusts the authorities that the operating system trusts
--server-name NAME      the name in the server's certificate, if it is not the host of the address;
                        a unix address has no host
--kcp-crypt NAME        crypt of kcp addresses: none (default), aes-128, aes-192, aes-256, salsa20,
                        xor; plain is without the header that Go rpcx needs
--kcp-key HEX           its key
--help                  this text";

/// Go's latency before a call goes to a second server.
const BACKUP: Duration = Duration::from_millis(10);

#[derive(Clone, Debug)]
struct Options {
    addresses: Vec<String>,
    ca: Option<PathBuf>,
    tls: Option<PathBuf>,
    server_name: Option<String>,
    kcp_crypt: Option<String>,
    kcp_key: Option<String>,
    help: bool,
    codec: Codec,
    method: Method,
    a: i64,
    b: i64,
    timeout: Option<Duration>,
    idempotent: bool,
    count: u64,
    concurrency: u64,
    registry: Option<String>,
    group: Option<String>,
    select: Option<Select>,
    location: Option<(f64, f64)>,
    fail_mode: Option<FailMode>,
    show_node: bool,
}

#[derive(Clone, Copy, Debug)]
enum Method {
    Mul,
    Add,
    Say,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            addresses: Vec::new(),
            ca: None,
            tls: None,
            server_name: None,
            kcp_crypt: None,
            kcp_key: None,
            help: false,
            codec: Codec::MSGPACK,
            method: Method::Mul,
            a: 10,
            b: 20,
            timeout: None,
            idempotent: false,
            count: 1,
            concurrency: 1,
            registry: None,
            group: None,
            select: None,
            location: None,
            fail_mode: None,
            show_node: false,
        };
        while let Some(option) = args.next() {
            let mut value = || {
                args.next()
                    .ok_or_else(|| format!("{option} needs a value\n{USAGE}"))
            };
            match option.as_str() {
                "--addr" => options.addresses.push(value()?),
                "--ca" => options.ca = Some(value()?.into()),
                "--tls" => options.tls = Some(value()?.into()),
                "--server-name" => options.server_name = Some(value()?),
                "--kcp-crypt" => options.kcp_crypt = Some(value()?),
                "--kcp-key" => options.kcp_key = Some(value()?),
                "--registry" => options.registry = Some(value()?),
                "--group" => options.group = Some(value()?),
                "--select" => options.select = Some(select(&value()?)?),
                "--location" => options.location = Some(location(&value()?)?),
                "--fail-mode" => options.fail_mode = Some(fail_mode(&value()?)?),
                "--show-node" => options.show_node = true,
                "--help" => options.help = true,
                "--codec" => options.codec = codec(&value()?)?,
                "--method" => options.method = method(&value()?)?,
                "--a" => options.a = number(&option, &value()?)?,
                "--b" => options.b = number(&option, &value()?)?,
                "--timeout-ms" => {
                    let milliseconds = number(&option, &value()?)?;
                    options.timeout = Some(Duration::from_millis(milliseconds));
                }
                "--idempotent" => options.idempotent = true,
                "--count" => options.count = number(&option, &value()?)?,
                "--concurrency" => options.concurrency = number::<u64>(&option, &value()?)?.max(1),
                _ => return Err(format!("unknown option {option}\n{USAGE}").into()),
            }
        }
        if options.addresses.is_empty() && options.registry.is_none() {
            options.addresses.push("tcp@127.0.0.1:8972".to_owned());
        }
        Ok(options)
    }

    fn tls(&self) -> Result<Option<ClientTls>, Box<dyn Error>> {
        let mut tls = match (&self.ca, &self.tls) {
            (Some(file), _) => ClientTls::roots_pem(&arith::read(file)?)?,
            (None, Some(_)) => ClientTls::platform_roots(),
            (None, None) if self.server_name.is_some() => {
                return Err("--server-name needs --ca or --tls".into());
            }
            (None, None) => return Ok(None),
        };
        if let Some(folder) = &self.tls {
            let own = arith::read(&folder.join("cert.pem"))?;
            tls = tls.identity_pem(&own, &arith::read(&folder.join("key.pem"))?)?;
        }
        if let Some(name) = &self.server_name {
            tls = tls.server_name(name)?;
        }
        Ok(Some(tls))
    }
}

fn number<T: FromStr<Err: Display>>(option: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|error| format!("{option} {value}: {error}"))
}

fn select(name: &str) -> Result<Select, String> {
    Ok(match name {
        "random" => Select::Random,
        "roundrobin" => Select::RoundRobin,
        "weighted" => Select::Weighted,
        "hash" => Select::ConsistentHash,
        "ping" => Select::Pinged,
        "p2c" => Select::LeastLoaded,
        "closest" => Select::Closest,
        _ => {
            return Err(format!(
                "unknown selection {name}, expected random, roundrobin, weighted, hash, p2c, ping or closest"
            ));
        }
    })
}

fn location(text: &str) -> Result<(f64, f64), String> {
    let parts = text
        .split_once(',')
        .ok_or("--location is LATITUDE,LONGITUDE")?;
    Ok((
        number("--location", parts.0)?,
        number("--location", parts.1)?,
    ))
}

fn fail_mode(name: &str) -> Result<FailMode, String> {
    Ok(match name {
        "failfast" => FailMode::Failfast,
        "failtry" => FailMode::Failtry,
        "failover" => FailMode::Failover,
        "failbackup" => FailMode::Failbackup(BACKUP),
        _ => {
            return Err(format!(
                "unknown fail mode {name}, expected failfast, failtry, failover or failbackup"
            ));
        }
    })
}

fn codec(name: &str) -> Result<Codec, String> {
    match name {
        "msgpack" => Ok(Codec::MSGPACK),
        "json" => Ok(Codec::JSON),
        _ => Err(format!("unknown codec {name}, expected msgpack or json")),
    }
}

fn method(name: &str) -> Result<Method, String> {
    match name {
        "Mul" => Ok(Method::Mul),
        "Add" => Ok(Method::Add),
        "Say" => Ok(Method::Say),
        _ => Err(format!("unknown method {name}, expected Mul, Add or Say")),
    }
}

/// The result, and the server that has answered if that is to be shown.
async fn call(arith: &ArithClient, options: &Options) -> rpcx::Result<String> {
    let args = Args {
        a: options.a,
        b: options.b,
    };
    macro_rules! with_options {
        ($call:expr) => {{
            let mut call = $call;
            if let Some(timeout) = options.timeout {
                call = call.timeout(timeout);
            }
            if options.idempotent {
                call = call.idempotent();
            }
            let (reply, metadata) = call.with_metadata().await?;
            let node = metadata.get("served-by").map(str::to_owned);
            (reply, node.filter(|_| options.show_node))
        }};
    }
    let (value, node) = match options.method {
        Method::Mul => {
            let (reply, node) = with_options!(arith.mul(args));
            (reply.c.to_string(), node)
        }
        Method::Add => {
            let (reply, node) = with_options!(arith.add(args));
            (reply.c.to_string(), node)
        }
        Method::Say => with_options!(arith.say("world")),
    };
    Ok(match node {
        Some(node) => format!("{value} by {node}"),
        None => value,
    })
}

fn show(outcome: rpcx::Result<String>) -> String {
    match outcome {
        Ok(value) => format!("ok {value}"),
        Err(error) => {
            let kind = match error.kind() {
                ErrorKind::Service => "Service",
                ErrorKind::Rejected(_) => "Rejected",
                ErrorKind::Unknown => "Unknown",
                _ => "NotSent",
            };
            format!("err {kind} {error}")
        }
    }
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
    let options = Options::parse(std::env::args().skip(1))?;
    if options.help {
        println!("{USAGE}");
        return Ok(());
    }
    let mut network = ConnectOptions::new();
    if options.kcp_crypt.is_some() || options.kcp_key.is_some() {
        let (crypt, key) = (options.kcp_crypt.as_deref(), options.kcp_key.as_deref());
        network = network.kcp(arith::kcp(crypt, key)?);
    }
    let mut builder = Channel::builder()
        .addresses(&options.addresses)
        .connect_options(network)
        .codec(options.codec);
    if let Some(tls) = options.tls()? {
        builder = builder.tls(tls);
    }
    if let Some(url) = &options.registry {
        builder = builder.registry(url);
    }
    if let Some(group) = &options.group {
        builder = builder.group(group);
    }
    if let Some(select) = options.select.clone() {
        builder = builder.select(select);
    }
    if let Some((latitude, longitude)) = options.location {
        builder = builder.location(latitude, longitude);
    }
    if let Some(mode) = options.fail_mode {
        builder = builder.fail_mode(mode);
    }
    let channel = builder.build_lazy()?;
    let arith = ArithClient::new(channel.clone());
    let left = Arc::new(AtomicU64::new(options.count));
    let callers: Vec<_> = (0..options.concurrency)
        .map(|_| {
            let (arith, options, left) = (arith.clone(), options.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                let take = |left: u64| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                    .is_ok()
                {
                    println!("{}", show(call(&arith, &options).await));
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await?;
    }
    // Follows no list any more, and lets the servers know.
    channel.close().await;
    Ok(())
}
