//! `shop-server [ADDRESS]`: the shop, until ctrl-c.

use std::sync::Arc;

use shop_server::{Shop, server};

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "tcp@127.0.0.1:8972".to_owned());
    let shop = Arc::new(Shop::with_staff("staff@shop.example", "open sesame"));
    let server = server(&shop).listen(address).bind().await?;
    for address in server.addresses() {
        println!("listening on {address}");
    }
    server.serve().await
}
