//! The services of `tests/interop/peer`, in Rust: the same names, the same answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rpcx::{Context, Timestamp};

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Args {
    pub(super) a: i64,
    pub(super) b: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) c: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pause {
    pub(super) ms: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BigArgs {
    pub(super) size: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BigReply {
    pub(super) data: Vec<u8>,
}

#[rpcx::message]
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Inner {
    pub(super) name: String,
    pub(super) score: i32,
    pub(super) tags: Vec<String>,
}

#[rpcx::message]
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct All {
    pub(super) int: i64,
    pub(super) i8: i8,
    pub(super) i16: i16,
    pub(super) i32: i32,
    pub(super) i64: i64,
    pub(super) u8: u8,
    pub(super) u16: u16,
    pub(super) u32: u32,
    pub(super) u64: u64,
    pub(super) f32: f32,
    pub(super) f64: f64,
    pub(super) bool: bool,
    pub(super) str: String,
    pub(super) bytes: Vec<u8>,
    pub(super) arr: [u8; 4],
    pub(super) time: Timestamp,
    pub(super) dur: Duration,
    pub(super) strs: Vec<String>,
    pub(super) map: BTreeMap<String, i64>,
    pub(super) int_map: BTreeMap<i64, String>,
    pub(super) inner: Inner,
    pub(super) ptr: Option<Inner>,
    pub(super) inners: Vec<Inner>,
}

#[rpcx::service]
pub(super) trait Arith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
    async fn add(&self, args: Args) -> rpcx::Result<Reply>;
    async fn say(&self, name: &str) -> rpcx::Result<String>;
    async fn error(&self, args: Args) -> rpcx::Result<Reply>;
    async fn sleep(&self, args: Pause) -> rpcx::Result<Pause>;
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
    #[rpcx(oneway)]
    async fn notify(&self, args: Args) -> rpcx::Result<()>;
    async fn count(&self) -> rpcx::Result<i64>;
    async fn meta(&self, ctx: &Context) -> rpcx::Result<BTreeMap<String, String>>;
    async fn deadline(&self, ctx: &Context) -> rpcx::Result<i64>;
}

#[rpcx::service]
pub(super) trait Types {
    async fn echo(&self, all: All) -> rpcx::Result<All>;
    async fn nil(&self) -> rpcx::Result<All>;
    async fn big(&self, args: BigArgs) -> rpcx::Result<BigReply>;
}

/// `Arith` for callers without a codec.
#[rpcx::service(name = "Arith", codec = "raw")]
pub(super) trait RawArith {
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

/// The same for callers of every codec.
#[rpcx::service(name = "Arith", client = false)]
pub(super) trait OpenArith {
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

/// A method that no server has.
#[rpcx::service(name = "Arith")]
pub(super) trait Missing {
    async fn nothing(&self) -> rpcx::Result<i64>;
}

/// A service that no server has.
#[rpcx::service]
pub(super) trait Nowhere {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}

/// Answers as the Go server does, except that it is served by `rust`.
#[derive(Debug, Default)]
pub(super) struct Peer {
    notified: AtomicI64,
}

impl Arith for Peer {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }
    async fn add(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a + args.b })
    }
    async fn say(&self, name: &str) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }
    async fn error(&self, _args: Args) -> rpcx::Result<Reply> {
        Err(rpcx::Error::service("arith: refused"))
    }
    async fn sleep(&self, args: Pause) -> rpcx::Result<Pause> {
        tokio::time::sleep(Duration::from_millis(args.ms.unsigned_abs())).await;
        Ok(args)
    }
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.to_vec())
    }
    async fn notify(&self, _args: Args) -> rpcx::Result<()> {
        self.notified.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    async fn count(&self) -> rpcx::Result<i64> {
        Ok(self.notified.load(Ordering::SeqCst))
    }
    async fn meta(&self, ctx: &Context) -> rpcx::Result<BTreeMap<String, String>> {
        ctx.set_response_metadata("served-by", "rust");
        let mut seen = BTreeMap::new();
        for (key, value) in ctx.metadata().iter() {
            let key = String::from_utf8_lossy(key).into_owned();
            let value = String::from_utf8_lossy(value).into_owned();
            ctx.set_response_metadata(format!("echo-{key}"), &value);
            seen.insert(key, value);
        }
        Ok(seen)
    }
    async fn deadline(&self, ctx: &Context) -> rpcx::Result<i64> {
        let left = |left: Duration| i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
        Ok(ctx.remaining().map_or(-1, left))
    }
}

impl OpenArith for Peer {
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        RawArith::echo(self, data).await
    }
}

impl RawArith for Peer {
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.to_vec())
    }
}

/// The service `Types`.
#[derive(Debug)]
pub(super) struct Shapes;

impl Types for Shapes {
    async fn echo(&self, all: All) -> rpcx::Result<All> {
        Ok(all)
    }
    async fn nil(&self) -> rpcx::Result<All> {
        Ok(All::default())
    }
    async fn big(&self, args: BigArgs) -> rpcx::Result<BigReply> {
        let size = usize::try_from(args.size).map_err(|_| rpcx::Error::service("negative size"))?;
        Ok(BigReply {
            data: pattern(size),
        })
    }
}

/// Byte i is i modulo 251.
pub(super) fn pattern(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}
