//! The network QUIC, alone on loopback: a certificate of its own, and calls over one encrypted
//! connection. Needs the feature `quic`, which brings TLS along.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rpcx::transport::tls::{ClientTls, Tls};

/// Greetings.
#[rpcx::service]
pub trait Greeter {
    /// Greets by name.
    async fn greet(&self, name: String) -> rpcx::Result<String>;
}

struct MyGreeter;

impl Greeter for MyGreeter {
    async fn greet(&self, name: String) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Elsewhere an authority makes these, and they are read with `Tls::from_files`.
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
    let (certificate, key) = (cert.pem(), signing_key.serialize_pem());

    // QUIC has no plain text: without a certificate the server does not start.
    let server = rpcx::Server::builder()
        .tls(Tls::from_pem(certificate.as_bytes(), key.as_bytes())?)
        .register(GreeterServer::new(MyGreeter))
        .listen("quic@127.0.0.1:0")
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    let channel = rpcx::Channel::builder()
        .address(&address)
        .tls(ClientTls::pinned_pem(certificate.as_bytes())?)
        .build()
        .await?;
    let greeter = GreeterClient::new(channel);
    println!(
        "{}, from {address}",
        greeter.greet("QUIC".to_owned()).await?
    );

    // Draining waits until the last bytes have arrived, and says goodbye to every client.
    handle.shutdown();
    serving.await??;
    Ok(())
}
