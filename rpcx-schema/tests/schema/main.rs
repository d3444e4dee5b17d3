//! What is made of trait files beyond Rust, and trait files from Go, in one binary.

mod aliases;
#[path = "../../../tests/typescript/compiler.rs"]
mod compiler;
mod go;
mod import;
mod import_generics;
mod import_packages;
mod import_partly;
mod import_registered;
mod lock;
mod lock_edits;
#[path = "../../../tests/packages/long.rs"]
mod long;
mod markdown;
mod properties;
mod typescript;
