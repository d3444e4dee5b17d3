//! The server as its clients see it: every method, over a network within the process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use rpcx::{Channel, ErrorKind, Rejection, Result};
use shop_api::accounts::{AccountError, AccountsClient, Address};
use shop_api::cart::CartClient;
use shop_api::catalog::{CatalogClient, CatalogError, Category, NewProduct};
use shop_api::news::{News, NewsServer};
use shop_api::orders::{Order, OrderError, OrdersClient, Payment, Status};
use shop_api::{Cents, Page};
use shop_server::{Shop, server};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// A shop of its own for each test.
async fn open() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let address = format!("mem@shop-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let shop = Arc::new(Shop::with_staff("staff@shop.example", "open sesame"));
    let server = server(&shop).listen(address.clone()).bind().await.unwrap();
    tokio::spawn(server.serve());
    address
}

async fn sign_in(address: &str, email: &str, password: &str) -> Channel {
    let accounts = AccountsClient::new(Channel::connect(address).await.unwrap());
    let session = accounts.sign_in(email, password).await.unwrap();
    assert_eq!(session.valid_for, Duration::from_secs(3600));
    let token = rpcx::client::Token::new(session.token);
    let source = move || {
        let token = token.clone();
        async move { Ok(token) }
    };
    let channel = Channel::builder().address(address).token_source(source);
    channel.build().await.unwrap()
}

async fn staff(address: &str) -> Channel {
    sign_in(address, "staff@shop.example", "open sesame").await
}

async fn customer(address: &str, email: &str) -> Channel {
    let accounts = AccountsClient::new(Channel::connect(address).await.unwrap());
    accounts.register(email, "correct horse").await.unwrap();
    sign_in(address, email, "correct horse").await
}

/// A product with so many in stock.
async fn product(staff: &Channel, name: &str, category: Category, count: u32) -> u64 {
    let catalog = CatalogClient::new(staff);
    let price = Cents(250);
    let name = name.to_owned();
    let product = NewProduct {
        name,
        category,
        price,
    };
    let id = catalog.add(product).await.unwrap();
    catalog
        .restock(BTreeMap::from([(id, count)]))
        .await
        .unwrap();
    id
}

fn home() -> Address {
    Address {
        name: "Ada".to_owned(),
        street: "1 Main Street".to_owned(),
        city: "London".to_owned(),
        country: "GB".to_owned(),
    }
}

#[tokio::test]
async fn accounts() {
    let address = open().await;
    let accounts = AccountsClient::new(Channel::connect(&address).await.unwrap());
    let short = accounts.register("ada@example.org", "1234").await;
    assert!(matches!(short, Err(AccountError::TooShort { least: 8 })));
    accounts
        .register("ada@example.org", "correct horse")
        .await
        .unwrap();
    let taken = accounts.register("ada@example.org", "battery staple").await;
    assert!(matches!(taken, Err(AccountError::Taken { email }) if email == "ada@example.org"));
    let wrong = accounts.sign_in("ada@example.org", "battery staple").await;
    assert!(matches!(wrong, Err(AccountError::WrongPassword)));

    let ada = AccountsClient::new(sign_in(&address, "ada@example.org", "correct horse").await);
    assert_eq!(ada.profile().await.unwrap().address, None);
    ada.move_to(&home()).await.unwrap();
    let profile = ada.profile().await.unwrap();
    assert_eq!(
        (&*profile.email, profile.address),
        ("ada@example.org", Some(home()))
    );
}

#[tokio::test]
async fn who_may_not_call() {
    let address = open().await;
    let rejected = |error: rpcx::Error| match error.kind() {
        ErrorKind::Rejected(reason) => reason,
        kind => panic!("{kind:?}: {error}"),
    };
    let guest = Channel::connect(&address).await.unwrap();
    let shown = CartClient::new(&guest).show().await.unwrap_err();
    assert_eq!(rejected(shown), Rejection::Unauthenticated);
    let forged = CartClient::new(&guest).show().auth("made up").await;
    assert_eq!(rejected(forged.unwrap_err()), Rejection::Unauthenticated);

    let customer = customer(&address, "eve@example.org").await;
    match CatalogClient::new(&customer).restock(BTreeMap::new()).await {
        Err(CatalogError::Rpc(error)) => assert_eq!(rejected(error), Rejection::Denied),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_catalog() {
    let address = open().await;
    let staff = staff(&address).await;
    let catalog = CatalogClient::new(Channel::connect(&address).await.unwrap());
    let chess = product(&staff, "Chess set", Category::Games, 3).await;
    let saw = product(&staff, "Red saw", Category::Tools, 1).await;
    let dice = product(&staff, "Red dice set", Category::Games, 9).await;

    let first = catalog.product(chess).await.unwrap();
    assert_eq!((&*first.name, first.price), ("Chess set", Cents(250)));
    assert!(first.added_at <= SystemTime::now());
    let gone = catalog.product(99).await.unwrap_err();
    assert_eq!(gone.to_string(), "there is no product 99");
    assert!(matches!(gone, CatalogError::NoProduct { id: 99 }));

    let ids = |found: Vec<shop_api::catalog::Product>| -> Vec<u64> {
        found.iter().map(|product| product.id).collect()
    };
    let one = Page { after: 0, limit: 1 };
    let games = Some(Category::Games);
    assert_eq!(ids(catalog.products(games, one).await.unwrap()), [chess]);
    let after = Page {
        after: chess,
        limit: 0,
    };
    assert_eq!(ids(catalog.products(games, after).await.unwrap()), [dice]);
    assert_eq!(
        ids(catalog.products(None, after).await.unwrap()),
        [saw, dice]
    );
    let words = ["red".to_owned(), "SET".to_owned()];
    let found = catalog.search(&words, Page::default()).await.unwrap();
    assert_eq!(ids(found), [dice]);
    let stock = catalog.stock(&[saw, dice, 99]).await.unwrap();
    assert_eq!(stock, BTreeMap::from([(saw, 1), (dice, 9)]));

    assert!(catalog.picture(saw).await.unwrap().is_empty());
    let of_staff = CatalogClient::new(&staff);
    of_staff.set_picture(saw, &[0, 255, 7]).await.unwrap();
    assert_eq!(catalog.picture(saw).await.unwrap(), [0, 255, 7]);
    let large = of_staff.set_picture(saw, &vec![0; (1 << 20) + 1]).await;
    assert!(matches!(
        large,
        Err(CatalogError::TooLarge { most: 1_048_576 })
    ));
    let missing = of_staff.restock(BTreeMap::from([(saw, 1), (99, 1)])).await;
    assert!(matches!(missing, Err(CatalogError::NoProduct { id: 99 })));
    assert_eq!(
        catalog.stock(&[saw]).await.unwrap()[&saw],
        1,
        "all or nothing"
    );
    catalog.viewed(saw).await.unwrap();
}

#[tokio::test]
async fn from_the_cart_to_the_door() {
    let address = open().await;
    let staff = staff(&address).await;
    let chess = product(&staff, "Chess set", Category::Games, 3).await;
    let customer = customer(&address, "ada@example.org").await;
    let (cart, orders) = (CartClient::new(&customer), OrdersClient::new(&customer));

    assert!(matches!(
        orders.place(Payment::Invoice).await,
        Err(OrderError::EmptyCart)
    ));
    cart.put(chess, 4).await.unwrap();
    assert!(matches!(
        orders.place(Payment::Invoice).await,
        Err(OrderError::NoAddress)
    ));
    AccountsClient::new(&customer)
        .move_to(&home())
        .await
        .unwrap();
    let sold_out = orders.place(Payment::Invoice).await.unwrap_err();
    assert!(matches!(sold_out, OrderError::SoldOut { product, left: 3 } if product == chess));
    assert_eq!(cart.put(chess, 0).await.unwrap().items, BTreeMap::new());
    assert_eq!(cart.put(chess, 2).await.unwrap().total, Cents(500));

    let card = |valid_until| Payment::Card {
        number: "4111".to_owned(),
        valid_until,
    };
    let expired = orders.place(card(SystemTime::UNIX_EPOCH)).await;
    assert!(matches!(expired, Err(OrderError::Expired)));
    let valid = card(SystemTime::now() + Duration::from_secs(3600));
    let (order, metadata) = orders.place(valid.clone()).with_metadata().await.unwrap();
    assert_eq!(order.payment, valid);
    assert_eq!(metadata.get("order-id"), Some(&*order.id.to_string()));
    assert_eq!((order.total, order.status), (Cents(500), Status::Paid));
    assert_eq!(order.address, home());
    assert_eq!(cart.show().await.unwrap().items, BTreeMap::new());
    assert_eq!(orders.order(order.id).await.unwrap(), order);
    let all = orders.list(Page::default()).await.unwrap();
    assert_eq!(all, std::slice::from_ref(&order));

    let of_staff = OrdersClient::new(&staff);
    let (hour, now) = (Duration::from_secs(3600), SystemTime::now());
    let earned = of_staff.earned(now - hour, now + hour).await.unwrap();
    assert_eq!(earned, BTreeMap::from([(chess, Cents(500))]));
    assert_eq!(
        of_staff.earned(now - 2 * hour, now - hour).await.unwrap(),
        BTreeMap::new()
    );

    let two_days = Duration::from_secs(48 * 3600);
    of_staff.ship(order.id, two_days).await.unwrap();
    assert_eq!(
        orders.order(order.id).await.unwrap().delivery,
        Some(two_days)
    );
    let late = orders.cancel(order.id, None).await.unwrap_err();
    assert!(matches!(late, OrderError::TooLate { status } if status == "shipped"));
}

#[tokio::test]
async fn a_cancelled_order_is_for_sale_again_and_no_other_customers() {
    let address = open().await;
    let staff = staff(&address).await;
    let chess = product(&staff, "Chess set", Category::Games, 3).await;
    let ada = customer(&address, "ada@example.org").await;
    AccountsClient::new(&ada).move_to(&home()).await.unwrap();
    let cart = CartClient::new(&ada);
    cart.put(chess, 1).await.unwrap();
    assert_eq!(cart.clear().await.unwrap().items, BTreeMap::new());
    cart.put(chess, 3).await.unwrap();
    let orders = OrdersClient::new(&ada);
    let order = orders.place(Payment::Invoice).await.unwrap();

    let bob = customer(&address, "bob@example.org").await;
    let others = OrdersClient::new(&bob);
    assert!(matches!(
        others.order(order.id).await,
        Err(OrderError::NoOrder { .. })
    ));
    assert!(matches!(
        others.cancel(order.id, None).await,
        Err(OrderError::NoOrder { .. })
    ));
    assert_eq!(others.list(Page::default()).await.unwrap(), []);

    orders
        .cancel(order.id, Some("too many".to_owned()))
        .await
        .unwrap();
    assert_eq!(
        orders.order(order.id).await.unwrap().status,
        Status::Cancelled
    );
    let stock = CatalogClient::new(&bob).stock(&[chess]).await.unwrap();
    assert_eq!(stock[&chess], 3);
}

/// Hands on what the shop tells.
struct Told(UnboundedSender<String>);

impl News for Told {
    async fn order_changed(&self, order: &Order) -> Result<()> {
        let _ = self.0.send(format!("{} {:?}", order.id, order.status));
        Ok(())
    }

    async fn nearly_gone(&self, product: u64, left: u32) -> Result<()> {
        let _ = self.0.send(format!("{left} of {product}"));
        Ok(())
    }
}

#[tokio::test]
async fn the_news() {
    let address = open().await;
    let staff = staff(&address).await;
    let chess = product(&staff, "Chess set", Category::Games, 5).await;
    let (ada, bob) = (
        customer(&address, "ada@example.org").await,
        customer(&address, "bob@example.org").await,
    );
    for customer in [&ada, &bob] {
        AccountsClient::new(customer)
            .move_to(&home())
            .await
            .unwrap();
        CartClient::new(customer).put(chess, 2).await.unwrap();
    }
    let (sender, mut told) = unbounded_channel();
    bob.serve(NewsServer::new(Told(sender))).unwrap();
    let orders = OrdersClient::new(&bob);
    orders.watch().await.unwrap();

    OrdersClient::new(&ada)
        .place(Payment::Invoice)
        .await
        .unwrap();
    assert_eq!(told.recv().await.unwrap(), format!("3 of {chess}"));
    let order = orders.place(Payment::Invoice).await.unwrap();
    let of_staff = OrdersClient::new(&staff);
    of_staff
        .ship(order.id, Duration::from_secs(1))
        .await
        .unwrap();
    assert_eq!(told.recv().await.unwrap(), format!("{} Shipped", order.id));
}
