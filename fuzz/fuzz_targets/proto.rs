#![no_main]

#[path = "../proto.rs"]
mod proto;

libfuzzer_sys::fuzz_target!(|data: &[u8]| proto::proto(data));
