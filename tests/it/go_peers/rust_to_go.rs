//! A Rust client calls a Go server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx::client::Bulk;
use rpcx::{Channel, Codec, Compression, ErrorKind, Event, Timestamp};

use super::peer::{GoServer, programs};
use super::services::{
    All, Args, ArithClient, BigArgs, Inner, MissingClient, NowhereClient, Pause, RawArithClient,
    TypesClient, pattern,
};

const MEBI: usize = 1 << 20;

/// The ways of calling that every case runs with.
const WAYS: [(Codec, Compression); 4] = [
    (Codec::MSGPACK, Compression::NONE),
    (Codec::MSGPACK, Compression::GZIP),
    (Codec::JSON, Compression::NONE),
    (Codec::JSON, Compression::GZIP),
];

fn server() -> Option<GoServer> {
    programs().map(|go| go.serve("127.0.0.1:0"))
}

async fn channel(address: &str, codec: Codec, compress: Compression) -> Channel {
    let address = format!("tcp@{address}");
    let builder = Channel::builder()
        .address(&address)
        .codec(codec)
        .compression(compress);
    builder.build().await.expect("the Go server listens")
}

/// One channel per way.
async fn channels(server: &GoServer) -> Vec<Channel> {
    let mut all = Vec::new();
    for (codec, compress) in WAYS {
        all.push(channel(&server.address, codec, compress).await);
    }
    all
}

fn inner(name: &str, score: i32, tags: &[&str]) -> Inner {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Inner {
        name: name.to_owned(),
        score,
        tags,
    }
}

/// Every field has a value, and an extreme one where there is one.
fn sample() -> All {
    All {
        int: -42,
        i8: i8::MIN,
        i16: i16::MIN,
        i32: i32::MIN,
        i64: i64::MIN,
        u8: u8::MAX,
        u16: u16::MAX,
        u32: u32::MAX,
        u64: u64::MAX,
        f32: 1.5,
        f64: -2.25,
        bool: true,
        str: "grüße, 世界".to_owned(),
        bytes: vec![0, 1, 254, 255],
        arr: [1, 2, 3, 4],
        time: Timestamp::new(1_700_000_000, 123_000_000).expect("less than a second"),
        dur: Duration::from_secs(90),
        strs: vec!["a".to_owned(), String::new(), "c".to_owned()],
        map: [("k".to_owned(), -7)].into(),
        int_map: [(-1, "minus one".to_owned())].into(),
        inner: inner("in", 7, &["x"]),
        ptr: Some(inner("ptr", -7, &["y", "z"])),
        inners: vec![inner("one", 1, &["t"]), inner("two", 2, &["u"])],
    }
}

#[tokio::test]
async fn values() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    for channel in channels(&server).await {
        let arith = ArithClient::new(channel);
        assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
        assert_eq!(
            arith.add(Args { a: -1, b: 1 << 40 }).await?.c,
            (1 << 40) - 1
        );
        let text = "wörld <a href=\"b\">&</a>\n";
        assert_eq!(arith.say(text).await?, format!("hello {text}"));
        for size in [0, 1, 1025, MEBI] {
            assert_eq!(arith.echo(&pattern(size)).await?, pattern(size));
        }
    }
    Ok(())
}

/// Large requests, and replies once they were large, over a connection of their own, which nothing on the wire says.
#[tokio::test]
async fn large_calls_have_a_lane() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    let opened = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&opened);
    let channel = Channel::builder()
        .address(format!("tcp@{}", server.address).as_str())
        .bulk(Bulk::new())
        .on_event(move |event| {
            let is_opened = matches!(event, Event::ConnectionOpened { .. });
            count.fetch_add(usize::from(is_opened), Ordering::SeqCst);
        });
    let channel = channel.build().await?;
    let (arith, types) = (ArithClient::new(&channel), TypesClient::new(&channel));
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    let size = i64::try_from(MEBI).expect("a small number");
    assert_eq!(types.big(BigArgs { size }).await?.data, pattern(MEBI));
    assert_eq!(opened.load(Ordering::SeqCst), 1, "the first of its method");
    let (one, other, product) = tokio::try_join!(
        types.big(BigArgs { size }),
        arith.echo(&pattern(MEBI)),
        arith.mul(Args { a: 3, b: 4 }),
    )?;
    assert_eq!((one.data, other), (pattern(MEBI), pattern(MEBI)));
    assert_eq!(product.c, 12);
    assert_eq!(opened.load(Ordering::SeqCst), 2);
    channel.close().await;
    Ok(())
}

#[tokio::test]
async fn shapes() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    for channel in channels(&server).await {
        let types = TypesClient::new(channel);
        assert_eq!(types.echo(sample()).await?, sample());
        assert_eq!(types.echo(All::default()).await?, All::default());
        assert_eq!(types.nil().await?, All::default(), "nil is the zero value");
        let size = i64::try_from(MEBI).expect("a small number");
        assert_eq!(types.big(BigArgs { size }).await?.data, pattern(MEBI));
    }
    Ok(())
}

#[tokio::test]
async fn raw() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    for compress in [Compression::NONE, Compression::GZIP] {
        let channel = channel(&server.address, Codec::MSGPACK, compress).await;
        let arith = RawArithClient::new(channel);
        for size in [0, 1, 1025, MEBI] {
            assert_eq!(arith.echo(&pattern(size)).await?, pattern(size));
        }
    }
    Ok(())
}

#[tokio::test]
async fn errors_have_the_text_of_go() {
    let Some(server) = server() else { return };
    for channel in channels(&server).await {
        let error = ArithClient::new(channel.clone())
            .error(Args { a: 1, b: 2 })
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Service, "arith: refused")
        );
        let error = NowhereClient::new(channel.clone())
            .mul(Args { a: 1, b: 2 })
            .await
            .unwrap_err();
        assert_eq!(error.message(), "rpcx: can't find service Nowhere");
        let error = MissingClient::new(channel).nothing().await.unwrap_err();
        assert_eq!(error.message(), "rpcx: can't find method Nothing");
    }
}

#[tokio::test]
async fn metadata_travels_both_ways() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    for channel in channels(&server).await {
        let arith = ArithClient::new(channel);
        let call = arith
            .meta()
            .metadata("tenant", "blue")
            .metadata("text", "grüße & co");
        let (seen, metadata) = call.with_metadata().await?;
        assert_eq!(seen.get("tenant").map(String::as_str), Some("blue"));
        assert_eq!(seen.get("text").map(String::as_str), Some("grüße & co"));
        assert_eq!(metadata.get("served-by"), Some("go"));
        assert_eq!(metadata.get("echo-text"), Some("grüße & co"));
    }
    Ok(())
}

#[tokio::test]
async fn oneway_calls_arrive() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    let arith = ArithClient::new(channels(&server).await.remove(0));
    for a in 0..5 {
        arith.notify(Args { a, b: 0 }).await?;
    }
    for _ in 0..500 {
        if arith.count().await? == 5 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!(
        "the Go server counted {} calls, not 5",
        arith.count().await?
    );
}

#[tokio::test]
async fn callers_get_their_own_answers() {
    let Some(server) = server() else { return };
    let arith = ArithClient::new(channels(&server).await.remove(0));
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..64 {
        let arith = arith.clone();
        callers.spawn(async move {
            for i in 0..200 {
                let a = caller * 1000 + i;
                assert_eq!(
                    arith.mul(Args { a, b: 3 }).await.map(|reply| reply.c).ok(),
                    Some(3 * a)
                );
            }
        });
    }
    callers.join_all().await;
}

#[tokio::test]
async fn deadlines_reach_the_handler() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    for channel in channels(&server).await {
        let arith = ArithClient::new(channel);
        assert_eq!(arith.deadline().await?, -1);
        let left = arith.deadline().timeout(Duration::from_secs(3)).await?;
        assert!((1000..=3000).contains(&left), "{left} ms left");
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_call_is_given_up() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    let arith = ArithClient::new(channels(&server).await.remove(0));
    let slow = arith
        .sleep(Pause { ms: 2000 })
        .timeout(Duration::from_millis(100));
    let error = tokio::time::timeout(Duration::from_secs(1), slow.into_future())
        .await
        .expect("it ends at its timeout")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    Ok(())
}

#[tokio::test]
async fn heartbeats_keep_an_idle_connection() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    let address = format!("tcp@{}", server.address);
    let wait = Duration::from_millis(500);
    let builder = Channel::builder()
        .address(&address)
        .heartbeat(Duration::from_millis(100), wait);
    let arith = ArithClient::new(builder.build().await?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    Ok(())
}

#[tokio::test]
async fn a_restarted_server_is_found_again() -> rpcx::Result<()> {
    let Some(server) = server() else {
        return Ok(());
    };
    let arith = ArithClient::new(channels(&server).await.remove(0));
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    let address = server.address.clone();
    drop(server);
    let error = arith
        .mul(Args { a: 1, b: 1 })
        .timeout(Duration::from_secs(2))
        .await
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotSent | ErrorKind::Unknown),
        "{error:?}"
    );
    let _server = programs().map(|go| go.serve(&address));
    for _ in 0..100 {
        if let Ok(reply) = arith
            .mul(Args { a: 10, b: 20 })
            .timeout(Duration::from_secs(1))
            .await
        {
            assert_eq!(reply.c, 200);
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no call got through in five seconds");
}
