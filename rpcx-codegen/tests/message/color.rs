#[rpcx::message]
#[derive(Debug, Clone, Copy)]
pub enum Color {
    Red,
    Green = 5,
}
