//! The generator as a library, in one binary.

mod expand;
mod messages;
mod names;
mod properties;
mod readable;
