//! What the page gives to copy as Rust, compiled: `copies.rs` compares the texts.

use std::error::Error;

use super::shop::{
    ArithClient, Factors, Item, Order, OrdersClient, Place, Product, Receipt, Status,
};

pub(crate) const TEXT: &str = include_str!("copied.rs");

#[allow(dead_code, reason = "it is compiled, and its text compared")]
async fn one_message() -> Result<Product, Box<dyn Error>> {
    let channel = rpcx::Channel::connect("tcp@127.0.0.1:8972").await?;
    let arith = ArithClient::new(channel);
    let reply = arith
        .mul(Factors { a: 6, b: 7 })
        .timeout(std::time::Duration::from_millis(9500))
        .auth("secret")
        .metadata("tenant", "blue \"one\"")
        .await?;
    Ok(reply)
}

#[allow(dead_code, reason = "it is compiled, and its text compared")]
async fn two_arguments() -> Result<i64, Box<dyn Error>> {
    let channel = rpcx::Channel::connect("tcp@127.0.0.1:8972").await?;
    let arith = ArithClient::new(channel);
    let reply = arith.add(1, -2).await?;
    Ok(reply)
}

#[allow(dead_code, reason = "it is compiled, and its text compared")]
#[rustfmt::skip]
async fn nested_messages() -> Result<Receipt, Box<dyn Error>> {
    let channel = rpcx::Channel::connect("tcp@127.0.0.1:8972").await?;
    let orders = OrdersClient::new(channel);
    let reply = orders
        .place(Order { customer: "Ada".into(), express: false, status: Status::Open, items: vec![Item { article: "text".into(), count: 10, price: 3.0 }], labels: [("key".into(), "text".into())].into(), place: Some(Place { street: "text".into(), city: "London".into() }), picture: b"hello".into() })
        .await?;
    Ok(reply)
}

#[allow(dead_code, reason = "it is compiled, and its text compared")]
async fn by_name() -> Result<Vec<u8>, Box<dyn Error>> {
    let channel = rpcx::Channel::connect("tcp@127.0.0.1:8972").await?;
    let arguments = r#"{"Customer":"Ada","Express":true}"#;
    let reply = channel
        .raw("Orders", "Missing")
        .codec(rpcx::protocol::Codec::JSON)
        .call(arguments)
        .await?;
    Ok(reply.payload.to_vec())
}
