//! Arguments that are lent, and the less usual owners of texts and lists, in every codec of serde.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use rpcx::{Channel, Codec, Server};
use serde::{Deserialize, Serialize};

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
struct Item {
    name: Arc<str>,
    long: [i64; 40],
}

/// With serde's derives alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Plain {
    id: u8,
}

#[rpcx::service]
trait Forms {
    async fn list(&self, items: &[Item]) -> rpcx::Result<Vec<Item>>;
    async fn plain(&self, all: &[Plain]) -> rpcx::Result<Vec<Plain>>;
    async fn texts(&self, texts: &[String], more: &[&str]) -> rpcx::Result<String>;
    async fn times(&self, times: &[Duration]) -> rpcx::Result<Duration>;
    async fn blobs(&self, blobs: &[Vec<u8>]) -> rpcx::Result<Vec<u8>>;
    async fn maybe(&self, text: Option<&str>) -> rpcx::Result<Option<String>>;
    async fn maybe_two(&self, text: Option<&str>, data: Option<&[u8]>) -> rpcx::Result<String>;
    async fn cow(&self, text: Cow<'_, str>) -> rpcx::Result<Cow<'static, str>>;
    async fn boxed(&self, text: Box<str>) -> rpcx::Result<Box<str>>;
    async fn shared(&self, text: Arc<str>) -> rpcx::Result<Arc<str>>;
    async fn inside(&self, texts: Vec<Option<Arc<str>>>) -> rpcx::Result<Vec<Option<Arc<str>>>>;
    async fn array(&self, all: [i64; 100]) -> rpcx::Result<[i64; 100]>;
    async fn arrays(&self, all: Vec<[u16; 33]>) -> rpcx::Result<Vec<[u16; 33]>>;
    async fn lent_array(&self, all: &[f64; 50]) -> rpcx::Result<f64>;
    #[rpcx(wrap)]
    async fn wrapped(&self, texts: &[String]) -> rpcx::Result<u64>;
}

struct Echo;

impl Forms for Echo {
    async fn list(&self, items: &[Item]) -> rpcx::Result<Vec<Item>> {
        Ok(items.to_vec())
    }
    async fn plain(&self, all: &[Plain]) -> rpcx::Result<Vec<Plain>> {
        Ok(all.to_vec())
    }
    async fn texts(&self, texts: &[String], more: &[&str]) -> rpcx::Result<String> {
        Ok(format!("{texts:?} {more:?}"))
    }
    async fn times(&self, times: &[Duration]) -> rpcx::Result<Duration> {
        Ok(times.iter().sum())
    }
    async fn blobs(&self, blobs: &[Vec<u8>]) -> rpcx::Result<Vec<u8>> {
        Ok(blobs.concat())
    }
    async fn maybe(&self, text: Option<&str>) -> rpcx::Result<Option<String>> {
        Ok(text.map(str::to_owned))
    }
    async fn maybe_two(&self, text: Option<&str>, data: Option<&[u8]>) -> rpcx::Result<String> {
        Ok(format!("{text:?} {data:?}"))
    }
    async fn cow(&self, text: Cow<'_, str>) -> rpcx::Result<Cow<'static, str>> {
        Ok(text.into_owned().into())
    }
    async fn boxed(&self, text: Box<str>) -> rpcx::Result<Box<str>> {
        Ok(text)
    }
    async fn shared(&self, text: Arc<str>) -> rpcx::Result<Arc<str>> {
        Ok(text)
    }
    async fn inside(&self, texts: Vec<Option<Arc<str>>>) -> rpcx::Result<Vec<Option<Arc<str>>>> {
        Ok(texts)
    }
    async fn array(&self, all: [i64; 100]) -> rpcx::Result<[i64; 100]> {
        Ok(all)
    }
    async fn arrays(&self, all: Vec<[u16; 33]>) -> rpcx::Result<Vec<[u16; 33]>> {
        Ok(all)
    }
    async fn lent_array(&self, all: &[f64; 50]) -> rpcx::Result<f64> {
        Ok(all.iter().sum())
    }
    async fn wrapped(&self, texts: &[String]) -> rpcx::Result<u64> {
        Ok(texts.len() as u64)
    }
}

/// JSON has to rewrite it, so it cannot be borrowed.
const TEXT: &str = "a \"quoted\"\n text";

async fn all<F: Forms>(forms: &F) {
    let item = Item {
        name: TEXT.into(),
        long: std::array::from_fn(|n| n as i64),
    };
    let items = [item.clone(), item];
    assert_eq!(forms.list(&items).await.unwrap(), items);
    assert_eq!(forms.list(&[]).await.unwrap(), []);
    let plain = [Plain { id: 1 }, Plain { id: 2 }];
    assert_eq!(forms.plain(&plain).await.unwrap(), plain);
    let texts = forms.texts(&[TEXT.to_owned()], &["b", "c"]).await.unwrap();
    assert_eq!(texts, format!("[{TEXT:?}] [\"b\", \"c\"]"));
    let times = [Duration::from_secs(1), Duration::from_nanos(5)];
    assert_eq!(forms.times(&times).await.unwrap(), times[0] + times[1]);
    assert_eq!(
        forms.blobs(&[vec![1, 2], vec![255]]).await.unwrap(),
        [1, 2, 255]
    );

    assert_eq!(
        forms.maybe(Some(TEXT)).await.unwrap().as_deref(),
        Some(TEXT)
    );
    assert_eq!(forms.maybe(Some("")).await.unwrap().as_deref(), Some(""));
    assert_eq!(forms.maybe(None).await.unwrap(), None);
    let two = forms.maybe_two(Some(TEXT), Some(&[1])).await.unwrap();
    assert_eq!(two, format!("Some({TEXT:?}) Some([1])"));
    assert_eq!(forms.maybe_two(None, None).await.unwrap(), "None None");

    assert_eq!(forms.cow(Cow::Borrowed(TEXT)).await.unwrap(), TEXT);
    assert_eq!(&*forms.boxed(TEXT.into()).await.unwrap(), TEXT);
    assert_eq!(&*forms.shared(TEXT.into()).await.unwrap(), TEXT);
    let inside = vec![Some(TEXT.into()), None];
    assert_eq!(forms.inside(inside.clone()).await.unwrap(), inside);
    let array = std::array::from_fn(|n| n as i64 - 50);
    assert_eq!(forms.array(array).await.unwrap(), array);
    let arrays = vec![[1; 33], [u16::MAX; 33]];
    assert_eq!(forms.arrays(arrays.clone()).await.unwrap(), arrays);
    assert_eq!(forms.lent_array(&[0.5; 50]).await.unwrap(), 25.0);
    assert_eq!(forms.wrapped(&[String::new()]).await.unwrap(), 1);
}

#[tokio::test]
async fn they_travel_as_what_they_stand_for() {
    all(&Echo).await;
    let server = Server::builder()
        .register(FormsServer::new(Echo))
        .listen("mem@lent-arguments");
    let server = server.bind().await.unwrap();
    tokio::spawn(server.serve_until(std::future::pending()));
    for codec in [Codec::MSGPACK, Codec::JSON] {
        let builder = Channel::builder()
            .address("mem@lent-arguments")
            .codec(codec);
        all(&FormsClient::new(builder.build().await.unwrap())).await;
    }
    let channel = Channel::connect("mem@lent-arguments").await.unwrap();
    for (method, asked, answer) in [
        ("Plain", r#"[{"id":1}]"#, r#"[{"id":1}]"#),
        ("Wrapped", r#"{"Texts":["a"]}"#, "1"),
        ("Maybe", "null", "null"),
        // what Go sends for a nil slice
        ("List", "null", "[]"),
        ("Times", "[1,2]", "3"),
    ] {
        let call = channel.raw("Forms", method).codec(Codec::JSON);
        let reply = call.call(asked.as_bytes().to_vec()).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&reply.payload), answer, "{method}");
    }
}
