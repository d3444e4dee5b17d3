//! Services with something of everything that the page shows.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::{Context, Error};

/// Two factors.
#[rpcx::message]
pub(crate) struct Factors {
    /// The first factor.
    pub(crate) a: i64,
    /// The second.
    pub(crate) b: i64,
}

/// A product.
#[rpcx::message]
pub(crate) struct Product {
    pub(crate) c: i64,
}

/// What can go wrong with numbers.
#[derive(Debug, rpcx::ServiceError)]
pub(crate) enum MathError {
    /// The product does not fit 64 bits.
    #[rpcx(code = 422, message = "{factor} is too much")]
    Overflow {
        /// The factor that was too much.
        factor: i64,
    },
    #[rpcx(other)]
    Rpc(Error),
}

/// Arithmetic with whole numbers of 64 bits.
#[rpcx::service]
pub(crate) trait Arith {
    /// The product of two numbers.
    ///
    /// May be called any number of times. A product that does not fit **64 bits** is the error `Overflow`.
    #[rpcx(idempotent)]
    async fn mul(&self, args: Factors) -> Result<Product, MathError>;

    /// The sum of two numbers.
    #[rpcx(idempotent)]
    async fn add(&self, a: i64, b: i64) -> rpcx::Result<i64>;

    /// The metadata that came with the call, and one of its own.
    async fn meta(&self, ctx: &Context, key: String) -> rpcx::Result<String>;

    /// Waits, in milliseconds.
    async fn wait(&self, milliseconds: u32) -> rpcx::Result<()>;
}

pub(crate) struct Calculator;

impl Arith for Calculator {
    async fn mul(&self, args: Factors) -> Result<Product, MathError> {
        let overflow = MathError::Overflow { factor: args.b };
        Ok(Product {
            c: args.a.checked_mul(args.b).ok_or(overflow)?,
        })
    }

    async fn add(&self, a: i64, b: i64) -> rpcx::Result<i64> {
        Ok(a + b)
    }

    async fn meta(&self, ctx: &Context, key: String) -> rpcx::Result<String> {
        ctx.set_response_metadata("served-by", "node-7");
        Ok(ctx.metadata().get(&key).unwrap_or_default().to_owned())
    }

    async fn wait(&self, milliseconds: u32) -> rpcx::Result<()> {
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
        Ok(())
    }
}

/// How far an order is.
#[rpcx::message]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Status {
    Open,
    /// Paid, and not on its way yet.
    Paid,
    Sent,
}

/// A number of one article.
#[rpcx::message]
pub(crate) struct Item {
    pub(crate) article: String,
    pub(crate) count: u8,
    /// Of one piece, in euros.
    pub(crate) price: f64,
}

/// Where a parcel goes.
#[rpcx::message]
pub(crate) struct Place {
    pub(crate) street: String,
    pub(crate) city: String,
}

/// What is bought, by whom, and where it goes.
#[rpcx::message]
pub(crate) struct Order {
    /// The name on the parcel.
    pub(crate) customer: String,
    pub(crate) express: bool,
    pub(crate) status: Status,
    pub(crate) items: Vec<Item>,
    pub(crate) labels: BTreeMap<String, String>,
    /// Not known yet, as a rule.
    pub(crate) place: Option<Place>,
    /// A picture, for the parcel.
    pub(crate) picture: Vec<u8>,
}

/// What the shop says of an order.
#[rpcx::message]
pub(crate) struct Receipt {
    pub(crate) number: u64,
    pub(crate) total: f64,
}

/// Orders of a shop: placing and finding them.
#[rpcx::service(version = "2.1")]
pub(crate) trait Orders {
    /// Places an order.
    async fn place(&self, order: Order) -> rpcx::Result<Receipt>;

    /// The order with this number.
    #[rpcx(idempotent)]
    async fn find(&self, number: u64) -> rpcx::Result<Order>;

    /// Writes a line into the book, and answers nothing.
    #[rpcx(oneway)]
    async fn note(&self, line: String) -> rpcx::Result<()>;
}

pub(crate) struct Shop;

impl Orders for Shop {
    async fn place(&self, order: Order) -> rpcx::Result<Receipt> {
        let prices = order
            .items
            .iter()
            .map(|item| item.price * f64::from(item.count));
        // Beyond 2^53: a page that loses digits shows another number.
        Ok(Receipt {
            number: 9_007_199_254_740_993,
            total: prices.sum(),
        })
    }

    async fn find(&self, number: u64) -> rpcx::Result<Order> {
        Err(Error::service(format!("there is no order {number}")).with_code(404))
    }

    async fn note(&self, _: String) -> rpcx::Result<()> {
        Ok(())
    }
}

/// What a share costs.
#[rpcx::message]
pub(crate) struct Price {
    pub(crate) name: String,
    pub(crate) cents: i64,
}

/// What subscribers are told.
#[rpcx::service]
pub(crate) trait Prices {
    #[rpcx(oneway)]
    async fn changed(&self, price: Price) -> rpcx::Result<()>;
}

/// The same as a line of text.
#[rpcx::service(codec = "raw")]
pub(crate) trait Ticks {
    #[rpcx(oneway)]
    async fn tick(&self, line: &[u8]) -> rpcx::Result<()>;
}

/// A market that tells its subscribers what changes.
#[rpcx::service]
pub(crate) trait Market {
    /// Pushes so many prices, each in two forms.
    async fn subscribe(&self, ctx: &Context, count: u32) -> rpcx::Result<()>;
}

pub(crate) struct Ticker;

impl Market for Ticker {
    async fn subscribe(&self, ctx: &Context, count: u32) -> rpcx::Result<()> {
        let peer = ctx.peer().ok_or("a call without a peer")?;
        let (prices, ticks) = (PricesClient::new(peer.clone()), TicksClient::new(peer));
        for n in 0..count {
            // Beyond 2^53: a page that loses digits shows another number.
            let cents = 9_007_199_254_740_993 + i64::from(n);
            let price = Price {
                name: "RST".to_owned(),
                cents,
            };
            prices.changed(price).metadata("place", "Berlin").await?;
            ticks.tick(format!("tick {n}").as_bytes()).await?;
        }
        Ok(())
    }
}

/// <img src=x onerror="hacked()"> [link](javascript:hacked()) <script>hacked()</script> `</code><b>`
///
/// ```
/// </code></pre><svg onload=hacked()>
/// ```
#[rpcx::service(name = "<svg/onload=hacked()>")]
pub(crate) trait Hostile {
    /// "><img src=x onerror=hacked()>
    #[rpcx(name = "<b>echo")]
    async fn echo(&self, text: String) -> rpcx::Result<String>;
}

pub(crate) struct Attacker;

impl Hostile for Attacker {
    async fn echo(&self, text: String) -> rpcx::Result<String> {
        match text.strip_prefix("fail ") {
            Some(text) => Err(Error::service(text.to_owned())
                .with_data("{\"html\":\"<img src=x onerror=hacked()>\"}")),
            None => Ok(text),
        }
    }
}
