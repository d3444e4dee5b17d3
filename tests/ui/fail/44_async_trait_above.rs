// What `#[async_trait]` makes of the trait, where it stands above.
#[rpcx::service]
trait A {
    fn f<'life0, 'async_trait>(&'life0 self) -> std::pin::Pin<Box<dyn Future<Output = rpcx::Result<()>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait;
}

fn main() {}
