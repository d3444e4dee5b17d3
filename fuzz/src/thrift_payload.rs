//! Bytes to a message of thrift.

use rpcx::codec::Payload;
use rpcx::protocol::Codec;

use super::thrift_sample::Sample;

const THRIFT: Codec = Codec::THRIFT;

/// The input is a payload.
pub fn thrift_payload(data: &[u8]) {
    let Ok(sample) = Sample::decode(THRIFT, data) else {
        return;
    };
    let longer = [data, b"\0"].concat();
    assert!(Sample::decode(THRIFT, &longer).is_err(), "{sample:?}");
    let shorter = &data[..data.len() - 1];
    assert!(Sample::decode(THRIFT, shorter).is_err(), "{sample:?}");
    let mut out = Vec::new();
    sample.encode(THRIFT, &mut out).expect("it was decoded");
    let again = Sample::decode(THRIFT, &out).unwrap_or_else(|error| panic!("{sample:?}: {error}"));
    assert_eq!(sample, again);
}
