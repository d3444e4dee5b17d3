//! The arguments of a method as a struct that has a name.

#[rpcx::service(rename_args = "camelCase")]
pub(crate) trait Stock {
    #[rpcx(args = "PutArgs")]
    async fn put_all(&self, entries: Vec<Entry>, #[rpcx(name = "TTL", default)] time_to_live: u32) -> Result<u64, StoreError>;
}
