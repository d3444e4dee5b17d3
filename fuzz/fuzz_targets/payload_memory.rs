#![no_main]

#[path = "../counting.rs"]
mod counting;

libfuzzer_sys::fuzz_target!(|data: &[u8]| rpcx_fuzz::payload_memory(data, counting::peak));
