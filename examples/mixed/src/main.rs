//! A Rust and a Go program that serve and call the same service. Both halves are generated from
//! `service/stock.rs`: the Rust one into `OUT_DIR`, the Go one into `go/stock`.

mod go;
mod shop;

pub mod stock {
    rpcx::include_service!("stock");
}

use std::error::Error;

use shop::Shop;
use stock::{Item, StockClient, StockError, StockServer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = rpcx::Server::builder()
        .register(StockServer::new(Shop::default()))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let address = server.addresses()[0].clone();
    tokio::spawn(server.serve_until(std::future::pending()));

    println!("Rust calls Rust: {}", visit(&address.to_string()).await?);
    let Some(go) = go::build()? else {
        println!("go is not installed, so there is no other program to call");
        return Ok(());
    };
    let go_server = go.serve()?;
    let go_address = format!("tcp@{}", go_server.address);
    println!("Rust calls Go: {}", visit(&go_address).await?);
    println!("Go calls Rust: {}", go.call(address.location())?);
    Ok(())
}

/// Fills the shelf and takes from it. The Go program does the same.
async fn visit(address: &str) -> Result<String, Box<dyn Error>> {
    let stock = StockClient::new(rpcx::Channel::connect(address).await?);
    for (name, count) in [("apple", 3), ("pear", 1)] {
        let name = name.to_owned();
        stock.add(&Item { name, count }).await?;
    }
    let list: Vec<String> = stock
        .list()
        .await?
        .iter()
        .map(|item| format!("{} {}", item.count, item.name))
        .collect();
    let left = stock.take("apple", 2).await?;
    let refused = match stock.take("apple", 2).await {
        Err(StockError::NotEnough { left }) => format!("not 2 more of {left}"),
        Err(StockError::Rpc(error)) => return Err(error.into()),
        Ok(left) => format!("{left} left"),
    };
    stock.take("pear", 1).await?;
    stock.take("apple", left).await?;
    Ok(format!("{}; {left} apple left, {refused}", list.join(", ")))
}
