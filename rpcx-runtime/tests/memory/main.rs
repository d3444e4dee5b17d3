//! What peers can make a process keep. In a binary of its own, and one test at a time, because each
//! measures the memory of the whole process.

mod allocated;
mod announced;
#[allow(dead_code, reason = "the tests of QUIC use more of it")]
#[path = "../networks/quic/certificates.rs"]
mod certificates;
mod decoded;
#[allow(dead_code, reason = "the engine's tests use more of it")]
#[path = "../engine/echo.rs"]
mod echo;
mod everywhere;
mod held;
#[cfg(feature = "http")]
mod http;
mod kcp_flood;
#[path = "../../../tests/packages/long.rs"]
mod long;
#[allow(dead_code, reason = "the engine's tests use more of it")]
#[path = "../engine/networks.rs"]
mod networks;
#[cfg(target_os = "linux")]
mod small;
#[allow(dead_code, reason = "the engine's tests use more of it")]
#[path = "../engine/wire.rs"]
mod wire;

use tokio::sync::Mutex;

/// Held by the test that measures.
static ALONE: Mutex<()> = Mutex::const_new(());

/// How much more it is than before.
fn grown_since(before: Option<usize>) -> usize {
    let now = resident().zip(before);
    now.map_or(0, |(now, before)| now.saturating_sub(before))
}

/// The memory of this process that is in use, in bytes, where the system says so in a file.
fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}
