//! A bank, as it was.

#[rpcx::message]
pub struct User {
    pub id: u64,
    pub name: String,
    pub level: Level,
    pub friends: Vec<User>,
}

#[rpcx::message]
pub enum Level {
    Low = 1,
    High = 2,
}

#[derive(Serialize, Deserialize)]
pub struct Page {
    pub users: HashMap<String, User>,
    pub next: Option<u32>,
    pub range: (u64, u64),
}

#[derive(Debug, rpcx::ServiceError)]
pub enum BankError {
    #[rpcx(code = 1001)]
    DivideByZero,
    #[rpcx(code = 1002)]
    Insufficient { need: u64 },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[rpcx::service]
pub trait Bank {
    #[rpcx(alias = "FetchUser", idempotent)]
    async fn get_user(&self, id: u64) -> rpcx::Result<Option<User>>;
    async fn pages(&self, from: Option<u32>, #[rpcx(default)] count: u16) -> rpcx::Result<Vec<Page>>;
    async fn pay(&self, from: u64, to: u64, amount: i64) -> Result<(), BankError>;
    #[rpcx(reply = "Sum")]
    async fn sum(&self) -> rpcx::Result<i64>;
    #[rpcx(oneway)]
    async fn log(&self, line: &str) -> rpcx::Result<()>;
    #[rpcx(codec = "raw")]
    async fn blob(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

#[rpcx::service(name = "Bank.admin")]
pub trait Admin {
    async fn stop(&self) -> rpcx::Result<()>;
}
