#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rpcx_fuzz::go_import(data));
