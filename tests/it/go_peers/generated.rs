//! One trait file, a Go package made of it, and calls both ways: `tests/interop/generated`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use std::{env, fs};

use rpcx::{Channel, Codec, Timestamp, Value};
use rpcx_codegen::file;
use rpcx_schema::go;

use super::peer::programs;
use forms::{
    Args, BankError, BankResult, Blobs, Color, Deep, Forms, FormsClient, FormsServer, Mode, Order,
    Payment, Place, Reply, Side, Stage, Tint, User, UserId,
};

#[path = "../../interop/generated/forms.rs"]
#[allow(unreachable_pub)]
#[allow(
    clippy::box_collection,
    clippy::type_complexity,
    reason = "that is what is tried"
)]
mod forms;

/// Answers as `tests/interop/forms/server.go` does.
#[derive(Debug, Default)]
struct Peer {
    noted: AtomicI64,
}

impl Forms for Peer {
    async fn ping(&self) -> rpcx::Result<()> {
        Ok(())
    }
    async fn mul(&self, args: &Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }
    async fn double(&self, n: i32) -> rpcx::Result<i32> {
        Ok(2 * n)
    }
    async fn add(&self, a: i32, b: i32) -> rpcx::Result<i32> {
        Ok(a + b)
    }
    async fn hello(&self, name: &str) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }
    async fn reverse(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.iter().rev().copied().collect())
    }
    async fn maybe(&self, user: Option<User>) -> rpcx::Result<Option<User>> {
        Ok(user)
    }
    async fn number(&self, n: Option<i64>) -> rpcx::Result<Option<i64>> {
        Ok(n.map(|n| n + 1))
    }
    async fn users(&self, ids: Vec<UserId>) -> rpcx::Result<Vec<User>> {
        Ok(ids.into_iter().map(numbered).collect())
    }
    async fn count(&self, words: HashMap<String, i64>) -> rpcx::Result<BTreeMap<i64, String>> {
        Ok(words
            .into_iter()
            .map(|(word, count)| (count, word))
            .collect())
    }
    async fn echo(&self, user: User) -> rpcx::Result<User> {
        Ok(user)
    }
    async fn paint(&self, color: Color, mode: Option<Mode>) -> rpcx::Result<Color> {
        let allowed = mode == Some(Mode::ReadWrite);
        Ok(if allowed { color } else { Color::Red })
    }
    async fn deep(&self, deep: &Deep) -> rpcx::Result<Deep> {
        Ok(deep.clone())
    }
    async fn order(&self, order: &Order) -> rpcx::Result<Order> {
        // what this program does not know is kept
        assert_eq!(order.stage, Stage::Other(77));
        Ok(order.clone())
    }
    async fn later(&self, at: Timestamp, wait: Duration) -> rpcx::Result<Timestamp> {
        Ok(after(at, wait))
    }
    async fn pay(&self, payment: Payment) -> rpcx::Result<Payment> {
        Ok(payment)
    }
    async fn sub(&self, a: i32, b: i32) -> rpcx::Result<i32> {
        Ok(a - b)
    }
    async fn wrapped(&self, id: UserId) -> rpcx::Result<UserId> {
        Ok(id)
    }
    async fn note(&self, _line: &str) -> rpcx::Result<()> {
        self.noted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    async fn notes(&self) -> rpcx::Result<i64> {
        Ok(self.noted.load(Ordering::SeqCst))
    }
    async fn withdraw(&self, account: &str, amount: u64) -> BankResult<u64> {
        match amount.checked_sub(100) {
            _ if account == "none" => Err(BankError::NoAccount),
            None | Some(0) => Ok(100 - amount),
            Some(need) => Err(BankError::Insufficient { need }),
        }
    }
    async fn fail(&self, why: &str) -> rpcx::Result<User> {
        Err(rpcx::Error::service(format!("fail: {why}")))
    }
}

fn after(at: Timestamp, wait: Duration) -> Timestamp {
    let seconds = at.seconds() + wait.as_secs().cast_signed();
    Timestamp::new(seconds, at.nanos()).expect("less than a second")
}

fn numbered(id: UserId) -> User {
    User {
        id,
        name: format!("user {id}"),
        ..User::default()
    }
}

/// Every field has a value.
fn sample() -> User {
    User {
        id: u64::MAX,
        name: "grüße".to_owned(),
        nick: Some("al".to_owned()),
        born: Timestamp::new(1_700_000_000, 123_000_000).expect("less than a second"),
        limit: Duration::from_secs(90),
        photo: vec![0, 255],
        key: [1, 2, 3, 4],
        tags: vec!["a".to_owned(), String::new()],
        color: Color::Green,
        mode: Mode::ReadWrite,
        scores: [("k".to_owned(), -7)].into(),
        names: [(9, "nine".to_owned())].into(),
        ratio: -2.25,
        corner: [1.5, -1.5],
        parent: Some(Box::new(numbered(1))),
        friends: vec![numbered(2)],
        place: Place {
            street_name: "High".to_owned(),
            number: 7,
            side: Some(Side::Right),
        },
        cache: 0,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/generated")
}

/// `UPDATE_EXPANDED=1` writes it anew.
#[test]
fn the_go_package_is_what_the_trait_file_gives() {
    let text = fs::read_to_string(folder().join("forms.rs")).unwrap();
    let parsed = syn::parse_file(&text).unwrap();
    assert!(file::expand(&parsed).errors.is_empty());
    let now = go::emit(&parsed, "forms.rs", "generated").unwrap();
    let recorded = folder().join("forms.go");
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(recorded, now).unwrap();
    } else {
        let present = fs::read_to_string(recorded).unwrap_or_default();
        assert!(
            present == now,
            "run with UPDATE_EXPANDED=1 and review the diff"
        );
    }
}

#[test]
fn go_vet_finds_nothing() {
    if programs().is_none() {
        return;
    }
    let module = folder().join("..");
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&module)
            .output()
            .expect("go is here, so is this");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said + &String::from_utf8_lossy(&output.stderr)
    };
    assert_eq!(
        run("go", &["vet", "./generated", "./forms", "./greeter/..."]),
        ""
    );
    let recorded = "../../rpcx-schema/tests/go/store.go";
    assert_eq!(run("go", &["vet", recorded]), "");
    assert_eq!(run("gofmt", &["-l", "generated", "forms", "greeter"]), "");
}

#[test]
fn go_calls_go() {
    let Some(go) = programs() else { return };
    let server = go.serve_forms();
    for codec in ["msgpack", "json"] {
        go.call_forms(&server.address, codec);
    }
}

async fn go_calls_rust(codec: &'static str) {
    if programs().is_none() {
        return;
    }
    let builder = rpcx::Server::builder().listen("tcp@127.0.0.1:0");
    let builder = builder.register(FormsServer::new(Peer::default()));
    let server = builder.bind().await.expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    let run = move || {
        let go = programs().expect("they were built");
        go.call_forms(&address, codec);
    };
    tokio::task::spawn_blocking(run)
        .await
        .expect("the Go client passed");
}

#[tokio::test]
async fn go_calls_rust_in_msgpack() {
    go_calls_rust("msgpack").await;
}

#[tokio::test]
async fn go_calls_rust_in_json() {
    go_calls_rust("json").await;
}

async fn rust_calls_go(codec: Codec) {
    let Some(go) = programs() else { return };
    let server = go.serve_forms();
    let address = format!("tcp@{}", server.address);
    let builder = Channel::builder().address(&address).codec(codec);
    let channel = builder.build().await.expect("the Go server listens");
    let client = FormsClient::new(channel);
    values(&client).await.unwrap();
    types(&client).await.unwrap();
    failures(&client).await;
}

async fn values(client: &FormsClient) -> rpcx::Result<()> {
    client.ping().await?;
    let reply = client.mul(&Args { a: 6, b: -7 }).await?;
    assert_eq!(reply.c, -42);
    assert_eq!(client.double(-21).await?, -42);
    assert_eq!(client.add(40, 2).await?, 42);
    assert_eq!(client.sub(2, 44).await?, -42);
    assert_eq!(client.wrapped(1 << 63).await?, 1 << 63);
    assert_eq!(client.hello("世界").await?, "hello 世界");
    assert_eq!(client.reverse(&[0, 1, 255]).await?, [255, 1, 0]);
    assert!(client.reverse(&[]).await?.is_empty());
    assert_eq!(client.number(None).await?, None);
    assert_eq!(client.number(Some(0)).await?, Some(1));
    let before = client.notes().await?;
    client.note("line").await?;
    for _ in 0..100 {
        if client.notes().await? == before + 1 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the note did not come in");
}

/// Byte strings, times and durations at any depth.
fn depths() -> Deep {
    let key = |text: &str| text.to_owned();
    let blob = || vec![1, 0, 255];
    let blobs = Blobs::from([(key("b"), [(7, vec![blob(), Vec::new()])].into())]);
    let map = BTreeMap::from([(key("3"), [(-4, blobs)].into())]);
    let moment = Timestamp::new(1_700_000_000, 5).unwrap();
    Deep {
        maps: [(key("1"), [(key("2"), map)].into())].into(),
        lists: vec![vec![[(key("l"), blob())].into()], Vec::new()],
        boxes: Box::new([(key("x"), Some(Box::new(blob()))), (key("none"), None)].into()),
        arrays: [[(key("first"), blob())].into(), BTreeMap::new()],
        keys: [(key("k"), [1, 2])].into(),
        spans: [(9, vec![Duration::from_nanos(1), Duration::from_secs(3600)])].into(),
        times: [(key("t"), [(key("u"), vec![moment])].into())].into(),
    }
}

async fn types(client: &FormsClient) -> rpcx::Result<()> {
    assert_eq!(client.deep(&depths()).await?, depths());
    assert_eq!(client.maybe(None).await?, None);
    assert_eq!(client.maybe(Some(sample())).await?, Some(sample()));
    assert_eq!(client.echo(sample()).await?, sample());
    assert_eq!(client.echo(User::default()).await?, User::default());
    let users = client.users(vec![3, 5]).await?;
    assert_eq!(users.len(), 2);
    assert_eq!((users[0].id, &*users[1].name), (3, "user 5"));
    assert_eq!(client.users(Vec::new()).await?, []);
    let words = [("one".to_owned(), 1), ("minus two".to_owned(), -2)];
    let counted = client.count(words.into()).await?;
    assert_eq!(counted[&-2], "minus two");
    assert_eq!(counted.len(), 2);
    let blue = client.paint(Color::Blue, Some(Mode::ReadWrite)).await?;
    assert_eq!(blue, Color::Blue);
    assert_eq!(client.paint(Color::Blue, None).await?, Color::Red);
    let order = Order {
        stage: Stage::Other(77),
        tint: Tint::Other("pink".to_owned()),
        note: Value::List(vec![
            7.into(),
            Value::Nil,
            (-1.5).into(),
            "text".into(),
            true.into(),
            [("k", Value::List(vec![]))].into_iter().collect(),
        ]),
    };
    assert_eq!(client.order(&order).await?, order);
    for payment in payments() {
        assert_eq!(client.pay(payment.clone()).await?, payment);
    }
    let at = Timestamp::new(1_700_000_000, 500).expect("less than a second");
    let wait = Duration::from_secs(90);
    assert_eq!(client.later(at, wait).await?, after(at, wait));
    Ok(())
}

/// Every variant, and lists of them.
fn payments() -> Vec<Payment> {
    let card = |limit, chip: &[u8]| Payment::Card {
        number: "4111".to_owned(),
        cvc: 7,
        limit,
        chip: chip.to_vec(),
    };
    let mut all = vec![
        Payment::Free,
        Payment::Cash(u64::MAX),
        card(Some(Duration::from_nanos(1)), &[0, 255]),
        card(None, &[]),
        Payment::Token(vec![1, 254]),
        Payment::Token(Vec::new()),
        Payment::Present(Reply { c: -3 }),
    ];
    all.push(Payment::Split(all.clone()));
    all
}

async fn failures(client: &FormsClient) {
    assert_eq!(client.withdraw("mine", 40).await.unwrap(), 60);
    let none = client.withdraw("none", 1).await.unwrap_err();
    assert!(matches!(none, BankError::NoAccount), "{none:?}");
    let poor = client.withdraw("mine", 105).await.unwrap_err();
    assert!(
        matches!(poor, BankError::Insufficient { need: 5 }),
        "{poor:?}"
    );
    #[allow(deprecated)]
    let failed = client.fail("so").await.unwrap_err();
    assert_eq!(failed.to_string(), "fail: so");
}

#[tokio::test]
async fn rust_calls_go_in_msgpack() {
    rust_calls_go(Codec::MSGPACK).await;
}

#[tokio::test]
async fn rust_calls_go_in_json() {
    rust_calls_go(Codec::JSON).await;
}
