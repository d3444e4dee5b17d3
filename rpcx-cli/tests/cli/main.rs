//! The program `rpcx` as it is used: through pipes and a terminal, against servers in Rust and Go.

mod bench;
mod call;
mod describe;
mod gateway;
mod peers;
mod readme;
mod registry;
mod run;
mod terminal;
mod typed;
