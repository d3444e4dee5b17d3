//! Services that were imported from the Go sources of the peers, called as such: `tests/interop/imported`.
//! What they import is compared in the tests of the generator.

use rpcx::codec::{ByType, decode_as, encode_as};
use rpcx::{Channel, Codec, Timestamp};

use super::peer::programs;
use peer::{All, Args, ArithClient, BigArgs, Empty, FunctionsClient, Inner, Reply, TypesClient};

#[path = "../../interop/imported/peer.rs"]
#[rustfmt::skip]
#[allow(unreachable_pub)]
mod peer;

/// Of a Go program in another style, to see that rustc takes it.
#[path = "../../../rpcx-schema/tests/import/shop.rs"]
#[rustfmt::skip]
#[allow(dead_code, deprecated, unreachable_pub)]
mod shop;

fn sample() -> All {
    let inner = Inner {
        name: "in".to_owned(),
        score: -7,
        tags: vec!["x".to_owned()],
    };
    All {
        int: -42,
        i8: i8::MIN,
        u64: u64::MAX,
        f64: -2.25,
        bool: true,
        str: "grüße".to_owned(),
        bytes: vec![0, 255],
        arr: [1, 2, 3, 4],
        time: Timestamp::new(1_700_000_000, 123_000_000).expect("less than a second"),
        dur: std::time::Duration::from_secs(90),
        strs: vec!["a".to_owned(), String::new()],
        map: [("k".to_owned(), -7)].into(),
        int_map: [(-1, "minus one".to_owned())].into(),
        ptr: Some(inner.clone()),
        inners: vec![inner.clone(), Inner::default()],
        inner,
        ..All::default()
    }
}

async fn calls(codec: Codec) {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    let address = format!("tcp@{}", server.address);
    let builder = Channel::builder().address(&address).codec(codec);
    let channel = builder.build().await.expect("the Go server listens");

    let arith = ArithClient::new(channel.clone());
    let args = Args { a: 6, b: 7 };
    assert_eq!(arith.mul(&args).await.unwrap(), Reply { c: 42 });
    assert_eq!(arith.say("世界").await.unwrap(), "hello 世界");
    assert_eq!(arith.echo(&[0, 1, 255]).await.unwrap(), [0, 1, 255]);
    assert_eq!(arith.deadline(&Empty {}).await.unwrap(), -1);
    let refused = arith.error(&args).await.unwrap_err();
    assert_eq!(refused.to_string(), "arith: refused");
    let meta = arith.meta(&Empty {}).metadata("k", "v").await.unwrap();
    assert_eq!(meta["k"], "v");

    let types = TypesClient::new(channel.clone());
    assert_eq!(types.echo(&sample()).await.unwrap(), sample());
    assert_eq!(types.nil(&Empty {}).await.unwrap().ptr, None);
    let big = types.big(&BigArgs { size: 300 }).await.unwrap();
    assert_eq!((big.data.len(), big.data[252]), (300, 1));

    let functions = FunctionsClient::new(channel);
    assert_eq!(functions.double(&args).await.unwrap(), Reply { c: 12 });
}

#[tokio::test]
async fn imported_services_are_called_in_msgpack() {
    calls(Codec::MSGPACK).await;
}

#[tokio::test]
async fn imported_services_are_called_in_json() {
    calls(Codec::JSON).await;
}

/// `map[string]Folder`, as Go writes it.
#[test]
fn a_recursive_map_travels_as_what_it_holds() {
    let empty = shop::Folder::default();
    let folder = shop::Folder([("a".to_owned(), empty)].into());
    for (codec, bytes) in [
        (Codec::MSGPACK, &b"\x81\xa1a\x80"[..]),
        (Codec::JSON, br#"{"a":{}}"#),
    ] {
        let mut out = Vec::new();
        encode_as::<ByType, _>(&folder, codec, &mut out).unwrap();
        assert_eq!(out, bytes);
        let read: shop::Folder = decode_as::<ByType, _>(codec, bytes).unwrap();
        assert_eq!(read, folder);
    }
}

#[test]
fn a_recursive_map_is_read_to_a_bounded_depth() {
    let levels = 1 << 20;
    let msgpack = [b"\x81\xa1a".repeat(levels), b"\x80".to_vec()].concat();
    let json = [
        br#"{"a":"#.repeat(levels),
        b"{}".to_vec(),
        b"}".repeat(levels),
    ]
    .concat();
    for (codec, bytes) in [(Codec::MSGPACK, msgpack), (Codec::JSON, json)] {
        let error = decode_as::<ByType, shop::Folder>(codec, &bytes).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("deep") || said.contains("recursion"),
            "{said}"
        );
    }
}
