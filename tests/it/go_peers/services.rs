//! The services of `tests/interop/peer`, in Rust: the same names, the same answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rpcx::{Context, Timestamp};

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Args {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) c: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pause {
    pub(crate) ms: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BigArgs {
    pub(crate) size: i64,
}

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BigReply {
    pub(crate) data: Vec<u8>,
}

#[rpcx::message]
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Inner {
    pub(crate) name: String,
    pub(crate) score: i32,
    pub(crate) tags: Vec<String>,
}

#[rpcx::message]
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct All {
    pub(crate) int: i64,
    pub(crate) i8: i8,
    pub(crate) i16: i16,
    pub(crate) i32: i32,
    pub(crate) i64: i64,
    pub(crate) u8: u8,
    pub(crate) u16: u16,
    pub(crate) u32: u32,
    pub(crate) u64: u64,
    pub(crate) f32: f32,
    pub(crate) f64: f64,
    pub(crate) bool: bool,
    pub(crate) str: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) arr: [u8; 4],
    pub(crate) time: Timestamp,
    pub(crate) dur: Duration,
    pub(crate) strs: Vec<String>,
    pub(crate) map: BTreeMap<String, i64>,
    pub(crate) int_map: BTreeMap<i64, String>,
    pub(crate) inner: Inner,
    pub(crate) ptr: Option<Inner>,
    pub(crate) inners: Vec<Inner>,
}

#[rpcx::service]
pub(crate) trait Arith {
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
pub(crate) trait Types {
    async fn echo(&self, all: All) -> rpcx::Result<All>;
    async fn nil(&self) -> rpcx::Result<All>;
    async fn big(&self, args: BigArgs) -> rpcx::Result<BigReply>;
}

/// `Arith` for callers without a codec.
#[rpcx::service(name = "Arith", codec = "raw")]
pub(crate) trait RawArith {
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

/// The same for callers of every codec.
#[rpcx::service(name = "Arith", client = false)]
pub(super) trait OpenArith {
    async fn echo(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

/// A method that no server has.
#[rpcx::service(name = "Arith")]
pub(crate) trait Missing {
    async fn nothing(&self) -> rpcx::Result<i64>;
}

/// A service that no server has.
#[rpcx::service]
pub(crate) trait Nowhere {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}

/// Answers as the Go server does, except that it is served by `rust`.
#[derive(Debug, Default)]
pub(crate) struct Peer {
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
pub(crate) struct Shapes;

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
pub(crate) fn pattern(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}
