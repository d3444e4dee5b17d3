//! Types with lifetimes: what borrows from the payload, and what lives on its own.

use std::borrow::Cow;

use rpcx::codec::{ByType, LentByType, decode_as, encode_as};
use rpcx::protocol::Codec;

type Label = Cow<'static, str>;

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
struct Owned {
    text: Cow<'static, str>,
    alias: Label,
    data: Cow<'static, [u8]>,
    list: Vec<Cow<'static, str>>,
    maybe: Option<Label>,
    blobs: Cow<'static, [Vec<u8>]>,
    point: Cow<'static, Point>,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
struct Point {
    x: i32,
    raw: Vec<u8>,
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Lent<'a> {
    text: Cow<'a, str>,
    data: Cow<'a, [u8]>,
    list: Vec<Cow<'a, str>>,
    fixed: Cow<'static, str>,
}

fn owned() -> Owned {
    Owned {
        text: "a".into(),
        alias: "b".into(),
        data: vec![1, 2].into(),
        list: vec!["c".into()],
        maybe: Some("d".into()),
        blobs: vec![vec![3]].into(),
        point: Cow::Owned(Point { x: 4, raw: vec![5] }),
    }
}

#[test]
fn a_cow_for_ever_is_owned() {
    for codec in [Codec::MSGPACK, Codec::JSON] {
        let mut out = Vec::new();
        encode_as::<ByType, _>(&owned(), codec, &mut out).unwrap();
        let read: Owned = decode_as::<ByType, _>(codec, &out).unwrap();
        assert_eq!(read, owned());
        assert!(matches!(read.text, Cow::Owned(_)));
    }
    // bytes are bytes at any depth
    let json = serde_json::to_string(&owned()).unwrap();
    assert!(json.contains(r#""Blobs":["Aw=="]"#), "{json}");
    assert!(json.contains(r#""Raw":"BQ==""#), "{json}");
}

#[test]
fn a_cow_with_the_lifetime_of_the_message_borrows() {
    let lent = Lent {
        text: "a".into(),
        data: b"bc"[..].into(),
        list: vec!["d".into()],
        fixed: "e".into(),
    };
    let mut out = Vec::new();
    encode_as::<LentByType, _>(&lent, Codec::MSGPACK, &mut out).unwrap();
    let read: Lent<'_> = decode_as::<LentByType, _>(Codec::MSGPACK, &out).unwrap();
    assert_eq!(read, lent);
    assert!(matches!(read.text, Cow::Borrowed(_)));
    assert!(matches!(read.data, Cow::Borrowed(_)));
    assert!(matches!(read.list[0], Cow::Borrowed(_)));
    assert!(matches!(read.fixed, Cow::Owned(_)));
}

mod own {
    /// Not that of a call.
    #[rpcx::message]
    #[derive(Debug, Clone, PartialEq)]
    pub(super) struct Context {
        pub(super) tenant: String,
    }
}
use own::Context;

#[rpcx::service]
trait Tenants {
    async fn by_value(&self, context: Context) -> rpcx::Result<Context>;
    async fn second(&self, ctx: &rpcx::Context, context: Context, n: u8) -> rpcx::Result<Context>;
    async fn text(&self, text: Cow<'_, str>, data: Cow<'_, [u8]>) -> rpcx::Result<Label>;
    async fn data(&self) -> rpcx::Result<Cow<'static, [u8]>>;
}

struct Mine;

impl Tenants for Mine {
    async fn by_value(&self, context: Context) -> rpcx::Result<Context> {
        Ok(context)
    }

    async fn second(&self, _: &rpcx::Context, context: Context, _: u8) -> rpcx::Result<Context> {
        Ok(context)
    }

    async fn text(&self, text: Cow<'_, str>, data: Cow<'_, [u8]>) -> rpcx::Result<Label> {
        Ok(format!("{text}{}", data.len()).into())
    }

    async fn data(&self) -> rpcx::Result<Cow<'static, [u8]>> {
        Ok(Cow::Borrowed(b"ab"))
    }
}

#[tokio::test]
async fn a_type_called_context_is_an_argument() {
    let client = TenantsClient::new(rpcx::InProcess::new(TenantsServer::new(Mine)));
    let context = Context {
        tenant: "t".to_owned(),
    };
    assert_eq!(client.by_value(context.clone()).await.unwrap(), context);
    assert_eq!(client.second(context.clone(), 1).await.unwrap(), context);
    let text = client.text("a".into(), b"bc"[..].into()).await.unwrap();
    assert_eq!(text, "a2");
    assert_eq!(client.data().await.unwrap(), &b"ab"[..]);
}
