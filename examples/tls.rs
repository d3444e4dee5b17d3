//! TLS: a server with a certificate, a client that trusts its authority, and a new certificate
//! without a restart.

mod certificates;

use std::error::Error;

use certificates::Authority;
use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::{Channel, Server};

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

async fn client(
    address: &rpcx::transport::Address,
    trusted: &Authority,
) -> rpcx::Result<GreeterClient> {
    let channel = Channel::builder()
        .address(address)
        .tls(ClientTls::roots_pem(trusted.pem.as_bytes())?);
    Ok(GreeterClient::new(channel.build().await?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (first, second) = (Authority::new()?, Authority::new()?);
    let certificate = first.issue(&["127.0.0.1"])?;
    // From files it would be `Tls::from_files`, which notices by itself when they change.
    let tls = Tls::from_pem(certificate.pem.as_bytes(), certificate.key.as_bytes())?;
    let server = Server::builder()
        .register(GreeterServer::new(Polite))
        .tls(tls.clone())
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    let early = client(&address, &first).await?;
    println!("{}", early.hello("first certificate").await?);

    let certificate = second.issue(&["127.0.0.1"])?;
    tls.replace_pem(certificate.pem.as_bytes(), certificate.key.as_bytes())?;
    let late = client(&address, &second).await?;
    println!("{}", late.hello("second certificate").await?);
    println!("{}", early.hello("connection that was open").await?);

    // The server now shows a certificate of an authority that this client does not know.
    match client(&address, &first).await {
        Ok(_) => return Err("a stranger's certificate was accepted".into()),
        Err(error) => println!("refused: {}", error.kind() == rpcx::ErrorKind::NotSent),
    }

    handle.shutdown();
    serving.await??;
    Ok(())
}
