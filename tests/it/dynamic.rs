//! `#[rpcx::service(dyn)]`: one type for services of any kind.

use std::sync::Arc;

use rpcx::{Context, InProcess};

#[rpcx::service(dyn)]
trait Store {
    async fn get(&self, ctx: &Context, key: &str) -> rpcx::Result<String>;
    async fn size(&self, keys: Vec<String>) -> rpcx::Result<u64> {
        Ok(keys.len() as u64)
    }
}

struct Constant(&'static str);

impl Store for Constant {
    async fn get(&self, _ctx: &Context, key: &str) -> rpcx::Result<String> {
        Ok(format!("{key}={}", self.0))
    }
}

async fn read(store: &impl Store) -> String {
    store.get(&Context::new(), "k").await.unwrap()
}

#[tokio::test]
async fn a_dyn_service_is_a_service() {
    let remote = StoreClient::new(InProcess::new(StoreServer::new(Constant("remote"))));
    let stores: Vec<Arc<dyn StoreDyn>> = vec![Arc::new(Constant("local")), Arc::new(remote)];
    let mut found = Vec::new();
    for store in &stores {
        found.push(read(store).await);
        assert_eq!(store.size(vec![String::new(); 3]).await.unwrap(), 3);
        let borrowed: &dyn StoreDyn = &**store;
        assert_eq!(borrowed.size(Vec::new()).await.unwrap(), 0);
    }
    assert_eq!(found, ["k=local", "k=remote"]);

    let served = StoreClient::new(InProcess::new(StoreServer::new(Arc::clone(&stores[1]))));
    assert_eq!(read(&served).await, "k=remote", "through two clients");
}
