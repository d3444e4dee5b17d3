//! TLS on both sides: the client has a certificate too, and the handler sees whose it is.

mod certificates;

use std::error::Error;

use certificates::Authority;
use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::{Channel, Context, Server};

#[rpcx::service]
pub trait Door {
    /// Says who is there, and lets in only some.
    async fn knock(&self, ctx: &Context) -> rpcx::Result<String>;
}

struct Porter;

impl Door for Porter {
    async fn knock(&self, ctx: &Context) -> rpcx::Result<String> {
        // Verified in the handshake, so these are names that the authority vouches for.
        let identity = ctx.peer().and_then(|peer| peer.identity.as_deref());
        let names = identity.map_or(&[][..], |identity| &identity.dns_names);
        match names.first() {
            Some(name) if name.ends_with(".staff.example") => Ok(format!("come in, {name}")),
            Some(name) => Err(rpcx::Error::service(format!("{name} is not staff"))),
            None => Err(rpcx::Error::service("who are you?")),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let authority = Authority::new()?;
    let roots = authority.pem.as_bytes();
    let own = authority.issue(&["127.0.0.1"])?;
    let tls = Tls::from_pem(own.pem.as_bytes(), own.key.as_bytes())?;
    let server = Server::builder()
        .register(DoorServer::new(Porter))
        .tls(tls.require_client_ca_pem(roots)?)
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    for name in ["ada.staff.example", "bob.guests.example"] {
        let own = authority.issue(&[name])?;
        let tls =
            ClientTls::roots_pem(roots)?.identity_pem(own.pem.as_bytes(), own.key.as_bytes())?;
        let channel = Channel::builder().address(&address).tls(tls);
        match DoorClient::new(channel.build().await?).knock().await {
            Ok(welcome) => println!("{welcome}"),
            Err(error) => println!("{}", error.message()),
        }
    }

    // Without a certificate no call gets as far as a handler.
    let channel = Channel::builder()
        .address(&address)
        .tls(ClientTls::roots_pem(roots)?);
    let knocked = DoorClient::new(channel.build_lazy()?).knock().await;
    println!(
        "without a certificate: {}",
        if knocked.is_ok() { "in" } else { "out" }
    );

    handle.shutdown();
    serving.await??;
    Ok(())
}
