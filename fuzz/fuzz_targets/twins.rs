#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rpcx_fuzz::twins(data);
    rpcx_fuzz::twins_from(data);
});
