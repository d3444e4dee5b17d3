//! `rpcx registry`: what a registry has, and entries of servers that write none themselves.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use rpcx::discovery::{self, Node, Registrar, Registration, Registry, Watch};
use rpcx::transport::Address;
use serde::Serialize;

use crate::connect::duration;
use crate::describe::{listed, unheard};
use crate::outcome::Outcome;
use crate::show;
use crate::signals::stopped;

const EXAMPLES: &str = "\
Examples:
  rpcx registry ls etcd://127.0.0.1:2379/rpcx
  rpcx registry ls etcd://127.0.0.1:2379/rpcx Arith
  rpcx registry watch redis://127.0.0.1:6379/rpcx Arith --json
  rpcx registry set etcd://127.0.0.1:2379/rpcx Arith tcp@10.0.0.7:8972 'weight=3&group=blue'

A list that becomes empty is believed after 30 s: it may be the registry that was emptied.

What `set` writes stands there for as long as the command runs, and is renewed by then; the registry lets go of it afterwards.
It is for servers that register themselves nowhere. The entry of one that does is renewed by that server.";

/// Shows the servers that a registry has, and writes some into it
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RegistryOptions {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prints the servers of a service, address and metadata, or the names of the services
    Ls(List),
    /// Prints them again after each change, until it is stopped
    Watch(Of),
    /// Keeps an entry of a server, until it is stopped
    Set(Entry),
}

#[derive(Args, Debug)]
struct List {
    /// The URL of the registry
    url: String,

    /// The service [default: the names of all services are printed]
    service: Option<String>,

    #[command(flatten)]
    how: How,
}

#[derive(Args, Debug)]
struct Of {
    /// The URL of the registry
    url: String,

    /// The service
    service: String,

    #[command(flatten)]
    how: How,
}

#[derive(Args, Debug)]
struct How {
    /// Prints JSON: a document, or one a line
    #[arg(long)]
    json: bool,

    /// How long the registry may take to answer first
    #[arg(short, long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    timeout: Duration,
}

#[derive(Args, Debug)]
struct Entry {
    /// The URL of the registry
    url: String,

    /// The service
    service: String,

    /// Where the server is: network@host:port
    address: String,

    /// Its metadata: weight=3&group=blue&state=inactive
    #[arg(default_value = "")]
    metadata: String,

    /// How long it is kept [default: until it is stopped]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,

    /// How long the registry may take to write it first
    #[arg(short, long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    timeout: Duration,
}

/// Runs the command.
pub(crate) async fn run(options: &RegistryOptions) -> Result<ExitCode, Outcome> {
    match &options.command {
        What::Ls(list) => ls(list).await?,
        What::Watch(of) => watch(of).await?,
        What::Set(entry) => set(entry).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn ls(list: &List) -> Result<(), Outcome> {
    match &list.service {
        Some(service) => {
            let (_watch, nodes) = first(&list.url, service, &list.how).await?;
            print(&list.how, &nodes)
        }
        None => print_services(&list.how, &listed(&list.url, list.how.timeout).await?),
    }
}

fn open(url: &str) -> Result<Registry, Outcome> {
    Ok(discovery::open(url)?)
}

async fn first(url: &str, service: &str, how: &How) -> Result<(Watch, Arc<[Node]>), Outcome> {
    let mut watch = Watch::start(open(url)?.discover, service);
    match tokio::time::timeout(how.timeout, watch.first()).await {
        Ok(nodes) => Ok((watch, nodes)),
        Err(_) => Err(unheard(watch.error().as_deref())),
    }
}

async fn watch(of: &Of) -> Result<(), Outcome> {
    let (mut watch, nodes) = first(&of.url, &of.service, &of.how).await?;
    print(&of.how, &nodes)?;
    let mut last = nodes;
    loop {
        tokio::select! {
            () = watch.changed() => {}
            () = stopped() => return Ok(()),
            () = show::gone() => return Ok(()),
        }
        if let Some(nodes) = watch.nodes()
            && *nodes != *last
        {
            if !of.how.json {
                show::print(b"\n")?;
            }
            print(&of.how, &nodes)?;
            last = nodes;
        }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    address: String,
    metadata: &'a str,
    active: bool,
    weight: u32,
}

fn print(how: &How, nodes: &[Node]) -> Result<(), Outcome> {
    let mut nodes: Vec<&Node> = nodes.iter().collect();
    nodes.sort_by_key(|node| node.address.to_string());
    let shown = nodes.iter().map(|node| Shown {
        address: node.address.to_string(),
        metadata: &node.metadata,
        active: node.active,
        weight: node.weight,
    });
    if how.json {
        let all: Vec<_> = shown.collect();
        return show::print_json(&serde_json::to_vec(&all).map_err(Outcome::usage)?);
    }
    let lines = shown.map(|node| {
        let line = format!("{}\t{}", node.address, node.metadata);
        crate::outcome::printable(line.trim_end()) + "\n"
    });
    show::print(lines.collect::<String>().as_bytes())
}

fn print_services(how: &How, names: &[String]) -> Result<(), Outcome> {
    if how.json {
        return show::print_json(&serde_json::to_vec(names).map_err(Outcome::usage)?);
    }
    let lines = names
        .iter()
        .map(|name| crate::outcome::printable(name) + "\n");
    show::print(lines.collect::<String>().as_bytes())
}

async fn set(entry: &Entry) -> Result<(), Outcome> {
    let address: Address = entry.address.parse().map_err(Outcome::usage)?;
    let register = open(&entry.url)?.register.ok_or_else(|| {
        let text = format!("`{}` is a list that is written by hand", entry.url);
        Outcome::usage(text).hint("etcd, consul, nacos, redis and zookeeper take entries")
    })?;
    let registration = Registration::new(&entry.service, address, &entry.metadata);
    let mut registrar = Registrar::start(register, vec![registration]);
    let written = tokio::time::timeout(entry.timeout, registrar.registered()).await;
    if written.is_err() {
        return Err(unheard(None));
    }
    show::print(format!("registered {} for {}\n", entry.address, entry.service).as_bytes())?;
    let end = async {
        match entry.time {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = end => {}
        () = stopped() => {}
    }
    registrar.leave(LEAVING).await;
    Ok(())
}

/// How long the registry may take to let go.
const LEAVING: Duration = Duration::from_secs(2);
