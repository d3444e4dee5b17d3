//! rpcx beside its peers. `README.md` says what is measured and how.
#![forbid(unsafe_code)]

pub mod compare;
pub mod load;
pub mod measure;
pub mod message;
pub mod mode;
pub mod options;
pub mod peer;
