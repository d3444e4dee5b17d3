/// Keeps texts.
#[rpcx::service(dyn, client = false, server = false)]
pub trait Store {
    /// The text under a key.
    async fn get(&self, ctx: &rpcx::Context, key: &str) -> rpcx::Result<Option<String>>;
    #[cfg(feature = "write")]
    async fn put(&self, key: &str, text: String) -> rpcx::Result<()>;
}
