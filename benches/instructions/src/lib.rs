//! Nothing but benchmarks: see `benches/hot_path.rs`.
#![forbid(unsafe_code)]
