//! `rpcx gateway`: a server of its own that makes the calls of HTTP clients of other servers.

mod config;
mod describe;
mod listed;
mod openapi;
mod ready;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use rpcx::client::{FailMode, Select};
use rpcx::gateway::{Cors, Forward, Http};
use rpcx::transport::tls::Tls;
use rpcx::{Channel, Codec, Server, ServerBuilder};

pub(crate) use config::{with_environment, with_file};
use describe::{Behind, describing};
use listed::Listed;
use ready::Ready;

use crate::connect::{ConnectOptions, duration};
use crate::outcome::Outcome;
use crate::show;
use crate::signals::stopped;

const EXAMPLES: &str = "\
Examples:
  rpcx gateway tcp@127.0.0.1:8972
  curl -d '{\"A\":6,\"B\":7}' http://127.0.0.1:9981/Arith/Mul

  rpcx gateway etcd://127.0.0.1:2379/rpcx --listen tcp@0.0.0.0:80 --cors https://app.example.org
  rpcx gateway --config gateway.toml

The environment and the file:
  Each option has a variable, RPCX_GATEWAY_LISTEN for `--listen`; lists have commas. In the file of `--config` (TOML, also
  RPCX_GATEWAY_CONFIG) each has its name: `listen = [\"tcp@0.0.0.0:80\"]`, `tls = true`, `timeout = \"5s\"`; the servers are
  `servers`. The command line goes before the environment, and that before the file.

Its clients:
  POST /Service/Method with JSON, JSON-RPC 2.0 at /jsonrpc, the X-RPCX headers of Go's gateway, and rpcx itself.
  GET /healthz says that it runs, GET /readyz that it is to be called: there is a connection to one of its servers, which it looks
  for from the start. Browsers get a page with the services at `/`, as far as the servers say what they have. A registry is asked for
  its services every 10 s, unless they are named by `--service`; one that has no list of them, such as DNS, is known to have a
  service from its first call on.";

/// Answers HTTP clients by calling other servers
///
/// Runs until SIGINT or SIGTERM; what has come is then answered.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GatewayOptions {
    /// Where the servers are: network@host:port, several of them, or the URL of a registry
    #[arg(value_name = "ADDRESS", required = true)]
    servers: Vec<String>,

    /// Where to listen; can be repeated
    #[arg(
        short,
        long,
        value_name = "ADDRESS",
        default_value = "tcp@127.0.0.1:9981",
        value_delimiter = ','
    )]
    listen: Vec<String>,

    /// A file with options
    #[arg(long, value_name = "FILE")]
    config: Option<String>,

    /// Only calls of this service are passed on; can be repeated [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    service: Vec<String>,

    /// Makes JSON into this codec for servers that do not read JSON, and their replies into JSON
    #[arg(long, value_name = "CODEC")]
    json_as: Option<JsonAs>,

    /// How long a call may take whose client does not say [default: 60s, which servers are not told]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,

    /// What a call does whose server cannot be reached
    #[arg(long, value_name = "HOW", default_value = "failover")]
    fail_mode: FailHow,

    /// Pages of this origin may call; can be repeated
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    cors: Vec<String>,

    /// A name by which requests may come in at a loopback address; can be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    host: Vec<String>,

    /// The longest body of a request, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    body_limit: usize,

    /// Shows browsers no page with the services at `/`
    #[arg(long)]
    no_page: bool,

    /// Answers with the status codes and error codes of Go's gateway
    #[arg(long)]
    go_status_codes: bool,

    /// The gateway's certificate (PEM): TLS on all its addresses
    #[arg(long, value_name = "FILE")]
    listen_cert: Option<String>,

    /// The key of that certificate (PEM)
    #[arg(long, value_name = "FILE")]
    listen_key: Option<String>,

    /// How long it is not ready before it stops, so that load balancers see it
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    drain_delay: Duration,

    /// How long calls may go on when it stops
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    grace: Duration,

    /// Prints what happens beside the calls to standard error
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    connect: ConnectOptions,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum JsonAs {
    Msgpack,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailHow {
    /// nothing
    Failfast,
    /// tries the same server again
    Failtry,
    /// tries another server
    Failover,
}

impl From<FailHow> for FailMode {
    fn from(how: FailHow) -> Self {
        match how {
            FailHow::Failfast => Self::Failfast,
            FailHow::Failtry => Self::Failtry,
            FailHow::Failover => Self::Failover,
        }
    }
}

/// Runs the command.
pub(crate) async fn run(options: &GatewayOptions) -> Result<ExitCode, Outcome> {
    let channel = channel(options)?;
    let behind = behind(options);
    let ready = Ready::watch(channel.clone(), Listed::new(&behind)?, behind.is_registry());
    let forward = forward(options, channel.clone());
    let server = describing(server(options)?, &forward, behind)
        .http(http(options, ready.clone()))
        .forward(forward);
    let server = server.bind().await?;
    for address in server.addresses() {
        show::print(format!("listening {address}\n").as_bytes())?;
    }
    let stop = async {
        stopped().await;
        ready.leave();
        tokio::select! {
            () = tokio::time::sleep(options.drain_delay) => {}
            // Told twice, it does not wait.
            () = stopped() => {}
        }
    };
    server.serve_until(stop).await?;
    channel.close().await;
    Ok(ExitCode::SUCCESS)
}

fn channel(options: &GatewayOptions) -> Result<Channel, Outcome> {
    let mut builder = options
        .connect
        .channel(&options.servers, Select::LeastLoaded)?
        .fail_mode(options.fail_mode.into());
    if let Some(timeout) = options.timeout {
        builder = builder.timeout(timeout);
    }
    if options.verbose {
        builder = builder.on_event(|event| anstream::eprintln!("{event}"));
    }
    Ok(builder.build_lazy()?)
}

fn behind(options: &GatewayOptions) -> Behind {
    Behind {
        connect: options.connect.clone(),
        servers: options.servers.clone(),
        services: options.service.clone(),
    }
}

fn forward(options: &GatewayOptions, channel: Channel) -> Forward {
    let mut forward = Forward::to(channel);
    if !options.service.is_empty() {
        forward = forward.services(options.service.iter().cloned());
    }
    match options.json_as {
        Some(JsonAs::Msgpack) => forward.json_as(Codec::MSGPACK),
        None => forward,
    }
}

fn http(options: &GatewayOptions, ready: Ready) -> Http {
    let mut cors = Cors::new();
    for origin in &options.cors {
        cors = cors.origin(origin.as_str());
    }
    let http = Http::new()
        .cors(cors)
        .hosts(options.host.iter().cloned())
        .body_limit(options.body_limit)
        .page(!options.no_page)
        .health(move || ready.is_ready());
    match options.go_status_codes {
        true => http.go_status_codes(),
        false => http,
    }
}

fn server(options: &GatewayOptions) -> Result<ServerBuilder, Outcome> {
    // What the servers say of their services is asked for there.
    let builder = Server::builder().without_reflection();
    let mut server = builder.shutdown_grace(options.grace);
    for address in &options.listen {
        server = server.listen(address.as_str());
    }
    if options.verbose {
        server = server.on_event(|event| anstream::eprintln!("{event}"));
    }
    match (&options.listen_cert, &options.listen_key) {
        (Some(cert), Some(key)) => Ok(server.tls(Tls::from_files(cert, key)?)),
        (None, None) => Ok(server),
        _ => Err(Outcome::usage(
            "`--listen-cert` and `--listen-key` go together",
        )),
    }
}
