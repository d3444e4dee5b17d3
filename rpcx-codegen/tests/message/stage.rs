#[rpcx::message]
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Stage {
    #[rpcx(default)]
    Open = 1,
    /// Paid for.
    Paid,
    /// Of a newer peer.
    #[rpcx(other)]
    Other(i64),
}
