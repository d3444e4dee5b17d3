//! Datagrams of KCP: headers, segments and FEC.

use rpcx::transport::fuzzing::kcp_datagrams;

use super::frames::{chunks, sizes};

/// The input is a number of sizes, the sizes, and datagrams of these sizes. What is taken of them, or brought
/// back out of parity, is no more than what came.
pub fn kcp(data: &[u8]) {
    let (sizes, bytes) = sizes(data);
    for fec in [false, true] {
        let taken = kcp_datagrams(chunks(bytes, sizes), fec);
        assert!(taken.segments <= bytes.len() / 24, "{taken:?}");
        // Of ten shards of one length come three at most.
        assert!(taken.recovered <= bytes.len(), "{taken:?}");
        assert_eq!(
            taken,
            kcp_datagrams(chunks(bytes, sizes), fec),
            "the same again"
        );
    }
}
