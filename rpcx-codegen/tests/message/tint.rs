#[rpcx::message(text, rename_all = "snake_case")]
pub enum Tint {
    DarkRed,
    #[rpcx(other)]
    Other(String),
}
