//! Every option of a service, and of a method that is answered; the others are in `places.rs` and `structs.rs`.

#[rpcx::service(
    name = "Store.v2",
    version = "2.1",
    rename_methods = "snake_case",
    rename_args = "camelCase",
    crate = "my_facade::rpcx"
)]
pub(crate) trait Store {
    #[rpcx(name = "get", alias = "fetch", alias = "read", idempotent, timeout = "2s")]
    async fn get(&self, #[rpcx(hash)] key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    #[rpcx(reply = "count", spawn, run_to_end)]
    async fn put_all(&self, #[rpcx(hash)] owner: u64, entries: Vec<Entry>, #[rpcx(name = "TTL", default)] time_to_live: u32) -> Result<u64, StoreError>;
}
