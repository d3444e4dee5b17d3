//! The program `rpcx` as it is used: through pipes and a terminal, against servers in Rust and Go.

mod call;
mod gateway;
mod peers;
mod run;
mod terminal;
