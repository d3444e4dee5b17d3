use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rpcx::{Context, Result};
use shop_api::news::NewsClient;
use shop_api::orders::{Order, OrderError, Orders, Payment, Status};
use shop_api::{Cents, Page};

use crate::Shop;
use crate::auth::{Caller, caller};
use crate::shop::{Placed, State, next, page};

/// With so few left, clients with the product in their carts are told.
const FEW: u32 = 3;

impl State {
    /// The staff sees all orders, a customer those of their own; others are not there for them.
    fn placed(&mut self, caller: Caller, id: u64) -> Result<&mut Placed, OrderError> {
        let placed = self.orders.get_mut(&id);
        let own = placed.filter(|placed| caller.staff || placed.account == caller.account);
        own.ok_or(OrderError::NoOrder { id })
    }

    /// Either all of it is taken from the stock, or nothing.
    fn take(&mut self, items: &BTreeMap<u64, u32>) -> Result<(), OrderError> {
        for (product, count) in items {
            let left = self.products.get(product).map_or(0, |article| article.left);
            if left < *count {
                let product = *product;
                return Err(OrderError::SoldOut { product, left });
            }
        }
        for (product, count) in items {
            if let Some(article) = self.products.get_mut(product) {
                article.left -= count;
            }
        }
        Ok(())
    }

    /// The customers to tell that there is little left of what was just ordered.
    fn nearly_gone(&self, items: &BTreeMap<u64, u32>) -> Vec<(NewsClient, u64, u32)> {
        let left = items
            .keys()
            .filter_map(|id| Some((*id, self.products.get(id)?.left)));
        let few = left.filter(|(_, left)| *left <= FEW);
        few.flat_map(|(id, left)| {
            let watchers = self.watchers(|_, account| account.cart.contains_key(&id));
            watchers.into_iter().map(move |news| (news, id, left))
        })
        .collect()
    }
}

impl Shop {
    fn place_order(&self, caller: Caller, payment: Payment) -> Result<Order, OrderError> {
        if let Payment::Card { valid_until, .. } = &payment
            && *valid_until < SystemTime::now()
        {
            return Err(OrderError::Expired);
        }
        let mut state = self.state();
        let account = state.account(caller)?;
        let items = account.cart.clone();
        let address = account.profile.address.clone();
        if items.is_empty() {
            return Err(OrderError::EmptyCart);
        }
        let address = address.ok_or(OrderError::NoAddress)?;
        state.take(&items)?;
        state.account(caller)?.cart.clear();
        let order = Order {
            id: next(&state.orders),
            status: Status::Paid,
            total: state.total(&items),
            items,
            placed_at: SystemTime::now(),
            delivery: None,
            address,
            payment,
        };
        let placed = Placed {
            account: caller.account,
            order: order.clone(),
        };
        state.orders.insert(order.id, placed);
        Ok(order)
    }

    /// Changes an order that is still here, and tells the customer.
    async fn change(
        &self,
        ctx: &Context,
        id: u64,
        change: impl FnOnce(&mut Order),
    ) -> Result<(), OrderError> {
        let caller = caller(ctx)?;
        let (order, watchers) = {
            let mut state = self.state();
            let placed = state.placed(caller, id)?;
            if placed.order.status != Status::Paid {
                let status = format!("{:?}", placed.order.status).to_lowercase();
                return Err(OrderError::TooLate { status });
            }
            change(&mut placed.order);
            let (order, account) = (placed.order.clone(), placed.account);
            (order, state.watchers(|id, _| id == account))
        };
        for news in watchers {
            // a connection that is gone has no news to get
            let _ = news.order_changed(&order).await;
        }
        Ok(())
    }
}

impl Orders for Shop {
    async fn place(&self, ctx: &Context, payment: Payment) -> Result<Order, OrderError> {
        let order = self.place_order(caller(ctx)?, payment)?;
        let news = self.state().nearly_gone(&order.items);
        for (news, product, left) in news {
            let _ = news.nearly_gone(product, left).await;
        }
        ctx.set_response_metadata("order-id", order.id.to_string());
        Ok(order)
    }

    async fn order(&self, ctx: &Context, id: u64) -> Result<Order, OrderError> {
        let caller = caller(ctx)?;
        Ok(self.state().placed(caller, id)?.order.clone())
    }

    async fn list(&self, ctx: &Context, wish: Page) -> Result<Vec<Order>> {
        let caller = caller(ctx)?;
        let state = self.state();
        let all = state.orders.iter();
        let own = all.filter(|(_, placed)| caller.staff || placed.account == caller.account);
        Ok(page(own, wish).map(|placed| placed.order.clone()).collect())
    }

    async fn cancel(
        &self,
        ctx: &Context,
        id: u64,
        reason: Option<String>,
    ) -> Result<(), OrderError> {
        println!(
            "order {id} is cancelled: {}",
            reason.as_deref().unwrap_or("no reason")
        );
        let change = |order: &mut Order| order.status = Status::Cancelled;
        self.change(ctx, id, change).await?;
        let mut state = self.state();
        let items = state.placed(caller(ctx)?, id)?.order.items.clone();
        for (product, count) in items {
            if let Some(article) = state.products.get_mut(&product) {
                article.left = article.left.saturating_add(count);
            }
        }
        Ok(())
    }

    async fn ship(&self, ctx: &Context, id: u64, delivery: Duration) -> Result<(), OrderError> {
        let change = |order: &mut Order| {
            order.status = Status::Shipped;
            order.delivery = Some(delivery);
        };
        self.change(ctx, id, change).await
    }

    async fn earned(
        &self,
        _: &Context,
        from: SystemTime,
        until: SystemTime,
    ) -> Result<BTreeMap<u64, Cents>> {
        let state = self.state();
        let orders = state.orders.values().map(|placed| &placed.order);
        let counted = orders.filter(|order| {
            order.status != Status::Cancelled && (from..until).contains(&order.placed_at)
        });
        let mut earned: BTreeMap<u64, Cents> = BTreeMap::new();
        for (product, count) in counted.flat_map(|order| &order.items) {
            let one = BTreeMap::from([(*product, *count)]);
            earned.entry(*product).or_default().0 += state.total(&one).0;
        }
        Ok(earned)
    }

    async fn watch(&self, ctx: &Context) -> Result<()> {
        let caller = caller(ctx)?;
        let peer = ctx.peer().ok_or("a call without a connection")?.clone();
        self.state().account(caller)?.watchers.push(peer);
        Ok(())
    }
}
