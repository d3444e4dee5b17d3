//! A Unix domain socket: calls between programs of one machine, guarded by the permissions of a
//! file.

use rpcx::transport::ListenOptions;

#[rpcx::service]
pub trait Greeter {
    /// Greets by name.
    async fn hello(&self, name: &str) -> rpcx::Result<String>;
}

struct Polite;

impl Greeter for Polite {
    async fn hello(&self, name: &str) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }
}

/// A file whose name is new, so that two runs of this example do not meet.
fn socket() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("rpcx-example-{}.sock", std::process::id()))
}

fn builder(address: &str) -> rpcx::ServerBuilder {
    // From its first moment on, the file is for the user that the server runs as and for no
    // other.
    let options = ListenOptions::new().unix_mode(0o600);
    rpcx::Server::builder()
        .register(GreeterServer::new(Polite))
        .listen_with(address, options)
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let address = format!("unix@{}", socket().display());
    let server = builder(&address).bind().await?;
    let handle = server.handle();
    let serving = tokio::spawn(server.serve());

    let greeter = GreeterClient::new(rpcx::Channel::connect(&address).await?);
    println!("{}", greeter.hello("file").await?);

    // A file that no server answers on is replaced, one with a server behind it is not.
    if builder(&address).bind().await.is_err() {
        println!("a second server is refused");
    }

    handle.shutdown();
    serving.await.expect("the server does not panic")?;
    if !socket().exists() {
        println!("the file is gone");
    }
    Ok(())
}
