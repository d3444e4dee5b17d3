//! A shop: what a client in a browser has to deal with.

/// What can be bought.
#[rpcx::message]
pub struct Item {
    /// Beyond 2^53 in the shops of some.
    #[rpcx(name = "ID")]
    pub id: u64,
    pub title: String,
    pub photo: Vec<u8>,
    pub color: Color,
    pub price: Option<Money>,
    pub tags: BTreeMap<String, Vec<Option<u32>>>,
    pub sold: Timestamp,
    /// For how long it is kept. */
    pub kept: Duration,
    pub parts: Vec<Item>,
    pub hash: [u8; 4],
    pub user_id: i64,
    #[rpcx(name = "user_id")]
    pub other: i64,
    pub class: f32,
}

#[rpcx::message(text)]
#[derive(Default)]
pub enum Color {
    /// As the sky.
    #[default]
    Blue,
    #[rpcx(name = "dark-red")]
    DarkRed,
}

/// How far an order is.
#[rpcx::message]
pub enum Stage {
    Open = 1,
    Paid,
    /// What newer peers know.
    #[rpcx(other)]
    Other(i64),
}

#[rpcx::message]
pub enum Far {
    Away = 9_007_199_254_740_993,
    #[rpcx(other)]
    Other(i64),
}

#[rpcx::message(text)]
pub enum Tint {
    Dark,
    #[rpcx(name = "")]
    Unset,
    #[rpcx(other)]
    Other(String),
}

/// In cents.
#[rpcx::message]
pub struct Money(pub i64);

/// Beyond what a `number` holds.
#[rpcx::message]
pub enum Huge {
    Little = 1,
    Large = 9_007_199_254_740_993,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    pub x_axis: f64,
    pub label: Option<String>,
}

/// A name that TypeScript has for itself.
#[rpcx::message]
pub struct Map {
    pub Promise: BTreeMap<i64, bool>,
}

/// How it is paid.
#[rpcx::message]
pub enum Payment {
    /// A present.
    #[rpcx(default)]
    Free,
    Cash(Money),
    /// By a card.
    Card {
        number: String,
        /// The last month.
        until: Option<Timestamp>,
    },
    #[rpcx(name = "split-up")]
    Split(Vec<Self>),
}

/// Why nothing is sold.
#[derive(Debug, rpcx::ServiceError)]
#[rpcx(wire = "json")]
pub enum ShopError {
    /// There is none.
    #[rpcx(code = 1, message = "sold out")]
    SoldOut,
    #[rpcx(code = 2, message = "{missing} is missing")]
    TooPoor { missing: i64, other_user: String },
    #[rpcx(code = -3, message = "{0}")]
    Closed(SystemTime),
    #[rpcx(code = 4, message = "{0} {1}")]
    Pair(u8, Vec<u8>),
    #[rpcx(code = 5, message = "?")]
    Unknown(std::num::NonZeroU8),
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// Nothing returns it.
#[derive(Debug, rpcx::ServiceError)]
pub enum Unused {
    #[rpcx(code = 1)]
    One(Item),
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// The shop.
///
/// ```
/// # hidden();
/// shop.buy(1);
/// ```
#[rpcx::service(name = "the.shop")]
pub trait Shop {
    /// Buys it.
    #[rpcx(idempotent, timeout = "2s")]
    async fn buy(&self, new: u64) -> Result<Item, ShopError>;
    async fn find(
        &self,
        name: &str,
        #[rpcx(default)] most: u32,
        color: Option<Color>,
    ) -> rpcx::Result<Vec<Item>>;
    async fn pay(&self, payments: BTreeMap<i64, Payment>) -> rpcx::Result<Payment>;
    #[rpcx(reply = "N")]
    #[deprecated = "count yourself"]
    async fn count(&self) -> rpcx::Result<i64>;
    async fn then(&self, huge: Huge) -> rpcx::Result<Option<Point>>;
    #[rpcx(name = "to-string")]
    async fn text(&self, options: Map) -> rpcx::Result<HashMap<u8, Option<Point>>>;
    #[rpcx(oneway)]
    async fn note(&self, text: String) -> rpcx::Result<()>;
    async fn stages(&self, stages: Vec<Stage>, far: Far, tint: Tint) -> rpcx::Result<()>;
    #[rpcx(codec = "raw")]
    async fn upload(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

/// What the shop tells browsers.
#[rpcx::service]
pub trait News {
    /// There is a new one.
    #[rpcx(oneway)]
    async fn arrived(&self, item: Item) -> rpcx::Result<()>;
    #[rpcx(oneway, name = "sold-out")]
    async fn sold_out(&self, id: u64, at: Timestamp) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn closing(&self) -> rpcx::Result<()>;
}
