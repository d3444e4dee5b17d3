#[rpcx::message(text, crate = "fleet::rpc")]
pub enum Mode {
    #[rpcx(default)]
    ReadOnly,
    #[rpcx(name = "rw")]
    ReadWrite,
}
