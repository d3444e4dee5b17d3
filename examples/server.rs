//! A server that other programs may call, Go ones too: service `Arith` with `Mul`, `Add` and
//! `Say`. Runs until ctrl-c or SIGTERM, then answers what it has read and ends.
//!
//! ```text
//! cargo run --example server -- --addr tcp@127.0.0.1:8972
//! ```

mod arith;

use std::error::Error;
use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;

use arith::{Args, Arith, ArithServer, Reply};
use rpcx::discovery::encode_metadata;
use rpcx::gateway::{Cors, Http};
use rpcx::layer::{Next, Request, Response};
use rpcx::transport::ListenOptions;
use rpcx::transport::tls::Tls;

struct MyArith;

/// What does not fit is an error of the method, not a wrong number.
fn in_range(result: Option<i64>) -> rpcx::Result<Reply> {
    result
        .map(|c| Reply { c })
        // By HTTP the code is the status: what was sent is wrong, and not the server.
        .ok_or_else(|| rpcx::Error::service("the result does not fit 64 bits").with_code(422))
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

const USAGE: &str = "usage: server [--addr network@address]... [--tls DIR [--ca FILE]]
              [--kcp-crypt NAME [--kcp-key HEX]]
              [--registry URL [--advertise network@address]... [--weight N] [--group NAME]]
              [--node NAME] [--http [--cors ORIGIN]...]

--addr network@address  where to listen, any number of times: tcp, http, unix and so on, as far as
                        their features are on; default tcp@127.0.0.1:8972
--tls DIR               TLS on all of them, with DIR/cert.pem and DIR/key.pem, which are read
                        again when they change
--ca FILE               lets in only clients with a certificate that one of the authorities in FILE
                        has signed
--kcp-crypt NAME        crypt of kcp addresses: none (default), aes-128, aes-192, aes-256, salsa20,
                        xor; plain is without the header that Go rpcx needs
--kcp-key HEX           its key
--registry URL          registers the service there while it serves, etcd://127.0.0.1:2379/rpcx_test for
                        one, as far as the feature of the registry is on
--advertise network@address  where clients find it, any number of times; port 0 stands for that of the
                        listener; default: where it listens
--weight N              its share of the calls, compared with others
--group NAME            the group that it is in
--node NAME             says in the metadata of each reply, as served-by, that it was this one
--http                  HTTP on the tcp and unix addresses beside rpcx: plain JSON, JSON-RPC 2.0,
                        the HTTP invoke of Go, and the networks http and ws
--cors ORIGIN           a page that may call by HTTP, such as https://app.example.org; any number of
                        times, * for every page
--help                  this text";

#[derive(Debug, Default)]
struct Options {
    addresses: Vec<String>,
    tls: Option<PathBuf>,
    ca: Option<PathBuf>,
    kcp_crypt: Option<String>,
    kcp_key: Option<String>,
    registry: Option<String>,
    advertise: Vec<String>,
    weight: Option<u32>,
    group: Option<String>,
    node: Option<String>,
    http: bool,
    cors: Vec<String>,
    help: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(option) = args.next() {
            let mut value = || {
                args.next()
                    .ok_or_else(|| format!("{option} needs a value\n{USAGE}"))
            };
            match option.as_str() {
                "--addr" => options.addresses.push(value()?),
                "--tls" => options.tls = Some(value()?.into()),
                "--ca" => options.ca = Some(value()?.into()),
                "--kcp-crypt" => options.kcp_crypt = Some(value()?),
                "--kcp-key" => options.kcp_key = Some(value()?),
                "--registry" => options.registry = Some(value()?),
                "--advertise" => options.advertise.push(value()?),
                "--weight" => {
                    let weight = value()?;
                    let number = weight.parse();
                    options.weight = Some(number.map_err(|e| format!("--weight {weight}: {e}"))?);
                }
                "--group" => options.group = Some(value()?),
                "--node" => options.node = Some(value()?),
                "--http" => options.http = true,
                "--cors" => options.cors.push(value()?),
                "--help" => options.help = true,
                _ => return Err(format!("unknown option {option}\n{USAGE}")),
            }
        }
        if !options.cors.is_empty() && !options.http {
            return Err("--cors needs --http".to_owned());
        }
        if options.addresses.is_empty() {
            options.addresses.push("tcp@127.0.0.1:8972".to_owned());
        }
        let of_registry =
            !options.advertise.is_empty() || options.weight.is_some() || options.group.is_some();
        if of_registry && options.registry.is_none() {
            return Err("--advertise, --weight and --group need --registry".to_owned());
        }
        Ok(options)
    }

    /// What the registry says of it: `group=a&weight=7`.
    fn metadata(&self) -> String {
        let group = self.group.iter().map(|group| ("group", group.clone()));
        let weight = self
            .weight
            .iter()
            .map(|weight| ("weight", weight.to_string()));
        encode_metadata(group.chain(weight))
    }

    fn http(&self) -> Option<Http> {
        let cors = self.cors.iter().fold(Cors::new(), Cors::origin);
        self.http.then(|| Http::new().cors(cors))
    }

    fn tls(&self) -> Result<Option<Tls>, Box<dyn Error>> {
        let tls = match &self.tls {
            Some(folder) => Tls::from_files(folder.join("cert.pem"), folder.join("key.pem"))?,
            None if self.ca.is_some() => return Err("--ca needs --tls".into()),
            None => return Ok(None),
        };
        Ok(Some(match &self.ca {
            Some(file) => tls.require_client_ca_pem(&arith::read(file)?)?,
            None => tls,
        }))
    }
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

/// Names the node in the metadata of each reply.
async fn served_by(node: String, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.metadata_mut().insert("served-by", node);
    response
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
    let mut builder = rpcx::Server::builder()
        .register(ArithServer::new(MyArith))
        .on_event(|event| {
            // What concerns registries, in one line each.
            if matches!(
                event.name(),
                "registered" | "registration_failed" | "unregistered"
            ) {
                eprintln!("{event}");
            }
        });
    if let Some(tls) = options.tls()? {
        builder = builder.tls(tls);
    }
    if let Some(http) = options.http() {
        builder = builder.http(http);
    }
    let kcp = arith::kcp(options.kcp_crypt.as_deref(), options.kcp_key.as_deref())?;
    for address in &options.addresses {
        let own = match address.starts_with("kcp@") {
            true => ListenOptions::new().kcp(kcp.clone()),
            false => ListenOptions::new(),
        };
        builder = builder.listen_with(address, own);
    }
    if let Some(url) = &options.registry {
        builder = builder.registry(url).node_metadata(options.metadata());
    }
    for address in &options.advertise {
        builder = builder.advertise(address);
    }
    if let Some(node) = options.node.clone() {
        builder = builder.layer(move |request, next| served_by(node.clone(), request, next));
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
