//! What is called in each cell, from either side.

use std::fmt::Debug;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rpcx::transport::ConnectOptions;
use rpcx::{Channel, ErrorKind};
use tokio::process::Command;

use super::super::peer::{self, GoServer, programs};
use super::super::services::{Args, ArithClient, BigArgs, TypesClient, pattern};
use super::super::{kcp, quic};
use super::plan::{Direction, Group, Link, Way};
use super::servers::{CRYPT, Certificates, NAME};

/// The cases of the Go client.
pub(super) const CASES: &str = "mul,say,error,metadata,oneway,big,gzip";

/// Those that move no megabyte.
pub(super) const SMALL_CASES: &str = "mul,say,error,metadata,oneway,gzip";

/// Both sides.
pub(super) struct Peers {
    go: Option<Go>,
    pub(super) certificates: Certificates,
}

/// The Go programs, by the networks that they are built for.
struct Go {
    most: (&'static Path, &'static Path),
    quic: (&'static Path, &'static Path),
    kcp: (&'static Path, &'static Path),
}

impl Go {
    fn programs(&self, link: Link) -> (&'static Path, &'static Path) {
        match link.network {
            "quic" => self.quic,
            "kcp" => self.kcp,
            _ => self.most,
        }
    }
}

impl Peers {
    /// Builds the Go programs, if there is a `go`.
    pub(super) fn new() -> Self {
        let go = programs().zip(quic::go()).zip(kcp::go());
        Self {
            go: go.map(|((most, quic), kcp)| Go {
                most: (&most.server, &most.client),
                quic: (&quic.server, &quic.client),
                kcp: (&kcp.server, &kcp.client),
            }),
            certificates: Certificates::new("go-matrix"),
        }
    }

    pub(super) fn without_go() -> Self {
        Self {
            go: None,
            certificates: Certificates::new("matrix"),
        }
    }

    pub(super) fn have_go(&self) -> bool {
        self.go.is_some()
    }

    fn go(&self) -> &Go {
        self.go.as_ref().expect("only planned where there is Go")
    }

    /// Starts a Go server there.
    pub(super) fn go_server(&self, link: Link, address: &str) -> GoServer {
        let (chain, key) = (
            self.certificates.file("server.pem"),
            self.certificates.file("server.key"),
        );
        let (program, _) = self.go().programs(link);
        match link {
            Link { tls: true, .. } => {
                peer::start(program, address, &["-cert", &chain, "-key", &key])
            }
            Link { network: "kcp", .. } => {
                let address = address.trim_start_matches("kcp@");
                peer::start(program, address, &["-kcp-crypt", CRYPT])
            }
            _ => peer::start(program, address, &[]),
        }
    }

    /// Runs the cases of the Go client.
    pub(super) async fn go_calls(&self, link: Link, way: Way, address: &str) -> Result<(), String> {
        let (_, program) = self.go().programs(link);
        let mut command = Command::new(program);
        command.args(["-addr", address, "-served-by", "rust"]);
        command.args(way.options);
        if link.tls {
            command.args(["-ca", &self.certificates.file("ca.pem")]);
        }
        if link.network == "unix" {
            command.args(["-server-name", NAME]);
        }
        match link.network {
            "kcp" => command.args(["-kcp-crypt", CRYPT, "-case", SMALL_CASES]),
            _ => command.args(["-case", CASES]),
        };
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
        let output = output.await.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stdout);
        match output.status.success() && said.contains("ok mul") {
            true => Ok(()),
            false => Err(said.into_owned() + &String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// The same calls through generated code.
    pub(super) async fn rust_calls(
        &self,
        group: Group,
        way: Way,
        address: &str,
    ) -> Result<(), String> {
        let server = match group.direction {
            Direction::RustToGo => "go",
            _ => "rust",
        };
        let calls = async {
            let channel = self.channel(group.link, way, address).await?;
            let arith = ArithClient::new(channel.clone());
            values(&arith).await?;
            refusal(&arith).await?;
            metadata(&arith, server).await?;
            oneway(&arith).await?;
            big(channel, group.link.largest()).await?;
            match group.direction {
                Direction::RustToGo => form(&arith, way).await,
                _ => Ok(()),
            }
        };
        calls.await.map_err(|Failed(why)| why)
    }

    async fn channel(&self, link: Link, way: Way, address: &str) -> rpcx::Result<Channel> {
        let mut builder = Channel::builder().address(address);
        if link.network == "kcp" {
            let options = ConnectOptions::new().kcp(kcp::options(CRYPT));
            builder = builder.connect_options(options);
        }
        if link.tls {
            let mut tls = self.certificates.client()?;
            if link.network == "unix" {
                tls = tls.server_name(NAME)?;
            }
            builder = builder.tls(tls);
        }
        builder
            .codec(way.codec)
            .compression(way.compress)
            .build()
            .await
    }
}

/// Why a cell is not in order.
struct Failed(String);

impl From<rpcx::Error> for Failed {
    fn from(error: rpcx::Error) -> Self {
        Self(format!("{:?}: {error}", error.kind()))
    }
}

type Checked = Result<(), Failed>;

fn same<T: PartialEq + Debug>(what: &str, got: &T, wanted: &T) -> Checked {
    if got == wanted {
        return Ok(());
    }
    let short = |value: &T| format!("{value:?}").chars().take(200).collect::<String>();
    let (got, wanted) = (short(got), short(wanted));
    Err(Failed(format!("{what}: got {got}, not {wanted}")))
}

async fn values(arith: &ArithClient) -> Checked {
    same("mul", &arith.mul(Args { a: 10, b: -20 }).await?.c, &-200)?;
    let text = "wörld <a href=\"b\">&</a>\n";
    same("say", &arith.say(text).await?, &format!("hello {text}"))?;
    for size in [0, 1, 1025] {
        same("echo", &arith.echo(&pattern(size)).await?, &pattern(size))?;
    }
    Ok(())
}

async fn refusal(arith: &ArithClient) -> Checked {
    let Err(error) = arith.error(Args { a: 1, b: 2 }).await else {
        return Err(Failed("error: it is none".to_owned()));
    };
    same("error", &error.kind(), &ErrorKind::Service)?;
    same("error", &error.message(), &"arith: refused")
}

async fn metadata(arith: &ArithClient, server: &str) -> Checked {
    let call = arith
        .meta()
        .metadata("tenant", "blue")
        .metadata("text", "grüße & co");
    let (seen, returned) = call.with_metadata().await?;
    let seen = |key: &str| seen.get(key).map(String::as_str);
    same("metadata", &seen("tenant"), &Some("blue"))?;
    same("metadata", &seen("text"), &Some("grüße & co"))?;
    same("metadata", &returned.get("echo-text"), &Some("grüße & co"))?;
    same("metadata", &returned.get("served-by"), &Some(server))
}

async fn oneway(arith: &ArithClient) -> Checked {
    let before = arith.count().await?;
    for a in 0..5 {
        arith.notify(Args { a, b: 0 }).await?;
    }
    for _ in 0..500 {
        if arith.count().await? == before + 5 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    same("oneway", &arith.count().await?, &(before + 5))
}

/// The server has read requests in just this codec and compression.
async fn form(arith: &ArithClient, way: Way) -> Checked {
    let (_, returned) = arith.meta().with_metadata().await?;
    let forms = returned.get("forms").unwrap_or_default().to_owned();
    let form = format!("{}/{}", way.codec.number(), way.compress.number());
    match forms.split(' ').any(|seen| seen == form) {
        true => Ok(()),
        false => Err(Failed(format!("no request came as {form}, but as {forms}"))),
    }
}

async fn big(channel: Channel, largest: usize) -> Checked {
    let (arith, types) = (ArithClient::new(channel.clone()), TypesClient::new(channel));
    let data = pattern(largest);
    same("big", &arith.echo(&data).await?, &data)?;
    let size = i64::try_from(largest).expect("a small number");
    let reply = types.big(BigArgs { size }).await?;
    same("big", &reply.data, &data)
}
