//! A mistake in a trait is one error, wherever the service and its client are used.

use std::sync::Arc;

use rpcx::InProcess;

#[rpcx::service(dyn)]
trait Shop {
    async fn price(&self, of: u64) -> rpcx::Result<u64>;
    async fn wrong(&self, usize: usize) -> rpcx::Result<u64>;
}

struct MyShop;
impl Shop for MyShop {
    async fn price(&self, of: u64) -> rpcx::Result<u64> {
        Ok(of)
    }
    async fn wrong(&self, usize: usize) -> rpcx::Result<u64> {
        Ok(usize as u64)
    }
}

async fn generic(shop: &impl Shop) -> rpcx::Result<u64> {
    Ok(shop.price(1).await? + shop.wrong(2).await?)
}

async fn used() -> rpcx::Result<()> {
    let client = ShopClient::new(InProcess::new(ShopServer::new(MyShop)));
    generic(&MyShop).await?;
    generic(&client).await?;
    generic(&Arc::new(MyShop)).await?;
    client.price(1).timeout(std::time::Duration::from_secs(1)).await?;
    let dynamic: Arc<dyn ShopDyn> = Arc::new(client);
    generic(&dynamic).await?;
    dynamic.price(1).await?;
    Ok(())
}

fn main() {
    let _ = used();
}
