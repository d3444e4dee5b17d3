//! The code of the client, with mocks in place of servers: no socket, and every answer a server may give.

use std::time::SystemTime;

use mockall::predicate::{always, eq};
use rpcx::Error;
use shop_api::accounts::Address;
use shop_api::cart::{Contents, MockCart};
use shop_api::catalog::{CatalogClient, CatalogServer, Category, MockCatalog, Product};
use shop_api::orders::{MockOrders, Order, OrderError, Payment, Status};
use shop_api::{Cents, Page};
use shop_client::{Bought, all_products, buy};

fn order() -> Order {
    Order {
        id: 9,
        status: Status::Paid,
        items: [(7, 2)].into(),
        total: Cents(200),
        placed_at: SystemTime::UNIX_EPOCH,
        delivery: None,
        address: Address::default(),
        payment: Payment::Invoice,
    }
}

/// A cart that takes what is put into it.
fn cart() -> MockCart {
    let mut cart = MockCart::new();
    cart.expect_put()
        .with(always(), eq(7), eq(2))
        .times(1)
        .returning(|_, _, _| Box::pin(async { Ok(Contents::default()) }));
    cart
}

/// Orders that answer with this.
fn orders(answer: fn() -> Result<Order, OrderError>) -> MockOrders {
    let mut orders = MockOrders::new();
    orders
        .expect_place()
        .times(1)
        .with(always(), eq(Payment::Invoice))
        .returning(move |_, _| Box::pin(async move { answer() }));
    orders
}

#[tokio::test]
async fn what_is_ordered_is_told() {
    let bought = buy(&cart(), &orders(|| Ok(order())), 7, 2, Payment::Invoice)
        .await
        .unwrap();
    assert_eq!(bought, Bought::Ordered(Box::new(order())));
}

#[tokio::test]
async fn what_is_sold_out_is_no_failure() {
    let (product, left) = (7, 1);
    let orders = orders(|| {
        Err(OrderError::SoldOut {
            product: 7,
            left: 1,
        })
    });
    let bought = buy(&cart(), &orders, 7, 2, Payment::Invoice).await.unwrap();
    assert_eq!(bought, Bought::Fewer { product, left });
}

#[tokio::test]
async fn a_lost_answer_does_not_say_that_nothing_was_ordered() {
    let orders = orders(|| Err(OrderError::Rpc(Error::unknown("the connection was lost"))));
    let bought = buy(&cart(), &orders, 7, 2, Payment::Invoice).await.unwrap();
    assert_eq!(bought, Bought::NotKnown);
}

#[tokio::test]
async fn other_errors_go_on_with_their_causes() {
    let failed = buy(
        &cart(),
        &orders(|| Err(OrderError::NoAddress)),
        7,
        2,
        Payment::Invoice,
    )
    .await;
    let cause = failed.unwrap_err();
    let cause = std::error::Error::source(&cause)
        .expect("a cause")
        .to_string();
    assert_eq!(cause, "an address is needed");
}

/// A mock is a service like any other: here it is called through codec and dispatch.
#[tokio::test]
async fn a_list_is_read_to_its_end() {
    let product = |id| Product {
        id,
        name: String::new(),
        category: Category::Games,
        price: Cents(1),
        added_at: SystemTime::UNIX_EPOCH,
    };
    let mut catalog = MockCatalog::new();
    for (after, found) in [(0, vec![1, 2]), (2, vec![5]), (5, vec![])] {
        let page = Page { after, limit: 50 };
        let found: Vec<Product> = found.into_iter().map(product).collect();
        catalog
            .expect_products()
            .with(eq(Some(Category::Games)), eq(page))
            .times(1)
            .returning(move |_, _| {
                let found = found.clone();
                Box::pin(async move { Ok(found) })
            });
    }
    let channel = rpcx::InProcess::new(CatalogServer::new(catalog));
    let catalog = CatalogClient::new(channel);
    let all = all_products(&catalog, Category::Games).await.unwrap();
    let ids: Vec<u64> = all.iter().map(|product| product.id).collect();
    assert_eq!(ids, [1, 2, 5]);
}
