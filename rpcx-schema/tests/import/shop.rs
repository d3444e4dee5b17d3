//! Package shop is what a Go program with rpcx services looks like.
//!
//! Imported from shop.go.

// What is not the same as in Go:
// - shop.go:43:2: In JSON Go calls this field "created"; here it is "Created" in every codec.
// - shop.go:44:2: the field `cache` is not exported, so it does not travel
// - shop.go:65:2: the field `secret` is not exported, so it does not travel
// - shop.go:114:16: `Close` is left out: rpcx serves methods of a context, arguments and a pointer for the reply that return an error

/// Status of an order.
pub type Status = i64;
/// StatusOpen is where it begins.
pub const STATUS_OPEN: Status = 0;
pub const STATUS_PAID: Status = 1;
pub const STATUS_SENT: Status = 16;

/// Currency is a code of three letters.
pub type Currency = String;
pub const EURO: &str = "EUR";
pub const DOLLAR: &str = "USD";

/// Key names an order.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Key(pub [u8; 16]);

/// Prices by article.
pub type Prices = std::collections::BTreeMap<String, f64>;

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wait(pub std::time::Duration);

/// Order is what somebody wants.
///
/// order := Order{}
#[rpcx::message(rename_all = "snake_case")]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    #[rpcx(name = "ID")]
    pub id: u64,
    // In JSON Go calls this field "created"; here it is "Created" in every codec.
    #[rpcx(name = "Created")]
    pub created: rpcx::Timestamp,
    pub user_name: String,
    pub lines: Vec<Line>,
    pub total: Option<f64>,
    pub status: Status,
    pub key: Key,
    pub parent: Option<Box<Self>>,
    pub blobs: std::collections::BTreeMap<String, Vec<u8>>,
    pub signature: Vec<u8>,
    pub retry: std::time::Duration,
    pub waits: Vec<Wait>,
    pub currency: Currency,
}

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    #[rpcx(name = "SKU")]
    pub sku: String,
    pub r#type: String,
    pub count: i32,
    pub sizes: [u16; 3],
    pub tags: std::collections::BTreeMap<i64, Prices>,
}

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptionType {
    pub name: String,
}

/// Folder holds others.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folder(pub std::collections::BTreeMap<String, Self>);

/// Shop takes orders.
#[rpcx::service(name = "shop.v1")]
pub trait Shop {
    /// Place puts an order.
    #[deprecated = "use PlaceAll, which is faster."]
    async fn place(&self, order: &Order) -> rpcx::Result<Status>;

    async fn place_all(&self, orders: Vec<Order>) -> rpcx::Result<Vec<Option<Order>>>;

    /// GetByID finds one.
    #[rpcx(name = "GetByID")]
    async fn get_by_id(&self, id: u64) -> rpcx::Result<Option<Order>>;

    async fn note(&self, args: &str) -> rpcx::Result<()>;

    async fn raw(&self, args: &[u8]) -> rpcx::Result<Vec<u8>>;

    async fn ping(&self) -> rpcx::Result<()>;

    async fn new_(&self, args: Currency) -> rpcx::Result<Prices>;

    async fn folders(&self, args: Folder) -> rpcx::Result<Vec<Folder>>;

    async fn options(&self, args: &OptionType) -> rpcx::Result<std::collections::BTreeMap<Currency, rpcx::Timestamp>>;
}

#[rpcx::service]
pub trait Math {
    /// Double doubles.
    async fn twice(&self, args: i64) -> rpcx::Result<i64>;
}
