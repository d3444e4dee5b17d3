//! KCP as a byte stream: over good and bad links, against an independent peer, and under attack.

mod close;
mod forged;
mod greeting;
mod hostile;
mod link;
mod plain;
mod streams;
