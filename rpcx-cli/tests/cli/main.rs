//! The program `rpcx` as it is used: through pipes and a terminal, against servers in Rust and Go.

mod bench;
mod browser;
mod call;
#[path = "../../../tests/typescript/compiler.rs"]
mod compiler;
mod describe;
#[allow(dead_code, reason = "the tests of the page use more of it")]
#[path = "../../../tests/it/page/devtools.rs"]
mod devtools;
mod gateway;
mod mistakes;
mod newcomer;
mod page;
mod peers;
mod readme;
mod registry;
mod run;
mod services;
mod terminal;
mod typed;
mod with_go;
