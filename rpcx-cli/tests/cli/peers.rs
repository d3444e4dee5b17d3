//! Servers that are called: one in Rust, in a thread of the test, and the one of `tests/interop` in Go.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

use rpcx::gateway::Http;
use rpcx::{Context, Error, Rejection, Server, ServerBuilder};

#[rpcx::message]
#[derive(Clone, Debug)]
pub(crate) struct Args {
    a: i64,
    b: i64,
}

#[rpcx::message]
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    c: i64,
}

/// Arithmetic, and more.
#[rpcx::service]
pub(crate) trait Arith {
    /// The product of two numbers.
    #[rpcx(idempotent)]
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
    /// Greets by name.
    async fn say(&self, name: String) -> rpcx::Result<String>;
    /// Fails with a code.
    async fn error(&self, args: Args) -> rpcx::Result<Reply>;
    /// Takes its time.
    async fn sleep(&self, milliseconds: u64) -> rpcx::Result<()>;
    /// The metadata under a key.
    async fn meta(&self, ctx: &Context, key: String) -> rpcx::Result<String>;
    /// The same bytes.
    async fn echo(&self, data: Vec<u8>) -> rpcx::Result<Vec<u8>>;
}

pub(crate) struct Calculator;

impl Arith for Calculator {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }

    async fn say(&self, name: String) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }

    async fn error(&self, args: Args) -> rpcx::Result<Reply> {
        let error = Error::service("no such \u{1b}[31maccount").with_code(args.a);
        Err(error.with_data(r#"{"account":7}"#))
    }

    async fn sleep(&self, milliseconds: u64) -> rpcx::Result<()> {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(())
    }

    async fn meta(&self, ctx: &Context, key: String) -> rpcx::Result<String> {
        ctx.set_response_metadata("seen-by", "a server");
        Ok(ctx.metadata().get(&key).unwrap_or_default().to_owned())
    }

    async fn echo(&self, data: Vec<u8>) -> rpcx::Result<Vec<u8>> {
        Ok(data)
    }
}

/// Where a server in Rust listens, with HTTP on: `host:port`. It runs to the end of the tests.
pub(crate) fn rust_server() -> String {
    let arith = ArithServer::new(Calculator);
    serve(Server::builder().register(arith).http(Http::new()))
}

/// The same, which says nothing of its services.
pub(crate) fn rust_server_without_reflection() -> String {
    serve(
        Server::builder()
            .register(ArithServer::new(Calculator))
            .without_reflection(),
    )
}

/// The same for callers with the token `secret`.
pub(crate) fn guarded_server() -> String {
    let guard = |request: &rpcx::server::AuthRequest<'_>| match request.metadata.auth() {
        Some("secret") => Ok(()),
        _ => Err(Rejection::Unauthenticated.into()),
    };
    let arith = ArithServer::new(Calculator);
    serve(Server::builder().register(arith).authorize(guard))
}

pub(crate) fn serve(builder: ServerBuilder) -> String {
    serve_on(builder, "tcp@127.0.0.1:0")
}

/// The same at this address.
pub(crate) fn serve_on(builder: ServerBuilder, address: &str) -> String {
    let address = address.to_owned();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let server = builder.listen(&*address).bind().await;
            let server = server.expect("a free port");
            let at = server.addresses()[0].location().to_owned();
            sender.send(at).expect("the test waits for it");
            server.serve().await.expect("nothing ends it");
        });
    });
    receiver.recv().expect("the server is bound")
}

/// A server in Go; it ends when this is dropped.
pub(crate) struct GoServer {
    child: Child,
    /// `host:port`
    pub(crate) address: String,
}

impl Drop for GoServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of `tests/interop`; none where there is no `go` and none is required.
pub(crate) fn go_program(name: &str) -> Option<PathBuf> {
    static HAS_GO: OnceLock<bool> = OnceLock::new();
    let has_go = *HAS_GO.get_or_init(|| {
        let version = Command::new("go").arg("version").output();
        version.is_ok_and(|output| output.status.success())
    });
    let required = std::env::var("RPCX_INTEROP").is_ok_and(|value| value == "required");
    assert!(
        has_go || !required,
        "RPCX_INTEROP=required, but `go version` does not run"
    );
    if !has_go {
        println!("skipped: no go");
        return None;
    }
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interop");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("cli-go-{}/{name}", std::process::id()));
    let output = Command::new("go")
        .args(["build", "-o"])
        .arg(&path)
        .arg(format!("./{name}"))
        .current_dir(module)
        .output()
        .expect("go ran a moment ago");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "go build ./{name}:\n{errors}");
    Some(path)
}

/// The server in Go with the services of `tests/interop/peer`.
pub(crate) fn go_server() -> Option<GoServer> {
    go_server_with(&[])
}

/// The same with these flags.
pub(crate) fn go_server_with(flags: &[&str]) -> Option<GoServer> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let program = BUILT.get_or_init(|| go_program("server")).as_ref()?;
    let child = Command::new(program)
        .args(["-addr", "127.0.0.1:0"])
        .args(flags)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it was built");
    let mut server = GoServer {
        child,
        address: String::new(),
    };
    let stdout = server.child.stdout.take().expect("it is piped");
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line);
    read.expect("the output is text");
    let address = line.trim().strip_prefix("listening ");
    server.address = address.expect("it says where it listens").to_owned();
    Some(server)
}
