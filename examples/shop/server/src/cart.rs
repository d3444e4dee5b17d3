use rpcx::{Context, Result};
use shop_api::cart::{Cart, Contents};
use shop_api::catalog::CatalogError;

use crate::Shop;
use crate::auth::{Caller, caller};
use crate::shop::State;

impl State {
    fn contents(&mut self, caller: Caller) -> Result<Contents> {
        let items = self.account(caller)?.cart.clone();
        let total = self.total(&items);
        Ok(Contents { items, total })
    }
}

impl Cart for Shop {
    async fn show(&self, ctx: &Context) -> Result<Contents> {
        self.state().contents(caller(ctx)?)
    }

    async fn put(&self, ctx: &Context, product: u64, count: u32) -> Result<Contents, CatalogError> {
        let caller = caller(ctx)?;
        let mut state = self.state();
        if !state.products.contains_key(&product) {
            return Err(CatalogError::NoProduct { id: product });
        }
        let cart = &mut state.account(caller)?.cart;
        match count {
            0 => cart.remove(&product),
            count => cart.insert(product, count),
        };
        Ok(state.contents(caller)?)
    }

    async fn clear(&self, ctx: &Context) -> Result<Contents> {
        let caller = caller(ctx)?;
        let mut state = self.state();
        state.account(caller)?.cart.clear();
        state.contents(caller)
    }
}
