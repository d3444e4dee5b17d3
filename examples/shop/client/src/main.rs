//! `shop-client [ADDRESS]`: what the staff and a customer do, against a running `shop-server`.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::Channel;
use shop_api::Cents;
use shop_api::accounts::{AccountsClient, Address};
use shop_api::cart::CartClient;
use shop_api::catalog::{CatalogClient, Category, NewProduct};
use shop_api::news::NewsServer;
use shop_api::orders::{OrdersClient, Payment};
use shop_client::{Bought, Screen, all_products, buy, signed_in};
use tokio::sync::mpsc::unbounded_channel;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "tcp@127.0.0.1:8972".to_owned());
    let staff = signed_in(&address, "staff@shop.example", "open sesame").await?;
    let product = stock_up(&staff).await?;

    // Names of accounts are taken once, and the server may be a running one.
    let email = format!("ada-{product}@example.org");
    let guest = Channel::connect(&address).await?;
    AccountsClient::new(&guest)
        .register(&email, "correct horse")
        .await?;
    let customer = signed_in(&address, &email, "correct horse").await?;

    let catalog = CatalogClient::new(&guest);
    for product in all_products(&catalog, Category::Games).await? {
        catalog.viewed(product.id).await?;
        println!("{} costs {} cents", product.name, product.price.0);
    }
    shop(&customer, product).await?;

    let (sender, mut lines) = unbounded_channel();
    customer.serve(NewsServer::new(Screen(sender)))?;
    let orders = OrdersClient::new(&customer);
    orders.watch().await?;
    for order in orders.list(shop_api::Page::default()).await? {
        let delivery = Duration::from_secs(3600 * 48);
        OrdersClient::new(&staff).ship(order.id, delivery).await?;
    }
    if let Some(line) = lines.recv().await {
        println!("news: {line}");
    }
    // one-way calls are sent before a program ends
    guest.close().await;
    Ok(())
}

/// What the staff does: a product, its picture, and five of it in stock.
async fn stock_up(staff: &Channel) -> Result<u64, Failure> {
    let catalog = CatalogClient::new(staff);
    let product = NewProduct {
        name: "Go board".to_owned(),
        category: Category::Games,
        price: Cents(4_950),
    };
    let id = catalog.add(product).await?;
    catalog.set_picture(id, b"not really a picture").await?;
    catalog.restock(BTreeMap::from([(id, 5)])).await?;
    Ok(id)
}

/// What a customer does.
async fn shop(customer: &Channel, product: u64) -> Result<(), Failure> {
    let address = Address {
        name: "Ada".to_owned(),
        street: "1 Main Street".to_owned(),
        city: "London".to_owned(),
        country: "GB".to_owned(),
    };
    AccountsClient::new(customer).move_to(&address).await?;
    let (cart, orders) = (CartClient::new(customer), OrdersClient::new(customer));
    for count in [4, 4] {
        match buy(&cart, &orders, product, count, Payment::Invoice).await? {
            Bought::Ordered(order) => println!("ordered {count} for {} cents", order.total.0),
            Bought::Fewer { left, .. } => println!("only {left} left"),
            Bought::NotKnown => println!("no answer: look at the list of orders"),
        }
    }
    Ok(())
}
