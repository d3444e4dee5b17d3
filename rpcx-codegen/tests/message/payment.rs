/// How something is paid.
#[rpcx::message]
pub enum Payment {
    #[rpcx(default)]
    Free,
    /// In cents.
    Cash(u64),
    Card {
        number: String,
        #[rpcx(name = "PIN", default)]
        pin: u16,
        chip: Vec<u8>,
        #[rpcx(skip)]
        seen: bool,
    },
    #[rpcx(name = "Parts")]
    Split(Vec<Self>),
}
