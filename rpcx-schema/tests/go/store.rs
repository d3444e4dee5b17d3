//! # Stores
//! What is said in Rust's way of writing:
//!
//! - a list,
//! - with ``code``
//!
//! ```
//! let x = 1;
//! ```

/// A key that travels as its only field.
#[rpcx::message]
#[derive(Debug)]
pub struct Key(pub Vec<u8>);

/// Of no use to the service, so Go does not have it.
#[rpcx::message]
pub struct Unused<T> {
    pub value: T,
}

#[rpcx::message(rename_all = "camelCase")]
#[deprecated = "write `Entry2`"]
pub struct Entry {
    pub key: Key,
    /// Long ago
    /// or soon.
    pub expires_at: Option<SystemTime>,
    pub r#type: Option<Vec<u8>>,
    #[rpcx(name = "2nd")]
    pub second: u8,
    #[rpcx(name = "second")]
    pub third: [[i8; 2]; 3],
    #[rpcx(plain)]
    pub fourth: Vec<Option<bool>>,
}

#[rpcx::message]
pub struct Nothing {}

#[rpcx::message]
pub enum Level {
    Low = -1,
    Zero,
    High = 10,
}

/// What is done with an entry.
#[rpcx::message(rename_all = "camelCase")]
pub enum Change {
    /// It goes.
    Remove,
    Rename(Key),
    #[rpcx(name = "switch")]
    Swap { first: Key, second: Box<Change> },
    Nothing {},
}

pub type Outcome<T = ()> = std::result::Result<T, StoreError>;

#[derive(Debug, rpcx::ServiceError)]
pub enum StoreError {
    #[rpcx(code = -1)]
    Full,
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[rpcx::service(name = "Store.v2", version = "2.1", rename_args = "camelCase", wrap)]
pub(crate) trait Store {
    #[rpcx(alias = "Fetch", alias = "Read", timeout = "2s")]
    async fn get(&self, ctx: &rpcx::Context, key: Key) -> Outcome<Option<Entry>>;
    /// Puts them all.
    ///
    /// # Errors
    /// When it is full.
    #[deprecated(since = "2.1", note = "put one")]
    #[rpcx(args = "PutAllArgs")]
    async fn put_all(
        &self,
        entries: &[Entry],
        #[rpcx(name = "TTL", default)] time_to_live: u32,
    ) -> Outcome<Nothing>;
    async fn change(&self, key: Key, change: Option<Change>) -> Outcome<Change>;
    async fn clear(&self) -> Outcome;
    #[cfg(unix)]
    #[rpcx(reply = "level")]
    async fn r#type(&self) -> rpcx::Result<Level>;
    #[cfg(not(unix))]
    #[rpcx(reply = "level")]
    async fn r#type(&self) -> rpcx::Result<Level>;
}

/// Bytes as they are.
#[rpcx::service(name = "Store.raw", codec = "raw")]
pub trait Raw {
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
    #[rpcx(oneway)]
    async fn note(&self, data: Vec<u8>) -> rpcx::Result<()>;
}
