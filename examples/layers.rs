//! Layers: code around calls, on a server and on a channel.

use std::time::Instant;

use rpcx::layer::{Next, Request, Response};
use rpcx::{Channel, Context, Rejection, Server};

/// The account behind a token, for handlers.
#[derive(Clone)]
struct Account(String);

#[rpcx::service]
pub trait Bank {
    async fn balance(&self, ctx: &Context) -> rpcx::Result<String>;
}

struct Vault;

impl Bank for Vault {
    async fn balance(&self, ctx: &Context) -> rpcx::Result<String> {
        let account = ctx.get::<Account>().ok_or(Rejection::Denied)?;
        Ok(format!("{} has 7 coins", account.0))
    }
}

/// The same on both sides.
async fn timed(request: Request, next: Next) -> Response {
    let side = match request.peer() {
        Some(_) => "server",
        None => "client",
    };
    let (name, began) = (request.full_name(), Instant::now());
    let response = next.run(request).await;
    let quick = began.elapsed().as_secs() < 5;
    println!("{side}: {name} {:?}, quick: {quick}", response.outcome());
    response
}

/// Refuses, or finds out for the handler who is calling.
async fn identified(mut request: Request, next: Next) -> Response {
    match request.metadata().get("token") {
        Some("secret") => request.insert(Account("ann".to_owned())),
        _ => return Response::refuse(Rejection::Unauthenticated, "a token is needed"),
    }
    let mut response = next.run(request).await;
    response.metadata_mut().insert("server", "vault-1");
    response
}

/// Puts something into the metadata of every call.
async fn with_token(mut request: Request, next: Next) -> Response {
    request.metadata_mut().insert("token", "secret");
    next.run(request).await
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let server = Server::builder()
        .register(BankServer::new(Vault))
        .layer(timed)
        .layer(identified)
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let address = server.addresses()[0].clone();
    tokio::spawn(server.serve());

    let channel = Channel::builder().address(address).layer(timed);
    let bank = BankClient::new(channel.build().await?);
    if let Err(error) = bank.balance().await {
        println!("{error}");
    }
    let trusted = bank.clone().layer(with_token);
    let (balance, metadata) = trusted.balance().with_metadata().await?;
    println!("{balance}, says {:?}", metadata.get("server"));
    Ok(())
}
