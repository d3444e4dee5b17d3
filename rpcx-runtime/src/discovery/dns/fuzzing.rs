//! What DNS answers, without the resolver, for the fuzz targets only.

use std::time::Duration;

use hickory_resolver::proto::op::Message;

use super::answer::{Records, key, metadata};
use crate::discovery::fuzzing::Entry;

/// The entries of SRV records, all of which are at the addresses that the same message has.
pub fn dns(message: &[u8]) -> Option<Vec<Entry>> {
    let message = Message::from_vec(message).ok()?;
    let all = message.answers.into_iter().chain(message.additionals);
    let records = Records {
        data: all.map(|record| record.data).collect(),
        ttl: Duration::ZERO,
    };
    let addresses: Vec<_> = records.addresses().take(3).collect();
    let targets = records.targets().into_iter();
    let entries = targets.flat_map(|target| {
        let at = |ip: &_| (key("tcp", *ip, target.port), metadata(target).into_bytes());
        addresses.iter().map(at)
    });
    Some(entries.collect())
}
