//! The service that the `server` and `client` examples share. A Go program has the same in
//! `type Arith struct{}` with `Mul(ctx, *Args, *Reply) error` and so on.

use std::path::Path;

use rpcx::transport::kcp::{Crypt, Kcp};

#[rpcx::message]
#[derive(Clone, Debug)]
pub(crate) struct Args {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

#[rpcx::message]
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) c: i64,
}

/// Arithmetic, and a greeting.
#[rpcx::service]
pub(crate) trait Arith {
    /// The product of two numbers.
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;

    /// The sum of two numbers.
    async fn add(&self, args: Args) -> rpcx::Result<Reply>;

    /// Greets by name.
    async fn say(&self, name: &str) -> rpcx::Result<String>;
}

/// Reads a file; the error names it.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// How `kcp@` addresses behave: the settings of Go with this crypt, the key in hexadecimal.
pub(crate) fn kcp(crypt: Option<&str>, key: Option<&str>) -> Result<Kcp, String> {
    let digits = key.unwrap_or_default().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let even = digits.len().is_multiple_of(2);
    let key: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    let key = key
        .filter(|_| even)
        .ok_or("--kcp-key must be in hexadecimal")?;
    let crypt = Crypt::by_name(crypt.unwrap_or("none"), &key);
    Ok(Kcp::default().crypt(crypt.map_err(|error| error.to_string())?))
}
