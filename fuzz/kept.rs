//! Inputs that runs of the fuzz targets have found, in `kept/TARGET.hex`, one a line: they reach what the seeds do not. Each target
//! begins with them, and `tests/properties.rs` has them all.

use crate::read::from_hex;

macro_rules! kept {
    ($($target:ident)*) => {
        [$((stringify!($target), include_str!(concat!("kept/", stringify!($target), ".hex")))),*]
    };
}

const KEPT: [(&str, &str); 21] = kept! {
    address frame_decoder go_import gzip http_head http_request json_rpc kcp lock_file macro_input metadata payload payload_memory
    pem pending proto registry replies thrift_payload twins websocket
};

/// Those of a target.
pub(crate) fn kept(target: &str) -> Vec<Vec<u8>> {
    let (_, text) = KEPT.iter().find(|(name, _)| *name == target).expect(target);
    let inputs = text.lines().enumerate().map(|(at, line)| {
        from_hex(line).unwrap_or_else(|error| panic!("{target}.hex:{}: {error}", at + 1))
    });
    inputs.collect()
}
