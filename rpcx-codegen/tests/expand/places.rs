//! Where handlers run, bodies in the trait, bytes, names that are keywords, and methods under a condition.

#[rpcx::service(rename_methods = "snake_case", crate = "my_facade::rpcx")]
pub(crate) trait Places {
    #[rpcx(wrap, blocking)]
    async fn compact(&self, #[rpcx(bytes)] up_to: Key) -> Result<(), StoreError> {
        self.raw(b"compact").await?;
        Ok(())
    }
    #[rpcx(codec = "raw")]
    #[deprecated]
    async fn raw(&self, data: &[u8]) -> Result<Vec<u8>, StoreError>;
    #[cfg(unix)]
    async fn r#type(&self, entry: &Entry, data: Cow<'_, str>) -> Result<(), StoreError>;
}
