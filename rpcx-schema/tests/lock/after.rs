//! The bank after many changes, most of them mistakes.

#[rpcx::message]
pub struct Customer {
    pub id: u32,
    pub full_name: String,
    pub level: Level,
    pub friends: Vec<Customer>,
    pub since: SystemTime,
}

#[rpcx::message]
pub enum Level {
    Low = 1,
    Top = 2,
    Highest = 3,
}

#[derive(Serialize, Deserialize)]
pub struct Page {
    pub users: HashMap<String, Customer>,
    pub next: Option<u32>,
    pub range: (u64, u32),
    pub more: bool,
}

#[derive(Debug, rpcx::ServiceError)]
pub enum BankError {
    #[rpcx(code = 1001)]
    Overflow,
    #[rpcx(code = 1003)]
    Insufficient { need: u64 },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[rpcx::service]
pub trait Bank {
    #[rpcx(name = "fetch_user", alias = "GetUser")]
    async fn get_user(&self, id: u64) -> rpcx::Result<Option<Customer>>;
    async fn pages(&self, start: Option<u32>, count: u16) -> rpcx::Result<Vec<Page>>;
    async fn pay(&self, from: u64, to: u64, amount: i32, note: &str) -> Result<(), BankError>;
    #[rpcx(reply = "Total")]
    async fn sum(&self) -> rpcx::Result<i64>;
    async fn log(&self, line: &str) -> rpcx::Result<()>;
    #[rpcx(codec = "serde")]
    async fn blob(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
    async fn count(&self, user_id: u64, #[rpcx(name = "minAge")] min_age: u8) -> rpcx::Result<u32>;
}

#[rpcx::service(name = "Bank.ops")]
pub trait Admin {
    async fn stop(&self) -> rpcx::Result<()>;
}
