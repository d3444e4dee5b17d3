#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rpcx_fuzz::thrift_payload(data));
