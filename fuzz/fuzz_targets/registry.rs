#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rpcx_fuzz::registry(data));
